"""What amounts of the policy have in common: two decimals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Optional

from pydantic import validator

_CENT = Decimal("0.01")


def _yuan(value: Optional[Decimal]) -> Optional[Decimal]:
    if value is None:
        return None
    if value < 0 or value != value.quantize(_CENT):
        raise ValueError("must be an amount of at least 0.00 with at most two decimals")
    return value.quantize(_CENT)


def amount_of(*names: str) -> Any:
    """The validator of fields that are amounts in yuan."""
    return validator(*names, allow_reuse=True)(_yuan)
