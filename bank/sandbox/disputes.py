"""Disputes: a booking is set aside at once, examined, and then taken back or owed again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Dict, List, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bank.errors import NotEligibleReason
from bank.models import Dispute, DisputeReason, DisputeStatus
from bank.sandbox import listing, store, views
from bank.sandbox.accounts import CardAccount, post_entry
from bank.sandbox.applications import decides_at
from bank.sandbox.ledger.dispute import AlreadyDisputed, NotDisputable, UnknownEntry, disputable
from bank.sandbox.ledger.money import ZERO
from bank.sandbox.ledger.records import Entry, EntryKind
from bank.sandbox.policy import Policy
from bank.sandbox.preconditions import IfMatch
from bank.sandbox.problems import not_eligible, not_found
from bank.sandbox.references import insert_numbered, read_numbered
from bank.sandbox.states import DISPUTE
from bank.sandbox.store import Row
from bank.sandbox.texts import text
from common import clock

D = DisputeStatus
_LETTERS = "DSP"
_OPEN = (D.SUBMITTED, D.IN_REVIEW, D.NEEDS_DOCUMENTS)
#: What the end of a dispute does to the account.
_ENDS = {
    D.UPHELD: EntryKind.DISPUTE_UPHELD,
    D.DECLINED: EntryKind.DISPUTE_REJECTED,
    D.WITHDRAWN: EntryKind.DISPUTE_REJECTED,
}


def file(
    connection: Connection, of: CardAccount, transaction_id: str, reason: DisputeReason, statement: Optional[str]
) -> Dispute:
    """Dispute a booking on the card, which is locked. Raises Problem `not-found`, `not-eligible`."""
    booked = _disputable(of, transaction_id)
    left = next((debt.remaining for debt in of.account.debts if debt.id == transaction_id), ZERO)
    now = clock.now()
    row = {
        "customer_id": of.customer["id"],
        "card_id": of.card["id"],
        "card_last4": of.card["last4"],
        "transaction_id": transaction_id,
        "amount": left or booked,
        "reason": reason.value,
        "statement": statement,
        "status": D.IN_REVIEW.value,
        "answer_by": of.today + timedelta(days=of.policy.dispute.answer_days),
        "filed_at": now,
        "updated_at": now,
        "decides_at": decides_at(of.policy, now),
        "seeded": False,
    }
    reference = insert(connection, row)
    filed = read_row(connection, of.customer["id"], reference)
    _post(connection, filed, EntryKind.DISPUTE_OPENED, of.today)
    return view(filed)


def _disputable(of: CardAccount, transaction_id: str) -> Any:
    """The amount of the booking, yuan."""
    try:
        return disputable(of.history, of.policy, transaction_id, of.today).amount
    except AlreadyDisputed:
        raise not_eligible(NotEligibleReason.ALREADY_RUNNING) from None
    except UnknownEntry:
        if of.has_bill and any(each.id == transaction_id for each in views.transactions(of)):
            raise not_eligible(NotEligibleReason.NOT_ALLOWED_NOW) from None  # the bank's own charges, plans
        raise not_found("transaction") from None
    except NotDisputable:
        raise not_eligible(NotEligibleReason.NOT_ALLOWED_NOW) from None


def withdraw(connection: Connection, dispute: Row, today: date, if_match: IfMatch) -> Dispute:
    """The booking is owed again. Raises Problem `changed-meanwhile`, `illegal-move`."""
    if_match.check(dispute["version"])
    return view(_end(connection, dispute, D.WITHDRAWN, today, None))


def decide(connection: Connection, dispute: Row, to: DisputeStatus, today: date, note: Optional[str] = None) -> Dispute:
    """`to` is upheld or declined. Raises Problem `illegal-move`."""
    return view(_end(connection, dispute, to, today, note or _word(connection, dispute, f"dispute_{to.value}")))


def ask_for_documents(connection: Connection, dispute: Row) -> Dispute:
    """The decision waits for papers. Raises Problem `illegal-move`."""
    note = _word(connection, dispute, "dispute_needs_documents")
    return view(_move(connection, dispute, D.NEEDS_DOCUMENTS, note=note))


def look_again(connection: Connection, dispute: Row, policy: Policy) -> Dispute:
    """The papers came. Raises Problem `illegal-move`."""
    return view(_move(connection, dispute, D.IN_REVIEW, note=None, decides_at=decides_at(policy, clock.now())))


def list_disputes(connection: Connection, customer_id: str) -> List[Dispute]:
    """All of the customer's, newest first."""
    table = store.disputes
    query = sa.select(table).where(table.c.customer_id == customer_id)
    found = store.rows(connection, query.order_by(table.c.filed_at.desc(), table.c.reference.desc()))
    return [view(row) for row in found]


def read_row(connection: Connection, customer_id: Optional[str], reference: str, *, lock: bool = False) -> Row:
    """Raises Problem `not-found`, also if it is not `customer_id`'s; None: whoever's."""
    return read_numbered(connection, store.disputes, "dispute", reference, customer_id, lock=lock)


def insert(connection: Connection, row: Dict[str, Any]) -> str:
    """Add it under the next reference of its day."""
    return insert_numbered(connection, store.disputes, _LETTERS, row["filed_at"].date(), row)


def view(row: Row) -> Dispute:
    """The dispute in the contract's shape."""
    status = D(row["status"])
    names = [name for name in Dispute.__fields__ if name not in ("status", "withdrawable")]
    values = {name: row[name] for name in names}
    return Dispute(status=status, withdrawable=DISPUTE.allows(status, D.WITHDRAWN), **values)


def begin_anew(connection: Connection, today: date) -> None:
    """After the stories began anew: what visitors dispute is set aside again, if it is there."""
    table, entries = store.disputes, store.entries
    is_open = table.c.status.in_([status.value for status in _OPEN])
    for each in store.rows(connection, sa.select(table).where(table.c.seeded.is_(False), is_open)):
        booked = sa.select(entries).where(
            entries.c.card_id == each["card_id"],
            entries.c.id == each["transaction_id"],
            entries.c.posted_on <= today,
        )
        if store.row(connection, booked) is None:
            _move(connection, each, D.WITHDRAWN, answer_by=None)
        else:
            _post(connection, each, EntryKind.DISPUTE_OPENED, today)


def _end(connection: Connection, dispute: Row, to: DisputeStatus, today: date, note: Optional[str]) -> Row:
    over = _move(connection, dispute, to, note=note, answer_by=None)
    _post(connection, dispute, _ENDS[to], today)
    return over


def _move(connection: Connection, dispute: Row, to: DisputeStatus, **changes: Any) -> Row:
    DISPUTE.check(dispute["status"], to)
    table = store.disputes
    values = {"status": to.value, "updated_at": clock.now(), "decides_at": None, **changes}
    this_one = sa.update(table).where(table.c.reference == dispute["reference"])
    connection.execute(this_one.values(version=table.c.version + 1, **values))
    return read_row(connection, dispute["customer_id"], dispute["reference"])


def _post(connection: Connection, dispute: Row, kind: EntryKind, day: date) -> None:
    listing.mark(connection, dispute["card_id"])
    entry = Entry(f"{dispute['reference']}-{kind.value}", kind, day, ZERO, dispute["transaction_id"])
    post_entry(connection, dispute["card_id"], entry)


def _word(connection: Connection, dispute: Row, name: str) -> str:
    customers = store.customers
    query = sa.select(customers.c.language).where(customers.c.id == dispute["customer_id"])
    found = store.row(connection, query)
    return text("decision", name, found["language"] if found else "zh")
