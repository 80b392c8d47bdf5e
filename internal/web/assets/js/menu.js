import { each } from "./util.js";

function closing(box) {
  document.addEventListener("click", (e) => { if (box.open && !box.contains(e.target)) box.open = false; });
  box.addEventListener("keydown", (e) => {
    if (e.key !== "Escape" || !box.open) return;
    box.open = false;
    box.querySelector("summary").focus();
  });
}

function navigation(nav) {
  nav.addEventListener("toggle", (e) => {
    if (e.newState === "open") nav.querySelector("a")?.focus();
  });
}

// menus closes an open choice when the reader turns elsewhere, and moves the focus into the phone menu.
export function menus(root) {
  each(root, "details.pick", closing);
  each(root, "nav[popover]", navigation);
}
