"""A person, please: the wish is recorded at the desk, and the customer is told what that means."""

from __future__ import annotations

import logging
import re
from typing import Any, Dict, Optional

from rasa_sdk import Tracker
from rasa_sdk.events import ActionExecuted, ConversationPaused, FollowupAction, SlotSet

from actions.base import BankAction, Events, Turn, ask_to_sign_in
from actions.complaint_words import COMPLAINT_INTENT, complained_before, complaint_words
from actions.conversation import FALLBACK, WANTS, all_responses, intents_before, language_of
from actions.customer import identity_of
from actions.form_turn import PARKED
from actions.handover import (
    CARE,
    COMPLAINT,
    FRAUD,
    Trigger,
    callback_window,
    notes_of,
    table,
    trigger_of,
)
from actions.parked import put_aside
from actions.session import RETURNED
from actions.values import label, moment
from actions.wishes import SECOND_WISH
from bank.client import BankClient
from common import service_hours
from common.settings import settings
from desk.client import DeskClient, DeskError, Recorded, Wanted, desk_client

logger = logging.getLogger(__name__)

_NO_TOPIC = "request_human"
#: Said last before the assistant is silent, by what led there.
WAITING = "utter_human_waiting"
WAITING_WITH_CARE = "utter_human_waiting_with_care"
WAITING_AFTER_COMPLAINT = "utter_complaint_waiting"
#: What a person can be wanted for. Anything else in between ("yes", "thanks") tells nothing.
_TOPICS = {*WANTS, FALLBACK} - {_NO_TOPIC}
_CALL_ME = re.compile(
    r"回(?:个)?电|打(?:个)?电话给我|给我(?:来|打)(?:个)?电话|\bcall(?:s|ing)? me\b|\bcall ?back\b", re.I
)


class ActionHuman(BankAction):
    """`request_human`: records the wish once, whoever asks, and whether or not the bank can be reached.

    The entity `callback` of a button names a window of time in which the customer wishes to be called.
    """

    needs_customer = False

    def __init__(self, bank: Optional[BankClient] = None, desk: Optional[DeskClient] = None) -> None:
        super().__init__(bank)
        self._desk = desk

    def name(self) -> str:
        return "action_human"

    def answer(self, turn: Turn) -> Events:
        topic = topic_of(turn.tracker)
        window = turn.entity("callback")
        call = window is not None or bool(_CALL_ME.search(str(turn.tracker.latest_message.get("text") or "")))
        recorded = self.record(turn, topic, trigger_of(turn, topic), at_once=not call)
        with_care = recorded.wish.trigger in (CARE, FRAUD)
        if recorded.staffed:
            return wait_for_person(turn, recorded, WAITING_WITH_CARE if with_care else WAITING)
        if window is not None:
            self._call_back(turn, window)
        elif call:
            _ask_when_to_call(turn)
        elif with_care:
            turn.say("utter_human_with_care", **self.values(recorded))
        else:
            turn.say("utter_human_recorded" if recorded.is_new else "utter_human_already", **self.values(recorded))
        return []

    @staticmethod
    def values(recorded: Recorded) -> Dict[str, Any]:
        """What the responses say of a wish."""
        return {
            "recorded_at": moment(recorded.wish.created_at),
            "reference": recorded.wish.reference or str(recorded.wish.id),
            **service_values(),
        }

    def record(self, turn: Turn, reason: str, trigger: Trigger, *, at_once: bool = True) -> Recorded:
        """Put the wish on record at the desk, once while one is open. Raises `DeskError`.

        Unless `at_once` nobody needs to come into the conversation: the customer wishes to be called.
        """
        elsewhere = settings().has_own_people(turn.tracker.get_latest_input_channel())
        return self.desk.request_human(
            turn.tracker.sender_id,
            customer_id=turn.customer_id,
            language=language_of(turn.tracker),
            wanted=Wanted(reason, trigger.name, trigger.priority, notes_of(turn.tracker), at_once, elsewhere),
        )

    @property
    def desk(self) -> DeskClient:
        """Where wishes are recorded."""
        return self._desk or desk_client()

    def _call_back(self, turn: Turn, name: str) -> None:
        window = callback_window(name)
        if turn.customer_id is None:  # the bank knows the number to call, we never ask for one
            ask_to_sign_in(turn.dispatcher, expired=identity_of(turn.tracker).expired)
        elif window is None:
            _ask_when_to_call(turn)
        else:
            self.desk.call_back(turn.tracker.sender_id, *window)
            turn.say("utter_callback_noted", callback_from=moment(window[0]), callback_until=f"{window[1]:%H:%M}")


