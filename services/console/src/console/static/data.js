// The page Data: a statement is sent, its answer shown as table or chart, or saved as a file.
"use strict";

const LONGEST_LINK = 1800;
const LONGEST_CELL = 300;
const DRAFT = "relevo.sql";
const editor = document.getElementById("editor");
const statement = document.getElementById("sql");
const place = (id) => document.getElementById(id);
const count = (number) => number.toLocaleString("en");
const isNumber = (type) => /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL\(.*\))$/.test(type);
const isTime = (type) => /^(DATE$|TIMESTAMP)/.test(type);

let answer = null;
let running = null;

function made(name, text, attributes = {}) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== null) element.textContent = text;
  return element;
}

function tell(text, tone = "quiet") {
  place("state").className = tone;
  place("state").textContent = text;
}

// What was typed survives a reload: in the address while it is short, else in this tab.
function keep() {
  const url = new URL(location);
  url.searchParams.set("sql", statement.value);
  if (editor.elements.schema) url.searchParams.set("dataset", editor.elements.schema.value);
  const isShort = url.href.length <= LONGEST_LINK;
  if (!isShort) url.searchParams.delete("sql");
  if (isShort) sessionStorage.removeItem(DRAFT);
  else sessionStorage.setItem(DRAFT, statement.value);
  history.replaceState(null, "", url);
}

function recall() {
  const draft = sessionStorage.getItem(DRAFT);
  if (draft && !new URL(location).searchParams.has("sql")) statement.value = draft;
}

async function asked(form, signal) {
  const sent = { sql: statement.value, form, dataset: editor.elements.schema?.value || "" };
  const response = await fetch(`${editor.dataset.base}/data/answers`, {
    method: "POST", body: JSON.stringify(sent), signal,
    headers: { "content-type": "application/json", "x-csrf-token": editor.dataset.token },
  });
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  throw new Error(typeof problem.detail === "string" ? problem.detail : `the console says ${response.status}`);
}

// Shows that it runs, from when on that is worth a word, and that it can be stopped.
function watch(most) {
  const started = performance.now();
  const bar = place("progress");
  bar.max = most;
  const tick = () => {
    const seconds = (performance.now() - started) / 1000;
    bar.value = seconds;
    tell(`running for ${seconds.toFixed(0)} s, ${most} s at most`);
  };
  tell("running …");
  place("stop").hidden = bar.hidden = false;
  const timer = setInterval(tick, 1000);
  return () => {
    clearInterval(timer);
    place("stop").hidden = bar.hidden = true;
    return (performance.now() - started) / 1000;
  };
}

async function run(form) {
  if (running) return;
  running = new AbortController();
  const stopped = watch(Number(form === "table" ? editor.dataset.tableSeconds : editor.dataset.fileSeconds));
  editor.querySelectorAll("[name=form]").forEach((each) => { each.disabled = true; });
  keep();
  try {
    const response = await asked(form, running.signal);
    if (form === "table") show(await response.json());
    else save(await response.blob(), form, stopped());
  } catch (error) {
    const text = error.name === "TypeError" ? "the console does not answer: try again" : error.message;
    tell(error.name === "AbortError" ? "stopped" : text, error.name === "AbortError" ? "warning" : "bad");
  }
  stopped();
  running = null;
  editor.querySelectorAll("[name=form]").forEach((each) => { each.disabled = false; });
}

