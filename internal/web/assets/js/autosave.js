import { each } from "./util.js";

const wait = 1500; // milliseconds after the last change

function watch(form) {
  const says = form.querySelector("[data-saved]");
  let timer;
  let last = "";
  const save = async () => {
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (typeof value !== "string" || form.elements[name]?.type === "password") data.delete(name);
    const body = new URLSearchParams(data);
    if (String(body) === last) return;
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status);
      last = String(body);
      const time = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
      if (says) { says.lastElementChild.textContent = says.dataset.saved.replace("{time}", time); says.hidden = false; }
    } catch {
      if (says) { says.lastElementChild.textContent = says.dataset.unsaved; says.hidden = false; }
    }
  };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, wait); });
  form.addEventListener("submit", () => clearTimeout(timer));
  document.addEventListener("visibilitychange", () => { if (document.hidden && timer) { clearTimeout(timer); save(); } });
}

// autosave keeps what is typed in forms that name where to keep it (data-autosave).
export const autosave = (root) => each(root, "form[data-autosave]", watch);
