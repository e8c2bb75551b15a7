"""Conversations and messages as consoles show them. Numbers of cards, identity and phones are masked in all texts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from common import clock
from common.masking import mask_numbers
from common.settings import settings
from desk.people.model import Agent
from desk.people.tables import agents
from desk.problems import Problem
from desk.states import State
from desk.tables import callbacks, calls, conversations, handovers, messages, ratings, tags, transitions
from desk.waiting import service_level

PAGE = 100  # messages
_EARLIER = 20  # hand-overs
#: A number that grows with each move of a conversation: consoles tell by it which of two answers is the newer one.
_LAST_MOVE = (
    sa.select(sa.func.max(transitions.c.id))
    .where(transitions.c.conversation_id == conversations.c.conversation_id)
    .scalar_subquery()
)

Json = Dict[str, Any]


def briefs(connection: Connection, condition: Any) -> List[Json]:
    """A line for each conversation that fits, for the queue."""
    rows = connection.execute(
        sa.select(
            conversations,
            handovers.c.reason,
            handovers.c.trigger,
            handovers.c.priority,
            handovers.c.reference,
            handovers.c.outcome,
            handovers.c.agent_name.label("closed_by"),
            handovers.c.callback_from,
            handovers.c.callback_until,
            handovers.c.closed_at,
            _LAST_MOVE.label("last_move"),
        )
        .outerjoin(handovers, handovers.c.id == conversations.c.handover_id)
        .where(condition)
    ).all()
    ids = [row.conversation_id for row in rows]
    tagged, called = _tags(connection, ids), _calls(connection, ids)
    return [_brief(row, tagged.get(row.conversation_id, []), called.get(row.conversation_id)) for row in rows]


def brief(connection: Connection, conversation_id: str) -> Optional[Json]:
    """The line of one conversation; none if the desk does not know it."""
    return next(iter(briefs(connection, conversations.c.conversation_id == conversation_id)), None)


def told_messages(connection: Connection, condition: Any) -> List[Tuple[str, Json]]:
    """Messages that fit, each with its conversation's id, oldest first."""
    rows = connection.execute(sa.select(messages).where(condition).order_by(messages.c.id))
    return [(row.conversation_id, message(row)) for row in rows]


def page(connection: Connection, conversation_id: str, before: Optional[int] = None) -> List[Json]:
    """The last messages of a conversation, or the last ones before the message `before`; at most `PAGE`."""
    wanted = sa.select(messages).where(messages.c.conversation_id == conversation_id)
    if before is not None:
        wanted = wanted.where(messages.c.id < before)
    rows = connection.execute(wanted.order_by(messages.c.id.desc()).limit(PAGE)).all()
    return [message(row) for row in reversed(rows)]


def message(row: Row) -> Json:
    """A message of the transcript."""
    found: Json = {
        "id": row.id,
        "sender": row.sender,
        "text": mask_numbers(row.text),
        "at": row.at.isoformat(),
        "message_id": row.message_id,
    }
    if row.agent_name:
        found["agent"] = {"id": row.agent_id, "name": row.agent_name}
    if row.delivery:
        found["delivery"] = row.delivery
    found.update(masked(row.shown or {}))
    return found


def masked(shown: Any) -> Any:
    """The same with every text in it masked."""
    if isinstance(shown, str):
        return mask_numbers(shown)
    if isinstance(shown, Mapping):
        return {key: each if key == "url" else masked(each) for key, each in shown.items()}
    if isinstance(shown, (list, tuple)):
        return [masked(each) for each in shown]
    return shown


def moves(connection: Connection, conversation_id: str) -> List[Json]:
    """Every move of the conversation, oldest first."""
    rows = connection.execute(
        sa.select(transitions, agents.c.display_name.label("to_agent"))
        .outerjoin(agents, agents.c.id == transitions.c.to_agent_id)
        .where(transitions.c.conversation_id == conversation_id)
        .order_by(transitions.c.id)
    )
    return [
        {
            "id": row.id,
            "move": row.move,
            "from": row.before,
            "to": row.after,
            "who": row.who,
            "to_agent": row.to_agent,
            "why": mask_numbers(row.why),
            "at": row.at.isoformat(),
        }
        for row in rows
    ]


def earlier(connection: Connection, found: Row) -> List[Json]:
    """Hand-overs that have ended, of this conversation or of others of its customer, the latest first."""
    same = handovers.c.conversation_id == found.conversation_id
    if found.customer_id:
        same = sa.or_(same, handovers.c.customer_id == found.customer_id)
    rows = connection.execute(
        sa.select(handovers, ratings.c.stars, ratings.c.comment)
        .outerjoin(ratings, ratings.c.handover_id == handovers.c.id)
        .where(same, handovers.c.closed_at.is_not(None))
        .order_by(handovers.c.closed_at.desc())
        .limit(_EARLIER)
    )
    return [ended(row) for row in rows]


