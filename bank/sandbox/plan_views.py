"""Running plans, and how the account will stand, in the shapes of the contract."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import List, Union

from bank.models import Plan, PlanKind, PlanPart, ProjectedPayment, Projection
from bank.sandbox.accounts import CardAccount
from bank.sandbox.ledger.agreement import collection_paused
from bank.sandbox.ledger.money import ZERO
from bank.sandbox.ledger.plans import PlanState, plan_state
from bank.sandbox.ledger.projection import all_to_pay, minimum_to_pay, project
from bank.sandbox.problems import invalid, not_found

_FARTHEST = timedelta(days=366)  # by the contract


def running_plans(of: CardAccount) -> List[PlanState]:
    """The plans that have begun and are neither paid nor ended."""
    states = [plan_state(plan, of.history, of.policy, of.account) for plan in of.history.plans]
    return [each for each in states if each.ended is None and not each.completed]


def plans(of: CardAccount) -> List[Plan]:
    """The running plans, the latest first."""
    newest_first = sorted(running_plans(of), key=lambda each: (each.plan.started_on, each.plan.id), reverse=True)
    return [_plan(of, each) for each in newest_first]


def _plan(of: CardAccount, state: PlanState) -> Plan:
    kind = PlanKind(state.plan.kind.value)
    return Plan(
        reference=state.plan.id,
        kind=kind,
        card_id=of.card["id"],
        amount=state.plan.amount,
        terms=len(state.plan.parts),
        terms_billed=state.terms_billed,
        remaining_principal=state.remaining_principal,
        remaining_interest=state.remaining_interest,
        next_due_on=state.next_due_on,
        next_amount=state.next_amount,
        collection_paused=kind is PlanKind.AGREEMENT and collection_paused(of.account, of.history),
        schedule=[
            PlanPart(
                number=term.number,
                due_on=term.due_on,
                principal=term.part.principal,
                interest=term.part.interest,
                total=term.part.principal + term.part.interest,
                status=term.status,
            )
            for term in state.schedule
        ],
    )


def projection(of: CardAccount, on: date, pay: Union[ProjectedPayment, Decimal]) -> Projection:
    """What is owed on that day if `pay` (a sum in yuan, or what it stands for) is paid today and nothing after.

    Raises Problem `invalid-request` for a day that has passed or is too far, `not-found` while there is no bill.
    """
    if not of.today <= on <= of.today + _FARTHEST:
        raise invalid("on", "must be today or at most 366 days later")
    if not of.has_bill:
        raise not_found("bill yet")
    pays = _pays(of, pay)
    found = project(of.history_until(on), of.policy, of.today, on, pays)
    then = found.position
    return Projection(
        card_id=of.card["id"],
        on=on,
        pay=pay,
        pays=pays,
        principal=then.principal,
        interest=then.interest,
        late_fee=then.late_fee,
        other_fees=then.other_fees,
        total=then.total,
        remaining_minimum=then.remaining_minimum,
        days_past_due=then.days_past_due,
        bucket=then.bucket,
        state=then.state,
        credit_code=found.credit_code,
    )


def _pays(of: CardAccount, pay: Union[ProjectedPayment, Decimal]) -> Decimal:
    if not isinstance(pay, ProjectedPayment):
        return pay
    if pay is ProjectedPayment.NOTHING:
        return ZERO
    known = of.history_until(of.today + _FARTHEST)
    to_pay = minimum_to_pay if pay is ProjectedPayment.MINIMUM else all_to_pay
    return to_pay(known, of.policy, of.today)
