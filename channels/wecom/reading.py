"""Reads what customers sent: durably told by callbacks, by one process at a time, each page kept with its cursor.

A callback only says that there is news. It is counted in the database before it is acknowledged; whoever reads goes on
until everything that was counted is read. Should it die, another process goes on from the cursor when its lease is
over. What no callback told, because nobody could be reached, is found when a process starts and every few minutes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from dataclasses import dataclass
from typing import Any, List, Mapping, Optional, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from channels.messaging.inbox import Inbox, keep
from channels.messaging.platform import Received, SendError
from channels.messaging.store import Store
from channels.wecom import codes
from channels.wecom.client import CustomerService, Page
from channels.wecom.codes import Code
from channels.wecom.messages import Welcome, received, welcome
from channels.wecom.tables import readings
from common.database import insert_into
from common.events import wait_at_most

logger = logging.getLogger(__name__)

_LEASE_SECONDS = 60.0  # longer than a page may take
_ROUND_SECONDS = 600.0  # between readings that no callback asked for; more often the service does not like it
_LOOK_SECONDS = 30.0  # how often to look for what a dead process left
_TOKEN_SECONDS = 570.0  # the service says ten minutes
_FIRST_SECONDS = 600.0  # how old a message may be when an account calls for the first time
_PAUSE, _LONGEST_PAUSE = 2.0, 300.0  # seconds after a failure; it doubles


class LeaseLost(Exception):
    """Another process reads this account now."""


@dataclass(frozen=True)
class _Task:
    """An account to be read."""

    account: str
    cursor: Optional[str]
    wanted: int
    token: Optional[str]  # of the last callback, while it holds
    since: float  # what was sent earlier is not answered


class Reader:
    """Reads all accounts that callbacks tell of, into the inbox."""

    def __init__(self, service: CustomerService, store: Store, inbox: Inbox) -> None:
        self._service = service
        self._store = store
        self._inbox = inbox
        self._owner = secrets.token_hex(8)
        self._due = asyncio.Event()
        self._running: Optional["asyncio.Task[None]"] = None
        self._failures = 0

    async def news(self, account: str, token: str) -> None:
        """There is something to read, durably. Raises `SQLAlchemyError` if that cannot be kept."""
        await self._store.write(_count, account, token, time.time())
        self._due.set()

    def start(self) -> None:
        """Read from now on, in this event loop."""
        self._running = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Read no longer; what was begun is given up, and another process goes on from its last page."""
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running
            self._running = None
        await self._store.write(_release_all, self._owner)

    async def _run(self) -> None:
        next_round = 0.0
        while True:
            self._due.clear()
            try:
                if time.monotonic() >= next_round:
                    await self._store.write(_count_all)
                    next_round = time.monotonic() + _ROUND_SECONDS
                await self._read_due()
            except SQLAlchemyError as error:
                logger.error("the messaging database failed: %s", type(error).__name__)
            await wait_at_most(self._due, self._pause() if self._failures else _LOOK_SECONDS)

    def _pause(self) -> float:
        return float(min(_PAUSE * 2 ** (self._failures - 1), _LONGEST_PAUSE))

    async def _read_due(self) -> None:
        while True:
            task = await self._store.write(_claim, self._owner, time.time())
            if task is None:
                return
            try:
                await self._read(task)
                self._failures = 0
            except LeaseLost:
                logger.warning("an account is read by another process now")
            except SQLAlchemyError:
                raise
            except SendError as error:
                logger.warning("messages could not be read: %s", error)
                await self._fail(task)
            except Exception:  # of something in the messages that nobody thought of: other accounts go on
                logger.exception("messages could not be read")
                await self._fail(task)

    async def _fail(self, task: _Task) -> None:
        self._failures += 1
        await self._store.write(_failed, task.account, self._owner, time.time() + self._pause())

    async def _read(self, task: _Task) -> None:
        """All pages, and those of callbacks that came meanwhile."""
        cursor = task.cursor
        while True:
            page = await self._service.read(task.account, cursor, task.token)
            found = [each for each in map(received, page.messages) if each is not None and each.sent_at >= task.since]
            count = await self._store.write(_keep_page, task, self._owner, page, found, time.time())
            cursor = page.cursor
            if count:
                self._inbox.kept()
            if not page.has_more:
                break
        await self._store.write(_finish, task, self._owner)


# In the database


def _count(connection: Connection, account: str, token: str, now: float) -> None:
    told = {"callback_token": token or None, "called_at": now}
    adding = insert_into(connection, readings).values(account=account, wanted=1, since=now - _FIRST_SECONDS, **told)
    again = {"wanted": readings.c.wanted + 1, **told}
    connection.execute(adding.on_conflict_do_update(index_elements=["account"], set_=again))


def _count_all(connection: Connection) -> None:
    connection.execute(sa.update(readings).values(wanted=readings.c.wanted + 1))


def _claim(connection: Connection, owner: str, now: float) -> Optional[_Task]:
    """Lease an account that is behind and that nobody reads."""
    free = sa.and_(readings.c.wanted > readings.c.done, readings.c.leased_until <= now, readings.c.next_at <= now)
    row = connection.execute(sa.select(readings).where(free).limit(1).with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    leased = sa.update(readings).where(readings.c.account == row.account)
    connection.execute(leased.values(leased_by=owner, leased_until=now + _LEASE_SECONDS))
    fresh = row.callback_token if now - row.called_at < _TOKEN_SECONDS else None
    return _Task(row.account, row.cursor, row.wanted, fresh, row.since)


def _keep_page(
    connection: Connection, task: _Task, owner: str, page: Page, found: Sequence[Received], now: float
) -> int:
    """The messages and where the next page begins: both, or neither. How many messages were new."""
    _change(connection, task.account, owner, cursor=page.cursor, leased_until=now + _LEASE_SECONDS)
    for each in _welcomes(page.messages):
        codes.keep(connection, each.address, Code(each.code, menus=True), each.until)
    return keep(connection, [found], now)[0]


def _welcomes(messages: Sequence[Mapping[str, Any]]) -> List[Welcome]:
    return [each for each in map(welcome, messages) if each is not None]


def _finish(connection: Connection, task: _Task, owner: str) -> None:
    _change(connection, task.account, owner, done=task.wanted, leased_by=None, leased_until=0.0, next_at=0.0)


def _failed(connection: Connection, account: str, owner: str, next_at: float) -> None:
    with contextlib.suppress(LeaseLost):
        _change(connection, account, owner, leased_by=None, leased_until=0.0, next_at=next_at)


def _release_all(connection: Connection, owner: str) -> None:
    held = sa.update(readings).where(readings.c.leased_by == owner)
    connection.execute(held.values(leased_by=None, leased_until=0.0))


def _change(connection: Connection, account: str, owner: str, **values: object) -> None:
    held = sa.update(readings).where(readings.c.account == account, readings.c.leased_by == owner)
    if not connection.execute(held.values(**values)).rowcount:
        raise LeaseLost
