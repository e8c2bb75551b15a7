"""How the desk stands, for those who look after the system: the queue, who is there, and what is still to be sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, List, Optional

import sqlalchemy as sa
from prometheus_client.core import Metric
from sqlalchemy.engine import Connection

from common import clock, metrics
from common.database import Database
from common.feed import EventFeed
from desk import outbox as commands
from desk.ingestion import FEED
from desk.people.model import STATUSES
from desk.people.tables import agents
from desk.positions import read_until
from desk.staffing import HEARTBEAT
from desk.states import WITH_PEOPLE, State
from desk.tables import conversations, outbox


def of(database: Database, feed: EventFeed) -> List[Metric]:
    """The levels of the desk. Blocks."""
    with database.reading() as connection:
        found = [*_queue(connection), _agents(connection), *_outbox(connection)]
        position = read_until(connection, FEED)
    return [*found, metrics.DESK_BEHIND.of(feed.count_after(position))]


def _queue(connection: Connection) -> List[Metric]:
    begun = sa.func.min(sa.func.coalesce(conversations.c.asked_at, conversations.c.since))
    states = {state.value: 0 for state in WITH_PEOPLE}
    counted = (
        sa.select(conversations.c.state, sa.func.count(), begun)
        .where(conversations.c.state.in_(list(states)))
        .group_by(conversations.c.state)
    )
    first: Optional[datetime] = None
    for state, count, oldest in connection.execute(counted):
        states[state] = count
        first = oldest if state == State.WAITING.value else first
    return [metrics.CONVERSATIONS.of(states), metrics.LONGEST_WAIT.of(_age(first))]


def _agents(connection: Connection) -> Metric:
    there: Dict[str, int] = dict.fromkeys(STATUSES, 0)
    counted = (
        sa.select(agents.c.status, sa.func.count())
        .where(agents.c.active, agents.c.last_seen_at >= clock.now() - HEARTBEAT)
        .group_by(agents.c.status)
    )
    for status, count in connection.execute(counted):
        there[status] = count
    return metrics.AGENTS.of(there)


def _outbox(connection: Connection) -> List[Metric]:
    tried: Any = sa.case((outbox.c.attempts > 0, "yes"), else_="no")
    counted = (
        sa.select(tried, sa.func.count(), sa.func.min(outbox.c.created_at))
        .where(outbox.c.state == commands.WAITING)
        .group_by(tried)
    )
    waits = {word: (count, oldest) for word, count, oldest in connection.execute(counted)}
    counts = {word: waits[word][0] if word in waits else 0 for word in ("no", "yes")}
    first = min((oldest for _, oldest in waits.values()), default=None)
    return [metrics.DESK_OUTBOX.of(counts), metrics.DESK_OUTBOX_AGE.of(_age(first))]


def _age(moment: Optional[datetime]) -> float:
    return 0.0 if moment is None else max(0.0, (clock.now() - moment).total_seconds())
