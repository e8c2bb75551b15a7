"""Promises to pay: made, changed, withdrawn by the customer; kept or broken by what is posted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Dict, Iterable, List, Optional, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bank.errors import NotEligibleReason
from bank.models import Promise, PromiseStatus
from bank.sandbox import listing, store
from bank.sandbox.accounts import CardAccount
from bank.sandbox.ledger.money import ZERO
from bank.sandbox.ledger.projection import project
from bank.sandbox.ledger.promise import PromiseProgress, PromiseStanding, promise_progress
from bank.sandbox.ledger.records import EntryKind
from bank.sandbox.policy import PromiseTerms
from bank.sandbox.preconditions import IfMatch
from bank.sandbox.problems import invalid, not_eligible
from bank.sandbox.references import insert_numbered, read_numbered
from bank.sandbox.states import PROMISE
from bank.sandbox.store import Row
from common import clock

_LETTERS = "PTP"


@dataclass(frozen=True)
class Wish:
    """What the customer means to pay, in yuan, and by when."""

    amount: Decimal
    pay_on: date


def make(connection: Connection, of: CardAccount, wish: Wish) -> Promise:
    """A new promise on the card, which is locked. Raises Problem `not-eligible`, `invalid-request`."""
    if _open_on(connection, of.card["id"]):
        raise not_eligible(NotEligibleReason.ALREADY_RUNNING)
    _check(of, wish)
    now = clock.now()
    row = {
        "customer_id": of.customer["id"],
        "card_id": of.card["id"],
        "card_last4": of.card["last4"],
        "status": PromiseStatus.OPEN.value,
        "amount": wish.amount,
        "pay_on": wish.pay_on,
        "made_on": of.today,
        "paid_before": sum(
            (amount for day, amount in _posted(connection, of.card["id"], False) if day == of.today), ZERO
        ),
        "carried": ZERO,
        "changes": 0,
        "created_at": now,
        "updated_at": now,
        "seeded": False,
    }
    reference = insert(connection, row)
    listing.mark(connection, of.card["id"])
    return view(connection, read_row(connection, of.customer["id"], reference), of.policy.promise, of.today)


def change(connection: Connection, of: CardAccount, promise: Row, wish: Wish, if_match: IfMatch) -> Promise:
    """Another sum or day. Raises Problem `changed-meanwhile`, `illegal-move`, `not-eligible`, `invalid-request`."""
    if_match.check(promise["version"])
    PROMISE.check(promise["status"], PromiseStatus.OPEN)
    if promise["changes"] >= of.policy.promise.max_changes:
        raise not_eligible(NotEligibleReason.TOO_OFTEN)
    _check(of, wish)
    changed = _set(connection, promise, amount=wish.amount, pay_on=wish.pay_on, changes=promise["changes"] + 1)
    judge(connection, of.policy.promise, of.today, [changed])
    return view(connection, read_row(connection, of.customer["id"], promise["reference"]), of.policy.promise, of.today)


def withdraw(connection: Connection, promise: Row, terms: PromiseTerms, today: date, if_match: IfMatch) -> Promise:
    """Take it back. Raises Problem `changed-meanwhile`, `illegal-move`."""
    if_match.check(promise["version"])
    PROMISE.check(promise["status"], PromiseStatus.WITHDRAWN)
    progress = _progress(connection, promise, terms, today)
    gone = _set(connection, promise, status=PromiseStatus.WITHDRAWN.value, paid=progress.paid)
    return view(connection, gone, terms, today)


def list_promises(connection: Connection, customer_id: str, terms: PromiseTerms, today: date) -> List[Promise]:
    """All of the customer's, newest first."""
    table = store.promises
    query = sa.select(table).where(table.c.customer_id == customer_id)
    found = store.rows(connection, query.order_by(table.c.created_at.desc(), table.c.reference.desc()))
    return [view(connection, row, terms, today) for row in found]


def read_row(connection: Connection, customer_id: str, reference: str, *, lock: bool = False) -> Row:
    """Raises Problem `not-found`, also for somebody else's."""
    return read_numbered(connection, store.promises, "promise", reference, customer_id, lock=lock)


def view(connection: Connection, row: Row, terms: PromiseTerms, today: date) -> Promise:
    """The promise in the contract's shape."""
    status = PromiseStatus(row["status"])
    is_open = status is PromiseStatus.OPEN
    paid = _progress(connection, row, terms, today).paid if is_open else row["paid"]
    fields = ("reference", "card_id", "card_last4", "amount", "pay_on", "created_at", "updated_at", "version")
    values = {name: row[name] for name in fields}
    return Promise(status=status, paid=paid, changeable=is_open and row["changes"] < terms.max_changes, **values)


