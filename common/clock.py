"""The one clock. Dates are the bank's: Asia/Shanghai. Tests set it with `TODAY` or `set_today`."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Optional
from zoneinfo import ZoneInfo

from common.settings import settings

BANK_ZONE = ZoneInfo("Asia/Shanghai")
_fixed: Optional[date] = None


def set_today(day: Optional[date]) -> None:
    """Fix the date for this process; `None` lets the clock run again."""
    global _fixed
    _fixed = day


def now() -> datetime:
    """The present moment at the bank, with its zone; on the fixed day if one is set."""
    moment = datetime.now(BANK_ZONE)
    fixed = _fixed or settings().today
    if fixed is None:
        return moment
    return moment + timedelta(days=(fixed - moment.date()).days)


def today() -> date:
    """The bank's date."""
    return now().date()
