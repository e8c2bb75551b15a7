// The queue: tabs, and in each a list in which only rows that changed are touched.

import { duration, moment } from "../lib/format.js";
import { arrange, el, icon, setHidden, setText } from "../lib/ui.js";
import { customerName, label, words } from "../strings.js";

const TICK_MS = 5000;

/** Fires `choose` with a conversation's id as `detail`. */
export class DeskQueue extends HTMLElement {
  #desk;
  #tab = "waiting";
  #rows = new Map(); // id → Row
  #active = null; // the row to which keys apply
  #openTab = null; // where the open conversation stands
  #due = false;
  #given = false; // since the last look the agent was given a conversation
  #stop = new AbortController();
  #timer = 0;

  constructor(desk) {
    super();
    this.#desk = desk;
  }

  connectedCallback() {
    const t = words();
    this.tabs = new Map(
      this.#desk.tabNames.map((name) => {
        const count = el("span", { class: "count" });
        const node = el(
          "button",
          { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "queue-list", on: { click: () => this.show(name) } },
          el("span", {}, t.tabs[name]),
          count,
        );
        return [name, { node, count }];
      }),
    );
    this.list = el("ol", { class: "queue-list", id: "queue-list", role: "listbox", "aria-label": t.queue });
    this.nothing = el("p", { class: "queue-nothing" });
    this.filter = el("input", { type: "search", class: "input", placeholder: t.filter, "aria-label": t.filter, on: { input: () => this.#render() } });
    this.replaceChildren(
      el("div", { class: "tabs", role: "tablist", "aria-label": t.queue, on: { keydown: (event) => this.#tabKey(event) } }, [...this.tabs.values()].map(({ node }) => node)),
      el("div", { class: "queue-filter" }, this.filter),
      el("div", { class: "queue-scroll" }, this.list, this.nothing),
    );
    const { signal } = this.#stop;
    this.#desk.addEventListener("queue", () => this.#soon(), { signal });
    this.#desk.addEventListener("given", () => { this.#given = true; }, { signal });
    this.#timer = setInterval(() => document.hidden || this.#tick(), TICK_MS);
    this.#render();
  }

  disconnectedCallback() {
    this.#stop.abort();
    clearInterval(this.#timer);
  }

  get tab() {
    return this.#tab;
  }

  show(tab) {
    if (tab === this.#tab) return;
    this.#tab = tab;
    this.#active = null;
    this.#render();
    this.querySelector(".queue-scroll").scrollTop = 0;
  }

  /** The tab beside this one. */
  turn(step) {
    const names = this.#desk.tabNames;
    this.show(names[(names.indexOf(this.#tab) + step + names.length) % names.length]);
  }

  /** Move to another row; `open` shows its conversation, too. */
  move(step, { open = false } = {}) {
    const ids = this.#shown();
    if (ids.length === 0) return;
    const from = ids.indexOf(open ? this.#desk.openId : (this.#active ?? this.#desk.openId));
    const comes = !open && from >= 0 && !this.list.contains(document.activeElement); // first to where one was
    const index = comes ? from : from < 0 ? (step > 0 ? 0 : ids.length - 1) : Math.min(ids.length - 1, Math.max(0, from + step));
    this.#activate(ids[index]);
    const row = this.#rows.get(ids[index]).node;
    if (open) this.#choose(ids[index]);
    else row.focus();
    row.scrollIntoView({ block: "nearest" });
  }

  /** The conversation to which keys apply: the row that is in focus, or the open one. */
  get active() {
    return this.list.contains(document.activeElement) ? this.#active : this.#desk.openId;
  }

  focusList() {
    const ids = this.#shown();
    const id = [this.#active, this.#desk.openId, ids[0]].find((one) => ids.includes(one));
    if (id) this.#rows.get(id).node.focus();
    else this.tabs.get(this.#tab).node.focus();
  }

  /** Show which conversation is open. */
  opened() {
    const id = this.#desk.openId;
    const brief = this.#desk.briefs.get(id);
    const tab = brief && this.#desk.tabOf(brief);
    this.#openTab = tab;
    if (tab && tab !== this.#tab) this.show(tab);
    this.#activate(id);
    this.#render();
  }

  #shown() {
    return [...this.list.children].map((node) => node.dataset.id);
  }

  #soon() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      if (!this.isConnected) return;
      this.#follow();
      this.#render();
      if (this.#given && this.#shown().length === 0) this.show("mine");
      this.#given = false;
    });
  }

  /** A conversation that the agent took is looked for among the agent's own. */
  #follow() {
    const brief = this.#desk.briefs.get(this.#desk.openId);
    const before = this.#openTab;
    this.#openTab = brief ? this.#desk.tabOf(brief) : null;
    if (before === this.#tab && this.#openTab === "mine") this.show("mine");
  }

  #render() {
    const tabs = this.#desk.tabs();
    for (const [name, { node, count }] of this.tabs) {
      setText(count, String(tabs[name].length));
      const chosen = name === this.#tab;
      if (node.getAttribute("aria-selected") !== String(chosen)) {
        node.setAttribute("aria-selected", String(chosen));
        node.tabIndex = chosen ? 0 : -1;
      }
      node.classList.toggle("calls", name === "mine" && tabs.mine.some((brief) => brief.unread > 0));
    }
    const term = this.filter.value.trim().toLowerCase();
    const briefs = tabs[this.#tab].filter((brief) => !term || searchable(brief).includes(term));
    const rows = briefs.map((brief) => this.#row(brief));
    arrange(this.list, rows.map(({ node }) => node));
    const ids = new Set(briefs.map(({ id }) => id));
    for (const id of this.#rows.keys()) if (!ids.has(id)) this.#rows.delete(id);
    if (!ids.has(this.#active)) this.#active = ids.has(this.#desk.openId) ? this.#desk.openId : (briefs[0]?.id ?? null);
    this.#activate(this.#active);
    setHidden(this.nothing, briefs.length > 0);
    const t = words();
    setText(this.nothing, !this.#desk.loaded ? t.loading : term ? t.nothingFound : t.nothingIn[this.#tab]);
  }

  #row(brief) {
    if (!this.#rows.has(brief.id)) this.#rows.set(brief.id, new Row(brief.id, () => this.#choose(brief.id)));
    const row = this.#rows.get(brief.id);
    row.update(brief, this.#desk);
    return row;
  }

  #tick() {
    for (const [id, row] of this.#rows) {
      const brief = this.#desk.briefs.get(id);
      if (brief) row.tick(brief);
    }
  }

  #activate(id) {
    this.#active = id;
    for (const [one, { node }] of this.#rows) {
      const index = one === id ? 0 : -1;
      if (node.tabIndex !== index) node.tabIndex = index;
    }
  }

  #choose(id) {
    this.#activate(id);
    this.dispatchEvent(new CustomEvent("choose", { detail: id }));
  }

  #tabKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.turn(step);
    this.tabs.get(this.#tab).node.focus();
  }
}

/** One row. Each of its parts is written only when it differs. */
class Row {
  #shown = "";

  constructor(id, choose) {
    const t = words();
    this.who = el("span", { class: "row-who" });
    this.time = el("span", { class: "row-time" });
    this.text = el("span", { class: "row-text" });
    this.unread = el("span", { class: "row-unread", hidden: true });
    this.marks = el("span", { class: "row-marks" });
    this.node = el(
      "li",
      {
        class: "row-brief",
        role: "option",
        tabindex: "-1",
        dataset: { id },
        on: {
          click: choose,
          keydown: (event) => {
            if (event.key !== "Enter" || event.target !== this.node) return;
            event.preventDefault();
            event.stopPropagation();
            choose();
          },
        },
      },
      el("span", { class: "row-line" }, this.who, this.time),
      el("span", { class: "row-line" }, this.text, this.unread),
      this.marks,
    );
    this.t = t;
  }

  update(brief, desk) {
    const writing = desk.chats.get(brief.id)?.writing().includes("customer") ?? false;
    const open = desk.openId === brief.id;
    const drafted = desk.drafts.has(brief.id) && !open;
    const { waited_seconds: moving, since_ms: since, ...content } = brief;
    const key = JSON.stringify([content, writing, open, drafted]);
    this.tick(brief);
    if (key === this.#shown) return;
    this.#shown = key;
    const t = this.t;
    setText(this.who, customerName(brief));
    setText(this.text, writing ? t.isWriting : drafted ? `${t.draft} ${desk.drafts.of(brief.id).text}` : (brief.last_text ?? ""));
    this.text.classList.toggle("quiet", writing || drafted);
    setText(this.unread, brief.unread > 99 ? "99+" : String(brief.unread));
    this.unread.setAttribute("aria-label", t.unread(brief.unread));
    setHidden(this.unread, brief.unread === 0);
    this.node.setAttribute("aria-selected", String(open));
    this.node.dataset.level = brief.waits ? brief.service_level : "ok";
    this.marks.replaceChildren(...marks(brief, t, { mine: desk.isMine(brief) }));
  }

  /** Only the time has moved on. */
  tick(brief) {
    const since = brief.waits ? brief.since_ms : moment(brief.last_at ?? brief.since);
    const seconds = (Date.now() - since) / 1000;
    // Seconds move only in the first minute, when they matter.
    const rounded = seconds < 60 ? Math.floor(seconds / 5) * 5 : seconds;
    setText(this.time, Number.isFinite(rounded) ? duration(rounded) : "");
  }
}

function marks(brief, t, { mine }) {
  const topic = brief.reason && label("reason", brief.reason);
  const why = brief.trigger && brief.trigger !== "asked_for" && label("trigger", brief.trigger);
  return [
    brief.priority && brief.priority !== "normal" && el("span", { class: `mark ${brief.priority}` }, t.priorities[brief.priority]),
    el("span", { class: "mark" }, t.languages[brief.language] ?? brief.language),
    topic && el("span", { class: "mark" }, topic),
    why && why !== topic && el("span", { class: "mark" }, why),
    brief.agent && !mine && el("span", { class: "mark who" }, brief.agent.name),
    brief.callback && el("span", { class: "mark" }, icon("call"), t.callback),
    ...(brief.tags ?? []).map((tag) => el("span", { class: "mark tag" }, tag)),
  ].filter(Boolean);
}

function searchable({ customer_name: name, customer_id: customer, last_text: text, tags, agent, id }) {
  return [name, customer, text, agent?.name, id, ...(tags ?? [])].join("\n").toLowerCase();
}

customElements.define("desk-queue", DeskQueue);
