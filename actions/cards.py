"""Answers about one card: which card is meant, and the ground of every such answer."""

from __future__ import annotations

import re
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Dict, List, Optional

from rasa_sdk.events import SlotSet

from actions.base import BankAction, Events, Turn, ask_to_sign_in
from actions.card_names import card_in_words
from actions.customer import identity_of
from actions.values import label, money
from bank.errors import NotFound
from bank.models import AccountState, Card

_URGENCY = [AccountState.OVERDUE, AccountState.IN_GRACE, AccountState.DUE, AccountState.CURRENT]
_OTHERS_SHOWN = 2


@dataclass(frozen=True)
class Focus:
    """The card that an answer is about, the customer's other cards, most urgent first, and whether it was named."""

    card: Card
    others: List[Card]
    named: bool

    def values(self) -> Dict[str, Any]:
        """For responses: `card_name`, `last4` and `others`."""
        return {
            "card_name": self.card.name,
            "last4": self.card.last4,
            "others": [other_card(card) for card in self.others[:_OTHERS_SHOWN]],
        }


class UnknownCard(Exception):
    """The customer named a card that is not among theirs."""


def most_urgent_first(cards: List[Card]) -> List[Card]:
    """Overdue before due before settled; the longer overdue and the greater sum first."""
    return sorted(cards, key=lambda card: (_URGENCY.index(card.state), -card.days_past_due, -card.amount_due))


def choose_card(cards: List[Card], *, named: Optional[str], remembered: Optional[str], text: str = "") -> Focus:
    """The card that the customer named in this message, spoke of before, or must look after first.

    Customers name it by digits, `named`, or in the words of `text`. `cards` must not be empty. Raises `UnknownCard` if
    the digits are not of one among them.
    """
    ordered = most_urgent_first(cards)
    digits, before = last_four(named), last_four(remembered)
    wanted = _ending(ordered, digits) if digits else card_in_words(ordered, text, before)
    if digits and not wanted:
        raise UnknownCard
    card = wanted or _ending(ordered, before) or ordered[0]
    return Focus(card, [other for other in ordered if other.id != card.id], named=bool(wanted))


def last_four(text: Optional[str]) -> Optional[str]:
    """The last four digits in `text`, or `None` if it has fewer."""
    digits = re.sub(r"\D", "", str(text or ""))
    return digits[-4:] if len(digits) >= 4 else None


def _ending(cards: List[Card], last4: Optional[str]) -> Optional[Card]:
    return next((card for card in cards if last4 and card.last4 == last4), None)


def other_card(card: Card) -> Dict[str, Any]:
    """A card beside the one in focus, for rows and buttons."""
    return {
        "other_name": card.name,
        "other_last4": card.last4,
        "other_due": money(card.amount_due),
        "other_state": label("card_state", card.state),
    }


class CardAction(BankAction):
    """An answer about one of the customer's cards; `about` gives it.

    A visitor who is not signed in gets the `general` response, if there is one, else the invitation to sign in.
    """

    needs_customer = False
    intent: ClassVar[str]  # asks for this answer again, about another card
    general: ClassVar[Optional[str]] = None

    def answer(self, turn: Turn) -> Events:
        if turn.customer_id is None:
            self._answer_visitor(turn)
            return []
        if not turn.can(self.intent):
            turn.say("utter_not_offered")
            return []
        cards = turn.bank.cards(turn.customer_id)
        if not cards:
            turn.say("utter_no_card")
            return []
        try:
            focus = self.focus(turn, cards)
        except UnknownCard:
            known = [other_card(card) for card in most_urgent_first(cards)[:4]]
            turn.say("utter_card_unknown", intent=self.intent, others=known)
            return [SlotSet("card", None)]
        try:
            self.about(turn, focus)
        except NotFound:  # the contract's word for a card that has no bill yet
            turn.say("utter_no_bill", **focus.values(), intent=self.intent)
        return [SlotSet("card", focus.card.last4)]

    def focus(self, turn: Turn, cards: List[Card]) -> Focus:
        """Which of the customer's cards the answer is about. Raises `UnknownCard`."""
        return choose_card(cards, named=turn.entity("card"), remembered=turn.slot("card"), text=turn.text)

    @abstractmethod
    def about(self, turn: Turn, focus: Focus) -> None:
        """Answer about the card in focus."""

    def _answer_visitor(self, turn: Turn) -> None:
        if self.general:
            turn.say(self.general)
        else:
            ask_to_sign_in(turn.dispatcher, expired=identity_of(turn.tracker).expired)
