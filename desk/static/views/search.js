// Search over all conversations, and their export.

import { fullTime } from "../lib/format.js";
import { button, el, labelled } from "../lib/ui.js";
import { customerName, label, problemText, words } from "../strings.js";
import { OUTCOMES } from "./acts.js";
import { table } from "./table.js";

export class DeskSearch extends HTMLElement {
  #desk;
  #found = [];
  #cursor = null;
  #asked = {};

  constructor(desk) {
    super();
    this.#desk = desk;
  }

  connectedCallback() {
    const t = words();
    const input = (name, more = {}) => el("input", { class: "input", name, ...more });
    this.agents = el("select", { class: "input", name: "agent" }, el("option", { value: "" }, t.any));
    const outcomes = [el("option", { value: "" }, t.any), ...OUTCOMES.map((value) => el("option", { value }, label("outcome", value)))];
    this.form = el(
      "form",
      { class: "filters", role: "search", on: { submit: (event) => this.#submit(event) } },
      labelled(t.text, input("q", { type: "search", placeholder: t.searchHint })),
      labelled(t.customerId, input("customer", { autocomplete: "off" })),
      labelled(t.from, input("from", { type: "date" })),
      labelled(t.until, input("to", { type: "date" })),
      labelled(t.outcome, el("select", { class: "input", name: "outcome" }, outcomes)),
      this.#desk.isSupervisor && labelled(t.agent, this.agents),
      el("button", { type: "submit", class: "button primary" }, t.search),
      this.#desk.isSupervisor && button(t.export, { press: () => this.#export() }),
    );
    this.problem = el("p", { class: "problem", role: "alert", hidden: true });
    this.results = el("div", { "aria-live": "polite" });
    this.more = button(t.more, { hidden: true, press: () => this.#load() });
    this.replaceChildren(el("main", { class: "page", id: "main" }, el("h1", {}, t.pages.search), this.form, this.problem, this.results, this.more));
    this.form.elements.q.focus();
    if (this.#desk.isSupervisor) this.#loadAgents();
  }

  async #loadAgents() {
    try {
      const { agents } = await this.#desk.api.get("api/agents");
      this.agents.append(...agents.map((agent) => el("option", { value: String(agent.id) }, agent.display_name)));
    } catch (error) {
      if (error.status === undefined) throw error;
      this.#tell(error);
    }
  }

  #tell(problem) {
    this.problem.textContent = problemText(problem);
    this.problem.hidden = false;
  }

  #values() {
    return Object.fromEntries([...new FormData(this.form)].map(([name, value]) => [name, String(value).trim()]).filter(([, value]) => value));
  }

  #submit(event) {
    event.preventDefault();
    this.#asked = this.#values();
    this.#found = [];
    this.#cursor = null;
    this.#load();
  }

  async #load() {
    const found = this.#found;
    this.problem.hidden = true;
    try {
      const got = await this.#desk.api.get("api/search", { ...this.#asked, cursor: this.#cursor });
      if (found !== this.#found) return; // something else was asked for meanwhile
      found.push(...got.results);
      this.#cursor = got.cursor;
      this.#render();
    } catch (error) {
      if (error.status === undefined) throw error;
      this.#tell(error);
    }
  }

  #render() {
    const t = words();
    this.more.hidden = !this.#cursor;
    this.results.replaceChildren(
      table({
        caption: t.pages.search,
        rows: this.#found,
        press: ({ brief: { id } }) => { location.hash = `#/chat/${encodeURIComponent(id)}`; },
        columns: [
          { label: t.customer, of: ({ brief }) => customerName(brief) },
          { label: t.lastAt, of: ({ brief, match }) => fullTime(match?.at ?? brief.last_at) },
          { label: t.state, of: ({ brief }) => t.states[brief.state] },
          { label: t.outcome, of: ({ brief }) => (brief.outcome ? label("outcome", brief.outcome) : "") },
          { label: t.agent, of: ({ brief }) => brief.agent?.name ?? brief.closed_by ?? "" },
          { label: t.reason, of: ({ brief }) => (brief.reason ? label("reason", brief.reason) : "") },
          { label: t.text, of: ({ brief, match }) => match?.text ?? brief.last_text, wide: true },
        ],
      }),
    );
  }

  #export() {
    const address = new URL("api/export", document.baseURI);
    address.search = new URLSearchParams(this.#values());
    el("a", { href: address.href, download: "conversations.csv" }).click();
  }
}

customElements.define("desk-search", DeskSearch);
