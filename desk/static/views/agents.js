// For administrators: the accounts of the desk.

import { fullTime, moment } from "../lib/format.js";
import { button, el, toast } from "../lib/ui.js";
import { label, problemText, REASONS, words } from "../strings.js";
import { ask, show } from "./forms.js";
import { table } from "./table.js";

const ROLES = ["agent", "supervisor", "administrator"];
const LANGUAGES = ["zh", "en"];

/** `可用`, or that the one-time password is still to be changed, or was not changed in time. */
function ownPassword({ must_change_password: must, password_expires_at: until }, t) {
  if (!must) return t.active;
  return until && moment(until) <= Date.now() ? t.oneTimeExpired : t.oneTimeUnused;
}

export class DeskAgents extends HTMLElement {
  #desk;

  constructor(desk) {
    super();
    this.#desk = desk;
  }

  connectedCallback() {
    const t = words();
    this.list = el("div", {});
    this.replaceChildren(
      el("main", { class: "page", id: "main" }, el("div", { class: "page-head" }, el("h1", {}, t.pages.agents), button(t.newAgent, { shape: "plus", kind: "primary", press: () => this.#create() })), this.list),
    );
    this.#load();
  }

  async #load() {
    const t = words();
    let agents;
    try {
      ({ agents } = await this.#desk.api.get("api/agents"));
    } catch (error) {
      if (error.status === undefined) throw error;
      this.list.replaceChildren(el("p", { class: "problem", role: "alert" }, problemText(error)));
      return;
    }
    this.list.replaceChildren(
      table({
        caption: t.pages.agents,
        rows: agents,
        columns: [
          { label: t.displayName, of: (agent) => agent.display_name },
          { label: t.userName, of: (agent) => agent.name },
          { label: t.role, of: (agent) => t.roles[agent.role] },
          { label: t.language, of: (agent) => agent.languages.map((one) => t.languages[one]).join(" ") },
          { label: t.skills, of: (agent) => agent.skills.map((one) => label("reason", one)).join(t.comma), wide: true },
          { label: t.capacity, of: (agent) => String(agent.capacity), end: true },
          { label: t.account, of: (agent) => el("span", { class: `state ${!agent.active ? "offline" : agent.must_change_password ? "away" : "available"}` }, agent.active ? ownPassword(agent, t) : t.inactive) },
          {
            label: "",
            end: true,
            of: (agent) => el("span", { class: "row-acts" }, button(t.edit, { kind: "text", press: () => this.#edit(agent) }), button(t.resetPassword, { kind: "text", press: () => this.#reset(agent) })),
          },
        ],
      }),
    );
  }

  #fields(agent, { isNew }) {
    const t = words();
    return [
      isNew && { name: "name", label: t.userName, value: "", required: true, maxlength: 64, pattern: "[A-Za-z0-9][A-Za-z0-9._@+\\-]+", hint: t.userNameHint, autocomplete: "off" },
      { name: "display_name", label: t.displayName, value: agent.display_name, required: true, maxlength: 64, hint: t.displayNameHint, autocomplete: "off" },
      { name: "role", label: t.role, kind: "select", value: agent.role, options: ROLES.map((value) => ({ value, label: t.roles[value] })) },
      { name: "languages", label: t.language, kind: "checks", value: agent.languages, options: LANGUAGES.map((value) => ({ value, label: t.languages[value] })) },
      { name: "skills", label: t.skills, kind: "checks", value: agent.skills, options: REASONS.map((value) => ({ value, label: label("reason", value) })) },
      { name: "capacity", label: t.capacity, kind: "number", value: String(agent.capacity), min: 1, max: 50, required: true },
      isNew && { name: "oidc", label: t.signInBy, kind: "select", value: "", options: [{ value: "", label: t.password }, { value: "1", label: t.signInOidc }] },
      !isNew && { name: "active", label: t.account, kind: "select", value: String(agent.active), options: [{ value: "true", label: t.active }, { value: "false", label: t.inactive }] },
    ].filter(Boolean);
  }

  async #create() {
    const t = words();
    const made = await ask({
      title: t.newAgent,
      fields: this.#fields({ display_name: "", role: "agent", languages: ["zh"], skills: [], capacity: 5 }, { isNew: true }),
      action: t.create,
      wide: true,
      submit: ({ capacity, oidc, ...values }) => this.#desk.api.post("api/agents", { ...values, capacity: Number(capacity), oidc: Boolean(oidc) }),
    });
    if (!made) return;
    this.#showPassword(made);
    this.#load();
  }

  async #edit(agent) {
    const t = words();
    const done = await ask({
      title: agent.display_name,
      fields: this.#fields(agent, { isNew: false }),
      action: t.save,
      wide: true,
      submit: ({ capacity, active, ...values }) => this.#desk.api.patch(`api/agents/${agent.id}`, { ...values, capacity: Number(capacity), active: active === "true" }),
    });
    if (done) this.#load();
  }

  async #reset(agent) {
    const t = words();
    const done = await ask({
      title: t.resetPassword,
      intro: t.resetIntro(agent.display_name),
      fields: [],
      action: t.resetPassword,
      danger: true,
      submit: () => this.#desk.api.post(`api/agents/${agent.id}/password`),
    });
    if (!done) return;
    this.#showPassword(done);
    this.#load();
  }

  #showPassword(answer) {
    const t = words();
    const password = answer.one_time_password;
    if (!password) {
      toast(t.saved, "good");
      return;
    }
    const content = el("div", { class: "stack" }, el("p", {}, t.oneTimeIntro), el("code", { class: "secret" }, password), el("p", {}, t.oneTimeUntil(fullTime(answer.agent.password_expires_at))));
    show({ title: t.oneTimePassword, content });
  }
}

customElements.define("desk-agents", DeskAgents);
