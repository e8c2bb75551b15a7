// The desk's events over Socket.IO. What is missed while the connection is lost is asked for again by whoever listens.

import { io } from "../../shared/vendor/socket.io-client-4.8.1.esm.min.js";

const ANSWER_MS = 5000;
const EVENTS = ["queue", "message", "conversation", "typing", "viewers", "presence", "me"];

/** Fires the server's events with their content as `detail`, `online` after each connection and `offline`. */
export class Live extends EventTarget {
  online = false;
  #socket = null;

  open() {
    const base = new URL(document.baseURI);
    this.#socket = io(base.origin, {
      path: `${base.pathname.replace(/\/[^/]*$/, "")}/socket.io`,
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 5000,
      timeout: 10_000,
    });
    this.#socket.on("connect", () => this.#set(true));
    this.#socket.on("disconnect", (reason) => {
      this.#set(false);
      // The client reconnects by itself, except where the server closed this socket on purpose.
      if (reason === "io server disconnect") setTimeout(() => this.#socket?.connect(), 1000);
    });
    this.#socket.on("connect_error", () => this.#set(false));
    for (const name of EVENTS) {
      this.#socket.on(name, (detail) => this.dispatchEvent(new CustomEvent(name, { detail })));
    }
  }

  /** Tell the server; what is told without a connection is not told later. */
  tell(name, content) {
    if (this.online) this.#socket.emit(name, content);
  }

  /** Tell the server and wait until it has taken it, or cannot be reached. */
  async ask(name, content) {
    if (this.online) await this.#socket.timeout(ANSWER_MS).emitWithAck(name, content).catch(() => null);
  }

  close() {
    this.#socket?.disconnect();
    this.#socket = null;
    this.online = false;
  }

  #set(online) {
    this.online = online;
    this.dispatchEvent(new Event(online ? "online" : "offline"));
  }
}
