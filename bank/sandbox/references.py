"""References that people can say on the phone: what it is, the day, a number counted up on that day."""

from __future__ import annotations

from datetime import date
from typing import Any, Dict, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bank.sandbox import store
from bank.sandbox.problems import not_found
from bank.sandbox.store import Row


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


def read_numbered(
    connection: Connection, table: sa.Table, what: str, reference: str, customer_id: Optional[str], *, lock: bool
) -> Row:
    """The row with this reference; `customer_id` None: whoever's. `lock`: until the transaction ends.

    Raises Problem `not-found` about `what`, also if it is not `customer_id`'s.
    """
    query = sa.select(table).where(table.c.reference == reference)
    if customer_id is not None:
        query = query.where(table.c.customer_id == customer_id)
    found = store.row(connection, query.with_for_update() if lock else query)
    if found is None:
        raise not_found(what)
    return found
