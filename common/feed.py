"""The feed of conversation events: what the assistant tells the desk, durably and in order.

The assistant appends, the desk reads on from the last number it has seen. Neither needs the other to run.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, Dict, List, Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from common import clock
from common.database import Database, Moment, insert_into

_metadata = sa.MetaData()

_events = sa.Table(
    "conversation_events",
    _metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("conversation_id", sa.String(255), nullable=False),
    sa.Column("event", sa.JSON, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.UniqueConstraint("conversation_id", "digest"),
    sqlite_autoincrement=True,  # numbers of forgotten events must not come back
)
_APPENDING = zlib.crc32(b"conversation_events append")


@dataclass(frozen=True)
class FedEvent:
    """One event of a conversation, as Rasa's `as_dict` gives it. `id` grows with time; it has gaps."""

    id: int
    conversation_id: str
    event: Dict[str, Any]


class EventFeed:
    """The feed in the database at `url`, of which any number of processes may append and read.

    Methods block, may run on any thread, and raise `sqlalchemy.exc.SQLAlchemyError` if the database fails.
    """

    def __init__(self, url: str) -> None:
        self._database = Database(url, _metadata)
        self._preparing = Lock()
        self._prepared = False

    def append(self, conversation_id: str, event: Mapping[str, Any]) -> bool:
        """Keep `event`; `False` if the feed has it already. It is on disk when this returns.

        Events are committed in the order of their numbers, so that a reader who asks for what came after a number
        never misses one that was committed late.
        """
        row = {
            "conversation_id": conversation_id,
            "event": dict(event),
            "digest": digest(event),
            "at": clock.now(),
        }
        with self._ready().writing() as connection:
            _one_at_a_time(connection)
            adding = insert_into(connection, _events).values(**row)
            done = connection.execute(adding.on_conflict_do_nothing(index_elements=["conversation_id", "digest"]))
            return bool(done.rowcount)

    def read(self, after: int, limit: int) -> List[FedEvent]:
        """The next events with a number greater than `after`, at most `limit`, oldest first."""
        columns = (_events.c.id, _events.c.conversation_id, _events.c.event)
        wanted = sa.select(columns).where(_events.c.id > after).order_by(_events.c.id).limit(limit)
        with self._ready().reading() as connection:
            return [FedEvent(*row) for row in connection.execute(wanted)]

    def count_after(self, number: int) -> int:
        """How many events have a greater number."""
        wanted = sa.select(sa.func.count()).select_from(_events).where(_events.c.id > number)
        with self._ready().reading() as connection:
            return int(connection.execute(wanted).scalar_one())

    def of(self, conversation_id: str, limit: int) -> List[Dict[str, Any]]:
        """The last events of one conversation, at most `limit`, oldest first."""
        wanted = (
            sa.select(_events.c.event)
            .where(_events.c.conversation_id == conversation_id)
            .order_by(_events.c.id.desc())
            .limit(limit)
        )
        with self._ready().reading() as connection:
            return [event for (event,) in reversed(connection.execute(wanted).all())]

    def forget(self, read_until: int, before: datetime, limit: int) -> int:
        """Delete the oldest events, at most `limit`, that were appended before this moment and have been read.

        `read_until`: the number until which every reader has read. Returns how many were deleted; fewer than `limit`:
        none are left.
        """
        oldest = sa.select(_events.c.id, _events.c.at).where(_events.c.id <= read_until).order_by(_events.c.id)
        with self._ready().writing() as connection:
            # Numbers grow with time: what is old enough stands at the beginning, and no index on `at` is needed.
            rows = connection.execute(oldest.limit(limit)).all()
            last = max((row.id for row in rows if row.at < before), default=None)
            if last is None:
                return 0
            return int(connection.execute(sa.delete(_events).where(_events.c.id <= last)).rowcount)

    def close(self) -> None:
        """Close every connection."""
        self._database.close()

    def _ready(self) -> Database:
        with self._preparing:
            if not self._prepared:
                self._database.prepare()
                self._prepared = True
        return self._database


def digest(event: Mapping[str, Any]) -> str:
    """What makes an event the same one when it comes again.

    A customer's and an agent's message are known by the id that they were given where they were written, for each may
    be worked on a second time after a failure, with another timestamp; everything else by its whole content.
    """
    message_id = event.get("message_id") or (event.get("metadata") or {}).get("message_id")
    if event.get("event") in ("user", "bot") and message_id:
        content = f"{event['event']} {message_id}"
    else:
        content = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def _one_at_a_time(connection: Connection) -> None:
    """PostgreSQL gives numbers before it commits, in whatever order; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_APPENDING)))