function save(blob, form, seconds) {
  const link = made("a", null, { href: URL.createObjectURL(blob), download: `relevo.${form}` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  tell(`relevo.${form}, ${count(Math.ceil(blob.size / 1000))} kB, in ${seconds.toFixed(1)} s`, "good");
}

function show(found) {
  answer = found;
  const rows = count(answer.rows.length);
  const many = answer.truncated ? `the first ${rows} rows of more (a file has all)` : `${rows} row${rows === "1" ? "" : "s"}`;
  tell(`${many}, ${count(answer.columns.length)} column${answer.columns.length === 1 ? "" : "s"}, in ${answer.seconds.toFixed(2)} s`, answer.truncated ? "warning" : "good");
  drawTable();
  place("answer").hidden = false;
  if (!place("as-chart").hidden) chart();
}

function cell(value, type) {
  if (value === null) return made("td", "NULL", { class: "quiet" });
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  const shown = text.length > LONGEST_CELL ? `${text.slice(0, LONGEST_CELL)}…` : text;
  return made("td", shown, isNumber(type) ? { class: "number" } : text.length > 60 ? { title: text.slice(0, 5000) } : {});
}

function drawTable() {
  const table = place("as-table").firstElementChild;
  const head = made("tr", null);
  for (const { name, type } of answer.columns) {
    const title = made("th", name, { scope: "col", ...(isNumber(type) && { class: "number" }) });
    title.append(made("small", type.length > 24 ? `${type.slice(0, 23)}…` : type.toLowerCase()));
    head.append(title);
  }
  table.tHead.replaceChildren(head);
  table.tBodies[0].replaceChildren(...answer.rows.map((row) => {
    const line = made("tr", null);
    line.append(...row.map((value, at) => cell(value, answer.columns[at].type)));
    return line;
  }));
  place("as-table").scrollTo(0, 0);
}

// ── What there is to be asked ────────────────────────────────────────────────────────────

function insert(text) {
  statement.setRangeText(text, statement.selectionStart, statement.selectionEnd, "end");
  statement.focus();
  keep();
}

function nameButton(text, type, click) {
  const button = made("button", text, { type: "button", class: "name" });
  if (type) button.append(made("small", type.toLowerCase()));
  button.addEventListener("click", click);
  const item = made("li", null);
  item.append(button);
  return item;
}

function viewItem(view, first) {
  const item = made("details", null);
  const title = made("summary", view.name);
  const columns = made("ul", null, { class: "names" });
  columns.append(nameButton("use this view", "", () => {
    const meant = editor.elements.schema?.value || first;
    insert(view.schema === meant ? view.insert : `${view.insert_schema}.${view.insert}`);
  }));
  for (const column of view.columns) columns.append(nameButton(column.name, column.type, () => insert(column.insert)));
  item.append(title, columns);
  return item;
}

function drawKnown(known) {
  place("examples").replaceChildren(...known.examples.map((example) => nameButton(example.name, "", () => {
    statement.value = example.sql;
    statement.focus();
    keep();
  })));
  const groups = new Map();
  for (const view of known.views) groups.set(view.schema, [...(groups.get(view.schema) || []), view]);
  const first = known.views[0]?.schema;
  place("views").replaceChildren(...[...groups].map(([schema, views]) => {
    const group = made("details", null, schema === first ? { open: "" } : {});
    group.append(made("summary", schema), ...views.map((view) => viewItem(view, first)));
    return group;
  }));
  if (known.reason) place("views").append(made("p", known.reason, { class: "bad" }));
}

async function learn() {
  try {
    const response = await fetch(`${editor.dataset.base}/data/known`);
    const known = await response.json();
    if (!response.ok) throw new Error(known.detail);
    drawKnown(known);
  } catch (error) {
    place("examples").replaceChildren(made("li", error.message, { class: "bad" }));
  }
}

// ── The chart, whose scripts come when it is first looked at ──────────────────────────────

function come(script) {
  return new Promise((resolve, reject) => {
    const element = made("script", null, { src: `${editor.dataset.base}/static/${script}` });
    element.onload = resolve;
    element.onerror = () => reject(new Error("the chart's script does not come: load the page again"));
    document.head.append(element);
  });
}

async function chart() {
  if (!chart.loaded) {
    document.head.append(made("link", null, { rel: "stylesheet", href: `${editor.dataset.base}/static/uplot.min.css` }));
    chart.loaded = come("uplot.min.js").then(() => come("data-chart.js"));
  }
  try {
    await chart.loaded;
    drawChart(answer);
  } catch (error) {
    chart.loaded = null;
    place("chart-state").textContent = error.message;
  }
}

// ── What a person does ───────────────────────────────────────────────────────────────────

editor.addEventListener("submit", (event) => {
  event.preventDefault();
  run(event.submitter?.value || "table");
});
statement.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  run("table");
});
editor.addEventListener("change", keep);
place("stop").addEventListener("click", () => running?.abort());
place("axes").addEventListener("submit", (event) => event.preventDefault());
place("answer").addEventListener("click", (event) => {
  const view = event.target.dataset?.view;
  if (!view) return;
  for (const button of place("answer").querySelectorAll("[data-view]")) button.setAttribute("aria-pressed", String(button === event.target));
  place("as-table").hidden = view !== "table";
  place("as-chart").hidden = view !== "chart";
  if (view === "chart") chart();
});
recall();
learn();
