// Where the agent writes: to the customer, a note for colleagues, or as a supervisor a word that only the agent sees.

import { arrange, button, el, icon, setHidden, setText, toast } from "../lib/ui.js";
import { words } from "../strings.js";

const LIMIT = 2000; // characters, as in the customers' chat
const COUNT_FROM = 0.9;
const TYPING_EVERY_MS = 3000;
const LARGEST_FILE = 10 * 1024 * 1024; // bytes
const TYPES = ["application/pdf", "image/jpeg", "image/png"];
const MOST_SUGGESTIONS = 8;

/** Fires `send` with `{mode, text}`, `file` with a file, `draft` with `{text, mode}`, `typing` with a boolean. */
export class Composer extends EventTarget {
  #canned = [];
  #choice = 0;
  #modes = [];
  #mode = "reply";
  #typingUntil = 0;
  #loadCanned;

  /** `loadCanned()` resolves with the canned replies of the open conversation. */
  constructor(loadCanned) {
    super();
    this.#loadCanned = loadCanned;
    const t = words();
    this.modes = el("div", { class: "modes", role: "radiogroup", "aria-label": t.modeOf });
    this.text = el("textarea", {
      class: "input",
      rows: "1",
      id: "reply",
      "aria-expanded": "false",
      "aria-autocomplete": "list",
      "aria-controls": "canned-list",
      on: {
        input: () => this.#typed(),
        keydown: (event) => this.#key(event),
        blur: () => this.#tellTyping(false),
        paste: (event) => this.#files(event.clipboardData?.files, event),
      },
    });
    this.suggestions = el("ul", { class: "suggestions", id: "canned-list", role: "listbox", "aria-label": t.canned, hidden: true });
    this.picker = el("input", { type: "file", accept: TYPES.join(","), hidden: true, on: { change: () => this.#picked() } });
    this.attach = button(t.attach, { shape: "attach", kind: "icon", quiet: true, press: () => this.picker.click() });
    this.cannedButton = button(t.canned, { shape: "quote", kind: "icon", quiet: true, key: "/", press: () => this.openCanned() });
    this.button = el("button", { type: "submit", class: "button primary icon send", "aria-label": t.send, title: `${t.send} (Enter)` }, icon("send"));
    this.count = el("span", { class: "limit", "aria-live": "polite" });
    this.node = el(
      "form",
      {
        class: "composer",
        novalidate: true,
        on: {
          submit: (event) => this.#submit(event),
          dragover: (event) => event.preventDefault(),
          drop: (event) => this.#files(event.dataTransfer?.files, event),
        },
      },
      el("div", { class: "composer-head" }, this.modes, this.count),
      this.suggestions,
      el("div", { class: "composer-row" }, this.attach, this.cannedButton, this.picker, this.text, this.button),
    );
  }

  /** Which ways to write there are now: `reply`, `note`, `whisper`; and what was written and not sent. */
  update({ modes, draft }) {
    const t = words();
    this.#modes = modes;
    setHidden(this.node, modes.length === 0);
    if (modes.length === 0) return;
    this.#mode = modes.includes(draft.mode) ? draft.mode : modes[0];
    if (this.text.value !== draft.text) this.text.value = draft.text;
    const buttons = modes.map((mode) =>
      el(
        "button",
        { type: "button", role: "radio", class: `mode ${mode}`, "aria-checked": "false", on: { click: () => this.setMode(mode) } },
        mode !== "reply" && icon(mode === "note" ? "lock" : "eye"),
        el("span", {}, t.modes[mode]),
      ),
    );
    arrange(this.modes, buttons);
    this.#closeSuggestions();
    this.#renderMode();
  }

  setMode(mode) {
    if (!this.#modes.includes(mode)) return;
    this.#mode = mode;
    if (mode !== "reply") this.#tellTyping(false);
    this.#renderMode();
    this.#keep();
    this.text.focus();
  }

  get mode() {
    return this.#mode;
  }

  focus() {
    this.text.focus();
  }

  /** Put a text where the cursor is, for the agent to look over. */
  insert(text) {
    if (this.text.value.startsWith("/")) this.text.value = "";
    const { selectionStart: from, selectionEnd: to } = this.text;
    this.text.setRangeText(text, from, to, "end");
    this.text.focus();
    this.#typed();
  }

  /** Offer the canned replies. */
  openCanned() {
    if (!this.#modes.includes("reply")) return;
    if (this.#mode !== "reply") this.setMode("reply");
    if (!this.text.value) this.text.value = "/";
    this.text.focus();
    this.#typed();
  }

  #renderMode() {
    const t = words();
    [...this.modes.children].forEach((node, index) => node.setAttribute("aria-checked", String(this.#modes[index] === this.#mode)));
    this.node.dataset.mode = this.#mode;
    this.text.placeholder = t.placeholders[this.#mode];
    this.text.setAttribute("aria-label", t.placeholders[this.#mode]);
    setHidden(this.attach, this.#mode !== "reply");
    setHidden(this.cannedButton, this.#mode !== "reply");
    this.#measure();
  }

  #typed() {
    this.#measure();
    this.#keep();
    if (this.#mode === "reply") {
      this.#tellTyping(this.text.value.trim() !== "" && !this.text.value.startsWith("/"));
      this.#suggest();
    }
  }

  #keep() {
    this.dispatchEvent(new CustomEvent("draft", { detail: { text: this.text.value, mode: this.#mode } }));
  }

  #measure() {
    const length = this.text.value.length;
    const over = length > LIMIT;
    this.button.disabled = over || this.text.value.trim() === "";
    this.count.classList.toggle("over", over);
    setText(this.count, length > LIMIT * COUNT_FROM ? `${length} / ${LIMIT}` : "");
    if (CSS.supports("field-sizing", "content")) return;
    this.text.style.height = "auto";
    this.text.style.height = `${this.text.scrollHeight}px`;
  }

  #tellTyping(typing) {
    const now = Date.now();
    if (typing ? now < this.#typingUntil : this.#typingUntil === 0) return;
    this.#typingUntil = typing ? now + TYPING_EVERY_MS : 0;
    this.dispatchEvent(new CustomEvent("typing", { detail: typing }));
  }

  #key(event) {
    // While Chinese is being composed, keys belong to the input method; Safari says so by the old key code only.
    if (event.isComposing || event.keyCode === 229) return;
    if (!this.suggestions.hidden && this.#suggestionKey(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) this.#submit(event);
  }

  #submit(event) {
    event.preventDefault();
    const text = this.text.value.trim();
    if (!text || text.length > LIMIT) return;
    this.text.value = "";
    this.#tellTyping(false);
    this.#measure();
    this.#keep();
    this.dispatchEvent(new CustomEvent("send", { detail: { mode: this.#mode, text } }));
  }

  // Canned replies

  async #suggest() {
    const typed = this.text.value;
    if (!typed.startsWith("/")) {
      this.#closeSuggestions();
      return;
    }
    this.#canned = await this.#loadCanned();
    if (this.text.value !== typed) return;
    const term = typed.slice(1).trim().toLowerCase();
    const fits = ({ title, group, text }) => `${title}\n${group}\n${text}`.toLowerCase().includes(term);
    this.#choice = 0;
    this.#offered = this.#canned.filter(fits).slice(0, MOST_SUGGESTIONS);
    this.suggestions.replaceChildren(
      ...this.#offered.map((one, index) =>
        el(
          "li",
          { role: "option", id: `canned-${index}`, on: { pointerdown: (event) => this.#choose(index, event) } },
          el("span", { class: "canned-title" }, one.title),
          el("span", { class: "canned-text" }, one.text),
        ),
      ),
      ...(this.#offered.length ? [] : [el("li", { class: "nothing" }, words().nothingFound)]),
    );
    this.suggestions.hidden = false;
    this.text.setAttribute("aria-expanded", "true");
    this.#mark();
  }

  #offered = [];

  #suggestionKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.#offered.length) {
      this.#choice = (this.#choice + step + this.#offered.length) % this.#offered.length;
      this.#mark();
    } else if ((event.key === "Enter" || event.key === "Tab") && this.#offered.length) {
      this.#choose(this.#choice);
    } else if (event.key === "Escape") {
      if (this.text.value.startsWith("/")) this.text.value = "";
      this.#closeSuggestions();
      this.#typed();
      event.stopPropagation();
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  }

  #mark() {
    [...this.suggestions.children].forEach((node, index) => node.setAttribute("aria-selected", String(index === this.#choice)));
    this.suggestions.children[this.#choice]?.scrollIntoView({ block: "nearest" });
    this.text.setAttribute("aria-activedescendant", this.#offered.length ? `canned-${this.#choice}` : "");
  }

  #choose(index, event) {
    event?.preventDefault(); // the text keeps the focus
    this.#closeSuggestions();
    this.insert(this.#offered[index].text);
  }

  #closeSuggestions() {
    this.suggestions.hidden = true;
    this.text.setAttribute("aria-expanded", "false");
    this.text.removeAttribute("aria-activedescendant");
  }

  // Files

  #picked() {
    this.#files(this.picker.files);
    this.picker.value = "";
  }

  #files(files, event) {
    if (!files?.length || this.#mode !== "reply") return;
    event?.preventDefault();
    const t = words();
    for (const file of files) {
      if (!TYPES.includes(file.type)) toast(t.problems["file-type"]);
      else if (file.size > LARGEST_FILE) toast(t.problems["file-too-large"]);
      else this.dispatchEvent(new CustomEvent("file", { detail: file }));
    }
  }
}
