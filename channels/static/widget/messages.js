// The list of messages. A node stays as long as its message does and only what changes in it is touched, so that screen
// readers announce nothing but what is new, and what was opened stays open when the history is sent again.

import { card } from "./card.js";
import { el, icon, languageOfText, safeUrl } from "./dom.js";
import { RatingPlace } from "./rating.js";
import { readingTime } from "./reading.js";
import { dayAndTime } from "./time.js";
import { UploadPlace } from "./upload.js";

const GAP_SECONDS = 15 * 60; // a pause after which the time is shown again
const WAKES = "/back_to_bot"; // what the button sends that wakes a silent assistant

/**
 * Renders messages into an element.
 * `actions`: `{reply(payload, title), resend(id), signIn(), download(id, file), downloadFromAgent(url, file), now(),
 * rate(id, stars, comment), starsOf(id)}`, `now` being the server's time in seconds, and those of `UploadPlace`.
 */
export class MessageList {
  #root;
  #actions;
  #shown = new Map(); // key → {content, node, update}

  constructor(root, actions) {
    this.#root = root;
    this.#actions = actions;
  }

  /**
   * Show these messages and no others; returns the nodes that are new. While the assistant is `silent` its buttons do
   * nothing, but for the one that wakes it.
   */
  render(messages, { words, language, limit, commentLimit, silent }) {
    const lastFromCustomer = messages.map((message) => message.sender).lastIndexOf("user");
    const wanted = new Map();
    messages.forEach((message, index) => {
      const before = messages[index - 1];
      if (!before || message.timestamp - before.timestamp > GAP_SECONDS) {
        const label = dayAndTime(message.timestamp, words, language);
        this.#want(wanted, `time-${message.id}`, label, () => ({ node: el("li", { class: "time" }, el("span", {}, label)) }));
      }
      const { status, problem, attempt, payload, ...content } = message;
      const entry = this.#want(wanted, message.id, JSON.stringify([content, language]), () =>
        message.sender === "user"
          ? this.#fromCustomer(message, words, limit)
          : this.#fromOthers(message, words, commentLimit),
      );
      const open = index > lastFromCustomer;
      entry.update?.({ status, problem, open, silent, chosen: open ? null : answerTo(messages, index) });
    });
    return this.#show(wanted);
  }

  #want(wanted, key, content, make) {
    const known = this.#shown.get(key);
    const entry = known?.content === content ? known : { content, ...make() };
    wanted.set(key, entry);
    return entry;
  }

  /** Let the customer choose a file, if the latest message asks for files; whether it does. */
  pickFile() {
    const place = [...this.#shown.values()].map((entry) => entry.upload).find((upload) => upload?.open);
    place?.pick();
    return Boolean(place);
  }

  #show(wanted) {
    for (const [key, { node }] of this.#shown) {
      if (wanted.get(key)?.node !== node) node.remove();
    }
    const fresh = [];
    let previous = null;
    for (const { node } of wanted.values()) {
      if (!node.isConnected) {
        if (previous) previous.after(node);
        else this.#root.prepend(node);
        fresh.push(node);
      }
      previous = node;
    }
    this.#shown = wanted;
    return fresh;
  }

  #fromCustomer(message, words, limit) {
    const again = el(
      "button",
      { type: "button", class: "text-button", on: { click: () => this.#actions.resend(message.id) } },
      words.resend,
    );
    const note = el("p", { class: "status", hidden: true });
    const node = el(
      "li",
      { class: "message user", dataset: { id: message.id } },
      el("span", { class: "sr-only" }, `${words.you}: `),
      el("p", { class: "bubble", lang: languageOfText(message.text) }, message.text),
      note,
    );
    let shown;
    const update = ({ status, problem }) => {
      if (shown === `${status} ${problem}`) return;
      shown = `${status} ${problem}`;
      node.classList.toggle("failed", status === "failed");
      node.classList.toggle("sending", status === "sending");
      note.hidden = status !== "sending" && status !== "failed";
      note.replaceChildren();
      if (status === "sending") note.append(words.sending);
      if (status === "failed") note.append(words.problems[problem]?.(limit) || words.failed, " ", again);
    };
    return { node, update };
  }

  /** From the assistant, or from the person whose name stands above. */
  #fromOthers(message, words, limit) {
    const { id, agent } = message;
    const ofAssistant = message.rating === "assistant";
    const rating = message.rating && new RatingPlace({
      words,
      question: ofAssistant ? words.howWasAssistant : words.howWasIt,
      asked: ofAssistant,
      limit,
      given: this.#actions.starsOf(id),
      rate: (stars, comment) => this.#actions.rate(id, stars, comment),
    });
    const image = message.attachment?.type === "image" && safeUrl(message.attachment.payload?.src);
    const upload = message.upload && new UploadPlace(message.upload, this.#actions, words);
    const replies = message.quick_replies && this.#replies(message, words);
    const node = el(
      "li",
      { class: agent ? "message bot agent" : "message bot", dataset: { id }, lang: languageOfText(JSON.stringify(message)) },
      agent
        ? el("p", { class: "who" }, icon("person"), el("span", {}, agent.name), el("span", { class: "sr-only" }, ": "))
        : el("span", { class: "sr-only" }, `${words.assistant}: `),
      message.text && el("p", { class: "bubble" }, message.text),
      image && el("img", { class: "picture", src: image, alt: "" }),
      message.card && card(message.card, words),
      message.link && this.#link(message.link, words),
      upload?.node,
      rating?.node,
      replies?.node,
    );
    const update = (state) => {
      upload?.update(state);
      replies?.update(state);
    };
    return { node, update, upload };
  }

  #link(link, words) {
    if (link.action === "sign_in") {
      return el("button", { type: "button", class: "button primary", on: { click: () => this.#actions.signIn() } }, link.title);
    }
    if (link.action === "download") return this.#download(link, words);
    const href = safeUrl(link.url);
    return (
      href &&
      el(
        "a",
        { class: "button", href, target: "_blank", rel: "noopener noreferrer" },
        link.title,
        icon("out"),
        el("span", { class: "sr-only" }, `(${words.newWindow})`),
      )
    );
  }

  /** A file that only the signed-in customer gets; what went wrong is said beside the button. */
  #download({ title, document: id, file, url }, words) {
    const note = el("p", { class: "note", role: "status" });
    const button = el("button", { type: "button", class: "button" }, title);
    button.addEventListener("click", async () => {
      button.disabled = true;
      note.textContent = words.downloading;
      const problem = await (url ? this.#actions.downloadFromAgent(url, file) : this.#actions.download(id, file));
      note.textContent = problem ? words.downloadProblems[problem] : words.downloaded;
      button.disabled = false;
    });
    return el("div", {}, button, note);
  }

  #replies({ quick_replies: replies, timestamp }, words) {
    const age = Math.max(0, this.#actions.now() - timestamp);
    const buttons = replies.map(({ title, payload, after = 0 }) => {
      const mark = el("span", { class: "mark", hidden: true }, icon("check"), el("span", { class: "sr-only" }, words.chosen));
      const button = el(
        "button",
        { type: "button", class: "reply", on: { click: () => this.#actions.reply(payload, title) } },
        mark,
        title,
      );
      const reading = after > age ? readingTime(button, after - age, words) : null;
      return { title, payload, button, mark, reading };
    });
    const items = buttons.map(({ button, reading }) => el("li", {}, button, reading?.node));
    const node = el("ul", { class: "replies" }, items);
    let isOpen = true;
    const update = ({ open, silent, chosen }) => {
      isOpen = open;
      node.classList.toggle("used", !open);
      for (const { title, payload, button, mark, reading } of buttons) {
        const asleep = silent && payload !== WAKES;
        button.disabled = !open || asleep || (reading !== null && !reading.isOver());
        if (reading && !open) reading.node.hidden = true;
        button.classList.toggle("chosen", title === chosen);
        mark.hidden = title !== chosen;
      }
    };
    for (const { button, reading } of buttons) {
      reading?.node.addEventListener("over", () => { button.disabled = !isOpen; });
    }
    return { node, update };
  }
}

/** What the customer said to the message at `index`: the text of the next message of theirs. */
function answerTo(messages, index) {
  return messages.slice(index + 1).find((message) => message.sender === "user")?.text ?? null;
}
