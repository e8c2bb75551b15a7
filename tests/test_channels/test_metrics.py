"""What the assistant counts: messages, turns, calls of messaging services, and what waits in their boxes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, AsyncIterator, Dict, List

import pytest
from rasa.shared.core.events import UserUttered

from channels.connections import Sender
from channels.feed import FeedBroker
from channels.messages import Incoming, Message, answer
from channels.messaging import levels
from channels.messaging.platform import Address, Later, Sendable, SendError
from channels.messaging.store import Store
from channels.turns import Output, Turns, Unanswered
from channels.wechat.client import OfficialAccount
from common.feed import EventFeed
from tests.counted import Counted
from tests.counted import levels as values
from tests.test_channels.messaging import FakePlatform, ScriptedAgent, World
from tests.test_channels.platform_stub import Stub

SENDER = Sender("socket", "web-1", None, None, "zh")


class Screen(Output):
    """A page of the web chat."""

    @classmethod
    def name(cls) -> str:
        return "webchat"

    async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
        shaped = answer({"timestamp": 0.0, **message})
        assert shaped is not None
        self.shown.append(shaped)

    async def show_typing(self, conversation_id: str, typing: bool) -> None:
        """Nobody looks."""

    async def show_to_others(self, sender: Sender, message: Message) -> None:
        """Nobody looks."""


def uttered(text: str, intent: Any, language: Any = None, channel: str = "webchat") -> Dict[str, Any]:
    parsed = {"intent": {"name": intent}, **({"language": language} if language else {})}
    event = UserUttered(text, {"name": intent}, parse_data=parsed, input_channel=channel, message_id=text)
    return {"sender_id": "web-1", **event.as_dict()}


def test_messages_count_by_channel_language_and_whether_they_were_understood(tmp_path: Path) -> None:
    broker = FeedBroker(EventFeed(f"sqlite:///{tmp_path / 'events.db'}"))
    told = [
        uttered("我要分期", "request_instalment", "zh"),
        uttered("how much", "ask_amount_due", "en", "wechat"),
        uttered("qwertz", "nlu_fallback"),
        uttered("/affirm", "affirm"),
        uttered("退订", None, channel="sms"),
        uttered("hello", "greet", "fr", "c-10023"),
    ]
    with Counted("assistant_messages_total") as counted:
        for event in [*told, told[0]]:  # the first is told again, after a failure
            broker.publish(event)
        broker.publish({"event": "bot", "sender_id": "web-1", "text": "您好", "timestamp": 1.0})
    assert counted.by("channel", "language", "reading") == {
        ("webchat", "zh", "understood"): 1,
        ("wechat", "en", "understood"): 1,
        ("webchat", "other", "fallback"): 1,
        ("webchat", "other", "button"): 1,
        ("sms", "other", "unread"): 1,
        ("other", "other", "understood"): 1,
    }


async def test_turns_count_by_what_the_customer_got(tmp_path: Path) -> None:
    agent = ScriptedAgent(tmp_path)
    turns = Turns(lambda: agent)

    async def say(text: str) -> None:
        await turns.handle(SENDER, Screen(), Incoming(text, f"id {text}"))

    async def no_database(*_: Any, **__: Any) -> Any:
        raise OSError("no database")

    with Counted("assistant_turns_total") as counted, Counted("assistant_turn_seconds_count") as lasted:
        await say("one")
        await say("one")  # sent again: not handled again
        agent.processor.problems = [ValueError("policy broke")]
        await say("two")
        agent.processor.says = lambda _: []
        await say("three")
        agent.processor.says = lambda _: [{"text": "yes"}]
        await say("a person please")
        await say("are you there")
    assert counted.by("channel", "outcome") == {
        ("webchat", "answered"): 2,
        ("webchat", "apology"): 2,
        ("webchat", "silent"): 1,
    }
    assert lasted.by("channel") == {("webchat",): 5}
    other = ScriptedAgent(tmp_path)
    other.processor.problems, other.log_message = [ValueError("broke")], no_database  # type: ignore[method-assign]
    with Counted("assistant_turns_total") as counted, pytest.raises(Unanswered):
        await Turns(lambda: other).handle(Sender("socket", "web-2", None, None, "zh"), Screen(), Incoming("four", "4"))
    assert counted.by("outcome") == {("unanswered",): 1}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    found = World(tmp_path, ScriptedAgent(tmp_path), FakePlatform())
    yield found
    for process in found.processes:
        await process.end()


async def boxes(world: World, store: Store) -> Dict[str, Dict[Any, float]]:
    return values(await asyncio.to_thread(levels.of, store, "wechat", world.clock()))


async def test_boxes_tell_what_waits_and_for_how_long(world: World) -> None:
    process = await world.process(start=False)
    store = process.store
    await process.inbox.take([world.said("one"), world.said("two")])
    await process.inbox.take([world.said("elsewhere", Address("wecom", "kf", "lin"))])
    world.later(30)
    found = await boxes(world, store)
    assert found["assistant_messaging_inbox"] == {("wechat",): 2}
    assert found["assistant_messaging_inbox_oldest_seconds"][("wechat",)] >= 30
    assert found["assistant_messaging_outbox"] == {("wechat", "waiting"): 0, ("wechat", "held"): 0}

    world.platform.problems = [Later("busy") for _ in range(4)]
    process.worker.start()
    await world.until(lambda: world.platform.attempts)
    await world.until(lambda: not process.worker._busy)
    world.later(0.5)
    found = await boxes(world, store)
    assert found["assistant_messaging_inbox"] == {("wechat",): 0}
    assert found["assistant_messaging_outbox"] == {("wechat", "waiting"): 2, ("wechat", "held"): 0}
    assert found["assistant_messaging_outbox_oldest_seconds"][("wechat",)] > 0


async def test_calls_of_a_service_count_by_its_code(tmp_path: Path) -> None:
    stub = await Stub().start()
    store = Store(f"sqlite:///{tmp_path / 'messaging.db'}")
    await store.prepare()
    account = OfficialAccount("wx1", "secret", stub.url, store)
    send, token = "/cgi-bin/message/custom/send", "/cgi-bin/stable_token"
    codes: List[Any] = [0, 45015, 40164, 123456]
    stub.replies[token] = stub.give_token
    stub.replies[send] = [{"errcode": code, "errmsg": "for openid-lin"} for code in codes]
    with Counted("assistant_platform_calls_total") as counted:
        for _ in codes:
            await _sent(account)
        await stub.stop()
        await _sent(account)
    await account.close()
    store.close()
    assert counted.by("platform", "code") == {
        ("wechat", "0"): 1,
        ("wechat", "45015"): 1,
        ("wechat", "40164"): 1,
        ("wechat", "other"): 1,
        ("wechat", "no_answer"): 1,
    }


async def _sent(account: OfficialAccount) -> bool:
    try:
        await account.send(Address("wechat", "wx1", "openid-lin"), Sendable("key", "您好", ()))
    except SendError:
        return False
    return True
