"""Conversations and their moves. Functions run in the transaction of their journal; every move is recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, Optional

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Row

from common import clock
from common.settings import settings
from desk import wishes
from desk.journal import By, Journal
from desk.states import WITH_PEOPLE, Move, State, after
from desk.tables import conversations, transitions

INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def find(connection: Connection, conversation_id: str) -> Optional[Row]:
    """The conversation as it is; none if the desk does not know it."""
    return connection.execute(_one(conversation_id)).one_or_none()


def held(connection: Connection, conversation_id: str) -> Optional[Row]:
    """The conversation, which nobody else changes until the transaction ends."""
    return connection.execute(_one(conversation_id).with_for_update()).one_or_none()


def known(journal: Journal, conversation_id: str, **first: Any) -> Row:
    """The conversation, held; made if the desk hears of it for the first time, with the columns `first`."""
    there = held(journal.connection, conversation_id)
    if there is not None:
        return there
    values = {
        "conversation_id": conversation_id,
        "state": State.BOT.value,
        "since": clock.now(),
        "language": settings().default_language,
        **first,
    }
    insert = INSERT[journal.connection.dialect.name](conversations).values(**values).on_conflict_do_nothing()
    journal.connection.execute(insert)
    made = held(journal.connection, conversation_id)
    assert made is not None
    return made


def change(journal: Journal, conversation_id: str, **values: Any) -> None:
    """Change columns."""
    journal.connection.execute(
        sa.update(conversations).where(conversations.c.conversation_id == conversation_id).values(**values)
    )
    journal.touch(conversation_id)


def move(journal: Journal, conversation: Row, made: Move, by: By, why: str = "", to: Optional[By] = None) -> State:
    """Make a move, record it, and return the new state. `to`: the agent who has it from now on.

    Closes the wish for a person when nobody is wanted any longer. Raises `desk.states.IllegalMove`.
    """
    before = State(conversation.state)
    becomes = after(before, made)
    now = clock.now()
    journal.connection.execute(
        sa.insert(transitions).values(
            conversation_id=conversation.conversation_id,
            move=made.value,
            before=before.value,
            after=becomes.value,
            who=by.name,
            agent_id=by.agent_id,
            to_agent_id=to.agent_id if to else None,
            why=why,
            at=now,
        )
    )
    changed: Dict[str, Any] = {
        "state": becomes.value,
        "since": now,
        "agent_id": to.agent_id if to else None,
        "agent_name": to.name if to else None,
        "skill": None,
    }
    if becomes is State.WAITING:
        changed.update(asked_at=conversation.asked_at or _wished_at(journal, conversation) or now, told_at=now)
    elif becomes is not State.AGENT:
        changed.update(asked_at=None, unread=0)
    change(journal, conversation.conversation_id, **changed)
    if before in WITH_PEOPLE and becomes not in WITH_PEOPLE:
        holder = {"agent_id": conversation.agent_id, "agent_name": conversation.agent_name}
        wishes.close(journal.connection, conversation.conversation_id, outcome=made.value, **holder)
    return becomes


def _wished_at(journal: Journal, conversation: Row) -> Optional[datetime]:
    """Since when a person is wanted: who comes back into the queue does not begin at its end."""
    wish = wishes.open_wish(journal.connection, conversation.conversation_id)
    return wish.created_at if wish else None


def _one(conversation_id: str) -> Any:
    return sa.select(conversations).where(conversations.c.conversation_id == conversation_id)
