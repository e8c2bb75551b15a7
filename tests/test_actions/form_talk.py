"""A whole request without a trained model: keeps slots and form as Rasa does, and runs the form's action each turn.

    talk = FormTalk(InstalmentRequest, RequestBank())
    talk.start()
    said = talk("inform", term="12")
    assert "402.00" in said

Afterwards `talk.slots`, `talk.requested` and `talk.active` are what Rasa would have stored.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, Dict, List, Optional, Sequence, Type, cast

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import BankAction
from actions.form_turn import STARTED_BY
from actions.forms import ACTION_RETRY, RequestForm
from bank.client import BankClient
from common import clock
from tests.test_actions.builders import TODAY
from tests.test_actions.talk import Said, domain, rendered, user

Event = Dict[str, Any]


class FormTalk:
    """One conversation. `requests` are run by the intents that start them."""

    def __init__(self, request: Type[RequestForm], bank: Any, *, language: str = "zh") -> None:
        self.bank = bank
        self.language = language
        self.slots: Dict[str, Any] = {slot.name: slot.initial_value for slot in domain().slots}
        self.active: Optional[str] = None
        self.identity_problem: Optional[str] = None
        self.signed_in = True
        self._request = request
        self._events: List[Event] = []

    @property
    def requested(self) -> Optional[str]:
        """The slot that the form asks for."""
        return cast(Optional[str], self.slots.get("requested_slot"))

    @property
    def entered(self) -> Dict[str, Any]:
        """Every slot that holds something, the bookkeeping apart."""
        apart = ("requested_slot", "misses", "language", "card")
        return {name: value for name, value in self.slots.items() if value is not None and name not in apart}

    def start(self, request: Optional[Type[RequestForm]] = None, **entities: Any) -> Said:
        """The message that starts the form (or another one than that of this talk)."""
        self._request = request or self._request
        form = self._form()
        self._hear(STARTED_BY[form], 1.0, "", entities)
        if self.active != form:
            self._events.append({"event": "active_loop", "name": form})
            self.active = form
        return self._run(self._action(), loop=form)

    def __call__(
        self, intent: str, text: str = "", *, confidence: float = 1.0, ranking: Sequence[str] = (), **entities: Any
    ) -> Said:
        """A message for the form. An entity may have several values, as a list."""
        self._hear(intent, confidence, text, entities, ranking)
        if intent == "retry":
            self._take({"event": "action", "name": ACTION_RETRY})
        return self._run(self._action(), loop=self._form())

    def interrupt(self, intent: str = "ask_late_fee", action: str = "action_late_fee", *events: Event) -> Said:
        """A message that `action` has answered, with what it set; then the form comes back."""
        self._hear(intent, 1.0, "", {})
        for event in ({"event": "action", "name": action}, *events):
            self._take(event)
        return self._run(self._action(), loop=self._form())

    def act(self, action: Type[BankAction], intent: str) -> Said:
        """A message that another action answers, without the form coming back."""
        self._hear(intent, 1.0, "", {})
        return self._run(action(cast(BankClient, self.bank)), loop=None)

    def _form(self) -> str:
        return self._action().form

    def _action(self) -> RequestForm:
        return self._request(cast(BankClient, self.bank))

    def _hear(
        self, intent: str, confidence: float, text: str, entities: Dict[str, Any], ranking: Sequence[str] = ()
    ) -> None:
        said = user(
            text,
            intent,
            signed_in=self.signed_in,
            identity_problem=self.identity_problem,
            language=self.language,
        )
        flat = [
            {"entity": name, "value": value}
            for name, values in entities.items()
            for value in (values if isinstance(values, list) else [values])
        ]
        # A message that is one number and nothing else has every reading at the same place.
        for index, entity in enumerate(flat):
            entity["start"], entity["end"] = (0, len(text)) if text.isdecimal() else (index, index + 1)
        self._message = {
            "text": text,
            "intent": {"name": intent, "confidence": confidence},
            "entities": flat,
            "intent_ranking": [{"name": name} for name in ranking],
        }
        self._events.append(said)

    def _run(self, action: BankAction, *, loop: Optional[str]) -> Said:
        events = [*self._events, *([{"event": "action", "name": loop}] if loop else [])]
        tracker = Tracker(
            "web-test",
            dict(self.slots),
            self._message,
            json.loads(json.dumps(events)),
            paused=False,
            followup_action=None,
            active_loop={"name": self.active} if self.active else {},
            latest_action_name="action_listen",
        )
        dispatcher = CollectingDispatcher()
        clock.set_today(TODAY)
        try:
            answered = json.loads(json.dumps(asyncio.run(action.run(dispatcher, tracker, {}))))
            messages = [rendered(message, self.language) for message in json.loads(json.dumps(dispatcher.messages))]
        finally:
            clock.set_today(None)
        self._events.append({"event": "action", "name": loop or action.name()})
        for event in answered:
            self._take(event)
        if loop and self.requested is None:
            self._take({"event": "active_loop", "name": None})
        return Said(messages, answered, [message["response"] for message in dispatcher.messages])

    def _take(self, event: Event) -> None:
        self._events.append(event)
        if event["event"] == "slot":
            self.slots[event["name"]] = event["value"]
        elif event["event"] == "active_loop":
            self.active = event["name"]
