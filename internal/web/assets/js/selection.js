import { each } from "./util.js";

function watch(form) {
  const bar = form.querySelector("[data-batch]");
  const says = bar?.querySelector("[data-selected]");
  const boxes = () => [...form.querySelectorAll('tbody input[type="checkbox"]')];
  const tell = () => {
    const n = boxes().filter((b) => b.checked).length;
    for (const b of boxes()) b.closest("tr").setAttribute("aria-selected", String(b.checked));
    if (!bar) return;
    bar.hidden = n === 0;
    if (says) says.textContent = says.dataset.selected.replace("{n}", n);
  };
  form.addEventListener("change", tell);
  form.addEventListener("reset", () => setTimeout(tell));
  tell();
}

// selection shows what can be done with the chosen rows once there are any.
export const selection = (root) => each(root, "form[data-worklist]", watch);
