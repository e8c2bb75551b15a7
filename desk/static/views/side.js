// Beside the conversation: what is known of it, what can be done at the bank, what happened, and canned replies.

import { button, el } from "../lib/ui.js";
import { words } from "../strings.js";
import { CannedPart } from "./canned.js";
import { HistoryPart } from "./history.js";
import { RequestsPart } from "./requests.js";
import { SummaryPart } from "./summary.js";

const PARTS = { summary: SummaryPart, requests: RequestsPart, history: HistoryPart, canned: CannedPart };

/** Fires `insert` with a text for the reply, `open` with the id of another conversation, and `put-away`. */
export class DeskSide extends HTMLElement {
  #desk;
  #names;
  #id = null;
  #part = "summary";
  #made = new Map();
  #stop = new AbortController();

  /** `names`: the parts that there are. */
  constructor(desk, names = Object.keys(PARTS)) {
    super();
    this.#desk = desk;
    this.#names = names;
  }

  connectedCallback() {
    const t = words();
    this.tabs = new Map(
      this.#names.map((name, index) => [
        name,
        el(
          "button",
          { type: "button", role: "tab", id: `side-${name}`, "aria-controls": "side-part", title: `${t.parts[name]} (Alt+${index + 1})`, on: { click: () => this.choose(name) } },
          t.parts[name],
        ),
      ]),
    );
    this.place = el("div", { class: "side-part", id: "side-part", role: "tabpanel", tabindex: "0" });
    this.replaceChildren(
      el(
        "div",
        { class: "tabs" },
        el("div", { class: "tab-row", role: "tablist", "aria-label": t.details, on: { keydown: (event) => this.#key(event) } }, [...this.tabs.values()]),
        button(t.close, { shape: "close", kind: "icon only-drawer", quiet: true, press: () => this.dispatchEvent(new Event("put-away")) }),
      ),
      this.place,
    );
    const { signal } = this.#stop;
    this.#desk.addEventListener("chat", ({ detail }) => detail.id === this.#id && this.#changed(detail.what), { signal });
    this.show();
  }

  disconnectedCallback() {
    this.#stop.abort();
  }

  /** Show what belongs to the conversation that is open. */
  show() {
    this.#id = this.#desk.openId;
    this.#made.clear();
    this.place.replaceChildren();
    if (this.#id) this.#render();
    else this.#mark();
  }

  /** Show the part of this name, or of this number; `wanted`: what it is to begin with. */
  choose(name, wanted) {
    this.#part = typeof name === "number" ? (this.#names[name] ?? this.#part) : name;
    if (!this.#id) {
      this.#mark();
      return;
    }
    this.#render();
    if (wanted) this.#made.get(this.#part).begin(wanted);
  }

  #mark() {
    for (const [name, node] of this.tabs) {
      node.setAttribute("aria-selected", String(name === this.#part));
      node.tabIndex = name === this.#part ? 0 : -1;
    }
    this.place.setAttribute("aria-labelledby", `side-${this.#part}`);
  }

  #render() {
    this.#mark();
    if (!this.#made.has(this.#part)) {
      const fire = (name) => (detail) => this.dispatchEvent(new CustomEvent(name, { detail }));
      this.#made.set(this.#part, new PARTS[this.#part](this.#desk, this.#id, { insert: fire("insert"), open: fire("open"), choose: (name, ...more) => this.choose(name, ...more) }));
    }
    const part = this.#made.get(this.#part);
    if (this.place.firstElementChild !== part.node) this.place.replaceChildren(part.node);
  }

  #changed(what) {
    for (const part of this.#made.values()) part.changed?.(what);
  }

  #key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.choose((NAMES.indexOf(this.#part) + step + NAMES.length) % NAMES.length);
    this.tabs.get(this.#part).focus();
  }
}

customElements.define("desk-side", DeskSide);
