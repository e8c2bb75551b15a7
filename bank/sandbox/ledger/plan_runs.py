"""Plans while they run: how they start, what of them each bill carries, and how they end before their last part.

Used while replaying only; nothing outside sees one.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Dict, Iterable, List, Sequence

from bank.models import PlanKind
from bank.sandbox.ledger.book import Book, Pot, spent
from bank.sandbox.ledger.cycle import ONE_DAY, grace_ends_on
from bank.sandbox.ledger.lot import Lot
from bank.sandbox.ledger.money import ZERO
from bank.sandbox.ledger.plan_terms import fee_id, interest_id, rest_at_once, rest_id, term_id, terms_billed
from bank.sandbox.ledger.records import (
    Bill,
    Charge,
    Component,
    History,
    Plan,
    PlanEnd,
    PlanEnding,
    Settlement,
)
from bank.sandbox.policy import DebtPart, Policy

_GIVEN_BACK = (Component.INTEREST, Component.LATE_FEE)


class PlanRuns:
    """The plans of one card."""

    def __init__(self, history: History, policy: Policy, book: Book, bills: Sequence[Bill]) -> None:
        self._plans = {plan.id: plan for plan in history.plans}
        self._policy = policy
        self._book = book
        self._bills = bills  # grows while replaying
        self._terms: Dict[str, List[Lot]] = {}  # of agreements, by plan
        self._days_past_due: Dict[str, int] = {}  # on the day of the agreement
        self.ended: Dict[str, PlanEnd] = {}

    def start_instalments(self, plan: Plan, lots: Iterable[Lot]) -> None:
        """The plan's amount leaves the purchases among `lots`."""
        self._move(plan, (lot for lot in lots if lot.component is Component.PURCHASE))

    def start_agreement(self, plan: Plan, lots: Iterable[Lot], days_past_due: int) -> None:
        """The plan's amount leaves all that is billed or charged; interest and late fees beyond it are given back.

        They arose between the quote and this day. Principal is moved first, so that nothing else can be left.
        """
        owed = [lot for lot in lots if lot.billed_on or lot.component in _GIVEN_BACK]
        self._move(plan, sorted(owed, key=lambda lot: lot.component.debt_part is not DebtPart.PRINCIPAL))
        for lot in owed:
            if not lot.bears:
                lot.spans.clear()  # its bill need not be judged any more
            if lot.component in _GIVEN_BACK:
                self._book.waive(lot, plan.started_on, lot.remaining)
        self._terms[plan.id] = []
        self._days_past_due[plan.id] = days_past_due

    def bill_terms(self, day: date) -> None:
        """Put the next part of each running plan on the bill of `day`."""
        for plan in self._plans.values():
            number = terms_billed(plan, self._bills, None)
            if plan.last_day_before < day and number < len(plan.parts) and plan.id not in self.ended:
                self._bill_term(plan, number, day)

    def settle(self, settlement: Settlement) -> None:
        """Charge all that is left of a plan; nothing happens if it ended before."""
        plan, day = self._plans[settlement.plan_id], settlement.settled_on
        rest = rest_at_once(plan, terms_billed(plan, self._bills, None), self._policy.early_settlement)
        if plan.id in self.ended or not rest.principal:
            return
        self.ended[plan.id] = PlanEnd(plan.id, day, PlanEnding.SETTLED)
        id = rest_id(plan)
        self._book.owe(id, Component.INSTALMENT, day, day, rest.principal)
        kind = Component.INSTALMENT_INTEREST
        self._charge(interest_id(id), kind, day, rest.interest, plan.amount, plan.rate_per_term)
        fee_rate = self._policy.early_settlement.fee_rate
        self._charge(fee_id(plan), Component.SETTLEMENT_FEE, day, rest.fee, rest.principal, fee_rate)

    def end_broken(self, day: date) -> None:
        """End agreements of which a part was not paid by the end of `day`, its last; the rest is owed again."""
        for plan_id, lots in self._terms.items():
            late = [lot for lot in lots if lot.remaining and self._is_late(lot, day)]
            tolerance = self._policy.billing.shortfall_tolerance
            if plan_id not in self.ended and sum((lot.remaining for lot in late), ZERO) > tolerance:
                self._end_broken(self._plans[plan_id], day)

    def days_past_due_when_agreed(self) -> int:
        """Which the register goes on to show until the agreement is fulfilled, if the issuer does so; else 0."""
        if not self._policy.agreement.reported_until_cleared:
            return 0
        return max((days for plan_id, days in self._days_past_due.items() if self._is_open(plan_id)), default=0)

    def _move(self, plan: Plan, lots: Iterable[Lot]) -> None:
        moved = self._book.pay(lots, plan.started_on, plan.amount)
        self._book.pots[Pot.CREDIT] += plan.amount - spent(moved)

    def _bill_term(self, plan: Plan, number: int, day: date) -> None:
        part, id = plan.parts[number], term_id(plan, number + 1)
        if plan.kind is PlanKind.AGREEMENT:
            self._terms[plan.id].append(self._book.owe(id, Component.AGREEMENT, day, day + ONE_DAY, part.principal))
        else:
            self._book.owe(id, Component.INSTALMENT, day, day + ONE_DAY, part.principal)
        kind = Component.INSTALMENT_INTEREST
        self._charge(interest_id(id), kind, day, part.interest, plan.amount, plan.rate_per_term)

    def _charge(self, id: str, component: Component, day: date, amount: Decimal, basis: Decimal, rate: Decimal) -> None:
        if amount:
            self._book.owe(id, component, day, day + ONE_DAY, amount)
            self._book.note(Charge(id, component, amount, ZERO, day, basis, rate))

    def _is_late(self, lot: Lot, day: date) -> bool:
        return lot.billed_on is not None and grace_ends_on(lot.billed_on, self._policy.billing) <= day

    def _end_broken(self, plan: Plan, day: date) -> None:
        next_day = day + ONE_DAY
        terms = self._terms[plan.id]
        missed = tuple(number for number, lot in enumerate(terms, start=1) if lot.remaining)
        self.ended[plan.id] = PlanEnd(plan.id, day, PlanEnding.BROKEN, missed)
        amount = sum((part.principal for part in plan.parts[len(terms) :]), ZERO)
        for lot in terms:
            amount += lot.remaining
            lot.change(next_day, -lot.remaining)
        rest = self._book.owe(f"{plan.id}-ended", Component.ENDED_AGREEMENT, next_day, next_day, amount)
        rest.billed_on = next_day  # due already, and so is interest
        rest.bears = True

    def _is_open(self, plan_id: str) -> bool:
        """Whether the agreement is being kept and not fulfilled yet."""
        terms, plan = self._terms[plan_id], self._plans[plan_id]
        unpaid = len(terms) < len(plan.parts) or any(lot.remaining for lot in terms)
        return plan_id not in self.ended and unpaid
