"""Statement date, due date, and days past due."""

from __future__ import annotations

from actions.base import Turn
from actions.cards import CardAction, Focus
from actions.situation import owed, situation_of
from actions.values import label


class ActionDueDate(CardAction):
    """`ask_due_date`."""

    intent = "ask_due_date"

    def name(self) -> str:
        return "action_due_date"

    def about(self, turn: Turn, focus: Focus) -> None:
        summary = turn.bank.overdue(turn.customer(), focus.card.id)
        situation = situation_of(summary)
        turn.say(
            "utter_due_date",
            **focus.values(),
            **owed(summary),
            opening=label("dates_opening", situation.group),
        )
