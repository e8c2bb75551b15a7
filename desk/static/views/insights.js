// What is learnt from conversations, for supervisors: each figure as a chart, as a table, and to take along.

import { bars, heightAcross } from "../lib/charts.js";
import { date, duration, fullTime } from "../lib/format.js";
import { el, empty, labelled } from "../lib/ui.js";
import { label, language, locale, problemText, words } from "../strings.js";
import { table } from "./table.js";

const DAY_MS = 86_400_000;
const MINUTE = 60;
/** What a column's values are: names of `label`, or how numbers are written. Whole numbers need no word. */
const NAMES = { trigger: "trigger", topic: "reason", reason: "cause", kind: "request", channel: "channel", step: "step", chosen: "reason" };
const SHARES = new Set(["share", "contained_share", "understood_share", "kept_share", "paid_share"]);
const TIMES = new Set(["median", "p90"]);
const TEXTS = new Set(["group", "text", "language", "outcome", "last_day", ...Object.keys(NAMES)]);
/** Which columns the charts show. */
const CHARTS = {
  conversations: { series: ["contained", "handed_over"], stacked: true },
  handovers: { name: "trigger", series: ["handovers"] },
  topics: { name: "topic", series: ["handovers"] },
  understanding: { series: ["understood", "two_readings", "fallback", "out_of_scope"], stacked: true },
  reasons: { name: "reason", series: ["conversations"] },
  requests: { name: "kind", split: "outcome", series: ["requests"], stacked: true },
  promises: { series: ["kept", "broken", "open", "withdrawn"], stacked: true },
  reminders: { name: "step", with: "channel", series: ["reminded", "paid"] },
  waiting: { series: ["median", "p90"], minutes: true },
  ratings: { series: ["stars_5", "stars_4", "stars_3", "stars_2", "stars_1"], stacked: true },
  ratings_assistant: { series: ["stars_5", "stars_4", "stars_3", "stars_2", "stars_1"], stacked: true },
};

export class DeskInsights extends HTMLElement {
  #desk;
  #shown = null;
  #charts = [];
  #stop = new AbortController();

  constructor(desk) {
    super();
    this.#desk = desk;
  }

  connectedCallback() {
    const t = words();
    this.asOf = el("p", { class: "as-of" });
    this.problem = el("p", { class: "problem", role: "alert", hidden: true });
    this.form = el("form", { class: "filters", on: { change: () => this.#load(), submit: (event) => event.preventDefault() } });
    this.totals = el("div", { class: "figures" });
    this.sections = el("div", { class: "insights-list" }, empty(t.insights.loading));
    this.page = el("main", { class: "page insights", id: "main" }, el("h1", {}, t.pages.insights), this.asOf, this.form, this.problem, this.totals, this.sections);
    this.replaceChildren(this.page);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", () => this.#shown && this.#render(), { signal: this.#stop.signal });
    this.#load();
  }

  disconnectedCallback() {
    this.#stop.abort();
    this.#clear();
  }

  #asked() {
    return Object.fromEntries([...new FormData(this.form)].filter(([, value]) => value));
  }

  async #load() {
    const asked = this.#asked();
    this.asking = asked;
    this.page.setAttribute("aria-busy", "true");
    try {
      const shown = await this.#desk.api.get("api/insights", asked);
      if (this.asking !== asked || !this.isConnected) return; // something else was asked for meanwhile
      this.#shown = shown;
      this.problem.hidden = true;
      if (!this.form.hasChildNodes()) this.#fillForm();
      this.#render();
    } catch (error) {
      if (error.status === undefined) throw error;
      this.problem.textContent = problemText(error);
      this.problem.hidden = false;
    } finally {
      if (this.asking === asked) this.page.setAttribute("aria-busy", "false");
    }
  }

  #fillForm() {
    const t = words();
    const { selection, choices } = this.#shown;
    const choose = (name, values, text) => el("select", { class: "input", name }, el("option", { value: "" }, t.any), values.map((value) => el("option", { value }, text(value))));
    const by = el("select", { class: "input", name: "by" }, choices.by.map((value) => el("option", { value }, t.insights.groups[value])));
    this.form.replaceChildren(
      labelled(t.from, el("input", { class: "input", type: "date", name: "from", value: selection.first, required: true })),
      labelled(t.until, el("input", { class: "input", type: "date", name: "to", value: selection.last, required: true })),
      labelled(t.insights.channel, choose("channel", choices.channel, (value) => label("channel", value))),
      labelled(t.language, choose("language", choices.language, (value) => t.languages[value])),
      labelled(t.insights.bucket, choose("bucket", choices.bucket, (value) => label("bucket", value))),
      labelled(t.insights.by, by),
    );
  }

