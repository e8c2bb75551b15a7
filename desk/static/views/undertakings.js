// What an agent declares or sets for the customer without an offer: hardship, and automatic debits. The code is for the card.

import { newId } from "../lib/api.js";
import { toast } from "../lib/ui.js";
import { label, labels, problemText, words } from "../strings.js";
import { ask } from "./forms.js";

const CONSENT = "hardship_consent"; // the canned reply that customers agree to first
const AMOUNTS = ["full", "minimum"];

/** Attributes of a field for an amount in yuan. */
export const AMOUNT = { inputmode: "decimal", pattern: "[0-9]+([.][0-9]{1,2})?" };

/** The field for the customer's code. */
export function codeField() {
  return { name: "code", label: words().requests.code, required: true, inputmode: "numeric", pattern: "[0-9]{4,8}", maxlength: 8, autocomplete: "off" };
}

/** `1200`, `1200.5` → `1200.00`, `1200.50`. */
export function cents(text) {
  const [whole, part = ""] = text.split(".");
  return `${whole}.${part.padEnd(2, "0")}`;
}

export class Undertakings {
  #of;

  /**
   * `of`: `api`, `path(act)`, `cards` to choose from, the customer's `language`, `challenge(purpose, subject)`,
   * `replies()` as canned, `suggest(text)` for the reply, `done(text)`.
   */
  constructor(of) {
    this.#of = of;
  }

  /** Declare hardship: first the consent, which the customer gives in the chat, then the code. */
  async declare() {
    const t = words().requests;
    const told = await ask({
      title: t.hardship,
      intro: t.hardshipIntro,
      fields: [
        { name: "consented", label: t.consent, kind: "select", options: ["", "true"].map((value) => ({ value, label: value ? t.consented : t.sendWording })) },
        { name: "card_id", label: t.card, kind: "select", options: this.#of.cards },
        { name: "reason", label: t.reasonOf, kind: "select", options: labels("cause").filter(({ value }) => value !== "withheld") },
        { name: "affordable_per_month", label: t.monthly, ...AMOUNT },
        { name: "statement", label: t.statement, kind: "textarea", maxlength: 1000 },
      ],
      action: t.next,
      submit: (values) => values,
    });
    if (!told) return;
    if (!told.consented) {
      await this.#sendWording();
      return;
    }
    const { affordable_per_month: monthly, statement, ...rest } = told;
    const filed = await this.#confirmed("file_application", told.card_id, t.hardship, "hardship", {
      ...rest,
      consented: true,
      language: this.#of.language,
      affordable_per_month: monthly ? cents(monthly) : null,
      statement: statement || null,
    });
    if (filed) this.#of.done(t.filed(filed.request.reference));
  }

  /** Switch automatic debits on, over or off. */
  async setDebit() {
    const t = words().requests;
    const now = await this.#now();
    if (!now) return;
    const accounts = new Map(now.flatMap(({ accounts: each }) => each).map((one) => [one.id, one]));
    const orders = [...AMOUNTS.map((value) => ({ value, label: label("debit", value) })), { value: "off", label: t.debitOff }];
    const told = await ask({
      title: t.autoDebit,
      intro: now.map(({ card, debit }) => `${card.label}${words().openBracket}${debitText(debit)}${words().closeBracket}`).join(words().comma),
      fields: [
        { name: "card_id", label: t.card, kind: "select", options: this.#of.cards },
        { name: "order", label: t.debitOrder, kind: "select", options: orders },
        { name: "account_id", label: t.debitAccount, kind: "select", options: [...accounts.values()].map((one) => ({ value: one.id, label: `${one.bank} ${one.last4}` })) },
      ],
      action: t.next,
      submit: (values) => values,
    });
    if (!told) return;
    const { debit } = now.find(({ card }) => card.value === told.card_id);
    const enabled = told.order !== "off";
    const done = await this.#confirmed("set_auto_debit", told.card_id, t.autoDebit, "auto-debit", {
      card_id: told.card_id,
      enabled,
      amount: enabled ? told.order : null,
      account_id: (enabled && told.account_id) || null,
      version: debit.version,
    });
    if (done) this.#of.done(t.debitSet(debitText(done.auto_debit)));
  }

  /** How every card is debited now; none if the bank does not say. */
  async #now() {
    try {
      return await Promise.all(
        this.#of.cards.map(async (card) => {
          const { auto_debit: debit, accounts } = await this.#of.api.get(this.#of.path("auto-debit"), { card_id: card.value });
          return { card, debit, accounts };
        }),
      );
    } catch (error) {
      if (error.status === undefined) throw error;
      toast(problemText(error));
      return null;
    }
  }

  /** Put the wording that the customer has to agree to into the reply. */
  async #sendWording() {
    try {
      this.#of.suggest((await this.#of.replies()).find(({ id }) => id === CONSENT).text);
    } catch (error) {
      if (error.status === undefined) throw error;
      toast(problemText(error));
    }
  }

  /** Have a code sent, ask for it, and do it. */
  async #confirmed(purpose, cardId, title, path, body) {
    const challenge = await this.#of.challenge(purpose, cardId);
    if (!challenge) return undefined;
    const t = words().requests;
    const key = newId();
    return ask({
      title,
      intro: t.code_intro(challenge.masked_phone),
      fields: [codeField()],
      action: t.check,
      submit: ({ code }) => this.#of.api.post(this.#of.path(path), { ...body, challenge_id: challenge.id, code, idempotency_key: key }),
    });
  }
}

/** `全额，示范银行 1234` */
function debitText({ enabled, amount, account_bank: bank, account_last4: last4 }) {
  if (!enabled) return label("debit", "off");
  return [label("debit", amount), `${bank} ${last4}`].join(words().comma);
}
