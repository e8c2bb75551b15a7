"""Makes the demonstration customers' cards, purchases and payments so that their stories are true today.

`seeding` is pure: the same day and policy give the same rows. What was bought is chosen by the card's id, so that only
the dates move from day to day.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Dict, List, Optional, Tuple

from bank.models import (
    ApplicationKind,
    ApplicationStatus,
    AutoDebitResult,
    DisputeReason,
    DisputeStatus,
    PromiseStatus,
    ReasonClass,
    RepaymentChannelKind,
)
from bank.sandbox.ledger.agreement import agreement_offers, agreement_plan
from bank.sandbox.ledger.cycle import ONE_DAY, due_date, grace_ends_on, on_day
from bank.sandbox.ledger.instalment import annualised_rate, split
from bank.sandbox.ledger.money import ZERO
from bank.sandbox.ledger.position import billed, position
from bank.sandbox.ledger.records import Entry, EntryKind, History, Plan
from bank.sandbox.ledger.replay import replay
from bank.sandbox.policy import Policy
from bank.sandbox.stories import AgreementTold, CardStory, CustomerStory, PromiseTold, Shop, Stories
from common.clock import BANK_ZONE

_LATE_BY = 12  # days after grace: later than the next bill, so that it was reported
_BANK = {"zh": "示范银行", "en": "Demonstration Bank"}
_PLAN_STARTS_AFTER = 3  # days after the bill
_PAYS_TERM_BEFORE = 2  # days before an instalment of an agreement is due
_PLAN_PURCHASE_BEFORE = 12  # days before the bill


@dataclass(frozen=True)
class Seeding:
    """Rows of the store's tables, by column."""

    customers: List[Dict[str, Any]] = field(default_factory=list)
    cards: List[Dict[str, Any]] = field(default_factory=list)
    entries: List[Dict[str, Any]] = field(default_factory=list)
    payments: List[Dict[str, Any]] = field(default_factory=list)
    debit_accounts: List[Dict[str, Any]] = field(default_factory=list)
    # Without `reference` and `number`:
    applications: List[Dict[str, Any]] = field(default_factory=list)
    promises: List[Dict[str, Any]] = field(default_factory=list)
    disputes: List[Dict[str, Any]] = field(default_factory=list)


def seeding(told: Stories, policy: Policy, today: date) -> Seeding:
    """Everything that the stories need to be true on `today`."""
    made = Seeding()
    for customer in told.customers:
        made.customers.append(customer.dict(include={"id", "name", "language", "masked_phone"}))
        made.debit_accounts.extend(_debit_accounts(customer))
        for card in customer.cards:
            _CardSeeding(made, policy, today, customer, card).tell(told.everyday[customer.language])
    return made


