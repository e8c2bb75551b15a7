"""Customers' messages, kept before they are acknowledged: each once, however often the service delivers it."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from dataclasses import dataclass
from typing import Callable, Dict, List, Mapping, Optional, Sequence, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from channels.messaging.platform import Address, Received
from channels.messaging.store import Store
from channels.messaging.tables import inbox, outbox, people
from common.database import insert_into

logger = logging.getLogger(__name__)

RUSH_SECONDS = 0.3  # between two messages in a rush
_AT_MOST_SECONDS = 1.0  # that answers wait for messages to be kept, should these never end

#: What opens the long window for answers: the customer's own messages.
MESSAGES = frozenset({"text", "choice", "voice", "image", "video", "file", "location", "link", "unknown"})
#: What opens the short one.
_PRESSES = frozenset({"menu", "followed", "entered"})


@dataclass(frozen=True)
class Kept:
    """A message that is to be answered."""

    id: int
    message_id: str  # in the conversation; the same for each attempt
    kind: str
    text: str
    media_id: Optional[str]
    extra: Mapping[str, str]
    received_at: float
    conversation_id: Optional[str]  # set if an answer was begun before
    attempts: int


class Inbox:
    """Takes messages. Those that come while a transaction runs are kept together by the next one."""

    def __init__(self, store: Store, kept: Callable[[], None], now: Callable[[], float] = time.time) -> None:
        """`kept` is called when there is something new to answer."""
        self._store = store
        self._kept = kept
        self._now = now
        self._waiting: List[Tuple[Sequence[Received], "asyncio.Future[int]"]] = []
        self._keeping: Optional["asyncio.Task[None]"] = None
        self._took_at = float("-inf")  # by the monotonic clock

    def is_in_a_rush(self) -> bool:
        """Whether messages come in quickly just now."""
        return time.monotonic() - self._took_at < RUSH_SECONDS

    async def take(self, received: Sequence[Received]) -> int:
        """Keep messages durably; how many were new. Raises `SQLAlchemyError` if they could not be kept: do not
        acknowledge them then.
        """
        if not received:
            return 0
        self._took_at = time.monotonic()
        future: "asyncio.Future[int]" = asyncio.get_running_loop().create_future()
        self._waiting.append((received, future))
        if self._keeping is None:
            self._keeping = asyncio.get_running_loop().create_task(self._keep())
        return await future

    async def quiet(self) -> None:
        """Wait until what has come is kept. Services give up after seconds: taking goes before answering."""
        if self._keeping is not None:
            await asyncio.wait([self._keeping], timeout=_AT_MOST_SECONDS)

    def kept(self) -> None:
        """Somebody else has kept messages in a transaction of their own, by `keep`: have them answered."""
        self._took_at = time.monotonic()
        self._kept()

    async def _keep(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._keep_together(batch)
        finally:
            self._keeping = None

    async def _keep_together(self, batch: List[Tuple[Sequence[Received], "asyncio.Future[int]"]]) -> None:
        try:
            counts = await self._store.write(keep, [received for received, _ in batch], self._now())
        except SQLAlchemyError as error:
            if len(batch) > 1:  # one that the database does not take must not stand in the way of the others
                for one in batch:
                    await self._keep_together([one])
                return
            logger.error("a message could not be kept: %s", type(error).__name__)
            if not batch[0][1].done():
                batch[0][1].set_exception(error)
            return
        for (_, future), count in zip(batch, counts, strict=True):
            if not future.done():  # its webhook may have been given up
                future.set_result(count)
        if any(counts):
            self._kept()


def keep(connection: Connection, batch: Sequence[Sequence[Received]], now: float) -> List[int]:
    """Keep all; how many of each sequence were new."""
    known: Dict[Address, int] = {}
    return [sum(_keep_one(connection, known, one, now) for one in received) for received in batch]


def _keep_one(connection: Connection, known: Dict[Address, int], received: Received, now: float) -> bool:
    address = received.address
    person_id = known.get(address)
    if person_id is None:
        person_id = known[address] = person_at(connection, address)
    row = {
        "person_id": person_id,
        "platform": address.platform,
        "account": address.account,
        "key": received.key,
        "kind": received.kind,
        "text": received.text,
        "media_id": received.media_id,
        "extra": dict(received.extra),
        "sent_at": received.sent_at,
        "received_at": now,
    }
    adding = insert_into(connection, inbox).values(**row).on_conflict_do_nothing()
    if not connection.execute(adding).rowcount:
        return False
    _open_window(connection, person_id, received)
    return True


def person_at(connection: Connection, address: Address) -> int:
    """The number of an address, given at its first use."""
    columns = {"platform": address.platform, "account": address.account, "subject": address.subject}
    wanted = sa.select(people.c.id).filter_by(**columns)
    found = connection.execute(wanted).scalar()
    if found is None:
        connection.execute(insert_into(connection, people).values(**columns).on_conflict_do_nothing())
        found = connection.execute(wanted).scalar_one()
    return int(found)


def _open_window(connection: Connection, person_id: int, received: Received) -> None:
    """Answers may follow again; what was held for that goes on."""
    if received.kind in MESSAGES and not received.brief:
        moment, count = people.c.wrote_at, people.c.sent_since
    elif received.kind in _PRESSES or received.brief:
        moment, count = people.c.pressed_at, people.c.sent_since_press
    else:
        return
    newer = sa.update(people).where(people.c.id == person_id, moment < received.sent_at)
    connection.execute(newer.values({moment: received.sent_at, count: 0}))
    held = sa.update(outbox).where(outbox.c.person_id == person_id, outbox.c.state == "held")
    connection.execute(held.values(state="waiting", next_at=0, problem=None))


def first_waiting(connection: Connection, person_id: int, now: float) -> Optional[Kept]:
    """The oldest message that is not answered yet, by the service's clock; none while it waits for another attempt."""
    wanted = sa.select(inbox).where(inbox.c.person_id == person_id, inbox.c.done.is_(False))
    row = connection.execute(wanted.order_by(inbox.c.sent_at, inbox.c.id).limit(1)).first()
    if row is None or row.next_at > now:
        return None
    return Kept(
        row.id,
        message_id(row.platform, row.account, row.key),
        row.kind,
        row.text,
        row.media_id,
        row.extra,
        row.received_at,
        row.conversation_id,
        row.attempts,
    )


def message_id(platform: str, account: str, key: str) -> str:
    """What names the message in its conversation and, with a number behind it, the answers: letters and digits."""
    return hashlib.sha256("\n".join((platform, account, key)).encode()).hexdigest()[:24]


def begin(connection: Connection, kept_id: int, conversation_id: str) -> None:
    """Note in which conversation the message is answered, before it is: what is linked meanwhile changes nothing."""
    begun = sa.update(inbox).where(inbox.c.id == kept_id, inbox.c.conversation_id.is_(None))
    connection.execute(begun.values(conversation_id=conversation_id))


def answered(connection: Connection, kept_id: int) -> bool:
    """Note that its answer is in the outbox; false if somebody else did so before."""
    done = sa.update(inbox).where(inbox.c.id == kept_id, inbox.c.done.is_(False)).values(done=True)
    return bool(connection.execute(done).rowcount)


def failed(connection: Connection, kept_id: int, next_at: float) -> None:
    """It could not be answered: again at `next_at`."""
    again = sa.update(inbox).where(inbox.c.id == kept_id)
    connection.execute(again.values(attempts=inbox.c.attempts + 1, next_at=next_at))
