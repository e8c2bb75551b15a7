from __future__ import annotations

from typing import Any, Dict

import pytest
from jsonschema import ValidationError, validate
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import BotUttered, Event, UserUttered
from rasa.shared.utils.common import all_subclasses

from dialogue import rasa_speed

ANSWERS: Dict[str, Dict[str, Any]] = {
    "empty": {},
    "a slot and a response": {
        "events": [{"event": "slot", "name": "amount", "value": "100.00"}],
        "responses": [{"response": "utter_greet"}],
    },
    "an event without its name": {"events": [{"name": "amount"}]},
    "an unknown event": {"events": [{"event": "no such event"}]},
    "responses that are text": {"responses": ["hello"]},
    "events that are no list": {"events": {"event": "restart"}},
}


@pytest.fixture(autouse=True)
def applied() -> None:
    rasa_speed.apply()


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_actions_answers_are_judged_as_rasa_judges_them(answer: Dict[str, Any]) -> None:
    try:
        validate(answer, RemoteAction.action_response_format_spec())
    except ValidationError:
        with pytest.raises(ValidationError, match="action server's answer"):
            RemoteAction("action_any", None)._validate_action_result(answer)
    else:
        assert RemoteAction("action_any", None)._validate_action_result(answer)


def test_every_event_finds_its_class() -> None:
    names = {cls.type_name for cls in all_subclasses(Event) if getattr(cls, "type_name", None)}
    assert {"user", "bot", "slot", "action"} <= names
    for name in names:
        found = Event.resolve_by_type(name)
        assert found is not None
        assert found.type_name == name
        assert Event.resolve_by_type(name) is found


def test_unknown_events_take_the_default_or_fail_however_often() -> None:
    for default in (UserUttered, BotUttered):
        assert Event.resolve_by_type("no such event", default) is default
    for _ in range(2):
        with pytest.raises(ValueError, match="no such event"):
            Event.resolve_by_type("no such event")
