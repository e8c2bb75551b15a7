"""One thing that is owed while the ledger goes through the days: how much is left, and on what days it bore interest.

Used while replaying only; nothing outside sees one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import List, Optional

from bank.sandbox.ledger.cycle import ONE_DAY
from bank.sandbox.ledger.records import Component, Debt, Span
from bank.sandbox.policy import InterestBasis


@dataclass(eq=False)  # two lots are never the same one
class Lot:
    """A purchase, a charge or a term of a plan.

    A purchase first waits (`bears` is false): its spans are kept once it is billed, and count only if that bill is not
    paid in full. A cash advance bears interest from its first day.
    """

    id: str
    component: Component
    posted_on: date
    first_day: date  # the first that counts for interest
    amount: Decimal
    remaining: Decimal
    bears: bool = False
    refunded: Decimal = Decimal("0.00")
    billed_on: Optional[date] = None
    disputed: bool = False  # set aside, so that it is not owed for the time being
    disputes: int = 0  # that are not decided
    spans: List[Span] = field(default_factory=list)
    open_since: date = field(init=False)  # first day of the span that is not closed yet
    held: List[Span] = field(default_factory=list)  # those of a disputed one

    def __post_init__(self) -> None:
        self.open_since = self.first_day

    def change(self, day: date, amount: Decimal) -> None:
        """From `day` on, `amount` more (or, negative, less) is left."""
        if self.bears or self.billed_on:
            self.close(day - ONE_DAY)
        self.remaining += amount

    def close(self, last: date) -> None:
        """Let the open span end with `last`; without effect if it would be empty."""
        if last < self.open_since:
            return
        if self.remaining and self.component.bears_interest:
            self.spans.append(Span(self.open_since, last, self.remaining))
        self.open_since = last + ONE_DAY

    def bill(self, statement_date: date) -> None:
        """Put it on the bill: what was repaid before is not on it, so it bears no interest either."""
        self.billed_on = statement_date
        if not self.bears:
            self.close(statement_date)

    def take_spans(self, last: date) -> List[Span]:
        """The spans until `last`, of which interest is now charged; they are then forgotten."""
        self.close(last)
        taken, self.spans = self.spans, []
        return taken

    def spans_until(self, last: date) -> List[Span]:
        """As `take_spans`, for a look only."""
        if self.remaining and last >= self.open_since and self.component.bears_interest:
            return [*self.spans, Span(self.open_since, last, self.remaining)]
        return list(self.spans)

    def start_bearing(self, judged_on: date, basis: InterestBasis) -> None:
        """Its bill was not paid in full by the end of `judged_on`: interest is owed from its first day."""
        self.close(judged_on)
        if basis is InterestBasis.UNPAID_PART:
            self.spans = [Span(self.first_day, judged_on, self.remaining)] if self.remaining else []
        self.bears = True

    def forgive(self, judged_on: date) -> None:
        """Its bill counts as paid in full: no interest until then; what is left moves to the next bill."""
        self.spans = []
        self.first_day = self.open_since = judged_on + ONE_DAY

    def set_aside(self, day: date) -> None:
        """It is disputed: not owed while examined, and without interest for that time and before."""
        self.disputes += 1
        if not self.disputed:
            self.disputed = True
            if self.bears or self.billed_on:
                self.close(day - ONE_DAY)
            self.held, self.spans = self.spans, []

    def reinstate(self, day: date, with_interest: bool) -> None:
        """It is owed again: as if posted on `day`, or `with_interest` as if it had never been disputed."""
        self.disputes = max(self.disputes - 1, 0)
        if self.disputes:
            return
        self.disputed = False
        self.billed_on = None
        if with_interest:
            self.spans, self.held = [*self.held, *self.spans], []
        else:
            self.bears, self.spans, self.held = False, [], []
            self.first_day = self.open_since = day

    def cancel(self, day: date) -> None:
        """Nothing of it is owed, nor interest that is not charged yet."""
        self.change(day, -self.remaining)
        self.disputes = 0
        self.disputed = False
        self.spans, self.held = [], []

    def record(self) -> Debt:
        """What the outside sees."""
        return Debt(self.id, self.component, self.posted_on, self.billed_on, self.amount, self.remaining, self.disputed)
