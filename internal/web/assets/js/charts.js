// Draws the figures of the table beside it; colours come from the style sheet.
import { init, use } from "echarts/core";
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, TooltipComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, AriaComponent, GridComponent, TooltipComponent, SVGRenderer]);

const tokens = ["d1", "d2", "d3", "d4", "d5", "d6", "dmute", "q2", "q4", "ink", "ink-2", "ink-3", "line", "surface"];

// Custom properties may hold light-dark(): a painted element gives the colour in force.
function palette() {
  const probe = document.createElement("i");
  probe.hidden = true;
  document.body.append(probe);
  const out = {};
  for (const t of tokens) {
    probe.style.color = `var(--${t})`;
    out[t] = getComputedStyle(probe).color;
  }
  out.font = getComputedStyle(document.body).fontFamily;
  probe.remove();
  return out;
}

// read takes names from the first column, one series from each further column.
function read(table) {
  const heads = [...table.tHead.rows[0].cells].map((c) => c.textContent.trim());
  const rows = [...table.tBodies[0].rows].filter((r) => !r.hasAttribute("data-skip"));
  const value = (cell) => (cell.dataset.v === undefined || cell.dataset.v === "" ? null : Number(cell.dataset.v));
  return {
    names: rows.map((r) => r.cells[0].textContent.trim()),
    links: rows.map((r) => r.querySelector("a")?.href),
    heavy: rows.map((r) => r.getAttribute("aria-selected") === "true"),
    series: heads.slice(1).map((name, i) => ({
      name,
      values: rows.map((r) => value(r.cells[i + 1])),
      texts: rows.map((r) => r.cells[i + 1].textContent.trim()),
      links: rows.map((r) => r.cells[i + 1].querySelector("a")?.href),
    })),
  };
}

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function tip(data, c) {
  return {
    trigger: "axis",
    backgroundColor: c.surface,
    borderColor: c.line,
    textStyle: { color: c.ink, fontFamily: c.font, fontSize: 14 },
    axisPointer: { type: "none" },
    formatter: (points) => {
      const box = document.createElement("div");
      box.append(points[0].name);
      for (const p of points) {
        box.append(document.createElement("br"));
        const text = data.series[p.seriesIndex].texts[p.dataIndex];
        box.append(data.series.length > 1 ? `${p.seriesName} ${text}` : text);
      }
      return box;
    },
  };
}

function bars(data, c) {
  const one = data.series[0];
  const some = data.heavy.some(Boolean);
  return {
    grid: { left: 0, right: 56, top: 4, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: { type: "value", show: false, min: 0 },
    yAxis: { type: "category", data: data.names, inverse: true, axisTick: { show: false }, axisLine: { lineStyle: { color: c["ink-3"] } }, axisLabel: { color: c["ink-2"], fontSize: 13, fontFamily: c.font } },
    series: [{
      type: "bar",
      name: one.name,
      barWidth: 18,
      data: one.values.map((v, i) => ({ value: v, itemStyle: { color: some ? (data.heavy[i] ? c.q4 : c.q2) : c.d1 } })),
      label: { show: true, position: "right", color: c.ink, fontWeight: 600, fontSize: 13, fontFamily: c.font, formatter: (p) => one.texts[p.dataIndex] },
    }],
  };
}

function axes(data, c) {
  const label = { color: c["ink-2"], fontSize: 13, fontFamily: c.font };
  return {
    xAxis: { type: "category", data: data.names, boundaryGap: false, axisTick: { show: false }, axisLine: { lineStyle: { color: c["ink-3"] } }, axisLabel: { ...label, hideOverlap: true, showMaxLabel: true } },
    yAxis: { type: "value", min: 0, splitNumber: 5, splitLine: { lineStyle: { color: c.line } }, axisLabel: label },
  };
}

function lines(data, c, narrow) {
  const colours = [c.d1, c.d2, c.d3, c.d4, c.d5, c.d6];
  return {
    ...axes(data, c),
    grid: { left: 4, right: narrow ? 64 : 108, top: 14, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    series: data.series.map((s, i) => ({
      type: "line",
      name: s.name,
      data: s.values,
      symbol: "circle",
      symbolSize: 8,
      showSymbol: false,
      lineStyle: { color: colours[i % 6], width: i === 0 ? 2.5 : 2, type: i === 0 ? "solid" : "dashed" },
      itemStyle: { color: colours[i % 6] },
      endLabel: { show: true, color: i === 0 ? c.ink : c["ink-2"], fontWeight: i === 0 ? 600 : 400, fontSize: 13, fontFamily: c.font, formatter: (p) => (narrow ? s.name : `${s.name} ${s.texts[p.dataIndex]}`) },
    })),
  };
}

function columns(data, c) {
  const colours = [c.d1, c.d2, c.d3, c.d4, c.d5, c.d6];
  const option = axes(data, c);
  option.xAxis.boundaryGap = true;
  return {
    ...option,
    grid: { left: 4, right: 4, top: 24, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    series: data.series.map((s, i) => ({
      type: "bar",
      name: s.name,
      data: s.values,
      barMaxWidth: 28,
      itemStyle: { color: colours[i % 6] },
      label: { show: data.series.length === 1 && s.values.length <= 8, position: "top", color: c.ink, fontWeight: 600, fontSize: 13, fontFamily: c.font, formatter: (p) => s.texts[p.dataIndex] },
    })),
  };
}

const kinds = { bar: bars, line: lines, column: columns };

function draw(box) {
  const place = box.querySelector("[data-drawing]");
  const data = read(box.querySelector("table"));
  const kind = kinds[box.dataset.chart] ?? bars;
  const narrow = place.clientWidth < 480;
  place.style.blockSize = kind === bars ? `${data.names.length * 42 + 8}px` : narrow ? "240px" : "290px";
  const c = palette();
  const chart = (place.qibanChart ??= init(place, null, { renderer: "svg", locale: document.documentElement.lang === "en" ? "EN" : "ZH" }));
  chart.resize();
  chart.setOption({
    animation: !still(),
    animationDuration: 220,
    aria: { enabled: true, label: { description: box.querySelector("h3")?.textContent ?? "" } },
    tooltip: tip(data, c),
    textStyle: { fontFamily: c.font },
    ...kind(data, c, narrow),
  }, true);
  chart.off("click");
  chart.on("click", (p) => {
    const to = data.series[p.seriesIndex].links[p.dataIndex] ?? data.links[p.dataIndex];
    if (to) location.assign(to);
  });
}

// watch draws again when the room or the colours change, and in ink for paper.
function watch(box) {
  draw(box);
  if (box.qibanWatched) return;
  box.qibanWatched = true;
  let width = box.clientWidth;
  new ResizeObserver(() => {
    if (box.clientWidth === width || box.clientWidth === 0) return;
    width = box.clientWidth;
    draw(box);
  }).observe(box);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(box));
}

window.qibanCharts = watch;
