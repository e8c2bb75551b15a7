"""A conversation begins, or goes on after a pause (`session_config` in the domain)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Dict

from rasa_sdk.events import ActionExecuted, ConversationPaused, SessionStarted, SlotSet

from actions.base import BankAction, Events, Turn
from actions.form_turn import PARKED
from actions.parked import left_for_later, parked_values
from actions.values import day, money

RETURNED = "returned"
_KEPT = ("language", "card")


class ActionSessionStart(BankAction):
    """`action_session_start`: the request that was in progress waits to be taken up, all else begins anew.

    While a person has the conversation or is on the way the assistant stays silent.

    Rasa's own would carry over every value that any slot ever had: a proof and a key of last month, too.
    """

    needs_customer = False

    def name(self) -> str:
        return "action_session_start"

    def answer(self, turn: Turn) -> Events:
        waiting = left_for_later(turn)
        kept = {slot: turn.slot(slot) for slot in _KEPT}
        carried = {**kept, PARKED: waiting or None, RETURNED: bool(waiting) or None}
        slots = [SlotSet(slot, value) for slot, value in carried.items() if value is not None]
        silence = [ConversationPaused()] if turn.tracker.is_paused() else []  # a new session would end it
        return [SessionStarted(), *silence, *slots, ActionExecuted("action_listen")]


class ActionOfferWaiting(BankAction):
    """Says once, after the first answer to a customer who came back, what was left unfinished, and offers to go on."""

    needs_customer = False

    def name(self) -> str:
        return "action_offer_waiting"

    def answer(self, turn: Turn) -> Events:
        waiting = turn.slot(PARKED)
        if waiting and _is_unclear(waiting[-1]["slots"]):
            turn.say("utter_request_from_before_unclear", **parked_values(waiting))
        elif waiting:
            entered = _entered(waiting[-1]["slots"]) if turn.customer_id else {}
            turn.say("utter_request_from_before", **parked_values(waiting), **entered)
        return [SlotSet(RETURNED, None)]


def _is_unclear(slots: Dict[str, Any]) -> bool:
    """Whether the request was sent and the bank's answer is missing: only then its key was kept."""
    return "idempotency_key" in slots


def _entered(slots: Dict[str, Any]) -> Dict[str, Any]:
    """What the customer had entered so far, as far as it is said in a word; what was not entered is left out."""
    amount, when = slots.get("amount"), slots.get("pay_on") or slots.get("date")
    found = {
        "entered_card": (slots.get("request_card") or {}).get("last4"),
        "entered_terms": slots.get("term"),
        "entered_amount": money(Decimal(amount)) if amount and amount[0].isdecimal() else None,
        "entered_day": day(date.fromisoformat(when)) if when else None,
    }
    return {name: value for name, value in found.items() if value is not None}
