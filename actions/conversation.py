"""What was said before in this conversation, read from the tracker's events."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

from rasa_sdk import Tracker

from common.care import CARE_ENTITY, CARE_INTENT
from common.settings import settings

_LANGUAGES = ("zh", "en")

#: What customers want: the intents of the domain's first part, each with a title `utter_label_intent_<intent>`.
WANTS = (
    "overdue_help",
    "ask_amount_due",
    "ask_late_fee",
    "ask_credit_impact",
    "ask_due_date",
    "ask_grace_period",
    "ask_minimum_payment",
    "ask_repayment_channels",
    "ask_autopay",
    "report_payment_made",
    "request_instalment",
    "request_deferral",
    "request_fee_waiver",
    "report_hardship",
    "promise_to_pay",
    "ask_card_status",
    "ask_legal_consequence",
    "complain_collection",
    "dispute_charge",
    "request_human",
    "ask_application_status",
    "cancel_application",
    "manage_reminders",
    "request_document",
    "compare_ways",
)
FALLBACK = "nlu_fallback"
_BANK_FAILED = ("utter_bank_unavailable", "utter_request_kept", "utter_filing_unclear")


def language_of(tracker: Tracker) -> str:
    """`zh` or `en`, by the same order as the responses: asked for or written last, else the widget's, else the default.

    `dialogue.language` reads Rasa's events; this one reads the same as the action server gets them.
    """
    widget: Optional[str] = None
    for event in reversed(tracker.events):
        if event.get("event") == "slot" and event.get("name") == "language" and event.get("value") in _LANGUAGES:
            return str(event["value"])
        if event.get("event") == "user":
            written = (event.get("parse_data") or {}).get("language")
            if written in _LANGUAGES:
                return str(written)
            widget = widget or (event.get("metadata") or {}).get("language")
    return widget if widget in _LANGUAGES else settings().default_language


def intents_before(tracker: Tracker) -> List[str]:
    """The intents of the customer's earlier messages, the latest first, without the present one."""
    messages = [event for event in tracker.events if event.get("event") == "user"]
    return [_intent(message) for message in reversed(messages[:-1])]


def _intent(message: Dict[str, Any]) -> str:
    """A message with a sign of distress is nothing else, whatever its wording was taken for."""
    if any(entity.get("entity") == CARE_ENTITY for entity in (message.get("parse_data") or {}).get("entities") or []):
        return CARE_INTENT
    return str(((message.get("parse_data") or {}).get("intent") or {}).get("name") or "")


def said_before(tracker: Tracker) -> List[Dict[str, Any]]:
    """What the assistant, and no person, said last before the present message, the earliest first; empty if nothing."""
    said: List[Dict[str, Any]] = []
    for event in reversed(_before_present_message(tracker.events)):
        if event.get("event") == "bot" and not (event.get("metadata") or {}).get("agent"):
            said.insert(0, event)
        elif event.get("event") == "user" and said:
            break
    return said


def responses_before(tracker: Tracker) -> List[str]:
    """The names of the responses to the customer's message before the present one."""
    names: List[str] = []
    for event in reversed(_before_present_message(tracker.events)):
        if event.get("event") == "bot":
            names.insert(0, response_of(event))
        elif event.get("event") == "user":
            break
    return names


def all_responses(tracker: Tracker) -> List[str]:
    """The names of the responses to all messages so far."""
    return [response_of(event) for event in tracker.events if event.get("event") == "bot"]


def declined_before(tracker: Tracker) -> int:
    """How many offers the customer has turned down in this conversation, before the present message."""
    return sum(name.startswith("utter_") and name.endswith("_declined") for name in all_responses(tracker))


def is_refusal(event: Mapping[str, Any]) -> bool:
    """Whether this answer says that an offer was turned down."""
    name = response_of(event)
    return name == "utter_negotiation_failed" or (name.startswith("utter_") and name.endswith("_declined"))


def response_of(event: Mapping[str, Any]) -> str:
    """The name of the response that a bot event came from; empty if it came from none."""
    return str((event.get("metadata") or {}).get("utter_action") or "")


def bank_just_failed(tracker: Tracker) -> bool:
    """Whether the answer before the present message was that the bank does not respond."""
    return any(name.removesuffix("_again") in _BANK_FAILED for name in responses_before(tracker))


def _before_present_message(events: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    last = max((index for index, event in enumerate(events) if event.get("event") == "user"), default=0)
    return events[:last]
