"""Finds the visit of each hand-over: the one in which the customer wished for a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from common import clock
from common.settings import settings
from desk.insights.projection import PAUSE
from desk.insights.sql import seconds_between
from desk.insights.tables import visit_handovers, visits
from desk.states import Move
from desk.tables import handovers, transitions

_AT_ONCE = 500
_WISHES = (Move.REQUEST.value, Move.REQUEST_LATER.value)


def take_new(connection: Connection) -> int:
    """Take over hand-overs whose visit is known by now, at most some hundred; how many they were.

    A wish is on record before the message in which it was made comes by the feed: there is something to do only after
    the feed was read.
    """
    since = clock.now() - timedelta(days=settings().desk_feed_days)  # visits come from nothing older
    linked = sa.select(visit_handovers.c.handover_id).where(visit_handovers.c.handover_id == handovers.c.id)
    last = visits.alias()
    last_before = (
        sa.select(sa.func.max(last.c.id))
        .where(last.c.conversation_id == handovers.c.conversation_id, last.c.started_at <= handovers.c.created_at)
        .correlate(handovers)
        .scalar_subquery()
    )
    belongs = seconds_between(visits.c.last_at, handovers.c.created_at) <= PAUSE.total_seconds()
    new = (
        sa.select(handovers, visits.c.id.label("visit_id"))
        .select_from(handovers.join(visits, visits.c.id == last_before))
        .where(handovers.c.created_at >= since, ~linked.exists(), belongs)
        .order_by(handovers.c.id)
        .limit(_AT_ONCE)
    )
    found = connection.execute(new).all()
    for row in found:
        _take(connection, row)
    return len(found)


def _take(connection: Connection, row: Row) -> None:
    at_once = _first_move(connection, row) == Move.REQUEST.value
    found = {"handover_id": row.id, "visit_id": row.visit_id, "at_once": at_once}
    connection.execute(sa.insert(visit_handovers).values(**found))
    connection.execute(sa.update(visits).where(visits.c.id == row.visit_id).values(handed_over=True))


def _first_move(connection: Connection, row: Row) -> Optional[str]:
    """By which the conversation went to people: at once, or later."""
    moves = (
        sa.select(transitions.c.move)
        .where(
            transitions.c.conversation_id == row.conversation_id,
            transitions.c.at >= row.created_at,
            transitions.c.move.in_(_WISHES),
        )
        .order_by(transitions.c.id)
        .limit(1)
    )
    return connection.execute(moves).scalar_one_or_none()
