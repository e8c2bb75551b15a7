// The agent's working place: queue, conversation, and what belongs to it; with everything in reach of the keyboard.

import { el, toast } from "../lib/ui.js";
import { words } from "../strings.js";
import { Acts } from "./acts.js";
import { DeskChat } from "./chat.js";
import { DeskQueue } from "./queue.js";
import { DeskSide } from "./side.js";

const ACT_KEYS = { c: "claim", t: "transfer", b: "hand_back", e: "close" };

export class DeskWorkspace extends HTMLElement {
  #desk;
  #stop = new AbortController();

  constructor(desk) {
    super();
    this.#desk = desk;
    this.acts = new Acts(desk);
  }

  connectedCallback() {
    const t = words();
    this.queue = new DeskQueue(this.#desk);
    this.chat = new DeskChat(this.#desk, this.acts);
    this.side = new DeskSide(this.#desk);
    this.queue.addEventListener("choose", ({ detail }) => this.goTo(detail));
    this.chat.addEventListener("panel", () => this.#togglePanel());
    this.chat.addEventListener("back", () => this.goTo(null));
    this.side.addEventListener("put-away", () => this.#putAway());
    this.side.addEventListener("insert", ({ detail }) => this.#insert(detail));
    this.side.addEventListener("open", ({ detail }) => this.goTo(detail));
    this.replaceChildren(
      el("nav", { class: "queue-frame", "aria-label": t.queue }, this.queue),
      el("main", { class: "chat-frame", id: "main" }, this.chat),
      el("aside", { class: "side-frame", "aria-label": t.details }, this.side),
    );
    document.addEventListener("keydown", (event) => this.#key(event), { signal: this.#stop.signal });
    this.show(this.#desk.openId);
  }

  disconnectedCallback() {
    this.#stop.abort();
    this.#desk.open(null);
  }

  /** Show a conversation by its address, which the browser keeps. */
  goTo(id) {
    location.hash = id ? `#/chat/${encodeURIComponent(id)}` : "#/chats";
  }

  /** What the address asks for. */
  show(id) {
    this.#desk.open(id);
    this.toggleAttribute("data-open", Boolean(id));
    this.removeAttribute("data-panel");
    this.queue.opened();
    this.chat.show();
    this.side.show();
    if (id) this.chat.focus();
    else this.queue.focusList();
  }

  #togglePanel() {
    this.toggleAttribute("data-panel");
    if (this.hasAttribute("data-panel")) this.side.querySelector("[role=tab][aria-selected=true]")?.focus();
  }

  #putAway() {
    this.removeAttribute("data-panel");
    this.chat.focus();
  }

  #insert(text) {
    const { composer } = this.chat;
    if (!this.#desk.isMine(this.#desk.chat(this.#desk.openId).brief ?? {})) {
      toast(words().claimFirst);
      return;
    }
    composer.setMode("reply");
    composer.insert(text);
    this.removeAttribute("data-panel");
  }

  #key(event) {
    if (event.isComposing || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.altKey && !event.ctrlKey && !event.metaKey) this.#altKey(event);
    else if (event.key === "Escape") this.#escape(event);
    else if (!event.ctrlKey && !event.metaKey && !isTyping(event.target)) this.#plainKey(event);
  }

  /** These work while the agent is writing, too. */
  #altKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const number = /^Digit([1-4])$/.exec(event.code);
    if (step) this.queue.move(step, { open: true });
    else if (number) this.side.choose(Number(number[1]) - 1);
    else if (event.code === "KeyN") this.chat.composer.setMode(this.chat.composer.mode === "note" ? "reply" : "note");
    else if (event.code === "KeyU") this.#nextUnread();
    else return;
    event.preventDefault();
  }

  #plainKey(event) {
    const id = this.queue.active;
    const act = ACT_KEYS[event.key.toLowerCase()];
    if (act && id) {
      if (id !== this.#desk.openId) this.goTo(id);
      this.acts.do(act, id);
    } else if (event.key === "j" || event.key === "ArrowDown") this.#inQueue(event) && this.queue.move(1);
    else if (event.key === "k" || event.key === "ArrowUp") this.#inQueue(event) && this.queue.move(-1);
    else if (event.key === "[") this.queue.turn(-1);
    else if (event.key === "]") this.queue.turn(1);
    else if (event.key === "r" && this.#desk.openId) this.chat.composer.setMode("reply");
    else if (event.key === "n" && this.#desk.openId) this.chat.composer.setMode("note");
    else if (event.key === "/" && this.#desk.openId) this.chat.composer.openCanned();
    else return;
    if (!this.#arrowElsewhere(event)) event.preventDefault();
  }

  /** Arrows belong to what has the focus, letters to the queue. */
  #inQueue(event) {
    return !this.#arrowElsewhere(event);
  }

  #arrowElsewhere(event) {
    return event.key.startsWith("Arrow") && !this.queue.contains(event.target) && event.target !== document.body;
  }

  #escape(event) {
    if (this.hasAttribute("data-panel")) this.#putAway();
    else if (this.chat.contains(event.target)) this.queue.focusList();
    else return;
    event.preventDefault();
  }

  #nextUnread() {
    const { mine, waiting } = this.#desk.tabs();
    const next = mine.find((brief) => brief.unread > 0 && brief.id !== this.#desk.openId) ?? waiting[0];
    if (next) this.goTo(next.id);
  }
}

/** Whether keys are letters for a field. */
export function isTyping(target) {
  return target instanceof Element && target.matches("input, textarea, select, [contenteditable]");
}

customElements.define("desk-workspace", DeskWorkspace);
