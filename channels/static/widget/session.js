// The conversation with the server: one socket, who is signed in, the messages, and what still has to be sent.
//
// Messages that the customer sent stay in the outbox until the server says that they were handled or shows them in the
// history. After a reconnect the history replaces everything; what is missing in it is sent again under its old id,
// and the server handles an id once.

import { agentFile, fetchFile } from "./download.js";
import { newId } from "./ids.js";
import { withPeople } from "./people.js";
import { TokenUnavailable } from "./token.js";
import { send } from "./transfer.js";

const ACK_MS = 8000; // how long the server may take to say that it has a message
const SEND_MS = 120_000; // how long a message waits for the connection; later the customer decides
const RETRY_MS = 3000; // between attempts to get a token
const MOST_RENEWALS = 3; // tokens in a row that were over when they came
const TYPING_MS = 3000; // between words that the customer is typing
const TYPING_STAYS_MS = 6000; // after the last word that an agent is typing

const UPLOADS = new URL("../uploads", import.meta.url);

/** What the customer sees of the connection. */
export const CONNECTION = { IDLE: "idle", CONNECTING: "connecting", ONLINE: "online", OFFLINE: "offline" };

/** Fires `change` whenever something that is shown has changed, and `message` for each new one from the assistant. */
export class Session extends EventTarget {
  connection = CONNECTION.IDLE;
  /** `null` until the first history has arrived. */
  messages = null;
  typing = false;
  signedIn = false;
  /** The identity is over, and there is no new token. */
  expired = false;
  /** The token was not believed. */
  notConfirmed = false;
  limit = 2000;
  commentLimit = 500;
  /** Who has the conversation: `{state, position?, expected_minutes?, agent?}`; `null` until it is known. */
  desk = null;
  /** The name of the agent who is typing, or `null`. */
  agentTyping = null;

  #server;
  #tokens;
  #storage;
  #language;
  #socket = null;
  #conversation = null; // fingerprint of the conversation that the messages belong to
  #confirmed = false;
  #renewing = false;
  #renewals = 0;
  #ahead = 0; // of this device's clock the server's is, seconds
  #typedAt = 0;
  #agentTimer = 0;

  constructor({ server, tokens, storage, language }) {
    super();
    this.#server = new URL(server);
    this.#tokens = tokens;
    this.#storage = storage;
    this.#language = language;
  }

