"""The contacts of the plan in the database: planned, claimed by one worker at a time, and what became of each.

Functions run in the transaction of their connection. What a worker writes about a contact it writes only while it has
the contact's lease: one that was away too long finds that another has taken over (`LeaseLost`) and writes nothing.
"""

from __future__ import annotations

import uuid
import zlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from bank.models import ContactChannel
from outreach.tables import contacts, metadata, watches

__all__ = ["metadata"]

_NAMESPACE = uuid.UUID("6f1f6a3a-0c0e-5d1f-9b57-2f7f0d3c8a11")
#: For how long a worker has a contact; longer than any sender and the bank may take together.
LEASE = timedelta(minutes=10)


# Made once; what is to be set comes with its values.
_OWN = sa.update(contacts).where(
    contacts.c.id == sa.bindparam("contact"), contacts.c.lease_owner == sa.bindparam("owner")
)


class LeaseLost(Exception):
    """Another worker has the contact by now."""


class State(str, Enum):
    """Where a contact stands."""

    PLANNED = "planned"
    SENT = "sent"
    STOPPED = "stopped"  # a rule forbade it, or there was no reason for it any longer
    FAILED = "failed"  # no way to the customer worked


class Watch(str, Enum):
    """Why an account is looked at even if the bank's list has it no longer."""

    PROMISE = "promise"
    AGREEMENT = "agreement"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Contact:
    """A contact that is wanted."""

    id: str
    customer_id: str
    card_id: str
    step: str
    anchor: date
    attempts: int
    tried: Tuple[ContactChannel, ...]
    owner: str  # the worker that has it


@dataclass(frozen=True)
class Wanted:
    """A contact that is to be planned; there is one of each account, step and anchor."""

    customer_id: str
    card_id: str
    step: str
    anchor: date

    @property
    def id(self) -> str:
        """The same for the same contact, whoever plans it and how often."""
        return str(uuid.uuid5(_NAMESPACE, "\n".join((self.customer_id, self.card_id, self.step, str(self.anchor)))))


@dataclass(frozen=True)
class Watched:
    """An account that is watched."""

    customer_id: str
    card_id: str
    what: Watch
    day: date
    seen_on: date


def insert_missing(connection: Connection, table: sa.Table, rows: Sequence[Dict[str, Any]]) -> int:
    """Insert what is not there yet; how many that were."""
    if not rows:
        return 0
    kind = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    count = sa.select(sa.func.count()).select_from(table)
    if len(rows) == 1:
        return int(connection.execute(kind(table).values(**rows[0]).on_conflict_do_nothing()).rowcount)
    key = table.primary_key.columns.values()[0]
    known = connection.execute(count.where(key.in_([row[key.name] for row in rows]))).scalar_one()
    connection.execute(kind(table).on_conflict_do_nothing(), list(rows))
    return len({row[key.name] for row in rows}) - int(known)


def plan(connection: Connection, wanted: Iterable[Wanted], now: datetime) -> int:
    """Note contacts, each once for ever; how many were new."""
    rows = [
        {
            "id": each.id,
            "customer_id": each.customer_id,
            "card_id": each.card_id,
            "step": each.step,
            "anchor": each.anchor,
            "state": State.PLANNED.value,
            "next_at": now,
            "planned_at": now,
            "tried": [],
            "attempts": 0,
        }
        for each in wanted
    ]
    return insert_missing(connection, contacts, rows)


def watch(connection: Connection, watched: Sequence[Watched]) -> None:
    """Watch accounts; a later day takes the place of an earlier one."""
    if not watched:
        return
    kind = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement: Any = kind(watches)
    changed = {"day": statement.excluded.day, "seen_on": statement.excluded.seen_on}
    unique = {(each.customer_id, each.card_id, each.what): each for each in watched}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["customer_id", "card_id", "what"], set_=changed),
        [{**vars(each), "what": each.what.value} for each in unique.values()],
    )


def seen(connection: Connection, accounts: Sequence[Tuple[str, str]], today: date) -> None:
    """The list had these accounts (customer and card) as past due today."""
    if accounts:
        those = sa.tuple_(watches.c.customer_id, watches.c.card_id).in_(list(accounts))
        overdue = watches.c.what == Watch.OVERDUE.value
        connection.execute(sa.update(watches).where(those, overdue).values(seen_on=today))


