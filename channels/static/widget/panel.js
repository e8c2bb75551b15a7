// The window of the conversation: header, messages, composer, and the states in between.

import { Composer } from "./composer.js";
import { el, icon } from "./dom.js";
import { MessageList } from "./messages.js";
import { PeopleLine, withPeople } from "./people.js";
import { CONNECTION } from "./session.js";
import { locale, strings } from "./strings.js";

const NEAR_END_PIXELS = 80;
const WAKE = "/back_to_bot";
const SAVED_MS = 10_000; // how long it is said that the conversation was saved
const OFFLINE_AFTER_MS = 1500; // shorter interruptions are not worth a word

/** Draws a session. Fires `close`, `language`, `sign-in`, `anonymous` and `retry`. */
export class Panel extends EventTarget {
  #session;
  #list;
  #composer = new Composer();
  #people = new PeopleLine();
  #language;
  #savedTimer = 0;
  #title;
  #offlineTimer = 0;
  #staysAtEnd = true;

  constructor(session, { language, title, closable }) {
    super();
    this.#session = session;
    this.#language = language;
    this.#title = title;
    const fire = (name) => () => this.dispatchEvent(new Event(name));
    this.heading = el("h2", { id: "title", tabindex: "-1" });
    this.languageButton = el("button", { type: "button", class: "text-button", on: { click: fire("language") } });
    this.saveButton = el("button", { type: "button", class: "icon-button", hidden: true, on: { click: () => this.#save("txt") } }, icon("save"));
    this.savedText = el("span", {});
    this.pdfButton = el("button", { type: "button", class: "text-button", on: { click: () => this.#save("pdf") } });
    this.saved = el("div", { class: "banner saved", role: "status", hidden: true }, this.savedText, this.pdfButton);
    this.closeButton = el("button", { type: "button", class: "icon-button", hidden: !closable, on: { click: fire("close") } }, icon("close"));
    this.messages = el("ol", { class: "messages" });
    this.log = el("div", { class: "log", role: "log", tabindex: "0" }, this.messages);
    this.loading = el("div", { class: "loading" }, el("span", { class: "dots" }, el("i"), el("i"), el("i")), el("p", {}));
    this.typing = el("div", { class: "typing", hidden: true }, el("span", { class: "dots" }, el("i"), el("i"), el("i")), el("span", { class: "sr-only", role: "status" }));
    this.scroller = el("div", { class: "scroller", on: { scroll: () => this.#scrolled() } }, this.loading, this.log, this.typing);
    this.more = el("button", { type: "button", class: "more", hidden: true, on: { click: () => this.#toEnd() } }, icon("down"));
    this.retryButton = el("button", { type: "button", class: "text-button", on: { click: fire("retry") } });
    this.offlineText = el("span", {});
    this.offline = el("div", { class: "banner", role: "status", hidden: true }, this.offlineText, this.retryButton);
    this.noticeButton = el("button", { type: "button", class: "text-button", on: { click: fire("sign-in") } });
    this.noticeText = el("span", {});
    this.notice = el("div", { class: "banner", role: "status", hidden: true }, this.noticeText, this.noticeButton);
    this.expiredTitle = el("h3", {});
    this.expiredText = el("p", {});
    this.signInButton = el("button", { type: "button", class: "button primary", on: { click: fire("sign-in") } });
    this.anonymousButton = el("button", { type: "button", class: "text-button", on: { click: fire("anonymous") } });
    this.expired = el("div", { class: "expired", role: "alert", hidden: true }, this.expiredTitle, this.expiredText, this.signInButton, this.anonymousButton);
    this.node = el(
      "dialog",
      { class: "panel", "aria-labelledby": "title" },
      el("header", { class: "head" }, el("span", { class: "mark" }, icon("chat")), this.heading, this.languageButton, this.saveButton, this.closeButton),
      this.offline,
      this.notice,
      this.#people.node,
      this.saved,
      el("div", { class: "body" }, this.scroller, this.more, this.expired),
      this.#composer.node,
    );
    this.#list = new MessageList(this.messages, {
      reply: (payload, title) => this.#reply(payload, title),
      resend: (id) => session.resend(id),
      signIn: fire("sign-in"),
      download: (id, file) => session.download(id, file),
      downloadFromAgent: (url, file) => session.downloadFromAgent(url, file),
      rate: (id, stars, comment) => session.rate(id, stars, comment),
      starsOf: (id) => session.starsOf(id),
      now: () => session.now(),
      upload: (file) => session.upload(file),
      uploads: () => session.uploads(),
      removeUpload: (id) => session.removeUpload(id),
      uploadLink: (data) => session.uploadLink(data, this.#language),
    });
    this.#composer.addEventListener("send", ({ detail }) => this.#say(detail));
    this.#composer.addEventListener("attach", () => this.#attach());
    this.#composer.addEventListener("typed", () => session.typed());
    this.#people.addEventListener("back", () => this.#reply(WAKE, strings(this.#language).backToAssistant));
    session.addEventListener("change", () => this.render());
    // The keyboard of a phone and a turned screen change the height.
    new ResizeObserver(() => this.#staysAtEnd && this.#toEnd()).observe(this.scroller);
    this.setLanguage(language);
  }

  /** To be called each time the window has been opened: show the latest. */
  opened() {
    this.render();
    this.#toEnd();
  }

  /** Put the cursor where the customer goes on: into the text, or on the heading where that would open a keyboard. */
  focus({ keyboardOpens }) {
    if (keyboardOpens || this.#session.expired) this.heading.focus();
    else this.#composer.field.focus();
  }

  setLanguage(language) {
    this.#language = language;
    const words = strings(language);
    this.node.lang = locale(language);
    this.heading.textContent = this.#title || words.title;
    this.languageButton.textContent = words.otherLanguage;
    this.languageButton.setAttribute("aria-label", words.otherLanguageLabel);
    this.languageButton.lang = locale(language === "zh" ? "en" : "zh");
    this.closeButton.setAttribute("aria-label", words.close);
    this.saveButton.setAttribute("aria-label", words.saveTranscript);
    this.saveButton.title = words.saveTranscript;
    this.pdfButton.textContent = words.transcriptAsPdf;
    this.log.setAttribute("aria-label", words.log);
    this.loading.lastChild.textContent = words.loading;
    this.more.setAttribute("aria-label", words.newMessages);
    this.retryButton.textContent = words.retryNow;
    this.offlineText.textContent = words.offline;
    this.noticeText.textContent = words.notConfirmed;
    this.noticeButton.textContent = words.signIn;
    this.expiredTitle.textContent = words.expiredTitle;
    this.expiredText.textContent = words.expiredText;
    this.signInButton.textContent = words.signInAgain;
    this.anonymousButton.textContent = words.goOnAnonymously;
    this.render();
  }

  /** Show the session as it is. */
  render() {
    const session = this.#session;
    const words = strings(this.#language);
    const messages = (!session.expired && session.messages) || [];
    const wasAtEnd = this.#isAtEnd();
    const wasEmpty = this.messages.childElementCount === 0;
    this.log.setAttribute("aria-busy", String(session.messages === null));
    const silent = withPeople(session.desk);
    const fresh = this.#list.render(messages, {
      words,
      language: this.#language,
      limit: session.limit,
      commentLimit: session.commentLimit,
      silent,
    });
    this.#people.update(session.expired ? null : session.desk, words);
    this.saveButton.hidden = !messages.some((message) => message.sender === "user");
    this.loading.hidden = session.messages !== null || session.expired;
    this.expired.hidden = !session.expired;
    this.notice.hidden = !session.notConfirmed;
    const typing = this.#typing(session, silent, words);
    this.typing.hidden = !typing;
    this.typing.lastChild.textContent = typing;
    this.#composer.node.hidden = session.expired;
    this.#composer.update({ words, limit: session.limit, code: asksForCode(messages), files: session.signedIn });
    this.#renderOffline(session);
    if (fresh.length) this.#follow(fresh, { wasAtEnd, wasEmpty });
    else if (typing && wasAtEnd) this.#toEnd();
  }

  /** Who is writing, in words; empty if nobody is. The assistant is not while it is silent, whatever it works on. */
  #typing({ typing, agentTyping }, silent, words) {
    if (agentTyping) return words.agentTyping(agentTyping);
    return typing && !silent ? words.typing : "";
  }

  /** Save the conversation as `txt`, and offer it as `pdf` for a moment. */
  async #save(format) {
    const words = strings(this.#language);
    this.saveButton.disabled = this.pdfButton.disabled = true;
    const problem = await this.#session.saveTranscript(words.transcriptName, format);
    this.saveButton.disabled = this.pdfButton.disabled = false;
    this.savedText.textContent = problem ? words.transcriptProblems[problem] : words.transcriptSaved;
    this.pdfButton.hidden = Boolean(problem) || format === "pdf";
    this.saved.hidden = false;
    this.#putSavedAway();
  }

  /** Not while somebody is about to press what it offers. */
  #putSavedAway() {
    clearTimeout(this.#savedTimer);
    this.#savedTimer = setTimeout(() => {
      if (this.saved.matches(":hover, :focus-within")) this.#putSavedAway();
      else this.saved.hidden = true;
    }, SAVED_MS);
  }

  #renderOffline(session) {
    const offline = session.connection === CONNECTION.OFFLINE;
    if (!offline) {
      clearTimeout(this.#offlineTimer);
      this.#offlineTimer = 0;
      this.offline.hidden = true;
    } else if (!this.#offlineTimer) {
      this.#offlineTimer = setTimeout(() => { this.offline.hidden = false; }, OFFLINE_AFTER_MS);
    }
  }

  #say(text) {
    this.#session.send(text);
    this.#toEnd();
  }

  /** Outside of a request that takes files, the assistant says what they can be used for; nothing is sent before. */
  #attach() {
    if (!this.#list.pickFile()) this.#reply("/send_documents", strings(this.#language).attach);
  }

  #reply(payload, title) {
    this.#session.send(payload, title);
    this.#toEnd();
    // The button that had the focus is disabled now.
    this.log.focus({ preventScroll: true });
  }

  /** Keep the customer's own message and the beginning of the answer in view; a long card is read from its top. */
  #follow(fresh, { wasAtEnd, wasEmpty }) {
    if (wasEmpty || fresh.at(-1).classList.contains("user")) {
      this.#toEnd();
    } else if (wasAtEnd) {
      const asked = [...this.messages.querySelectorAll(".message.user")].at(-1) ?? fresh[0];
      this.scroller.scrollTop = Math.min(this.#end(), asked.offsetTop - 16);
    } else {
      this.more.hidden = false;
    }
  }

  #end() {
    return this.scroller.scrollHeight - this.scroller.clientHeight;
  }

  #isAtEnd() {
    return this.#end() - this.scroller.scrollTop < NEAR_END_PIXELS || this.scroller.clientHeight === 0;
  }

  #toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#staysAtEnd = true;
    this.more.hidden = true;
  }

  #scrolled() {
    this.#staysAtEnd = this.#isAtEnd();
    if (this.#staysAtEnd) this.more.hidden = true;
  }
}

/** Whether the assistant's last words ask for a one-time code. */
function asksForCode(messages) {
  const last = messages.at(-1);
  return last?.sender !== "user" && last?.expects === "code";
}
