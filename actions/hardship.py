"""No money to repay: what is possible here now, and a person for what is not."""

from __future__ import annotations

from typing import Optional

from actions.base import Turn
from actions.cards import CardAction, Focus
from actions.handover import offer_person
from actions.situation import owed, situation_of, ways_out
from actions.values import label
from bank.errors import NotEligible, NotOffered
from bank.models import ReasonClass

_COMFORTED = (ReasonClass.UNEMPLOYMENT, ReasonClass.ILLNESS, ReasonClass.UNSTABLE_INCOME, ReasonClass.OTHER_DEBTS)


class ActionHardship(CardAction):
    """`report_hardship`."""

    intent = "report_hardship"
    general = "utter_general_hardship"

    def name(self) -> str:
        return "action_hardship"

    def about(self, turn: Turn, focus: Focus) -> None:
        summary = turn.bank.overdue(turn.customer(), focus.card.id)
        ways = ways_out(turn, focus.card)
        turn.say(
            "utter_hardship",
            **focus.values(),
            **owed(summary),
            **ways.values(),
            can_agreement=_would_agree(turn, focus),
            can_declare=bool(summary.total) and turn.can("declare_hardship"),
            comfort=label("hardship_comfort", hard_reason(turn) or "any"),
            standing=label("hardship_standing", situation_of(summary).group),
            advice=label("hardship_advice", "requests" if ways.instalment or ways.deferral else "person"),
        )
        offer_person(turn, summary, ways)


def _would_agree(turn: Turn, focus: Focus) -> bool:
    """Whether the bank would consider a personalised agreement for the card now."""
    if not turn.can("request_agreement"):
        return False
    try:
        return bool(turn.bank.agreement_quotes(turn.customer(), focus.card.id))
    except (NotEligible, NotOffered):
        return False


def comfort(turn: Turn) -> None:
    """Words of understanding before an answer to something else, if this message tells of a hard situation."""
    kind = hard_reason(turn)
    if kind:
        turn.say("utter_comfort", comfort=label("hardship_comfort", kind))


def hard_reason(turn: Turn) -> Optional[str]:
    """The hard situation that this message tells of, if any; the entity may hold anything, as it can be typed."""
    return next((kind.value for kind in _COMFORTED if kind.value == turn.entity("reason")), None)
