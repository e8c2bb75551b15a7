"""Requests that were left for another or for later: what is kept of them, and taking them up again."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.forms import REQUESTED_SLOT

from actions.base import Events, Turn
from actions.form_turn import ENTERED, PARKED, RECEIPT, STARTED_BY, WORKING, FormTurn, Moment, topic_of
from actions.values import label

#: Where the intent alone only asks how things stand: the entity by which a button takes up the form again.
_RESUMED_WITH = {"autopay_form": '{"order": "go_on"}', "reminders_form": '{"contact": "go_on"}'}


def parked_values(parked: Sequence[Dict[str, Any]]) -> Dict[str, Any]:
    """The request that was left last, for a response that offers to take it up again."""
    form = parked[-1]["form"]
    return {"request": label("request", topic_of(form)), "resume": STARTED_BY[form] + _RESUMED_WITH.get(form, "")}


def form_left(tracker: Tracker, form: str) -> Optional[str]:
    """The other form that was active when the customer's message started `form`."""
    before = tracker.events[: len(tracker.events) - len(since_message(tracker.events))]
    for event in reversed(before):
        if event["event"] in ("restart", "session_started"):
            return None
        if event["event"] == "active_loop":
            name = event.get("name")
            return name if name in STARTED_BY and name != form else None
    return None


def put_aside(turn: Turn) -> Events:
    """Leave the request in progress without a word, so that it can be taken up again; no events if there is none."""
    if not turn.tracker.active_loop_name:
        return []
    entered = [slot for slot in WORKING if turn.slot(slot) is not None]
    forgotten = [SlotSet(slot, None) for slot in (REQUESTED_SLOT, *entered)]
    return [ActiveLoop(None), *forgotten, SlotSet(PARKED, left_for_later(turn))]


def left_for_later(turn: Turn) -> List[Dict[str, Any]]:
    """The requests that can be taken up again if the one in progress is left now, that one last."""
    form = turn.tracker.active_loop_name
    waiting = [entry for entry in turn.slot(PARKED) or [] if entry["form"] != form]
    if form:
        talk = FormTurn(turn, topic_of(form), Moment.INTERRUPTED)
        waiting.append({"form": form, "slots": worth_keeping(talk)})
    return waiting


def worth_keeping(talk: FormTurn) -> Dict[str, Any]:
    """What the customer entered; of a request that may have reached the bank, all: it must not be sent as another."""
    slots = WORKING if talk.turn.slot(REQUESTED_SLOT) == RECEIPT else ENTERED
    return {slot: talk[slot] for slot in slots if talk[slot] is not None}


def since_message(events: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """The events that followed the customer's message."""
    last = max((index for index, event in enumerate(events) if event["event"] == "user"), default=-1)
    return events[last + 1 :]
