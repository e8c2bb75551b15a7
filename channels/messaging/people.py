"""Who writes, and which process works for whom: a lease keeps two processes from answering the same person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Optional, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from channels.messaging.platform import Address
from channels.messaging.tables import inbox, outbox, people

_OPEN = ("waiting", "held")


class LeaseLost(Exception):
    """Another process works for this person now."""


@dataclass(frozen=True)
class Person:
    """One address, and what is known of who is behind it."""

    id: int
    address: Address
    conversation_id: Optional[str]  # of the last message
    customer_id: Optional[str]  # as the bank said at `identified_at`
    identified_at: float
    wrote_at: float
    sent_since: int
    pressed_at: float
    sent_since_press: int
    elsewhere: bool  # people of the service's own have the conversation, or are on the way


def person(connection: Connection, person_id: int) -> Person:
    """The person with this number."""
    return _person(connection.execute(sa.select(people).where(people.c.id == person_id)).one())


def _person(row: Any) -> Person:
    return Person(
        row.id,
        Address(row.platform, row.account, row.subject),
        row.conversation_id,
        row.customer_id,
        row.identified_at,
        row.wrote_at,
        row.sent_since,
        row.pressed_at,
        row.sent_since_press,
        row.elsewhere,
    )


def claim(
    connection: Connection, platform: str, owner: str, now: float, until: float, limit: int, busy: Sequence[int]
) -> List[int]:
    """Lease people of a service for whom there is work now and nobody works, at most `limit`; their numbers.

    `busy`: those for whom this process works already.
    """
    free = sa.and_(people.c.platform == platform, people.c.leased_until <= now, people.c.id.not_in(busy))
    wanted = sa.select(people.c.id).where(free, sa.or_(_has_message(now), _has_answer(now)))
    found = connection.execute(wanted.order_by(people.c.wrote_at).limit(limit).with_for_update(skip_locked=True))
    ids = [int(row.id) for row in found]
    if ids:
        leased = sa.update(people).where(people.c.id.in_(ids))
        connection.execute(leased.values(leased_by=owner, leased_until=until))
    return ids


def _first_messages() -> Any:
    """For each person the moment when the first unanswered message may be tried."""
    earlier = inbox.alias("earlier")
    before = sa.or_(
        earlier.c.sent_at < inbox.c.sent_at, sa.and_(earlier.c.sent_at == inbox.c.sent_at, earlier.c.id < inbox.c.id)
    )
    follows = _exists(earlier.c.person_id == inbox.c.person_id, earlier.c.done.is_(False), before)
    return sa.and_(inbox.c.person_id == people.c.id, inbox.c.done.is_(False), ~follows)


def _first_answers() -> Any:
    """The first message of ours to each person that is not sent yet, unless it is held."""
    earlier = outbox.alias("earlier")
    follows = _exists(earlier.c.person_id == outbox.c.person_id, earlier.c.state.in_(_OPEN), earlier.c.id < outbox.c.id)
    return sa.and_(outbox.c.person_id == people.c.id, outbox.c.state == "waiting", ~follows)


def _has_message(now: float) -> Any:
    return _exists(_first_messages(), inbox.c.next_at <= now)


def _has_answer(now: float) -> Any:
    return _exists(_first_answers(), outbox.c.next_at <= now)


def _exists(*conditions: Any) -> Any:
    return sa.exists().where(sa.and_(*conditions))


def next_work(connection: Connection, platform: str, busy: Sequence[int]) -> Optional[float]:
    """When there will be work for somebody who is not `busy` here, seconds since the epoch; none if there is none."""
    soonest: List[float] = []
    for table, first in ((inbox, _first_messages()), (outbox, _first_answers())):
        later: Any = sa.case((people.c.leased_until > table.c.next_at, people.c.leased_until), else_=table.c.next_at)
        wanted = sa.select(sa.func.min(later)).where(people.c.platform == platform, people.c.id.not_in(busy), first)
        found = connection.execute(wanted).scalar_one()
        if found is not None:
            soonest.append(float(found))
    return min(soonest, default=None)


def renew(connection: Connection, ids: Sequence[int], owner: str, until: float) -> None:
    """Keep leases that are still held."""
    held = sa.update(people).where(people.c.id.in_(ids), people.c.leased_by == owner)
    connection.execute(held.values(leased_until=until))


def hold(connection: Connection, person_id: int, owner: str) -> None:
    """Make sure, to the end of the transaction, that the lease is ours. Raises `LeaseLost`."""
    held = sa.update(people).where(people.c.id == person_id, people.c.leased_by == owner)
    if not connection.execute(held.values(leased_by=owner)).rowcount:
        raise LeaseLost


def release(connection: Connection, person_id: int, owner: str) -> None:
    """Let any process work for this person."""
    held = sa.update(people).where(people.c.id == person_id, people.c.leased_by == owner)
    connection.execute(held.values(leased_by=None, leased_until=0))


def talks_in(connection: Connection, person_id: int, conversation_id: str) -> None:
    """Note where messages of this conversation that answer no message are to be sent."""
    connection.execute(sa.update(people).where(people.c.id == person_id).values(conversation_id=conversation_id))


def identified(connection: Connection, person_id: int, customer_id: Optional[str], at: float) -> None:
    """Note whom the bank takes this person for; none: for nobody."""
    known = sa.update(people).where(people.c.id == person_id)
    connection.execute(known.values(customer_id=customer_id, identified_at=at))


def passed(connection: Connection, person_id: int, elsewhere: bool) -> None:
    """Note whether people of the service's own have the conversation."""
    connection.execute(sa.update(people).where(people.c.id == person_id).values(elsewhere=elsewhere))


def last_in(connection: Connection, platform: str, conversation_id: str) -> Optional[Person]:
    """Who wrote last in this conversation over the service; none if nobody did."""
    wanted = sa.select(people).where(people.c.platform == platform, people.c.conversation_id == conversation_id)
    row = connection.execute(wanted.order_by(people.c.wrote_at.desc(), people.c.id.desc()).limit(1)).first()
    return None if row is None else _person(row)
