// What the console knows: who is signed in, every conversation in short, and the open ones wholly.
//
// The server's word replaces what was known; nothing is guessed but an agent's own message, which is shown at once as
// being sent. Answers may overtake each other and what is told meanwhile: an older word never replaces a newer one. After
// a lost connection the queue and the open conversation are asked for again.

import { newId } from "./api.js";
import { Chat, isOlder } from "./chat.js";
import { Drafts } from "./drafts.js";
import { moment } from "./format.js";

const MOST_CHATS = 40; // kept in memory, besides the open one
const FRESH_MS = 20_000; // the queue is asked for again so often: who waits becomes late without anything happening
const SEEN_MS = 1000; // the server is told so often at most what has been read

const TABS = ["waiting", "mine", "later", "live"];
const PRIORITIES = ["urgent", "high", "normal"];

/**
 * Fires `queue` with the ids that changed as `detail`, `chat` with `{id, what}`, `me`, `connection`, `arrival` with the
 * brief of a customer who began to wait, `given` with that of one whom somebody else gave to this agent, `heard` with `{id, message}` for each new message of a customer.
 */
export class Desk extends EventTarget {
  me = null;
  briefs = new Map();
  chats = new Map();
  openId = null;
  calledIn = null; // the conversation of the customer whom the agent calls just now
  loaded = false;

  #api;
  #live;
  #refreshing = null;
  #again = false;
  #toldMeanwhile = new Set(); // ids, since the queue was asked for
  #timer = 0;
  #seenTimer = 0;

