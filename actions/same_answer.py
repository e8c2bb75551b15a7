"""The last answer again, about another card: "and the travel card?", 另一张呢."""

from __future__ import annotations

import logging
from typing import Optional

from rasa_sdk.events import FollowupAction

from actions.base import Events, Turn
from actions.card_names import card_in_words, speaks_of_card
from actions.cards import CardAction, last_four
from bank.errors import BankError

logger = logging.getLogger(__name__)

_FIRST = "action_amount_due"  # where no answer came before
_LONGEST = 30  # characters; who writes more says more than which card


def same_about_card(turn: Turn) -> Optional[Events]:
    """Goes on with the answer that the customer had last, if this message does nothing but name a card."""
    if turn.customer_id is None or len(turn.text) > _LONGEST or not _names_card(turn, turn.customer_id):
        return None
    return [FollowupAction(_last_answer(turn))]


def _names_card(turn: Turn, customer_id: str) -> bool:
    if last_four(turn.entity("card")):
        return True
    if not speaks_of_card(turn.text):
        return False
    try:
        cards = turn.bank.cards(customer_id)
    except BankError as error:  # not understanding is answered without the bank
        logger.info("the customer's cards are not known: %s", type(error).__name__)
        return False
    return card_in_words(cards, turn.text, last_four(turn.slot("card"))) is not None


def _last_answer(turn: Turn) -> str:
    answers = {action().name() for action in CardAction.__subclasses__()}
    done = (event.get("name") for event in reversed(turn.tracker.events) if event.get("event") == "action")
    return next((str(name) for name in done if name in answers), _FIRST)
