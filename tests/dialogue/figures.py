"""The bank's figures as a customer reads them, to look for in an answer."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from dialogue.formats import FORMATS


def yuan(amount: Decimal) -> str:
    return FORMATS["money"](str(amount), "zh")


def on(day: date, language: str = "zh") -> str:
    return FORMATS["date"](day.isoformat(), language)


def days(count: int, language: str = "zh") -> str:
    return FORMATS["days"](count, language)


def rate(fraction: Decimal) -> str:
    return FORMATS["percent"](str(fraction), "zh")
