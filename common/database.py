"""Databases that several processes share: transactions that are safe with SQLite and with PostgreSQL, tables that keep
up with the program, and the kinds of columns that all of them have. Moments are kept in UTC.
"""

from __future__ import annotations

import zlib
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any, Dict, Iterator, Optional

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.schema import CreateColumn
from sqlalchemy.types import TypeDecorator

from common.clock import BANK_ZONE

_BUSY_SECONDS = 15  # how long a transaction waits for another one's end
_WRITES = "writes"
_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class Moment(TypeDecorator[datetime]):
    """A moment in the bank's zone here, UTC in the database: SQLite would drop the zone."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: Optional[datetime], dialect: Any) -> Optional[datetime]:
        """UTC without a zone."""
        return None if value is None else value.astimezone(timezone.utc).replace(tzinfo=None)

    def process_result_value(self, value: Optional[datetime], dialect: Any) -> Optional[datetime]:
        """In the bank's zone."""
        return None if value is None else value.replace(tzinfo=timezone.utc).astimezone(BANK_ZONE)


class Database:
    """The database at `url`, with the tables of `metadata`. Any number of threads and processes may share one."""

    def __init__(self, url: str, metadata: sa.MetaData) -> None:
        self._metadata = metadata
        self._engine = _engine(url)
        several_reads_see_one_state = {"isolation_level": "REPEATABLE READ"}  # SQLite's always do
        self._reading: Dict[str, Any] = {} if self._engine.name == "sqlite" else several_reads_see_one_state

    def prepare(self) -> None:
        """Make every table, column and index that is missing. A column added later has a default or may be empty."""
        with self.writing() as connection:
            if connection.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
                lock = zlib.crc32("\n".join(sorted(self._metadata.tables)).encode())
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))
            self._metadata.create_all(connection)
            for table in self._metadata.sorted_tables:
                _add_missing_columns(connection, table)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database and changes nothing."""
        with self._engine.connect().execution_options(**self._reading) as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is committed at the end, and rolled back if an error leaves it."""
        with self._engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def insert_into(connection: Connection, table: sa.Table) -> Any:
    """An insert that knows `on_conflict_do_nothing` and `on_conflict_do_update`, which plain SQL does not."""
    return _INSERT[connection.dialect.name](table)


def _add_missing_columns(connection: Connection, table: sa.Table) -> None:
    known = {column["name"] for column in sa.inspect(connection).get_columns(table.name)}
    missing = [column for column in table.columns if column.name not in known]
    for column in missing:
        definition = CreateColumn(column).compile(dialect=connection.dialect)
        connection.execute(sa.text(f"ALTER TABLE {table.name} ADD COLUMN {definition}"))
    if missing:
        for index in table.indexes:
            index.create(connection, checkfirst=True)


def _engine(url: str) -> Engine:
    if sa.engine.make_url(url).get_backend_name() != "sqlite":
        return sa.create_engine(url, future=True, pool_pre_ping=True)
    # SQLAlchemy would open a file anew for each transaction, which takes longer than most of them do.
    engine = sa.create_engine(
        url,
        future=True,
        poolclass=sa.pool.QueuePool,
        max_overflow=-1,
        connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # the driver would begin transactions late and by its own rules
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A write begun as a read fails if another one came between; begun as a write, it waits its turn.
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
