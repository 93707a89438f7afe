// Many rows on the page Predict: sent as they are, answers shown, counted and joined here.
"use strict";

const SHOWN = 200;
const ERRORS_SHOWN = 100;
const BINS = 20;

class Refusal extends Error {}

// RFC 4180; empty lines do not count, as with the pods.
function parseCsv(text, separator = ",") {
  const rows = [];
  let row = [], cell = "", quoted = false, wasQuoted = false;
  const endCell = () => { row.push(cell); cell = ""; };
  const endRow = () => {
    const isEmpty = !row.length && !cell && !wasQuoted;
    endCell();
    if (!isEmpty) rows.push(row);
    row = []; wasQuoted = false;
  };
  for (let place = text.charCodeAt(0) === 0xfeff ? 1 : 0; place < text.length; place++) {
    const sign = text[place];
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (text[place + 1] === '"') { cell += '"'; place++; }
      else quoted = false;
    } else if (sign === '"' && !cell) { quoted = wasQuoted = true; }
    else if (sign === separator) endCell();
    else if (sign === "\n" || sign === "\r") {
      if (sign === "\r" && text[place + 1] === "\n") place++;
      endRow();
    } else cell += sign;
  }
  if (cell || row.length || wasQuoted) endRow();
  return { names: rows.shift() || [], rows };
}

