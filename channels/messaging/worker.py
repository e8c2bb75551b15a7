"""Answers what is in the inbox and sends what is in the outbox: one person's things in order, people side by side.

A process works for a person as long as it holds the lease. Whatever happens, each step is one transaction:

    begin      the message's conversation is fixed, before anything is said in it
    turn       by Rasa, which keeps message and answer together; found there again if this process ends after it
    finish     the message is done and its answer in the outbox
    attempted  noted before a message is sent, so that one that may have arrived is not changed any more
    sent       counted in the quota

Nothing is asked for again and again: `wake` says that there is something new, and the database when a further attempt
is due. Work that another process left when it died is found by a slow timer.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from typing import Callable, Coroutine, Optional, Set

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from channels.messaging import inbox, outbox, people
from channels.messaging.answering import Answering
from channels.messaging.delivery import Delivery
from channels.messaging.inbox import RUSH_SECONDS, Inbox, Kept
from channels.messaging.outbox import Waiting
from channels.messaging.people import LeaseLost, Person
from channels.messaging.quota import allowance
from channels.messaging.retention import forget
from channels.messaging.store import Store
from common.events import wait_at_most

logger = logging.getLogger(__name__)

LEASE_SECONDS = 15.0
_RENEW_SECONDS = 4.0
_LOOK_SECONDS = 10.0  # the slow timer
_FORGET_SECONDS = 6 * 3600.0
_AT_ONCE = 6  # people
_TURNS_IN_A_RUSH = 1  # each turn needs the processor, and so do the webhooks, which must answer within seconds
_STOP_SECONDS = 10.0  # how long running turns may take to end when the server stops
_AFTER_FAILURE_SECONDS = 2.0  # of the database


class Worker:
    """Works for the people of one service until it is stopped. `inbox` takes their messages."""

    def __init__(
        self, store: Store, answering: Answering, delivery: Delivery, now: Callable[[], float] = time.time
    ) -> None:
        self.inbox = Inbox(store, self.wake, now)
        self._store = store
        self._answering = answering
        self._delivery = delivery
        self._platform = delivery.platform
        self._now = now
        self._owner = secrets.token_hex(16)
        self._new = asyncio.Event()
        self._forgot_at = 0.0
        self._busy: Set[int] = set()
        self._turns = 0  # that are running
        self._turn_over = asyncio.Event()
        self._tasks: Set["asyncio.Task[None]"] = set()
        self._running: Set["asyncio.Task[None]"] = set()

    def wake(self) -> None:
        """There is something new. To be called on the event loop."""
        self._new.set()

    def start(self) -> None:
        """Begin, on the running event loop."""
        for work in (self._look(), self._renew()):
            self._begin(work, self._running)

    async def stop(self) -> None:
        """Let running turns end, so that no answer is lost, and give back what is leased."""
        for task in list(self._running):
            task.cancel()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_STOP_SECONDS)
            for task in late:
                task.cancel()
        await asyncio.gather(*self._running, *self._tasks, return_exceptions=True)

    def _begin(self, work: Coroutine[None, None, None], among: Set["asyncio.Task[None]"]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        among.add(task)
        task.add_done_callback(among.discard)

    async def _look(self) -> None:
        while True:
            self._new.clear()
            wait = _LOOK_SECONDS
            try:
                await self._forget()
                await self._claim()
                wait = await self._until_next()
            except SQLAlchemyError as error:
                logger.error("the messaging database does not work: %s", type(error).__name__)
                wait = _AFTER_FAILURE_SECONDS
            await wait_at_most(self._new, wait)

    async def _forget(self) -> None:
        if self._now() - self._forgot_at >= _FORGET_SECONDS:
            self._forgot_at = self._now()
            await self._store.write(forget, self._now())

    async def _claim(self) -> None:
        room = _AT_ONCE - len(self._busy)
        if room <= 0 or not self._answering.is_ready():
            return
        now = self._now()
        platform, busy = self._platform.name, sorted(self._busy)
        for person_id in await self._store.write(
            people.claim, platform, self._owner, now, now + LEASE_SECONDS, room, busy
        ):
            self._busy.add(person_id)
            self._begin(self._serve(person_id), self._tasks)

    async def _until_next(self) -> float:
        """Seconds to sleep; somebody who is done wakes."""
        if len(self._busy) >= _AT_ONCE or not self._answering.is_ready():
            return _LOOK_SECONDS
        soonest = await self._store.read(people.next_work, self._platform.name, sorted(self._busy))
        return _LOOK_SECONDS if soonest is None else min(max(soonest - self._now(), 0.0), _LOOK_SECONDS)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(_RENEW_SECONDS)
            if self._busy:
                try:
                    until = self._now() + LEASE_SECONDS
                    await self._store.write(people.renew, sorted(self._busy), self._owner, until)
                except SQLAlchemyError as error:
                    logger.error("leases could not be renewed: %s", type(error).__name__)

    async def _serve(self, person_id: int) -> None:
        """All that there is to do for one person now."""
        try:
            while await self._step(person_id):
                pass
        except LeaseLost:
            logger.warning("another process has taken over a conversation of %s", self._platform.name)
        except SQLAlchemyError as error:
            logger.error("the messaging database does not work: %s", type(error).__name__)
            await asyncio.sleep(_AFTER_FAILURE_SECONDS)
        finally:
            # Cancelled or failed, the lease would only stand in the way of the next one.
            await asyncio.shield(self._give_back(person_id))
            self._busy.discard(person_id)
            self.wake()

    async def _give_back(self, person_id: int) -> None:
        try:
            await self._store.write(people.release, person_id, self._owner)
        except SQLAlchemyError as error:
            logger.error("a lease could not be given back: %s", type(error).__name__)

    async def _step(self, person_id: int) -> bool:
        """Send or answer one message; false if nothing is left to do, and then the lease is given back."""
        person, waiting, kept = await self._store.write(self._next, person_id)
        if waiting is not None:
            await self._delivery.send(self._owner, person, waiting)
        elif kept is not None:
            await self._answer(person, kept)
        return waiting is not None or kept is not None

    async def _answer(self, person: Person, kept: Kept) -> None:
        await self.inbox.quiet()
        while self._turns >= _TURNS_IN_A_RUSH and self.inbox.is_in_a_rush():
            self._turn_over.clear()
            await wait_at_most(self._turn_over, RUSH_SECONDS)
        self._turns += 1
        try:
            await self._answering.answer(self._owner, person, kept)
        finally:
            self._turns -= 1
            self._turn_over.set()

    def _next(
        self, connection: Connection, person_id: int
    ) -> "tuple[Person, Optional[tuple[Waiting, bool]], Optional[Kept]]":
        people.hold(connection, person_id, self._owner)
        person, now = people.person(connection, person_id), self._now()
        limits = self._platform.limits
        allowed = allowance(person, limits, now)
        found = outbox.next_message(connection, person_id, limits, allowed.left, now)
        if found is not None and found[1]:
            outbox.attempted(connection, found[0].id)
            return person, (found[0], allowed.brief), None
        if found is not None:
            outbox.held(connection, person, found[0].id, "quota" if allowed.until else "window")
        kept = inbox.first_waiting(connection, person_id, now)
        if kept is None:
            people.release(connection, person_id, self._owner)
        return person, None, kept
