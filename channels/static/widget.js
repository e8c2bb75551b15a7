// The chat on a bank's page: <script type="module" src="https://…/webhooks/webchat/widget.js" data-token-url="…"></script>
//
// Defines <overdue-assistant> and puts one on the page, with the script's data attributes, unless the page has its own.
// docs/embed.md lists attributes, properties, events and CSS variables.

import { el, icon } from "./widget/dom.js";
import { Panel } from "./widget/panel.js";
import { Session } from "./widget/session.js";
import { languageOf, strings } from "./widget/strings.js";
import { TokenSource } from "./widget/token.js";

const NAME = "overdue-assistant";
const PHONE = matchMedia("(max-width: 640px), (max-height: 480px)");
const TOUCH = matchMedia("(pointer: coarse)");

class OverdueAssistant extends HTMLElement {
  static observedAttributes = ["language", "token-url"];

  #tokens = new TokenSource(
    (reason) => this.#tell("token-needed", { reason }),
    (token) => this.#session?.tokenChanged(token),
  );
  #session = null;
  #panel = null;
  #launcher = null;
  #storage = null;
  #unread = 0;

  connectedCallback() {
    if (this.#session) return;
    const server = this.getAttribute("server") || new URL("../..", import.meta.url).href;
    this.#storage = new Storage(server);
    this.#tokens.url = this.getAttribute("token-url");
    this.#tokens.fromPage = this.hasAttribute("token-from-page");
    this.#session = new Session({ server, tokens: this.#tokens, storage: this.#storage, language: this.language });
    this.#panel = new Panel(this.#session, {
      language: this.language,
      title: this.getAttribute("title-text"),
      closable: !this.#fillsPage,
    });
    this.#build();
    this.#listen();
    this.#takeEarly("token");
    if (this.#fillsPage || this.hasAttribute("open")) this.open();
    else if (this.#session.startedBefore || (this.#tokens.exists && this.#storage.get("used"))) this.#session.connect();
    this.#tell("ready");
  }

  attributeChangedCallback(name, before, after) {
    if (!this.#session || before === after) return;
    if (name === "language") this.#languageChanged();
    if (name === "token-url") this.#tokens.url = after;
  }

  /** Hand over an identity token, or `null` when the customer has signed out. */
  set token(value) {
    this.#tokens.token = value;
  }

  /** The language of the widget's own words: `zh` or `en`. */
  get language() {
    return languageOf(
      this.getAttribute("language") || document.documentElement.lang || navigator.language,
      languageOf(navigator.language),
    );
  }

  set language(value) {
    this.setAttribute("language", value);
  }

  get isOpen() {
    return Boolean(this.#panel?.node.open);
  }

  /** Open the conversation. */
  open() {
    if (this.isOpen) return;
    this.#storage.set("used", "1");
    this.#session.connect();
    this.#show();
    this.#setUnread(0);
    this.#countUnread();
    this.#panel.focus({ keyboardOpens: TOUCH.matches });
    this.#tell("open");
  }

  /** Close it; the conversation goes on in the background. */
  close() {
    if (!this.isOpen || this.#fillsPage) return;
    this.#panel.node.close();
  }

  /** Forget who was signed in and what was said to them. */
  signOut() {
    this.#tokens.clear();
    this.#session?.tokenChanged(null);
  }

  /** A property that the page set before this module had loaded. */
  #takeEarly(name) {
    if (!Object.hasOwn(this, name)) return;
    const value = this[name];
    delete this[name];
    this[name] = value;
  }

  get #fillsPage() {
    return this.getAttribute("mode") === "page";
  }

  #build() {
    const root = this.attachShadow({ mode: "open" });
    const style = el("link", { rel: "stylesheet", href: new URL("./widget/widget.css", import.meta.url).href });
    this.badge = el("span", { class: "badge", hidden: true });
    this.label = el("span", { class: "launcher-label" });
    this.#launcher = el(
      "button",
      { type: "button", class: "launcher", "aria-haspopup": "dialog", "aria-expanded": "false", hidden: this.#fillsPage, on: { click: () => this.open() } },
      icon("chat"),
      this.label,
      this.badge,
    );
    const frame = el("div", { class: this.#fillsPage ? "frame page" : "frame", hidden: true }, this.#launcher, this.#panel.node);
    // Nothing is shown before it can be shown well.
    style.addEventListener("load", () => { frame.hidden = false; });
    root.append(style, frame);
    this.#renderLauncher();
  }

  #listen() {
    const panel = this.#panel;
    panel.addEventListener("close", () => this.close());
    panel.addEventListener("language", () => this.#chooseLanguage(this.language === "zh" ? "en" : "zh"));
    panel.addEventListener("sign-in", () => this.#signIn());
    panel.addEventListener("anonymous", () => this.#session.goOnAnonymously());
    panel.addEventListener("retry", () => this.#session.connect());
    panel.node.addEventListener("close", () => this.#closed());
    panel.node.addEventListener("cancel", (event) => this.#fillsPage && event.preventDefault());
    panel.node.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing) this.close();
    });
    this.#session.addEventListener("change", () => this.#countUnread());
    PHONE.addEventListener("change", () => this.isOpen && this.#show());
    addEventListener("online", () => this.#session.connect());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.#session.connection === "offline") this.#session.connect();
    });
    // The on-screen keyboard covers part of the page; the window of the chat is the part that can be seen.
    for (const event of ["resize", "scroll"]) visualViewport?.addEventListener(event, () => this.#fitViewport());
    this.#fitViewport();
  }

  /** Modal where it covers the screen, beside the page otherwise. */
  #show() {
    const { node } = this.#panel;
    const modal = PHONE.matches && !this.#fillsPage;
    if (node.open) {
      this.switching = true;
      node.close();
    }
    if (modal) node.showModal();
    else node.show();
    document.documentElement.style.setProperty("overflow", modal ? "hidden" : "");
    this.#launcher.setAttribute("aria-expanded", "true");
    this.#launcher.hidden = true;
    this.#panel.opened();
  }

  #closed() {
    if (this.switching) {
      this.switching = false;
      return;
    }
    document.documentElement.style.setProperty("overflow", "");
    this.#launcher.hidden = false;
    this.#launcher.setAttribute("aria-expanded", "false");
    this.#launcher.focus();
    this.#tell("close");
  }

  #fitViewport() {
    if (!visualViewport || visualViewport.scale > 1.01) return; // who zooms in wants the window to stay where it is
    this.style.setProperty("--visible-height", `${visualViewport.height}px`);
    this.style.setProperty("--visible-top", `${visualViewport.offsetTop}px`);
  }

  #chooseLanguage(language) {
    this.language = language;
    this.#tell("language", { language });
  }

  #languageChanged() {
    this.#panel.setLanguage(this.language);
    this.#session.setLanguage(this.language);
    this.#renderLauncher();
  }

  #signIn() {
    const goOn = this.#tell("sign-in", {}, { cancelable: true });
    const address = this.getAttribute("sign-in-url");
    if (goOn && address) location.assign(address);
  }

  /** Messages that came while nobody looked, also before this page was loaded. */
  #countUnread() {
    const answers = (this.#session.messages || []).filter((message) => message.sender !== "user");
    if (this.isOpen) {
      if (answers.length) this.#storage.set("read", String(answers.at(-1).timestamp));
    } else {
      const read = Number(this.#storage.get("read")) || 0;
      this.#setUnread(answers.filter((message) => message.timestamp > read).length);
    }
  }

  #setUnread(count) {
    if (count === this.#unread) return;
    this.#unread = count;
    this.#renderLauncher();
    this.#tell("unread", { count });
  }

  #renderLauncher() {
    const words = strings(this.language);
    this.label.textContent = this.getAttribute("title-text") || words.title;
    this.badge.hidden = this.#unread === 0;
    this.badge.textContent = this.#unread > 9 ? "9+" : String(this.#unread);
    const unread = this.#unread ? `, ${words.unread(this.#unread)}` : "";
    this.#launcher.setAttribute("aria-label", `${words.open}${unread}`);
  }

  #tell(name, detail = {}, options = {}) {
    return this.dispatchEvent(new CustomEvent(`${NAME}:${name}`, { bubbles: true, composed: true, detail, ...options }));
  }
}

