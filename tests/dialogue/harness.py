"""Talks with the trained assistant as a customer does, over Rasa's own processing, the real actions and a real bank.

    talk = assistant.conversation(customer="demo-m1-first")
    assert "违约金" in talk("违约金怎么算的")
    talk.press("分期还款")          # a button of the last answer, by its title
    assert talk.last.titles == [...]

Actions run in this process instead of behind HTTP; everything else is as in production. Any error that is logged
during a turn (an action that failed, a response without a value) fails the test, unless it says
`with talk.errors_expected():`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Optional

import structlog
from rasa.core.agent import Agent, load_agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.test import test as run_stories
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.events import BotUttered, ConversationResumed, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection

MODEL = Path(os.environ.get("TEST_MODEL", "models/assistant.tar.gz"))


class _LocalActions(EndpointConfig):
    """Runs actions in this process, with the same JSON that would go over HTTP."""

    def __init__(self) -> None:
        super().__init__("http://actions.invalid/webhook", enable_selective_domain=True)
        self._executor = ActionExecutor()
        self._executor.register_package("actions")

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        call = json.loads(json.dumps(kwargs["json"]))
        try:
            result = await self._executor.run(call)
        except ActionExecutionRejection as rejection:
            body = json.dumps({"error": rejection.message, "action_name": rejection.action_name})
            raise ClientResponseError(400, "rejected", body) from rejection
        return json.loads(json.dumps(result))


@dataclass(frozen=True)
class Reply:
    """What the assistant answered in one turn."""

    messages: List[Dict[str, Any]] = field(default_factory=list)  # text, buttons, card, link, expects, response

    @property
    def text(self) -> str:
        """All that can be read, buttons apart: texts and cards."""
        return "\n".join(_strings([{k: v for k, v in m.items() if k != "buttons"} for m in self.messages]))

    @property
    def titles(self) -> List[str]:
        """The titles of all buttons."""
        return [button["title"] for message in self.messages for button in message.get("buttons", [])]

    @property
    def responses(self) -> List[str]:
        """The names of the domain's responses that were used."""
        return [message.get("response", "") for message in self.messages]

    def payload(self, title: str) -> str:
        """The payload of the button with this title; `KeyError` if there is none."""
        for message in self.messages:
            for button in message.get("buttons", []):
                if button["title"] == title:
                    return str(button["payload"])
        raise KeyError(f"no button {title!r} among {self.titles}")

    def __contains__(self, text: str) -> bool:
        return text in self.text

    def __str__(self) -> str:
        return f"{self.text}\n{self.titles}"


def _strings(value: Any) -> List[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for key, part in value.items() if key != "response" for text in _strings(part)]
    if isinstance(value, list):
        return [text for part in value for text in _strings(part)]
    return []


class Conversation:
    """One customer's conversation."""

    def __init__(self, assistant: "Assistant", customer: Optional[str], language: str) -> None:
        self._assistant = assistant
        self.id = f"test-{uuid.uuid4().hex}"
        self.customer = customer
        self.language = language
        self.identity_expired = False
        self.last = Reply()
        self._errors_allowed = False

    def __call__(self, text: str) -> Reply:
        """Write `text` (or send a payload) and get the answer."""
        metadata: Dict[str, Any] = {"language": self.language}
        if self.identity_expired:
            metadata["identity_problem"] = "expired"
        elif self.customer:
            metadata["identity"] = {"customer_id": self.customer, "expires_at": time.time() + 600}
        with _error_log() as errors:
            self.last = self._assistant.send(self.id, text, metadata)
        assert self._errors_allowed or not errors, f"errors were logged while answering {text!r}: {errors}"
        return self.last

    def press(self, title: str) -> Reply:
        """Press a button of the last answer."""
        return self(self.last.payload(title))

    def told(self, *events: Event) -> None:
        """Events that come from elsewhere, as the desk's do over Rasa's HTTP API."""
        self._assistant.tell(self.id, events)

    def go_on(self, wish: str) -> Reply:
        """Write that the assistant is wanted again: the channel wakes it for that (`channels.turns`)."""
        self.told(ConversationResumed())
        return self(wish)

    def a_day_passes(self) -> None:
        """The customer comes back tomorrow."""
        self._assistant.let_pass(self.id, 24 * 3600)

    @contextmanager
    def errors_expected(self) -> Iterator[None]:
        """Errors may be logged inside."""
        self._errors_allowed = True
        try:
            yield
        finally:
            self._errors_allowed = False

    @property
    def tracker(self) -> DialogueStateTracker:
        """Rasa's record of the conversation."""
        return self._assistant.tracker(self.id)