  /** Whether this tab has talked before. */
  get startedBefore() {
    return Boolean(this.#storage.get("session"));
  }

  /**
   * Fetch a document of the bank, which needs the customer's token, and let the browser save it as `file`.
   * Resolves with what went wrong, or `null`.
   */
  async download(id, file) {
    const authorization = await this.#authorization();
    if (!authorization) return "sign_in";
    return fetchFile(new URL(`../documents/${encodeURIComponent(id)}`, import.meta.url), authorization, file);
  }

  /** The same for a file that an agent sent; only its number is taken from the link. */
  async downloadFromAgent(url, file) {
    const id = agentFile(url);
    return id ? fetchFile(new URL(`../desk/files/${id}`, import.meta.url), await this.#ownership(), file) : "gone";
  }

  /** Let the browser save the conversation as a file, `txt` or `pdf`. */
  async saveTranscript(name, format) {
    return fetchFile(new URL(`../transcript?format=${format}`, import.meta.url), await this.#ownership(), `${name}.${format}`);
  }

  /** Tell how it was, with a person or the assistant; resolves with what went wrong, or `null`. `id` is that of the message. */
  async rate(id, stars, comment) {
    if (!this.#confirmed) return "later";
    const answer = await this.#socket.timeout(ACK_MS).emitWithAck("rate", { stars, comment, message_id: id }).catch(() => null);
    if (!answer?.accepted) return "later";
    this.#storage.set("rated", `${id} ${stars}`);
    return null;
  }

  /** The stars that were given at this message in this browser, or 0. */
  starsOf(id) {
    const [rated, stars] = (this.#storage.get("rated") || "").split(" ");
    return rated === id ? Number(stars) : 0;
  }

  /** To be called as the customer types: a person who has the conversation sees it. */
  typed() {
    if (!this.#confirmed || !withPeople(this.desk) || Date.now() - this.#typedAt < TYPING_MS) return;
    this.#typedAt = Date.now();
    this.#socket.emit("typing", { typing: true });
  }

  /** Send a file for the request that is being made; resolves with `{file}` or `{problem}`. */
  async upload(file) {
    const authorization = await this.#authorization();
    return authorization ? send({ ...file, address: UPLOADS, authorization }) : { problem: "sign_in" };
  }

  /** The files that have come for it, or `null` if that is not known now. */
  async uploads() {
    const answer = await this.#askUploads("GET", UPLOADS);
    return answer?.ok ? (await answer.json()).items : null;
  }

  /** Take a file back; resolves with what went wrong, or `null`. */
  async removeUpload(id) {
    const answer = await this.#askUploads("DELETE", new URL(`uploads/${encodeURIComponent(id)}`, UPLOADS));
    if (answer?.ok) return null;
    return { 401: "sign_in", 404: "gone", 409: "in_use" }[answer?.status] || "later";
  }

  /** The address of a page for another device, good for some minutes, or `null`. `data` as in `UploadPlace`. */
  async uploadLink({ kinds, largest }, language) {
    const answer = await this.#askUploads("POST", new URL("uploads/ticket", UPLOADS));
    if (!answer?.ok) return null;
    const { ticket } = await answer.json();
    const page = new URL("upload.html", UPLOADS);
    page.hash = new URLSearchParams({ t: ticket, l: language, m: largest, k: JSON.stringify(kinds) });
    return page.href;
  }

  async #askUploads(method, address) {
    const authorization = await this.#authorization();
    if (!authorization) return null;
    return fetch(address, { method, headers: { Authorization: authorization }, cache: "no-store" }).catch(() => null);
  }

  async #authorization() {
    const token = await this.#tokens.current().catch(() => null);
    return token && `Bearer ${token}`;
  }

  /** What proves whose conversation it is: the token, or for a visitor the session. */
  async #ownership() {
    const session = this.#storage.get("session");
    return (await this.#authorization()) || (session && `Session ${session}`);
  }

  /** The server's time, seconds since the epoch. */
  now() {
    return Date.now() / 1000 + this.#ahead;
  }

  /** Open the connection, or hurry a waiting one. */
  async connect() {
    if (this.#socket) {
      if (!this.#socket.connected) this.#socket.connect();
      return;
    }
    if (this.connection !== CONNECTION.IDLE) return;
    this.#set({ connection: CONNECTION.CONNECTING });
    const { io } = await import("../vendor/socket.io-client-4.8.1.esm.min.js");
    const socket = io(this.#server.origin, {
      path: `${this.#server.pathname.replace(/\/$/, "")}/socket.io`,
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      forceNew: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 5000,
      timeout: 10_000,
    });
    this.#socket = socket;
    socket.on("connect", () => this.#requestSession());
    socket.on("connect_error", () => this.#set({ connection: CONNECTION.OFFLINE }));
    socket.on("disconnect", (reason) => this.#lost(reason));
    socket.on("session_confirm", (state) => this.#sessionConfirmed(state));
    socket.on("history", ({ messages }) => this.#history(messages));
    socket.on("bot_uttered", (message) => this.#said(message));
    socket.on("user_uttered", (message) => this.#saidElsewhere(message));
    socket.on("bot_typing", ({ typing }) => this.#set({ typing }));
    socket.on("message_handled", (handled) => this.#handled(handled));
    socket.on("desk_state", (desk) => this.#set({ desk }));
    socket.on("desk_typing", ({ name }) => this.#agentTypes(name ?? null));
  }

  /** Send a message; `title` is shown instead of a button's payload. */
  send(payload, title = payload) {
    const message = { id: newId(), sender: "user", text: title, timestamp: Date.now() / 1000, payload, status: "sending" };
    this.messages = [...(this.messages || []), message];
    this.#typedAt = 0;
    this.#transmit(message);
    this.#changed();
  }

  /** Send a message again that could not be sent. */
  resend(id) {
    const message = this.messages?.find((one) => one.id === id && one.status === "failed");
    if (!message) return;
    message.status = "sending";
    delete message.problem;
    this.#transmit(message);
    this.#changed();
  }

  setLanguage(language) {
    this.#language = language;
    if (this.#confirmed) this.#socket.emit("set_language", { language });
  }

  /** The page or the token address has given another token, or `null`: the customer signed out. */
  tokenChanged(token) {
    const canTell = this.#socket?.connected && (this.#confirmed || this.expired);
    if (!token) {
      this.#storage.set("session", null);
      this.#forget();
    }
    this.#set({ expired: false });
    if (canTell) this.#socket.emit("authenticate", { token }); // otherwise the next connection begins with it
  }

  /** After the identity is over: go on as a visitor whom nobody knows. */
  goOnAnonymously() {
    this.#tokens.clear();
    this.tokenChanged(null);
  }

  async #requestSession() {
    this.#confirmed = false;
    let token;
    try {
      token = await this.#tokens.current();
    } catch (error) {
      if (!(error instanceof TokenUnavailable)) throw error;
      this.#set({ connection: CONNECTION.OFFLINE });
      setTimeout(() => this.#socket.connected && this.#requestSession(), RETRY_MS);
      return;
    }
    if (!token && (this.signedIn || this.expired)) {
      this.#expire();
      return;
    }
    const session_id = this.#storage.get("session");
    this.#socket.emit("session_request", { session_id, token, language: this.#language });
  }

  async #sessionConfirmed(state) {
    this.#set({ connection: CONNECTION.ONLINE });
    if (state.identity_problem === "expired") {
      this.#confirmed = false;
      await this.#renew();
      return;
    }
    if (this.#conversation && this.#conversation !== state.conversation) this.#forget();
    this.#conversation = state.conversation;
    this.#confirmed = true;
    this.#renewals = 0;
    this.limit = state.limits.message_characters;
    this.commentLimit = state.limits.comment_characters;
    this.#ahead = state.time - Date.now() / 1000;
    this.#storage.set("session", state.signed_in ? null : state.session_id);
    this.#set({
      signedIn: state.signed_in,
      expired: false,
      notConfirmed: state.identity_problem === "invalid",
    });
  }

  /** The server says that the identity is over: once it has a new token, everything goes on where it was. */
  async #renew() {
    if (this.#renewing) return;
    this.#renewing = true;
    try {
      const token = this.#renewals < MOST_RENEWALS ? await this.#tokens.renew("expired") : null;
      this.#renewals += 1;
      if (token) this.#socket.emit("authenticate", { token });
      else this.#expire();
    } catch (error) {
      if (!(error instanceof TokenUnavailable)) throw error;
      setTimeout(() => this.#renew(), RETRY_MS);
    } finally {
      this.#renewing = false;
    }
  }

  #expire() {
    this.#confirmed = false;
    this.#set({ connection: CONNECTION.ONLINE, expired: true, signedIn: true, typing: false });
  }

  #history(messages) {
    const known = new Set(messages.map((message) => message.id));
    const unsent = (this.messages || []).filter((message) => message.status && !known.has(message.id));
    for (const message of unsent) {
      if (message.status === "received") message.status = "sending"; // the server that had it is gone
    }
    this.messages = [...messages, ...unsent];
    this.typing = false;
    this.#changed();
    this.#flush();
  }

  #agentTypes(name) {
    clearTimeout(this.#agentTimer);
    if (name) this.#agentTimer = setTimeout(() => this.#set({ agentTyping: null }), TYPING_STAYS_MS);
    this.#set({ agentTyping: name });
  }

  #said(message) {
    if (!this.messages || this.messages.some((one) => one.id === message.id)) return;
    if (message.sender === "agent") this.#agentTypes(null);
    this.messages = [...this.messages, message];
    this.#changed();
    this.dispatchEvent(new CustomEvent("message", { detail: message }));
  }

  #saidElsewhere(message) {
    if (!this.messages || this.messages.some((one) => one.id === message.id)) return;
    this.messages = [...this.messages, message];
    this.#changed();
  }

  #handled({ message_id: id, problem }) {
    const message = this.messages?.find((one) => one.id === id);
    if (!message?.status) return;
    if (problem) this.#fail(message, problem);
    else delete message.status;
    this.#changed();
  }

  #flush() {
    this.messages.filter((message) => message.status === "sending").forEach((message) => this.#transmit(message));
  }

  #transmit(message) {
    const attempt = {};
    message.attempt = attempt;
    const pending = () => message.attempt === attempt && message.status === "sending";
    setTimeout(() => pending() && this.#fail(message), SEND_MS);
    if (!this.#confirmed) return; // sent once the history is there
    const data = { message: message.payload, message_id: message.id };
    this.#socket.timeout(ACK_MS).emit("user_uttered", data, (error, answer) => {
      if (pending()) this.#acknowledged(message, error, answer);
    });
  }

  #acknowledged(message, error, answer) {
    if (error) {
      if (this.#socket.connected) this.#fail(message); // otherwise it is sent again after the reconnect
    } else if (answer.accepted) {
      message.status = "received";
      this.#changed();
    } else if (answer.problem === "expired") {
      this.#confirmed = false;
      this.#renew();
    } else if (answer.problem === "no_session") {
      this.#requestSession();
    } else {
      this.#fail(message, answer.problem);
    }
  }

  #fail(message, problem) {
    message.status = "failed";
    message.problem = problem;
    this.#changed();
  }

  #lost(reason) {
    this.#confirmed = false;
    this.#set({ connection: CONNECTION.OFFLINE, typing: false });
    // The client reconnects by itself, except where the server closed this socket on purpose.
    if (reason === "io server disconnect") setTimeout(() => this.#socket.connect(), RETRY_MS);
  }

  /** Nothing of this conversation may stay: it is another customer's, or nobody's any more. */
  #forget() {
    this.#conversation = null;
    this.messages = null;
    this.#agentTypes(null);
    this.#set({ signedIn: false, expired: false, notConfirmed: false, typing: false, desk: null });
  }

  #set(changes) {
    Object.assign(this, changes);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
