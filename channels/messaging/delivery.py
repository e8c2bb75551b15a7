"""Sends one message by the service and notes what became of it."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import Awaitable, Callable, Tuple

from sqlalchemy.engine import Connection

from channels.downloads import Fetch, from_actions
from channels.messaging import outbox, people
from channels.messaging.identity import TRUSTED_SECONDS
from channels.messaging.outbox import Waiting
from channels.messaging.people import Person
from channels.messaging.platform import (
    File,
    Later,
    Never,
    NoPeople,
    NotNow,
    Platform,
    QuotaUsed,
    Sendable,
    SendError,
    WindowClosed,
)
from channels.messaging.store import Store
from common import log

logger = logging.getLogger(__name__)

_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0  # seconds before another attempt; it doubles
_PDF = b"%PDF-"
_HELD = {WindowClosed: "window", QuotaUsed: "quota", NotNow: "elsewhere"}


class Delivery:
    """Delivery by one service."""

    def __init__(
        self,
        store: Store,
        platform: Platform,
        come_here: Callable[[str], Awaitable[bool]],
        now: Callable[[], float] = time.time,
        documents: Fetch = from_actions,
    ) -> None:
        """`come_here` asks for people of the desk in a conversation, as the service's own cannot be had; `documents`
        gives those of the bank.
        """
        self.platform = platform
        self._come_here = come_here
        self._store = store
        self._now = now
        self._documents = documents

    async def send(self, owner: str, person: Person, found: Tuple[Waiting, bool]) -> None:
        """Send what `outbox.next_message` found. Raises `LeaseLost`."""
        waiting, brief = found
        log.conversation_id.set(waiting.conversation_id)
        try:
            await self.platform.send(person.address, await self._with_file(person, waiting))
        except NoPeople as error:
            logger.error("the service's own people cannot be had, code %s", error.code)
            if await self._come_here(waiting.conversation_id):
                await self._store.write(self._stays, owner, person, waiting)
            else:
                await self._store.write(self._failed, owner, person, waiting, Later(str(error), error.code))
        except SendError as error:
            logger.warning("a message was not taken: %s, code %s", type(error).__name__, error.code)
            await self._store.write(self._failed, owner, person, waiting, error)
        except Exception:  # a fault of the client's: it may have been sent, and there is no answer to the customer else
            logger.exception("a message could not be sent")
            await self._store.write(self._failed, owner, person, waiting, Later("fault"))
        else:
            # Also if the lease is lost by now: it was sent.
            await self._store.write(outbox.sent, person.id, waiting.id, brief, self._now())

    async def _with_file(self, person: Person, waiting: Waiting) -> Sendable:
        """The message with the file that it is to be sent as; without, if that cannot or may not be: its text then is.

        Who the customer is was proven when the message was made, and that holds for a time.
        """
        document = waiting.sendable.document
        if document is None:
            return waiting.sendable
        late = self._now() - waiting.created_at >= TRUSTED_SECONDS
        if late or person.customer_id != document.customer_id:
            return waiting.sendable
        status, content = await self._documents(document.customer_id, document.id)
        if status != 200 or len(content) > self.platform.limits.file_bytes or not content.startswith(_PDF):
            logger.info("a document goes as a link: %s, %s bytes", status, len(content))
            return waiting.sendable
        return replace(waiting.sendable, file=File(content, document.name))

    @staticmethod
    def _stays(connection: Connection, owner: str, person: Person, waiting: Waiting) -> None:
        people.hold(connection, person.id, owner)
        people.passed(connection, person.id, False)
        outbox.stays(connection, waiting.id)

    def _failed(self, connection: Connection, owner: str, person: Person, waiting: Waiting, error: SendError) -> None:
        people.hold(connection, person.id, owner)
        if isinstance(error, Later):
            wait = min(_FIRST_WAIT * 2.0 ** min(waiting.attempts, 10), _LONGEST_WAIT)
            outbox.later(connection, waiting.id, self._now() + wait)
        elif isinstance(error, Never):
            logger.error("a message will never be sent, code %s", error.code)
            outbox.dropped(connection, waiting.id, str(error.code or "refused"))
        else:
            outbox.held(connection, person, waiting.id, _HELD.get(type(error), "refused"))