def insert(connection: Connection, row: Dict[str, Any]) -> str:
    """Add it under the next reference of its day."""
    return insert_numbered(connection, store.promises, _LETTERS, row["created_at"].date(), row)


def judge(connection: Connection, terms: PromiseTerms, today: date, rows: Optional[Iterable[Row]] = None) -> None:
    """Say of open promises (of `rows`, or all) which are kept by now, and which are broken."""
    table = store.promises
    is_open = sa.select(table).where(table.c.status == PromiseStatus.OPEN.value)
    for each in store.rows(connection, is_open.with_for_update()) if rows is None else rows:
        progress = _progress(connection, each, terms, today)
        if progress.standing is not PromiseStanding.OPEN:
            to = PromiseStatus.KEPT if progress.standing is PromiseStanding.KEPT else PromiseStatus.BROKEN
            PROMISE.check(each["status"], to)
            _set(connection, each, status=to.value, paid=progress.paid)


def judge_card(connection: Connection, terms: PromiseTerms, today: date, card_id: str) -> None:
    """Money was posted on the card: the promise on it may be kept by now."""
    judge(connection, terms, today, _open_on(connection, card_id))


def begin_anew(connection: Connection, terms: PromiseTerms, today: date) -> None:
    """Before the stories begin anew and visitors' payments are forgotten: remember what they paid on their promises."""
    table = store.promises
    visitors = sa.select(table).where(table.c.status == PromiseStatus.OPEN.value, table.c.seeded.is_(False))
    for each in store.rows(connection, visitors):
        carried = _progress(connection, each, terms, today).paid
        this_one = sa.update(table).where(table.c.reference == each["reference"])
        connection.execute(this_one.values(carried=carried, paid_before=ZERO, made_on=today))


def _check(of: CardAccount, wish: Wish) -> None:
    terms = of.policy.promise
    if wish.pay_on < of.today:
        raise invalid("pay_on", "must not have passed")
    if wish.pay_on > of.today + timedelta(days=terms.max_days_ahead):
        raise not_eligible(NotEligibleReason.DATE_TOO_LATE)
    if not of.has_bill or not of.now.total:
        raise not_eligible(NotEligibleReason.NOTHING_DUE)
    if wish.amount < min(terms.minimum_amount, of.now.total):
        raise not_eligible(NotEligibleReason.AMOUNT_TOO_SMALL)
    if wish.amount > project(of.history_until(wish.pay_on), of.policy, of.today, wish.pay_on, ZERO).position.total:
        raise not_eligible(NotEligibleReason.AMOUNT_TOO_LARGE)


def _open_on(connection: Connection, card_id: str) -> List[Row]:
    table = store.promises
    query = sa.select(table).where(table.c.card_id == card_id, table.c.status == PromiseStatus.OPEN.value)
    return store.rows(connection, query)


def _progress(connection: Connection, promise: Row, terms: PromiseTerms, today: date) -> PromiseProgress:
    """What is paid of it; a story's payments count for a story's promises, a visitor's for a visitor's."""
    posted = [each for each in _posted(connection, promise["card_id"], promise["seeded"]) if each[0] <= today]
    carried = [(promise["made_on"], promise["carried"])] if promise["carried"] else []
    return promise_progress(
        promise["amount"],
        promise["made_on"],
        promise["pay_on"],
        terms.grace_days,
        [*carried, *posted],
        today,
        promise["paid_before"],
    )


def _posted(connection: Connection, card_id: str, seeded: bool) -> List[Tuple[date, Decimal]]:
    payments, entries = store.payments, store.entries
    returned = sa.select(entries.c.of).where(
        entries.c.card_id == card_id, entries.c.kind == EntryKind.REVERSAL.value, entries.c.of.isnot(None)
    )
    query = sa.select(payments.c.posts_on, payments.c.amount).where(
        payments.c.card_id == card_id, payments.c.seeded.is_(seeded), payments.c.id.notin_(returned)
    )
    return [(row["posts_on"], row["amount"]) for row in store.rows(connection, query)]


def _set(connection: Connection, promise: Row, **changes: Any) -> Row:
    table = store.promises
    this_one = sa.update(table).where(table.c.reference == promise["reference"])
    connection.execute(this_one.values(version=table.c.version + 1, updated_at=clock.now(), **changes))
    listing.mark(connection, promise["card_id"])
    return read_row(connection, promise["customer_id"], promise["reference"])