  constructor(api, live) {
    super();
    this.#api = api;
    this.#live = live;
    live.addEventListener("online", () => this.#connected());
    live.addEventListener("offline", () => this.#fire("connection"));
    live.addEventListener("queue", ({ detail }) => this.#queueChanged(detail));
    live.addEventListener("conversation", ({ detail }) => this.#told([detail.brief ?? detail]));
    live.addEventListener("message", ({ detail }) => this.#said(detail));
    live.addEventListener("typing", ({ detail }) => this.#typing(detail));
    live.addEventListener("viewers", ({ detail }) => this.#viewers(detail));
    live.addEventListener("presence", ({ detail }) => this.#fire("presence", detail));
    live.addEventListener("me", ({ detail }) => this.setMe(detail?.me ?? detail));
  }

  get online() {
    return this.#live.online;
  }

  get api() {
    return this.#api;
  }

  /** Begin for this agent. */
  start(me) {
    this.drafts = new Drafts(me.id);
    this.setMe(me);
    this.#live.open();
    this.refresh();
    this.#timer = setInterval(() => !document.hidden && this.refresh(), FRESH_MS);
  }

  /** Nothing of what was shown stays. */
  stop() {
    clearInterval(this.#timer);
    clearTimeout(this.#seenTimer);
    this.#live.close();
    this.briefs.clear();
    this.chats.clear();
    this.openId = null;
    this.calledIn = null;
    this.loaded = false;
    this.me = null;
  }

  setMe(me) {
    if (!me?.id) return;
    this.me = { ...this.me, ...me };
    this.#fire("me");
  }

  get isSupervisor() {
    return this.me.role !== "agent";
  }

  isMine(brief) {
    return brief.state === "agent" && brief.agent?.id === this.me.id;
  }

  /** The names of the tabs: what others have, supervisors see. */
  get tabNames() {
    return this.isSupervisor ? TABS : TABS.filter((name) => name !== "live");
  }

  /** The tab on which a conversation stands, or `null`. Who is to be called stands with those who left a wish. */
  tabOf(brief) {
    if (brief.state === "waiting" || brief.state === "later") return brief.state;
    if (brief.state !== "agent") return brief.callback ? "later" : null;
    if (this.isMine(brief)) return "mine";
    return this.isSupervisor ? "live" : null;
  }

  /** The briefs of each tab, in the order in which they should be looked at. */
  tabs() {
    const found = { waiting: [], mine: [], later: [], live: [] };
    for (const brief of this.briefs.values()) found[this.tabOf(brief)]?.push(brief);
    const byAge = (one, other) => one.order - other.order || one.id.localeCompare(other.id);
    const byWait = (one, other) => Number(other.waits) - Number(one.waits) || byAge(one, other);
    const byNeed = (one, other) => PRIORITIES.indexOf(one.priority) - PRIORITIES.indexOf(other.priority) || byAge(one, other);
    found.waiting.sort(byNeed);
    found.later.sort(byNeed);
    // First who waits for an answer, the longest first; then the others, who stay where they are.
    found.mine.sort(byWait);
    found.live.sort(byWait);
    return found;
  }

  /** How much calls for this agent: unread messages of own chats, and those who wait. */
  get calling() {
    let count = 0;
    for (const brief of this.briefs.values()) {
      if (brief.state === "waiting") count += 1;
      else if (this.isMine(brief)) count += brief.unread;
    }
    return count;
  }

  /** Ask for the whole queue; calls while one is under way become one more. */
  refresh() {
    if (this.#refreshing) {
      this.#again = true;
      return this.#refreshing;
    }
    this.#refreshing = this.#loadQueue().finally(() => {
      this.#refreshing = null;
      if (this.#again) {
        this.#again = false;
        this.refresh();
      }
    });
    return this.#refreshing;
  }

  async #loadQueue() {
    this.#toldMeanwhile.clear();
    let queue;
    try {
      queue = await this.#api.get("api/queue");
    } catch {
      return; // said by the connection's banner, and asked again with the next connection
    }
    if (!this.me) return;
    const isLatest = (id) => !this.#toldMeanwhile.has(id);
    const briefs = [...TABS, "calls"].flatMap((name) => queue[name] ?? []).filter(({ id }) => isLatest(id));
    const wanted = new Set(briefs.map(({ id }) => id));
    const gone = [...this.briefs.keys()].filter((id) => !wanted.has(id) && isLatest(id));
    this.#take(briefs, gone, { quiet: !this.loaded });
    this.loaded = true;
    this.#fire("queue", new Set([...wanted, ...gone]));
  }

  #queueChanged(detail) {
    const changed = Array.isArray(detail) ? detail : (detail?.changed ?? detail?.briefs);
    if (Array.isArray(changed)) this.#told(changed, detail.removed ?? []);
    else this.refresh();
  }

  /** Take what the server tells by itself, or of an act just done. */
  #told(briefs, gone = [], options = {}) {
    for (const id of [...briefs.map((brief) => brief.id), ...gone]) this.#toldMeanwhile.add(id);
    this.#take(briefs, gone, options);
  }

  #take(briefs, gone = [], { quiet = false } = {}) {
    const changed = new Set();
    for (const given of briefs) {
      const chat = this.chats.get(given.id);
      const before = this.briefs.get(given.id);
      if (isOlder(given, before ?? chat?.brief)) continue;
      const brief = stamped(given);
      if (given.id === this.openId && !document.hidden && brief.unread > 0) {
        brief.unread = 0;
        this.#tellSeen();
      }
      if (same(before, brief)) continue;
      if (this.tabOf(brief)) this.briefs.set(brief.id, brief);
      else this.briefs.delete(brief.id);
      changed.add(brief.id);
      if (chat) {
        chat.brief = { ...chat.brief, ...brief };
        this.#fire("chat", { id: brief.id, what: "brief" });
      }
      if (quiet || !this.loaded) continue;
      if (brief.state === "waiting" && before?.state !== "waiting") this.#fire("arrival", brief);
      if (this.isMine(brief) && brief.unread > 0 && !(before && this.isMine(before))) this.#fire("given", brief);
    }
    for (const id of gone) if (this.briefs.delete(id)) changed.add(id);
    if (changed.size > 0) this.#fire("queue", changed);
  }

  // Conversations

  /** Show a conversation; `null` shows none. What is known is shown at once, and brought up to date. */
  open(id) {
    if (this.openId === id) return;
    if (this.openId) this.#live.tell("close_view", { conversation_id: this.openId });
    this.openId = id;
    if (!id) return;
    this.chat(id);
    this.markRead(id);
    this.#view(id);
  }

  /** Be told of what comes in, then load: what came before that is in it. */
  async #view(id) {
    await this.#live.ask("open", { conversation_id: id });
    if (this.openId === id) this.load(id);
  }

  chat(id) {
    if (!this.chats.has(id)) this.chats.set(id, new Chat(id, this.drafts.of(id).unsent, this.me));
    return this.chats.get(id);
  }

  /** What the agent has seen is no longer unread. */
  markRead(id) {
    const brief = this.briefs.get(id);
    if (!brief?.unread) return;
    brief.unread = 0;
    this.#tellSeen();
    this.#fire("queue", new Set([id]));
  }

  #tellSeen() {
    clearTimeout(this.#seenTimer);
    this.#seenTimer = setTimeout(() => this.openId && this.#live.tell("open", { conversation_id: this.openId }), SEEN_MS);
  }

  /** Ask for a conversation: the latest, or what was before the oldest that is known. */
  async load(id, { older = false } = {}) {
    const chat = this.chat(id);
    const before = older ? chat.oldest : undefined;
    try {
      const got = await this.#api.get(this.#api.conversation(id), { before });
      if (!this.me) return; // signed out meanwhile, here and below
      chat.take(got.brief ? { ...got, brief: stamped(got.brief) } : got, { older });
      if (got.brief && !older) this.#take([got.brief]);
      chat.problem = null;
    } catch (error) {
      if (!error.status && error.status !== 0) throw error;
      if (!this.me) return;
      chat.problem = error;
    }
    this.#forgetOldest();
    this.#fire("chat", { id, what: "all" });
  }

  /** What may still be sent over the customer's messaging service; nothing if it is none, or it is not known. */
  async replyWindow(id) {
    try {
      return (await this.#api.get(this.#api.conversation(id, "window"))).window;
    } catch (error) {
      if (!error.status && error.status !== 0) throw error;
      return null;
    }
  }

  /** Send a message to the customer; it is shown at once. */
  say(id, text) {
    const chat = this.chat(id);
    const message = chat.begin(newId(), text);
    this.drafts.sending(id, { id: message.key, text });
    this.#fire("chat", { id, what: "messages" });
    return this.#transmit(chat, message);
  }

  /** Send again what could not be sent: the server takes an id once. */
  sayAgain(id, key) {
    const chat = this.chat(id);
    const message = chat.restart(key);
    if (!message) return undefined;
    this.#fire("chat", { id, what: "messages" });
    return this.#transmit(chat, message);
  }

  /** Give up a message that could not be sent; returns its text. */
  takeBack(id, key) {
    const text = this.chat(id).drop(key);
    this.drafts.sent(id, key);
    this.#fire("chat", { id, what: "messages" });
    return text;
  }

  async #transmit(chat, { key, text }) {
    try {
      const got = await this.#api.post(this.#api.conversation(chat.id, "messages"), { message_id: key, text });
      if (!this.me) return;
      this.drafts.sent(chat.id, key);
      chat.accepted(key, got?.message ?? got);
    } catch (error) {
      if (!error.status && error.status !== 0) throw error;
      if (!this.me) return;
      if (!chat.refused(key, error)) this.drafts.sent(chat.id, key);
      if (error.status === 403 || error.status === 409) this.load(chat.id); // somebody else has it now
    }
    this.#fire("chat", { id: chat.id, what: "messages" });
  }

  /** Send a file to the customer. Raises what the server says. */
  async sendFile(id, file) {
    const form = new FormData();
    form.append("message_id", newId());
    form.append("file", file, file.name);
    const got = await this.#api.post(this.#api.conversation(id, "files"), form);
    const message = got?.message ?? got;
    if (this.me && message?.id) this.#said({ conversation_id: id, message });
  }

  /** `act` on a conversation, such as `claim`; what the server answers is shown. Raises what it says otherwise. */
  async act(id, act, body = {}) {
    const got = await this.#api.post(this.#api.conversation(id, act), body);
    if (!this.me) return got;
    const chat = this.chats.get(id);
    if (got?.message) this.#said({ conversation_id: id, message: got.message });
    const brief = got?.brief ?? (got?.state && got?.id === id ? got : null);
    if (brief) this.#told([brief], [], { quiet: true });
    if (got?.tags && chat) chat.tags = got.tags;
    if (chat) await this.load(id);
    return got;
  }

  /** Tell the customer and other viewers that the agent is writing. */
  tellTyping(id, typing) {
    this.#live.tell("typing", { conversation_id: id, typing });
  }

  // Events

  #said({ conversation_id: id, message }) {
    const chat = this.chats.get(id);
    const isNew = chat ? chat.add(message) : true;
    if (chat) this.#fire("chat", { id, what: "messages" });
    const brief = this.briefs.get(id);
    if (!brief || !isNew || message.sender !== "user") return;
    const seen = id === this.openId && !document.hidden;
    const unread = seen ? 0 : brief.unread + 1;
    this.#take([{ ...brief, last_text: message.text, last_at: message.at, unread }]);
    this.#fire("heard", { id, message });
  }

  #typing({ conversation_id: id, who, typing }) {
    const chat = this.chat(id);
    chat.typing(who, typing);
    this.#fire("chat", { id, what: "typing" });
    if (who === "customer") this.#fire("queue", new Set([id]));
  }

  #viewers({ conversation_id: id, agents }) {
    this.chat(id).viewers = agents;
    this.#fire("chat", { id, what: "viewers" });
  }

  #connected() {
    this.#fire("connection");
    this.refresh();
    if (this.openId) this.#view(this.openId);
  }

  #forgetOldest() {
    for (const [id, chat] of this.chats) {
      if (this.chats.size <= MOST_CHATS) return;
      if (id !== this.openId && !chat.sending) this.chats.delete(id);
    }
  }

  #fire(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/**
 * A brief with what follows from it: `waits` for a word of an agent, since when by this computer's clock (which may be
 * wrong), and `order`, by which briefs are sorted: the server's own.
 */
function stamped(brief) {
  const waits = Boolean(brief.asked_at);
  const since_ms = waits ? Date.now() - brief.waited_seconds * 1000 : moment(brief.since);
  return { unread: 0, tags: [], ...brief, waits, since_ms, order: moment(brief.asked_at ?? brief.since) };
}

const MOVING = new Set(["waited_seconds", "since_ms"]); // they differ with each look

function same(before, brief) {
  if (!before) return false;
  const fixed = (key, value) => (MOVING.has(key) ? undefined : value);
  return JSON.stringify(before, fixed) === JSON.stringify(brief, fixed);
}
