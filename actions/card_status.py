"""Whether the card may be used, and what brings it back."""

from __future__ import annotations

from actions.base import Turn
from actions.cards import CardAction, Focus
from actions.situation import owed, situation_of
from actions.values import label
from bank.models import CardStatus


class ActionCardStatus(CardAction):
    """`ask_card_status`."""

    intent = "ask_card_status"
    general = "utter_general_card_status"

    def name(self) -> str:
        return "action_card_status"

    def about(self, turn: Turn, focus: Focus) -> None:
        summary = turn.bank.overdue(turn.customer(), focus.card.id)
        status = focus.card.status
        situation = situation_of(summary)
        reason = "overdue" if situation.is_overdue else "otherwise"
        opening = status.value if status is CardStatus.ACTIVE else f"{status.value}_{reason}"
        turn.say(
            "utter_card_status",
            **focus.values(),
            **owed(summary),
            opening=label("card_status_opening", opening),
            card_status=label("card_status", status),
            card_state=label("card_state", focus.card.state),
        )
