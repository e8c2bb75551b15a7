"""Wishes for a person: a conversation has at most one open at a time, whoever asks how often.

A unique index over the open ones keeps it so, not the code. Functions run in the transaction of their connection.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Dict, List, Mapping, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from common import clock
from desk.tables import handovers

#: Of a wish, the most pressing first.
PRIORITIES = ("urgent", "high", "normal")
_REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is taken for another when read aloud
_REFERENCE_LENGTH = 8


@dataclass(frozen=True)
class HandoverWish:
    """A customer's wish for a person. `customer_id` is `None` for a visitor who did not sign in."""

    id: int
    conversation_id: str
    customer_id: Optional[str]
    language: str  # "zh" or "en"
    reason: str  # what the conversation was about: the name of an intent
    created_at: datetime
    closed_at: Optional[datetime] = None
    trigger: str = "asked_for"  # why a person takes over: a row of the table of triggers
    priority: str = "normal"  # one of `PRIORITIES`
    reference: Optional[str] = None  # by which the customer names it; wishes of older stores have none
    callback_from: Optional[datetime] = None  # when the customer wishes to be called, if so
    callback_until: Optional[datetime] = None
    notes: Mapping[str, Any] = field(default_factory=dict)  # as of `Wanted`


@dataclass(frozen=True)
class Wanted:
    """Why a person is wanted: what goes on record. Raises `ValueError` for an unknown priority."""

    reason: str
    trigger: str = "asked_for"
    priority: str = "normal"
    notes: Mapping[str, Any] = field(default_factory=dict)  # what was said so far, for who takes over; fit for JSON
    at_once: bool = True  # False: the customer wishes to be called, nobody need come into the conversation
    elsewhere: bool = False  # people of the messaging service's own answer, not those of the desk

    def __post_init__(self) -> None:
        if self.priority not in PRIORITIES:
            raise ValueError(f"{self.priority} is none of {', '.join(PRIORITIES)}")


def open_wish(connection: Connection, conversation_id: str) -> Optional[HandoverWish]:
    """The open wish of this conversation, if any."""
    row = connection.execute(sa.select(handovers).where(_open_in(conversation_id))).one_or_none()
    return _wish(row) if row else None


def of_customer(connection: Connection, customer_id: str) -> List[HandoverWish]:
    """Every wish of this customer, newest first."""
    query = sa.select(handovers).where(handovers.c.customer_id == customer_id).order_by(handovers.c.id.desc())
    return [_wish(row) for row in connection.execute(query)]


def renew(
    connection: Connection, conversation_id: str, customer_id: Optional[str], wanted: Wanted
) -> Optional[HandoverWish]:
    """The open wish, if any, with what is known of the customer and of its reason brought up to date.

    It keeps its moment and its reference; why it is wanted changes only to something more pressing.
    """
    _change(
        connection,
        sa.and_(_open_in(conversation_id), handovers.c.priority.in_(_less_than(wanted.priority))),
        reason=wanted.reason,
        trigger=wanted.trigger,
        priority=wanted.priority,
    )
    if wanted.notes:
        _change(connection, _open_in(conversation_id), notes=dict(wanted.notes))
    if customer_id is not None:
        unknown = sa.and_(_open_in(conversation_id), handovers.c.customer_id.is_(None))
        _change(connection, unknown, customer_id=customer_id)
    return open_wish(connection, conversation_id)


def add(
    connection: Connection, conversation_id: str, customer_id: Optional[str], language: str, wanted: Wanted
) -> HandoverWish:
    """Make a wish. Raises `sqlalchemy.exc.IntegrityError` if one is open."""
    values: Dict[str, Any] = {
        "conversation_id": conversation_id,
        "customer_id": customer_id,
        "language": language,
        "reason": wanted.reason,
        "trigger": wanted.trigger,
        "priority": wanted.priority,
        "notes": dict(wanted.notes) or None,
        "reference": _new_reference(),
        "created_at": clock.now(),
        "at_bank": "due",
    }
    key = connection.execute(sa.insert(handovers).values(**values)).inserted_primary_key[0]
    return _wish(connection.execute(sa.select(handovers).where(handovers.c.id == key)).one())


def call_back(connection: Connection, conversation_id: str, earliest: datetime, latest: datetime) -> bool:
    """Note on the open wish when the customer wishes to be called; `False` if there is no open wish."""
    return _change(connection, _open_in(conversation_id), callback_from=earliest, callback_until=latest)


def close(connection: Connection, conversation_id: str, **how: Any) -> bool:
    """Close the open wish; `False` if there is none. `how`: more columns that tell how it ended."""
    return _change(connection, _open_in(conversation_id), closed_at=clock.now(), **how)


def _change(connection: Connection, which: Any, **values: Any) -> bool:
    return bool(connection.execute(sa.update(handovers).where(which).values(**values)).rowcount)


def _less_than(priority: str) -> Any:
    return PRIORITIES[PRIORITIES.index(priority) + 1 :]


def _new_reference() -> str:
    """Random, so that it tells nothing of how many others there are."""
    return "H-" + "".join(secrets.choice(_REFERENCE_LETTERS) for _ in range(_REFERENCE_LENGTH))


def _open_in(conversation_id: str) -> Any:
    return sa.and_(handovers.c.conversation_id == conversation_id, handovers.c.closed_at.is_(None))


def _wish(row: Row) -> HandoverWish:
    known = {each.name: row._mapping[each.name] for each in fields(HandoverWish)}
    return HandoverWish(**{**known, "notes": row.notes or {}})
