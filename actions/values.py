"""Typed values for responses: `dialogue.nlg` formats them in the customer's language."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Dict, Optional, Union

Value = Dict[str, Union[str, int]]


def money(amount: Optional[Decimal]) -> Optional[Value]:
    """Yuan, as the bank gave them."""
    return None if amount is None else {"money": str(amount)}


def day(value: Optional[date]) -> Optional[Value]:
    """A date of the bank."""
    return None if value is None else {"date": value.isoformat()}


def moment(value: Optional[datetime]) -> Optional[Value]:
    """A date and time, with its zone."""
    return None if value is None else {"datetime": value.isoformat()}


def percent(fraction: Optional[Decimal]) -> Optional[Value]:
    """A rate: 0.0005 is 0.05 %."""
    return None if fraction is None else {"percent": str(fraction)}


def days(count: Optional[int]) -> Optional[Value]:
    """A number of days."""
    return None if count is None else {"days": count}


def label(group: str, value: Union[str, Enum]) -> Value:
    """The customer's word for a code: the response `utter_label_<group>_<value>`."""
    code = value.value if isinstance(value, Enum) else value
    return {"label": f"{group}_{code}".lower().replace("+", "_plus")}
