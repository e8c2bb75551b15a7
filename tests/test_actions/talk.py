"""Asks one action as the action server would and reads the answer as the customer would.

    said = ask(ActionAmountDue, StubBank("due"))
    assert "¥3,200.00" in said
    assert said.titles == ["怎么还款", …]

A response that lacks a value or a label fails the test.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, List, Optional, Type, cast

from rasa.shared.core.domain import Domain
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import BankAction
from bank.client import BankClient
from common import clock
from dialogue.nlg import BilingualResponses
from tests.test_actions.builders import TODAY, DownBank

ROOT = Path(__file__).resolve().parent.parent.parent


@lru_cache(maxsize=None)
def domain() -> Domain:
    """The project's domain with the responses of every topic."""
    return Domain.load([str(ROOT / "domain.yml"), *map(str, sorted((ROOT / "data" / "responses").glob("*.yml")))])


@lru_cache(maxsize=None)
def _responses() -> BilingualResponses:
    return BilingualResponses(None, domain())


@dataclass(frozen=True)
class Said:
    """What the customer gets to read, and the events of the action."""

    messages: List[Dict[str, Any]]
    events: List[Dict[str, Any]]
    responses: List[Optional[str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Texts and cards, without buttons."""
        return "\n".join(part for message in self.messages for part in _strings({**message, "buttons": None}))

    @property
    def first(self) -> str:
        """The text of the first message."""
        return str(self.messages[0]["text"])

    @property
    def titles(self) -> List[str]:
        """The titles of the buttons."""
        return [button["title"] for message in self.messages for button in message.get("buttons") or []]

    @property
    def payloads(self) -> List[str]:
        """What the buttons send."""
        return [button["payload"] for message in self.messages for button in message.get("buttons") or []]

    @property
    def rows(self) -> Dict[str, str]:
        """The rows of the first message's card: label → value."""
        return {row["label"]: row["value"] for row in self.card.get("rows", [])}

    @property
    def card(self) -> Dict[str, Any]:
        """The first message's card."""
        return cast(Dict[str, Any], (self.messages[0].get("custom") or {}).get("card") or {})

    @property
    def link(self) -> Optional[Dict[str, Any]]:
        """The first message's link."""
        return cast(Optional[Dict[str, Any]], (self.messages[0].get("custom") or {}).get("link"))

    def slot(self, name: str) -> Any:
        """The value to which the action set this slot last; `KeyError` if it did not."""
        return {event["name"]: event["value"] for event in self.events if event["event"] == "slot"}[name]

    def __contains__(self, text: str) -> bool:
        return text in self.text


def ask(
    action: BankAction | Type[BankAction],
    bank: Any = None,
    *,
    language: str = "zh",
    signed_in: bool = True,
    identity_problem: Optional[str] = None,
    text: str = "",
    intent: str = "",
    entities: Optional[Dict[str, str]] = None,
    slots: Optional[Dict[str, Any]] = None,
    before: Optional[List[Dict[str, Any]]] = None,
    ranking: Optional[List[Dict[str, Any]]] = None,
    conversation: str = "web-test",
) -> Said:
    """Run the action on the day `TODAY` for customer `c-1` (or a visitor) and render what it says."""
    tracker = Tracker(
        conversation,
        {**{slot.name: slot.initial_value for slot in domain().slots}, **(slots or {})},
        _message(text, intent, entities or {}, ranking or []),
        [
            *(before or []),
            user(text, intent, signed_in=signed_in, identity_problem=identity_problem, language=language),
        ],
        paused=False,
        followup_action=None,
        active_loop={},
        latest_action_name="action_listen",
    )
    dispatcher = CollectingDispatcher()
    asked = cast(BankClient, bank if bank is not None else DownBank())
    running = cast(BankAction, action(asked) if isinstance(action, type) else action)
    clock.set_today(TODAY)
    try:
        events = asyncio.run(running.run(dispatcher, tracker, {}))
        messages = [rendered(message, language) for message in json.loads(json.dumps(dispatcher.messages))]
    finally:
        clock.set_today(None)
    return Said(messages, events, [message["response"] for message in dispatcher.messages])


def user(
    text: str = "",
    intent: str = "",
    *,
    signed_in: bool = True,
    identity_problem: Optional[str] = None,
    language: str = "zh",
    written: Optional[str] = None,
) -> Dict[str, Any]:
    """The event of a message; `written` is the language found in its text."""
    metadata: Dict[str, Any] = {"language": language}
    if identity_problem:
        metadata["identity_problem"] = identity_problem
    elif signed_in:
        metadata["identity"] = {"customer_id": "c-1", "expires_at": time.time() + 600}
    parse_data = {"intent": {"name": intent}, **({"language": written} if written else {})}
    return {"event": "user", "text": text, "parse_data": parse_data, "metadata": metadata}


def bot(text: str, **data: Any) -> Dict[str, Any]:
    """The event of an answer."""
    return {"event": "bot", "text": text, "data": data, "metadata": {}}


def _message(text: str, intent: str, entities: Dict[str, str], ranking: List[Dict[str, Any]]) -> Dict[str, Any]:
    return {
        "text": text,
        "intent": {"name": intent},
        "entities": [{"entity": name, "value": value} for name, value in entities.items()],
        "intent_ranking": ranking,
    }


def rendered(message: Dict[str, Any], language: str) -> Dict[str, Any]:
    """A message of an action as the customer gets it; fails if its response lacks a value or a label."""
    name = message["response"]
    if not name:
        return message
    problems = _Problems()
    logging.getLogger("dialogue.nlg").addHandler(problems)
    try:
        shown = _responses().render(name, "", {**message, "language": language})
    finally:
        logging.getLogger("dialogue.nlg").removeHandler(problems)
    assert shown is not None, f"the domain has no response {name}"
    assert not problems.found, problems.found
    return shown


class _Problems(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: List[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(record.getMessage())


def _strings(value: Any) -> List[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for key, part in value.items() if key != "condition" for text in _strings(part)]
    if isinstance(value, list):
        return [text for part in value for text in _strings(part)]
    return []
