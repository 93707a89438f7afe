// The answer of the page Data as lines or bars of chosen columns, by uPlot.
"use strict";

const COLOURS = ["--accent", "--news", "--good", "--warning", "--bad", "--quiet"];
const HEIGHT = 360;
let plot = null;
let offered = null;

function offerAxes(found) {
  offered = found;
  const numbers = offered.columns.flatMap(({ type }, at) => (isNumber(type) ? [at] : []));
  const option = (at) => made("option", offered.columns[at].name, { value: at });
  place("axes").elements.x.replaceChildren(...offered.columns.map((_, at) => option(at)));
  const across = offered.columns.findIndex(({ type }) => isTime(type));
  place("axes").elements.x.value = Math.max(across, 0);
  const ups = numbers.filter((at) => at !== Math.max(across, 0));
  place("ups").replaceChildren(...numbers.map((at) => {
    const label = made("label", null);
    const box = made("input", null, { type: "checkbox", name: "up", value: at });
    box.checked = at === ups[0];
    label.append(box, offered.columns[at].name);
    return label;
  }));
}

function acrossOf(at) {
  const { type } = offered.columns[at];
  const values = offered.rows.map((row) => row[at]);
  if (isTime(type)) return { values: values.map((value) => (value === null ? null : Date.parse(value) / 1000)), isTime: true };
  if (isNumber(type)) return { values: values.map((value) => (value === null ? null : Number(value))) };
  return { values: values.map((_, index) => index), names: values.map((value) => (value === null ? "NULL" : String(value))) };
}

function optionsOf(across, ups, kind, width) {
  const axis = { stroke: () => colour("--quiet"), grid: { stroke: () => colour("--line"), width: 1 }, ticks: { show: false } };
  const named = across.names && {
    incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500],
    values: (_, ticks) => ticks.map((tick) => (across.names[tick] ?? "").slice(0, 14)),
  };
  const bars = kind === "bar" ? { paths: uPlot.paths.bars({ size: [0.7, 60] }), points: { show: false } } : {};
  const series = ups.map((at, place) => ({
    label: offered.columns[at].name, width: 2, spanGaps: true, ...bars,
    stroke: () => colour(COLOURS[place % COLOURS.length]),
    fill: kind === "bar" ? () => colour(COLOURS[place % COLOURS.length]).replace(/^rgb\(/, "rgba(").replace(/\)$/, ", .45)") : undefined,
  }));
  const low = (min) => (kind === "bar" ? Math.min(0, min) : min);
  return {
    width, height: HEIGHT, tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    scales: {
      x: { time: Boolean(across.isTime), ...(kind === "bar" && { range: (_, min, max) => [min - 0.6 * across.step, max + 0.6 * across.step] }) },
      y: { range: (_, min, max) => uPlot.rangeNum(low(min), kind === "bar" ? Math.max(0, max) : max, 0.1, true) },
    },
    axes: [{ ...axis, ...named }, { ...axis, size: 70 }],
    series: [{ label: offered.columns[Number(place("axes").elements.x.value)].name, value: across.names ? (_, x) => across.names[x] ?? "–" : undefined }, ...series],
  };
}

function drawChart(found) {
  if (found !== offered) offerAxes(found);
  plot?.destroy();
  plot = null;
  const axes = place("axes");
  const x = Number(axes.elements.x.value);
  const ups = [...axes.querySelectorAll("[name=up]:checked")].map((box) => Number(box.value));
  const trouble = !place("ups").children.length ? "no column of the answer is a number"
    : !offered.rows.length ? "the answer has no rows" : !ups.length ? "choose what goes up" : "";
  place("chart-state").textContent = trouble;
  if (trouble) return;
  const across = acrossOf(x);
  const order = across.values.map((_, index) => index).filter((index) => across.values[index] !== null);
  order.sort((one, other) => across.values[one] - across.values[other]);
  const data = [order.map((index) => across.values[index]),
    ...ups.map((at) => order.map((index) => (offered.rows[index][at] === null ? null : Number(offered.rows[index][at]))))];
  across.step = data[0].reduce((least, value, at) => (at && value > data[0][at - 1] ? Math.min(least, value - data[0][at - 1]) : least), Infinity);
  if (!Number.isFinite(across.step)) across.step = 1;
  plot = new uPlot(optionsOf(across, ups, axes.elements.kind.value, place("chart").clientWidth), data, place("chart"));
}

place("axes").addEventListener("change", () => drawChart(offered));
new ResizeObserver(() => plot?.setSize({ width: place("chart").clientWidth, height: HEIGHT })).observe(place("chart"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plot?.redraw());
