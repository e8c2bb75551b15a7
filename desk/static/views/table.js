// Tables of the supervisor's and administrator's pages.

import { el, empty } from "../lib/ui.js";
import { words } from "../strings.js";

/**
 * `columns`: `[{label, of(row), end?, wide?}]`, `of` giving a text or a node. `press(row)` makes rows open something.
 */
export function table({ caption, columns, rows, press, nothing }) {
  if (rows.length === 0) return empty(nothing ?? words().nothingFound);
  return el(
    "div",
    { class: "table-scroll", tabindex: "0", role: "group", "aria-label": caption },
    el(
      "table",
      {},
      el("caption", { class: "sr-only" }, caption),
      el("thead", {}, el("tr", {}, columns.map((column) => el("th", { scope: "col", class: column.end && "end" }, column.label)))),
      el("tbody", {}, rows.map((row) => line(row, columns, press))),
    ),
  );
}

function line(row, columns, press) {
  const cells = columns.map((column, index) => {
    const content = column.of(row) ?? "";
    const inside = press && index === 0 ? el("button", { type: "button", class: "link", on: { click: () => press(row) } }, content) : content;
    return el("td", { class: [column.end && "end", column.wide && "wide"].filter(Boolean).join(" ") || null }, inside);
  });
  return el("tr", {}, cells);
}
