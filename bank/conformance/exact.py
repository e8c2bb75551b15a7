"""Figures of the contract as values, so that checks can add and compare."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Iterable, Mapping, Optional

from common import clock


def yuan(value: Optional[str]) -> Decimal:
    """An amount; none is nothing."""
    return Decimal(value or "0.00")


def total(items: Iterable[Mapping[str, Any]], name: str) -> Decimal:
    """The sum of one property."""
    return sum((yuan(item.get(name)) for item in items), Decimal("0.00"))


def day(value: str) -> date:
    """A day in Asia/Shanghai."""
    return date.fromisoformat(value)


def moment(value: str) -> datetime:
    """A moment with its offset."""
    return datetime.fromisoformat(value.replace("Z", "+00:00"))


def off_by(one: Decimal, other: Decimal) -> str:
    """How far two amounts are apart, which says nothing of the customer."""
    return f"they differ by {abs(one - other):.2f} yuan"


def in_a_month() -> date:
    """A day on which more is owed."""
    return clock.today() + timedelta(days=30)
