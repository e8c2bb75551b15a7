"""The sandbox's database.

`BANK_DATABASE_URL`, or the file `bank.db` in `VAR_DIR`; never the assistant's own `DATABASE_URL`, as this stands for
another company's system. Amounts are integer cents.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bank.sandbox.store import accounts, codes, contact, listing, papers, requests
from bank.sandbox.store.columns import metadata
from common.database import Database

_ROOMS = (accounts, codes, contact, listing, papers, requests)  # imported: so `metadata` knows their tables

Row = Mapping[str, Any]


class Store(Database):
    """The bank's books at `url`; makes its tables, and brings those of an earlier version up to date."""

    def __init__(self, url: str) -> None:
        super().__init__(url, metadata)
        self.prepare()
        with self.writing() as connection:
            _rename_rejected(connection)


def rows(connection: Connection, query: Any) -> List[Row]:
    """What `query` finds, by column name."""
    return [dict(row._mapping) for row in connection.execute(query)]


def row(connection: Connection, query: Any) -> Optional[Row]:
    """The one row that `query` finds, or None."""
    found = connection.execute(query).one_or_none()
    return None if found is None else dict(found._mapping)


def insert_all(connection: Connection, table: sa.Table, values: List[Dict[str, Any]]) -> None:
    """Insert any number of rows, also none."""
    if values:
        connection.execute(sa.insert(table), values)


def _rename_rejected(connection: Connection) -> None:
    """What is called declined now was called rejected first."""
    table = requests.applications
    connection.execute(sa.update(table).where(table.c.status == "rejected").values(status="declined"))
