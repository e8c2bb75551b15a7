// For supervisors: who is there, and what waits, by topic and by age.

import { duration } from "../lib/format.js";
import { button, el, setText } from "../lib/ui.js";
import { customerName, label, problemText, words } from "../strings.js";
import { table } from "./table.js";

const FRESH_MS = 15_000;

export class DeskSupervise extends HTMLElement {
  #desk;
  #presence = [];
  #due = 0;
  #stop = new AbortController();
  #timer = 0;

  constructor(desk) {
    super();
    this.#desk = desk;
  }

  connectedCallback() {
    const t = words();
    this.figures = el("div", { class: "figures" });
    this.waiting = el("section", {});
    this.agents = el("section", {});
    this.live = el("section", {});
    this.problem = el("p", { class: "problem", role: "alert", hidden: true });
    this.replaceChildren(el("main", { class: "page", id: "main" }, el("h1", {}, t.pages.supervise), this.problem, this.figures, this.waiting, this.agents, this.live));
    const { signal } = this.#stop;
    this.#desk.addEventListener("queue", () => this.#soon(), { signal });
    this.#desk.addEventListener("presence", () => this.#load(), { signal });
    this.#timer = setInterval(() => document.hidden || this.#load(), FRESH_MS);
    this.#load();
  }

  disconnectedCallback() {
    this.#stop.abort();
    clearInterval(this.#timer);
    clearTimeout(this.#due);
  }

  async #load() {
    try {
      this.#present(await this.#desk.api.get("api/presence"));
      this.problem.hidden = true;
    } catch (error) {
      if (error.status === undefined) throw error;
      setText(this.problem, problemText(error));
      this.problem.hidden = false;
    }
  }

  #present(given) {
    this.#presence = given.agents;
    this.#soon();
  }

  #soon() {
    clearTimeout(this.#due);
    this.#due = setTimeout(() => this.isConnected && this.#render(), 250);
  }

  #render() {
    const t = words();
    const tabs = this.#desk.tabs();
    const there = this.#presence.filter((agent) => agent.online);
    const late = tabs.waiting.filter((brief) => brief.service_level === "late").length;
    const oldest = Math.max(0, ...tabs.waiting.map((brief) => (Date.now() - brief.since_ms) / 1000));
    const room = there.filter((agent) => agent.status === "available").reduce((sum, agent) => sum + Math.max(0, agent.capacity - agent.load), 0);
    this.figures.replaceChildren(
      figure(t.tabs.waiting, String(tabs.waiting.length), late ? "late" : "ok"),
      figure(t.longestWait, tabs.waiting.length ? duration(oldest) : "–", late ? "late" : "ok"),
      figure(t.late, String(late), late ? "late" : "ok"),
      figure(t.liveChats, String(tabs.mine.length + tabs.live.length)),
      figure(t.tabs.later, String(tabs.later.length)),
      figure(t.agentsHere, String(there.length)),
      figure(t.freePlaces, String(room)),
    );
    this.waiting.replaceChildren(el("h2", {}, t.waitingByTopic), this.#waitingTable(tabs.waiting));
    this.agents.replaceChildren(el("h2", {}, t.whoIsHere), this.#agentsTable());
    this.live.replaceChildren(el("h2", {}, t.liveChats), this.#liveTable([...tabs.mine, ...tabs.live]));
  }

  #waitingTable(waiting) {
    const t = words();
    const groups = [...Map.groupBy(waiting, (brief) => `${brief.reason}\n${brief.language}`).values()];
    const age = (brief) => (Date.now() - brief.since_ms) / 1000;
    const among = (from, until) => (group) => String(group.filter((brief) => age(brief) >= from && age(brief) < until).length || "");
    return table({
      caption: t.waitingByTopic,
      nothing: t.nobodyWaits,
      rows: groups.sort((one, other) => other.length - one.length),
      columns: [
        { label: t.reason, of: ([first]) => label("reason", first.reason) },
        { label: t.language, of: ([first]) => t.languages[first.language] },
        { label: t.number, of: (group) => String(group.length), end: true },
        { label: t.under(1), of: among(0, 60), end: true },
        { label: t.between(1, 5), of: among(60, 300), end: true },
        { label: t.over(5), of: among(300, Infinity), end: true },
        { label: t.longestWait, of: (group) => duration(Math.max(...group.map(age))), end: true },
        { label: "", of: (group) => button(t.openOldest, { kind: "text", press: () => open(group.reduce((one, other) => (one.since_ms < other.since_ms ? one : other))) }) },
      ],
    });
  }

  #agentsTable() {
    const t = words();
    const rank = (agent) => (agent.online ? (agent.status === "available" ? 0 : 1) : 2);
    return table({
      caption: t.whoIsHere,
      nothing: t.nobodyHere,
      rows: [...this.#presence].sort((one, other) => rank(one) - rank(other)),
      columns: [
        { label: t.name, of: (agent) => agent.display_name ?? agent.name },
        { label: t.status, of: (agent) => el("span", { class: `state ${agent.online ? agent.status : "offline"}` }, [agent.online ? t.statuses[agent.status] : t.offline, agent.auto_assign ? "" : t.byHand].filter(Boolean).join(" · ")) },
        { label: t.load, of: (agent) => `${agent.load ?? 0} / ${agent.capacity}`, end: true },
        { label: t.language, of: (agent) => (agent.languages ?? []).map((one) => t.languages[one]).join(" ") },
        { label: t.skills, of: (agent) => (agent.skills ?? []).map((one) => label("reason", one)).join(t.comma), wide: true },
        { label: t.role, of: (agent) => t.roles[agent.role] },
      ],
    });
  }

  #liveTable(live) {
    const t = words();
    return table({
      caption: t.liveChats,
      nothing: t.nothingIn.live,
      rows: live,
      press: open,
      columns: [
        { label: t.customer, of: customerName },
        { label: t.agent, of: (brief) => brief.agent?.name ?? "" },
        { label: t.reason, of: (brief) => label("reason", brief.reason) },
        { label: t.since, of: (brief) => duration((Date.now() - brief.since_ms) / 1000), end: true },
        { label: t.lastWord, of: (brief) => brief.last_text ?? "", wide: true },
      ],
    });
  }
}

function open({ id }) {
  location.hash = `#/chat/${encodeURIComponent(id)}`;
}

function figure(name, value, level = "") {
  return el("div", { class: `figure ${level}` }, el("p", { class: "figure-label" }, name), el("p", { class: "figure-value" }, value));
}

customElements.define("desk-supervise", DeskSupervise);
