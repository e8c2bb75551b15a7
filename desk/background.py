"""What the desk does all the time beside answering requests. Each loop goes on after an error, which is logged."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import datetime
from typing import Any, Awaitable, Callable, Dict, List, Mapping, Set

from common import clock
from common.events import wait_at_most
from common.feed import EventFeed
from common.settings import settings
from desk import customers, rules
from desk.assistant import Assistant
from desk.delivery import Delivery
from desk.ingestion import take_next
from desk.live import Live
from desk.people.model import Agent
from desk.pruning import prune
from desk.service import Desk, News
from desk.states import State

logger = logging.getLogger(__name__)

_FEED_EVERY = 0.1  # seconds; the feed is a table, which tells nobody that it grew
_RULES_EVERY = 5.0
_RULES_AT_MOST_EVERY = 0.5
_PRUNING_EVERY = 3600.0
_PLACES_EVERY = 5.0  # each who is taken moves up all the others
_AFTER_ERROR = 2.0
_WITH_BOT: Mapping[str, Any] = {"state": State.BOT.value}


class Background:
    """The loops of a desk. `start` and `stop` on the event loop."""

    def __init__(self, desk: Desk, feed: EventFeed, assistant: Assistant, live: Live, delivery: Delivery) -> None:
        self._desk = desk
        self._feed = feed
        self._assistant = assistant
        self._live = live
        self._delivery = delivery
        self._more: List[Callable[[], Awaitable[None]]] = []
        self._tasks: List["asyncio.Task[None]"] = []
        self._passing: Set["asyncio.Task[Any]"] = set()
        self._rules_due = asyncio.Event()
        self._told: Dict[str, Dict[str, Any]] = {}  # what customers were shown last, unless it is `_WITH_BOT`
        self._started_at: datetime = clock.now()
        desk.listen(self._heard)

    def also(self, work: Callable[[], Awaitable[None]]) -> None:
        """Have one more loop run, from `start` on."""
        self._more.append(work)

    async def start(self) -> None:
        """Begin."""
        self._started_at = clock.now()
        own = (self._ingest, self._rule, self._prune, self._delivery.run, self._live.flush, self._live.heartbeats)
        for work in (*own, *self._more):
            self._tasks.append(asyncio.get_running_loop().create_task(self._forever(work)))

    async def stop(self) -> None:
        """End; what is half done is not in the store."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._delivery.stop()

    async def tell_typing(self, conversation_id: str, agent: Agent, typing: bool) -> None:
        """Show the customer that an agent is writing, or no longer."""
        self._pass(self._assistant.signal(conversation_id, typing={"name": agent.display_name} if typing else None))

    async def _forever(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except asyncio.CancelledError:
                raise
            except Exception:
                logger.exception("%s failed and begins anew", getattr(work, "__qualname__", work))
                await asyncio.sleep(_AFTER_ERROR)

    async def _ingest(self) -> None:
        """Read the feed on. To look whether it grew takes no transaction that others would wait for."""
        position = 0
        while True:
            while await self._desk.thread(self._feed.read, position, 1):
                position = await self._desk.run(take_next, self._feed)
            await asyncio.sleep(_FEED_EVERY)

    async def _rule(self) -> None:
        """Apply the rules every few seconds, and soon after something changed."""
        places_at = 0.0
        while True:
            self._rules_due.clear()
            due = await self._look()
            if due.is_something:
                await self._desk.run(rules.apply, due)
                due = await self._look()
            if time.monotonic() >= places_at:
                self._show_places(due)
                places_at = time.monotonic() + _PLACES_EVERY
            await asyncio.sleep(_RULES_AT_MOST_EVERY)
            await wait_at_most(self._rules_due, _RULES_EVERY)

    async def _prune(self) -> None:
        """Delete what is no longer needed, at the start and then every hour."""
        while True:
            count = await prune(self._desk, self._feed)
            if count:
                logger.info("%s events and commands were old and done with: deleted", count)
            await asyncio.sleep(_PRUNING_EVERY)

    async def _look(self) -> rules.Due:
        auto = settings().desk_auto_assign
        return await self._desk.read(rules.due, heard_since=self._started_at, auto_assign=auto)

    def _show_places(self, due: rules.Due) -> None:
        """Show everyone who waits the place in the queue, where it changed."""
        for conversation_id, place in due.places.items():
            state = customers.state_at(place)
            if self._told.get(conversation_id) != state:
                self._show(conversation_id, state)

    async def _heard(self, news: News) -> None:
        if news.sends:
            self._delivery.wake()
        for brief in news.briefs:
            state = customers.state_of(brief)
            if _is_as_told(state, self._told.get(brief["id"], _WITH_BOT)):
                continue
            self._rules_due.set()
            if brief["state"] != State.WAITING.value:  # who waits is shown the place, when the rules have been applied
                self._show(brief["id"], state)

    def _show(self, conversation_id: str, state: Dict[str, Any]) -> None:
        """Show the customer where the conversation stands."""
        if state == _WITH_BOT:
            self._told.pop(conversation_id, None)
        else:
            self._told[conversation_id] = state
        self._pass(self._assistant.signal(conversation_id, state=state))

    def _pass(self, signal: Awaitable[None]) -> None:
        """Send a signal without waiting for it."""
        task = asyncio.ensure_future(signal)
        self._passing.add(task)
        task.add_done_callback(self._passing.discard)


def _is_as_told(state: Mapping[str, Any], told: Mapping[str, Any]) -> bool:
    """Whether nothing changed but the place in the queue."""
    return all(told.get(name) == state.get(name) for name in ("state", "agent"))
