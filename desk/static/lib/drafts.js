// What an agent has written and not sent, by conversation. It survives a reload, and ends when the agent signs out.

const PREFIX = "desk:draft:";

export class Drafts {
  #agent;
  #kept = new Map();

  constructor(agentId) {
    this.#agent = `${PREFIX}${agentId}:`;
    for (const key of keys()) {
      if (key.startsWith(this.#agent)) this.#kept.set(key.slice(this.#agent.length), read(key));
    }
  }

  /** `{text, mode, unsent: [{id, text}]}`; everything empty if there is nothing. */
  of(conversationId) {
    return { text: "", mode: "reply", unsent: [], ...this.#kept.get(conversationId) };
  }

  /** Whether something is written and not sent. */
  has(conversationId) {
    return this.of(conversationId).text.trim() !== "";
  }

  keep(conversationId, changes) {
    const draft = { ...this.of(conversationId), ...changes };
    const key = this.#agent + conversationId;
    if (draft.text === "" && draft.unsent.length === 0) {
      this.#kept.delete(conversationId);
      guarded(() => localStorage.removeItem(key));
    } else {
      this.#kept.set(conversationId, draft);
      guarded(() => localStorage.setItem(key, JSON.stringify(draft)));
    }
  }

  /** A message is on its way; until the server has it, it can be sent again. */
  sending(conversationId, message) {
    const { unsent } = this.of(conversationId);
    this.keep(conversationId, { unsent: [...unsent.filter(({ id }) => id !== message.id), message] });
  }

  /** The server has it. */
  sent(conversationId, id) {
    const { unsent } = this.of(conversationId);
    if (unsent.some((one) => one.id === id)) this.keep(conversationId, { unsent: unsent.filter((one) => one.id !== id) });
  }

  /** Nothing that was written to customers stays on this computer. */
  static forgetAll() {
    for (const key of keys()) if (key.startsWith(PREFIX)) guarded(() => localStorage.removeItem(key));
  }
}

function keys() {
  return guarded(() => Object.keys(localStorage)) ?? [];
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? {};
  } catch {
    return {}; // another version's, or cut off
  }
}

function guarded(act) {
  try {
    return act();
  } catch {
    return undefined; // the browser keeps nothing for this page
  }
}
