"""One change of the desk's store: its transaction, and what it changed, to be told once it is committed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict, List, Optional

from sqlalchemy.engine import Connection

from desk.people.model import Agent


@dataclass(frozen=True)
class By:
    """Who does something: an agent, the customer, or the desk itself by its rules."""

    name: str
    agent_id: Optional[int] = None


CUSTOMER, DESK = By("customer"), By("desk")


def by(agent: Agent) -> By:
    """This agent, as customers and colleagues see it."""
    return By(agent.display_name, agent.id)


@dataclass
class Journal:
    """What is done in the transaction of `connection`."""

    connection: Connection
    messages: List[int] = field(default_factory=list)  # ids of messages that are new or look different
    touched: Dict[str, None] = field(default_factory=dict)  # conversations whose brief changed, in order
    sends: bool = False  # there is something in the outbox that was not there before

    def touch(self, conversation_id: str) -> None:
        """Note that a conversation looks different."""
        self.touched[conversation_id] = None

    @property
    def is_empty(self) -> bool:
        """Whether nobody needs to be told anything."""
        return not (self.messages or self.touched)
