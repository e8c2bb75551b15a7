"""What the desk does by itself: gives waiting conversations to agents, and leaves nobody with an agent who is gone.

What is due follows from the store alone, so that it may be looked for at any time, and done by any process. To look is
cheap and changes nothing; what was found is looked at again in the transaction in which it is done.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import List, Mapping, Optional, Sequence, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from common import clock
from desk import acts, calendar, messages, sentences, staffing
from desk.assignment import assign
from desk.conversations import change, held, move
from desk.handover import handover_desk
from desk.journal import DESK, By, Journal
from desk.messages import PAUSE, RESUME
from desk.people.tables import agents
from desk.staffing import Place
from desk.states import Move, State
from desk.tables import conversations

#: How long an agent's console may be away before the conversations go to others.
GONE_AFTER = timedelta(minutes=3)
_HEARS_EVERY = timedelta(minutes=3)  # who waits


@dataclass(frozen=True)
class Due:
    """What is to be done now. Conversations are named by their ids."""

    gone: Sequence[Tuple[str, str]] = ()  # with an agent who is gone; the agent's name
    released: Sequence[str] = ()  # waiting for nobody
    assigned: Sequence[Tuple[str, int]] = ()  # waiting; the id of the agent who takes it
    comforted: Sequence[Tuple[str, Place]] = ()  # waiting for long
    places: Mapping[str, Optional[Place]] = field(default_factory=dict)  # of everyone who waits; none if not known

    @property
    def is_something(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.gone or self.released or self.assigned or self.comforted)


def due(connection: Connection, *, heard_since: datetime, auto_assign: bool) -> Due:
    """What is to be done now. `heard_since`: since when consoles could be heard of; before, nobody was gone."""
    desk = handover_desk()
    waiting = staffing.queue(connection)
    could_be_heard = clock.now() - staffing.HEARTBEAT >= heard_since
    if not desk.is_staffed(connection) and (could_be_heard or not calendar.is_open(clock.now())):
        return Due(gone=_gone(connection, heard_since), released=[one.conversation_id for one in waiting])
    places = desk.places(connection)
    silent = [name for name in _long_silent(connection) if name in places]
    return Due(
        gone=_gone(connection, heard_since),
        assigned=assign(waiting, staffing.seats(connection)) if auto_assign and desk.assigns else (),
        comforted=[(name, places[name]) for name in silent],
        places={one.conversation_id: places.get(one.conversation_id) for one in waiting},
    )


def apply(journal: Journal, found: Due) -> None:
    """Do what is due, where it still is."""
    for conversation_id, agent_name in found.gone:
        conversation = _still(journal, conversation_id, State.AGENT)
        if conversation is not None:
            move(journal, conversation, Move.AGENT_GONE, DESK, agent_name)
            messages.say(journal, conversation, sentences.AGENT_GONE, before=[PAUSE])
    for conversation_id in found.released:
        conversation = _still(journal, conversation_id, State.WAITING)
        if conversation is not None:
            move(journal, conversation, Move.NOBODY_LEFT, DESK)
            messages.say(journal, conversation, sentences.NOBODY_NOW, before=[RESUME])
    _assign(journal, found.assigned)
    for conversation_id, place in found.comforted:
        conversation = _still(journal, conversation_id, State.WAITING)
        if conversation is not None:
            change(journal, conversation_id, told_at=clock.now())
            position, minutes = place.position, place.minutes
            messages.say(journal, conversation, sentences.STILL_WAITING, position=position, minutes=minutes)


def _assign(journal: Journal, pairs: Sequence[Tuple[str, int]]) -> None:
    """Give conversations to agents who have room for them still."""
    if not pairs:
        return
    room = {seat.agent_id: seat.room for seat in staffing.seats(journal.connection) if seat.is_given}
    names = {row.id: row.display_name for row in journal.connection.execute(sa.select(agents))}
    for conversation_id, agent_id in pairs:
        conversation = _still(journal, conversation_id, State.WAITING)
        if conversation is not None and room.get(agent_id, 0) > 0:
            room[agent_id] -= 1
            acts.give(journal, conversation, Move.ASSIGN, DESK, By(names[agent_id], agent_id))


def _still(journal: Journal, conversation_id: str, state: State) -> Optional[Row]:
    """The conversation, held, if it is in this state still; else somebody was faster."""
    found = held(journal.connection, conversation_id)
    return found if found is not None and found.state == state.value else None


def _gone(connection: Connection, heard_since: datetime) -> List[Tuple[str, str]]:
    """Conversations of agents who are gone, with the agent's name."""
    gone_since = clock.now() - GONE_AFTER
    if gone_since < heard_since:
        return []
    away = sa.or_(agents.c.last_seen_at.is_(None), agents.c.last_seen_at < gone_since, ~agents.c.active)
    rows = connection.execute(
        sa.select(conversations.c.conversation_id, agents.c.display_name)
        .join(agents, agents.c.id == conversations.c.agent_id)
        .where(conversations.c.state == State.AGENT.value, away)
    )
    return [(row.conversation_id, row.display_name) for row in rows]


def _long_silent(connection: Connection) -> List[str]:
    """Conversations that wait and have heard nothing for a while."""
    told = sa.func.coalesce(conversations.c.told_at, conversations.c.since)
    rows = connection.execute(
        sa.select(conversations.c.conversation_id).where(
            conversations.c.state == State.WAITING.value, told <= clock.now() - _HEARS_EVERY
        )
    )
    return [row.conversation_id for row in rows]
