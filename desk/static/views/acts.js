// What an agent can do with a conversation, which of it is possible now, and the dialogs that ask for the rest.

import { forInput, fromInput } from "../lib/format.js";
import { announce, toast } from "../lib/ui.js";
import { label, problemText, words } from "../strings.js";
import { ask } from "./forms.js";

const HALF_HOUR_MS = 30 * 60_000;
const CALL_HOURS = Array.from({ length: 12 }, (_, index) => 9 + index); // proposed; 8 to 22 are allowed
export const OUTCOMES = ["solved", "request_filed", "promise", "callback", "not_solved", "no_answer", "other"];

/** When a customer may be called next, on the half hour, in milliseconds: not in the night. */
function nextCall(now) {
  let start = Math.ceil(now / HALF_HOUR_MS + 1) * HALF_HOUR_MS;
  while (!CALL_HOURS.includes(Number(forInput(start).slice(11, 13)))) start += HALF_HOUR_MS;
  return start;
}

export class Acts {
  #desk;

  constructor(desk) {
    this.#desk = desk;
  }

  /** The names of what can be done with this conversation now, the likeliest first. */
  possible(brief) {
    if (!brief) return [];
    const mine = this.#desk.isMine(brief);
    const supervisor = this.#desk.isSupervisor;
    const waits = brief.state === "waiting" || brief.state === "later";
    return [
      waits && "claim",
      waits && supervisor && "assign",
      mine && "transfer",
      mine && "hand_back",
      (mine || waits) && "close",
      brief.state === "agent" && !mine && supervisor && "take_over",
      brief.state === "agent" && !mine && supervisor && "transfer",
      (mine || waits) && "callback",
      brief.callback && (brief.callback.agent || waits || mine) && "called",
    ].filter(Boolean);
  }

  /** Do what the name says with this conversation. */
  async do(name, id) {
    const brief = this.#desk.chats.get(id)?.brief ?? this.#desk.briefs.get(id);
    if (!this.possible(brief).includes(name)) return;
    await { claim: this.#claim, assign: this.#assign, transfer: this.#transfer, hand_back: this.#handBack, close: this.#close, take_over: this.#takeOver, callback: this.#callback, called: this.#called }[name].call(this, id, brief);
  }

  async #act(id, act, body) {
    const done = await this.#desk.act(id, act, body);
    announce(words().done[act]);
    return done ?? true;
  }

  async #claim(id) {
    await this.#try(() => this.#act(id, "claim"));
    this.#desk.refresh();
  }

  async #try(act) {
    try {
      await act();
    } catch (error) {
      if (error.status === undefined) throw error;
      toast(problemText(error));
    }
  }

  async #assign(id, brief) {
    const t = words();
    await ask({
      title: t.acts.assign,
      fields: [{ name: "agent", label: t.toWhom, kind: "select", options: await this.#colleagues(brief) }],
      action: t.acts.assign,
      submit: ({ agent }) => this.#act(id, "assign", { agent_id: Number(agent) }),
    });
  }

  async #transfer(id, brief) {
    const t = words();
    const colleagues = await this.#colleagues(brief);
    const skills = [...new Set(colleagues.flatMap((one) => one.skills))].map((skill) => ({ value: `skill:${skill}`, label: t.anyoneWith(label("reason", skill)) }));
    const likely = colleagues.find((one) => one.hasRoom);
    const options = [{ value: "skill:", label: t.anyone }, ...skills, ...colleagues.map((one) => ({ ...one, value: `agent:${one.value}` }))];
    await ask({
      title: t.acts.transfer,
      fields: [
        { name: "to", label: t.toWhom, kind: "select", options, value: likely ? `agent:${likely.value}` : "skill:" },
        { name: "note", label: t.transferNote, kind: "textarea", required: true, maxlength: 1000, hint: t.transferHint },
      ],
      action: t.acts.transfer,
      submit: ({ to, note }) => {
        const [kind, who] = to.split(/:(.*)/s);
        return this.#act(id, "transfer", { note, ...(kind === "agent" ? { agent_id: Number(who) } : { skill: who || null }) });
      },
    });
  }

  async #handBack(id) {
    const t = words();
    await ask({
      title: t.acts.hand_back,
      intro: t.handBackIntro,
      fields: [{ name: "note", label: t.noteForColleagues, kind: "textarea", maxlength: 1000 }],
      action: t.acts.hand_back,
      submit: ({ note }) => this.#act(id, "hand_back", { reason: note }),
    });
  }

  async #close(id) {
    const t = words();
    await ask({
      title: t.acts.close,
      intro: t.closeIntro,
      fields: [
        { name: "outcome", label: t.outcome, kind: "select", options: OUTCOMES.map((value) => ({ value, label: label("outcome", value) })) },
        { name: "reason", label: t.closeReason, kind: "textarea", maxlength: 1000, required: true },
      ],
      action: t.acts.close,
      submit: (values) => this.#act(id, "close", values),
    });
  }

  async #takeOver(id, brief) {
    const t = words();
    await ask({ title: t.acts.take_over, intro: t.takeOverIntro(brief.agent?.name ?? ""), fields: [], action: t.acts.take_over, submit: () => this.#act(id, "take_over") });
  }

  async #callback(id) {
    const t = words();
    const start = nextCall(Date.now());
    await ask({
      title: t.acts.callback,
      intro: t.callIntro,
      fields: [
        { name: "from", label: t.callFrom, kind: "datetime-local", required: true, value: forInput(start) },
        { name: "until", label: t.callUntil, kind: "datetime-local", required: true, value: forInput(start + HALF_HOUR_MS) },
        { name: "note", label: t.callNote, kind: "textarea", maxlength: 500 },
      ],
      action: t.acts.callback,
      submit: ({ from, until, note }) => this.#act(id, "callback", { from: fromInput(from), until: fromInput(until), note }),
    });
  }

  async #called(id) {
    await this.#try(() => this.#act(id, "callback", { done: true }));
  }

  /** Who can take it, those with the most room first. */
  async #colleagues(brief) {
    const t = words();
    let agents;
    try {
      ({ agents } = await this.#desk.api.get("api/colleagues"));
    } catch (error) {
      if (error.status === undefined) throw error;
      toast(problemText(error));
      return [];
    }
    return agents
      .filter((agent) => agent.id !== brief.agent?.id)
      .map((agent) => ({
        value: String(agent.id),
        skills: agent.skills,
        hasRoom: agent.load < agent.capacity,
        label: `${agent.display_name} · ${agent.load}/${agent.capacity} · ${agent.languages.map((one) => t.languages[one]).join(" ")}`,
      }));
  }
}
