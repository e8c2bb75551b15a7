// Who has the conversation while a person is on the way or there: a line above the messages, with the way back.

import { el, icon } from "./dom.js";

/** Whether the assistant is silent: a person has the conversation or is on the way. */
export function withPeople(desk) {
  return desk?.state === "waiting" || desk?.state === "agent";
}

/** Fires `back` when the customer wants the assistant again. */
export class PeopleLine extends EventTarget {
  #said = "";

  constructor() {
    super();
    this.mark = el("span", { class: "people-mark" }, icon("person"));
    this.text = el("span", { class: "people-text", role: "status" });
    this.button = el("button", { type: "button", class: "text-button", on: { click: () => this.dispatchEvent(new Event("back")) } });
    this.node = el("div", { class: "banner people", hidden: true }, this.mark, this.text, this.button);
  }

  /** Show who has the conversation; `desk` as of the event `desk_state`. */
  update(desk, words) {
    const shown = withPeople(desk);
    this.node.hidden = !shown;
    this.node.classList.toggle("there", desk?.state === "agent");
    this.button.textContent = words.backToAssistant;
    const text = shown ? line(desk, words) : "";
    // Said again only when it is something new: screen readers read out what is set.
    if (text !== this.#said) this.text.textContent = this.#said = text;
  }
}

function line({ state, agent, position, expected_minutes: minutes }, words) {
  if (state === "agent") return words.withAgent(agent?.name || words.someone);
  if (!position) return words.waiting;
  return minutes ? words.waitingFor(position, minutes) : words.waitingAt(position);
}
