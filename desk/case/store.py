"""What the desk's store has of a case, for an agent who may see it."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from common.masking import mask_numbers
from desk import views
from desk.case.summary import Case
from desk.conversations import find
from desk.people.model import Agent
from desk.problems import Problem
from desk.states import State
from desk.tables import handovers, messages

_MOST = 200  # messages


def case_of(connection: Connection, agent: Agent, conversation_id: str) -> Case:
    """The case. Raises `Problem` not-found, or forbidden for an agent who may not see the conversation."""
    found = find(connection, conversation_id)
    if found is None:
        raise Problem("not-found", "no such conversation")
    views.check_may_see(connection, agent, found)
    return Case(conversation_id, found.customer_id, found.language, _handover(connection, found))


def own_case(connection: Connection, agent: Agent, conversation_id: str) -> Case:
    """The case of a conversation that the agent has, or whose customer the agent calls just now.

    Supervisors may act for whoever has it.

    Raises `Problem` not-found, forbidden, not-yours.
    """
    case = case_of(connection, agent, conversation_id)
    found = find(connection, conversation_id)
    assert found is not None
    has_it = found.state == State.AGENT.value and found.agent_id == agent.id
    if not has_it and not agent.may("supervisor") and not views.is_called(connection, agent, conversation_id):
        raise Problem("not-yours", holder=found.agent_name)
    return case


def customer_of(case: Case) -> str:
    """Whom the bank signed in. Raises `Problem` not-verified if nobody was."""
    if case.customer_id is None:
        raise Problem("not-verified", "nobody has signed in", status=409)
    return case.customer_id


def unmasked(connection: Connection, conversation_id: str, message_id: Optional[int]) -> List[Dict[str, Any]]:
    """The texts in which numbers are hidden, as they were written: of one message, or the latest first."""
    wanted = sa.select(messages.c.id, messages.c.text).where(messages.c.conversation_id == conversation_id)
    if message_id is not None:
        wanted = wanted.where(messages.c.id == message_id)
    rows = connection.execute(wanted.order_by(messages.c.id.desc()))
    hidden = ({"id": row.id, "text": row.text} for row in rows if mask_numbers(row.text) != row.text)
    return [each for _, each in zip(range(_MOST), hidden, strict=False)]


def _handover(connection: Connection, found: Row) -> Dict[str, Any]:
    if found.handover_id is None:
        return {}
    row = connection.execute(sa.select(handovers).where(handovers.c.id == found.handover_id)).one_or_none()
    return dict(row._mapping) if row else {}
