"""What a customer sees of the desk and tells it, beside the messages: where the conversation stands, and a rating."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, Mapping, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from common import clock
from desk.conversations import INSERT, find, held, move
from desk.handover import handover_desk
from desk.journal import DESK, Journal
from desk.problems import Problem
from desk.staffing import Place
from desk.states import Move, State
from desk.tables import assistant_ratings, handovers, ratings

LONGEST_COMMENT = 1000  # characters


def state(connection: Connection, conversation_id: str) -> Dict[str, Any]:
    """`state`, and `position` and `expected_minutes` of who waits, or the `agent` who has the conversation.

    Who is with people elsewhere waits, for all that a page can show.
    """
    found = find(connection, conversation_id)
    if found is None:
        return {"state": State.BOT.value}
    told: Dict[str, Any] = {"state": found.state}
    if found.state == State.AGENT.value:
        told["agent"] = {"name": found.agent_name}
    if found.state == State.ELSEWHERE.value:
        return state_at(None)
    if found.state == State.WAITING.value:
        return state_at(handover_desk().places(connection).get(conversation_id))
    return told


def state_of(brief: Mapping[str, Any]) -> Dict[str, Any]:
    """The same out of a brief, without the place of who waits."""
    if brief["state"] == State.ELSEWHERE.value:
        return state_at(None)
    agent = {"agent": {"name": brief["agent"]["name"]}} if brief["state"] == State.AGENT.value else {}
    return {"state": brief["state"], **agent}


def state_at(place: Optional[Place]) -> Dict[str, Any]:
    """What somebody who waits sees; the place is not always known."""
    known = {"position": place.position, "expected_minutes": place.minutes} if place else {}
    return {"state": State.WAITING.value, **known}


def come_here(journal: Journal, conversation_id: str) -> None:
    """People elsewhere cannot be had: the customer waits for those of the desk, which knows what to do without any."""
    found = held(journal.connection, conversation_id)
    if found is not None and found.state == State.ELSEWHERE.value:
        move(journal, found, Move.COME_HERE, DESK)


def rate(journal: Journal, conversation_id: str, stars: int, comment: str) -> None:
    """Keep how the customer found the last hand-over that an agent answered; a second word takes the first's place.

    Raises `Problem` not-found if no agent was there.
    """
    last = (
        sa.select(handovers.c.id)
        .where(handovers.c.conversation_id == conversation_id, handovers.c.agent_name.is_not(None))
        .order_by(handovers.c.id.desc())
        .limit(1)
    )
    handover_id = journal.connection.execute(last).scalar_one_or_none()
    if handover_id is None:
        raise Problem("not-found", "nothing to rate")
    values = {"stars": stars, "comment": comment, "at": clock.now()}
    keeping = INSERT[journal.connection.dialect.name](ratings).values(
        handover_id=handover_id, conversation_id=conversation_id, **values
    )
    journal.connection.execute(keeping.on_conflict_do_update(index_elements=["handover_id"], set_=values))
    journal.touch(conversation_id)


def rate_assistant(
    connection: Connection, conversation_id: str, asked: str, asked_at: datetime, stars: int, comment: str = ""
) -> None:
    """Keep how the customer found what the assistant did; `asked` names the question, `asked_at` is its moment.

    A second word takes the first's place.
    """
    values = {"stars": stars, "comment": comment, "at": clock.now()}
    keeping = INSERT[connection.dialect.name](assistant_ratings).values(
        conversation_id=conversation_id, asked=asked, asked_at=asked_at, **values
    )
    connection.execute(keeping.on_conflict_do_update(index_elements=["conversation_id", "asked"], set_=values))
