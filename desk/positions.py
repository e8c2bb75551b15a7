"""How far each feed that the desk reads has been read; kept in the transaction that keeps what was read."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from common.database import insert_into
from desk.tables import positions


def held(connection: Connection, feed: str) -> int:
    """How far it was read; held, so that of several readers one reads on."""
    first = insert_into(connection, positions).values(feed=feed, read_until=0)
    connection.execute(first.on_conflict_do_nothing())
    return int(connection.execute(_of(feed).with_for_update()).scalar_one())


def read_until(connection: Connection, feed: str) -> int:
    """How far it was read; 0 if it was not."""
    return int(connection.execute(_of(feed)).scalar_one_or_none() or 0)


def read_to(connection: Connection, feed: str, number: int) -> None:
    """It has been read as far as `number`."""
    connection.execute(sa.update(positions).where(positions.c.feed == feed).values(read_until=number))


def _of(feed: str) -> sa.sql.Select:
    return sa.select(positions.c.read_until).where(positions.c.feed == feed)
