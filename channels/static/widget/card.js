// Cards: a figure, rows of label and value, tables, a chart, and parts that open on request. All text arrives formatted.

import { chart } from "./chart.js";
import { el, icon } from "./dom.js";

const LONG = 14; // characters: more than any amount, such as a reference number

/** The element for a card `{title, subtitle, figure, options, chart, rows, table, details, note}`. */
export function card(data, words) {
  return el(
    "section",
    { class: "card" },
    (data.title || data.subtitle) &&
      el(
        "header",
        { class: "card-head" },
        data.title && el("h3", {}, data.title),
        data.subtitle && el("p", {}, data.subtitle),
      ),
    data.figure && figure(data.figure),
    data.options && options(data.options),
    data.chart?.lines?.length > 0 && [chart(data.chart), data.chart.details && details(data.chart.details, words)],
    data.rows?.length > 0 && rows(data.rows),
    data.table && table(data.table, words),
    (data.details || []).map((part) => details(part, words)),
    data.note && el("p", { class: "card-note" }, data.note),
  );
}

function figure({ label, value, note }) {
  return el(
    "div",
    { class: "figure" },
    el("p", { class: "figure-label" }, label),
    el("p", { class: value.length > LONG ? "figure-value long" : "figure-value" }, value),
    note && el("p", { class: "figure-note" }, note),
  );
}

function rows(list) {
  return el(
    "dl",
    { class: "rows" },
    list.map(({ label, value, note, strong }) =>
      el(
        "div",
        { class: strong ? "row strong" : "row" },
        el("dt", {}, label, note && el("small", {}, note)),
        el("dd", {}, value),
      ),
    ),
  );
}

/** Things to choose between, one under the other: each says the most important and opens to all of it. */
function options(list) {
  return el(
    "div",
    { class: "options" },
    list.map(({ title, value, note, badge, rows: inside }) =>
      el(
        "details",
        { class: badge ? "option marked" : "option" },
        el(
          "summary",
          {},
          el(
            "span",
            { class: "option-name" },
            badge && el("span", { class: "option-badge" }, badge),
            el("span", {}, title),
            note && el("small", {}, note),
          ),
          el("span", { class: "option-value" }, value),
          icon("down"),
        ),
        rows(inside),
      ),
    ),
  );
}

function table({ columns, rows: lines, caption }, words) {
  const end = (index) => (columns[index]?.align === "end" ? "end" : null);
  return el(
    "div",
    { class: "table-scroll", tabindex: "0", role: "group", "aria-label": caption || words.table },
    el(
      "table",
      {},
      caption && el("caption", {}, caption),
      el("thead", {}, el("tr", {}, columns.map((column, i) => el("th", { scope: "col", class: end(i) }, column.label)))),
      el("tbody", {}, lines.map((line) => el("tr", {}, line.map((cell, i) => el("td", { class: end(i) }, cell))))),
    ),
  );
}

function details(part, words) {
  return el(
    "details",
    {},
    el("summary", {}, part.summary, icon("down")),
    part.rows && rows(part.rows),
    part.table && table(part.table, words),
  );
}
