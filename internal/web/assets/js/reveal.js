import { each } from "./util.js";

// A password can be looked at; the button exists only where the script can make it work.
function offer(button) {
  const input = document.getElementById(button.getAttribute("aria-controls"));
  if (!input) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
    button.textContent = shown ? button.dataset.show : button.dataset.hide;
  });
}

export const reveal = (root) => each(root, "button[data-reveal]", offer);
