import { each } from "./util.js";

// Without script a dialog opens as a popover; with it, as a true modal that keeps the focus.
function modal(dialog) {
  for (const b of document.querySelectorAll(`[popovertarget="${CSS.escape(dialog.id)}"]`)) {
    b.addEventListener("click", (e) => {
      e.preventDefault();
      if (b.getAttribute("popovertargetaction") === "hide") dialog.close();
      else if (!dialog.open) dialog.showModal();
    });
  }
  dialog.addEventListener("click", (e) => { if (e.target === dialog) dialog.close(); });
}

export const dialogs = (root) => each(root, "dialog[popover]", modal);
