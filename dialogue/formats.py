"""How figures look to the customer, by language. Formats what the bank said; computes nothing."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Callable, Dict

from babel.dates import format_date, format_timedelta

from common import clock

_DATE = {"zh": "M月d日 EEE", "en": "EEE d MMM"}
_DATE_WITH_YEAR = {"zh": "y年M月d日", "en": "d MMM y"}


def money(amount: str, language: str) -> str:
    """`"1234.5"` (yuan) → `¥1,234.50`."""
    value = Decimal(amount)
    return f"{'-' if value < 0 else ''}¥{abs(value):,.2f}"


def day(iso: str, language: str) -> str:
    """`"2026-11-25"` → `11月25日 周三` or `Wed 25 Nov`; with the year if it is not this year's."""
    value = date.fromisoformat(iso)
    pattern = _DATE if value.year == clock.today().year else _DATE_WITH_YEAR
    return format_date(value, pattern[language], locale=language)


def moment(iso: str, language: str) -> str:
    """An ISO date and time → date and `HH:MM` at the bank."""
    value = datetime.fromisoformat(iso)
    if value.tzinfo:
        value = value.astimezone(clock.BANK_ZONE)
    return f"{day(value.date().isoformat(), language)} {value:%H:%M}"


def percent(fraction: str, language: str) -> str:
    """`"0.1303"` → `13.03%`; small rates keep up to four decimals (`0.05%`)."""
    value = Decimal(fraction) * 100
    places = Decimal("0.01") if value >= 1 or value == 0 else Decimal("0.0001")
    text = f"{value.quantize(places):f}"
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}%"


def days(count: int, language: str) -> str:
    """`3` → `3天` or `3 days`."""
    # Not babel's `format_unit`: it has no long Chinese pattern and says "3 day".
    in_days = format_timedelta(timedelta(days=count), granularity="day", threshold=math.inf, locale=language)
    return in_days.replace("\N{NO-BREAK SPACE}", " ")


FORMATS: Dict[str, Callable[[Any, str], str]] = {
    "money": money,
    "date": day,
    "datetime": moment,
    "percent": percent,
    "days": days,
}