class ActionComplaint(ActionHuman):
    """`complain_collection`: the complaint is at the desk, with its reference, before it is answered.

    What the customer writes about it, then and in the messages after, goes to the desk in these words.
    """

    def name(self) -> str:
        return "action_complaint"

    def answer(self, turn: Turn) -> Events:
        more = complained_before(turn.tracker)
        recorded = self.record(turn, COMPLAINT_INTENT, table().triggers[COMPLAINT])
        told = len(complaint_words(turn.tracker.events))
        turn.say("utter_complaint_more" if more else "utter_complaint", messages=told, **self.values(recorded))
        return wait_for_person(turn, recorded, WAITING_AFTER_COMPLAINT) if recorded.staffed else []


class ActionBackToBot(BankAction):
    """`back_to_bot`: the assistant goes on where it was, whether or not it was silent before.

    The conversation is resumed by then, see `channels.turns`. If the desk cannot be told, it learns of it later from
    the conversation's events.
    """

    needs_customer = False

    def __init__(self, bank: Optional[BankClient] = None, desk: Optional[DeskClient] = None) -> None:
        super().__init__(bank)
        self._desk = desk

    def name(self) -> str:
        return "action_back_to_bot"

    def answer(self, turn: Turn) -> Events:
        try:
            (self._desk or desk_client()).back_to_bot(turn.tracker.sender_id)
        except DeskError:
            logger.exception("the desk could not be told that the customer goes on with the assistant")
        no_longer = [SlotSet(RETURNED, None), SlotSet(SECOND_WISH, None)]
        left = turn.slot(PARKED) if turn.slot(RETURNED) else None
        if _waited_with_care(turn.tracker):
            turn.say("utter_care_listening")  # nothing of money follows by itself
        elif left:
            turn.say("utter_back_to_request")
            return [*no_longer, FollowupAction(left[-1]["form"])]
        elif turn.tracker.active_loop_name:
            turn.say("utter_back_to_request")
        else:
            turn.say("utter_back_to_bot")
        return no_longer


def service_values() -> Dict[str, Any]:
    """When people answer, for responses."""
    is_open = service_hours.is_open()
    opens, closes = service_hours.hours_of_the_day()
    return {
        "service_opens": opens,
        "service_closes": closes,
        "next_opening": moment(service_hours.next_opening()),
        "service_now": label("human_service", "open" if is_open else "closed"),
        "off_duty": not is_open,
    }


def wait_for_person(turn: Turn, recorded: Recorded, response: str) -> Events:
    """Say that a person is on the way, with place and time, and be silent from then on.

    A request in progress is put aside, to be taken up when the assistant goes on: who takes over may file another one.
    """
    is_known = recorded.position is not None and recorded.expected_minutes is not None
    turn.say(
        response,
        position=recorded.position,
        minutes=recorded.expected_minutes,
        wait=label("desk_wait", "known" if is_known else "unknown"),
    )
    put = put_aside(turn)
    offers_it = bool(put) and response != WAITING_WITH_CARE  # nothing of money follows by itself
    return [*put, SlotSet(RETURNED, offers_it or None), SlotSet(SECOND_WISH, None), *SILENCE]


#: Ends the turn, and with it all that the assistant says. Without the second event the customer's next message would
#: not be taken for the answer to anything once the assistant goes on.
SILENCE: Events = [ConversationPaused(), ActionExecuted("action_listen")]


def _waited_with_care(tracker: Tracker) -> bool:
    """Whether the latest wait for a person was one of a customer in distress."""
    waits = (WAITING, WAITING_AFTER_COMPLAINT, WAITING_WITH_CARE)
    return [name for name in all_responses(tracker) if name in waits][-1:] == [WAITING_WITH_CARE]


def _ask_when_to_call(turn: Turn) -> None:
    turn.say("utter_callback_when")


def topic_of(tracker: Tracker) -> str:
    """What the conversation was about before the customer asked for a person: the name of an intent."""
    return next((intent for intent in intents_before(tracker) if intent in _TOPICS), _NO_TOPIC)
