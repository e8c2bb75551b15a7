"""What the bank does at the end of a day: judge a bill whose days of grace are over, issue a statement, report.

Used while replaying only; nothing outside sees one.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import List, Optional, Tuple

from bank.sandbox.ledger.book import Book, Pot, total
from bank.sandbox.ledger.cycle import ONE_DAY, due_date, grace_ends_on
from bank.sandbox.ledger.delinquency import Delinquency
from bank.sandbox.ledger.interest import segments
from bank.sandbox.ledger.lot import Lot
from bank.sandbox.ledger.minimum import Owed, late_fee, minimum_payment
from bank.sandbox.ledger.money import ZERO
from bank.sandbox.ledger.plan_runs import PlanRuns
from bank.sandbox.ledger.records import Bill, Charge, Component, Deferral, History, Report
from bank.sandbox.policy import DebtPart, Policy

# Of these, the minimum asks for a share; of purchases and of what is left of a broken agreement for the same.
_LIKE_PURCHASES = (Component.PURCHASE, Component.ENDED_AGREEMENT)
_SHARED = (*_LIKE_PURCHASES, Component.CASH_ADVANCE)


class Closing:
    """Bills, late fees and reports of one card, oldest first."""

    def __init__(self, history: History, policy: Policy, book: Book, minimum: Delinquency) -> None:
        self._history = history
        self._policy = policy
        self._book = book
        self._minimum = minimum
        self.bills: List[Bill] = []
        self.plans = PlanRuns(history, policy, book, self.bills)
        self.reports: List[Report] = []
        self.used = False  # something was posted since the last report

    def judge(self, day: date) -> None:
        """The days of grace of a bill end with `day`: was it paid in full, and if not, was the minimum?"""
        deferral = self.deferral_on(day)
        in_full = self._book.billed() <= self._policy.billing.shortfall_tolerance
        waiting = [lot for lot in self._book.lots if lot.billed_on and not lot.bears]
        for lot in waiting:
            if in_full or (deferral is not None and not deferral.interest_continues):
                lot.forgive(day)
            elif lot.component.bears_interest:
                lot.start_bearing(day, self._policy.interest.basis)
        if in_full:
            self._minimum.limit_to(ZERO)
        else:
            self._charge_late_fee(day, deferral)
        self._end_broken_agreements(day)

    def end_deferral(self, day: date) -> None:
        """A deferral ends with `day`: what it kept back is late now, unless it is within the tolerance."""
        if self._book.billed() <= self._policy.billing.shortfall_tolerance:
            self._minimum.limit_to(ZERO)
        self._end_broken_agreements(day)

    def _end_broken_agreements(self, day: date) -> None:
        """An agreement of which a part is not paid by the end of its grace, or of a deferral, ends with `day`."""
        deferral = self.deferral_on(day)
        if deferral is None or deferral.until == day:
            self.plans.end_broken(day)
            self._book.use_credit(day + ONE_DAY, self.order(day + ONE_DAY))

    def issue(self, day: date) -> None:
        """Charge interest, add the terms of plans and close the statement."""
        carried = total(lot for lot in self._in_full() if lot.billed_on)
        self.charge_interest(day, until=day)
        self.plans.bill_terms(day)
        self._book.use_credit(day, self.order(day))
        self._book.bill_all(day)
        self._add_bill(day, carried)
        deferral = self.deferral_on(day)
        if deferral is not None:
            self._minimum.defer(deferral.until, due_by=deferral.until)

    def report(self, day: date) -> None:
        """Note what the issuer tells the credit register at the end of `day`."""
        in_use = self.used or any(lot.remaining for lot in self._book.lots)
        days_past_due = max(self._minimum.days_past_due(day), self.plans.days_past_due_when_agreed())
        self.reports.append(Report(day, days_past_due, in_use))
        self.used = False

    def report_new_overdue(self, day: date) -> None:
        """Report an overdue of which the credit register does not know yet."""
        since = self._minimum.overdue_since
        known = any(each.days_past_due > 0 and each.reported_on >= since for each in self.reports) if since else False
        if self._minimum.days_past_due(day) > 0 and not known:
            self.report(day)

    def deferral_on(self, day: date) -> Optional[Deferral]:
        """The deferral that holds on `day`, if any."""
        return next((each for each in self._history.deferrals if each.starts_on <= day <= each.until), None)

    def _charge_late_fee(self, day: date, deferral: Optional[Deferral]) -> None:
        if deferral is not None and deferral.late_fee_waived:
            return
        policy = self._policy.late_fee
        unpaid = self._minimum.unpaid if deferral is not None else self._minimum.unpaid_after(day)
        fee = late_fee(unpaid, policy)
        if not fee:
            return
        incurred_on = day + ONE_DAY
        lot = self._book.owe(f"late-fee-{day}", Component.LATE_FEE, incurred_on, incurred_on, fee)
        self._book.note(
            Charge(lot.id, lot.component, fee, ZERO, incurred_on, unpaid, policy.rate, policy.floor, policy.cap)
        )
        self._book.use_credit(incurred_on, self.order(incurred_on))

    def charge_interest(self, day: date, until: date) -> None:
        """Charge on `day` what has accrued `until` then; from the next day on it bears interest in its turn."""
        rate = self._policy.interest.daily_rate
        parts = segments(self._book.take_accrued(until), rate)
        amount = sum((part.amount for part in parts), ZERO)
        lots = []
        if amount:
            lots.append(self._book.owe(f"interest-{day}", Component.INTEREST, day, until + ONE_DAY, amount))
            self._book.note(
                Charge(lots[0].id, Component.INTEREST, amount, ZERO, day, parts[-1].basis, rate, segments=parts)
            )
        self._book.use_prepaid_interest(lots, day)

    def order(self, day: date) -> Tuple[DebtPart, ...]:
        """In which order money of that day is set against what is owed."""
        return self._policy.payment_order.at(self._minimum.days_past_due(day))

    def _add_bill(self, day: date, carried: Decimal) -> None:
        lots = self._book.lots
        balance = total(lots)
        owed = Owed(
            purchases=total(lot for lot in lots if lot.component in _LIKE_PURCHASES),
            cash_advances=total(lot for lot in lots if lot.component is Component.CASH_ADVANCE),
            in_full=total(self._in_full()),
            carried=carried,
            unpaid_minimum=self._minimum.unpaid,
            over_limit=max(balance - self._history.credit_limit, ZERO),
        )
        bill = Bill(
            period_starts_on=self.bills[-1].statement_date + ONE_DAY if self.bills else self._history.opened_on,
            statement_date=day,
            due_date=due_date(day, self._policy.billing),
            grace_ends_on=grace_ends_on(day, self._policy.billing),
            balance=balance - self._book.pots[Pot.CREDIT],
            minimum_due=minimum_payment(owed, self._policy.minimum_payment),
        )
        self.bills.append(bill)
        self._minimum.bill(bill)

    def _in_full(self) -> List[Lot]:
        return [lot for lot in self._book.lots if lot.component not in _SHARED]
