"""Calls that nobody made in their time end as such, so that the contact log and the report tell of them."""

from __future__ import annotations

import logging
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bank.models import ContactChannel, ContactKind, ContactOutcome
from common import clock
from common.database import Database
from outreach import journal
from outreach.calls import LEASE
from outreach.store import Contact
from outreach.tables import call_tasks, contacts

logger = logging.getLogger(__name__)

#: The rule under which it stands in the log and in the report.
NOT_MADE = "not-made"
_SOURCE = "the agents' desk"
_AT_ONCE = 500


def end_unmade(database: Database) -> int:
    """End the calls whose time is over; how many nobody had tried to make.

    What an agent had at the end stays theirs for another lease: a result may be written down late. Attempts that
    nobody answered are on record already, and such a call ends as the last of them did.
    """
    count = 0
    while True:
        with database.writing() as connection:
            now = clock.now()
            found = connection.execute(sa.select(call_tasks).where(_is_over(now)).limit(_AT_ONCE)).all()
            count += sum(_end(connection, task, now) for task in found)
        if len(found) < _AT_ONCE:
            break
    if count:
        logger.warning("%s calls were not made in their time", count)
    return count


def _is_over(now: datetime) -> sa.sql.ColumnElement:
    left = sa.or_(call_tasks.c.held_until.is_(None), call_tasks.c.held_until <= now - LEASE)
    return sa.and_(call_tasks.c.result.is_(None), call_tasks.c.call_until <= now, left)


def _end(connection: Connection, task: Row, now: datetime) -> bool:
    """End one; whether nobody had tried, and it was this process that ended it."""
    outcome = ContactOutcome.NO_ANSWER if task.attempts else ContactOutcome.STOPPED
    values = {"result": outcome.value, "done_at": now, "holder": None, "held_until": None}
    same = sa.and_(call_tasks.c.id == task.id, call_tasks.c.attempts == task.attempts, _is_over(now))
    ended = connection.execute(sa.update(call_tasks).where(same).values(**values)).rowcount
    if not ended or task.attempts:
        return False
    contact = connection.execute(sa.select(contacts).where(contacts.c.id == task.contact_id)).one()
    journal.record(
        connection,
        Contact(contact.id, contact.customer_id, contact.card_id, contact.step, contact.anchor, 0, (), ""),
        kind=ContactKind(task.kind),
        channel=ContactChannel.PHONE,
        outcome=outcome.value,
        rule=NOT_MADE,
        source=_SOURCE,
        at=task.call_until,
    )
    return True
