"""What the assistant is still to be told: which of it is next, and what became of it. Blocks; in a journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Dict, List, Optional, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from common import clock
from desk.journal import Journal
from desk.messages import FAILED, REFUSED, SENT, delivered
from desk.tables import outbox

_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0  # seconds before another attempt; it doubles
WAITING = "waiting"


@dataclass(frozen=True)
class Command:
    """Events for one conversation, which the assistant takes over all at once."""

    id: int
    conversation_id: str
    message_id: str
    channel: str
    events: List[Dict[str, Any]]
    attempts: int
    doubtful: bool  # an earlier attempt may have arrived although nobody said so


def due(journal: Journal, limit: int, *, excluding: Sequence[str] = ()) -> List[Command]:
    """The next command of each conversation whose time has come, at most `limit`; noted as being attempted.

    `excluding`: conversations of which one is on its way.
    """
    heads = sa.select(sa.func.min(outbox.c.id)).where(_waits(excluding)).group_by(outbox.c.conversation_id)
    wanted = (
        sa.select(outbox)
        .where(outbox.c.id.in_(heads), outbox.c.next_at <= clock.now())
        .order_by(outbox.c.id)
        .limit(limit)
    )
    found = [
        Command(row.id, row.conversation_id, row.message_id, row.channel, row.events, row.attempts, row.doubtful)
        for row in journal.connection.execute(wanted)
    ]
    if found:
        # Should this process end in the middle of it, the next one has to look first.
        ids = [command.id for command in found]
        attempted = sa.update(outbox).where(outbox.c.id.in_(ids))
        journal.connection.execute(attempted.values(doubtful=True, attempts=outbox.c.attempts + 1))
    return found


def next_wait(connection: Connection, *, excluding: Sequence[str] = ()) -> Optional[float]:
    """Seconds until the next command is due; none if there is none."""
    heads = sa.select(sa.func.min(outbox.c.id)).where(_waits(excluding)).group_by(outbox.c.conversation_id)
    soonest = connection.execute(sa.select(sa.func.min(outbox.c.next_at)).where(outbox.c.id.in_(heads))).scalar_one()
    return None if soonest is None else max(0.0, (soonest - clock.now()).total_seconds())


def sent(journal: Journal, command: Command) -> None:
    """The assistant has it."""
    _settle(journal, command, state=SENT)
    delivered(journal, command.conversation_id, command.message_id, SENT)


def refused(journal: Journal, command: Command) -> None:
    """The assistant will never take it; what comes after it goes on."""
    _settle(journal, command, state=REFUSED)
    delivered(journal, command.conversation_id, command.message_id, REFUSED)


def failed(journal: Journal, command: Command, *, doubtful: bool) -> None:
    """It has to be tried again, and what comes after it waits. `doubtful`: it may have arrived all the same."""
    wait = min(_FIRST_WAIT * 2**command.attempts, _LONGEST_WAIT)
    later = clock.now() + timedelta(seconds=wait)
    _settle(journal, command, next_at=later, doubtful=doubtful)
    delivered(journal, command.conversation_id, command.message_id, FAILED)


def forget(journal: Journal, before: datetime, limit: int) -> int:
    """Delete the oldest commands, at most `limit`, that were made before this moment and are done with; how many."""
    old = sa.and_(outbox.c.state.in_([SENT, REFUSED]), outbox.c.created_at < before)
    oldest = sa.select(outbox.c.id).where(old).order_by(outbox.c.id).limit(limit)
    return int(journal.connection.execute(sa.delete(outbox).where(outbox.c.id.in_(oldest))).rowcount)


def _settle(journal: Journal, command: Command, **values: Any) -> None:
    journal.connection.execute(sa.update(outbox).where(outbox.c.id == command.id).values(**values))


def _waits(excluding: Sequence[str]) -> Any:
    waits = outbox.c.state == WAITING
    return sa.and_(waits, outbox.c.conversation_id.not_in(excluding)) if excluding else waits
