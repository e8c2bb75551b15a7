"""Days counted from the bank's today. Every function returns a day that is not past, or `None`."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Optional

from dateutil.relativedelta import relativedelta

SUNDAY = 6
_FURTHEST_DAYS = 366
_RECENTLY_PAST_DAYS = 120  # "11月3号" said on 21 November is more likely this year's, past, than next year's


def not_past(day: Optional[date], today: date) -> Optional[date]:
    """`day`, unless it is before `today`."""
    return day if day and day >= today else None


def is_near(day: date, today: date) -> bool:
    """Whether `day` is within a year: nobody plans a repayment further ahead, "in five years" asks about a record."""
    return day <= today + timedelta(days=_FURTHEST_DAYS)


def day_of(year: int, month: int, number: int) -> Optional[date]:
    """The date, or `None` if the calendar has none such (30 February)."""
    if not 1 <= month <= 12 or not 1 <= number <= monthrange(year, month)[1]:
        return None
    return date(year, month, number)


def last_of_month(day: date) -> date:
    """The last day of the month of `day`."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def next_day_numbered(number: int, today: date) -> Optional[date]:
    """The next day with this number in its month, today included: 15 on the 16th is next month's."""
    if not 1 <= number <= 31:
        return None
    for months in range(3):
        month = today + relativedelta(months=months, day=1)
        found = not_past(day_of(month.year, month.month, number), today)
        if found:
            return found
    return None


def day_in_month(months_ahead: int, number: int, today: date) -> Optional[date]:
    """Day `number` of the month that is `months_ahead` after this one."""
    month = today + relativedelta(months=months_ahead, day=1)
    return not_past(day_of(month.year, month.month, number), today)


def next_month_and_day(month: int, number: int, today: date) -> Optional[date]:
    """The next such day of a year; `None` if it is only recently past, for then it is hardly meant."""
    this_year = day_of(today.year, month, number)
    if this_year and today - timedelta(days=_RECENTLY_PAST_DAYS) <= this_year < today:
        return None
    return not_past(this_year, today) or day_of(today.year + 1, month, number)


def weekday_from(today: date, weekday: int, weeks_ahead: Optional[int] = None) -> Optional[date]:
    """Monday is 0. In the calendar week `weeks_ahead` after this one; without it, the next such day, today included."""
    if weeks_ahead is None:
        return today + timedelta(days=(weekday - today.weekday()) % 7)
    monday = today - timedelta(days=today.weekday())
    return not_past(monday + timedelta(weeks=weeks_ahead, days=weekday), today)


def after(today: date, count: int, unit: str) -> date:
    """`today` and `count` of "day", "week", "month" or "year"; the last of a month stands for its missing days."""
    return today + relativedelta(**{f"{unit}s": count})  # type: ignore[arg-type]