class _CardSeeding:
    def __init__(self, made: Seeding, policy: Policy, today: date, customer: CustomerStory, card: CardStory) -> None:
        self._made = made
        self._policy = policy
        self._today = today
        self._customer = customer
        self._card = card
        bill = today + timedelta(days=card.due_in - policy.billing.due_days)
        self._bills = [on_day(bill.year, bill.month - ago, bill.day) for ago in range(card.months_before, -1, -1)]
        opened_on = on_day(bill.year, bill.month - card.months_before - 1, bill.day) + ONE_DAY
        self._history = History(opened_on, bill.day, card.credit_limit)
        self._random = random.Random(card.id)
        self._count = 0

    def tell(self, everyday: Tuple[Shop, ...]) -> None:
        """Add the card's rows."""
        for number, statement_date in enumerate(self._bills[:-1]):
            self._shop(everyday, statement_date)
            ago = len(self._bills) - 1 - number
            if self._card.plan is not None and self._card.plan.bills_ago == ago:
                self._start_plan(statement_date)
            self._pay_bill(statement_date, late=self._card.late_months_ago == ago)
        for purchase in self._card.bill:
            posted_on = self._bills[-1] - timedelta(days=purchase.before_bill)
            id = self._post(EntryKind.PURCHASE, posted_on, purchase.amount, purchase.at)
            if purchase.disputed_ago is not None:
                opened_on = self._today - timedelta(days=purchase.disputed_ago)
                self._post(EntryKind.DISPUTE_OPENED, opened_on, ZERO, purchase.at, of=id)
                self._dispute(id, purchase.amount, opened_on)
        for recent in self._card.since:
            self._post(EntryKind.PURCHASE, self._today - timedelta(days=recent.ago), recent.amount, recent.at)
        for payment in self._card.payments:
            made_on = self._today - timedelta(days=payment.ago)
            amount = billed(replay(self._history, self._policy, made_on)) if payment.amount is None else payment.amount
            self._pay(amount, made_on, payment.channel, payment.posts_after)
        if self._card.agreement is not None:
            self._agree(self._card.agreement)
        for promise in self._card.promises:
            self._promise(promise)
        self._made.cards.append(self._card_row())

    def _shop(self, everyday: Tuple[Shop, ...], statement_date: date) -> None:
        for before in sorted(self._random.sample(range(28), self._random.randint(4, 7)), reverse=True):
            shop = self._random.choice(everyday)
            amount = Decimal(self._random.randint(shop.least * 10, shop.most * 10)).scaleb(-1).quantize(ZERO)
            self._post(EntryKind.PURCHASE, statement_date - timedelta(days=before), amount, shop.at)

    def _pay_bill(self, statement_date: date, late: bool) -> None:
        due = due_date(statement_date, self._policy.billing)
        if late:
            day = grace_ends_on(statement_date, self._policy.billing) + timedelta(days=_LATE_BY)
            amount = position(replay(self._history, self._policy, day)).total
            self._pay(amount, day, RepaymentChannelKind.MOBILE_BANK)
            return
        by_debit = self._card.auto_debit is not None
        day = due if by_debit else due - timedelta(days=self._random.randint(1, 6))
        channel = RepaymentChannelKind.AUTO_DEBIT if by_debit else RepaymentChannelKind.MOBILE_BANK
        self._pay(self._owed(statement_date, day), day, channel)

    def _owed(self, statement_date: date, day: date) -> Decimal:
        """What is left of that bill on `day`: what was bought since the bill before, where nothing else ever was."""
        if self._card.plan is not None or self._card.late_months_ago is not None:
            return billed(replay(self._history, self._policy, day))
        bought = (each for each in self._history.entries if each.kind is EntryKind.PURCHASE)
        starts_after = on_day(statement_date.year, statement_date.month - 1, self._history.statement_day)
        return sum((each.amount for each in bought if starts_after < each.posted_on <= statement_date), ZERO)

    def _pay(self, amount: Decimal, made_on: date, channel: RepaymentChannelKind, posts_after: int = 0) -> None:
        if not amount:
            return
        posts_on = made_on + timedelta(days=posts_after)
        id = self._next_id("p")
        self._remember(Entry(id, EntryKind.PAYMENT, posts_on, amount))
        self._made.payments.append(
            {
                "card_id": self._card.id,
                "id": id,
                "amount": amount,
                "made_on": made_on,
                "posts_on": posts_on,
                "channel": channel.value,
                "seeded": True,
            }
        )

    def _dispute(self, transaction_id: str, amount: Decimal, opened_on: date) -> None:
        self._made.disputes.append(
            {
                "customer_id": self._customer.id,
                "card_id": self._card.id,
                "card_last4": self._card.last4,
                "transaction_id": transaction_id,
                "amount": amount,
                "reason": DisputeReason.NOT_MINE.value,
                "status": DisputeStatus.IN_REVIEW.value,
                "answer_by": opened_on + timedelta(days=self._policy.dispute.answer_days),
                "filed_at": _at(opened_on, time(19, 5)),
                "updated_at": _at(opened_on, time(19, 5)),
                "seeded": True,
            }
        )

    def _post(self, kind: EntryKind, posted_on: date, amount: Decimal, at: str, of: Optional[str] = None) -> str:
        entry = Entry(self._next_id("t"), kind, posted_on, amount, of)
        self._remember(entry)
        self._made.entries.append(
            {
                "card_id": self._card.id,
                "id": entry.id,
                "kind": kind.value,
                "posted_on": posted_on,
                "amount": amount,
                "of": of,
                "description": at,
            }
        )
        return entry.id

    def _remember(self, entry: Entry) -> None:
        self._history = replace(self._history, entries=(*self._history.entries, entry))

    def _next_id(self, letter: str) -> str:
        self._count += 1
        return f"{letter}-{self._card.id[2:]}-{self._count}"

    def _start_plan(self, statement_date: date) -> None:
        told = self._card.plan
        assert told is not None
        self._post(EntryKind.PURCHASE, statement_date - timedelta(days=_PLAN_PURCHASE_BEFORE), told.amount, told.at)
        starts_on = statement_date + timedelta(days=_PLAN_STARTS_AFTER)
        rate = self._policy.instalment.rates[told.terms]
        parts = split(told.amount, told.terms, rate)
        self._history = replace(
            self._history, plans=(*self._history.plans, Plan("plan", starts_on, told.amount, rate, parts))
        )
        self._made.applications.append(
            {
                "customer_id": self._customer.id,
                "card_id": self._card.id,
                "card_last4": self._card.last4,
                "kind": ApplicationKind.INSTALMENT.value,
                "status": ApplicationStatus.ACTIVE.value,
                "amount": told.amount,
                "filed_at": _at(starts_on - ONE_DAY, time(10, 24)),
                "updated_at": _at(starts_on, time(9, 30)),
                "terms": told.terms,
                "rate_per_term": str(rate),
                "per_term": parts[0].principal + parts[0].interest,
                "annualised_rate": str(annualised_rate(told.amount, [p.principal + p.interest for p in parts])),
                "starts_on": starts_on,
                "seeded": True,
            }
        )

    def _agree(self, told: AgreementTold) -> None:
        signed_on = self._today - timedelta(days=told.signed_ago)
        [offer] = agreement_offers(self._history, self._policy, signed_on, terms=told.terms)
        plan = agreement_plan(
            "agreement",
            signed_on,
            offer.balance,
            offer.terms,
            offer.rate_per_term,
            offer.first_due_on,
            self._policy.billing,
        )
        self._history = replace(self._history, plans=(*self._history.plans, plan))
        self._made.applications.append(
            {
                "customer_id": self._customer.id,
                "card_id": self._card.id,
                "card_last4": self._card.last4,
                "kind": ApplicationKind.AGREEMENT.value,
                "status": ApplicationStatus.ACTIVE.value,
                "details": json.dumps({"first_due_on": offer.first_due_on.isoformat()}),
                "amount": offer.balance,
                "filed_at": _at(signed_on - timedelta(days=4), time(14, 12)),
                "updated_at": _at(signed_on, time(11, 0)),
                "terms": offer.terms,
                "rate_per_term": f"{offer.rate_per_term:f}",
                "per_term": offer.per_term,
                "annualised_rate": f"{offer.annualised_rate:f}",
                "starts_on": signed_on,
                "reason": ReasonClass.UNEMPLOYMENT.value,
                "seeded": True,
            }
        )
        for term in offer.schedule:
            pay_on = term.due_on - timedelta(days=_PAYS_TERM_BEFORE)
            if pay_on <= self._today:
                self._pay(term.part.principal + term.part.interest, pay_on, RepaymentChannelKind.MOBILE_BANK)

    def _promise(self, told: PromiseTold) -> None:
        made_on = self._today - timedelta(days=told.made_ago)
        self._made.promises.append(
            {
                "customer_id": self._customer.id,
                "card_id": self._card.id,
                "card_last4": self._card.last4,
                "status": PromiseStatus.OPEN.value,  # until it is judged
                "amount": told.amount,
                "pay_on": self._today + timedelta(days=told.pay_in),
                "made_on": made_on,
                "paid_before": ZERO,
                "carried": ZERO,
                "changes": 0,
                "created_at": _at(made_on, time(16, 40)),
                "updated_at": _at(made_on, time(16, 40)),
                "seeded": True,
            }
        )

    def _card_row(self) -> Dict[str, Any]:
        debit = self._card.auto_debit
        last_bill = self._bills[-1] if self._card.due_in < 0 else self._bills[-2]
        tried = debit is not None and debit.result is not AutoDebitResult.NONE
        return {
            "id": self._card.id,
            "customer_id": self._customer.id,
            "name": self._card.name,
            "last4": self._card.last4,
            "opened_on": self._history.opened_on,
            "statement_day": self._history.statement_day,
            "credit_limit": self._card.credit_limit,
            "transfer_account": self._card.transfer_account,
            "auto_debit_amount": debit.amount.value if debit else None,
            "auto_debit_bank": debit.bank if debit else None,
            "auto_debit_last4": debit.last4 if debit else None,
            "auto_debit_account": _account_id(self._customer, debit.bank, debit.last4) if debit else None,
            "auto_debit_version": 1,
            "auto_debit_result": (debit.result if debit else AutoDebitResult.NONE).value,
            "auto_debit_tried_on": due_date(last_bill, self._policy.billing) if tried else None,
        }


def _debit_accounts(customer: CustomerStory) -> List[Dict[str, Any]]:
    """The accounts of the standing orders, and one more that the customer has."""
    told = [(card.auto_debit.bank, card.auto_debit.last4) for card in customer.cards if card.auto_debit]
    first = customer.cards[0]
    bank = _BANK[customer.language]
    # Invented like all, and always the same: from the last digits of the phone and the card.
    another = f"{(int(customer.masked_phone[-4:]) + int(first.last4)) % 10_000:04}"
    return [
        {"id": _account_id(customer, bank, last4), "customer_id": customer.id, "bank": bank, "last4": last4}
        for bank, last4 in dict.fromkeys([*told, (bank, another)])
    ]


def _account_id(customer: CustomerStory, bank: str, last4: str) -> str:
    own = bank in _BANK.values()
    return f"da-{customer.masked_phone[-4:]}-{'own' if own else 'other'}-{last4}"


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, BANK_ZONE)
