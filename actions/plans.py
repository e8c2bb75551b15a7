"""Instalments and agreements that run: what comes next, how much is left, when they end, what ending them costs."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Dict, Iterable, List

from actions.base import Turn
from actions.values import day, label, moment, money
from bank.errors import NotEligible
from bank.models import EarlySettlement, Plan, PlanPart, PlanPartStatus
from common import clock

#: What the bank has to offer for any of it to be known.
NEEDS = ("plans",)
SETTLEMENT_NEEDS = (*NEEDS, "early_settlement")


def plans_on(turn: Turn, card_ids: Iterable[str]) -> List[Plan]:
    """The plans that run on these cards. Raises `BankError`."""
    return [plan for card_id in card_ids for plan in turn.bank.plans(turn.customer(), card_id)]


def plan_values(plan: Plan) -> Dict[str, Any]:
    """How it runs, beside what is said of its request; what does not apply is `None`.

    What is next is the first part that is not paid, although it may be billed already.
    """
    part = next((each for each in plan.schedule if each.status is not PlanPartStatus.PAID), None)
    return {
        "reference": plan.reference,
        "kind": label("plan", plan.kind),
        "next_part": label("plan_next", _how(part) if part else "none"),
        "next_number": part.number if part else None,
        "next_due_on": day(part.due_on) if part else None,
        "next_amount": money(part.total) if part else None,
        "terms": plan.terms,
        "terms_billed": plan.terms_billed,
        "remaining_principal": money(plan.remaining_principal),
        "remaining_interest": money(plan.remaining_interest),
        "last_due_on": day(plan.schedule[-1].due_on),
    }


def settlements(turn: Turn, plans: Iterable[Plan]) -> List[EarlySettlement]:
    """What it costs today to end each of these plans that the bank lets end early. Raises `BankError`."""
    found = []
    for plan in plans:
        with suppress(NotEligible):
            found.append(turn.bank.early_settlement(turn.customer(), plan.card_id, reference=plan.reference))
    return found


def settlement_values(quote: EarlySettlement) -> Dict[str, Any]:
    """Everything that the bank says of it."""
    return {
        "reference": quote.reference,
        "as_of": day(quote.as_of),
        "remaining_principal": money(quote.remaining_principal),
        "interest_due": money(quote.interest_due),
        "fee": money(quote.fee),
        "total": money(quote.total),
        "interest_saved": money(quote.interest_saved),
        "valid_until": moment(quote.valid_until),
    }


def _how(part: PlanPart) -> str:
    return "overdue" if part.due_on < clock.today() else part.status.value
