// Calls that people make: the list, the call that is open with its script and result, and what belongs to the customer.

import { clockTime, fullTime } from "../lib/format.js";
import { announce, arrange, button, el, empty, labelled, setHidden, setText, toast } from "../lib/ui.js";
import { customerName, label, labels, problemText, words } from "../strings.js";
import { show } from "./forms.js";
import { DeskSide } from "./side.js";
import { isTyping } from "./workspace.js";

const FRESH_MS = 20_000;
const PUT_AWAY_MS = 60_000;
const OUTCOMES = ["answered", "no_answer", "refused"];

export class DeskCalls extends HTMLElement {
  #desk;
  #calls = [];
  #rows = new Map(); // id → element
  #openId = null;
  #shown = ""; // what of the open call is drawn
  #stop = new AbortController();
  #timer = 0;

  constructor(desk) {
    super();
    this.#desk = desk;
  }

  connectedCallback() {
    const t = words();
    this.list = el("ol", { class: "queue-list", role: "listbox", "aria-label": t.pages.calls });
    this.nothing = el("p", { class: "queue-nothing" }, t.loading);
    this.place = el("div", { class: "call-frame" });
    this.side = new DeskSide(this.#desk, ["summary", "requests", "history"]);
    this.side.addEventListener("put-away", () => this.removeAttribute("data-panel"));
    this.side.addEventListener("insert", ({ detail }) => show({ title: t.calling.readAloud, content: el("p", {}, detail), wide: true }));
    this.side.addEventListener("open", ({ detail }) => { location.hash = `#/chat/${encodeURIComponent(detail)}`; });
    this.replaceChildren(
      el("nav", { class: "queue-frame", "aria-label": t.pages.calls }, el("div", { class: "calls-list" }, this.list, this.nothing)),
      el("main", { class: "chat-frame", id: "main" }, this.place),
      el("aside", { class: "side-frame", "aria-label": t.details }, this.side),
    );
    document.addEventListener("keydown", (event) => this.#key(event), { signal: this.#stop.signal });
    this.#timer = setInterval(() => document.hidden || this.#load(), FRESH_MS);
    this.#draw();
    this.#load({ first: true });
  }

  disconnectedCallback() {
    this.#stop.abort();
    clearInterval(this.#timer);
    this.#desk.calledIn = null;
    this.#desk.open(null);
  }

  get #open() {
    return this.#calls.find(({ id }) => id === this.#openId) ?? null;
  }

  #path(id, act) {
    return `api/calls/${encodeURIComponent(id)}/${act}`;
  }

  async #load({ first = false } = {}) {
    try {
      const { calls } = await this.#desk.api.get("api/calls");
      if (!this.isConnected) return;
      this.#calls = calls;
      if (first) this.#openId = calls.find(({ mine }) => mine)?.id ?? null;
      setText(this.nothing, words().calling.none);
    } catch (error) {
      if (error.status === undefined) throw error;
      setText(this.nothing, problemText(error));
    }
    this.#render();
  }

  // The list

