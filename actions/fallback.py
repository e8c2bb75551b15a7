"""A message that was not understood: the two likeliest readings as buttons, then a person."""

from __future__ import annotations

import re

from rasa_sdk.events import FollowupAction

from actions.base import BankAction, Events, Turn
from actions.complaint_words import goes_on_with_complaint
from actions.conversation import FALLBACK, intents_before
from actions.human import ActionComplaint
from actions.readings import readings
from actions.repayment import ActionRepaymentChannels
from actions.same_answer import same_about_card
from actions.values import label

_LONG = 200  # characters
_HARDLY_MORE_THAN_A_NAME = {"zh": 10, "en": 24}  # characters
_WORDS = re.compile(r"[^\W_]")  # a letter, a digit or a character of any script


class ActionFallback(BankAction):
    """`nlu_fallback`, also pressed as “neither of these”."""

    needs_customer = False

    def name(self) -> str:
        return "action_fallback"

    def answer(self, turn: Turn) -> Events:
        if goes_on_with_complaint(turn.tracker):
            return ActionComplaint().answer(turn)
        about_card = same_about_card(turn)
        if about_card is not None:
            return about_card
        if _only_names_way_to_pay(turn):
            return [FollowupAction(ActionRepaymentChannels(turn.bank).name())]
        text = (turn.tracker.latest_message.get("text") or "").strip()
        pressed_neither = text.startswith(f"/{FALLBACK}")
        again = intents_before(turn.tracker)[:1] == [FALLBACK]
        found = readings(turn.tracker.latest_message.get("intent_ranking") or [])
        if pressed_neither or again or not found:
            turn.say("utter_fallback_human" if pressed_neither or again else "utter_fallback_no_reading")
        elif not _has_words(turn):
            turn.say("utter_fallback_no_words")
        else:
            how = "long" if len(text) > _LONG else "plain"
            turn.say("utter_fallback", opening=label("fallback_opening", how), readings=found)
        return []


class ActionOutOfScope(BankAction):
    """`out_of_scope`: says what the assistant is for, unless the customer goes on telling of a complaint."""

    needs_customer = False

    def name(self) -> str:
        return "action_out_of_scope"

    def answer(self, turn: Turn) -> Events:
        if goes_on_with_complaint(turn.tracker):
            return ActionComplaint().answer(turn)
        if _only_names_way_to_pay(turn):
            return [FollowupAction(ActionRepaymentChannels(turn.bank).name())]
        about_card = same_about_card(turn)
        if about_card is None:
            turn.say("utter_out_of_scope" if _has_words(turn) else "utter_fallback_no_words")
        return about_card or []


def _has_words(turn: Turn) -> bool:
    return bool(_WORDS.search(str(turn.tracker.latest_message.get("text") or "")))


def _only_names_way_to_pay(turn: Turn) -> bool:
    """“支付宝可以吗”, “what about Alipay?”: who writes more about it may want something else of it."""
    longest = _HARDLY_MORE_THAN_A_NAME["en" if turn.text.isascii() else "zh"]
    return turn.entity("channel") is not None and 0 < len(turn.text) <= longest
