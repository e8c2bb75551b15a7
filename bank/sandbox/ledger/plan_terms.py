"""A plan's parts by number: which are billed, and what the rest of them costs at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Optional, Sequence

from bank.models import PlanKind
from bank.sandbox.ledger.money import ZERO, cents
from bank.sandbox.ledger.records import Bill, Plan, PlanEnd
from bank.sandbox.policy_relief import EarlySettlementTerms


@dataclass(frozen=True)
class Rest:
    """What is to pay if a plan is ended early, yuan."""

    principal: Decimal
    interest: Decimal
    fee: Decimal
    interest_saved: Decimal  # which the plan would have charged if it ran to its end


def term_id(plan: Plan, number: int) -> str:
    """The id of the debt that the part of that number became, counted from 1."""
    return f"{plan.id}-{number}"


def interest_id(debt_id: str) -> str:
    """The id of the interest that is charged together with a plan's principal."""
    return f"{debt_id}-interest"


def rest_id(plan: Plan) -> str:
    """The id of the debt that the rest of a plan became when it was settled early."""
    return f"{plan.id}-rest"


def fee_id(plan: Plan) -> str:
    """The id of the fee for settling a plan early."""
    return f"{plan.id}-rest-fee"


def terms_billed(plan: Plan, bills: Sequence[Bill], end: Optional[PlanEnd]) -> int:
    """How many parts stand on `bills`; none on a bill of the day of its `end` or later."""
    first = plan.last_day_before
    last = date.max if end is None else end.ended_on
    return min(sum(first < bill.statement_date < last for bill in bills), len(plan.parts))


def rest_at_once(plan: Plan, billed: int, terms: EarlySettlementTerms) -> Rest:
    """What is to pay for the parts after the first `billed` ones.

    Interest is due for the term that has begun, or for all if the issuer charges all. An agreement costs no fee and
    only the begun term: it exists because the customer cannot pay more.
    """
    parts = plan.parts[billed:]
    principal = sum((part.principal for part in parts), ZERO)
    all_interest = sum((part.interest for part in parts), ZERO)
    interest, fee = all_interest, cents(principal * terms.fee_rate)
    if plan.kind is PlanKind.AGREEMENT or not terms.charges_remaining_interest:
        interest = parts[0].interest if parts else ZERO
    if plan.kind is PlanKind.AGREEMENT:
        fee = ZERO
    return Rest(principal, interest, fee, all_interest - interest)