  #render() {
    arrange(this.list, this.#calls.map((call) => this.#row(call)));
    const ids = new Set(this.#calls.map(({ id }) => id));
    for (const id of this.#rows.keys()) if (!ids.has(id)) this.#rows.delete(id);
    setHidden(this.nothing, this.#calls.length > 0);
    const current = ids.has(this.#openId) ? this.#openId : this.#calls[0]?.id;
    for (const [id, row] of this.#rows) row.tabIndex = id === current ? 0 : -1;
    this.#draw();
  }

  #row(call) {
    const t = words().calling;
    if (!this.#rows.has(call.id)) {
      const made = el("li", { class: "row-brief", role: "option", tabindex: "-1", dataset: { id: call.id }, on: { click: () => this.#choose(call.id) } });
      this.#rows.set(call.id, made);
    }
    const row = this.#rows.get(call.id);
    const holder = call.mine ? t.mine : call.holder && t.hasIt(call.holder);
    const key = JSON.stringify([call.customer_name, call.attempts, call.last_at, call.call_until, holder]);
    if (row.dataset.key !== key) {
      row.dataset.key = key;
      row.replaceChildren(
        el("span", { class: "row-line" }, el("span", { class: "row-who" }, customerName(call)), el("span", { class: "row-time" }, t.until(clockTime(call.call_until)))),
        el("span", { class: "row-text" }, [label("contact", call.kind), t.attempts(call.attempts)].join(" · ")),
        el("span", { class: "row-marks" }, el("span", { class: "mark" }, words().languages[call.language]), holder && el("span", { class: `mark${call.mine ? " high" : ""}` }, holder)),
      );
    }
    row.setAttribute("aria-selected", String(call.id === this.#openId));
    return row;
  }

  #choose(id) {
    this.#openId = id;
    this.#render();
    this.toggleAttribute("data-open", Boolean(id));
    this.place.querySelector("h1")?.focus();
  }

  // The call

  #draw() {
    const call = this.#open;
    const shown = call ? JSON.stringify([call.id, call.mine, call.holder, call.attempts]) : "none";
    if (shown === this.#shown) return; // what is being written stays
    this.#shown = shown;
    const t = words().calling;
    this.#desk.calledIn = call?.mine ? call.conversation_id : null;
    this.#desk.open(this.#desk.calledIn);
    this.side.show();
    if (!call) {
      this.place.replaceChildren(empty(t.chooseOne, el("p", { class: "why" }, t.chooseHint)));
      return;
    }
    const more = [label("contact", call.kind), t.until(fullTime(call.call_until)), t.attempts(call.attempts), call.last_at && t.lastAt(clockTime(call.last_at))];
    this.place.replaceChildren(
      el(
        "article",
        { class: "call" },
        el(
          "header",
          { class: "call-head" },
          button(words().queue, { shape: "back", kind: "icon only-narrow", quiet: true, press: () => this.#choose(null) }),
          el("h1", { tabindex: "-1" }, customerName(call)),
          el("span", { class: "mark" }, words().languages[call.language]),
          el("span", { class: "grow" }),
          call.mine && button(words().details, { shape: "panel", kind: "icon only-drawer", quiet: true, press: () => this.toggleAttribute("data-panel") }),
        ),
        el("p", { class: "why" }, more.filter(Boolean).join(" · ")),
        call.note && el("p", { class: "why" }, call.note),
        ...(call.mine ? this.#mine(call, t) : this.#others(call, t)),
      ),
    );
  }

  #others(call, t) {
    if (call.holder) return [el("p", { class: "hint-box" }, t.hasIt(call.holder))];
    return [el("p", {}, t.beforeTaking), button(t.take, { shape: "call", kind: "primary", key: "C", press: () => this.#take(call.id) })];
  }

  #mine(call, t) {
    const place = el("div", { class: "call-number" });
    const hide = () => place.replaceChildren(button(t.number, { shape: "eye", press: () => this.#number(call.id, place, hide) }), el("small", { class: "why" }, t.numberHint));
    hide();
    const lines = call.script.split("\n").map((line) => el("p", {}, line));
    return [
      place,
      el("section", {}, el("h2", {}, t.script), el("div", { class: "script", lang: call.language }, lines)),
      this.#resultForm(call, t),
    ];
  }

  #resultForm(call, t) {
    const outcomes = OUTCOMES.map((value) => el("label", { class: "check" }, el("input", { type: "radio", name: "outcome", value, required: true }), el("span", {}, t.outcomes[value])));
    const reasons = [{ value: "", label: t.unsaid }, ...labels("cause")].map(({ value, label: text }) => el("option", { value }, text));
    const problem = el("p", { class: "problem", role: "alert", hidden: true });
    const save = el("button", { type: "submit", class: "button primary" }, t.save);
    return el(
      "form",
      { class: "stack", on: { submit: (event) => this.#save(event, call, problem, save) } },
      el("fieldset", {}, el("legend", { class: "field-name" }, t.result), outcomes),
      labelled(t.reason, el("select", { class: "input", name: "reason" }, reasons)),
      labelled(t.note, el("textarea", { class: "input", name: "note", rows: "3", maxlength: "2000" }), t.noteHint),
      el("p", { class: "why" }, t.acts),
      problem,
      el("div", { class: "row-acts" }, button(t.release, { press: () => this.#release(call.id) }), save),
    );
  }

  async #take(id) {
    const t = words().calling;
    try {
      const { call } = await this.#desk.api.post(this.#path(id, "claim"));
      this.#calls = this.#calls.map((one) => (one.id === id ? call : one));
      announce(t.taken);
    } catch (error) {
      if (error.status === undefined) throw error;
      toast(this.#why(error));
      await this.#load();
      return;
    }
    this.#render();
    this.place.querySelector(".call-number button")?.focus();
  }

  #why(error) {
    const t = words().calling;
    const { rule, until } = error.more ?? {};
    if (error.type === "call-later" && rule) return t.again(label("callRule", rule), clockTime(until));
    if (error.type === "call-over" && rule) return t.over(label("callRule", rule));
    return problemText(error);
  }

  async #number(id, place, hide) {
    const t = words().calling;
    try {
      const { number } = await this.#desk.api.post(this.#path(id, "number"));
      place.replaceChildren(el("a", { href: `tel:${number}`, "aria-label": t.call(number) }, number));
      place.firstElementChild.focus();
      setTimeout(() => place.isConnected && hide(), PUT_AWAY_MS);
    } catch (error) {
      if (error.status === undefined) throw error;
      toast(problemText(error));
    }
  }

  async #release(id) {
    try {
      await this.#over(id, "release", {}, words().calling.released);
    } catch (error) {
      if (error.status === undefined) throw error;
      toast(problemText(error));
      await this.#load();
    }
  }

  async #save(event, call, problem, save) {
    event.preventDefault();
    const { outcome, reason, note } = Object.fromEntries(new FormData(event.target));
    save.disabled = true;
    try {
      await this.#over(call.id, "result", { attempt: call.attempts, outcome, note, ...(reason && { reason }) }, words().calling.saved);
    } catch (error) {
      if (error.status === undefined) throw error;
      problem.textContent = problemText(error); // what was written stays, to be saved again
      problem.hidden = false;
    } finally {
      save.disabled = false;
    }
  }

  /** The agent has the call no longer. */
  async #over(id, act, body, said) {
    await this.#desk.api.post(this.#path(id, act), body);
    toast(said, "good");
    this.#openId = null;
    this.toggleAttribute("data-open", false);
    this.removeAttribute("data-panel");
    await this.#load();
    this.#focusList();
  }

  #focusList() {
    this.list.querySelector('[tabindex="0"]')?.focus();
  }

  #key(event) {
    if (event.isComposing || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && (this.place.contains(event.target) || this.hasAttribute("data-panel"))) {
      this.removeAttribute("data-panel");
      this.#focusList();
    } else if (isTyping(event.target)) return;
    else if (event.key === "j" || event.key === "k" || this.#isArrow(event)) this.#move(["j", "ArrowDown"].includes(event.key) ? 1 : -1);
    else if (event.key === "Enter" && this.list.contains(event.target)) this.#choose(event.target.dataset.id);
    else if (event.key.toLowerCase() === "c") this.#takeByKey(event.target);
    else return;
    event.preventDefault();
  }

  #isArrow(event) {
    return ["ArrowDown", "ArrowUp"].includes(event.key) && this.list.contains(event.target);
  }

  #takeByKey(target) {
    const id = this.list.contains(target) ? target.dataset.id : this.#openId;
    const call = this.#calls.find((one) => one.id === id);
    if (!call || call.holder) return;
    this.#choose(id);
    this.#take(id);
  }

  #move(step) {
    const rows = [...this.list.children];
    if (rows.length === 0) return;
    const at = rows.indexOf(document.activeElement);
    const next = rows[at < 0 ? Math.max(rows.findIndex((row) => row.tabIndex === 0), 0) : Math.min(rows.length - 1, Math.max(0, at + step))];
    for (const row of rows) row.tabIndex = row === next ? 0 : -1;
    next.focus();
  }
}

customElements.define("desk-calls", DeskCalls);
