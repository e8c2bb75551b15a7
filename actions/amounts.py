"""How much is owed, and how much is the least to pay."""

from __future__ import annotations

from typing import Any, Dict

from rasa_sdk.events import SlotSet

from actions.base import Events, Turn
from actions.card_names import card_in_words
from actions.cards import CardAction, Focus, choose_card, last_four, most_urgent_first
from actions.situation import Situation, owed, situation_of
from actions.values import label, money
from bank.errors import NotFound
from bank.models import Card

_BUTTONS = 4


class ActionAmountDue(CardAction):
    """`ask_amount_due`: one card's figures, or all cards' where none was named."""

    intent = "ask_amount_due"

    def name(self) -> str:
        return "action_amount_due"

    def answer(self, turn: Turn) -> Events:
        if turn.customer_id is None or turn.entity("card"):
            return super().answer(turn)
        cards = turn.bank.cards(turn.customer_id)
        if len(cards) < 2 or card_in_words(cards, turn.text, last_four(turn.slot("card"))):
            return super().answer(turn)
        rows = [self._row(turn, card) for card in most_urgent_first(cards)]
        turn.say("utter_amount_all_cards", card_count=len(cards), cards=rows, first_cards=rows[:_BUTTONS])
        return [SlotSet("card", choose_card(cards, named=None, remembered=turn.slot("card")).card.last4)]

    def about(self, turn: Turn, focus: Focus) -> None:
        summary = turn.bank.overdue(turn.customer(), focus.card.id)
        situation = situation_of(summary)
        response = "utter_amount_nothing" if situation is Situation.CLEAR else "utter_amount_due"
        turn.say(
            response,
            **focus.values(),
            **owed(summary),
            opening=label("amount_opening", situation.group),
        )

    @staticmethod
    def _row(turn: Turn, card: Card) -> Dict[str, Any]:
        row = {"row_name": card.name, "row_last4": card.last4}
        try:
            summary = turn.bank.overdue(turn.customer(), card.id)
        except NotFound:  # no bill yet
            return {**row, "total": money(card.amount_due), "row_note": label("amount_row", "clear")}
        return {**row, **owed(summary), "row_note": label("amount_row", situation_of(summary).group)}
