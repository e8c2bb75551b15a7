// Tags, what happened to the conversation, and earlier ones.

import { clockTime, fullTime } from "../lib/format.js";
import { button, el, empty, toast } from "../lib/ui.js";
import { label, problemText, words } from "../strings.js";

const MOST_TAGS = 12;

export class HistoryPart {
  #desk;
  #id;
  #open;

  constructor(desk, id, { open }) {
    this.#desk = desk;
    this.#id = id;
    this.#open = open;
    const t = words();
    this.tags = el("ul", { class: "tags" });
    this.input = el("input", { class: "input", maxlength: "32", placeholder: t.addTag, "aria-label": t.addTag });
    this.moves = el("ol", { class: "moves" });
    this.earlier = el("div", {});
    this.node = el(
      "div",
      {},
      el("section", {}, el("h3", {}, t.tags), this.tags, el("form", { class: "tag-form", on: { submit: (event) => this.#add(event) } }, this.input, button(t.add, { type: "submit" }))),
      el("section", {}, el("h3", {}, t.moves), this.moves),
      el("section", {}, el("h3", {}, t.earlier), this.earlier),
    );
    this.#render();
  }

  get #chat() {
    return this.#desk.chat(this.#id);
  }

  changed(what) {
    if (what === "all" || what === "brief") this.#render();
  }

  #render() {
    const t = words();
    const { tags, transitions, earlier } = this.#chat;
    this.tags.replaceChildren(
      ...tags.map((tag) => el("li", { class: "mark tag" }, tag, button(t.removeTag(tag), { shape: "close", kind: "tiny", quiet: true, press: () => this.#save(tags.filter((one) => one !== tag)) }))),
    );
    this.moves.replaceChildren(
      ...[...transitions].reverse().map(({ move, who, to_agent: to, why, at }) =>
        el(
          "li",
          {},
          el("time", { title: fullTime(at) }, clockTime(at)),
          el("p", {}, el("strong", {}, who === "customer" ? t.customer : who === "desk" ? t.desk : who), ` ${label("move", move)}`, to && to !== who && ` → ${to}`),
          why && el("p", { class: "why" }, label("trigger", why)),
        ),
      ),
    );
    const before = earlier.map((one) =>
      el(
        "li",
        {},
        el(
          "button",
          { type: "button", class: "earlier", on: { click: () => this.#open(one.conversation_id) } },
          el("span", {}, fullTime(one.closed_at)),
          el("span", { class: "why" }, [one.outcome && label("outcome", one.outcome), label("reason", one.reason), one.agent?.name, one.stars && "★".repeat(one.stars), one.closing_reason, one.comment].filter(Boolean).join(" · ")),
        ),
      ),
    );
    this.earlier.replaceChildren(before.length ? el("ul", { class: "plain" }, before) : empty(t.noEarlier));
  }

  #add(event) {
    event.preventDefault();
    const tag = this.input.value.trim();
    const { tags } = this.#chat;
    if (!tag || tags.includes(tag) || tags.length >= MOST_TAGS) return;
    this.input.value = "";
    this.#save([...tags, tag]);
  }

  async #save(tags) {
    try {
      await this.#desk.act(this.#id, "tags", { tags });
    } catch (error) {
      if (error.status === undefined) throw error;
      toast(problemText(error));
    }
  }
}
