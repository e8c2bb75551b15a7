"""What became of contacts, by which rule, until the bank has been told; and the messages themselves.

Functions run in the transaction of their connection.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, List, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bank.models import ContactChannel, ContactDirection, ContactKind, ContactOutcome
from common.metrics import CONTACTS
from outreach.store import Contact
from outreach.tables import events, messages

# Made once: of a contact's whole cost, most was the making of such statements anew.
_CONTACT: Any = sa.bindparam("contact")
_NOTE = sa.insert(events)
_COUNT_TOLD = (
    sa.select(sa.func.count()).select_from(events).where(events.c.contact_id == _CONTACT, events.c.number >= 0)
)
_LOWEST = sa.select(sa.func.min(events.c.number)).where(events.c.contact_id == _CONTACT)
_TOLD = sa.update(events).where(events.c.id == sa.bindparam("event")).values(told=True)
_BEGIN = sa.insert(messages)
_FORGET = sa.delete(messages).where(messages.c.id == sa.bindparam("message"))
_SENDING = sa.select(messages).where(messages.c.contact_id == _CONTACT, messages.c.state == sa.bindparam("sending"))
_MARK = sa.update(messages).where(messages.c.id == sa.bindparam("message"))

POSTPONED = "postponed"  # a rule said later: of interest to compliance, no contact to the bank


class MessageState(str, Enum):
    """Where a message stands."""

    SENDING = "sending"  # given to the gateway, or about to be: without an answer nobody knows
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"  # it may have arrived or not, and cannot be found out


@dataclass(frozen=True)
class Message:
    """What goes to one customer by one channel."""

    id: str
    contact_id: str
    customer_id: str
    card_id: str
    channel: ContactChannel
    text_id: str
    language: str
    subject: str
    text: str
    shown_to: str
    address_key: Optional[str]
    at: datetime


@dataclass(frozen=True)
class Event:
    """A line for the bank's contact log and for compliance."""

    contact_id: str
    number: int
    customer_id: str
    card_id: str
    kind: ContactKind
    channel: ContactChannel
    direction: ContactDirection
    outcome: ContactOutcome
    rule: str
    text_id: Optional[str]
    at: datetime

    @property
    def idempotency_key(self) -> str:
        """The contact's id; later lines of it have their number, too."""
        return self.contact_id if self.number == 0 else f"{self.contact_id}-{self.number}"


def record(
    connection: Connection,
    contact: Contact,
    *,
    kind: ContactKind,
    channel: ContactChannel,
    outcome: str,
    rule: str,
    source: str,
    at: datetime,
    text_id: Optional[str] = None,
    direction: ContactDirection = ContactDirection.OUT,
) -> None:
    """Note what became of a contact. A delay by the same rule as before is not noted again."""
    if outcome == POSTPONED:
        latest = last(connection, contact.id)
        if latest is not None and (latest.outcome, latest.rule) == (outcome, rule):
            return
    number = _next_number(connection, contact.id, postponed=outcome == POSTPONED)
    connection.execute(
        _NOTE,
        {
            "contact_id": contact.id,
            "number": number,
            "customer_id": contact.customer_id,
            "card_id": contact.card_id,
            "step": contact.step,
            "kind": kind.value,
            "channel": channel.value,
            "outcome": outcome,
            "rule": rule,
            "source": source,
            "text_id": text_id,
            "direction": direction.value,
            "at": at,
            "told": outcome == POSTPONED,
        },
    )
    CONTACTS.labels(contact.step, channel.value, outcome, rule).inc()


def _next_number(connection: Connection, contact_id: str, *, postponed: bool) -> int:
    """Delays count down: the first line that the bank is told has number 0, and so the contact's own id as its key."""
    if postponed:
        return min(0, connection.execute(_LOWEST, {"contact": contact_id}).scalar() or 0) - 1
    return int(connection.execute(_COUNT_TOLD, {"contact": contact_id}).scalar_one())


def last(connection: Connection, contact_id: str) -> Optional[Row]:
    """The latest line on a contact."""
    of_contact = sa.select(events).where(events.c.contact_id == contact_id)
    return connection.execute(of_contact.order_by(events.c.id.desc()).limit(1)).one_or_none()


def untold(connection: Connection, limit: int, after: int = 0) -> List[Any]:
    """Pairs of row id and `Event` that the bank has not been told, oldest first."""
    query = sa.select(events).where(events.c.told.is_(False), events.c.id > after).order_by(events.c.id).limit(limit)
    return [
        (
            row.id,
            Event(
                row.contact_id,
                row.number,
                row.customer_id,
                row.card_id,
                ContactKind(row.kind),
                ContactChannel(row.channel),
                ContactDirection(row.direction),
                ContactOutcome(row.outcome),
                row.rule,
                row.text_id,
                row.at,
            ),
        )
        for row in connection.execute(query)
    ]


def told(connection: Connection, event_id: int) -> None:
    """The bank has it."""
    connection.execute(_TOLD, {"event": event_id})


def begin(connection: Connection, message: Message) -> None:
    """The message is about to be given to its gateway; if it was before, it is renewed."""
    values = {**vars(message), "channel": message.channel.value, "state": MessageState.SENDING.value}
    forget(connection, message.id)
    connection.execute(_BEGIN, values)


def forget(connection: Connection, message_id: str) -> None:
    """The message was never on its way."""
    connection.execute(_FORGET, {"message": message_id})


def sending_of(connection: Connection, contact_id: str) -> Optional[Row]:
    """The message of a contact of which it is not known whether the gateway has it."""
    return connection.execute(_SENDING, {"contact": contact_id, "sending": MessageState.SENDING.value}).one_or_none()


def mark(connection: Connection, message_id: str, state: MessageState, gateway_id: Optional[str] = None) -> None:
    """That is what became of the message."""
    values = {"state": state.value, **({"gateway_id": gateway_id} if gateway_id else {})}
    connection.execute(_MARK, {"message": message_id, **values})


def kind_of(connection: Connection, contact_id: str) -> ContactKind:
    """What a contact was for, by its first line; `SERVICE` if nothing is noted of it."""
    first = sa.select(events.c.kind).where(events.c.contact_id == contact_id).order_by(events.c.id).limit(1)
    kind = connection.execute(first).scalar()
    return ContactKind(kind) if kind else ContactKind.SERVICE
