"""A desk without its server: agents, customers and the assistant's events, as tests need them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

import sqlalchemy as sa

from common.clock import BANK_ZONE
from common.database import Database
from common.feed import FedEvent
from desk import ingestion, queue, rules, views
from desk.journal import Journal
from desk.people.accounts import agent_of
from desk.people.model import Agent
from desk.people.tables import agents
from desk.rules import Due
from desk.states import State
from desk.store import HandoverStore, Recorded, Wanted
from desk.tables import conversations, messages, outbox, transitions

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=BANK_ZONE)
WEB = "web-1"


@dataclass
class Floor:
    """Everything in one database; `do` and `look` are what the server does with threads."""

    database: Database
    url: str
    now: datetime
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def forward(self, **time: float) -> None:
        """Let time go by."""
        self.now += timedelta(**time)

    def do(self, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """The result of work in a transaction."""
        return self.done(work, *args, **kwargs)[0]

    def done(self, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Tuple[Any, Journal]:
        """The result of work in a transaction, and what it changed."""
        with self.database.writing() as connection:
            journal = Journal(connection)
            return work(journal, *args, **kwargs), journal

    def look(self, see: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """What a reading transaction sees."""
        with self.database.reading() as connection:
            return see(connection, *args, **kwargs)

    # Who is there

    def agent(self, name: str = "lin", *, there: bool = True, **changes: Any) -> Agent:
        """An agent with an account, whose console is open."""
        values: Dict[str, Any] = {
            "name": name,
            "display_name": name.capitalize(),
            "role": "agent",
            "languages": ["zh", "en"],
            "skills": [],
            "capacity": 3,
            "status": "available",
            "active": True,
            "must_change_password": False,
            "last_seen_at": self.now if there else None,
            "created_at": self.now,
            **changes,
        }
        with self.database.writing() as connection:
            key = connection.execute(sa.insert(agents).values(**values)).inserted_primary_key[0]
            return agent_of(connection.execute(sa.select(agents).where(agents.c.id == key)).one())

    def heartbeat(self, *there: Agent) -> None:
        """These agents' consoles are open now."""
        with self.database.writing() as connection:
            ids = [agent.id for agent in there]
            connection.execute(sa.update(agents).where(agents.c.id.in_(ids)).values(last_seen_at=self.now))

    # What customers do

    def ask(
        self, conversation_id: str = WEB, *, language: str = "zh", customer_id: Optional[str] = "demo-m2", **wanted: Any
    ) -> Recorded:
        """A customer asks for a person, by the action server."""
        return HandoverStore(self.url).record(
            conversation_id,
            customer_id=customer_id,
            language=language,
            wanted=Wanted(**{"reason": "report_hardship", **wanted}),
        )

    def says(self, text: str, conversation_id: str = WEB, **changes: Any) -> Dict[str, Any]:
        """The customer writes: the event comes by the feed."""
        number = next(self._numbers)
        event = {
            "event": "user",
            "timestamp": self.now.timestamp(),
            "text": text,
            "message_id": f"customer-{number}",
            "input_channel": "webchat",
            "parse_data": {"intent": {"name": "inform"}},
            "metadata": {"identity": {"customer_id": "demo-m2", "expires_at": 0}},
            **changes,
        }
        self.feed(event, conversation_id)
        return event

    def feed(self, event: Dict[str, Any], conversation_id: str = WEB) -> None:
        """An event of the assistant."""
        self.do(ingestion.take, FedEvent(next(self._numbers), conversation_id, event))

    def rule(self, *, heard_since: Optional[datetime] = None, auto_assign: bool = True) -> Due:
        """Let the desk do what is due; what it was."""
        since = heard_since or self.now - timedelta(days=1)
        found: Due = self.look(rules.due, heard_since=since, auto_assign=auto_assign)
        self.do(rules.apply, found)
        return found

    # What there is

    def state(self, conversation_id: str = WEB) -> State:
        """Of a conversation."""
        with self.database.reading() as connection:
            chosen = sa.select(conversations.c.state).where(conversations.c.conversation_id == conversation_id)
            return State(connection.execute(chosen).scalar_one())

    def brief(self, conversation_id: str = WEB) -> Dict[str, Any]:
        """Of a conversation."""
        found: Dict[str, Any] = self.look(views.brief, conversation_id)
        return found

    def said(self, conversation_id: str = WEB) -> List[Tuple[str, str]]:
        """Sender and text of every message."""
        return [(row.sender, row.text) for row in self._rows(messages, conversation_id)]

    def page(self, conversation_id: str = WEB) -> List[Dict[str, Any]]:
        """The transcript as consoles show it."""
        found: List[Dict[str, Any]] = self.look(views.page, conversation_id)
        return found

    def moves(self, conversation_id: str = WEB) -> List[Tuple[str, str]]:
        """Move and who made it, of every one."""
        return [(row.move, row.who) for row in self._rows(transitions, conversation_id)]

    def sent(self, conversation_id: str = WEB) -> List[List[str]]:
        """The kinds of events of every command to the assistant."""
        return [[event["event"] for event in row.events] for row in self._rows(outbox, conversation_id)]

    def events(self, conversation_id: str = WEB) -> List[Dict[str, Any]]:
        """Every event that the assistant is told."""
        return [event for row in self._rows(outbox, conversation_id) for event in row.events]

    def queue(self, agent: Agent) -> Dict[str, List[str]]:
        """The ids in each list of an agent's queue."""
        lists = self.look(queue.of, agent)
        return {name: [brief["id"] for brief in lists[name]] for name in ("waiting", "later", "mine", "live", "calls")}

    def _rows(self, table: sa.Table, conversation_id: str) -> List[Any]:
        chosen = sa.select(table).where(table.c.conversation_id == conversation_id).order_by(table.c.id)
        with self.database.reading() as connection:
            return list(connection.execute(chosen))
