"""Who is there to take conversations, and what that means for who waits. Reads in the transaction of a connection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Dict, List

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from common import clock
from desk import calendar
from desk.assignment import Seat, Waiting, in_order
from desk.people.tables import agents
from desk.states import State
from desk.tables import conversations, handovers
from desk.waiting import expected_minutes, mean_handling

#: An agent whose console was heard of within this time is there.
HEARTBEAT = timedelta(seconds=60)
_RECENT = 50  # conversations by which it is known how long one takes


@dataclass(frozen=True)
class Place:
    """Where a waiting customer stands: 1 is next."""

    position: int
    minutes: int


def seats(connection: Connection) -> List[Seat]:
    """The agents who are there and take conversations."""
    loads = (
        sa.select(conversations.c.agent_id, sa.func.count().label("load"))
        .where(conversations.c.state == State.AGENT.value)
        .group_by(conversations.c.agent_id)
        .subquery()
    )
    there = (
        sa.select(agents, sa.func.coalesce(loads.c.load, 0).label("load"))
        .outerjoin(loads, loads.c.agent_id == agents.c.id)
        .where(agents.c.active, agents.c.status == "available", agents.c.last_seen_at >= clock.now() - HEARTBEAT)
        .order_by(agents.c.id)
    )
    return [
        Seat(row.id, frozenset(row.languages), frozenset(row.skills), row.capacity, row.load, row.auto_assign)
        for row in connection.execute(there)
    ]


def queue(connection: Connection) -> List[Waiting]:
    """The conversations that wait, in order."""
    rows = connection.execute(
        sa.select(conversations, handovers.c.priority, handovers.c.reason)
        .outerjoin(handovers, handovers.c.id == conversations.c.handover_id)
        .where(conversations.c.state == State.WAITING.value)
    )
    return in_order(
        Waiting(
            row.conversation_id,
            row.priority or "normal",
            row.asked_at or row.since,
            row.language,
            row.reason or "",
            row.skill,
        )
        for row in rows
    )


class OwnDesk:
    """This desk: its agents have open consoles, and its rules give them conversations."""

    assigns = True

    def is_staffed(self, connection: Connection) -> bool:
        """Whether it is service time and somebody is there."""
        return calendar.is_open(clock.now()) and bool(seats(connection))

    def places(self, connection: Connection) -> Dict[str, Place]:
        """Where each waiting conversation stands."""
        there = seats(connection)
        room, capacity = sum(seat.room for seat in there), sum(seat.capacity for seat in there)
        handling = mean_handling(_lasted(connection))
        return {
            one.conversation_id: Place(
                position, expected_minutes(position, room=room, capacity=capacity, handling=handling)
            )
            for position, one in enumerate(queue(connection), 1)
        }


def _lasted(connection: Connection) -> List[timedelta]:
    rows = connection.execute(
        sa.select(handovers.c.answered_at, handovers.c.closed_at)
        .where(handovers.c.answered_at.is_not(None), handovers.c.closed_at.is_not(None))
        .order_by(handovers.c.closed_at.desc())
        .limit(_RECENT)
    )
    return [row.closed_at - row.answered_at for row in rows]