/** What survives a reload. The session id lives as long as the tab; the rest tells nothing about the customer. */
class Storage {
  #prefix;

  constructor(server) {
    this.#prefix = `${NAME}:${server}:`;
  }

  #area(name) {
    return name === "session" ? sessionStorage : localStorage;
  }

  get(name) {
    try {
      return this.#area(name).getItem(this.#prefix + name);
    } catch {
      return null; // the browser keeps nothing for this page
    }
  }

  set(name, value) {
    try {
      if (value === null) this.#area(name).removeItem(this.#prefix + name);
      else this.#area(name).setItem(this.#prefix + name, value);
    } catch {
      // the browser keeps nothing for this page
    }
  }
}

if (!customElements.get(NAME)) customElements.define(NAME, OverdueAssistant);

const ATTRIBUTES = {
  language: "language",
  tokenUrl: "token-url",
  tokenFromPage: "token-from-page",
  signInUrl: "sign-in-url",
  title: "title-text",
  mode: "mode",
  open: "open",
  server: "server",
};

function putOnPage() {
  const script = [...document.scripts].find((one) => one.src === import.meta.url);
  if (!script || document.querySelector(NAME)) return;
  const element = document.createElement(NAME);
  for (const [key, attribute] of Object.entries(ATTRIBUTES)) {
    if (key in script.dataset) element.setAttribute(attribute, script.dataset[key]);
  }
  document.body.append(element);
}

putOnPage();
