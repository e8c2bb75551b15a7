// Canned replies, by group, with this customer's figures filled in by the desk.

import { el, empty, languageOfText } from "../lib/ui.js";
import { problemText, words } from "../strings.js";

/** `[{id, group, title, text}]` in the customer's language, with this customer's figures. */
export async function cannedReplies(desk, id, language) {
  const { items } = await desk.api.get(desk.api.conversation(id, "canned"), { language });
  return items;
}

export class CannedPart {
  #desk;
  #id;
  #insert;
  #replies = null;

  constructor(desk, id, { insert }) {
    this.#desk = desk;
    this.#id = id;
    this.#insert = insert;
    const t = words();
    this.filter = el("input", { type: "search", class: "input", placeholder: t.findCanned, "aria-label": t.findCanned, on: { input: () => this.#render() } });
    this.list = el("div", { class: "canned-list" }, empty(t.loading));
    this.node = el("div", {}, this.filter, this.list);
    this.#load();
  }

  async #load() {
    const language = this.#desk.chat(this.#id).brief?.language ?? this.#desk.briefs.get(this.#id)?.language;
    try {
      this.#replies = await cannedReplies(this.#desk, this.#id, language);
      this.#render();
    } catch (error) {
      if (error.status === undefined) throw error;
      this.list.replaceChildren(empty(problemText(error)));
    }
  }

  #render() {
    const term = this.filter.value.trim().toLowerCase();
    const found = (this.#replies ?? []).filter(({ title, group, text }) => `${title}\n${group}\n${text}`.toLowerCase().includes(term));
    const groups = Map.groupBy(found, ({ group }) => group);
    const parts = [...groups].map(([group, replies]) => el("section", {}, el("h3", {}, group), el("ul", {}, replies.map((one) => this.#reply(one)))));
    this.list.replaceChildren(...(parts.length ? parts : [empty(words().nothingFound)]));
  }

  #reply({ title, text }) {
    return el(
      "li",
      {},
      el(
        "button",
        { type: "button", class: "canned", lang: languageOfText(text), on: { click: () => this.#insert(text) } },
        el("span", { class: "canned-title" }, title),
        el("span", { class: "canned-text" }, text),
      ),
    );
  }
}