def watched_after(
    connection: Connection, after: Optional[Tuple[str, str, str]], today: date, limit: int
) -> List[Watched]:
    """Watches that need a look today, in the order of customer, card and kind."""
    key: Any = sa.tuple_(watches.c.customer_id, watches.c.card_id, watches.c.what)
    needs_look = sa.or_(
        sa.and_(watches.c.what == Watch.PROMISE.value, watches.c.day < today),
        watches.c.what == Watch.AGREEMENT.value,
        sa.and_(watches.c.what == Watch.OVERDUE.value, watches.c.seen_on < today),
    )
    query = sa.select(watches).where(needs_look).order_by(*key.clauses).limit(limit)
    if after is not None:
        query = query.where(key > sa.tuple_(*(sa.literal(part) for part in after)))
    return [
        Watched(row.customer_id, row.card_id, Watch(row.what), row.day, row.seen_on)
        for row in connection.execute(query)
    ]


def unwatch(connection: Connection, which: Watched) -> None:
    """There is no more reason to watch it. A watch that was renewed meanwhile stays."""
    same = (
        watches.c.customer_id == which.customer_id,
        watches.c.card_id == which.card_id,
        watches.c.what == which.what.value,
        watches.c.day == which.day,
    )
    connection.execute(sa.delete(watches).where(*same))


def claim(connection: Connection, owner: str, now: datetime, limit: int) -> List[List[Contact]]:
    """Take contacts whose time has come: of at most `limit`, grouped by customer.

    A customer is one worker's at a time: limits on contacts hold only if nobody else sends meanwhile.
    """
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        lock = zlib.crc32(b"outreach claim")
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))
    other = contacts.alias()
    same_customer = sa.and_(other.c.customer_id == contacts.c.customer_id, other.c.lease_until >= now)
    taken = sa.exists().where(same_customer)
    due = sa.and_(contacts.c.state == State.PLANNED.value, contacts.c.next_at <= now)
    query = sa.select(contacts).where(due, ~taken).order_by(contacts.c.next_at, contacts.c.customer_id).limit(limit)
    rows = list(connection.execute(query))
    if rows:
        ids = [row.id for row in rows]
        leased = sa.update(contacts).where(contacts.c.id.in_(ids))
        connection.execute(leased.values(lease_owner=owner, lease_until=now + LEASE))
    groups: Dict[str, List[Contact]] = {}
    for row in rows:
        groups.setdefault(row.customer_id, []).append(_contact(row, owner))
    return list(groups.values())


def renew(connection: Connection, contact: Contact, now: datetime) -> None:
    """Keep the contact for another lease. Raises `LeaseLost`."""
    _change(connection, contact, lease_until=now + LEASE)


def postpone(connection: Connection, contact: Contact, until: datetime) -> None:
    """Not before `until`. Raises `LeaseLost`."""
    _change(connection, contact, next_at=until, lease_owner=None, lease_until=None)


def retry(connection: Connection, contact: Contact, at: datetime) -> None:
    """The same channel once more, at that moment. Raises `LeaseLost`."""
    _change(connection, contact, attempts=contact.attempts + 1, next_at=at, lease_owner=None, lease_until=None)


def next_channel(connection: Connection, contact: Contact, tried: ContactChannel, now: datetime) -> None:
    """This channel is no way to the customer now; another one may be. Raises `LeaseLost`."""
    _change(
        connection,
        contact,
        tried=[*(each.value for each in contact.tried), tried.value],
        attempts=0,
        next_at=now,
        lease_owner=None,
        lease_until=None,
    )


def settle(connection: Connection, contact: Contact, state: State) -> None:
    """That is what became of it. Raises `LeaseLost`."""
    _change(connection, contact, state=state.value, lease_owner=None, lease_until=None)


def reopen(connection: Connection, contact_id: str, failed: ContactChannel, now: datetime) -> None:
    """What was sent did not arrive: the contact is to be made by another channel."""
    row = connection.execute(sa.select(contacts).where(contacts.c.id == contact_id)).one_or_none()
    if row is None or row.state != State.SENT.value:
        return
    values = {"state": State.PLANNED.value, "tried": sorted({*row.tried, failed.value}), "attempts": 0, "next_at": now}
    connection.execute(sa.update(contacts).where(contacts.c.id == contact_id).values(**values))


def _change(connection: Connection, contact: Contact, **values: Any) -> None:
    if connection.execute(_OWN, {"contact": contact.id, "owner": contact.owner, **values}).rowcount != 1:
        raise LeaseLost(contact.id)


def _contact(row: Any, owner: str) -> Contact:
    tried = tuple(ContactChannel(each) for each in row.tried)
    return Contact(row.id, row.customer_id, row.card_id, row.step, row.anchor, row.attempts, tried, owner)
