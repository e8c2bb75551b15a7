"""Takes over what outreach did: which contacts reached a customer, and of which the bank is to be asked at once."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bank.models import ContactChannel, ContactOutcome
from common.clock import BANK_ZONE
from common.database import Database, insert_into
from desk.insights import paid
from desk.insights.buckets import UNKNOWN, bucket_of
from desk.insights.tables import reminders
from desk.positions import held, read_to
from outreach.plan import Anchor, Plan, Stop
from outreach.tables import call_tasks, contacts, events, messages

FEED = "insights_outreach"
BATCH = 1000  # lines at once
#: PostgreSQL gives numbers before it commits: lines that came late are found by reading the last ones again.
_AGAIN = 200
_REACHED = (ContactOutcome.SENT.value, ContactOutcome.DELIVERED.value, ContactOutcome.ANSWERED.value)
_OVERDUE_AGAIN = "overdue-again"


def read_lines(outreach: Database, after: int) -> List[Row]:
    """The lines of outreach's journal with a number greater than `after`, at most `BATCH`, with what they are about."""
    message = messages.alias()
    wanted = (
        sa.select(
            events,
            contacts.c.anchor,
            sa.func.coalesce(message.c.language, call_tasks.c.language).label("language"),
            call_tasks.c.reason,
        )
        .join(contacts, contacts.c.id == events.c.contact_id)
        .outerjoin(message, sa.and_(message.c.contact_id == events.c.contact_id, message.c.channel == events.c.channel))
        .outerjoin(
            call_tasks,
            sa.and_(call_tasks.c.contact_id == events.c.contact_id, events.c.channel == ContactChannel.PHONE.value),
        )
        .where(events.c.id > after)
        .order_by(events.c.id)
        .limit(BATCH)
    )
    with outreach.reading() as connection:
        return list(connection.execute(wanted))


def begin_at(position: int) -> int:
    """After which line to read, where lines were read as far as `position`."""
    return max(position - _AGAIN, 0)


def take(connection: Connection, lines: Sequence[Row], plan: Plan) -> bool:
    """Take over lines, those that were taken before without effect; whether some were new."""
    position = held(connection, FEED)
    for line in lines:
        _take(connection, line, plan)
    last = lines[-1].id if lines else 0
    if last > position:
        read_to(connection, FEED, last)
    return bool(last > position)


def _take(connection: Connection, line: Row, plan: Plan) -> None:
    step = plan.step(line.step)
    anchor = step.anchor if step is not None else None
    if _tells_payment(line, anchor):
        _ask_now(connection, line)
    elif anchor is Anchor.CLOSED or line.direction != "out":
        return
    elif line.outcome in _REACHED:
        _reached(connection, line, anchor)
    elif line.outcome == ContactOutcome.FAILED.value:
        same = sa.and_(reminders.c.contact_id == line.contact_id, reminders.c.channel == line.channel)
        came_back = sa.update(reminders).where(same, reminders.c.event_id < line.id)
        connection.execute(came_back.values(failed=True, event_id=line.id))


def _tells_payment(line: Row, anchor: Optional[Anchor]) -> bool:
    """Whether the plan has just come across a payment: it stopped for it, or began to say goodbye."""
    stopped = line.outcome == ContactOutcome.STOPPED.value and line.rule == Stop.PAID.value
    return stopped or (anchor is Anchor.CLOSED and line.rule != _OVERDUE_AGAIN and line.direction == "out")


def _ask_now(connection: Connection, line: Row) -> None:
    """Have the bank asked sooner than tomorrow; unless it was since then, as lines are read again."""
    asked_before = sa.or_(reminders.c.asked_at.is_(None), reminders.c.asked_at < line.at)
    waiting = sa.and_(
        reminders.c.customer_id == line.customer_id,
        reminders.c.card_id == line.card_id,
        reminders.c.at <= line.at,
        reminders.c.next_at > line.at,
        asked_before,
    )
    connection.execute(sa.update(reminders).where(waiting).values(next_at=line.at))


def _reached(connection: Connection, line: Row, anchor: Optional[Anchor]) -> None:
    day = line.at.astimezone(BANK_ZONE).date()
    is_overdue = anchor is Anchor.OVERDUE
    first: Dict[str, Any] = {
        "contact_id": line.contact_id,
        "customer_id": line.customer_id,
        "card_id": line.card_id,
        "day": day,
        "at": line.at,
        "step": line.step,
        "channel": line.channel,
        "language": line.language or "zh",
        "bucket": bucket_of((day - line.anchor).days if is_overdue else 0) if _tells_days(anchor) else UNKNOWN,
        "event_id": line.id,
        "failed": False,
        "paid_at": None,
        "reason": line.reason,
        "anchor": anchor.value if anchor is not None else None,
        "anchor_day": line.anchor,
        "asked_at": None,
        "next_at": line.at + paid.EVERY,
    }
    new = insert_into(connection, reminders).values(**first)
    if connection.execute(new.on_conflict_do_nothing()).rowcount:
        return
    same = sa.and_(reminders.c.contact_id == line.contact_id, reminders.c.event_id < line.id)
    by_another_way = sa.and_(same, reminders.c.channel != line.channel)
    connection.execute(sa.update(reminders).where(by_another_way).values(**first))
    connection.execute(sa.update(reminders).where(same).values(event_id=line.id, reason=line.reason))


def _tells_days(anchor: Optional[Anchor]) -> bool:
    return anchor in (Anchor.DUE_DATE, Anchor.OVERDUE)
