"""Who is there, how much each has, and how the queue stands: what a supervisor sees."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from common import clock
from common.settings import settings
from desk import staffing
from desk.journal import Journal
from desk.people.accounts import agent_of
from desk.people.model import Agent
from desk.people.tables import agents
from desk.states import State
from desk.tables import conversations
from desk.waiting import service_level

Json = Dict[str, Any]


def note_heartbeats(journal: Journal, agent_ids: Sequence[int]) -> None:
    """These agents' consoles are open now."""
    journal.connection.execute(sa.update(agents).where(agents.c.id.in_(agent_ids)).values(last_seen_at=clock.now()))


def of(connection: Connection, online: Mapping[int, Sequence[str]]) -> Json:
    """`agents` with what each has and looks at, and the `queue` by what it is about. `online`: as `Live.online`."""
    return {"agents": _agents(connection, online), "queue": _queue(connection)}


def _agents(connection: Connection, online: Mapping[int, Sequence[str]]) -> Sequence[Json]:
    held: Dict[int, int] = {}
    counted = (
        sa.select(conversations.c.agent_id, sa.func.count())
        .where(conversations.c.state == State.AGENT.value)
        .group_by(conversations.c.agent_id)
    )
    for agent_id, count in connection.execute(counted):
        held[agent_id] = count
    rows = connection.execute(sa.select(agents).where(agents.c.active).order_by(agents.c.display_name))
    return [
        {
            **agent_of(row).as_json(),
            "online": row.id in online,
            "looks_at": list(online.get(row.id, ())),
            "load": held.get(row.id, 0),
            "last_seen_at": row.last_seen_at.isoformat() if row.last_seen_at else None,
        }
        for row in rows
    ]


def _queue(connection: Connection) -> Json:
    """How many wait for what, since when, and how many of them longer than the service level allows."""
    now, allowed = clock.now(), settings().desk_first_answer_seconds
    groups: Dict[str, Json] = {}
    for one in staffing.queue(connection):
        waited = (now - one.since).total_seconds()
        name = one.skill or one.reason
        group = groups.setdefault(name, {"skill": name, "waiting": 0, "oldest_seconds": 0, "late": 0})
        group["waiting"] += 1
        group["oldest_seconds"] = max(group["oldest_seconds"], round(waited))
        group["late"] += service_level(waited, allowed) == "late"
    return {
        "waiting": sum(group["waiting"] for group in groups.values()),
        "late": sum(group["late"] for group in groups.values()),
        "first_answer_seconds": allowed,
        "by_skill": sorted(groups.values(), key=lambda group: -group["oldest_seconds"]),
    }


def colleagues(connection: Connection, agent: Agent) -> List[Json]:
    """The other agents who are there and take conversations, those with the most room first."""
    there = {seat.agent_id: seat for seat in staffing.seats(connection)}
    rows = connection.execute(sa.select(agents).where(agents.c.id.in_(there), agents.c.id != agent.id))
    found = [
        {
            "id": row.id,
            "name": row.name,
            "display_name": row.display_name,
            "languages": list(row.languages),
            "skills": list(row.skills),
            "capacity": row.capacity,
            "load": there[row.id].load,
        }
        for row in rows
    ]
    return sorted(found, key=lambda one: (one["load"] - one["capacity"], one["display_name"]))
