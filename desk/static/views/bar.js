// The bar at the top: pages, connection, whether the agent takes conversations, sound, language, keys, and the account.

import { button, el, icon, setHidden, toast } from "../lib/ui.js";
import { otherLanguage, problemText, setLanguage, words } from "../strings.js";
import { show } from "./forms.js";
import { isTyping } from "./workspace.js";
import { changePassword } from "./sign-in.js";

const SHAPES = { chats: "inbox", calls: "call", supervise: "eye", insights: "bars", search: "search", agents: "people", audit: "list" };
const OFFLINE_AFTER_MS = 1500; // shorter interruptions are not worth a word

/** Fires `sign-out`. */
export class Bar extends EventTarget {
  #desk;
  #alerts;
  #stop = new AbortController();
  #offlineTimer = 0;

  constructor(desk, alerts, pages) {
    super();
    this.#desk = desk;
    this.#alerts = alerts;
    const t = words();
    this.links = new Map(pages.map((name) => [name, el("a", { href: `#/${name}` }, icon(SHAPES[name]), el("span", {}, t.pages[name]))]));
    this.offline = el("p", { class: "offline", role: "status", hidden: true }, icon("warning"), el("span", {}, t.offlineBanner));
    this.status = el("select", { class: "input status", "aria-label": t.status, on: { change: () => this.#setStatus() } }, ["available", "away"].map((value) => el("option", { value }, t.statuses[value])));
    this.sound = button(t.sound, { kind: "icon", quiet: true, press: () => this.#toggleSound() });
    this.language = button(t.otherLanguage, { kind: "text", press: () => setLanguage(otherLanguage()) });
    this.language.lang = otherLanguage();
    this.auto = el("input", { type: "checkbox", on: { change: () => this.#setAssignment() } });
    this.account = el("details", { class: "menu" });
    this.node = el(
      "header",
      { class: "bar" },
      el("a", { class: "skip", href: "#main", on: { click: (event) => skip(event) } }, t.skip),
      el("span", { class: "brand" }, icon("quote"), el("span", {}, t.title)),
      el("nav", { "aria-label": t.pagesName }, [...this.links.values()]),
      this.offline,
      this.status,
      this.sound,
      button(t.keys, { shape: "help", kind: "icon", quiet: true, key: "?", press: showKeys }),
      this.language,
      this.account,
    );
    const { signal } = this.#stop;
    desk.addEventListener("me", () => this.#renderMe(), { signal });
    desk.addEventListener("connection", () => this.#renderConnection(), { signal });
    document.addEventListener("keydown", (event) => this.#key(event), { signal });
    document.addEventListener("click", (event) => !this.account.contains(event.target) && this.account.removeAttribute("open"), { signal });
    this.#renderMe();
    this.#renderSound();
  }

  stop() {
    this.#stop.abort();
    clearTimeout(this.#offlineTimer);
  }

  /** Mark the page that is shown. */
  at(page) {
    for (const [name, link] of this.links) {
      if (name === page) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  #renderMe() {
    const t = words();
    const { me } = this.#desk;
    if (!me) return;
    if (this.status.value !== me.status) this.status.value = me.status;
    this.status.dataset.status = me.status;
    this.auto.checked = me.auto_assign;
    const name = me.display_name ?? me.name;
    if (this.account.dataset.name === name) return;
    this.account.dataset.name = name;
    this.account.replaceChildren(
      el("summary", { "aria-label": t.accountOf(name) }, el("span", { class: "avatar", "aria-hidden": "true" }, [...name][0] ?? "?"), el("span", { class: "account-name" }, name), icon("down")),
      el(
        "div",
        { class: "menu-items" },
        el("p", {}, t.roles[me.role]),
        me.desk_assigns && el("label", { class: "check" }, this.auto, el("span", {}, t.autoAssign)),
        button(t.changePassword, { shape: "lock", press: () => this.#changePassword() }),
        button(t.signOut, { shape: "out", press: () => this.dispatchEvent(new Event("sign-out")) }),
      ),
    );
  }

  async #changePassword() {
    this.account.removeAttribute("open");
    if (await changePassword(this.#desk.api)) toast(words().passwordChanged, "good");
  }

  #renderConnection() {
    clearTimeout(this.#offlineTimer);
    if (this.#desk.online) setHidden(this.offline, true);
    else this.#offlineTimer = setTimeout(() => setHidden(this.offline, this.#desk.online), OFFLINE_AFTER_MS);
  }

  #setStatus() {
    return this.#setMe("status", { status: this.status.value });
  }

  #setAssignment() {
    return this.#setMe("assignment", { auto_assign: this.auto.checked });
  }

  async #setMe(what, body) {
    try {
      const { me } = await this.#desk.api.post(`api/me/${what}`, body);
      this.#desk.setMe(me);
    } catch (error) {
      if (error.status === undefined) throw error;
      this.#renderMe(); // as it was
      toast(problemText(error));
    }
  }

  #toggleSound() {
    this.#alerts.muted = !this.#alerts.muted;
    if (!this.#alerts.muted) this.#alerts.sound("message");
    this.#renderSound();
  }

  #renderSound() {
    this.sound.replaceChildren(icon(this.#alerts.muted ? "mute" : "bell"));
    this.sound.setAttribute("aria-pressed", String(!this.#alerts.muted));
  }

  #key(event) {
    if (event.key !== "?" || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    showKeys();
  }
}

function skip(event) {
  event.preventDefault();
  const main = document.getElementById("main");
  const first = main?.querySelector("textarea, input, button:not([hidden]), h1, h2");
  first?.focus();
}

function showKeys() {
  const t = words();
  const rows = t.keyList.map(([keys, what]) => el("div", {}, el("dt", {}, keys.split(" ").map((key) => el("kbd", {}, key))), el("dd", {}, what)));
  show({ title: t.keys, content: el("dl", { class: "keys" }, rows), wide: true });
}
