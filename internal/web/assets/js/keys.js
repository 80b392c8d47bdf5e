import { typing } from "./util.js";

const list = () => document.querySelector("[data-worklist]");
const rows = () => [...(list()?.querySelectorAll("tbody tr") ?? [])];
const at = () => rows().findIndex((r) => r.contains(document.activeElement));

function move(by) {
  const all = rows();
  if (all.length === 0) return;
  const i = at();
  const next = i < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(i + by, 0), all.length - 1);
  all[next].querySelector("a[href]")?.focus();
}

// press marks the row in hand when nothing is chosen, then presses the button that carries the key.
function press(key) {
  const button = list()?.querySelector(`[data-key="${key}"]`);
  if (!button) return;
  if (rows().every((r) => !r.querySelector("input[type=checkbox]")?.checked)) pick();
  button.click();
}

function pick() {
  rows()[at()]?.querySelector("input[type=checkbox]")?.click();
}

const does = {
  j: () => move(1),
  k: () => move(-1),
  x: pick,
  a: () => press("a"),
  f: () => press("f"),
  "/": () => document.querySelector("[data-find]")?.focus(),
  "?": () => {
    const help = document.getElementById("keys");
    if (help && !help.open) help.showModal();
  },
};

// keys gives the work list single keys: J K X A F / ?. They are off while
// somebody types, with a modifier, under an open dialog, and when the settings say so.
export function keys() {
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || typing(e.target)) return;
    if (document.documentElement.dataset.keys === "off" || document.querySelector("dialog[open]")) return;
    const act = does[e.key.length === 1 ? e.key.toLowerCase() : e.key];
    if (!act || (!list() && e.key !== "/")) return;
    e.preventDefault();
    act();
  });
}