def ended(row: Row) -> Json:
    """A hand-over that has ended; the row has its rating too."""
    return {
        "conversation_id": row.conversation_id,
        "reference": row.reference,
        "reason": row.reason,
        "trigger": row.trigger,
        "priority": row.priority,
        "created_at": row.created_at.isoformat(),
        "closed_at": _iso(row.closed_at),
        "outcome": row.outcome,
        "closing_reason": mask_numbers(row.closing_reason or ""),
        "agent": {"id": row.agent_id, "name": row.agent_name} if row.agent_id else None,
        "stars": row.stars,
        "comment": mask_numbers(row.comment or ""),
    }


def may_see(connection: Connection, agent: Agent, found: Row) -> bool:
    """Whether the agent may read a conversation: one that wants somebody, one's own, or one that one had before.

    Who calls the customer may, too, for as long as the call is theirs. Supervisors may read all of them.
    """
    if agent.may("supervisor") or found.state in (State.WAITING.value, State.LATER.value):
        return True
    if is_called(connection, agent, found.conversation_id):
        return True
    if found.state == State.AGENT.value:
        return bool(found.agent_id == agent.id)
    had = sa.select(transitions.c.id).where(
        transitions.c.conversation_id == found.conversation_id, transitions.c.to_agent_id == agent.id
    )
    return connection.execute(had.limit(1)).first() is not None


def is_called(connection: Connection, agent: Agent, conversation_id: str) -> bool:
    """Whether the agent calls the customer of this conversation just now."""
    own = sa.and_(calls.c.conversation_id == conversation_id, calls.c.agent_id == agent.id)
    return connection.execute(sa.select(calls.c.task_id).where(own, calls.c.until > clock.now())).first() is not None


def check_may_see(connection: Connection, agent: Agent, found: Row) -> None:
    """Raises `Problem` forbidden for a conversation that the agent may not read."""
    if not may_see(connection, agent, found):
        raise Problem("forbidden", "another agent has it")


def _brief(row: Row, tagged: List[str], called: Optional[Json]) -> Json:
    waited = max((clock.now() - row.asked_at).total_seconds(), 0.0) if row.asked_at else 0.0
    found: Json = {
        "id": row.conversation_id,
        "state": row.state,
        "last_move": row.last_move or 0,
        "since": row.since.isoformat(),
        "asked_at": _iso(row.asked_at),
        "customer_id": row.customer_id,
        "customer_name": row.customer_name,
        "channel": row.channel,
        "language": row.language,
        "reason": row.reason,
        "trigger": row.trigger,
        "priority": row.priority or "normal",
        "reference": row.reference,
        "skill": row.skill,
        "waited_seconds": round(waited),
        "service_level": service_level(waited, settings().desk_first_answer_seconds),
        "unread": row.unread,
        "last_text": mask_numbers(row.last_text or ""),
        "last_sender": row.last_sender,
        "last_at": _iso(row.last_at),
        "tags": tagged,
    }
    if row.agent_name:  # who answers at another desk has no number here
        found["agent"] = {"id": row.agent_id, "name": row.agent_name}
    if row.state == State.WRAPPED_UP.value:
        found["outcome"] = row.outcome
        found["closed_by"] = row.closed_by
    if called is None and row.callback_from and row.closed_at is None:
        called = {"from": _iso(row.callback_from), "until": _iso(row.callback_until), "note": ""}
    if called is not None:
        found["callback"] = called
    return found


def _tags(connection: Connection, ids: Sequence[str]) -> Dict[str, List[str]]:
    found: Dict[str, List[str]] = {}
    for row in _of(connection, tags, ids, tags.c.tag):
        found.setdefault(row.conversation_id, []).append(row.tag)
    return found


def _calls(connection: Connection, ids: Sequence[str]) -> Dict[str, Json]:
    return {
        row.conversation_id: {
            "from": _iso(row.earliest),
            "until": _iso(row.latest),
            "note": mask_numbers(row.note),
            "agent": {"id": row.agent_id, "name": row.agent_name},
        }
        for row in _of(connection, callbacks, ids, callbacks.c.id, callbacks.c.done_at.is_(None))
    }


def _of(connection: Connection, table: sa.Table, ids: Sequence[str], order: Any, *conditions: Any) -> Iterable[Row]:
    if not ids:
        return []
    wanted = sa.select(table).where(table.c.conversation_id.in_(ids), *conditions).order_by(order)
    return connection.execute(wanted).all()


def _iso(moment: Optional[datetime]) -> Optional[str]:
    return moment.isoformat() if moment else None


def has_before(connection: Connection, conversation_id: str, shown: Sequence[Json]) -> bool:
    """Whether there are messages before those that are shown."""
    if not shown:
        return False
    older = sa.select(messages.c.id).where(
        messages.c.conversation_id == conversation_id, messages.c.id < shown[0]["id"]
    )
    return connection.execute(older.limit(1)).first() is not None
