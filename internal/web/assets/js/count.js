import { each } from "./util.js";

// Characters as a reader counts them, so that a rare Chinese character is one.
const length = (s) => [...s.trim()].length;

function watch(area) {
  const says = document.getElementById(area.dataset.count);
  if (!says) return;
  const min = Number(area.dataset.min) || 0;
  const max = Number(area.dataset.max) || 0;
  const tell = () => {
    const n = length(area.value);
    const over = max > 0 && n > max;
    let text = max ? says.dataset.left : "";
    let left = max - n;
    if (n < min) { text = says.dataset.short; left = min - n; }
    if (over) { text = says.dataset.over; left = n - max; }
    says.textContent = text.replace("{n}", left);
    says.classList.toggle("count-left--over", over);
  };
  area.addEventListener("input", tell);
  tell();
}

// counts says how many characters a text still needs or may have.
export const counts = (root) => each(root, "textarea[data-count]", watch);
