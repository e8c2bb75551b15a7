"""Customers' names for the queue: asked of the bank once a person is wanted, so that agents see names and not ids."""

from __future__ import annotations

import asyncio
import logging
from typing import List, Optional, Set, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bank.client import BankClient
from bank.errors import BankError, NotFound, NotOffered
from common.events import wait_at_most
from desk.conversations import change
from desk.journal import Journal
from desk.service import Desk, News
from desk.states import WITH_PEOPLE
from desk.tables import conversations

logger = logging.getLogger(__name__)

_AGAIN = 30.0  # seconds, while the bank does not answer
_AT_ONCE = 50


class Names:
    """Fills in what is missing; `run` until cancelled."""

    def __init__(self, desk: Desk, bank: BankClient) -> None:
        self._desk = desk
        self._bank = bank
        self._without: Set[str] = set()  # customers of whom the bank has no name
        self._due = asyncio.Event()
        desk.listen(self._heard)

    async def run(self) -> None:
        """Ask for names, whenever somebody without one wants a person."""
        while True:
            self._due.clear()
            complete = await self._fill()
            await wait_at_most(self._due, None if complete else _AGAIN)

    async def _heard(self, news: News) -> None:
        if any(brief["customer_id"] and not brief["customer_name"] for brief in news.briefs):
            self._due.set()

    async def _fill(self) -> bool:
        """Whether nothing is left to be asked."""
        for conversation_id, customer_id in await self._desk.read(_nameless):
            if customer_id in self._without:
                continue
            try:
                name = await self._desk.thread(self._name_of, customer_id)
            except BankError as error:
                logger.warning("a customer's name is not known yet: %s", type(error).__name__)
                return False
            if name is None:
                self._without.add(customer_id)
            else:
                await self._desk.run(_named, conversation_id, name)
        return True

    def _name_of(self, customer_id: str) -> Optional[str]:
        try:
            return self._bank.customer(customer_id).name
        except (NotFound, NotOffered):
            return None


def _nameless(connection: Connection) -> List[Tuple[str, str]]:
    """Conversation and customer where a person is wanted and the name is not known, the latest first."""
    wanted = (
        sa.select(conversations.c.conversation_id, conversations.c.customer_id)
        .where(
            conversations.c.state.in_([state.value for state in WITH_PEOPLE]),
            conversations.c.customer_id.is_not(None),
            conversations.c.customer_name.is_(None),
        )
        .order_by(conversations.c.since.desc())
        .limit(_AT_ONCE)
    )
    return [(row.conversation_id, row.customer_id) for row in connection.execute(wanted)]


def _named(journal: Journal, conversation_id: str, name: str) -> None:
    change(journal, conversation_id, customer_name=name)
