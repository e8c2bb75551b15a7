// One conversation as the console knows it: its messages in order, and what is being sent.

import { moment } from "./format.js";

const TYPING_MS = 6000; // who says nothing more for so long has stopped writing

export class Chat {
  brief = null;
  messages = [];
  transitions = [];
  earlier = [];
  tags = [];
  viewers = [];
  loaded = false;
  hasOlder = false;
  problem = null;

  #me;
  #writing = new Map(); // name → until when, milliseconds

  /** `unsent`: what this agent sent before a reload and the server did not confirm. */
  constructor(id, unsent, me) {
    this.id = id;
    this.#me = me;
    this.messages = unsent.map((one) => ({ ...this.#own(one.id, one.text), delivery: "unsent" }));
  }

  /** The server's id of the oldest message that is known. */
  get oldest() {
    return this.messages.find((message) => !isOwn(message))?.id;
  }

  get sending() {
    return this.messages.some(isOwn);
  }

  /** Take what the server says of the conversation, keeping what is being sent. */
  take(got, { older = false } = {}) {
    const given = (got.messages ?? []).map(keyed);
    if (older) {
      this.hasOlder = got.has_older;
      this.messages = merged(given, this.messages);
      return;
    }
    const keys = new Set(given.map(({ key }) => key));
    const first = given[0];
    // What was fetched before stays above; where the latest do not reach back to it there would be a gap.
    const joins = first && this.messages.some(({ key }) => key === first.key);
    const above = joins ? this.messages.slice(0, this.messages.findIndex(({ key }) => key === first.key)) : [];
    const own = this.messages.filter((message) => isOwn(message) && !keys.has(message.key));
    // What has been told since the server read this is newer than the latest of it.
    const last = given.at(-1)?.id ?? 0;
    const since = this.messages.filter((message) => !isOwn(message) && !keys.has(message.key) && message.id > last);
    this.messages = [...above.filter((message) => !isOwn(message)), ...given, ...since, ...own];
    if (above.length === 0) this.hasOlder = got.has_older;
    this.loaded = true;
    if (isOlder(got.brief, this.brief)) return;
    this.brief = { ...this.brief, ...got.brief };
    this.transitions = got.transitions;
    this.earlier = got.earlier;
    this.tags = got.tags;
  }

  /** Add or bring up to date; whether it is new. */
  add(given) {
    const message = keyed(given);
    const index = this.messages.findIndex(({ key }) => key === message.key);
    if (message.sender === "user") this.typing("customer", false);
    if (index >= 0) {
      this.messages = this.messages.with(index, { ...this.messages[index], problem: undefined, ...message });
      return false;
    }
    const own = this.messages.filter(isOwn);
    this.messages = [...this.messages.filter((one) => !isOwn(one)), message, ...own];
    return true;
  }

  #own(key, text) {
    return { key, sender: "agent", agent: { id: this.#me.id, name: this.#me.display_name ?? this.#me.name }, text, at: Date.now() / 1000 };
  }

  begin(key, text) {
    const message = { ...this.#own(key, text), delivery: "posting" };
    this.messages = [...this.messages, message];
    return message;
  }

  restart(key) {
    return this.#change(key, { delivery: "posting", problem: undefined });
  }

  accepted(key, message) {
    const fresh = message && keyed(message).key === key ? message : {};
    const current = this.messages.find((one) => one.key === key);
    // The event may have come before the answer and may know more.
    if (current && isOwn(current)) this.#change(key, { delivery: "sending", ...fresh, key });
  }

  /** Whether it is unsent: the event may have come before the failure, and then the server has it all the same. */
  refused(key, problem) {
    const current = this.messages.find((one) => one.key === key);
    if (!current || !isOwn(current)) return false;
    this.#change(key, { delivery: "unsent", problem });
    return true;
  }

  drop(key) {
    const text = this.messages.find((message) => message.key === key)?.text ?? "";
    this.messages = this.messages.filter((message) => message.key !== key);
    return text;
  }

  #change(key, changes) {
    const index = this.messages.findIndex((message) => message.key === key);
    if (index < 0) return null;
    this.messages = this.messages.with(index, { ...this.messages[index], ...changes });
    return this.messages[index];
  }

  typing(who, typing) {
    if (typing) this.#writing.set(who, Date.now() + TYPING_MS);
    else this.#writing.delete(who);
  }

  /** Who is writing just now: `customer` and names of agents. */
  writing() {
    const now = Date.now();
    for (const [who, until] of this.#writing) if (until < now) this.#writing.delete(who);
    return [...this.#writing.keys()];
  }
}

/** What is sent under an id of ours keeps that name; the rest goes by the server's. */
function keyed(message) {
  return { ...message, key: message.message_id ?? String(message.id) };
}

/** Not the server's yet. */
export function isOwn(message) {
  return message.delivery === "posting" || message.delivery === "unsent";
}

/** Whether a brief is of a time before the other's last move. */
export function isOlder(brief, other) {
  return brief?.last_move < other?.last_move;
}

function merged(older, known) {
  const keys = new Set(known.map(({ key }) => key));
  return [...older.filter(({ key }) => !keys.has(key)), ...known];
}

/** The moment of a message, milliseconds. */
export function at(message) {
  return moment(message.at);
}
