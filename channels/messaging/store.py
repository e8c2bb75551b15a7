"""The messaging database as everything here uses it: blocking functions of a connection, run beside the event loop."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, Callable, TypeVar

from sqlalchemy.engine import make_url

from channels.messaging.tables import metadata
from common.database import Database

Result = TypeVar("Result")

_THREADS = 4


class Store:
    """The database at `url`. Raises `sqlalchemy.exc.SQLAlchemyError` if it fails; then nothing of a call has happened.

    SQLite has one writer at a time: one thread of its own queues better than several that wait by asking again.
    """

    def __init__(self, url: str) -> None:
        self._database = Database(url, metadata)
        threads = 1 if make_url(url).get_backend_name() == "sqlite" else _THREADS
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="messaging")

    async def prepare(self) -> None:
        """Make what is missing in the database."""
        await asyncio.get_running_loop().run_in_executor(self._pool, self._database.prepare)

    async def write(self, work: Callable[..., Result], *args: Any, **named: Any) -> Result:
        """Run `work(connection, …)` in a transaction."""

        def run() -> Result:
            with self._database.writing() as connection:
                return work(connection, *args, **named)

        return await asyncio.get_running_loop().run_in_executor(self._pool, copy_context().run, run)

    async def read(self, work: Callable[..., Result], *args: Any, **named: Any) -> Result:
        """Run `work(connection, …)`, which changes nothing."""

        def run() -> Result:
            with self._database.reading() as connection:
                return work(connection, *args, **named)

        return await asyncio.get_running_loop().run_in_executor(self._pool, copy_context().run, run)

    def look(self, work: Callable[..., Result], *args: Any) -> Result:
        """The result of `work(connection, …)`, which changes nothing. Blocks: not for an event loop."""
        with self._database.reading() as connection:
            return work(connection, *args)

    def close(self) -> None:
        """End the threads and close every connection."""
        self._pool.shutdown(wait=True)
        self._database.close()
