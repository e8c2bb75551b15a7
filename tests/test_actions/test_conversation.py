"""Reading the conversation so far."""

from __future__ import annotations

from typing import Any, Dict, List

import pytest
from rasa.shared.core.events import deserialise_events
from rasa_sdk import Tracker

from actions.conversation import language_of
from dialogue.language import language_of as language_of_responses
from tests.test_actions.talk import bot, user

CLICK = user("/ask_late_fee", "ask_late_fee", language="zh")
WROTE_ENGLISH = user("late fee?", "ask_late_fee", language="zh", written="en")
WROTE_CHINESE = user("违约金", "ask_late_fee", language="en", written="zh")
ASKED_FOR_ENGLISH = {"event": "slot", "name": "language", "value": "en"}
FORGOTTEN = {"event": "slot", "name": "language", "value": None}


@pytest.mark.parametrize(
    ("events", "language"),
    [
        ([], "zh"),
        ([CLICK], "zh"),
        ([user(language="en")], "en"),
        ([WROTE_ENGLISH, bot("…"), CLICK], "en"),
        ([WROTE_CHINESE, ASKED_FOR_ENGLISH, CLICK], "en"),
        ([ASKED_FOR_ENGLISH, WROTE_CHINESE], "zh"),
        ([WROTE_ENGLISH, FORGOTTEN], "en"),
        ([user(language="fr")], "zh"),
    ],
)
def test_actions_and_responses_agree_on_the_language(events: List[Dict[str, Any]], language: str) -> None:
    tracker = Tracker("web-test", {}, {}, events, False, None, {}, None)
    assert language_of(tracker) == language
    assert language_of_responses(deserialise_events(events)) == language
