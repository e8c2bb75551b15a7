"""When people answer: hours of the day, and the days on which anyone is at work.

Hours that end before they begin go over midnight and belong to the day on which they began; hours that end when they
begin are the whole day.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Optional, Tuple

import chinese_calendar

from common import clock
from common.settings import settings

logger = logging.getLogger(__name__)

_SATURDAY = 5
_LONGEST_PAUSE = 366  # days; a year without a working day is a mistake in the settings


def is_open(at: Optional[datetime] = None) -> bool:
    """Whether people answer at this moment, now if none is given."""
    moment = (at or clock.now()).astimezone(clock.BANK_ZONE)
    opens, closes, hour = settings().service_opens, settings().service_closes, moment.time().replace(tzinfo=None)
    if opens == closes:
        return is_working_day(moment.date())
    if opens < closes:
        return opens <= hour < closes and is_working_day(moment.date())
    if hour >= opens:
        return is_working_day(moment.date())
    return hour < closes and is_working_day(moment.date() - timedelta(days=1))


def hours_of_the_day() -> Tuple[str, str]:
    """When people begin and cease to answer, as told to people: HH:MM, "00:00" and "24:00" for the whole day."""
    opens, closes = settings().service_opens, settings().service_closes
    return ("00:00", "24:00") if opens == closes else (f"{opens:%H:%M}", f"{closes:%H:%M}")


def next_opening(after: Optional[datetime] = None) -> datetime:
    """When people begin to answer next, in the bank's zone. Raises `ValueError` if they do not within a year."""
    moment = (after or clock.now()).astimezone(clock.BANK_ZONE)
    for days in range(_LONGEST_PAUSE + 1):
        day = moment.date() + timedelta(days=days)
        opening = datetime.combine(day, settings().service_opens, clock.BANK_ZONE)
        if opening > moment and is_working_day(day):
            return opening
    raise ValueError("SERVICE_CLOSED_DAYS leave no working day within a year")


def is_working_day(day: date) -> bool:
    """Whether people answer on that day at all.

    The bank's own lists come first (`SERVICE_CLOSED_DAYS`, `SERVICE_OPEN_DAYS`); then, unless
    `SERVICE_PUBLIC_HOLIDAYS`, the State Council's days off; then, unless `SERVICE_WEEKENDS`, Saturday and Sunday.
    """
    known = settings()
    if day in known.service_closed_days:
        return False
    if day in known.service_open_days:
        return True
    if not known.service_public_holidays and is_public_holiday(day):
        return False
    return known.service_weekends or day.weekday() < _SATURDAY or _is_made_up(day)


def is_public_holiday(day: date) -> bool:
    """A day off by the State Council's notice of the year, the weekends within a holiday included."""
    if not _is_known(day.year):
        return False
    is_off, name = chinese_calendar.get_holiday_detail(day)
    return bool(is_off) and name is not None


def _is_made_up(day: date) -> bool:
    """A day of a weekend on which people work for a bridged one."""
    return _is_known(day.year) and bool(chinese_calendar.is_workday(day))


@lru_cache(maxsize=None)
def _is_known(year: int) -> bool:
    """Whether the notice of that year is known; the calendar raises `NotImplementedError` for others."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        logger.warning("holidays of %s are not known: SERVICE_CLOSED_DAYS and SERVICE_OPEN_DAYS should list them", year)
        return False
    return True
