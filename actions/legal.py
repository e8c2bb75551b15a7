"""What may follow from not paying: factual, and what protects the customer."""

from __future__ import annotations

from actions.base import Turn
from actions.cards import CardAction, Focus
from actions.situation import owed, situation_of, ways_out
from actions.values import label


class ActionLegalConsequence(CardAction):
    """`ask_legal_consequence`."""

    intent = "ask_legal_consequence"
    general = "utter_general_legal"

    def name(self) -> str:
        return "action_legal_consequence"

    def about(self, turn: Turn, focus: Focus) -> None:
        summary = turn.bank.overdue(turn.customer(), focus.card.id)
        situation = situation_of(summary)
        ways = ways_out(turn, focus.card).values() if situation.is_overdue else {}
        turn.say(
            "utter_legal",
            **focus.values(),
            **owed(summary),
            **ways,
            opening=label("legal_opening", "overdue" if situation.is_overdue else "not_overdue"),
        )
