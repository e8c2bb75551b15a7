"""What it costs to pay the rest of a running plan at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bank.sandbox.ledger.cycle import due_date, statement_dates
from bank.sandbox.ledger.plan_terms import rest_at_once, terms_billed
from bank.sandbox.ledger.records import History
from bank.sandbox.ledger.replay import replay
from bank.sandbox.policy import Policy


class NothingToSettle(ValueError):
    """The plan is not known, has not begun, has ended, or all of it stands on bills."""


@dataclass(frozen=True)
class EarlySettlement:
    """The price of ending a plan on `as_of`. `remaining_principal + interest_due + fee == total`."""

    plan_id: str
    as_of: date
    remaining_principal: Decimal
    interest_due: Decimal
    fee: Decimal
    total: Decimal
    interest_saved: Decimal  # which the plan would have charged if it ran to its end
    due_on: date  # of the next bill, on which `total` stands


def early_settlement(history: History, policy: Policy, plan_id: str, as_of: date) -> EarlySettlement:
    """What `Settlement(plan_id, as_of)` would charge. Parts that are billed already are not in it.

    Raises NothingToSettle.
    """
    plan = next((each for each in history.plans if each.id == plan_id and each.started_on <= as_of), None)
    if plan is None:
        raise NothingToSettle(f"no plan {plan_id} runs")
    account = replay(history, policy, as_of)
    if any(each.plan_id == plan_id for each in account.ended_plans):
        raise NothingToSettle(f"{plan_id} has ended")
    rest = rest_at_once(plan, terms_billed(plan, account.bills, None), policy.early_settlement)
    if not rest.principal:
        raise NothingToSettle(f"all of {plan_id} is billed")
    return EarlySettlement(
        plan_id=plan_id,
        as_of=as_of,
        remaining_principal=rest.principal,
        interest_due=rest.interest,
        fee=rest.fee,
        total=rest.principal + rest.interest + rest.fee,
        interest_saved=rest.interest_saved,
        due_on=due_date(next(statement_dates(as_of, history.statement_day)), policy.billing),
    )
