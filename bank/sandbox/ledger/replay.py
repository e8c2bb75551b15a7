"""Goes through a card's history day by day and says how the account stands.

The result on a day depends only on what was posted until then: statements never change after they were issued, and
computing to a day at once or in steps gives the same. Within a day come, in this order: what was spent, plans and
deferrals that start, refunds and reversals, payments (as one sum), the end of a bill's days of grace, a new statement.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import count, takewhile
from typing import Callable, DefaultDict, Dict, Iterable, List, Set, Tuple, TypeVar

from bank.models import PlanKind
from bank.sandbox.ledger.book import Book, Pot, Target, spent
from bank.sandbox.ledger.closing import Closing
from bank.sandbox.ledger.cycle import ONE_DAY, grace_ends_on, on_day, statement_dates
from bank.sandbox.ledger.delinquency import Delinquency
from bank.sandbox.ledger.interest import segments
from bank.sandbox.ledger.lot import Lot
from bank.sandbox.ledger.money import ZERO, cents
from bank.sandbox.ledger.records import (
    Account,
    Charge,
    Component,
    Entry,
    EntryKind,
    History,
    MinimumPart,
    Plan,
    Settlement,
)
from bank.sandbox.policy import DebtPart, Policy, ReportsOn

_SPENT = {
    EntryKind.PURCHASE: Component.PURCHASE,
    EntryKind.CASH_ADVANCE: Component.CASH_ADVANCE,
    EntryKind.FEE: Component.FEE,
}
# A refund knows whether the purchase is disputed before that day; a dispute is opened before it is decided.
_ADJUSTMENTS = (
    EntryKind.REFUND,
    EntryKind.DISPUTE_OPENED,
    EntryKind.DISPUTE_UPHELD,
    EntryKind.DISPUTE_REJECTED,
    EntryKind.REVERSAL,
    EntryKind.WAIVER,
)
_CHARGED = (Component.LATE_FEE, Component.INTEREST, Component.INSTALMENT_INTEREST, Component.FEE)
T = TypeVar("T")
_Closings = Dict[date, List[Callable[[date], None]]]


class LedgerError(ValueError):
    """The history contradicts itself, e.g. takes back what was never posted."""


def replay(history: History, policy: Policy, as_of: date) -> Account:
    """The account on `as_of`, that day's postings included, before its closing. Raises LedgerError."""
    return _Replay(history, policy, as_of).account()


