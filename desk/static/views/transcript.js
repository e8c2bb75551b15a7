// The messages of a conversation. A node stays as long as its message does, and only what changes in it is touched, so
// that screen readers announce nothing but what is new and the eye finds everything where it was.

import { at, isOwn } from "../lib/chat.js";
import { clockTime, day, fullTime, sameDay } from "../lib/format.js";
import { arrange, button, el, icon, languageOfText } from "../lib/ui.js";
import { locale, words } from "../strings.js";
import { shownCard } from "./card.js";

const NEAR_END_PIXELS = 80;
const GROUP_MS = 5 * 60_000;

/** `actions`: `{again(key), takeBack(key), older()}`. */
export class Transcript {
  #actions;
  #shown = new Map(); // key → {content, node}
  #staysAtEnd = true;
  #chat = null;

  constructor(actions) {
    const t = words();
    this.#actions = actions;
    this.older = button(t.older, { kind: "text", press: () => actions.older() });
    this.list = el("ol", { class: "messages", role: "log", "aria-live": "polite", "aria-relevant": "additions", "aria-label": t.transcript });
    this.scroller = el("div", { class: "transcript", tabindex: "0", on: { scroll: () => this.#scrolled() } }, this.older, this.list);
    this.toEndButton = button(t.newMessages, { shape: "down", kind: "to-end", quiet: true, hidden: true, press: () => this.toEnd() });
    this.node = el("div", { class: "transcript-frame" }, this.scroller, this.toEndButton);
    new ResizeObserver(() => this.#staysAtEnd && this.toEnd()).observe(this.scroller);
  }

  /** Show the messages of this chat and no others. */
  render(chat, { agentId }) {
    const changed = chat !== this.#chat;
    if (changed) {
      this.#chat = chat;
      this.#shown.clear();
      this.#staysAtEnd = true;
      this.list.replaceChildren();
    }
    const before = this.scroller.scrollHeight - this.scroller.scrollTop;
    const oldest = this.list.firstElementChild;
    this.older.hidden = !chat.hasOlder;
    const wanted = new Map();
    chat.messages.forEach((message, index) => this.#want(wanted, message, chat.messages[index - 1], agentId));
    // A history that is shown for the first time is not news.
    if (changed || this.#shown.size === 0) this.list.setAttribute("aria-live", "off");
    const added = wanted.size > this.#shown.size;
    this.#shown = wanted;
    arrange(this.list, [...wanted.values()].map(({ node }) => node));
    requestAnimationFrame(() => this.list.setAttribute("aria-live", "polite"));
    if (this.#staysAtEnd) this.toEnd();
    else if (oldest && this.list.firstElementChild !== oldest) this.scroller.scrollTop = this.scroller.scrollHeight - before;
    else if (added) this.toEndButton.hidden = false;
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.toEndButton.hidden = true;
    this.#staysAtEnd = true;
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.#staysAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PIXELS;
    if (this.#staysAtEnd) this.toEndButton.hidden = true;
  }

  #want(wanted, message, before, agentId) {
    const when = at(message);
    if (!before || !sameDay(at(before), when)) {
      this.#keep(wanted, `day-${message.key}`, day(when), () => el("li", { class: "day" }, el("span", {}, day(when))));
    }
    const grouped = before && before.sender === message.sender && before.agent?.id === message.agent?.id && when - at(before) < GROUP_MS;
    const content = JSON.stringify([message, grouped, agentId, locale(), message.problem?.type]);
    this.#keep(wanted, message.key, content, () => this.#message(message, { grouped, mine: message.agent?.id === agentId }));
  }

  #keep(wanted, key, content, make) {
    const known = this.#shown.get(key);
    if (known?.content === content) {
      wanted.set(key, known);
      return;
    }
    const node = make();
    // In its place, so that nothing else moves.
    if (known?.node.isConnected) known.node.replaceWith(node);
    wanted.set(key, { content, node });
  }

  #message(message, { grouped, mine }) {
    const t = words();
    if (message.sender === "system") {
      return el("li", { class: "message system" }, el("span", {}, message.text), el("time", { title: fullTime(message.at) }, clockTime(message.at)));
    }
    const label = senderName(message, t, mine);
    return el(
      "li",
      { class: `message ${message.sender}${grouped ? " grouped" : ""}${isOwn(message) ? " own" : ""}`, dataset: { key: message.key } },
      el(
        "p",
        { class: grouped ? "sr-only" : "message-head" },
        PRIVATE[message.sender] && icon(PRIVATE[message.sender]),
        el("span", {}, label),
        el("time", { title: fullTime(message.at) }, clockTime(message.at)),
      ),
      message.text && el("p", { class: "bubble", lang: languageOfText(message.text) }, message.text),
      message.card && shownCard(message.card),
      message.link && el("p", { class: "chips" }, this.#link(message)),
      message.buttons?.length > 0 && el("p", { class: "chips" }, message.buttons.map(({ title }) => el("span", { class: "chip" }, title))),
      this.#delivery(message, t),
    );
  }

  /** A file that an agent sent can be opened again; what the assistant linked to is the customer's own. */
  #link({ sender, link }) {
    const content = [link.file ? icon("file") : icon("out"), link.file ?? link.title ?? ""];
    if (sender !== "agent" || !link.file) return el("span", { class: "chip" }, content);
    return el("a", { class: "chip", href: this.#actions.file(link.url.split("/").at(-1)), download: link.file }, content);
  }

  #delivery(message, t) {
    if (message.sender !== "agent" || !message.delivery) return null;
    if (message.delivery === "unsent") {
      return el(
        "p",
        { class: "delivery failed" },
        icon("warning"),
        el("span", {}, t.problems[message.problem?.type] ?? message.problem?.detail ?? t.notSent),
        button(t.sendAgain, { kind: "text", press: () => this.#actions.again(message.key) }),
        button(t.takeBack, { kind: "text", press: () => this.#actions.takeBack(message.key) }),
      );
    }
    const failed = message.delivery === "failed" || message.delivery === "refused";
    const shape = failed ? "warning" : message.delivery === "sent" ? "checks" : "clock";
    return el(
      "p",
      { class: `delivery ${message.delivery}${failed ? " failed" : ""}`, title: t.delivery[message.delivery] },
      icon(shape),
      el("span", { class: message.delivery === "sent" ? "sr-only" : null }, t.delivery[message.delivery] ?? message.delivery),
    );
  }
}

const PRIVATE = { note: "lock", whisper: "eye", bot: "robot" };

function senderName(message, t, mine) {
  if (message.sender === "user") return t.customer;
  if (message.sender === "bot") return t.assistant;
  const name = mine ? t.you : (message.agent?.name ?? t.agent);
  if (message.sender === "note") return t.noteOf(name);
  if (message.sender === "whisper") return t.whisperOf(name);
  return name;
}
