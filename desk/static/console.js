// The desk's console: who is signed in sees the pages of their role; the address says which page and conversation.

import { Alerts } from "./lib/alerts.js";
import { Api } from "./lib/api.js";
import { Desk } from "./lib/desk.js";
import { Drafts } from "./lib/drafts.js";
import { Live } from "./lib/live.js";
import { announce, el, empty, forgetAnnouncements, messagesOfPage, toast } from "./lib/ui.js";
import { customerName, problemText, words } from "./strings.js";
import { DeskAgents } from "./views/agents.js";
import { DeskAudit } from "./views/audit.js";
import { Bar } from "./views/bar.js";
import { DeskCalls } from "./views/calls.js";
import { DeskInsights } from "./views/insights.js";
import { DeskSearch } from "./views/search.js";
import { DeskFirstPassword, DeskSignIn } from "./views/sign-in.js";
import { DeskSupervise } from "./views/supervise.js";
import { DeskWorkspace } from "./views/workspace.js";

/** Page of the address → what draws it, and from which role on. */
const PAGES = {
  chats: { role: "agent", make: (desk) => new DeskWorkspace(desk) },
  calls: { role: "agent", make: (desk) => new DeskCalls(desk) },
  supervise: { role: "supervisor", make: (desk) => new DeskSupervise(desk) },
  insights: { role: "supervisor", make: (desk) => new DeskInsights(desk) },
  search: { role: "agent", make: (desk) => new DeskSearch(desk) },
  agents: { role: "administrator", make: (desk) => new DeskAgents(desk) },
  audit: { role: "supervisor", make: (desk) => new DeskAudit(desk) },
};
const ROLES = ["agent", "supervisor", "administrator"];
const RETRY_MS = 3000;

class DeskConsole extends HTMLElement {
  #api = new Api();
  #alerts = new Alerts();
  #desk = null;
  #bar = null;
  #page = null;
  #pageName = "";

  connectedCallback() {
    this.place = el("div", { class: "place" });
    this.replaceChildren(this.place, ...messagesOfPage());
    this.#api.addEventListener("signed-out", () => this.#signedOut());
    addEventListener("hashchange", () => this.#route());
    document.addEventListener("visibilitychange", () => this.#seen());
    addEventListener("beforeunload", (event) => this.#unsaved(event));
    document.addEventListener("language", () => this.#speak());
    this.#begin();
  }

  async #begin() {
    this.#title();
    try {
      this.#signedIn(await this.#api.get("api/me"));
    } catch (error) {
      if (error.status === undefined) throw error;
      if (error.status === 401) this.#askToSignIn();
      else if (error.type === "password-change-required") this.#askForPassword();
      else {
        this.place.replaceChildren(empty(problemText(error)));
        setTimeout(() => this.#begin(), RETRY_MS);
      }
    }
  }

  #askToSignIn() {
    if (this.place.querySelector("desk-sign-in")) return;
    const page = new DeskSignIn(this.#api);
    page.addEventListener("signed-in", ({ detail }) => this.#signedIn(detail));
    this.place.replaceChildren(page);
  }

  #signedIn({ me, csrf, must_change_password: mustChange }) {
    this.#api.csrf = csrf;
    if (mustChange ?? me.must_change_password) {
      this.#askForPassword();
      return;
    }
    this.#desk = new Desk(this.#api, new Live());
    this.#desk.addEventListener("queue", () => this.#title());
    this.#desk.addEventListener("arrival", ({ detail }) => this.#arrived(detail));
    this.#desk.addEventListener("given", ({ detail }) => this.#given(detail));
    this.#desk.addEventListener("heard", ({ detail }) => this.#heard(detail));
    this.#desk.start(me);
    this.#build();
  }

  #askForPassword() {
    const page = new DeskFirstPassword(this.#api);
    page.addEventListener("changed", () => this.#begin());
    page.addEventListener("sign-out", () => this.#signOut());
    this.place.replaceChildren(page);
  }

  #build() {
    this.#bar?.stop();
    this.#bar = new Bar(this.#desk, this.#alerts, this.#pages());
    this.#bar.addEventListener("sign-out", () => this.#signOut());
    this.view = el("div", { class: "view" });
    this.place.replaceChildren(this.#bar.node, this.view);
    this.#pageName = "";
    this.#route();
  }

  #pages() {
    const rank = ROLES.indexOf(this.#desk.me.role);
    return Object.keys(PAGES).filter((name) => ROLES.indexOf(PAGES[name].role) <= rank);
  }

  #route() {
    if (!this.#desk) return;
    const [, wanted = "chats", rest = ""] = location.hash.split("/");
    const chatId = wanted === "chat" && rest ? decodeURIComponent(rest) : null;
    const asked = wanted === "chat" ? "chats" : wanted;
    const name = this.#pages().includes(asked) ? asked : "chats";
    if (name !== this.#pageName) {
      this.#pageName = name;
      this.#page = PAGES[name].make(this.#desk);
      this.view.replaceChildren(this.#page);
      this.#bar.at(name);
    }
    if (name === "chats") this.#page.show(chatId);
    this.#title();
  }

  #title() {
    document.documentElement.lang = words().tag;
    this.#alerts.show(words().title, this.#desk?.me ? this.#desk.calling : 0);
  }

  #arrived(brief) {
    announce(words().arrived(customerName(brief)));
    if (this.#desk.me.status === "available") this.#alerts.sound("waiting");
  }

  #given(brief) {
    toast(words().given(customerName(brief)), "good");
    this.#alerts.sound("waiting");
  }

  #heard({ id, message }) {
    const brief = this.#desk.briefs.get(id);
    if (!brief || !this.#desk.isMine(brief)) return;
    if (id !== this.#desk.openId) announce(words().heard(customerName(brief), message.text));
    if (id !== this.#desk.openId || document.hidden) this.#alerts.sound("message");
  }

  #seen() {
    if (document.hidden || !this.#desk?.openId) return;
    this.#desk.markRead(this.#desk.openId);
  }

  #speak() {
    this.#title();
    if (this.#desk?.me) this.#build();
    else this.#begin();
  }

  #unsaved(event) {
    const sending = [...(this.#desk?.chats.values() ?? [])].some((chat) => chat.messages.some(({ delivery }) => delivery === "posting"));
    if (sending) event.preventDefault();
  }

  async #signOut() {
    try {
      await this.#api.post("api/sign-out");
    } catch (error) {
      if (error.status === undefined) throw error;
      if (error.status !== 401) {
        toast(problemText(error));
        return;
      }
    }
    Drafts.forgetAll();
    this.#signedOut();
  }

  #signedOut() {
    this.#bar?.stop();
    this.#bar = null;
    this.#page = null;
    this.#pageName = "";
    this.#desk?.stop();
    this.#desk = null;
    this.#api.csrf = "";
    forgetAnnouncements();
    document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
    this.#title();
    this.#askToSignIn();
  }
}

customElements.define("desk-console", DeskConsole);
