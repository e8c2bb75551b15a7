"""How much of a service's messages waits, for those who look after the system."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

import sqlalchemy as sa
from prometheus_client.core import Metric
from sqlalchemy.engine import Connection

from channels.messaging.store import Store
from channels.messaging.tables import inbox, outbox, people
from common import metrics


def of(store: Store, platform: str, now: float) -> List[Metric]:
    """The levels of a service. Blocks."""
    return store.look(_read, platform, now)


def _read(connection: Connection, platform: str, now: float) -> List[Metric]:
    waiting = sa.and_(inbox.c.platform == platform, inbox.c.done.is_(False))
    count, oldest = connection.execute(
        sa.select(sa.func.count(), sa.func.min(inbox.c.received_at)).where(waiting)
    ).one()
    states = ("waiting", "held")
    wanted = (
        sa.select(outbox.c.state, sa.func.count(), sa.func.min(outbox.c.created_at))
        .join(people, people.c.id == outbox.c.person_id)
        .where(outbox.c.state.in_(states), people.c.platform == platform)
        .group_by(outbox.c.state)
    )
    found = {state: (number, first) for state, number, first in connection.execute(wanted)}
    unsent: Dict[Tuple[str, ...], float] = {(platform, state): found.get(state, (0, None))[0] for state in states}
    return [
        metrics.INBOX.of({platform: count}),
        metrics.INBOX_AGE.of({platform: _age(oldest, now)}),
        metrics.OUTBOX.of(unsent),
        metrics.OUTBOX_AGE.of({platform: _age(found.get("waiting", (0, None))[1], now)}),
    ]


def _age(oldest: Any, now: float) -> float:
    return 0.0 if oldest is None else max(0.0, now - oldest)
