"""Which agent makes which call, in the desk's own store. Functions run in the transaction of their connection."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, Iterable, Mapping, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from common import clock
from desk.conversations import change, known
from desk.journal import Journal
from desk.people.model import Agent
from desk.problems import Problem
from desk.tables import calls, conversations


def take(journal: Journal, agent: Agent, task: Mapping[str, Any], customer_name: Optional[str]) -> None:
    """Note that the agent makes a call, and know the customer's conversation from now on."""
    found = known(journal, task["conversation_id"], language=task["language"])
    name = customer_name or found.customer_name
    change(journal, found.conversation_id, customer_id=task["customer_id"], customer_name=name)
    leave(journal.connection, task["id"])
    journal.connection.execute(
        sa.insert(calls).values(
            task_id=task["id"],
            agent_id=agent.id,
            conversation_id=found.conversation_id,
            customer_id=task["customer_id"],
            until=datetime.fromisoformat(task["held_until"]),
        )
    )


def leave(connection: Connection, task_id: str) -> None:
    """Nobody makes this call any longer."""
    connection.execute(sa.delete(calls).where(calls.c.task_id == task_id))


def held(connection: Connection, agent: Agent, task_id: str) -> Row:
    """The call, which the agent has. Raises `Problem` call-not-held."""
    mine = sa.and_(calls.c.task_id == task_id, calls.c.agent_id == agent.id, calls.c.until > clock.now())
    row = connection.execute(sa.select(calls).where(mine)).one_or_none()
    if row is None:
        raise Problem("call-not-held")
    return row


def names(connection: Connection, customer_ids: Iterable[str]) -> Dict[str, str]:
    """The names of customers, as far as the desk knows them."""
    of_these = conversations.c.customer_id.in_(list(customer_ids))
    query = sa.select(conversations.c.customer_id, conversations.c.customer_name).where(of_these)
    return {row.customer_id: row.customer_name for row in connection.execute(query) if row.customer_name}
