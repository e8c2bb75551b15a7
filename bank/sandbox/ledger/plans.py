"""Where a plan stands: which instalments are billed, which are paid, and what is to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Mapping, Optional, Tuple

from bank.models import PlanPartStatus
from bank.sandbox.ledger.instalment import Dated, dated
from bank.sandbox.ledger.money import ZERO
from bank.sandbox.ledger.plan_terms import fee_id, interest_id, rest_id, term_id, terms_billed
from bank.sandbox.ledger.records import Account, History, Part, Plan, PlanEnd, PlanEnding
from bank.sandbox.policy import Policy


@dataclass(frozen=True)
class PlanTerm:
    """One instalment; `outstanding` is what of it is billed and not paid, yuan.

    An instalment that was missed when an agreement broke counts as billed, but is owed as a part of the rest.
    """

    number: int
    due_on: date
    part: Part
    status: PlanPartStatus
    outstanding: Decimal


@dataclass(frozen=True)
class PlanState:
    """A plan as it stands. `remaining_…` and `next_…` are of the parts that are not billed yet."""

    plan: Plan
    terms_billed: int
    remaining_principal: Decimal
    remaining_interest: Decimal
    next_due_on: Optional[date]
    next_amount: Optional[Decimal]
    schedule: Tuple[PlanTerm, ...]  # of a plan that ended early: the parts that were billed until then
    ended: Optional[PlanEnd]  # before its last part was billed
    rest_unpaid: Decimal  # of what was charged when it was settled early

    @property
    def completed(self) -> bool:
        """Whether all of it is paid, in parts or early."""
        if self.ended is not None and self.ended.how is PlanEnding.BROKEN:
            return False
        return not self.rest_unpaid and all(term.status is PlanPartStatus.PAID for term in self.schedule)


def plan_state(plan: Plan, history: History, policy: Policy, account: Account) -> PlanState:
    """How `plan` stands in `account`, which was replayed from `history` and `policy`."""
    end = next((each for each in account.ended_plans if each.plan_id == plan.id), None)
    billed = terms_billed(plan, account.bills, end)
    owed = {debt.id: debt.remaining for debt in account.debts}
    due = dated(plan.parts, plan.last_day_before, history.statement_day, policy.billing)
    to_come = [] if end is not None else due[billed:]
    shown = due[:billed] if end is not None else due
    return PlanState(
        plan=plan,
        terms_billed=billed,
        remaining_principal=sum((each.part.principal for each in to_come), ZERO),
        remaining_interest=sum((each.part.interest for each in to_come), ZERO),
        next_due_on=to_come[0].due_on if to_come else None,
        next_amount=to_come[0].part.principal + to_come[0].part.interest if to_come else None,
        schedule=tuple(_term(plan, each, billed, owed, end) for each in shown),
        ended=end,
        rest_unpaid=sum((owed.get(id, ZERO) for id in _ids_of_the_rest(plan)), ZERO),
    )


def _term(plan: Plan, due: Dated, billed: int, owed: Mapping[str, Decimal], end: Optional[PlanEnd]) -> PlanTerm:
    id = term_id(plan, due.number)
    outstanding = owed.get(id, ZERO) + owed.get(interest_id(id), ZERO)
    missed = end is not None and due.number in end.missed
    if due.number > billed:
        status = PlanPartStatus.TO_COME
    else:
        status = PlanPartStatus.BILLED if outstanding or missed else PlanPartStatus.PAID
    return PlanTerm(due.number, due.due_on, due.part, status, outstanding)


def _ids_of_the_rest(plan: Plan) -> Tuple[str, ...]:
    return rest_id(plan), interest_id(rest_id(plan)), fee_id(plan)
