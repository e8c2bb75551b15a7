// Where the customer writes: a text field that grows, or a field for a one-time code.

import { el, icon } from "./dom.js";

const COUNT_FROM = 0.9; // of the limit: from here on the number of characters is shown

/** Fires `send` with the text as `detail`, `typed` as it is written, `attach` when the customer wants to send a file. */
export class Composer extends EventTarget {
  #words = null;
  #limit = 2000;
  #code = false;
  #preferText = false;

  constructor() {
    super();
    this.text = el("textarea", {
      class: "input",
      rows: "1",
      enterkeyhint: "send",
      autocomplete: "off",
      on: { input: () => this.#written(), keydown: (event) => this.#key(event) },
    });
    this.code = el("input", {
      class: "input code",
      type: "text",
      inputmode: "numeric",
      autocomplete: "one-time-code",
      pattern: "[0-9]*",
      maxlength: "8",
      enterkeyhint: "send",
      hidden: true,
      on: { input: () => this.#typed() },
    });
    this.attach = el(
      "button",
      { type: "button", class: "attach", hidden: true, on: { click: () => this.dispatchEvent(new Event("attach")) } },
      icon("attach"),
    );
    this.button = el("button", { type: "submit", class: "send" }, icon("send"));
    this.count = el("p", { class: "count", "aria-live": "polite" });
    this.swap = el("button", { type: "button", class: "text-button swap", hidden: true, on: { click: () => this.#swap() } });
    this.node = el(
      "form",
      { class: "composer", novalidate: true, on: { submit: (event) => this.#submit(event) } },
      this.swap,
      el("div", { class: "composer-row" }, this.attach, this.text, this.code, this.button),
      this.count,
    );
    this.#typed();
  }

  /** The field that is shown. */
  get field() {
    return this.#code && !this.#preferText ? this.code : this.text;
  }

  /** Take the words of a language, the longest message, whether a code is asked for and whether files can be sent. */
  update({ words, limit, code, files }) {
    if (code !== this.#code) {
      this.#code = code;
      this.#preferText = false;
      this.code.value = "";
    }
    this.#limit = limit;
    this.#words = words;
    this.text.placeholder = words.placeholder;
    this.text.setAttribute("aria-label", words.placeholder);
    this.code.placeholder = words.codePlaceholder;
    this.code.setAttribute("aria-label", words.code);
    this.attach.setAttribute("aria-label", words.attach);
    this.attach.title = words.attach;
    this.attach.hidden = !files || code;
    this.#arrange();
  }

  #arrange() {
    const asksCode = this.field === this.code;
    const hadFocus = this.node.contains(this.node.getRootNode().activeElement);
    this.code.hidden = !asksCode;
    this.text.hidden = asksCode;
    this.swap.hidden = !this.#code;
    this.swap.textContent = asksCode ? this.#words.writeInstead : this.#words.enterCode;
    const label = asksCode ? this.#words.codeSend : this.#words.send;
    this.button.setAttribute("aria-label", label);
    this.button.title = label;
    if (hadFocus && this.field.hidden === false && this.node.getRootNode().activeElement !== this.swap) this.field.focus();
    this.#typed();
  }

  #swap() {
    this.#preferText = !this.#preferText;
    this.#arrange();
    this.field.focus();
  }

  #written() {
    this.#typed();
    if (this.text.value.trim()) this.dispatchEvent(new Event("typed"));
  }

  #typed() {
    const length = this.field.value.length;
    const over = length > this.#limit;
    this.button.disabled = over || this.field.value.trim() === "";
    this.count.classList.toggle("over", over);
    this.count.textContent =
      length > this.#limit * COUNT_FROM
        ? `${over ? this.#words.problems.too_long(this.#limit) : ""} ${this.#words.remaining(length, this.#limit)}`
        : "";
    this.text.style.height = "auto";
    this.text.style.height = `${this.text.scrollHeight}px`;
  }

  #key(event) {
    // While Chinese is being composed, Enter belongs to the input method; Safari says so by the old key code only.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    this.#submit(event);
  }

  #submit(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (!text || text.length > this.#limit) return;
    this.field.value = "";
    this.#typed();
    this.dispatchEvent(new CustomEvent("send", { detail: text }));
  }
}
