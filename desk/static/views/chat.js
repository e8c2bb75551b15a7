// The open conversation: who it is, what can be done with it, what was said, and where the agent writes.

import { duration } from "../lib/format.js";
import { announce, arrange, button, el, empty, icon, setHidden, setText, toast } from "../lib/ui.js";
import { customerName, label, problemText, words } from "../strings.js";
import { cannedReplies } from "./canned.js";
import { Composer } from "./composer.js";
import { Transcript } from "./transcript.js";
import { ReplyWindow } from "./window.js";

const CANNED_FRESH_MS = 60_000;
const TICK_MS = 1000;
const KEYS = { claim: "C", transfer: "T", hand_back: "B", close: "E" };

/** Fires `panel` when the side panel is asked for, and `back` when the queue is. */
export class DeskChat extends HTMLElement {
  #desk;
  #acts;
  #id = null;
  #composedFor = "";
  #stop = new AbortController();
  #timer = 0;

  constructor(desk, acts) {
    super();
    this.#desk = desk;
    this.#acts = acts;
  }

  connectedCallback() {
    const t = words();
    const fire = (name) => () => this.dispatchEvent(new Event(name));
    this.transcript = new Transcript({
      again: (key) => this.#desk.sayAgain(this.#id, key),
      takeBack: (key) => this.#takeBack(key),
      older: () => this.#desk.load(this.#id, { older: true }),
      file: (fileId) => this.#desk.api.conversation(this.#id, `files/${encodeURIComponent(fileId)}`),
    });
    this.composer = new Composer(() => this.canned());
    this.composer.addEventListener("send", ({ detail }) => this.#send(detail));
    this.composer.addEventListener("file", ({ detail }) => this.#sendFile(detail));
    this.composer.addEventListener("draft", ({ detail }) => this.#desk.drafts.keep(this.#id, detail));
    this.composer.addEventListener("typing", ({ detail }) => this.#desk.tellTyping(this.#id, detail));
    this.name = el("h2", { tabindex: "-1" });
    this.about = el("p", { class: "chat-about" });
    this.window = new ReplyWindow(this.#desk);
    this.acts = el("div", { class: "chat-acts" });
    this.viewers = el("p", { class: "chat-viewers", role: "status", hidden: true });
    this.writing = el("p", { class: "chat-writing", hidden: true }, el("span", { class: "dots" }, el("i"), el("i"), el("i")), el("span", {}));
    this.hold = el("div", { class: "chat-hold", hidden: true });
    this.problem = el("div", { class: "banner bad", role: "alert", hidden: true });
    this.back = button(t.queue, { shape: "back", kind: "icon", quiet: true, press: fire("back") });
    this.back.classList.add("only-narrow");
    this.panel = button(t.details, { shape: "panel", kind: "icon", quiet: true, press: fire("panel") });
    this.panel.classList.add("only-drawer");
    this.body = el(
      "div",
      { class: "chat", hidden: true },
      el("header", { class: "chat-head" }, this.back, el("div", { class: "chat-who" }, this.name, this.about), this.acts, this.panel),
      this.problem,
      this.window.node,
      this.viewers,
      this.transcript.node,
      this.writing,
      this.hold,
      this.composer.node,
    );
    this.nothing = empty(t.chooseOne, el("p", { class: "hint" }, t.chooseHint));
    this.replaceChildren(this.body, this.nothing);
    const { signal } = this.#stop;
    this.#desk.addEventListener("chat", ({ detail }) => detail.id === this.#id && this.#changed(detail.what), { signal });
    this.#desk.addEventListener("queue", ({ detail }) => detail.has(this.#id) && this.#renderHead(), { signal });
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.show();
  }

  disconnectedCallback() {
    this.#stop.abort();
    clearInterval(this.#timer);
  }

  /** Show the conversation that is open. */
  show() {
    this.#id = this.#desk.openId;
    this.#composedFor = "";
    setHidden(this.body, !this.#id);
    setHidden(this.nothing, Boolean(this.#id));
    if (this.#id) this.#changed("all");
  }

  /** To where the agent writes, if there is something to answer; else to the name, so that letters are commands. */
  focus() {
    if (this.#brief && this.#desk.isMine(this.#brief)) this.composer.focus();
    else this.name.focus();
  }

  /** The canned replies of the open conversation, with this customer's figures. */
  async canned() {
    const chat = this.#chat;
    if (chat.canned && Date.now() - chat.cannedAt < CANNED_FRESH_MS) return chat.canned;
    try {
      chat.canned = await cannedReplies(this.#desk, chat.id, this.#brief?.language);
      chat.cannedAt = Date.now();
      return chat.canned;
    } catch (error) {
      if (error.status === undefined) throw error;
      toast(problemText(error));
      return [];
    }
  }

  get #chat() {
    return this.#desk.chat(this.#id);
  }

  get #brief() {
    return this.#chat.brief ?? this.#desk.briefs.get(this.#id);
  }

  #changed(what) {
    if (what === "all" || what === "messages") this.transcript.render(this.#chat, { agentId: this.#desk.me.id });
    if (what === "all" || what === "brief") this.#renderHead();
    if (what === "all" || what === "brief") this.#renderComposer();
    if (what === "all" || what === "viewers") this.#renderViewers();
    if (what === "all" || what === "typing" || what === "messages") this.#renderWriting();
    const { problem, loaded } = this.#chat;
    setHidden(this.problem, !problem || loaded);
    setText(this.problem, problem ? problemText(problem) : "");
  }

  #renderHead() {
    const brief = this.#brief;
    const t = words();
    setText(this.name, brief ? customerName(brief) : "");
    if (!brief) return;
    this.window.show(brief);
    this.#tick();
    const names = this.#acts.possible(brief);
    const shown = names.join();
    if (this.acts.dataset.shown === shown) return;
    this.acts.dataset.shown = shown;
    arrange(
      this.acts,
      names.map((name, index) =>
        button(t.acts[name], { kind: index === 0 && name !== "transfer" ? "primary" : "plain", key: KEYS[name], dataset: { act: name }, press: () => this.#acts.do(name, this.#id) }),
      ),
    );
  }

  #tick() {
    if (!this.#id || document.hidden) return;
    const brief = this.#brief;
    if (!brief) return;
    const t = words();
    const parts = [
      t.states[brief.state] ?? brief.state,
      brief.state === "agent" && brief.agent && (this.#desk.isMine(brief) ? t.you : brief.agent.name),
      brief.since_ms && (brief.waits ? t.waitsFor : String)(duration((Date.now() - brief.since_ms) / 1000)),
      t.languages[brief.language],
      brief.customer_id ? t.verified : t.notVerified,
      brief.reason && label("reason", brief.reason),
    ];
    setText(this.about, parts.filter(Boolean).join(" · "));
    this.window.tick();
    this.about.dataset.level = brief.state === "waiting" ? (brief.service_level ?? "ok") : "ok";
    this.#renderWriting();
  }

  #renderWriting() {
    const t = words();
    const writing = this.#chat.writing().filter((who) => who !== (this.#desk.me.display_name ?? this.#desk.me.name));
    setHidden(this.writing, writing.length === 0);
    setText(this.writing.lastElementChild, writing.map((who) => t.writes(who === "customer" ? t.customer : who)).join(t.comma));
  }

  #renderViewers() {
    const t = words();
    const own = this.#desk.me.display_name ?? this.#desk.me.name;
    const others = [...new Set(this.#chat.viewers)].filter((name) => name !== own);
    setHidden(this.viewers, others.length === 0);
    setText(this.viewers, others.length ? t.alsoHere(others.join(t.comma)) : "");
  }

  /** A reply can be written by who has the conversation, and by nobody else. */
  #renderComposer() {
    const brief = this.#brief;
    if (!brief) return;
    const mine = this.#desk.isMine(brief);
    const modes = this.#modes(brief, mine);
    const wanted = `${this.#id} ${modes}`;
    this.#renderHold(brief, mine);
    if (wanted === this.#composedFor) return;
    const becameMine = mine && this.#composedFor.startsWith(`${this.#id} `);
    const hadFocus = this.composer.node.contains(document.activeElement);
    this.#composedFor = wanted;
    this.composer.update({ modes, draft: this.#desk.drafts.of(this.#id) });
    if (hadFocus || (becameMine && (this.contains(document.activeElement) || document.activeElement === document.body))) this.focus();
  }

  #modes(brief, mine) {
    if (mine) return ["reply", "note"];
    if (brief.state !== "agent") return ["note"];
    return this.#desk.isSupervisor ? ["note", "whisper"] : []; // a colleague's: it is theirs
  }

  #renderHold(brief, mine) {
    const t = words();
    const held = this.#desk.isSupervisor ? t.heldBy : t.heldByColleague;
    const text = mine ? "" : brief.state === "agent" ? held(brief.agent?.name ?? "") : (t.holds[brief.state] ?? "");
    setHidden(this.hold, !text);
    if (this.hold.dataset.text === text) return;
    this.hold.dataset.text = text;
    this.hold.replaceChildren(icon(brief.state === "agent" ? "people" : "clock"), el("span", {}, text));
  }

  async #send({ mode, text }) {
    const id = this.#id;
    if (mode === "reply") {
      this.transcript.toEnd();
      this.#desk.say(id, text);
      return;
    }
    try {
      await this.#desk.act(id, mode === "note" ? "notes" : "whisper", { text });
    } catch (error) {
      if (error.status === undefined) throw error;
      toast(problemText(error));
      // Nothing that was written is lost.
      const draft = this.#desk.drafts.of(id);
      this.#desk.drafts.keep(id, { text: draft.text || text, mode });
      this.#composedFor = "";
      this.#renderComposer();
    }
  }

  async #sendFile(file) {
    const t = words();
    announce(t.uploading(file.name));
    this.classList.add("uploading");
    try {
      await this.#desk.sendFile(this.#id, file);
      announce(t.uploaded(file.name));
    } catch (error) {
      if (error.status === undefined) throw error;
      toast(`${file.name}: ${problemText(error)}`);
    } finally {
      this.classList.remove("uploading");
    }
  }

  #takeBack(key) {
    const text = this.#desk.takeBack(this.#id, key);
    this.composer.insert(text);
  }
}

customElements.define("desk-chat", DeskChat);
