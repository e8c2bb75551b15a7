"""Looking for conversations, and hand-overs as a table. Reads in the transaction of a connection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Dict, List, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from common.masking import mask_numbers
from desk import views
from desk.messages import INTERNAL
from desk.people.model import Agent
from desk.states import State
from desk.tables import conversations, handovers, messages, ratings, transitions

PAGE = 30
MOST_ROWS = 20_000  # of an export
_SNIPPET = 80  # characters around what was found

Json = Dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """What is looked for; everything that is given has to fit."""

    text: str = ""
    customer: str = ""
    earliest: Optional[datetime] = None
    latest: Optional[datetime] = None
    outcome: str = ""
    agent_id: Optional[int] = None
    cursor: Optional[str] = None  # of the page before


def conversations_that_fit(connection: Connection, agent: Agent, wanted: Wanted) -> Json:
    """`results`, those with the latest message first, and the `cursor` of the next page if there is one.

    Agents find what they may see, supervisors everything.
    """
    conditions = [*_conditions(wanted), *_visible_to(agent)]
    if wanted.cursor:
        at, _, conversation_id = wanted.cursor.partition("|")
        moment = datetime.fromisoformat(at)
        same = sa.and_(conversations.c.last_at == moment, conversations.c.conversation_id > conversation_id)
        conditions.append(sa.or_(conversations.c.last_at < moment, same))
    rows = connection.execute(
        sa.select(conversations.c.conversation_id, conversations.c.last_at)
        .where(conversations.c.last_at.is_not(None), *conditions)
        .order_by(conversations.c.last_at.desc(), conversations.c.conversation_id)
        .limit(PAGE + 1)
    ).all()
    ids = [row.conversation_id for row in rows[:PAGE]]
    briefs = {brief["id"]: brief for brief in views.briefs(connection, conversations.c.conversation_id.in_(ids))}
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return {
        "results": [{"brief": briefs[each], **_found(connection, each, wanted)} for each in ids],
        "cursor": f"{last.last_at.isoformat()}|{last.conversation_id}" if last else None,
    }


def handovers_between(connection: Connection, earliest: Optional[datetime], latest: Optional[datetime]) -> List[Json]:
    """Hand-overs that began in this time, oldest first, at most `MOST_ROWS`."""
    conditions = _between(handovers.c.created_at, earliest, latest)
    rows = connection.execute(
        sa.select(handovers, ratings.c.stars, ratings.c.comment)
        .outerjoin(ratings, ratings.c.handover_id == handovers.c.id)
        .where(*conditions)
        .order_by(handovers.c.created_at, handovers.c.id)
        .limit(MOST_ROWS)
    )
    return [
        {
            "reference": row.reference,
            "conversation": row.conversation_id,
            "customer": row.customer_id,
            "language": row.language,
            "reason": row.reason,
            "trigger": row.trigger,
            "priority": row.priority,
            "asked_at": _iso(row.created_at),
            "answered_at": _iso(row.answered_at),
            "closed_at": _iso(row.closed_at),
            "agent": row.agent_name,
            "outcome": row.outcome,
            "closing_reason": mask_numbers(row.closing_reason or ""),
            "stars": row.stars,
            "comment": mask_numbers(row.comment or ""),
        }
        for row in rows
    ]


def transcript(connection: Connection, conversation_id: str) -> List[Json]:
    """Every message of a conversation, notes included, oldest first, at most `MOST_ROWS`."""
    rows = connection.execute(
        sa.select(messages)
        .where(messages.c.conversation_id == conversation_id)
        .order_by(messages.c.id)
        .limit(MOST_ROWS)
    )
    return [
        {"at": _iso(row.at), "sender": row.sender, "agent": row.agent_name, "text": mask_numbers(row.text)}
        for row in rows
    ]


def _conditions(wanted: Wanted) -> List[Any]:
    found: List[Any] = []
    if wanted.text or wanted.earliest or wanted.latest:
        found.append(conversations.c.conversation_id.in_(sa.select(messages.c.conversation_id).where(*_said(wanted))))
    if wanted.customer:
        pattern = _containing(wanted.customer)
        names = (conversations.c.customer_id, conversations.c.customer_name, conversations.c.conversation_id)
        found.append(sa.or_(*(name.ilike(pattern, escape="\\") for name in names)))
    if wanted.outcome:
        found.append(_with(handovers, handovers.c.outcome == wanted.outcome))
    if wanted.agent_id is not None:
        found.append(_with(transitions, transitions.c.to_agent_id == wanted.agent_id))
    return found


def _visible_to(agent: Agent) -> List[Any]:
    if agent.may("supervisor"):
        return []
    wants = conversations.c.state.in_([State.WAITING.value, State.LATER.value])
    mine = conversations.c.agent_id == agent.id
    free = conversations.c.state.in_([State.BOT.value, State.WRAPPED_UP.value])
    had = sa.and_(free, _with(transitions, transitions.c.to_agent_id == agent.id))
    return [sa.or_(wants, mine, had)]


def _said(wanted: Wanted) -> List[Any]:
    found = _between(messages.c.at, wanted.earliest, wanted.latest)
    if wanted.text:
        found.append(messages.c.text.ilike(_containing(wanted.text), escape="\\"))
    return found


def _found(connection: Connection, conversation_id: str, wanted: Wanted) -> Json:
    """The last message in which the text stands, shortened around it."""
    if not wanted.text:
        return {}
    row = connection.execute(
        sa.select(messages)
        .where(messages.c.conversation_id == conversation_id, *_said(wanted))
        .order_by(messages.c.id.desc())
        .limit(1)
    ).one()
    text = mask_numbers(row.text)
    at = max(text.casefold().find(wanted.text.casefold()), 0)
    start, end = max(at - _SNIPPET, 0), at + len(wanted.text) + _SNIPPET
    snippet = ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
    internal = row.sender in INTERNAL
    return {"match": {"id": row.id, "text": snippet, "sender": row.sender, "internal": internal, "at": _iso(row.at)}}


def _with(table: sa.Table, condition: Any) -> Any:
    return conversations.c.conversation_id.in_(sa.select(table.c.conversation_id).where(condition))


def _between(column: Any, earliest: Optional[datetime], latest: Optional[datetime]) -> List[Any]:
    found = [column >= earliest] if earliest else []
    return [*found, column < latest] if latest else found


def _containing(text: str) -> str:
    for special in ("\\", "%", "_"):
        text = text.replace(special, f"\\{special}")
    return f"%{text}%"


def _iso(moment: Optional[datetime]) -> Optional[str]:
    return moment.isoformat() if moment else None
