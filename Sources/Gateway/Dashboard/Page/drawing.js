"use strict";

// Making elements. Text goes in as text, never as markup; nothing sets a style, which the page's policy forbids.

const byId = (id) => document.getElementById(id);

function make(name, attributes = {}, ...children) {
  const isDrawing = ["svg", "rect", "path", "line", "text", "g", "title", "circle"].includes(name);
  const element = isDrawing
    ? document.createElementNS("http://www.w3.org/2000/svg", name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// A drawing as wide as its place, in CSS pixels, so that text keeps its size on narrow screens.
function drawing(place, height, label) {
  const width = Math.max(260, place.clientWidth);
  const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  return { svg, width, height };
}

function rect(x, y, width, height, kind, hint) {
  const shape = make("rect", { x, y, width: Math.max(0, width), height: Math.max(0, height), class: kind });
  if (hint) shape.append(make("title", {}, hint));
  return shape;
}

const label = (x, y, text, kind = "", anchor = "start") =>
  make("text", { x, y, class: kind, "text-anchor": anchor }, text);

// About as many characters as fit; a wider letter is cut by its bar's own edge.
const fitting = (text, width) => (width < 22 ? "" : text.slice(0, Math.floor((width - 8) / 6.6)));

function legend(entries) {
  const list = make("ul", { class: "legend" });
  for (const [kind, text] of entries) {
    list.append(make("li", {}, make("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" },
      make("rect", { width: 10, height: 10, rx: 2, class: kind })), text));
  }
  return list;
}

function table(element, caption, columns, rows, empty) {
  const head = make("tr", {}, ...columns.map(([name, kind]) => make("th", { scope: "col", class: kind ?? "" }, name)));
  const body = rows.map((row) => make("tr", {}, ...row.map((cell, index) => index === 0
    ? make("th", { scope: "row" }, cell)
    : make("td", { class: columns[index][1] ?? "" }, cell))));
  if (rows.length === 0) body.push(make("tr", {}, make("td", { colspan: columns.length, class: "empty" }, empty)));
  element.replaceChildren(
    make("caption", {}, caption), make("thead", {}, head), make("tbody", {}, ...body));
}

// Numbers for people.

const count = (value) => Number(value).toLocaleString("en");
const rate = (value) => (value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(1));
const percent = (value) => (value === null ? "–" : `${Math.round(value * 100)} %`);

function bytes(value) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) { value /= 1000; unit += 1; }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

function hertz(value) {
  const units = ["Hz", "kHz", "MHz", "GHz", "THz"];
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) { value /= 1000; unit += 1; }
  return `${value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

function duration(milliseconds) {
  if (Math.abs(milliseconds) >= 10000) return `${(milliseconds / 1000).toFixed(0)} s`;
  if (Math.abs(milliseconds) >= 1000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${milliseconds.toFixed(Math.abs(milliseconds) < 10 ? 1 : 0)} ms`;
}

function uptime(seconds) {
  const [minutes, hours] = [Math.floor(seconds / 60) % 60, Math.floor(seconds / 3600)];
  return hours > 0 ? `${hours} h ${minutes} min` : minutes > 0 ? `${minutes} min` : `${Math.floor(seconds)} s`;
}

// One of eight fills for each model, the same on every drawing.
const fills = new Map();
function fillOf(model) {
  if (!fills.has(model)) fills.set(model, `fill-${fills.size % 8}`);
  return fills.get(model);
}