function toCsv(rows) {
  const cell = (value) => {
    const text = value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

function tableOfJson(value) {
  if (!Array.isArray(value)) {
    const names = Object.keys(value || {});
    const length = Math.max(0, ...names.map((name) => value[name]?.length || 0));
    return { names, rows: Array.from({ length }, (_, at) => names.map((name) => value[name]?.[at])) };
  }
  const names = [...new Set(value.flatMap((row) => Object.keys(row || {})))];
  return { names, rows: value.map((row) => names.map((name) => row?.[name])) };
}

async function post(url, body, type, token) {
  const answer = await fetch(url, { method: "POST", body, headers: { "content-type": type, "x-csrf-token": token } });
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  const errors = (problem.errors || []).slice(1, 6).map((each) => `${each.field || "the row"} ${each.message}`);
  const limit = answer.status === 413 ? " Send it in parts." : "";
  throw new Refusal([`${problem.detail || `the console says ${answer.status}`}.${limit}`, ...errors].join(" · "));
}

// What was chosen, as what is sent and as a table to join the answers to.
async function source(form) {
  const file = form.elements.file.files[0];
  const pasted = form.elements.pasted.value.trim();
  if (!file && !pasted) throw new Refusal("Choose a file or paste rows first.");
  let kind = file && !pasted ? file.name.split(".").pop().toLowerCase() : "";
  let text = pasted;
  if (kind === "parquet") {
    text = await (await post(form.dataset.parquet, file, "application/octet-stream", form.dataset.token)).text();
  } else if (!pasted) text = await file.text();
  if (kind === "json" || (!kind && /^[[{]/.test(text))) {
    try {
      return { body: text, type: "application/json", ...tableOfJson(JSON.parse(text)) };
    } catch (error) {
      throw new Refusal(`The rows are no JSON: ${error.message}`);
    }
  }
  const header = text.slice(0, text.search(/[\r\n]|$/));
  const separator = header.includes("\t") ? "\t" : header.includes(",") || !header.includes(";") ? "," : ";";
  const table = parseCsv(text, separator);
  const body = separator === "," ? text : toCsv([table.names, ...table.rows]);
  return { body, type: "text/csv", ...table };
}

function element(name, text, attributes = {}) {
  const isDrawn = ["rect", "text", "line", "title"].includes(name);
  const made = isDrawn ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== null) made.textContent = text;
  return made;
}

function drawHistogram(answers) {
  const at = answers.names.indexOf("probability") >= 0 ? answers.names.indexOf("probability") : answers.names.indexOf("prediction");
  const isShare = answers.names[at] === "probability";
  const values = answers.rows.map((row) => row[at]).filter((value) => value !== "").map(Number);
  const low = isShare ? 0 : values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = isShare ? 1 : values.reduce((a, b) => Math.max(a, b), -Infinity);
  const counts = new Array(BINS).fill(0);
  for (const value of values) counts[Math.min(BINS - 1, Math.floor(((value - low) / (high - low || 1)) * BINS))]++;
  const most = Math.max(1, ...counts);
  const end = (value) => (isShare ? `${Math.round(value * 100)} %` : value.toPrecision(4));
  const drawn = document.getElementById("histogram");
  drawn.replaceChildren(
    element("line", null, { x1: 0, x2: 400, y1: 130, y2: 130 }),
    ...counts.map((count, bin) => {
      const height = count ? Math.max(1, (count / most) * 115) : 0;
      const bar = element("rect", null, { class: "bar", x: bin * 20 + 1, y: 130 - height, width: 18, height });
      const [from, to] = [bin, bin + 1].map((each) => end(low + ((high - low) * each) / BINS));
      bar.append(element("title", `${from} to ${to}: ${counted(count)} rows`));
      return bar;
    }),
    element("text", `${counted(most)} rows`, { x: 0, y: 10 }),
    ...[0, 0.5, 1].map((share) => element("text", values.length ? end(low + (high - low) * share) : "", {
      x: 400 * share, y: 145, "text-anchor": share === 0 ? "start" : share === 1 ? "end" : "middle",
    })),
  );
  document.getElementById("histogram-title").textContent = isShare ? `Rows by probability, ${counted(values.length)} answered` : `Rows by predicted value, ${counted(values.length)} answered`;
}

const counted = (number) => number.toLocaleString("en");

// People count rows from one.
function shown(name, value) {
  if (name === "row") return String(Number(value) + 1);
  if (!value || !/^(probability|interval)/.test(name)) return value;
  return name.startsWith("probability") ? `${(Number(value) * 100).toFixed(1)} %` : Number(value).toPrecision(5);
}

function drawTable(answers) {
  const table = document.getElementById("rows-table");
  const places = answers.names.map((_, at) => at).filter((at) => answers.names[at] !== "prediction_id");
  const head = element("tr", null);
  head.append(...places.map((at) => element("th", answers.names[at], { scope: "col" })));
  table.tHead.replaceChildren(head);
  const error = answers.names.indexOf("error");
  table.tBodies[0].replaceChildren(...answers.rows.slice(0, SHOWN).map((row) => {
    const line = element("tr", null, row[error] ? { class: "bad" } : {});
    line.append(...places.map((at) => element("td", shown(answers.names[at], row[at]))));
    return line;
  }));
  const count = answers.rows.length;
  document.getElementById("rows-shown").textContent = count > SHOWN ? `The first ${SHOWN} of ${counted(count)} answers` : `All ${counted(count)} answers`;
}

function drawErrors(answers) {
  const error = answers.names.indexOf("error");
  const wrong = answers.rows.filter((row) => row[error]);
  const lines = wrong.slice(0, ERRORS_SHOWN).map((row) => element("li", `row ${shown("row", row[0])}: ${row[error]}`));
  if (wrong.length > ERRORS_SHOWN) lines.push(element("li", `and ${counted(wrong.length - ERRORS_SHOWN)} more, all in the download`));
  document.getElementById("rows-errors").replaceChildren(...(lines.length ? lines : [element("li", "none", { class: "good" })]));
  return wrong.length;
}

// Each answer knows the place of its row: beside the row it goes, whatever the rows' ids.
function joined(table, answers) {
  const row = answers.names.indexOf("row");
  const rest = answers.names.map((_, at) => at).filter((at) => at !== row);
  const names = rest.map((at) => (table.names.includes(answers.names[at]) ? `answer_${answers.names[at]}` : answers.names[at]));
  const lines = answers.rows.map((answer) => {
    const own = table.rows[Number(answer[row])] || [];
    return [...table.names.map((_, at) => own[at]), ...rest.map((at) => answer[at])];
  });
  return [[...table.names, ...names], ...lines];
}

let ready = null;

async function predictAll(form, state) {
  const started = performance.now();
  const table = await source(form);
  const answer = await post(form.dataset.to, table.body, table.type, form.dataset.token);
  const answers = parseCsv(await answer.text());
  const version = answer.headers.get("x-relevo-model-version");
  const pod = decodeURIComponent(answer.headers.get("x-relevo-pod"));
  ready = { name: `${form.dataset.model}-version-${version}-answers.csv`, table, answers };
  const wrong = drawErrors(answers);
  drawHistogram(answers);
  drawTable(answers);
  const unseen = answer.headers.get("x-relevo-unseen");
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  state.textContent = `${counted(answers.rows.length - wrong)} of ${counted(answers.rows.length)} rows answered by version ${version} on ${pod}, in ${seconds} s` +
    `${wrong ? `; ${counted(wrong)} do not fit` : ""}${unseen ? `; values never seen in training: ${unseen}` : ""}`;
  state.className = wrong ? "warning" : "good";
  document.getElementById("rows-answers").hidden = false;
}

document.addEventListener("submit", async (event) => {
  if (event.target.id !== "rows") return;
  event.preventDefault();
  const form = event.target, state = document.getElementById("rows-state"), button = form.querySelector("button");
  button.disabled = true;
  state.className = "quiet";
  state.textContent = "sending …";
  try {
    await predictAll(form, state);
  } catch (error) {
    state.className = "bad";
    state.textContent = error instanceof Refusal ? error.message : `The answers did not come whole (${error.message}): send it again.`;
    document.getElementById("rows-answers").hidden = true;
  }
  button.disabled = false;
});

document.addEventListener("click", (event) => {
  if (event.target.id !== "download" || !ready) return;
  const url = URL.createObjectURL(new Blob([toCsv(joined(ready.table, ready.answers))], { type: "text/csv" }));
  const link = element("a", null, { href: url, download: ready.name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
});

// A word that does not say what it means is told beside its field.
document.addEventListener("input", (event) => {
  const told = document.querySelector(`[data-meaning="${event.target.id}"]`);
  if (!told) return;
  const word = event.target.value.trim();
  const option = [...event.target.list.options].find((each) => each.value === word);
  told.textContent = option ? option.textContent.slice(word.length).replace(/^: /, "") : "";
});

document.addEventListener("htmx:after:swap", () => document.querySelectorAll("#last").forEach(trim));
document.addEventListener("htmx:finally:request", (event) => {
  if (event.target.id !== "row") return;
  const wrong = event.target.querySelector("[aria-invalid]");
  if (wrong) wrong.focus();
  else document.getElementById("answer").scrollIntoView({ block: "nearest" });
});
