"""Paying only the minimum: whether that is enough and what it costs."""

from __future__ import annotations

from actions.base import Turn
from actions.cards import CardAction, Focus
from actions.situation import Situation, owed, rates, situation_of
from actions.values import label


class ActionMinimumPayment(CardAction):
    """`ask_minimum_payment`."""

    intent = "ask_minimum_payment"
    general = "utter_general_minimum"

    def name(self) -> str:
        return "action_minimum_payment"

    def about(self, turn: Turn, focus: Focus) -> None:
        summary = turn.bank.overdue(turn.customer(), focus.card.id)
        situation = situation_of(summary)
        turn.say(
            "utter_minimum_nothing" if situation is Situation.CLEAR else "utter_minimum",
            **focus.values(),
            **owed(summary),
            **rates(summary),
            opening=label("minimum_opening", situation.group),
            basis_rule=label("interest_basis", summary.interest_basis),
        )
