// What an agent does for the customer at the bank, by the same API that the assistant uses: offers, requests, promises,
// and the log of contacts. What binds the customer needs the code that the customer got by SMS.

import { newId } from "../lib/api.js";
import { date, forInput, fromInput, money, percent } from "../lib/format.js";
import { button, el, empty, labelled, setHidden, toast } from "../lib/ui.js";
import { label, labels, problemText, words } from "../strings.js";
import { cannedReplies } from "./canned.js";
import { ask } from "./forms.js";
import { facts } from "./summary.js";
import { AMOUNT, cents, codeField, Undertakings } from "./undertakings.js";

const KINDS = ["instalment", "deferral", "agreement", "waiver"];
/** Which wishes an offer of each kind takes. */
const WISHES = { instalment: ["amount", "terms"], deferral: ["until"], agreement: ["amount", "terms"], waiver: [] };
const DECIDABLE = ["submitted", "in_review"];

export class RequestsPart {
  #desk;
  #id;
  #cards = [];
  #mayAct = null;
  #insert;

  constructor(desk, id, { insert }) {
    this.#insert = insert;
    this.#desk = desk;
    this.#id = id;
    this.node = el("div", {}, empty(words().loading));
    this.#load();
  }

  changed(what) {
    if (["brief", "all"].includes(what) && this.#mayAct !== this.#may) this.#load();
  }

  /** Begin with offers of this kind. */
  begin(kind) {
    if (!this.form || !KINDS.includes(kind)) return;
    this.form.elements.kind.value = kind;
    this.#arrange();
    this.form.requestSubmit();
  }

  get #brief() {
    return this.#desk.chat(this.#id).brief ?? this.#desk.briefs.get(this.#id) ?? {};
  }

