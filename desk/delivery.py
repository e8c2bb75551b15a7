"""Brings the outbox to the assistant: each command once, those of a conversation one after the other.

Before a command is tried it is noted as doubtful. If then the answer is lost, or this process ends, the next attempt
first looks whether the assistant has the events, which are marked with the message's number.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Set

from common import log, metrics
from common.events import wait_at_most
from desk import outbox
from desk.assistant import Assistant, Doubtful, Refused, Unreachable
from desk.outbox import Command
from desk.service import Desk

logger = logging.getLogger(__name__)

_AT_ONCE = 16  # conversations


class Delivery:
    """Sends what is in the outbox until it is stopped. `wake` it when there is something new."""

    def __init__(self, assistant: Assistant, desk: Desk) -> None:
        self._assistant = assistant
        self._desk = desk
        self._new = asyncio.Event()
        self._busy: Set[str] = set()
        self._tasks: Set["asyncio.Task[None]"] = set()

    def wake(self) -> None:
        """There is something new."""
        self._new.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._new.clear()
            await self._send_due()
            wait = await self._desk.read(outbox.next_wait, excluding=sorted(self._busy))
            await wait_at_most(self._new, wait)

    async def stop(self) -> None:
        """Let what is on its way arrive."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5.0)

    async def _send_due(self) -> None:
        room = _AT_ONCE - len(self._tasks)
        if room <= 0:
            return
        for command in await self._desk.run(outbox.due, room, excluding=sorted(self._busy)):
            self._busy.add(command.conversation_id)
            task = asyncio.get_running_loop().create_task(self._send(command))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send(self, command: Command) -> None:
        log.conversation_id.set(command.conversation_id)
        try:
            await self._settle(command)
        finally:
            self._busy.discard(command.conversation_id)
            self.wake()

    async def _settle(self, command: Command) -> None:
        try:
            if not (command.doubtful and await self._assistant.has(command.conversation_id, command.message_id)):
                await self._assistant.append(command.conversation_id, command.events, command.channel)
        except Refused as refused:
            logger.error("the assistant refuses %s: %s", command.message_id, refused)
            metrics.DELIVERIES.labels("refused").inc()
            await self._desk.run(outbox.refused, command)
        except Doubtful as doubtful:
            logger.warning("it is not known whether the assistant has %s: %s", command.message_id, doubtful)
            metrics.DELIVERIES.labels("doubtful").inc()
            await self._desk.run(outbox.failed, command, doubtful=True)
        except Unreachable as unreachable:
            logger.warning("the assistant has not got %s: %s", command.message_id, unreachable)
            metrics.DELIVERIES.labels("unreachable").inc()
            await self._desk.run(outbox.failed, command, doubtful=command.doubtful)
        else:
            metrics.DELIVERIES.labels("sent").inc()
            await self._desk.run(outbox.sent, command)
