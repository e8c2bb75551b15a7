"""Why a person takes over, and how pressing that is: the table of `data/responses/handover.yml`, applied."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import yaml
from rasa_sdk import Tracker

from actions.base import Turn
from actions.complaint_words import complaint_words
from actions.conversation import all_responses, bank_just_failed, is_refusal, responses_before
from actions.situation import Situation, WaysOut, situation_of
from actions.values import label
from actions.ways import CAPACITY
from bank.errors import BankError
from bank.models import OverdueSummary
from common import clock
from common.care import CareKind

logger = logging.getLogger(__name__)

HANDOVER_FILE = Path(__file__).resolve().parents[1] / "data" / "responses" / "handover.yml"

#: Rows that the table must have, as the code names them.
ASKED_FOR, CARE, FRAUD = "asked_for", "care", "fraud"
LONG_OVERDUE, LARGE_AMOUNT, COMPLAINT = "long_overdue", "large_amount", "complaint"
_OFFER = "utter_handover_offer"
_NAMED = (ASKED_FOR, CARE, FRAUD, LONG_OVERDUE, LARGE_AMOUNT, COMPLAINT)


@dataclass(frozen=True)
class Trigger:
    """One row: when it applies, and with which priority a person is asked for."""

    name: str
    priority: str
    topics: Sequence[str] = ()  # intents that the conversation was about
    after: Sequence[str] = ()  # responses, `*` for any ending, that the customer had before

    def applies(self, topic: Optional[str], said: Sequence[str]) -> bool:
        """By what was talked about and what the assistant said last."""
        return topic in self.topics or any(fnmatch(name, pattern) for name in said for pattern in self.after)


@dataclass(frozen=True)
class Table:
    """All rows, the most pressing first, and the limits that they name."""

    triggers: Dict[str, Trigger]
    long_overdue_days: int
    large_amount: Decimal  # yuan owed in all
    callbacks: Dict[str, Tuple[time, time]]


@lru_cache(maxsize=1)
def table() -> Table:
    """The table as compliance wrote it. Raises `KeyError` or `ValueError` if it lacks a row or a limit."""
    content = yaml.safe_load(HANDOVER_FILE.read_text(encoding="utf-8"))["handover"]
    rows = [Trigger(**row) for row in content["triggers"]]
    missing = set(_NAMED) - {row.name for row in rows}
    if missing:
        raise ValueError(f"{HANDOVER_FILE.name} lacks the triggers {', '.join(sorted(missing))}")
    windows: Mapping[str, List[str]] = content["callbacks"]
    return Table(
        {row.name: row for row in rows},
        int(content["long_overdue_days"]),
        Decimal(content["large_amount"]),
        {name: (time.fromisoformat(start), time.fromisoformat(end)) for name, (start, end) in windows.items()},
    )


def care_trigger(kind: CareKind) -> Trigger:
    """The row for a customer in distress; the kind's own priority counts."""
    row = table().triggers[FRAUD if kind.name == FRAUD else CARE]
    return Trigger(row.name, kind.priority, row.topics, row.after)


def trigger_of(turn: Turn, topic: Optional[str]) -> Trigger:
    """The most pressing row that applies to a customer who asks for a person."""
    said = responses_before(turn.tracker)
    facts = () if bank_just_failed(turn.tracker) else _facts_of_customer(turn)
    for row in table().triggers.values():
        if row.applies(topic, said) or row.name in facts:
            return row
    return table().triggers[ASKED_FOR]


def _facts_of_customer(turn: Turn) -> Sequence[str]:
    """Rows that the accounts speak for. Not knowing them must keep nobody from reaching a person."""
    if turn.customer_id is None:
        return ()
    try:
        cards = turn.bank.cards(turn.customer_id)
    except BankError as error:
        logger.info("the desk is not told how long and how much: %s", type(error).__name__)
        return ()
    days = max((card.days_past_due for card in cards), default=0)
    owed = sum((card.amount_due for card in cards), Decimal())
    return _facts(days >= table().long_overdue_days, owed)


def _facts(long: bool, owed: Decimal) -> Sequence[str]:
    large = owed > table().large_amount
    return [name for name, true in ((LONG_OVERDUE, long), (LARGE_AMOUNT, large)) if true]


def offer_person(turn: Turn, summary: OverdueSummary, ways: WaysOut) -> None:
    """Offer a person where the account calls for one, once in a conversation.

    Where no request can be made the answer itself leads to a person.
    """
    if not (ways.instalment or ways.deferral):
        return
    long = situation_of(summary) is Situation.OVERDUE_LONG
    facts = _facts(long, summary.total)
    if facts and _OFFER not in all_responses(turn.tracker):
        turn.say(_OFFER, why=label("handover_why", facts[0]))


def notes_of(tracker: Tracker) -> Dict[str, Any]:
    """What the customer said so far, for the person who takes over: a proposal is prepared, nothing is asked twice.

    `monthly_capacity`: yuan a month that the customer can pay; `turned_down`: the offers that the customer did not
    want, each once, with the request and the bank's figures; `complaint`: what was written as one, message by message.
    Empty if nothing was said.
    """
    capacity, turned_down = tracker.get_slot(CAPACITY), _turned_down(tracker.events)
    notes = {CAPACITY: capacity, "turned_down": turned_down, "complaint": complaint_words(tracker.events)}
    return {name: value for name, value in notes.items() if value}


def _turned_down(events: Sequence[Mapping[str, Any]]) -> List[Dict[str, Any]]:
    """The offers that were on the table when a response said that they were declined."""
    form: Optional[str] = None
    offer: Optional[Dict[str, Any]] = None
    found: Dict[str, Dict[str, Any]] = {}
    for event in events:
        if event.get("event") == "active_loop":
            form = event.get("name") or form
        elif event.get("event") == "slot" and event.get("name") == "offer":
            offer = event.get("value")
        elif event.get("event") == "bot" and offer and form and is_refusal(event):
            found[offer["id"]] = {"request": form.removesuffix("_form"), **_plain(offer["values"])}
    return list(found.values())


def _plain(values: Mapping[str, Any]) -> Dict[str, Any]:
    """Response values without their types: `{"money": "12.30"}` → `12.30`."""
    return {
        name: next(iter(value.values())) if isinstance(value, dict) and len(value) == 1 else value
        for name, value in values.items()
    }


def callback_window(name: str) -> Optional[Tuple[datetime, datetime]]:
    """The next time that a window of the table comes round: today if it has not begun, else tomorrow."""
    window = table().callbacks.get(name)
    if window is None:
        return None
    now = clock.now()
    start, end = (now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0) for at in window)
    shift = timedelta(days=0 if now < start else 1)
    return start + shift, end + shift
