"""What the assistant tells the desk through Rasa's event broker."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Dict, List

import pytest
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    ConversationPaused,
    ConversationResumed,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from channels import feed as broker_module
from common.feed import EventFeed
from common.settings import Settings

HELLO = UserUttered(
    "你好",
    {"name": "greet", "confidence": 0.9},
    [{"entity": "card", "value": "1234"}],
    {
        "intent": {"name": "greet", "confidence": 0.9},
        "entities": [{"entity": "card", "value": "1234"}],
        "language": "zh",
        "intent_ranking": [{"name": "greet"}] * 20,
        "text": "你好",
    },
    message_id="m-1",
    input_channel="webchat",
    metadata={"identity": {"customer_id": "demo-m2"}},
)


class Assistant:
    """A tracker store with the broker that `endpoints.yml` names."""

    def __init__(self, var_dir: Path) -> None:
        domain = Domain.empty()
        domain.slots += [AnySlot(name, mappings=[{"type": "custom"}]) for name in ("language", "proof")]
        config = EndpointConfig(type="channels.feed.FeedBroker")
        broker = asyncio.run(EventBroker.create(config))
        assert broker is not None
        self.store = SQLTrackerStore(domain, event_broker=broker, db=str(var_dir / "assistant.db"))
        self.feed = EventFeed(f"sqlite:///{var_dir / 'events.db'}")

    def happens(self, *events: Event) -> None:
        async def save() -> None:
            tracker = await self.store.get_or_create_tracker("web-1", append_action_listen=False)
            tracker.update_with_events(list(events), self.store.domain)
            await self.store.save(tracker)

        asyncio.run(save())

    def told(self) -> List[Dict[str, Any]]:
        assert {fed.conversation_id for fed in self.feed.read(0, 1000)} == {"web-1"}
        return [fed.event for fed in self.feed.read(0, 1000)]


@pytest.fixture
def assistant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Assistant:
    monkeypatch.setattr(broker_module, "settings", lambda: Settings(var_dir=tmp_path))
    return Assistant(tmp_path)


def test_the_desk_is_told_in_order_what_it_shows_and_decides_by_and_nothing_else(assistant: Assistant) -> None:
    assistant.happens(
        ActionExecuted("action_session_start"), SessionStarted(), SlotSet("proof", "secret"), SlotSet("language", "zh")
    )
    assistant.happens(HELLO, ActionExecuted("action_x"), BotUttered("您好", {"buttons": []}), ActiveLoop("x_form"))
    assistant.happens(ConversationPaused(), ActionExecuted("action_listen"))
    assistant.happens(ConversationResumed())
    kinds = [event["event"] for event in assistant.told()]
    assert kinds == ["session_started", "slot", "user", "bot", "active_loop", "pause", "resume"]
    assert "secret" not in str(assistant.told())


def test_of_a_message_the_desk_gets_who_what_and_how_it_was_understood(assistant: Assistant) -> None:
    assistant.happens(HELLO)
    [told] = assistant.told()
    assert told["parse_data"] == {key: HELLO.parse_data[key] for key in ("intent", "entities", "language")}
    assert (told["text"], told["message_id"], told["input_channel"]) == ("你好", "m-1", "webchat")
    assert told["metadata"]["identity"] == {"customer_id": "demo-m2"}


def test_a_reminder_is_no_message_of_the_customer(assistant: Assistant) -> None:
    assistant.happens(UserUttered.create_external("remind", input_channel="webchat"), BotUttered("…"))
    assert [event["event"] for event in assistant.told()] == ["bot"]


def test_what_cannot_be_told_is_not_saved_as_done(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> bool:
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(EventFeed, "append", fails)
        with pytest.raises(OSError, match="disk full"):
            assistant.happens(HELLO)

    async def stored() -> Any:
        return await assistant.store.retrieve("web-1")

    assert asyncio.run(stored()) is None
    assistant.happens(HELLO)  # sent again by the customer's page
    assert [event["text"] for event in assistant.told()] == ["你好"]


def test_a_message_told_before_a_crash_is_told_once(assistant: Assistant) -> None:
    broker = assistant.store.event_broker
    assert broker is not None
    broker.publish({"sender_id": "web-1", **HELLO.as_dict()})  # and the tracker was never saved
    later = UserUttered(HELLO.text, HELLO.intent, message_id="m-1", timestamp=(HELLO.timestamp or 0) + 60)
    assistant.happens(later)
    assert [event["text"] for event in assistant.told()] == ["你好"]


def test_trackers_still_know_what_the_desk_was_told(assistant: Assistant) -> None:
    assistant.happens(HELLO, ConversationPaused())

    async def stored() -> DialogueStateTracker:
        found = await assistant.store.retrieve("web-1")
        assert found is not None
        return found

    assert asyncio.run(stored()).is_paused()
