"""Whether paying a little late still counts as on time: the bank's own rule, and this card's date."""

from __future__ import annotations

from actions.base import Turn
from actions.cards import CardAction, Focus
from actions.situation import if_any, owed, situation_of
from actions.values import days, label


class ActionGracePeriod(CardAction):
    """`ask_grace_period`."""

    intent = "ask_grace_period"
    general = "utter_general_grace"

    def name(self) -> str:
        return "action_grace_period"

    def about(self, turn: Turn, focus: Focus) -> None:
        summary = turn.bank.overdue(turn.customer(), focus.card.id)
        group = situation_of(summary).group
        turn.say(
            "utter_grace",
            **focus.values(),
            **owed(summary),
            opening=label("grace_opening", group if summary.grace_days else f"{group}_without"),
            grace_days=days(summary.grace_days) if summary.grace_days else None,
            tolerance=if_any(summary.shortfall_tolerance),
        )
