"""Daily interest: on the balance at the end of each day.

So the day of posting counts and the day of payment does not, and a bill carries interest up to and including its
statement date: the day count by which issuers explain their examples.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import DefaultDict, Iterable, List, Sequence, Tuple

from bank.sandbox.ledger.cycle import ONE_DAY
from bank.sandbox.ledger.money import ZERO, cents, cents_of_parts
from bank.sandbox.ledger.records import Segment, Span

Window = Tuple[date, date]  # both days included


def segments(spans: Iterable[Span], daily_rate: Decimal) -> Tuple[Segment, ...]:
    """The interest on `spans` together, in stretches during which their sum did not change.

    The exact sum is rounded once; the stretches share it out, so that no cent depends on how often a balance changed.
    """
    stretches = _stretches(spans)
    amounts = cents_of_parts(span.balance * daily_rate * _days(span) for span in stretches)
    return tuple(
        Segment(span.first, span.last, _days(span), span.balance, daily_rate, amount)
        for span, amount in zip(stretches, amounts, strict=True)
    )


def interest(spans: Iterable[Span], daily_rate: Decimal) -> Decimal:
    """The sum of `segments(spans, daily_rate)`, yuan."""
    return cents(sum((span.balance * daily_rate * _days(span) for span in spans), ZERO))


def outside(spans: Iterable[Span], windows: Sequence[Window]) -> List[Span]:
    """What of `spans` lies in none of `windows`: the days on which interest was not suspended."""
    kept = list(spans)
    for first, last in windows:
        kept = [piece for span in kept for piece in _without(span, first, last)]
    return kept


def _without(span: Span, first: date, last: date) -> Iterable[Span]:
    if last < span.first or first > span.last:
        yield span
        return
    if span.first < first:
        yield span._replace(last=first - ONE_DAY)
    if span.last > last:
        yield span._replace(first=last + ONE_DAY)


def _stretches(spans: Iterable[Span]) -> List[Span]:
    changes: DefaultDict[date, Decimal] = defaultdict(lambda: ZERO)
    for span in spans:
        changes[span.first] += span.balance
        changes[span.last + ONE_DAY] -= span.balance
    days = sorted(day for day, change in changes.items() if change)
    stretches = []
    balance = ZERO
    for day, following in zip(days, days[1:], strict=False):
        balance += changes[day]
        if balance:
            stretches.append(Span(day, following - ONE_DAY, balance))
    return stretches


def _days(span: Span) -> int:
    return (span.last - span.first).days + 1
