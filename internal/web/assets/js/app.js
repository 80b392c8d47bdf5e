// Everything here makes pages quicker to use; none of it is needed to use them.
import htmx from "htmx.org/dist/htmx.esm.js";
import { autosave } from "./autosave.js";
import { charts } from "./chartbox.js";
import { counts } from "./count.js";
import { dialogs } from "./dialog.js";
import { focusSummary } from "./errsum.js";
import { keys } from "./keys.js";
import { leaving } from "./live.js";
import { menus } from "./menu.js";
import { prints } from "./print.js";
import { reveal } from "./reveal.js";
import { selection } from "./selection.js";

// The content policy forbids inline style and evaluated script.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.historyCacheSize = 0; // pages hold personal data: none of them is kept in storage
// A form that comes back with its messages (422) is a page like any other.
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "422", swap: true },
  { code: "[45]..", swap: false, error: true },
];

const parts = [focusSummary, autosave, counts, dialogs, menus, prints, reveal, selection, charts];

document.documentElement.classList.add("js");
const start = (root) => parts.forEach((part) => part(root));
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => start(document));
else start(document);
document.addEventListener("htmx:load", (e) => { if (e.detail.elt !== document.body) start(e.detail.elt); });
// A request that htmx cannot show is made again as an ordinary one, so that the page with the reason is seen.
document.addEventListener("htmx:responseError", (e) => {
  if (e.detail.requestConfig.verb === "get") location.assign(e.detail.requestConfig.path);
});
leaving();
keys();
