/** Beside the phone: the quota, what the platform refused, the service's own agent, time, and deliveries. */

import { backstage, skip } from "./api.js";
import { element } from "./dom.js";
import { duration, t } from "./strings.js";

const SKIPS = { skip_minute: 60, skip_day: 86_400, skip_window: 172_800 };
const LATEST = 5;

/** Draws into `place`; `act(name, values)` acts for the customer or the agent. */
export class Backstage {
  #place;
  #act;
  #view = null;
  #quotaSince = 0;
  #quota = null;
  #deliveries = element("ol", { className: "deliveries" });

  constructor(place, act) {
    this.#place = place;
    this.#act = act;
  }

  async show(view) {
    this.#view = view;
    this.#quotaSince = Date.now();
    this.#quota = element("div");
    const agent = this.#place.querySelector("#agent-message");
    const [draft, focused] = [agent?.value ?? "", agent !== null && document.activeElement === agent];
    this.#place.replaceChildren(
      element("h2", {}, t("backstage")),
      part("quota", this.#quota, element("p", { className: "faint" }, t(`quota_note_${view.platform}`))),
      part("refused", this.#refused()),
      ...(view.platform === "wecom" ? [part("state", ...this.#state(draft))] : this.#relation()),
      part("time", this.#skips()),
      part("deliveries", this.#deliveries),
    );
    if (focused) this.#place.querySelector("#agent-message")?.focus();
    this.tick();
    await this.#showDeliveries();
  }

  /** Let the time that is left run down. */
  tick() {
    if (!this.#view) return;
    const { left, total, seconds } = this.#view.quota;
    const rest = seconds === null ? 0 : seconds - Math.floor((Date.now() - this.#quotaSince) / 1000);
    if (rest <= 0) {
      this.#quota.replaceChildren(element("p", { className: "figure none" }, t("quota_none")));
      return;
    }
    const meter = element("meter", { min: 0, max: total, value: left, "aria-label": t("quota") });
    this.#quota.replaceChildren(
      element("p", { className: left ? "figure" : "figure none" }, t("quota_left", left, total)),
      meter,
      element("p", { className: "faint" }, t("quota_until", duration(rest))),
    );
  }

  #refused() {
    const { refusals } = this.#view;
    return element("p", { className: refusals.length ? "refused" : "faint" }, refusals.join(" · ") || t("refused_none"));
  }

  #relation() {
    if (!this.#view.related) return [];
    return [part("relation", button(t("unfollow"), () => this.#act("unfollow")), this.#rejects())];
  }

  #state(draft) {
    const { service_state: state } = this.#view;
    return [
      element("p", { className: "figure" }, t(`state_${state}`)),
      state === 2 ? button(t("accept"), () => this.#act("accept")) : null,
      state === 3 ? this.#agentForm(draft) : null,
      state === 3 ? button(t("end"), () => this.#act("end")) : null,
      this.#rejects(),
    ];
  }

  #rejects() {
    const { platform, rejects } = this.#view;
    const box = element("input", { type: "checkbox", checked: rejects });
    box.onchange = () => this.#act("reject", { rejects: box.checked });
    return element("label", { className: "check" }, box, t(`rejects_${platform}`));
  }

  #agentForm(draft) {
    const label = t("agent_message");
    const field = element("input", { id: "agent-message", value: draft, placeholder: label, "aria-label": label });
    const form = element("form", { className: "row" }, field, element("button", { type: "submit" }, t("send")));
    form.onsubmit = (event) => {
      event.preventDefault();
      const text = field.value.trim();
      field.value = "";
      if (text) this.#act("agent_says", { text });
    };
    return form;
  }

  #skips() {
    const buttons = Object.entries(SKIPS).map(([name, seconds]) => button(t(name), () => skip(seconds)));
    return element("div", { className: "row wrap" }, ...buttons);
  }

  async #showDeliveries() {
    const { attempts } = await backstage();
    const latest = attempts.filter((one) => one.platform === this.#view.platform).slice(-LATEST).reverse();
    const rows = latest.map((one) => {
      const outcome = one.taken ? t("taken") : one.status ?? t("no_answer");
      const text = t("delivery", one.number, outcome, Math.round(one.seconds * 1000));
      return element("li", { className: one.taken ? "" : "refused" }, text);
    });
    this.#deliveries.replaceChildren(...(rows.length ? rows : [element("li", { className: "faint" }, t("deliveries_none"))]));
  }
}

function part(name, ...content) {
  return element("section", {}, element("h3", {}, t(name)), ...content);
}

function button(text, onclick) {
  return element("button", { type: "button", onclick }, text);
}
