// What the pages need beside htmx: times in the browser's zone, ages that count, drafts of state.
"use strict";

const pad = (number) => String(number).padStart(2, "0");

function span(seconds) {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor((seconds % 86400) / 3600)} h`;
}

function writeTime(element, now) {
  const time = new Date(element.dateTime);
  const passed = (now - time) / 1000;
  let text;
  if (element.classList.contains("ago")) {
    text = passed < 1 ? "now" : `${span(passed)} ago`;
  } else if (element.classList.contains("lasting")) {
    text = span(Math.max(0, passed));
  } else if (element.classList.contains("until")) {
    text = passed > 0 ? "any moment" : `in ${span(-passed)}`;
  } else {
    const clock = `${pad(time.getHours())}:${pad(time.getMinutes())}:${pad(time.getSeconds())}`;
    const isToday = time.toDateString() === new Date(now).toDateString();
    text = isToday ? clock : `${time.getFullYear()}-${pad(time.getMonth() + 1)}-${pad(time.getDate())} ${clock}`;
  }
  if (element.textContent !== text) element.textContent = text;
  if (!element.title) element.title = time.toLocaleString();
}

function writeTimes(root) {
  const now = Date.now();
  for (const element of root.querySelectorAll("time[datetime]")) writeTime(element, now);
}

function trim(list) {
  while (list.children.length > Number(list.dataset.most)) list.lastElementChild.remove();
}

// The state of the stream, in a word that screen readers hear.
function tellLink(state, text) {
  const link = document.getElementById("link");
  if (link.dataset.state === state) return;
  link.dataset.state = state;
  link.textContent = text;
}

const LOST = "connection lost, trying again";
const SILENCE = 5000; // the console says something every second, and be it a beat
let heard = 0;
function hear() {
  heard = Date.now();
  tellLink("live", "live");
}
document.addEventListener("htmx:sse:after:connection", hear);
document.addEventListener("htmx:sse:error", () => tellLink("lost", LOST));
// The extension tries again once a stream was open; the first try is ours.
document.addEventListener("htmx:error", (event) => {
  const stream = event.target;
  const url = stream.getAttribute?.("hx-sse:connect");
  if (!url) return;
  tellLink("lost", LOST);
  setTimeout(() => htmx.ajax("GET", url, {source: stream}), 2000);
});
document.addEventListener("htmx:sse:close", () => tellLink("lost", "connection lost"));
document.addEventListener("htmx:sse:after:message", () => {
  writeTimes(document);
  document.querySelectorAll("[data-most]").forEach(trim);
});
document.addEventListener("htmx:after:swap", () => writeTimes(document));

let paused = false;
document.addEventListener("htmx:sse:before:message", (event) => {
  hear();
  if (paused) event.preventDefault();
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pause]");
  if (!button) return;
  if (paused) return location.reload(); // what came meanwhile was not kept
  paused = true;
  button.textContent = "Go on";
});

document.addEventListener("DOMContentLoaded", () => writeTimes(document));
setInterval(() => {
  writeTimes(document);
  if (heard && Date.now() - heard > SILENCE) tellLink("lost", LOST);
}, 1000);

// Who acts is asked once in a browser; the key never stays.
document.addEventListener("DOMContentLoaded", () => {
  for (const field of document.querySelectorAll("[data-remember]")) {
    const key = `relevo.${field.dataset.remember}`;
    if (!field.value) field.value = localStorage.getItem(key) ?? "";
    field.form?.addEventListener("submit", () => localStorage.setItem(key, field.value));
  }
});

// A colour of the style sheet as charts want it; every chart asks here.
function colour(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
