"""Whether the minimum was met: unpaid parts of minimums, days past due, and how often the account fell overdue.

Used while replaying only; nothing outside sees one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import List, Optional, Tuple

from bank.sandbox.ledger.cycle import ONE_DAY
from bank.sandbox.ledger.money import ZERO
from bank.sandbox.ledger.records import Bill, MinimumPart


class Delinquency:
    """The minimum, as the parts that each bill added to it. Payments meet the oldest part first."""

    def __init__(self) -> None:
        self._parts: List[MinimumPart] = []
        self.spells = 0
        self.overdue_since: Optional[date] = None  # first day of the present spell

    @property
    def unpaid(self) -> Decimal:
        """Of all parts, due or not, yuan."""
        return sum((part.remaining for part in self._parts), ZERO)

    def unpaid_after(self, day: date) -> Decimal:
        """Of the parts whose days of grace have ended by the end of `day`, a deferral heeded."""
        return sum((part.remaining for part in self._parts if part.on_time_until <= day), ZERO)

    def records(self) -> Tuple[MinimumPart, ...]:
        """The unpaid parts, oldest first."""
        return tuple(self._parts)

    def bill(self, bill: Bill) -> None:
        """Add what `bill` asks for beyond the parts that are unpaid already."""
        self.limit_to(bill.minimum_due)
        added = bill.minimum_due - self.unpaid
        if added > ZERO:
            self._parts.append(MinimumPart(bill.statement_date, bill.due_date, bill.grace_ends_on, added, added))

    def pay(self, amount: Decimal) -> List[Tuple[MinimumPart, Decimal]]:
        """Meet parts with `amount`, oldest first. Returns which were met with how much, for `unpay`."""
        met = []
        while amount > ZERO and self._parts:
            part = self._parts[0]
            paid = min(part.remaining, amount)
            amount -= paid
            met.append((part, paid))
            if part.remaining > paid:
                self._parts[0] = replace(part, remaining=part.remaining - paid)
            else:
                del self._parts[0]
        return met

    def unpay(self, part: MinimumPart, amount: Decimal) -> None:
        """A payment that met `part` with `amount` was taken back."""
        for number, known in enumerate(self._parts):
            if known.statement_date == part.statement_date:
                self._parts[number] = replace(known, remaining=known.remaining + amount)
                return
        self._parts.append(replace(part, remaining=amount))
        self._parts.sort(key=lambda known: known.statement_date)

    def limit_to(self, amount: Decimal) -> None:
        """No more of the minimum can be unpaid than `amount`."""
        excess = self.unpaid - amount
        if excess > ZERO:
            self.pay(excess)

    def defer(self, until: date, due_by: date) -> None:
        """Parts that are due by `due_by` fall due on `until` instead."""
        self._parts = [
            replace(part, due_on=until, on_time_until=until) if part.due_on <= due_by else part for part in self._parts
        ]

    def days_past_due(self, day: date) -> int:
        """Counted from the due date of the oldest unmet part; 0 within its days of grace."""
        late = [part.due_on for part in self._parts if part.on_time_until < day]
        return (day - min(late)).days if late else 0

    def close_day(self, day: date) -> None:
        """Note whether the account is overdue once `day` has ended."""
        overdue = any(part.on_time_until <= day for part in self._parts)
        if overdue and self.overdue_since is None:
            self.spells += 1
            self.overdue_since = day + ONE_DAY
        elif not overdue:
            self.overdue_since = None