class Assistant:
    """The trained model with its responses and actions."""

    def __init__(self, model: Path = MODEL) -> None:
        # Rasa writes the whole conversation at every step otherwise, which takes longer than the steps do.
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
        if not model.exists():
            raise FileNotFoundError(f"there is no trained model at {model}: run `make train`")
        self._loop = asyncio.new_event_loop()
        nlg = EndpointConfig(type="dialogue.nlg.BilingualResponses")
        endpoints = AvailableEndpoints(nlg=nlg, action=_LocalActions())
        self._agent: Agent = self._loop.run_until_complete(load_agent(str(model), endpoints=endpoints))

    def conversation(self, customer: Optional[str] = None, language: str = "zh") -> Conversation:
        """A new conversation, of a signed-in customer or (`None`) of an anonymous visitor."""
        return Conversation(self, customer, language)

    def send(self, conversation_id: str, text: str, metadata: Dict[str, Any]) -> Reply:
        """Handle one message and collect what the assistant says."""
        message = UserMessage(
            text, CollectingOutputChannel(), conversation_id, input_channel="webchat", metadata=metadata
        )
        self._loop.run_until_complete(self._agent.handle_message(message))
        events = list(self.tracker(conversation_id).events)
        asked = max(place for place, event in enumerate(events) if isinstance(event, UserUttered))
        return Reply([_message(event) for event in events[asked:] if isinstance(event, BotUttered)])

    def tracker(self, conversation_id: str) -> DialogueStateTracker:
        """The tracker of a conversation, all sessions."""
        tracker = self._loop.run_until_complete(self._agent.tracker_store.retrieve_full_tracker(conversation_id))
        return tracker or self._loop.run_until_complete(
            self._agent.tracker_store.get_or_create_tracker(conversation_id)
        )

    def tell(self, conversation_id: str, events: Iterable[Event]) -> None:
        """Put events into a conversation."""

        async def put() -> None:
            processor = self._agent.processor
            assert processor is not None
            tracker = await processor.fetch_tracker_with_initial_session(conversation_id)
            for event in events:
                tracker.update(event, processor.domain)
            await processor.save_tracker(tracker)

        self._loop.run_until_complete(put())

    def remind(self, conversation_id: str, intent: str) -> Reply:
        """Let a reminder or another external event come in."""
        output = CollectingOutputChannel()

        async def trigger() -> None:
            processor = self._agent.processor
            assert processor is not None
            tracker = await processor.fetch_tracker_and_update_session(conversation_id, output)
            await processor.trigger_external_user_uttered(intent, None, tracker, output)

        self._loop.run_until_complete(trigger())
        return Reply(list(output.messages))

    def let_pass(self, conversation_id: str, seconds: float) -> None:
        """Make everything that was said in a conversation so much older."""
        tracker = self.tracker(conversation_id)
        for past in tracker.events:
            past.timestamp -= seconds
        self._loop.run_until_complete(self._agent.tracker_store.save(tracker))

    def story_report(self, stories: Path, out: Path) -> Dict[str, Any]:
        """Rasa's report on test stories, as `rasa test core` makes it; details are written to `out`."""
        run = run_stories(str(stories), self._agent, out_directory=str(out), disable_plotting=True)
        report: Dict[str, Any] = self._loop.run_until_complete(run)["report"]
        return report

    def close(self) -> None:
        """Close the event loop."""
        self._loop.close()


def _message(event: BotUttered) -> Dict[str, Any]:
    message = {"text": event.text, "buttons": event.data.get("buttons"), **(event.data.get("custom") or {})}
    message["response"] = event.metadata.get("utter_action", "")
    return {key: value for key, value in message.items() if value}


# Sockets of tests that ran before in this process may end while an answer is made.
_CLIENTS_OF_OTHER_TESTS = ("engineio.client", "socketio.client")


@contextmanager
def _error_log() -> Iterator[List[str]]:
    errors: List[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.name.startswith(_CLIENTS_OF_OTHER_TESTS):
                return
            errors.append(f"{record.name}: {record.getMessage()} {record.exc_info[1] if record.exc_info else ''}")

    handler = Collect(level=logging.ERROR)
    logging.getLogger().addHandler(handler)
    try:
        yield errors
    finally:
        logging.getLogger().removeHandler(handler)
