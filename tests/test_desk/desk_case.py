"""A desk whose cases are asked of a bank, with a conversation of a customer in it."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Optional

from sanic import Sanic

from bank.client import BankClient
from common.feed import EventFeed
from desk import acts
from desk.api import conversations
from desk.case import acting, undertaking
from desk.case import routes as case_routes
from desk.case.at_bank import AtBank
from desk.case.service import Cases
from desk.journal import Journal
from desk.people import Agent, People
from desk.service import Desk as DeskService
from desk.store import HandoverStore, Wanted
from tests.test_desk.desk_people import desk_app, people_at

_numbers = itertools.count()


@dataclass
class CaseDesk:
    """The desk, what it reads, and where it is served."""

    people: People
    feed: EventFeed
    store: HandoverStore
    app: Sanic

    def event(self, conversation_id: str, **event: Any) -> None:
        """Put an event into the feed."""
        self.feed.append(conversation_id, {"timestamp": time.time(), **event})

    def says(
        self,
        conversation_id: str,
        text: str,
        customer_id: Optional[str] = None,
        for_seconds: float = 600,
        **parsed: Any,
    ) -> None:
        """The customer writes; signed in if `customer_id` is given."""
        identity = {"customer_id": customer_id, "expires_at": time.time() + for_seconds}
        self.event(
            conversation_id,
            event="user",
            text=text,
            message_id=f"m-{next(_numbers)}",
            metadata={"identity": identity} if customer_id else {},
            parse_data=parsed,
        )

    def case(self, customer_id: Optional[str], conversation_id: str = "", **wanted: Any) -> str:
        """A conversation of the customer, who wants a person; its id."""
        found = conversation_id or f"web-{next(_numbers)}"
        language = wanted.pop("language", "zh")
        asked = Wanted(**{"reason": "ask_amount_due", **wanted})
        self.store.record(found, customer_id=customer_id, language=language, wanted=asked)
        if customer_id:
            self.says(found, "找人工", customer_id)
        return found

    def claim(self, agent: Agent, conversation_id: str) -> None:
        """The agent has it from now on."""
        with self.people.database.writing() as connection:
            acts.claim(Journal(connection), agent, conversation_id)


def case_desk(path: Path, bank: BankClient, sandbox_url: Optional[str]) -> CaseDesk:
    """A desk under `path`."""
    people, feed = people_at(f"sqlite:///{path / 'desk.db'}"), EventFeed(f"sqlite:///{path / 'events.db'}")
    app = desk_app(people)
    app.ctx.desk = DeskService(people.database)
    app.ctx.cases, app.ctx.at_bank = Cases(bank, feed), AtBank(bank, sandbox_url)
    for blueprint in (case_routes.routes, acting.routes, undertaking.routes, conversations.routes):
        app.blueprint(blueprint)
    return CaseDesk(people, feed, HandoverStore(f"sqlite:///{path / 'desk.db'}"), app)


def by_id(items: Any) -> Dict[str, Any]:
    """The objects of a list by their `id`."""
    return {each["id"]: each for each in items}
