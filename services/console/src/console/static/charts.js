// Draws the figures of a model by batch, from the JSON beside each place for a plot, with uPlot.
"use strict";

const HEIGHT = 300;
const COLOURS = ["--accent", "--news", "--good"];

function faded(rgb) {
  return rgb.replace(/^rgb\(/, "rgba(").replace(/\)$/, ", .14)");
}

const told = (value) => (value == null ? "–" : value.toFixed(3));

function dots(chart, place) {
  return {
    size: 8,
    fill: (plot, index) => plot.series[index].stroke(),
    filter: place === 0 ? () => chart.promoted.flatMap((is, at) => (is ? [at] : [])) : undefined,
  };
}

function options(chart, width) {
  const axis = { stroke: () => colour("--quiet"), grid: { stroke: () => colour("--line"), width: 1 }, ticks: { show: false } };
  const lines = chart.lines.map((line, place) => ({
    label: line.label, width: 2, spanGaps: true, value: (_, value) => told(value),
    stroke: () => colour(COLOURS[place]), points: dots(chart, place),
  }));
  const end = { width: 0, spanGaps: true, points: { show: false }, value: (_, value) => told(value), stroke: () => "transparent" };
  return {
    width, height: HEIGHT,
    scales: { x: { time: false }, y: { range: (_, low, high) => [low - (high - low) * 0.1, high + (high - low) * 0.1] } },
    axes: [{ ...axis, incrs: [1, 2, 5, 10, 20, 50], label: "batch", labelSize: 22, size: 30 }, { ...axis, size: 56, values: (_, ticks) => ticks.map(told) }],
    series: [{ label: "batch", value: (_, x) => (x == null ? "–" : `${x}`) }, ...lines,
      { ...end, label: "interval from" }, { ...end, label: "to" }],
    bands: [{ series: [lines.length + 2, lines.length + 1], fill: () => faded(colour(COLOURS[0])) }],
  };
}

function draw(place) {
  const chart = JSON.parse(place.dataset.chart);
  const data = [chart.x, ...chart.lines.map((line) => line.values), chart.low, chart.high];
  place.replaceChildren();
  const plot = new uPlot(options(chart, place.clientWidth), data, place);
  new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: HEIGHT })).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plot.redraw());
}

document.querySelectorAll("[data-chart]").forEach(draw);
