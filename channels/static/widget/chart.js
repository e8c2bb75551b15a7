// A line chart of what stays owed. It draws the bank's sums; the text arrives formatted, and a table beside it holds the
// same figures. Lines differ by dashes and marks as well as by colour.

import { el } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 320;
const HEIGHT = 176;
const LEFT = 8;
const RIGHT = 312;
const TOP = 28;
const BOTTOM = 148;
const TICK_GAP = 8; // between two labels of the time axis
const MARK = 3.5;
const MARKS = {
  circle: ([x, y]) => ["circle", { cx: x, cy: y, r: MARK }],
  square: ([x, y]) => ["rect", { x: x - MARK, y: y - MARK, width: 2 * MARK, height: 2 * MARK }],
  triangle: ([x, y]) => ["path", { d: `M${x} ${y - 4.5}l4.5 8h-9Z` }],
  diamond: ([x, y]) => ["path", { d: `M${x} ${y - 5}l5 5-5 5-5-5Z` }],
};
const MARK_OF = { nothing: "circle", minimum: "square", full: "diamond", instalment: "triangle", agreement: "triangle", deferral: "diamond" };

let charts = 0;

/**
 * The figure for `{title, summary, top, today, lines, ticks}`.
 * A line is `{name, style, points: [{on, owed}], payments: [{on, pays}]}`: sums owed on days, then paid off in steps.
 */
export function chart({ title, summary, top, today, lines, ticks }) {
  charts += 1;
  const id = `chart-${charts}`;
  const drawn = lines.map((line) => ({ ...line, corners: corners(line) }));
  const first = time(drawn[0].points[0].on);
  const last = Math.max(...ticks.map(({ on }) => time(on)));
  const most = Math.max(...drawn.flatMap((line) => line.corners.map(([, owed]) => owed)));
  const place = ([at, owed]) => [
    LEFT + ((RIGHT - LEFT) * (at - first)) / (last - first || 1),
    BOTTOM - ((BOTTOM - TOP) * owed) / (most || 1),
  ];
  const svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-labelledby": `${id}-title ${id}-desc` });
  svg.append(
    shape("title", { id: `${id}-title` }, title),
    shape("desc", { id: `${id}-desc` }, summary),
    ...frame({ top, today, ticks, place, first, now: drawn[0].corners[0][1] }),
    ...drawn.map((line) => drawing(line, place, last)),
  );
  return el(
    "figure",
    { class: "chart" },
    el("figcaption", {}, title),
    svg,
    el("ul", { class: "legend" }, drawn.map(({ name, style }) => el("li", {}, sample(style), name))),
  );
}

/** The corners of a line as [time, owed]: a payment is a step down. */
function corners({ points, payments }) {
  const found = points.map(({ on, owed }) => [time(on), Number(owed)]);
  for (const { on, pays } of payments) {
    const owed = found.at(-1)[1];
    found.push([time(on), owed], [time(on), Math.max(0, owed - Number(pays))]);
  }
  return found;
}

function frame({ top, today, ticks, place, first, now }) {
  const [left, level] = place([first, now]);
  const marks = [{ at: first, label: today }, ...ticks.map(({ on, label }) => ({ at: time(on), label }))];
  return [
    shape("path", { class: "axis", d: `M${LEFT} ${BOTTOM}H${RIGHT}` }),
    shape("path", { class: "level", d: `M${left} ${level}H${RIGHT}` }),
    shape("text", { x: LEFT, y: 14 }, top),
    ...labels(marks, place),
  ];
}

/** The time axis's labels; one that would touch the one before is left out, never the last. */
function labels(marks, place) {
  const width = (label) => [...label].reduce((sum, character) => sum + (character > "\u2e80" ? 12 : 6.5), 0);
  const placed = marks.map(({ at, label }, index) => {
    const [x] = place([at, 0]);
    const half = width(label) / 2;
    const middle = Math.min(Math.max(x, LEFT + half), RIGHT - half);
    return { x, middle, start: middle - half, end: middle + half, label, last: index === marks.length - 1 };
  });
  const final = placed.at(-1);
  let end = -Infinity;
  const shown = placed.filter((each) => {
    const fits = each.start >= end + TICK_GAP && (each.last || each.end + TICK_GAP <= final.start);
    if (fits) end = each.end;
    return fits;
  });
  return shown.flatMap(({ x, middle, label }) => [
    shape("path", { class: "axis", d: `M${x} ${BOTTOM}v5` }),
    shape("text", { x: middle, y: BOTTOM + 20, "text-anchor": "middle" }, label),
  ]);
}

function drawing({ corners: all, style, points, payments }, place, last) {
  const within = all.filter(([at]) => at <= last);
  const path = within.map(place).map(([x, y], index) => `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  const [, ended] = within.at(-1);
  const rest = within.at(-1)[0] < last ? `H${place([last, ended])[0].toFixed(1)}` : "";
  const told = payments.length ? within.filter((_, index) => index >= points.length && (index - points.length) % 2 === 1) : within;
  const group = shape("g", { class: `line ${style}` });
  group.append(shape("path", { class: "stroke", d: path + rest }), ...told.map((corner) => mark(style, place(corner))));
  return group;
}

function mark(style, position) {
  const [name, attributes] = MARKS[MARK_OF[style] || "circle"](position);
  return shape(name, { class: "mark", ...attributes });
}

/** What a line looks like, for the legend; its name stands beside it. */
function sample(style) {
  const svg = shape("svg", { viewBox: "0 0 32 12", "aria-hidden": "true" });
  const group = shape("g", { class: `line ${style}` });
  group.append(shape("path", { class: "stroke", d: "M1 6H31" }), mark(style, [16, 6]));
  svg.append(group);
  return svg;
}

function time(on) {
  return Date.parse(`${on}T00:00:00Z`);
}

function shape(name, attributes, text) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text) node.textContent = text;
  return node;
}