  get #may() {
    return this.#desk.isMine(this.#brief) || this.#desk.calledIn === this.#id || this.#desk.isSupervisor;
  }

  #path(act) {
    return this.#desk.api.conversation(this.#id, act);
  }

  async #load() {
    const t = words();
    this.#mayAct = this.#brief.customer_id ? this.#may : null;
    if (!this.#brief.customer_id) {
      this.node.replaceChildren(el("p", { class: "hint-box" }, t.requests.notVerified));
      return;
    }
    if (!this.#mayAct) {
      this.node.replaceChildren(el("p", { class: "hint-box" }, t.requests.claimFirst));
      return;
    }
    try {
      const summary = await this.#desk.api.get(this.#path("summary"));
      this.#cards = summary.accounts.map(({ id, last4 }) => ({ value: id, label: t.summary.card(last4) }));
      if (this.#cards.length === 0) this.node.replaceChildren(empty(t.problems["bank-unavailable"]));
      else this.#build();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error) {
    if (error.status === undefined) throw error;
    this.node.replaceChildren(empty(problemText(error), button(words().summary.refresh, { kind: "text", press: () => this.#load() })));
  }

  #build() {
    const t = words();
    this.list = el("div", {});
    this.offers = el("div", { class: "offers", "aria-live": "polite" });
    this.node.replaceChildren(
      el("section", {}, el("h3", {}, t.requests.open), this.list),
      el("section", {}, el("h3", {}, t.requests.offers), this.#offerForm(), this.offers),
      el(
        "section",
        { class: "row-acts" },
        button(t.requests.hardship, { press: () => this.#undertakings.declare() }),
        button(t.requests.autoDebit, { press: () => this.#undertakings.setDebit() }),
        button(t.requests.promise, { press: () => this.#promise() }),
        button(t.requests.contact, { press: () => this.#contact() }),
      ),
    );
    this.#loadRequests();
  }

  // Offers

  #offerForm() {
    const t = words().requests;
    const select = (name, options) => el("select", { class: "input", name }, options.map(({ value, label: text }) => el("option", { value }, text)));
    const input = (name, more) => labelled(t[name], el("input", { class: "input", name, ...more }));
    this.wishes = {
      amount: input("amount", AMOUNT),
      terms: input("terms", { type: "number", min: "1", max: "600" }),
      until: input("until", { type: "date" }),
    };
    this.form = el(
      "form",
      { class: "stack", on: { submit: (event) => this.#quote(event), change: () => this.#arrange() } },
      labelled(t.card, select("card_id", this.#cards)),
      labelled(t.kind, select("kind", KINDS.map((value) => ({ value, label: label("request", value) })))),
      Object.values(this.wishes),
      el("button", { type: "submit", class: "button primary" }, t.quotes),
    );
    this.#arrange();
    return this.form;
  }

  #arrange() {
    const { amount, kind } = this.form.elements;
    for (const [name, node] of Object.entries(this.wishes)) setHidden(node, !WISHES[kind.value].includes(name));
    amount.previousElementSibling.textContent = words().requests[kind.value === "agreement" ? "monthly" : "amount"];
  }

  async #quote(event) {
    event.preventDefault();
    const t = words();
    const given = Object.fromEntries(new FormData(this.form));
    const wishes = Object.fromEntries(WISHES[given.kind].map((name) => [name, given[name]]));
    const waiting = empty(t.loading);
    this.offers.replaceChildren(waiting);
    try {
      const { quotes } = await this.#desk.api.get(this.#path("quotes"), { kind: given.kind, card_id: given.card_id, ...wishes });
      if (!waiting.isConnected) return; // something else was asked for meanwhile
      const boxes = quotes.map((quote) => this.#offer(given.kind, given.card_id, quote));
      this.offers.replaceChildren(...(boxes.length ? boxes : [empty(t.requests.none)]));
    } catch (error) {
      if (error.status === undefined) throw error;
      this.offers.replaceChildren(empty(problemText(error)));
    }
  }

  #offer(kind, cardId, quote) {
    const t = words();
    return el(
      "div",
      { class: "offer" },
      el("strong", {}, offerTitle(kind, quote)),
      button(t.requests.choose, { press: () => this.#file(kind, cardId, quote) }),
      facts(offerFacts(quote)),
    );
  }

  async #file(kind, cardId, quote) {
    const t = words().requests;
    const challenge = await this.#challenge("file_application", quote.id);
    if (!challenge) return;
    const key = newId();
    const filed = await ask({
      title: offerTitle(kind, quote),
      intro: t.code_intro(challenge.masked_phone),
      fields: [codeField(), { name: "reason", label: t.reasonOf, kind: "select", options: [{ value: "", label: "–" }, ...labels("cause")] }],
      action: t.check,
      submit: ({ code, reason }) =>
        this.#desk.api.post(this.#path("requests"), { kind, card_id: cardId, quote_id: quote.id, reason: reason || null, challenge_id: challenge.id, code, idempotency_key: key }),
    });
    if (!filed) return;
    toast(t.filed(filed.request.reference), "good");
    this.offers.replaceChildren();
    this.#loadRequests();
  }

  get #undertakings() {
    const done = (text) => {
      toast(text, "good");
      this.#loadRequests();
    };
    return new Undertakings({
      api: this.#desk.api,
      path: (act) => this.#path(act),
      cards: this.#cards,
      language: this.#brief.language,
      challenge: (purpose, subject) => this.#challenge(purpose, subject),
      replies: () => cannedReplies(this.#desk, this.#id, this.#brief.language),
      suggest: this.#insert,
      done,
    });
  }

  async #challenge(purpose, subject) {
    try {
      const { challenge } = await this.#desk.api.post(this.#path("challenges"), { purpose, subject });
      return challenge;
    } catch (error) {
      if (error.status === undefined) throw error;
      toast(problemText(error));
      return null;
    }
  }

  // Requests

  async #loadRequests() {
    const t = words();
    try {
      const { requests, decides } = await this.#desk.api.get(this.#path("requests"));
      const boxes = requests.map((request) => this.#request(request, decides));
      this.list.replaceChildren(...(boxes.length ? [el("div", { class: "offers" }, boxes)] : [el("p", { class: "why" }, t.summary.none)]));
    } catch (error) {
      if (error.status === undefined) throw error;
      this.list.replaceChildren(empty(problemText(error)));
    }
  }

  #request(request, decides) {
    const t = words();
    const { reference, kind, status, amount, terms, new_due_date: until, answer_by: answer, card_last4: last4, withdrawable } = request;
    return el(
      "div",
      { class: "offer" },
      el("strong", {}, label("request", kind)),
      el("span", { class: "mark" }, label("status", status)),
      facts([
        [t.summary.reference, reference],
        [t.requests.card, t.summary.card(last4)],
        [t.requests.amount, money(amount)],
        [t.requests.terms, terms],
        [t.requests.until, until && date(until)],
        [t.requests.answer, DECIDABLE.includes(status) && answer ? date(answer) : null],
      ]),
      el(
        "span",
        { class: "row-acts" },
        withdrawable && button(t.requests.withdraw, { kind: "text", press: () => this.#withdraw(reference) }),
        decides && DECIDABLE.includes(status) && button(t.requests.decide, { kind: "text", press: () => this.#decide(reference) }),
      ),
    );
  }

  async #withdraw(reference) {
    const t = words().requests;
    const challenge = await this.#challenge("withdraw_application", reference);
    if (!challenge) return;
    const key = newId();
    const done = await ask({
      title: t.withdraw,
      intro: t.code_intro(challenge.masked_phone),
      fields: [codeField()],
      action: t.withdraw,
      danger: true,
      submit: ({ code }) =>
        this.#desk.api.post(this.#path(`requests/${encodeURIComponent(reference)}/withdraw`), { challenge_id: challenge.id, code, idempotency_key: key }),
    });
    if (done) this.#loadRequests();
  }

  async #decide(reference) {
    const t = words().requests;
    const done = await ask({
      title: t.decide,
      intro: reference,
      fields: [
        { name: "approve", label: t.decision, kind: "select", options: [{ value: "true", label: t.approve }, { value: "false", label: t.decline }] },
        { name: "note", label: t.decisionNote, kind: "textarea", maxlength: 200 },
      ],
      submit: ({ approve, note }) =>
        this.#desk.api.post(this.#path(`requests/${encodeURIComponent(reference)}/decide`), { approve: approve === "true", note }),
    });
    if (done) this.#loadRequests();
  }

  // Promises and contacts

  async #promise() {
    const t = words().requests;
    const key = newId();
    const done = await ask({
      title: t.promise,
      fields: [
        { name: "card_id", label: t.card, kind: "select", options: this.#cards },
        { name: "amount", label: t.amount, required: true, ...AMOUNT },
        { name: "pay_on", label: t.payOn, kind: "date", required: true },
      ],
      submit: ({ amount, ...rest }) => this.#desk.api.post(this.#path("promises"), { ...rest, amount: cents(amount), idempotency_key: key }),
    });
    if (done) toast(t.promised(done.promise.reference), "good");
  }

  async #contact() {
    const t = words().requests;
    const key = newId();
    const done = await ask({
      title: t.contact,
      fields: [
        { name: "at", label: t.when, kind: "datetime-local", required: true, value: forInput(Date.now()) },
        { name: "channel", label: t.channel, kind: "select", value: "phone", options: labels("channel") },
        { name: "direction", label: t.direction, kind: "select", value: "out", options: labels("direction") },
        { name: "outcome", label: t.outcome, kind: "select", value: "answered", options: labels("contactOutcome").filter(({ value }) => ["answered", "no_answer", "refused", "failed"].includes(value)) },
      ],
      submit: ({ at, ...values }) => this.#desk.api.post(this.#path("contacts"), { ...values, at: fromInput(at), idempotency_key: key }),
    });
    if (done) toast(t.logged, "good");
  }
}

function offerTitle(kind, quote) {
  const t = words().summary;
  if (quote.terms) return `${label("request", kind)} · ${t.terms(quote.terms)}`;
  if (quote.new_due_date) return `${label("request", kind)} · ${date(quote.new_due_date)}`;
  return `${label("request", kind)} · ${label("fee", quote.kind)}`;
}

function offerFacts(quote) {
  const t = words().requests;
  return [
    [t.amount, quote.amount ?? quote.balance ? money(quote.amount ?? quote.balance) : null],
    [t.perTerm, quote.per_term && money(quote.per_term)],
    [t.totalInterest, quote.total_interest && money(quote.total_interest)],
    [t.totalCost, quote.total_cost && money(quote.total_cost)],
    [t.dueThen, quote.amount_due_then && money(quote.amount_due_then)],
    [t.extraInterest, quote.extra_interest && money(quote.extra_interest)],
    [t.annualised, quote.annualised_rate && percent(quote.annualised_rate)],
    [t.firstDue, quote.first_due_on && date(quote.first_due_on)],
  ];
}
