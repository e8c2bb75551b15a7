// What a messaging service still lets through to the customer: until when, and how many messages.

import { clockTime, duration } from "../lib/format.js";
import { el, setHidden, setText } from "../lib/ui.js";
import { label, words } from "../strings.js";

const MESSAGING = new Set(["wechat", "wecom"]);
const SOON_SECONDS = 2 * 3600;
const FEW = 1; // messages
const FRESH_MS = 30_000; // a message may have been refused meanwhile
const AFTER_MESSAGE_MS = 1500; // it takes a moment until it is sent

export class ReplyWindow {
  #desk;
  #brief = null;
  #known = null;
  #askedAt = 0;
  #askedFor = "";

  constructor(desk) {
    this.#desk = desk;
    this.node = el("p", { class: "banner quiet", role: "status", hidden: true });
  }

  /** Show it for the conversation with this brief. */
  show(brief) {
    if (brief.id !== this.#brief?.id) this.#known = null;
    this.#brief = brief;
    const state = `${brief.id} ${brief.channel} ${brief.last_at}`;
    if (MESSAGING.has(brief.channel) && state !== this.#askedFor) {
      const first = !this.#askedFor.startsWith(`${brief.id} `);
      this.#askedFor = state;
      this.#askedAt = Date.now() - FRESH_MS + (first ? 0 : AFTER_MESSAGE_MS);
    }
    this.tick();
  }

  /** Called every second. */
  tick() {
    const brief = this.#brief;
    if (!brief) return;
    if (MESSAGING.has(brief.channel) && Date.now() - this.#askedAt >= FRESH_MS) this.#ask(brief.id);
    this.#render();
  }

  async #ask(id) {
    this.#askedAt = Date.now();
    const known = await this.#desk.replyWindow(id);
    if (this.#brief?.id !== id) return;
    this.#known = known;
    this.#render();
  }

  #render() {
    const shown = MESSAGING.has(this.#brief.channel) && this.#known;
    setHidden(this.node, !shown);
    if (!shown) return;
    const t = words().window;
    const { open_until: until, left, waiting, held, undelivered } = this.#known;
    const seconds = until - Date.now() / 1000;
    const channel = label("channel", this.#brief.channel);
    const [level, text] = this.#said({ t, channel, seconds, until, left, held });
    const more = [waiting && t.waiting(waiting), undelivered && t.undelivered(undelivered)].filter(Boolean);
    this.node.className = `banner ${undelivered ? "bad" : level}`;
    setText(this.node, [text, ...more].join(" · "));
  }

  #said({ t, channel, seconds, until, left, held }) {
    if (seconds <= 0 || left === 0 || held) return ["bad", t.closed(channel)];
    if (seconds < SOON_SECONDS) return ["warning", t.soon(channel, duration(seconds))];
    if (left <= FEW) return ["warning", t.few(channel, left)];
    return ["quiet", t.open(channel, clockTime(until), left)];
  }
}
