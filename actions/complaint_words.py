"""A complaint in the customer's own words, for the person who takes it up."""

from __future__ import annotations

from typing import Any, List, Mapping, Sequence

from rasa_sdk import Tracker

from actions.conversation import FALLBACK, response_of, responses_before

COMPLAINT_INTENT = "complain_collection"
#: What a customer who goes on telling is likely to be taken for.
GOES_ON = ("out_of_scope", FALLBACK)
_RECORDED = ("utter_complaint", "utter_complaint_more")
_LONGEST = 1000  # characters of one message
_MOST = 20  # messages


def goes_on_with_complaint(tracker: Tracker) -> bool:
    """Whether this message follows the answer to a complaint and has no reading of its own."""
    intent = (tracker.latest_message.get("intent") or {}).get("name")
    written = not str(tracker.latest_message.get("text") or "").startswith("/")
    return written and intent in GOES_ON and any(name in _RECORDED for name in responses_before(tracker))


def complained_before(tracker: Tracker) -> bool:
    """Whether a complaint of this conversation is on record already, as its latest answers say."""
    return any(response_of(event) in _RECORDED for event in tracker.events if event.get("event") == "bot")


def complaint_words(events: Sequence[Mapping[str, Any]]) -> List[str]:
    """What the customer wrote as the complaint, message by message."""
    words: List[str] = []
    said: List[str] = []
    for event in events:
        if event.get("event") == "bot":
            said.append(response_of(event))
        elif event.get("event") == "user":
            text = str(event.get("text") or "")
            intent = str(((event.get("parse_data") or {}).get("intent") or {}).get("name") or "")
            told = intent == COMPLAINT_INTENT or (intent in GOES_ON and any(name in _RECORDED for name in said))
            if told and not text.startswith("/"):
                words.append(text[:_LONGEST])
            said = []
    return words[-_MOST:]
