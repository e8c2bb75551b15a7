"""Bill instalments: how a sum is split, when its parts fall due, and what that costs a year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal, localcontext
from itertools import islice
from typing import Iterable, List, Sequence, Tuple

from bank.sandbox.ledger.cycle import ONE_DAY, due_date, statement_dates
from bank.sandbox.ledger.money import CENT, ZERO, cents
from bank.sandbox.ledger.records import Part
from bank.sandbox.policy import Billing

_DIGITS = 50
_CLOSE_ENOUGH = Decimal("1e-20")  # of a monthly rate
_RATE_PLACES = Decimal("0.0001")


@dataclass(frozen=True)
class Dated:
    """An instalment and the day by which it is to be paid."""

    number: int
    due_on: date
    part: Part


def split(amount: Decimal, terms: int, rate_per_term: Decimal) -> Tuple[Part, ...]:
    """`amount` in `terms` equal parts with a flat interest each; what does not divide is in the last one.

    The interest is `amount × rate_per_term × terms`, rounded once. Raises ValueError for less than a cent a term.
    """
    if terms < 1 or amount < CENT * terms:
        raise ValueError("too little to split")
    principals = _shares(amount, terms)
    interests = _shares(cents(amount * rate_per_term * terms), terms)
    return tuple(Part(principal, interest) for principal, interest in zip(principals, interests, strict=True))


def dated(parts: Sequence[Part], starts_on: date, statement_day: int, billing: Billing) -> List[Dated]:
    """When `parts` fall due in a plan that starts on `starts_on`: one with each later bill, on its due date."""
    dates = islice(statement_dates(starts_on + ONE_DAY, statement_day), len(parts))
    return [
        Dated(number, due_date(day, billing), part)
        for number, (day, part) in enumerate(zip(dates, parts, strict=True), start=1)
    ]


def annualised_rate(amount: Decimal, payments: Iterable[Decimal]) -> Decimal:
    """近似折算年化利率(单利): 12 × the monthly internal rate of return of `amount` now against monthly `payments`.

    A fraction with four decimals: 0.1303 is 13.03 %. Raises ValueError if the payments are less than the amount.
    """
    with localcontext() as context:
        context.prec = _DIGITS
        rate = 12 * _monthly_return(amount, list(payments))
    return rate.quantize(_RATE_PLACES)


def effective_rate(amount: Decimal, payments: Iterable[Decimal]) -> Decimal:
    """The effective annual rate of the same return: `(1 + m)^12 − 1`, a fraction with four decimals.

    Raises ValueError if the payments are less than the amount.
    """
    with localcontext() as context:
        context.prec = _DIGITS
        rate = (1 + _monthly_return(amount, list(payments))) ** 12 - 1
    return rate.quantize(_RATE_PLACES)


def _monthly_return(amount: Decimal, payments: List[Decimal]) -> Decimal:
    """Newton's iteration in decimal arithmetic, since a library such as pyxirr answers in floats.

    It starts at 0, where the present value is too high: as that falls ever more slowly with the rate (it is convex),
    each step ends below the root and nearer to it. So it cannot overshoot, and the digits double at the end.
    """
    if amount <= ZERO or sum(payments, ZERO) < amount:
        raise ValueError("the payments do not repay the amount")
    rate = Decimal(0)
    while True:
        value, slope = -amount, Decimal(0)
        for month, payment in enumerate(payments, start=1):
            present = payment / (1 + rate) ** month
            value += present
            slope -= month * present / (1 + rate)
        step = -value / slope
        rate += step
        if abs(step) < _CLOSE_ENOUGH:
            return rate


def _shares(amount: Decimal, terms: int) -> List[Decimal]:
    share = (amount / terms).quantize(CENT, rounding=ROUND_DOWN)
    return [share] * (terms - 1) + [amount - share * (terms - 1)]
