// What was done at the desk, by whom, when and why.

import { fullTime } from "../lib/format.js";
import { button, el, labelled } from "../lib/ui.js";
import { label, labels, problemText, words } from "../strings.js";
import { table } from "./table.js";

const OF_CONVERSATIONS = new Set(["take-over", "unmask", "export-conversation", "code-sent", "request-filed", "request-withdrawn", "request-decided", "hardship-declared", "auto-debit-set", "promise-made", "contact-logged"]);

/** What an entry is about: a conversation by its link, a status by its word, an account by its name. */
function about({ act, what }) {
  if (OF_CONVERSATIONS.has(act)) return el("a", { class: "link", href: `#/chat/${encodeURIComponent(what)}` }, what);
  return act === "status" ? words().statuses[what] : what;
}

export class DeskAudit extends HTMLElement {
  #desk;
  #items = [];
  #cursor = null;

  constructor(desk) {
    super();
    this.#desk = desk;
  }

  connectedCallback() {
    const t = words();
    this.list = el("div", {});
    const acts = [{ value: "", label: t.any }, ...labels("act")].map(({ value, label: text }) => el("option", { value }, text));
    this.act = el("select", { class: "input", on: { change: () => this.#again() } }, acts);
    this.more = button(t.more, { hidden: true, press: () => this.#load() });
    this.replaceChildren(el("main", { class: "page", id: "main" }, el("div", { class: "page-head" }, el("h1", {}, t.pages.audit), el("div", { class: "page-filter" }, labelled(t.what, this.act))), this.list, this.more));
    this.#load();
  }

  #again() {
    this.#items = [];
    this.#cursor = null;
    this.#load();
  }

  async #load() {
    const t = words();
    const items = this.#items;
    let got;
    try {
      got = await this.#desk.api.get("api/audit", { act: this.act.value, before: this.#cursor });
    } catch (error) {
      if (error.status === undefined) throw error;
      this.list.replaceChildren(el("p", { class: "problem", role: "alert" }, problemText(error)));
      return;
    }
    if (items !== this.#items) return; // something else was asked for meanwhile
    items.push(...got.entries);
    this.#cursor = got.next;
    this.more.hidden = !this.#cursor;
    this.list.replaceChildren(
      table({
        caption: t.pages.audit,
        rows: this.#items,
        columns: [
          { label: t.when, of: (one) => fullTime(one.at) },
          { label: t.who, of: (one) => one.who },
          { label: t.what, of: (one) => label("act", one.act) },
          { label: t.about, of: about, wide: true },
          { label: t.why, of: (one) => one.why, wide: true },
        ],
      }),
    );
  }
}

customElements.define("desk-audit", DeskAudit);
