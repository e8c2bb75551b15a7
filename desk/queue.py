"""The queue as an agent sees it."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Optional, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk import views
from desk.people.model import Agent
from desk.states import AT_DESK, State
from desk.tables import callbacks, conversations
from desk.wishes import PRIORITIES

Json = Dict[str, Any]


def of(connection: Connection, agent: Agent) -> Json:
    """`waiting` and `later` in order, `mine`, `live` (of supervisors: what all agents have), `calls` that are arranged
    in conversations that have ended, and `counts` of each."""
    open_ones = views.briefs(connection, conversations.c.state.in_([state.value for state in AT_DESK]))
    lists: Dict[str, List[Json]] = {name: [] for name in ("waiting", "later", "mine", "live")}
    for brief in sorted(open_ones, key=_order):
        for name in lists_of(brief, agent):
            lists[name].append(brief)
    calls = _calls(connection, agent)
    return {**lists, "calls": calls, "counts": {**{n: len(found) for n, found in lists.items()}, "calls": len(calls)}}


def lists_of(brief: Json, agent: Agent) -> List[str]:
    """In which lists of the agent's queue a conversation stands."""
    if brief["state"] in (State.WAITING.value, State.LATER.value):
        return [str(brief["state"])]
    if brief["state"] != State.AGENT.value:
        return []
    mine = brief["agent"]["id"] == agent.id
    return [name for name, there in (("mine", mine), ("live", agent.may("supervisor"))) if there]


def _calls(connection: Connection, agent: Agent) -> List[Json]:
    arranged = sa.select(callbacks.c.conversation_id).where(callbacks.c.done_at.is_(None))
    if not agent.may("supervisor"):
        arranged = arranged.where(callbacks.c.agent_id == agent.id)
    ended = conversations.c.state.in_([State.BOT.value, State.WRAPPED_UP.value])
    found = views.briefs(connection, sa.and_(ended, conversations.c.conversation_id.in_(arranged)))
    return sorted(found, key=lambda brief: str((brief.get("callback") or {}).get("from")))


def _order(brief: Json) -> Any:
    return PRIORITIES.index(brief["priority"]), brief["asked_at"] or brief["since"], brief["id"]


def changes(connection: Connection, ids: List[str]) -> Any:
    """Briefs of these conversations, and how many conversations there are by state and agent."""
    counted = (
        sa.select(conversations.c.state, conversations.c.agent_id, sa.func.count())
        .where(conversations.c.state.in_([state.value for state in AT_DESK]))
        .group_by(conversations.c.state, conversations.c.agent_id)
    )
    counts = [(state, agent_id, count) for state, agent_id, count in connection.execute(counted)]
    return views.briefs(connection, conversations.c.conversation_id.in_(ids)), counts


def counts_for(counts: Iterable[Tuple[str, Optional[int], int]], agent: Agent) -> Dict[str, int]:
    """How many conversations stand in each list of the agent's queue."""
    found = dict.fromkeys(("waiting", "later", "mine", "live"), 0)
    for state, agent_id, count in counts:
        for name in lists_of({"state": state, "agent": {"id": agent_id}}, agent):
            found[name] += count
    return found
