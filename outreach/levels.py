"""How outreach stands, for those who look after the system: what is due, what the bank lacks, how far today is."""

from __future__ import annotations

from datetime import datetime
from typing import List, Optional

import sqlalchemy as sa
from prometheus_client.core import Metric
from sqlalchemy.engine import Connection

from common import clock, metrics
from common.database import Database
from outreach.store import State
from outreach.tables import contacts, events, runs


def of(database: Database) -> List[Metric]:
    """The levels of outreach. Blocks."""
    with database.reading() as connection:
        return [*_due(connection), _untold(connection), *_run(connection)]


def _due(connection: Connection) -> List[Metric]:
    now = clock.now()
    is_due = sa.and_(contacts.c.state == State.PLANNED.value, contacts.c.next_at <= now)
    wanted = sa.select(sa.func.count(), sa.func.min(contacts.c.next_at)).where(is_due)
    count, first = connection.execute(wanted).one()
    return [metrics.CONTACTS_DUE.of(count), metrics.CONTACTS_LATE.of(_age(first, now))]


def _untold(connection: Connection) -> Metric:
    wanted = sa.select(sa.func.count()).select_from(events).where(events.c.told.is_(False))
    return metrics.UNTOLD.of(connection.execute(wanted).scalar_one())


def _run(connection: Connection) -> List[Metric]:
    run = connection.execute(sa.select(runs).where(runs.c.day == clock.today())).one_or_none()
    return [
        metrics.RUN_ACCOUNTS.of(run.accounts if run else 0),
        metrics.RUN_PLANNED.of(run.planned if run else 0),
        metrics.RUN_FINISHED.of(bool(run and run.finished_at)),
    ]


def _age(moment: Optional[datetime], now: datetime) -> float:
    return 0.0 if moment is None else max(0.0, (now - moment).total_seconds())
