"""Statement dates, due dates and months."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Iterator

from bank.sandbox.policy import Billing

ONE_DAY = timedelta(days=1)


def on_day(year: int, month: int, day: int) -> date:
    """That day, or the last of a shorter month. `month` may lie outside 1 to 12."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, min(day, monthrange(year, month)[1]))


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month."""
    return on_day(day.year, day.month + months, day.day)


def statement_dates(starts_on: date, statement_day: int) -> Iterator[date]:
    """Every statement date from `starts_on` (included), without end."""
    this_month = on_day(starts_on.year, starts_on.month, statement_day)
    month = starts_on.month if this_month >= starts_on else starts_on.month + 1
    while True:
        yield on_day(starts_on.year, month, statement_day)
        month += 1


def due_date(statement_date: date, billing: Billing) -> date:
    """The day by which a bill is to be paid."""
    return statement_date + timedelta(days=billing.due_days)


def grace_ends_on(statement_date: date, billing: Billing) -> date:
    """The last day on which paying still counts as on time; the due date itself where there is no grace."""
    return due_date(statement_date, billing) + timedelta(days=billing.grace_days)
