// Elements of the console. Text is always set as text, never as markup: what customers write stays harmless.

import { drawing, el, languageOfText } from "../../shared/widget/dom.js";

export { el, languageOfText };

const SHAPES = {
  inbox: "M4 13h4.5l1.5 3h4l1.5-3H20M5.5 5h13l1.5 8v5.5a1.5 1.5 0 0 1-1.5 1.5h-13a1.5 1.5 0 0 1-1.5-1.5V13Z",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z",
  search: "M11 4.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Z M16 16l4.5 4.5",
  people: "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7Z M2.5 20c.4-3.800 3-5.5 6.5-5.5s6.100 1.700 6.5 5.5 M15.5 5.300a3.5 3.5 0 0 1 0 6.400 M17.5 14.800c2.300.6 3.700 2.300 4 5.200",
  bars: "M4.5 20h15M7 20v-7M12 20V5M17 20v-10",
  list: "M5 6.5h14M5 12h14M5 17.5h9",
  bell: "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15Z M10 20.5h4",
  mute: "M6 16.5V11a6 6 0 0 1 9-5.200 M18 11v5.5l1.5 1.5H7 M10 20.5h4 M4 4l16 16",
  help: "M9 9.200a3 3 0 1 1 4.400 2.600c-.9.5-1.400 1-1.400 2.200 M12 17.5v.01",
  send: "M12 19V5M6 11l6-6 6 6",
  attach: "M19 11.5l-7.300 7.300a4.600 4.600 0 0 1-6.5-6.5l8-8a3 3 0 0 1 4.300 4.300l-7.800 7.800a1.5 1.5 0 0 1-2.100-2.100L14 8",
  file: "M6.5 3.5h7l4.5 4.5v12.5h-11.5Z M13.5 3.5V8H18",
  lock: "M7 11V8a5 5 0 0 1 10 0v3 M5.5 11h13v9.5h-13Z",
  quote: "M5 6.5h14v9H11l-4 3.5v-3.5H5Z M8.5 11h7",
  back: "M10 6l-6 6 6 6M4 12h16",
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 12.5l4.5 4.5L19 7.5",
  checks: "M2.5 12.5l4 4 7.5-8.5 M11 15.5l1 1 8.5-9",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Z M12 7.5V12l3 2",
  warning: "M12 4L2.5 20h19Z M12 10v4.5 M12 17.200v.01",
  panel: "M4 5h16v14H4Z M14.5 5v14",
  swap: "M4 8.5h14l-3.5-3.5M20 15.5H6l3.5 3.5",
  robot: "M5 9.5h14v9.5H5Z M12 9.5V5.5 M9 14v.5M15 14v.5 M10.5 4.5h3",
  down: "M6 9.5l6 6 6-6",
  plus: "M12 5v14M5 12h14",
  out: "M10 4.5H5v15h5 M9.5 12H20M16 8l4 4-4 4",
  call: "M6.5 4h3l1.5 4-2 1.5a11 11 0 0 0 5.5 5.5l1.5-2 4 1.5v3a2 2 0 0 1-2.200 2A16 16 0 0 1 4.5 6.200 2 2 0 0 1 6.5 4Z",
  tag: "M4 4h8l8 8-8 8-8-8Z M8.5 8.5v.01",
  more: "M6 12v.01M12 12v.01M18 12v.01",
};

/** The line drawing of this name. */
export function icon(name) {
  return drawing(SHAPES[name]);
}

/** A button: `label`, and what it looks like. `quiet` shows the label to screen readers and as a tooltip only. */
export function button(label, { shape, kind = "plain", key, quiet = false, press, ...more } = {}) {
  const hint = key ? `${label} (${key})` : label;
  return el(
    "button",
    {
      type: "button",
      class: `button ${kind}${quiet ? " quiet" : ""}`,
      title: quiet || key ? hint : null,
      "aria-label": quiet ? label : null,
      "aria-keyshortcuts": key,
      on: press ? { click: press } : {},
      ...more,
    },
    shape && icon(shape),
    !quiet && el("span", {}, label),
  );
}

/** Write a text only where it differs: what is shown already is not laid out again. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** As `toggleAttribute("hidden")`, without touching what is so already. */
export function setHidden(node, hidden) {
  if (node.hidden !== hidden) node.hidden = hidden;
}

/**
 * Make the children of `root` the nodes of `wanted` in that order, moving and touching only those that are elsewhere;
 * a focused node keeps its focus.
 */
export function arrange(root, wanted) {
  const keep = new Set(wanted);
  for (const child of [...root.children]) if (!keep.has(child)) child.remove();
  let next = root.firstElementChild;
  for (const node of wanted) {
    if (node === next) next = next.nextElementSibling;
    else root.insertBefore(node, next);
  }
}

/** A part of a form: a label above its control, and an optional hint below. */
export function labelled(label, control, hint) {
  return el("label", { class: "field" }, el("span", { class: "field-name" }, label), control, hint && el("small", {}, hint));
}

/** Something that is nowhere: a calm sentence in the middle. */
export function empty(text, ...more) {
  return el("div", { class: "empty" }, el("p", {}, text), ...more);
}

const toasts = el("div", { class: "toasts", role: "alert" });
// A log, not a status: what follows at once is read after what came before, never instead of it.
const said = el("div", { class: "sr-only", role: "log", "aria-relevant": "additions" });
const TOAST_MS = 8000;
const LINES_SAID = 5;

/** Say for a moment what went wrong, or `kind: "good"`, what was done. */
export function toast(text, kind = "bad") {
  const node = el("p", { class: `toast ${kind}`, on: { click: () => node.remove() } }, text);
  toasts.append(node);
  setTimeout(() => node.remove(), TOAST_MS);
}

/** Tell screen readers of something that happened elsewhere on the page. */
export function announce(text) {
  said.append(el("p", {}, text));
  while (said.children.length > LINES_SAID) said.firstChild.remove();
}

/** What was announced is about customers: the next person at this screen is not to find it. */
export function forgetAnnouncements() {
  said.replaceChildren();
}

/** Where toasts and announcements stand; to be on the page once. */
export function messagesOfPage() {
  return [toasts, said];
}
