import { each } from "./util.js";

function start(button) {
  button.hidden = false; // without script the browser's own menu prints
  button.addEventListener("click", () => window.print());
}

// prints makes a button print the page.
export const prints = (root) => each(root, "button[data-print]", start);
