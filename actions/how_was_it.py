"""How it was: asked once, as a customer whom the assistant could help says thanks or goodbye; and the answer.

On the web chat the answer comes by the stars under the question, elsewhere by its buttons.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any, Dict, List, Mapping, Optional

from rasa_sdk import Tracker

from actions.base import BankAction, Events, Turn
from actions.complaint_words import COMPLAINT_INTENT
from actions.conversation import WANTS, response_of
from actions.form_turn import PARKED
from actions.handover import CARE, COMPLAINT, FRAUD
from actions.session import RETURNED
from actions.wishes import SECOND_WISH
from bank.client import BankClient
from bank.errors import BankError, NotOffered
from common import clock
from common.care import CARE_ENTITY, CARE_INTENT
from common.rating import asks_for_rating, rating_key
from common.settings import settings
from desk.client import DeskClient, DeskError, desk_client

logger = logging.getLogger(__name__)

_WITH_STARS = ("webchat",)  # channels whose page shows them
_OPEN = (PARKED, RETURNED, SECOND_WISH, "failed_action")
#: Whoever was in such a need is not asked for a mark.
_CONCERNS = frozenset({COMPLAINT, CARE, FRAUD})
#: What the assistant cannot take credit for.
_FOR_PEOPLE = frozenset({"request_human", COMPLAINT_INTENT})
_NO_HELP = (
    "utter_fallback",
    "utter_bank_unavailable",
    "utter_technical_problem",
    "utter_request_kept",
    "utter_filing_unclear",
    "utter_sign_in_needed",
    "utter_sign_in_expired",
    "utter_sign_in_to_go_on",
    "utter_not_offered",
    "utter_out_of_scope",
    "utter_stopped",
    "utter_anger_calm",
)
_LOW = 2  # stars, and less: perhaps a person can help


class ActionHowWasIt(BankAction):
    """After `thank` and `goodbye`. Says nothing where it is not the moment to ask, or where that is not certain."""

    needs_customer = False

    def __init__(self, bank: Optional[BankClient] = None, desk: Optional[DeskClient] = None) -> None:
        super().__init__(bank)
        self._desk = desk

    def name(self) -> str:
        return "action_how_was_it"

    def answer(self, turn: Turn) -> Events:
        if _is_moment(turn) and self._may_be_asked(turn):
            by_stars = turn.tracker.get_latest_input_channel() in _WITH_STARS
            turn.say("utter_how_was_it" if by_stars else "utter_how_was_it_by_buttons")
        return []

    def _may_be_asked(self, turn: Turn) -> bool:
        """Whether nobody is wanted, and the customer neither complained nor asked to be left alone."""
        if settings().desk_provider != "desk":
            return False  # nobody would learn of it
        desk = self._desk or desk_client()
        try:
            if desk.is_wanted(turn.tracker.sender_id):
                return False
            if turn.customer_id is None:
                return True
            return not (_CONCERNS & desk.triggers(turn.customer_id)) and not _wants_quiet(turn)
        except (DeskError, BankError) as error:
            logger.info("it is not asked how it was: %s", type(error).__name__)
            return False


class ActionRate(BankAction):
    """`rate`: the answer by a button. A second one takes the first one's place."""

    needs_customer = False

    def __init__(self, bank: Optional[BankClient] = None, desk: Optional[DeskClient] = None) -> None:
        super().__init__(bank)
        self._desk = desk

    def name(self) -> str:
        return "action_rate"

    def answer(self, turn: Turn) -> Events:
        """Raises `DeskError` if it could not be kept: the customer is told."""
        stars, asked = turn.entity("stars"), _asked_at(turn.tracker)
        if asked is None or stars not in ("1", "2", "3", "4", "5"):
            turn.say("utter_rating_over")
            return []
        moment = datetime.fromtimestamp(asked, clock.BANK_ZONE)
        (self._desk or desk_client()).rate(turn.tracker.sender_id, rating_key(asked), moment, int(stars))
        turn.say("utter_rated_low" if int(stars) <= _LOW else "utter_rated")
        return []


def _is_moment(turn: Turn) -> bool:
    """Whether something was answered or filed, nothing is open, and it was not asked before in this conversation."""
    tracker = turn.tracker
    if tracker.active_loop_name or any(turn.slot(name) for name in _OPEN):
        return False
    exchanges = _exchanges(tracker.events)
    if any(asks_for_rating(said) for _, answers in exchanges for said in answers):
        return False
    if any(_is_concern(message) for message, _ in exchanges):
        return False
    before = exchanges[:-1]  # the last is this one
    return any(_is_help(*each) for each in before) and not _failed(before[-1][1])


def _exchanges(events: List[Dict[str, Any]]) -> "List[tuple[Dict[str, Any], List[Dict[str, Any]]]]":
    """Each message of the customer with what was said to it. What was said before the first has an empty one."""
    found: "List[tuple[Dict[str, Any], List[Dict[str, Any]]]]" = [({}, [])]
    for event in events:
        if event.get("event") == "user":
            found.append((event, []))
        elif event.get("event") == "bot":
            found[-1][1].append(event)
    return found


def _is_help(message: Mapping[str, Any], answers: List[Dict[str, Any]]) -> bool:
    intent = _intent(message)
    return intent in WANTS and intent not in _FOR_PEOPLE and bool(answers) and not _failed(answers)


def _failed(answers: List[Dict[str, Any]]) -> bool:
    return any(response_of(said).startswith(_NO_HELP) for said in answers)


def _is_concern(message: Mapping[str, Any]) -> bool:
    entities = (message.get("parse_data") or {}).get("entities") or []
    signs = {str(each.get("entity")) for each in entities} & {CARE_ENTITY, "anger"}
    return bool(signs) or _intent(message) in (COMPLAINT_INTENT, CARE_INTENT)


def _intent(message: Mapping[str, Any]) -> str:
    return str(((message.get("parse_data") or {}).get("intent") or {}).get("name") or "")


def _wants_quiet(turn: Turn) -> bool:
    """Whether the customer asked to be contacted no more, or by no reminders. Raises `BankError`."""
    try:
        known = turn.bank.contact_preferences(turn.customer())
    except NotOffered:
        return False
    return not known.reminders or (known.paused_until is not None and known.paused_until >= clock.today())


def _asked_at(tracker: Tracker) -> Optional[float]:
    """When it was asked last, in seconds since 1970."""
    asked = [event for event in tracker.events if event.get("event") == "bot" and asks_for_rating(event)]
    return float(asked[-1]["timestamp"]) if asked else None