class _Replay:
    def __init__(self, history: History, policy: Policy, as_of: date) -> None:
        self._history = history
        self._policy = policy
        self._as_of = as_of
        suspended = [(each.starts_on, each.until) for each in history.deferrals if not each.interest_continues]
        named = {each.of for each in history.entries if each.of and each.posted_on <= as_of}
        self._book = Book(policy.interest.daily_rate, suspended, named)
        self._minimum = Delinquency()
        self._closing = Closing(history, policy, self._book, self._minimum)
        self._turns = self._days_of_turns()
        self._payments: List[Tuple[date, Decimal]] = []
        self._used: Dict[date, List[Tuple[Target, Decimal]]] = {}  # for what each day's payments were used
        self._met: Dict[date, List[Tuple[MinimumPart, Decimal]]] = {}  # and which parts of the minimum they met
        self._payment_by_id = {each.id: each for each in history.entries if each.kind is EntryKind.PAYMENT}

    def account(self) -> Account:
        entries = self._entries_by_day()
        closings = self._closings()
        for day in sorted({*entries, *closings, *self._turns}):
            self._post(day, entries.get(day, []))
            if day < self._as_of:
                for close in closings.get(day, []):
                    close(day)
                self._minimum.close_day(day)
        return self._result()

    def _entries_by_day(self) -> Dict[date, List[Entry]]:
        days: DefaultDict[date, List[Entry]] = defaultdict(list)
        for entry in sorted(self._history.entries, key=lambda entry: entry.id):
            if entry.posted_on <= self._as_of:
                days[entry.posted_on].append(entry)
        return days

    def _days_of_turns(self) -> Set[date]:
        """Days on which a plan or a deferral starts or ends."""
        days = [plan.started_on for plan in self._history.plans]
        days += [each.settled_on for each in self._history.settlements]
        days += [day for each in self._history.deferrals for day in (each.starts_on, each.until)]
        return {day for day in days if day <= self._as_of}

    def _closings(self) -> _Closings:
        dates = statement_dates(self._history.opened_on, self._history.statement_day)
        issued = list(takewhile(lambda day: day < self._as_of, dates))
        closings: DefaultDict[date, List[Callable[[date], None]]] = defaultdict(list)
        for day in issued:
            closings[grace_ends_on(day, self._policy.billing)].append(self._closing.judge)
        for deferral in self._history.deferrals:
            closings[deferral.until].append(self._closing.end_deferral)
        for day in issued:
            closings[day].append(self._closing.issue)
        for day in self._reporting_days(issued):
            closings[day].append(self._closing.report)
        if self._policy.credit_report.reports_on is ReportsOn.OVERDUE_DAY:
            ends = [grace_ends_on(day, self._policy.billing) for day in issued]
            for day in {*ends, *(each.until for each in self._history.deferrals)}:
                closings[day + ONE_DAY].append(self._closing.report_new_overdue)
        return {day: closings[day] for day in closings if day < self._as_of}

    def _reporting_days(self, issued: Iterable[date]) -> Iterable[date]:
        if self._policy.credit_report.reports_on is ReportsOn.STATEMENT_DATE:
            return issued
        opened = self._history.opened_on
        ends = (on_day(opened.year, opened.month + months, 31) for months in count())
        return takewhile(lambda day: day < self._as_of, ends)

    def _post(self, day: date, entries: List[Entry]) -> None:
        self._closing.used = self._closing.used or bool(entries)
        others = []
        for entry in entries:
            if entry.kind in _SPENT:
                self._spend(entry)
            else:
                others.append(entry)
        turns = day in self._turns
        if turns:
            self._start(day)
        if others:
            self._adjust_and_receive(day, others)
        credit = self._book.pots[Pot.CREDIT]
        if credit:
            self._book.use_credit(day, self._order(day))
        if others or turns or credit:  # new spend is no part of a minimum yet
            self._settle_minimum(day)

    def _start(self, day: date) -> None:
        for plan in self._history.plans:
            if plan.started_on == day:
                self._start_plan(plan)
        for settlement in self._history.settlements:
            if settlement.settled_on == day:
                self._settle_plan(settlement)
        for deferral in self._history.deferrals:
            if deferral.starts_on == day:
                self._minimum.defer(deferral.until, due_by=deferral.until)

    def _adjust_and_receive(self, day: date, entries: List[Entry]) -> None:
        adjustments = [entry for entry in entries if entry.kind in _ADJUSTMENTS]
        for entry in sorted(adjustments, key=lambda entry: _ADJUSTMENTS.index(entry.kind)):
            self._adjust(entry)
        self._receive(day, sum((entry.amount for entry in entries if entry.kind is EntryKind.PAYMENT), ZERO))
        for entry in entries:
            if entry.kind is EntryKind.REVERSAL and entry.of in self._payment_by_id:
                self._take_payment_back(entry, self._payment_by_id[entry.of])

    def _spend(self, entry: Entry) -> None:
        component = _SPENT[entry.kind]
        lot = self._book.owe(entry.id, component, entry.posted_on, entry.posted_on, entry.amount)
        lot.bears = component is Component.CASH_ADVANCE  # no interest-free period
        if component is Component.FEE:
            self._book.note(Charge(entry.id, component, entry.amount, ZERO, entry.posted_on, entry.amount, ZERO))

    def _settle_plan(self, settlement: Settlement) -> None:
        day = settlement.settled_on
        if not any(plan.id == settlement.plan_id and plan.started_on <= day for plan in self._history.plans):
            raise LedgerError(f"{settlement.plan_id} is settled on {day}, but does not run")
        self._closing.plans.settle(settlement)

    def _start_plan(self, plan: Plan) -> None:
        day = plan.started_on
        if plan.kind is PlanKind.INSTALMENT:
            self._closing.plans.start_instalments(plan, self._book.in_order(self._order(day)))
            return
        days_past_due = self._minimum.days_past_due(day)
        self._closing.charge_interest(day, until=day - ONE_DAY)
        self._closing.plans.start_agreement(plan, self._book.in_order(self._order(day)), days_past_due)

    def _adjust(self, entry: Entry) -> None:
        if entry.kind is EntryKind.REFUND:
            self._refund(entry)
        elif entry.kind is EntryKind.DISPUTE_OPENED:
            self._set_aside(self._lot_of(entry), entry.posted_on)
        elif entry.kind is EntryKind.DISPUTE_REJECTED:
            self._lot_of(entry).reinstate(entry.posted_on, self._policy.dispute.interest_if_declined)
        elif entry.kind is EntryKind.WAIVER:
            self._waive(entry)
        elif entry.kind is EntryKind.DISPUTE_UPHELD or (
            entry.kind is EntryKind.REVERSAL and entry.of not in self._payment_by_id
        ):
            self._cancel(self._lot_of(entry), entry.posted_on)

    def _refund(self, entry: Entry) -> None:
        lot = self._book.find(entry.of)
        left = entry.amount
        if lot is not None:
            lot.refunded += entry.amount
            left -= spent(self._book.pay([lot], entry.posted_on, entry.amount))
        self._book.set_off(entry.posted_on, left, self._order(entry.posted_on))
        if self._policy.billing.refunds_count_as_payment:
            self._minimum.pay(entry.amount)

    def _cancel(self, lot: Lot, day: date) -> None:
        """Nothing of it is owed, nor interest on it that is not billed yet; what was paid on it is the customer's."""
        paid = max(lot.amount - lot.remaining - lot.refunded, ZERO)
        lot.cancel(day)
        self._book.set_off(day, paid, self._order(day))

    def _set_aside(self, lot: Lot, day: date) -> None:
        if not lot.disputed and lot.billed_on is not None:
            self._ask_less(cents(lot.remaining * self._share_in_the_minimum(lot)))
        lot.set_aside(day)

    def _share_in_the_minimum(self, lot: Lot) -> Decimal:
        shares = self._policy.minimum_payment
        if lot.component is Component.PURCHASE:
            return shares.purchase_share
        return shares.cash_advance_share if lot.component is Component.CASH_ADVANCE else Decimal(1)

    def _waive(self, entry: Entry) -> None:
        lot = self._lot_of(entry)
        if lot.component not in _CHARGED:
            raise LedgerError(f"{entry.id} waives {entry.of}, which is no charge")
        unpaid, was_paid = self._book.waive(lot, entry.posted_on, entry.amount)
        if lot.billed_on is not None:
            self._ask_less(unpaid)  # charges belong to the minimum in full
        self._book.set_off(entry.posted_on, was_paid, self._order(entry.posted_on))

    def _ask_less(self, amount: Decimal) -> None:
        self._minimum.limit_to(max(self._minimum.unpaid - amount, ZERO))

    def _receive(self, day: date, amount: Decimal) -> None:
        if amount:
            self._payments.append((day, amount))
            self._used[day] = self._book.set_off(day, amount, self._order(day))
            self._met[day] = self._minimum.pay(amount)

    def _take_payment_back(self, entry: Entry, payment: Entry) -> None:
        """It bounced: what it had settled is owed again from this day on, last settled first."""
        paid_on, amount = payment.posted_on, payment.amount
        self._payments.append((paid_on, -amount))
        undone, self._used[paid_on] = _undo(self._used.get(paid_on, []), amount)
        lost = sum((self._book.take_back(target, back, entry.posted_on) for target, back in undone), ZERO)
        if lost:
            self._book.owe(entry.id, Component.PURCHASE, entry.posted_on, entry.posted_on, lost)
        unmet, self._met[paid_on] = _undo(self._met.get(paid_on, []), amount)
        for part, back in unmet:
            self._minimum.unpay(part, back)

    def _settle_minimum(self, day: date) -> None:
        """No more is asked than is owed, and nothing of a late bill that is settled up to the tolerance.

        The end of a bill's or a deferral's time is judged when it closes.
        """
        if not self._minimum.unpaid:
            return
        billed = self._book.billed()
        late = self._minimum.unpaid_after(day - ONE_DAY) > ZERO
        self._minimum.limit_to(ZERO if late and billed <= self._policy.billing.shortfall_tolerance else billed)

    def _order(self, day: date) -> Tuple[DebtPart, ...]:
        return self._policy.payment_order.at(self._minimum.days_past_due(day))

    def _lot_of(self, entry: Entry) -> Lot:
        lot = self._book.find(entry.of)
        if lot is None:
            raise LedgerError(f"{entry.id} concerns {entry.of}, which is not posted")
        return lot

    def _result(self) -> Account:
        deferral = self._closing.deferral_on(self._as_of)
        return Account(
            as_of=self._as_of,
            bills=tuple(self._closing.bills),
            debts=self._book.debts(),
            charges=self._book.charges(),
            accrued=segments(self._book.accrued(self._as_of - ONE_DAY), self._policy.interest.daily_rate),
            prepaid_interest=self._book.pots[Pot.PREPAID_INTEREST],
            credit=self._book.pots[Pot.CREDIT],
            minimum=self._minimum.records(),
            spells=self._minimum.spells,
            overdue_since=self._minimum.overdue_since,
            reports=tuple(self._closing.reports),
            payments=tuple(self._payments),
            deferred_until=deferral.until if deferral else None,
            ended_plans=tuple(self._closing.plans.ended.values()),
            days_past_due_when_agreed=self._closing.plans.days_past_due_when_agreed(),
        )


def _undo(used: List[Tuple[T, Decimal]], amount: Decimal) -> Tuple[List[Tuple[T, Decimal]], List[Tuple[T, Decimal]]]:
    """Splits `used` in the last `amount` of it, and the rest."""
    undone, kept = [], []
    for target, paid in reversed(used):
        back = min(paid, amount)
        amount -= back
        if back:
            undone.append((target, back))
        if paid > back:
            kept.append((target, paid - back))
    return undone, kept[::-1]
