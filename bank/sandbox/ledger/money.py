"""Rounding to the cent, and sharing a rounded sum out."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Iterable, List

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def cents(amount: Decimal) -> Decimal:
    """`amount` yuan to the cent, half up, as issuers round."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def cents_of_parts(parts: Iterable[Decimal]) -> List[Decimal]:
    """Each part to the cent such that they add up to `cents(sum(parts))`; each is less than a cent off."""
    rounded: List[Decimal] = []
    exact = done = ZERO
    for part in parts:
        exact += part
        rounded.append(cents(exact) - done)
        done = cents(exact)
    return rounded
