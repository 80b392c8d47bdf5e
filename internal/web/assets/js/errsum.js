import { each } from "./util.js";

function focus(box) {
  if (!box.closest(".g")) box.focus(); // the gallery shows one; there is nothing to correct
  for (const a of box.querySelectorAll('a[href^="#"]')) {
    a.addEventListener("click", (e) => {
      const field = document.getElementById(a.getAttribute("href").slice(1));
      if (!field) return;
      e.preventDefault();
      const label = document.querySelector(`label[for="${CSS.escape(field.id)}"]`) ?? field.closest("fieldset") ?? field;
      label.scrollIntoView({ block: "start" });
      field.focus({ preventScroll: true });
    });
  }
}

// focusSummary takes the reader to what needs correcting.
export const focusSummary = (root) => each(root, ".errsum[tabindex]", focus);
