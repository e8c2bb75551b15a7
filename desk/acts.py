"""What an agent does with a conversation as a whole: take it, pass it on, end it. In a journal; raises `Problem`."""

from __future__ import annotations

from typing import Any, Dict, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Row

from desk import messages, sentences, staffing
from desk.conversations import change, held, move
from desk.journal import By, Journal, by
from desk.messages import PAUSE, RESUME
from desk.people.accounts import agent_of
from desk.people.model import Agent
from desk.people.tables import agents
from desk.problems import Problem
from desk.states import SILENT, IllegalMove, Move, State
from desk.tables import handovers


def conversation(journal: Journal, conversation_id: str) -> Row:
    """The conversation, held. Raises `Problem` not-found."""
    found = held(journal.connection, conversation_id)
    if found is None:
        raise Problem("not-found", "no such conversation")
    return found


def own(journal: Journal, agent: Agent, conversation_id: str, *, supervised: bool = False) -> Row:
    """The conversation if the agent has it; `supervised`: or may act for who has it. Raises `Problem` not-yours."""
    found = conversation(journal, conversation_id)
    if found.state != State.AGENT.value or (
        found.agent_id != agent.id and not (supervised and agent.may("supervisor"))
    ):
        raise Problem("not-yours", holder=found.agent_name)
    return found


def claim(journal: Journal, agent: Agent, conversation_id: str) -> None:
    """Take a conversation. Of several who do so at once one has it, the others get `Problem` already-claimed."""
    found = conversation(journal, conversation_id)
    if found.state != State.AGENT.value:
        give(journal, found, Move.CLAIM, by(agent), by(agent))
    elif found.agent_id != agent.id:
        raise Problem("already-claimed", holder=found.agent_name)


def assign(journal: Journal, agent: Agent, conversation_id: str, agent_id: int) -> None:
    """Give a conversation to an agent, as a supervisor."""
    found = conversation(journal, conversation_id)
    if found.state == State.AGENT.value and found.agent_id == agent_id:
        return
    made = Move.TRANSFER if found.state == State.AGENT.value else Move.ASSIGN
    give(journal, found, made, by(agent), by(_there(journal, agent_id)))


def take_over(journal: Journal, agent: Agent, conversation_id: str) -> None:
    """Take a conversation from whoever has it, as a supervisor."""
    found = conversation(journal, conversation_id)
    if found.state != State.AGENT.value:
        give(journal, found, Move.CLAIM, by(agent), by(agent))
    elif found.agent_id != agent.id:
        give(journal, found, Move.TAKE_OVER, by(agent), by(agent))


def transfer(
    journal: Journal,
    agent: Agent,
    conversation_id: str,
    *,
    agent_id: Optional[int] = None,
    skill: Optional[str] = None,
    note: str = "",
) -> None:
    """Pass a conversation on: to an agent who is there, or to the queue, for whoever has the skill."""
    found = own(journal, agent, conversation_id, supervised=True)
    to = by(_there(journal, agent_id)) if agent_id is not None else None
    if note:
        messages.add(journal, conversation_id, messages.NOTE, note, by=by(agent))
    if to is not None:
        if to.agent_id == found.agent_id:
            raise Problem("invalid-request", "the agent has it already")
        give(journal, found, Move.TRANSFER, by(agent), to, why=note)
        return
    _legal(journal, found, Move.REQUEUE, by(agent), why=note)
    change(journal, conversation_id, skill=skill)
    messages.say(journal, found, sentences.TRANSFERRED, before=[PAUSE])


def hand_back(journal: Journal, agent: Agent, conversation_id: str, why: str = "") -> None:
    """Let the assistant go on."""
    found = own(journal, agent, conversation_id, supervised=True)
    _legal(journal, found, Move.HAND_BACK, by(agent), why=why)
    messages.say(journal, found, sentences.HANDED_BACK, before=[RESUME])


def close(journal: Journal, agent: Agent, conversation_id: str, *, outcome: str, reason: str) -> None:
    """End the hand-over with its outcome; the assistant goes on when the customer writes again."""
    found = conversation(journal, conversation_id)
    if found.state == State.AGENT.value:
        own(journal, agent, conversation_id, supervised=True)
    _legal(journal, found, Move.CLOSE, by(agent), why=reason)
    last: Dict[str, Any] = {"outcome": outcome, "closing_reason": reason}
    if found.agent_id is None:
        last.update(agent_id=agent.id, agent_name=agent.display_name)
    journal.connection.execute(sa.update(handovers).where(handovers.c.id == found.handover_id).values(**last))
    if State(found.state) in SILENT:
        messages.say(journal, found, sentences.CLOSED, before=[RESUME])


def give(journal: Journal, found: Row, made: Move, who: By, to: By, why: str = "") -> None:
    """Make `to` the one who has it; the assistant is silent and the customer is told. Raises `Problem` illegal-move."""
    _legal(journal, found, made, who, to, why)
    # Who did not take it, but was given it, has not seen it: that calls.
    change(journal, found.conversation_id, unread=0 if who.agent_id == to.agent_id else 1)
    messages.say(journal, found, sentences.AGENT_JOINED, before=[PAUSE], agent=to.name)


def _legal(journal: Journal, found: Row, made: Move, who: By, to: Optional[By] = None, why: str = "") -> None:
    try:
        move(journal, found, made, who, why, to)
    except IllegalMove as illegal:
        raise Problem("illegal-move", str(illegal), state=illegal.state.value) from None


def _there(journal: Journal, agent_id: int) -> Agent:
    """The agent, who is there to take a conversation. Raises `Problem` agent-away."""
    if agent_id not in {seat.agent_id for seat in staffing.seats(journal.connection)}:
        raise Problem("agent-away", "no such agent is there", status=409)
    return agent_of(journal.connection.execute(sa.select(agents).where(agents.c.id == agent_id)).one())
