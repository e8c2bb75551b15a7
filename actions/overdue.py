"""What to do when a card is overdue: a summary from the bank, then the ways out that the bank would take."""

from __future__ import annotations

from typing import Any, Dict, Optional

from actions.base import Turn
from actions.cards import CardAction, Focus
from actions.credit import credit_values
from actions.handover import offer_person
from actions.situation import Situation, WaysOut, ask_ways_out, owed, situation_of
from actions.together import ask
from actions.values import label, money
from bank.errors import NotOffered
from bank.models import Application, ApplicationKind, ApplicationStatus, Card, OverdueSummary

_NO_WAYS = WaysOut(instalment=False, deferral=False)
_PAYMENT_COMING = "payment_coming"  # the minimum is covered by what is on its way
_NO_REQUESTS = "overdue_no_requests"  # the bank takes none here


class ActionOverdueHelp(CardAction):
    """`overdue_help`."""

    intent = "overdue_help"
    general = "utter_general_overdue"

    def name(self) -> str:
        return "action_overdue_help"

    def about(self, turn: Turn, focus: Focus) -> None:
        card = focus.card
        asked = ask(turn.bank.overdue, turn.customer(), card.id)
        credit, plan, quoted = (
            ask(_credit_values, turn, card),
            ask(running_plan, turn, card.id),
            ask_ways_out(turn, card),
        )
        summary = asked.result()
        situation = situation_of(summary)
        ways = _NO_WAYS if situation is Situation.CLEAR else quoted()
        opening = _opening(summary, situation, ways)
        mention_payment = summary.pending_payments and opening != _PAYMENT_COMING
        turn.say(
            f"utter_overdue_{situation.group}",
            **focus.values(),
            **owed(summary),
            **ways.values(),
            **credit.result(),
            **_plan_values(plan.result()),
            opening=label("overdue_opening", opening),
            pending_note=label("overdue_pending", "some") if mention_payment else "",
            show_fees=not focus.others,
            can_compare=situation is not Situation.CLEAR and len(focus.others) <= 1,
        )
        offer_person(turn, summary, ways)


def _credit_values(turn: Turn, card: Card) -> Dict[str, Any]:
    """The line about the credit report, which is left out where the bank does not offer it."""
    if not turn.can("ask_credit_impact"):
        return {"credit_line": None}
    try:
        return credit_values(turn.bank.credit_report(turn.customer(), card.id))
    except NotOffered:
        return {"credit_line": None}


def _opening(summary: OverdueSummary, situation: Situation, ways: WaysOut) -> str:
    if summary.remaining_minimum and summary.pending_payments >= summary.remaining_minimum:
        return _PAYMENT_COMING
    if situation.is_overdue and not ways.offered:
        return _NO_REQUESTS
    return (Situation.OVERDUE_LONG if situation.is_overdue and ways.too_long else situation).value


def running_plan(turn: Turn, card_id: str) -> Optional[Application]:
    """The instalment plan that is running on this card, if any, as far as the bank offers to say."""
    if not turn.can("ask_application_status"):
        return None
    try:
        applications = turn.bank.applications(turn.customer())
    except NotOffered:
        return None
    return next(
        (
            application
            for application in applications
            if application.kind is ApplicationKind.INSTALMENT
            and application.status is ApplicationStatus.ACTIVE
            and application.card_id == card_id
        ),
        None,
    )


def _plan_values(plan: Optional[Application]) -> Dict[str, Any]:
    if plan is None:
        return {"plan": None}
    return {"plan": plan.reference, "plan_amount": money(plan.amount), "plan_per_term": money(plan.per_term)}
