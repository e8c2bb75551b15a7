"""For compliance: what was done with each customer on each day, by which rule; and how many of each in all."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, time, timedelta
from typing import Any, Dict, Iterator, List, Optional, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Row

from common import clock
from common.database import Database
from outreach.tables import events

COLUMNS = (
    "day", "time", "customer_id", "card_id", "contact_id", "step", "kind", "channel", "direction", "outcome", "rule",
    "source", "text_id", "told",
)  # fmt: skip
_AT_ONCE = 1000  # rows read together
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run


class Report:
    """Reads the journal from day to day, at the bank, both inclusive. Blocks; memory holds one page."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lines(self, first: date, last: date, customer_id: Optional[str] = None) -> Iterator[Dict[str, str]]:
        """Every line, in the order in which it was noted."""
        after = 0
        while True:
            rows = self._page(first, last, customer_id, after)
            for row in rows:
                yield _line(row)
            if len(rows) < _AT_ONCE:
                return
            after = rows[-1].id

    def csv(self, first: date, last: date, customer_id: Optional[str] = None) -> Iterator[str]:
        """The lines as CSV (RFC 4180), the header first."""
        yield _csv(COLUMNS)
        for line in self.lines(first, last, customer_id):
            yield _csv([line[name] for name in COLUMNS])

    def by_day(self, first: date, last: date, customer_id: Optional[str] = None) -> List[Dict[str, Any]]:
        """How many lines of each channel, outcome and rule there are of each day."""
        return self._counts(first, last, customer_id, by_customer=False)

    def by_customer(self, first: date, last: date, customer_id: Optional[str] = None) -> List[Dict[str, Any]]:
        """The same, for each customer too."""
        return self._counts(first, last, customer_id, by_customer=True)

    def _counts(
        self, first: date, last: date, customer_id: Optional[str], *, by_customer: bool
    ) -> List[Dict[str, Any]]:
        parts = [events.c.channel, events.c.outcome, events.c.rule, events.c.source]
        parts = [events.c.customer_id, *parts] if by_customer else parts
        counted: List[Dict[str, Any]] = []
        with self._database.reading() as connection:
            for number in range((last - first).days + 1):
                day = first + timedelta(days=number)
                query = sa.select(*parts, sa.func.count().label("count")).where(_within(day, day, customer_id))
                for row in connection.execute(query.group_by(*parts).order_by(*parts)):
                    counted.append({"day": day.isoformat(), **row._mapping})
        return counted

    def _page(self, first: date, last: date, customer_id: Optional[str], after: int) -> Sequence[Row]:
        query = sa.select(events).where(_within(first, last, customer_id), events.c.id > after)
        with self._database.reading() as connection:
            return connection.execute(query.order_by(events.c.id).limit(_AT_ONCE)).all()


def _within(first: date, last: date, customer_id: Optional[str]) -> Any:
    begins = datetime.combine(first, time.min, clock.BANK_ZONE)
    ends = datetime.combine(last + timedelta(days=1), time.min, clock.BANK_ZONE)
    within = sa.and_(events.c.at >= begins, events.c.at < ends)
    return sa.and_(within, events.c.customer_id == customer_id) if customer_id else within


def _line(row: Row) -> Dict[str, str]:
    values = {name: row._mapping.get(name) for name in COLUMNS}
    values.update(day=row.at.date().isoformat(), time=f"{row.at:%H:%M:%S}", told="yes" if row.told else "no")
    return {name: "" if value is None else str(value) for name, value in values.items()}


def _csv(values: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow([f"'{each}" if each.startswith(_FORMULA) else each for each in values])
    return written.getvalue()
