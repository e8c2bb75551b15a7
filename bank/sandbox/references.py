"""References that people can say on the phone: what it is, the day, a number counted up on that day."""

from __future__ import annotations

from datetime import date
from typing import Any, Dict

import sqlalchemy as sa
from sqlalchemy.engine import Connection


def insert_numbered(connection: Connection, table: sa.Table, letters: str, day: date, row: Dict[str, Any]) -> str:
    """Insert `row` into `table`, which has `reference` and `number`, under the next reference of that day.

    Raises IntegrityError if somebody else takes the same number at the same time: try the whole transaction again.
    """
    prefix = f"{letters}-{day:%Y%m%d}"
    same_day = sa.select(sa.func.max(table.c.number)).where(table.c.reference.like(f"{prefix}-%"))
    number = (connection.execute(same_day).scalar() or 0) + 1
    reference = f"{prefix}-{number:04}"
    connection.execute(sa.insert(table).values(reference=reference, number=number, **row))
    return reference