  #clear() {
    this.#charts.forEach((chart) => chart.destroy());
    this.#charts = [];
  }

  #render() {
    this.#clear();
    this.asOf.textContent = this.#told();
    this.totals.replaceChildren(...this.#figures());
    this.sections.replaceChildren(...Object.keys(CHARTS).map((name) => this.#section(name)), this.#sentences());
  }

  #told() {
    const t = words().insights;
    const { events, bank, not_asked: notAsked } = this.#shown.as_of;
    const told = [events ? t.asOf(fullTime(events)) : t.notYet, bank && t.bank(fullTime(bank)), notAsked && t.notAsked(notAsked)];
    return `${told.filter(Boolean).join(language() === "en" ? "; " : "；")}${language() === "en" ? "." : "。"} ${t.onDay}`;
  }

  #figures() {
    const t = words().insights.totals;
    const { conversations, understanding, promises, waiting, ratings, ratings_assistant: ofAssistant } = this.#shown.totals;
    const figure = (name, value) => el("div", { class: "figure" }, el("p", { class: "figure-label" }, name), el("p", { class: "figure-value" }, value || "–"));
    return [
      figure(t.conversations, String(conversations?.conversations ?? 0)),
      figure(t.contained, written("contained_share", conversations?.contained_share)),
      figure(t.understood, written("understood_share", understanding?.understood_share)),
      figure(t.kept, written("kept_share", promises?.kept_share)),
      figure(t.waiting, written("median", waiting?.median)),
      figure(t.rating, written("mean", ratings?.mean)),
      figure(t.ratingAssistant, written("mean", ofAssistant?.mean)),
    ];
  }

  #section(name) {
    const [title, definition] = words().insights.tables[name];
    const { columns, rows } = this.#shown.tables[name];
    const figures = this.#table(title, columns, rows);
    const head = el("header", {}, el("div", {}, el("h2", {}, title), el("p", {}, definition)), rows.length > 0 && this.#download(`tables/${name}.csv`, words().insights.csv, title));
    if (rows.length === 0) return el("section", { class: "insight", dataset: { table: name } }, head, figures);
    const canvas = el("canvas", { role: "img", "aria-label": words().insights.sameFigures(title) });
    const charted = this.#charted(name, rows);
    const frame = el("div", { class: "insight-chart" }, canvas);
    if (charted.across) frame.style.height = heightAcross(charted.labels.length);
    this.#draw(canvas, charted);
    return el("section", { class: "insight", dataset: { table: name } }, head, el("div", { class: "insight-body" }, frame, figures));
  }

  async #draw(canvas, charted) {
    const chart = await bars(canvas, charted);
    if (canvas.isConnected) this.#charts.push(chart);
    else chart.destroy();
  }

  /** What the chart of a table shows: its rows as labels and series. */
  #charted(name, rows) {
    const { name: by = "group", with: beside, split, series, stacked, minutes } = CHARTS[name];
    const t = words().insights;
    const across = by !== "group";
    if (split) {
      const kinds = [...new Set(rows.map((row) => row[by]))];
      const values = (outcome, column) => kinds.map((kind) => rows.find((row) => row[by] === kind && row[split] === outcome)?.[column] ?? 0);
      const outcomes = [...new Set(rows.map((row) => row[split]))];
      return { labels: kinds.map((kind) => this.#words(by, kind)), across, stacked, series: outcomes.map((outcome) => ({ label: this.#words(split, outcome), values: values(outcome, series[0]) })) };
    }
    const all = by === "group" ? this.#everyDay(rows) : rows;
    const value = (row, column) => (minutes && row[column] !== null && row[column] !== undefined ? row[column] / MINUTE : row[column] ?? 0);
    return {
      labels: all.map((row) => [by, beside].filter(Boolean).map((column) => this.#words(column, row[column])).join(" · ")),
      across,
      stacked,
      unit: minutes ? t.minutesAxis : "",
      series: series.map((column) => ({ label: t.columns[column], values: all.map((row) => value(row, column)) })),
    };
  }

  /** The rows with an empty one for each day on which there was nothing. */
  #everyDay(rows) {
    const { by } = this.#shown.selection;
    if (by !== "day") return rows;
    const known = new Map(rows.map((row) => [row.group, row]));
    const [first, last] = [rows[0].group, rows.at(-1).group].map((day) => Date.parse(day));
    const days = Array.from({ length: (last - first) / DAY_MS + 1 }, (_, index) => new Date(first + index * DAY_MS).toISOString().slice(0, 10));
    return days.map((group) => known.get(group) ?? { group });
  }

  #table(caption, columns, rows) {
    const t = words().insights;
    return table({
      caption,
      nothing: t.nothing,
      rows,
      columns: columns.map((column) => ({ label: column === "group" ? t.groups[this.#shown.selection.by] : t.columns[column], of: (row) => this.#cell(column, row), end: !TEXTS.has(column), wide: column === "text" })),
    });
  }

  #cell(column, row) {
    return TEXTS.has(column) ? this.#words(column, row[column]) : written(column, row[column]);
  }

  /** What a name of the program is called. */
  #words(column, value) {
    if (value === null) return "";
    if (column === "group") return this.#groupWords(value);
    if (column === "language") return words().languages[value] ?? value;
    if (column === "last_day") return date(value);
    if (column === "outcome") return outcomeWords(value);
    return NAMES[column] ? label(NAMES[column], value) : value;
  }

  #groupWords(value) {
    const { by } = this.#shown.selection;
    if (by === "day") return date(value);
    return by === "language" ? (words().languages[value] ?? value) : label(by, value);
  }

  #sentences() {
    const t = words().insights;
    const [title, definition] = t.tables.sentences;
    const rows = this.#shown.sentences.map((row) => ({ ...row, kind: t.columns[row.kind] }));
    const columns = ["text", "language", "kind", "times", "last_day", "chosen"];
    const downloads = el("div", { class: "insight-downloads" }, el("span", {}, t.label), ["yml", "tsv", "csv"].map((ending) => this.#download(`sentences.${ending}`, ending.toUpperCase(), title)));
    const head = el("header", {}, el("div", {}, el("h2", {}, title), el("p", {}, definition), rows.length > 0 && el("p", {}, t.labelHint)), rows.length > 0 && downloads);
    return el("section", { class: "insight", dataset: { table: "sentences" } }, head, el("div", { class: "insight-body alone" }, this.#table(title, columns, rows)));
  }

  #download(path, text, title) {
    const address = new URL(`api/insights/${path}`, document.baseURI);
    address.search = new URLSearchParams(this.#asked());
    return el("a", { class: "button", href: address.href, download: "", "aria-label": `${text}: ${title}` }, text);
  }
}

function outcomeWords(value) {
  const own = label("requestOutcome", value);
  return own === value.replaceAll("_", " ") ? label("status", value) : own;
}

/** A number of a table as people read it; nothing of none. */
function written(column, value) {
  if (value === null || value === undefined) return "";
  if (SHARES.has(column)) return new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 1 }).format(value);
  if (TIMES.has(column)) return duration(value);
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: 2 }).format(value);
}

customElements.define("desk-insights", DeskInsights);
