"""Keeps the figures up to date, beside everything else that the desk does. Each loop goes on where it stopped."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from typing import Any, Callable, Dict, List, Optional, TypeVar

from sqlalchemy.engine import Row

from bank.client import BankClient
from bank.errors import BankError, BankUnavailable, NotAuthorised, RateLimited
from common import clock
from common.database import Database
from common.feed import EventFeed
from desk.insights import at_bank, handovers, outreach, paid, projection
from desk.insights.buckets import UNKNOWN
from desk.journal import Journal
from desk.positions import read_until
from desk.service import Desk
from outreach.plan import Plan

logger = logging.getLogger(__name__)

_LOOK_EVERY = 5.0  # seconds; the page need not be newer
_ASK_EVERY = 60.0
T = TypeVar("T")


class Keeper:
    """`read` and `ask` run until cancelled."""

    def __init__(self, desk: Desk, feed: EventFeed, outreach_store: Database, plan: Plan, bank: BankClient) -> None:
        self._desk = desk
        self._feed = feed
        self._outreach = outreach_store
        self._plan = plan
        self._bank = bank
        #: When everything that had happened was in the figures last.
        self.read_at: Optional[datetime] = None

    async def read(self) -> None:
        """Take over what the feed, the desk and outreach have that is new."""
        await self._desk.thread(self._outreach.prepare)
        while True:
            begun = clock.now()
            await self.read_once()
            self.read_at = begun
            await asyncio.sleep(_LOOK_EVERY)

    async def read_once(self) -> None:
        """Take over all that there is now."""
        news = self.read_at is None
        position = await self._desk.read(read_until, projection.FEED)
        while await self._desk.thread(self._feed.read, position, 1):
            news = await self._desk.run(_take_events, self._feed) or news
            position = await self._desk.read(read_until, projection.FEED)
        while news and await self._desk.run(_take_handovers):
            pass
        await self._read_outreach()

    async def ask(self) -> None:
        """Ask the bank what is to be asked, a little at a time."""
        while True:
            try:
                await self.ask_once()
            except BankError as error:
                logger.warning("the bank's part of the figures waits: %s", type(error).__name__)
            await asyncio.sleep(_ASK_EVERY)

    async def ask_once(self) -> None:
        """Ask the bank once of everybody whose turn it is. Raises `BankError` if it answers nobody just now."""
        for customer_id in await self._desk.read(at_bank.customers_without_bucket):
            bucket = await self._answer(UNKNOWN, at_bank.ask_bucket, self._bank, customer_id)
            await self._desk.run(_keep_bucket, customer_id, bucket)
        due: Dict[str, List[str]] = await self._desk.read(at_bank.requests_due)
        for customer_id, kinds in due.items():
            nothing: Dict[str, str] = {}
            statuses = await self._answer(nothing, at_bank.ask_statuses, self._bank, customer_id, kinds)
            await self._desk.run(_keep_statuses, customer_id, kinds, statuses)
        reminded: Dict[str, List[Row]] = await self._desk.read(paid.due)
        for customer_id, rows in reminded.items():
            unpaid: Dict[str, datetime] = {}
            found = await self._answer(unpaid, paid.ask, self._bank, customer_id, rows)
            await self._desk.run(_keep_paid, rows, found)

    async def _answer(self, otherwise: T, ask: Callable[..., T], *args: Any) -> T:
        """What the bank answers of one customer; `otherwise` if that is wrong: nobody else has to wait for it."""
        try:
            return await self._desk.thread(ask, *args)
        except (BankUnavailable, RateLimited, NotAuthorised):
            raise
        except BankError as error:
            logger.error("the bank's part of the figures lacks a customer: %s", error)
            return otherwise

    async def _read_outreach(self) -> None:
        more = True
        while more:
            after = outreach.begin_at(await self._desk.read(read_until, outreach.FEED))
            lines = await self._desk.thread(outreach.read_lines, self._outreach, after)
            position = await self._desk.read(read_until, outreach.FEED)
            if not lines or lines[-1].id <= position:
                return
            more = await self._desk.run(_take_lines, lines, self._plan)


def _take_events(journal: Journal, feed: EventFeed) -> bool:
    return projection.take_next(journal.connection, feed)


def _take_handovers(journal: Journal) -> bool:
    return handovers.take_new(journal.connection) > 0


def _take_lines(journal: Journal, lines: List[Row], plan: Plan) -> bool:
    return outreach.take(journal.connection, lines, plan)


def _keep_bucket(journal: Journal, customer_id: str, bucket: str) -> None:
    at_bank.keep_bucket(journal.connection, customer_id, bucket)


def _keep_statuses(journal: Journal, customer_id: str, kinds: List[str], statuses: Dict[str, str]) -> None:
    at_bank.keep_statuses(journal.connection, customer_id, kinds, statuses)


def _keep_paid(journal: Journal, rows: List[Row], found: Dict[str, datetime]) -> None:
    paid.keep(journal.connection, rows, found)
