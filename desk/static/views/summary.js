// What is known of the customer and the conversation, put together by the desk's rules; figures are the bank's.

import { clockTime, date, fullTime, money } from "../lib/format.js";
import { button, el, empty, icon } from "../lib/ui.js";
import { label, language, problemText, words } from "../strings.js";
import { cannedReplies } from "./canned.js";
import { unmask } from "./unmask.js";

const SOON_MS = 1500; // after something happened: several things happen together

export class SummaryPart {
  #desk;
  #id;
  #hands;
  #replies = [];
  #due = 0;

  /** `hands`: `{insert(text), choose(part, kind)}`. */
  constructor(desk, id, hands) {
    this.#desk = desk;
    this.#id = id;
    this.#hands = hands;
    this.node = el("div", { class: "summary" }, empty(words().loading));
    this.#load();
  }

  /** After the conversation changed hands, or something was filed, other things are advised. */
  changed(what) {
    if (what !== "brief") return;
    clearTimeout(this.#due);
    this.#due = setTimeout(() => this.node.isConnected && this.#load(), SOON_MS);
  }

  async #load() {
    const { api } = this.#desk;
    try {
      const summary = await api.get(api.conversation(this.#id, "summary"));
      const named = summary.suggestions.some(({ canned }) => canned.length > 0);
      this.#replies = named ? await cannedReplies(this.#desk, this.#id, summary.who.language) : [];
      this.#render(summary);
    } catch (error) {
      if (error.status === undefined) throw error;
      this.node.replaceChildren(empty(problemText(error), this.#again()));
    }
  }

  #again() {
    return button(words().summary.refresh, { kind: "text", press: () => this.#load() });
  }

  #render(summary) {
    const t = words().summary;
    const parts = [
      this.#suggestions(summary.suggestions, t),
      this.#who(summary.who, t),
      this.#bank(summary, t),
      ...summary.accounts.map((account) => accountBox(account, t)),
      section(t.why, why(summary.why, t)),
      section(t.reason, reason(summary.reason, t)),
      summary.mood.length > 0 && section(t.mood, bullets(summary.mood.map(({ kind, at }) => [label("mood", kind), clockTime(at)]))),
      summary.offered.length > 0 && section(t.offered, bullets(summary.offered.map(offer))),
      summary.refused.length > 0 && section(t.refused, bullets(summary.refused.map(offer))),
      summary.filed.length > 0 && section(t.filed, bullets(summary.filed.map(request))),
      section(t.open_requests, bullets(summary.open_requests.map(request)) ?? none(t)),
      section(t.promises, bullets(summary.promises.map(promise)) ?? none(t)),
      section(t.contacts, bullets(summary.contacts.map(contact)) ?? none(t)),
    ];
    this.node.replaceChildren(...parts.filter(Boolean));
  }

  #suggestions(suggestions, t) {
    if (suggestions.length === 0) return null;
    const items = suggestions.map(({ text, canned, request: kind }) =>
      el(
        "li",
        {},
        el("p", {}, text[language()]),
        el("p", { class: "suggest-acts" }, canned.map((id) => this.#cannedButton(id)), kind && button(t.offers(label("request", kind)), { shape: "search", kind: "text", press: () => this.#hands.choose("requests", kind) })),
      ),
    );
    return el("section", { class: "suggest" }, el("h3", {}, t.suggestions), el("ul", { class: "bullets" }, items));
  }

  #cannedButton(id) {
    const reply = this.#replies.find((one) => one.id === id);
    return reply && button(reply.title, { shape: "quote", kind: "text", title: reply.text, press: () => this.#hands.insert(reply.text) });
  }

  #who(who, t) {
    const { verified } = who;
    const state = verified.how === "none" || !verified.at ? t.notVerifiedShort : verified.holds ? t.verifiedUntil(clockTime(verified.until)) : t.verifiedBefore(clockTime(verified.at));
    return section(
      t.who,
      facts([
        [t.name, who.name],
        [t.customerId, who.customer_id],
        [t.phone, who.masked_phone],
        [t.language, words().languages[who.language]],
        [t.identity, state],
      ]),
      button(words().unmask, { shape: "eye", kind: "text", press: () => unmask(this.#desk, this.#id) }),
    );
  }

  #bank({ bank, missing }, t) {
    if (bank === "ok") return null;
    const text = { not_verified: t.notVerified, unavailable: t.unavailable, partial: t.partial(missing.map((name) => label("missing", name)).join(words().comma)) }[bank];
    return el("section", { class: "hint-box" }, el("p", {}, text), bank !== "not_verified" && this.#again());
  }
}

function section(title, ...content) {
  return el("section", {}, el("h3", {}, title), ...content);
}

function none(t) {
  return el("p", { class: "why" }, t.none);
}

/** Names and values, without those that are not known. */
export function facts(rows, strong = []) {
  const known = rows.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return el("dl", { class: "facts" }, known.map(([name, value]) => el("div", { class: strong.includes(name) && "strong" }, el("dt", {}, name), el("dd", {}, value))));
}

function bullets(items) {
  if (items.length === 0) return null;
  return el("ul", { class: "bullets" }, items.map(([text, more]) => el("li", {}, text, more && el("small", {}, ` ${more}`))));
}

function accountBox(account, t) {
  const amount = (value) => (value && Number(value) !== 0 ? money(value) : null);
  const due = account.state === "overdue" ? t.daysPastDue(account.days_past_due) : label("cardState", account.state);
  return el(
    "section",
    { class: "account" },
    el("header", {}, el("span", {}, t.card(account.last4)), el("span", { class: account.state === "overdue" ? "overdue" : "why" }, due, account.bucket && account.state === "overdue" ? ` · ${account.bucket.toUpperCase()}` : "")),
    facts(
      [
        [t.total, money(account.total ?? account.amount_due)],
        [t.principal, amount(account.principal)],
        [t.interest, amount(account.interest)],
        [t.late_fee, amount(account.late_fee)],
        [t.other_fees, amount(account.other_fees)],
        [t.remaining_minimum, amount(account.remaining_minimum)],
        [t.paid_since, amount(account.paid_since)],
        [t.pending, amount(account.pending_payments)],
        [t.disputed, amount(account.disputed)],
        [t.due_date, account.due_date && date(account.due_date)],
        [t.grace, account.state === "in_grace" && account.grace_ends_on ? date(account.grace_ends_on) : null],
        [t.firstTime, account.first_time ? t.yes : null],
      ],
      [t.total],
    ),
  );
}

function why(given, t) {
  if (!given) return none(t);
  const call = given.callback && `${fullTime(given.callback.from)} – ${clockTime(given.callback.until)}`;
  return facts([
    [t.trigger, label("trigger", given.trigger)],
    [t.priority, words().priorities[given.priority]],
    [t.asked, fullTime(given.asked_at)],
    [t.reference, given.reference],
    [t.callback, call],
  ]);
}

function reason({ class: kind, monthly_capacity: capacity, topics, topic }, t) {
  const talked = [...new Set([topic, ...topics].filter(Boolean))].map((name) => label("reason", name));
  return facts([
    [t.topics, talked.join(words().comma)],
    [t.cause, kind && label("cause", kind)],
    [t.capacity, capacity && money(capacity)],
  ]);
}

function offer({ request: kind, at, values = {}, ...rest }) {
  const shown = Object.entries({ ...values, ...rest }).filter(([name, value]) => OFFERED[name] && ["string", "number"].includes(typeof value));
  const t = words().summary;
  return [label("request", kind ?? ""), [...shown.map(([name, value]) => OFFERED[name](value, t)), at && clockTime(at)].filter(Boolean).join(" · ")];
}

/** What of an offer one line can show. */
const OFFERED = {
  terms: (value, t) => t.terms(value),
  per_term: (value, t) => t.perTerm(money(value)),
  amount: (value) => money(value),
  total_cost: (value, t) => t.totalCost(money(value)),
  new_due_date: (value) => date(value),
  until: (value) => date(value),
};

function request({ kind, reference, status, amount, terms, new_due_date: until, answer_by: answer }) {
  const t = words().summary;
  const more = [label("status", status), amount && money(amount), terms && t.terms(terms), until && date(until), answer && t.answerBy(date(answer)), reference];
  return [label("request", kind), more.filter(Boolean).join(" · ")];
}

function promise({ amount, pay_on: day, status, paid }) {
  const t = words().summary;
  return [`${money(amount)} · ${date(day)}`, [label("status", status), Number(paid) > 0 && t.paid(money(paid))].filter(Boolean).join(" · ")];
}

function contact({ at, kind, channel, direction, outcome }) {
  return [el("span", {}, icon(direction === "in" ? "back" : "out"), ` ${fullTime(at)}`), [label("direction", direction), label("contact", kind), label("channel", channel), label("contactOutcome", outcome)].join(" · ")];
}
