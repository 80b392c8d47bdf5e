import { each } from "./util.js";

// The chart script is large: it is fetched by the first page that has a chart.
let loading;
function script(src) {
  loading ??= new Promise((done, failed) => {
    const s = document.createElement("script");
    s.src = src;
    s.onload = done;
    s.onerror = failed;
    document.head.append(s);
  });
  return loading;
}

function swap(box, asTable) {
  const button = box.querySelector("[data-swap]");
  const drawing = box.querySelector("[data-drawing]");
  const table = box.querySelector("[data-table]");
  drawing.hidden = asTable;
  table.hidden = !asTable;
  button.querySelector("span").textContent = asTable ? button.dataset.chart : button.dataset.asTable;
  button.classList.toggle("is-table", asTable);
}

function start(box) {
  const button = box.querySelector("[data-swap]");
  const drawing = box.querySelector("[data-drawing]");
  if (!button || !drawing) return;
  const show = async (asTable) => {
    swap(box, asTable);
    if (asTable || !box.dataset.chart) return;
    try {
      await script(box.dataset.src);
      window.qibanCharts(box);
    } catch {
      swap(box, true); // the figures are what matters
      button.hidden = true;
    }
  };
  button.hidden = false;
  let asTable = box.hasAttribute("data-start-table");
  button.addEventListener("click", () => { asTable = !asTable; show(asTable); });
  show(asTable);
}

// charts draws what the table holds, and gives back the table on request.
export const charts = (root) => each(root, "[data-chartbox]", start);
