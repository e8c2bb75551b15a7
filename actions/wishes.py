"""The second wish of a message that had two: offered once the first is dealt with."""

from __future__ import annotations

from typing import Dict, Optional

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from actions.base import BankAction, Events, Turn
from actions.conversation import responses_before
from actions.values import label

SECOND_WISH = "second_wish"
OFFER = "utter_second_wish"
#: What can be offered, and the action that answers it: that of its rule.
ANSWERED_BY: Dict[str, str] = {
    "ask_amount_due": "action_amount_due",
    "ask_application_status": "action_applications",
    "ask_autopay": "action_autopay",
    "ask_card_status": "action_card_status",
    "ask_credit_impact": "action_credit_impact",
    "ask_due_date": "action_due_date",
    "ask_late_fee": "action_late_fee",
    "ask_legal_consequence": "action_legal_consequence",
    "ask_minimum_payment": "action_minimum_payment",
    "ask_repayment_channels": "action_repayment_channels",
    "complain_collection": "action_complaint",
    "dispute_charge": "dispute_form",
    "manage_reminders": "action_reminders",
    "request_deferral": "deferral_form",
    "request_document": "action_document",
    "request_fee_waiver": "waiver_form",
    "request_human": "action_human",
    "request_instalment": "instalment_form",
}


class ActionOfferSecondWish(BankAction):
    """Says what else the customer wanted, unless it has come up since or the bank does not offer it."""

    needs_customer = False

    def name(self) -> str:
        return "action_offer_second_wish"

    def answer(self, turn: Turn) -> Events:
        wish = turn.slot(SECOND_WISH)
        if wish in ANSWERED_BY and turn.can(wish) and not _came_up(turn.tracker, wish):
            turn.say(OFFER, wish=label("intent", wish), wish_intent=wish)
        return [SlotSet(SECOND_WISH, None)]


def offered_wish(tracker: Tracker) -> Optional[str]:
    """The wish that was offered just before the present message, if one was."""
    if OFFER not in responses_before(tracker):
        return None
    for event in reversed(tracker.events):
        if event.get("event") == "slot" and event.get("name") == SECOND_WISH and event.get("value"):
            return str(event["value"])
    return None


def _came_up(tracker: Tracker, wish: str) -> bool:
    """Whether the customer has asked for it by itself since, or said it to a person."""
    resumed = False
    for event in reversed(tracker.events):
        parsed = event.get("parse_data") or {}
        resumed = resumed or event.get("event") == "resume"
        if event.get("event") == "user":
            if resumed:
                return True
            if (parsed.get("intent") or {}).get("name") == wish:
                return True
            if any(entity.get("entity") == SECOND_WISH for entity in parsed.get("entities") or []):
                return False
    return False
