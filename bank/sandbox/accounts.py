"""A card's account as it stands today: read from the store, computed by the ledger."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Iterable, List

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bank.models import ApplicationKind
from bank.sandbox import store
from bank.sandbox.ledger.agreement import agreement_plan
from bank.sandbox.ledger.instalment import split
from bank.sandbox.ledger.position import Position, position
from bank.sandbox.ledger.records import Account, Deferral, Entry, EntryKind, History, Plan, Settlement
from bank.sandbox.ledger.replay import replay
from bank.sandbox.policy import Billing, Policy
from bank.sandbox.problems import not_found
from bank.sandbox.store import Row


@dataclass(frozen=True)
class CardAccount:
    """One card with all that happened on it. Applications are all of the card's, newest first."""

    customer: Row
    card: Row
    entries: List[Row]
    payments: List[Row]
    applications: List[Row]
    policy: Policy
    today: date

    @cached_property
    def history(self) -> History:
        """What the ledger reads, as far as it has happened by today."""
        return self.history_until(self.today)

    def history_until(self, day: date) -> History:
        """What the ledger reads, with payments on their way that will be posted by `day`."""
        return history(self.card, self.entries, self.payments, self.applications, self.policy.billing, day)

    @cached_property
    def account(self) -> Account:
        """The account today."""
        return replay(self.history, self.policy, self.today)

    @cached_property
    def now(self) -> Position:
        """What is owed today. Raises Problem `not-found` while there is no bill."""
        if not self.account.bills:
            raise not_found("bill yet")
        return position(self.account)

    @property
    def has_bill(self) -> bool:
        """Whether a bill was issued yet."""
        return bool(self.account.bills)

    @cached_property
    def pending(self) -> Decimal:
        """Payments on their way, yuan."""
        on_their_way = (each["amount"] for each in self.payments if each["made_on"] <= self.today < each["posts_on"])
        return sum(on_their_way, Decimal("0.00"))


def history(
    card: Row,
    entries: Iterable[Row],
    payments: Iterable[Row],
    applications: Iterable[Row],
    billing: Billing,
    today: date,
) -> History:
    """The ledger's history of a card, from rows."""
    posted = [
        Entry(each["id"], EntryKind(each["kind"]), each["posted_on"], each["amount"], each["of"]) for each in entries
    ]
    paid = [Entry(each["id"], EntryKind.PAYMENT, each["posts_on"], each["amount"]) for each in payments]
    in_effect = [each for each in applications if each["starts_on"] is not None]

    def of_kind(kind: ApplicationKind) -> List[Row]:
        return [each for each in in_effect if each["kind"] == kind.value]

    agreements = [_agreement(each, billing) for each in of_kind(ApplicationKind.AGREEMENT)]
    return History(
        opened_on=card["opened_on"],
        statement_day=card["statement_day"],
        credit_limit=card["credit_limit"],
        entries=tuple(each for each in [*posted, *paid] if each.posted_on <= today),
        plans=(*map(_plan, of_kind(ApplicationKind.INSTALMENT)), *agreements),
        deferrals=tuple(_deferral(each) for each in of_kind(ApplicationKind.DEFERRAL)),
        settlements=tuple(_settlement(each) for each in of_kind(ApplicationKind.EARLY_SETTLEMENT)),
    )


def read_customer(connection: Connection, customer_id: str) -> Row:
    """Raises Problem `not-found`."""
    found = store.row(connection, sa.select(store.customers).where(store.customers.c.id == customer_id))
    if found is None:
        raise not_found("customer")
    return found


def read_card(
    connection: Connection, policy: Policy, today: date, customer_id: str, card_id: str, *, lock: bool = False
) -> CardAccount:
    """The customer's card. `lock`: until the transaction ends, no other one gets this card with `lock`.

    Raises Problem `not-found`, also for a card of somebody else.
    """
    customer = read_customer(connection, customer_id)
    query = sa.select(store.cards).where(store.cards.c.customer_id == customer_id, store.cards.c.id == card_id)
    card = store.row(connection, query.with_for_update() if lock else query)
    if card is None:
        raise not_found("card")
    return _account_of(connection, policy, today, customer, card)


def read_cards(connection: Connection, policy: Policy, today: date, customer_id: str) -> List[CardAccount]:
    """All of the customer's cards. Raises Problem `not-found`."""
    customer = read_customer(connection, customer_id)
    query = sa.select(store.cards).where(store.cards.c.customer_id == customer_id).order_by(store.cards.c.id)
    return [_account_of(connection, policy, today, customer, card) for card in store.rows(connection, query)]


def post_entry(connection: Connection, card_id: str, entry: Entry) -> None:
    """Post it on the card."""
    values = {"id": entry.id, "kind": entry.kind.value, "posted_on": entry.posted_on, "amount": entry.amount}
    connection.execute(sa.insert(store.entries).values(card_id=card_id, of=entry.of, description="", **values))


def _account_of(connection: Connection, policy: Policy, today: date, customer: Row, card: Row) -> CardAccount:
    def of_card(table: sa.Table, *order: Any) -> List[Row]:
        return store.rows(connection, sa.select(table).where(table.c.card_id == card["id"]).order_by(*order))

    return CardAccount(
        customer=customer,
        card=card,
        entries=of_card(store.entries, store.entries.c.posted_on.desc(), store.entries.c.id),
        payments=of_card(store.payments, store.payments.c.made_on.desc(), store.payments.c.id),
        applications=of_card(store.applications, store.applications.c.filed_at.desc()),
        policy=policy,
        today=today,
    )


def _plan(application: Row) -> Plan:
    rate = Decimal(application["rate_per_term"])
    amount = application["amount"]
    reference = application["reference"]
    return Plan(reference, application["starts_on"], amount, rate, split(amount, application["terms"], rate))


def _deferral(application: Row) -> Deferral:
    return Deferral(
        application["reference"],
        application["starts_on"],
        application["new_due_date"],
        application["interest_continues"],
        application["late_fee_waived"],
    )


def _agreement(application: Row, billing: Billing) -> Plan:
    return agreement_plan(
        application["reference"],
        application["starts_on"],
        application["amount"],
        application["terms"],
        Decimal(application["rate_per_term"]),
        date.fromisoformat(json.loads(application["details"])["first_due_on"]),
        billing,
    )


def _settlement(application: Row) -> Settlement:
    return Settlement(json.loads(application["details"])["reference"], application["starts_on"])
