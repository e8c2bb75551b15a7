"""Questions about instalments: which one is next and how many are left, and what it costs to settle them early."""

from __future__ import annotations

import re
from typing import List

from actions.applications import ActionApplications
from actions.base import Events, Turn, ask_to_sign_in
from actions.customer import identity_of
from actions.filed import on_file
from actions.plans import NEEDS as PLAN_NEEDS
from actions.plans import SETTLEMENT_NEEDS, plan_values, plans_on, settlement_values, settlements
from actions.repayment import ActionRepaymentChannels
from bank.models import Plan

_FORMS = ("instalment_form", "agreement_form")
_OF_PLANS = re.compile(r"分期|结清|instal|plan|settle", re.IGNORECASE)


def tell_schedule(turn: Turn) -> Events:
    """What comes next: of the offer that is being asked for, else of the plans that run, else of one in review."""
    if turn.customer_id is None:
        ask_to_sign_in(turn.dispatcher, expired=identity_of(turn.tracker).expired)
    elif turn.tracker.active_loop_name in _FORMS:
        offer = turn.slot("offer")
        values = offer["values"] if offer else {}
        turn.say("utter_first_instalment_due" if "first_due_on" in values else "utter_cost_follows", **values)
    elif turn.has(PLAN_NEEDS):
        _tell_plans(turn)
    else:
        return ActionApplications(turn.bank).answer(turn)
    return []


def _tell_plans(turn: Turn) -> None:
    plans = _plans(turn)
    for plan in plans:
        turn.say("utter_plan", **plan_values(plan))
    if not plans:
        waiting = [each.values for each in on_file(turn) if each.withdrawable and each.values.get("terms")]
        turn.say("utter_plan_in_review" if waiting else "utter_no_plan", **(waiting[0] if waiting else {}))


def _plans(turn: Turn) -> List[Plan]:
    return plans_on(turn, [card.id for card in turn.bank.cards(turn.customer())])


def tell_early_settlement(turn: Turn) -> Events:
    """What ending each plan that runs costs today; in general in a request, or where none can end early.

    Who has no plan and does not even speak of one wishes to pay the bill.
    """
    if turn.customer_id is None or turn.tracker.active_loop_name:
        turn.say("utter_about_early_settlement")
        return []
    plans = _plans(turn) if turn.has(SETTLEMENT_NEEDS) else []
    if not plans and not _OF_PLANS.search(turn.text):
        return ActionRepaymentChannels(turn.bank).answer(turn)
    quotes = settlements(turn, plans)
    for quote in quotes:
        turn.say("utter_early_settlement", **settlement_values(quote))
    if not quotes:
        turn.say("utter_about_early_settlement")
    return []
