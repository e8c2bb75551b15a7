"""The desk at work: runs what agents and rules do in transactions on threads, and tells consoles what changed."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Awaitable, Callable, Dict, List, Optional, Tuple, TypeVar

from common.database import Database
from desk import views
from desk.journal import Journal
from desk.tables import conversations, messages

logger = logging.getLogger(__name__)

_THREADS = 8
T = TypeVar("T")


@dataclass(frozen=True)
class News:
    """What a transaction changed, as consoles show it."""

    messages: List[Tuple[str, Dict[str, Any]]] = field(default_factory=list)  # with the conversation's id
    briefs: List[Dict[str, Any]] = field(default_factory=list)
    sends: bool = False  # there is something new in the outbox


Listener = Callable[[News], Awaitable[None]]


class Desk:
    """Transactions on the desk's database. Nothing of the database runs on the event loop."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="desk")
        self._listeners: List[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Have `listener` awaited with what each transaction changed."""
        self._listeners.append(listener)

    async def run(self, work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """The result of `work(journal, …)` in one transaction; who looks on has been told when this returns."""
        done: Tuple[T, Optional[News]] = await self.thread(self._run, work, args, kwargs)
        result, news = done
        if news is not None:
            for listener in self._listeners:
                await listener(news)
        return result

    async def read(self, look: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """The result of `look(connection, …)`, which sees one state of the database and changes nothing."""
        found: T = await self.thread(self._read, look, args, kwargs)
        return found

    async def thread(self, work: Callable[..., T], *args: Any) -> T:
        """The result of blocking work; it keeps the context (the conversation id of the log)."""
        call = functools.partial(contextvars.copy_context().run, work, *args)
        result: T = await asyncio.get_running_loop().run_in_executor(self._threads, call)
        return result

    def stop(self) -> None:
        """Wait for what is being done."""
        self._threads.shutdown()

    def _run(self, work: Callable[..., T], args: Any, kwargs: Any) -> Tuple[T, Optional[News]]:
        with self.database.writing() as connection:
            journal = Journal(connection)
            result = work(journal, *args, **kwargs)
        return result, None if journal.is_empty and not journal.sends else self._news(journal)

    def _read(self, look: Callable[..., T], args: Any, kwargs: Any) -> T:
        with self.database.reading() as connection:
            return look(connection, *args, **kwargs)

    def _news(self, journal: Journal) -> News:
        with self.database.reading() as connection:
            return News(
                views.told_messages(connection, messages.c.id.in_(journal.messages)) if journal.messages else [],
                views.briefs(connection, conversations.c.conversation_id.in_(journal.touched))
                if journal.touched
                else [],
                journal.sends,
            )
