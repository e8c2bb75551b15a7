"""A turn that fails still ends with an answer: the real agent, made to fail."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, List

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import ActionExecuted
from rasa.utils.endpoints import EndpointConfig

from channels import turns
from channels.connections import Sender
from channels.messages import Incoming, Message, answer
from channels.transcript import transcript
from channels.turns import Output, Turns, Unanswered

SENDER = Sender("socket", "web-1", None, None, "zh")


class Screen(Output):
    """Remembers what the customer sees."""

    def __init__(self) -> None:
        super().__init__()
        self.typing = False

    @property
    def texts(self) -> List[str]:
        return [message["text"] for message in self.shown]

    async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
        assert self.typing
        shaped = answer(message)
        assert shaped is not None
        self.shown.append(shaped)

    async def show_typing(self, conversation_id: str, typing: bool) -> None:
        self.typing = typing

    async def show_to_others(self, sender: Sender, message: Message) -> None:
        """Nobody else looks on."""


@pytest.fixture(scope="module")
def loaded(small_model: Path) -> Agent:
    return Agent.load(str(small_model), generator=EndpointConfig(type="dialogue.nlg.BilingualResponses"))


@pytest.fixture
def agent(loaded: Agent) -> Agent:
    """The agent with an empty store."""
    loaded.tracker_store._tracker_store.store.clear()
    return loaded


async def lines(agent: Agent) -> List[str]:
    tracker = await agent.tracker_store.retrieve_full_tracker(SENDER.conversation_id)
    return [f"{message['sender']}: {message['text']}" for message in transcript(tracker.events)] if tracker else []


async def test_failure_in_rasa_is_told_recorded_and_logged_with_the_conversation_but_not_the_text(
    agent: Agent, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(message: UserMessage) -> None:
        raise ValueError("policy broke")

    screen = Screen()
    with monkeypatch.context() as broken:
        broken.setattr(agent.processor, "handle_message", fail)
        await Turns(lambda: agent).handle(SENDER, screen, Incoming("余额 4111", "m1"))
    (sorry,) = screen.texts
    assert sorry.startswith("抱歉")
    assert screen.typing is False
    assert await lines(agent) == ["user: 余额 4111", f"bot: {sorry}"]
    (record,) = [record for record in caplog.records if record.name == "channels.turns"]
    assert "web-1" in record.getMessage()
    assert "4111" not in record.getMessage()

    await Turns(lambda: agent).handle(SENDER, screen, Incoming("balance", "m2"))
    assert screen.texts[-1] == "这是您的余额。"


async def test_turn_that_hangs_is_given_up(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(message: UserMessage) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(turns, "LOCK_LIFETIME", 0.05)
    monkeypatch.setattr(agent.processor, "handle_message", hang)
    screen = Screen()
    await Turns(lambda: agent).handle(SENDER, screen, Incoming("balance", "m1"))
    assert screen.texts[0].startswith("抱歉")


async def test_failed_message_may_be_sent_again_if_not_even_the_apology_could_be_given(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any, **__: Any) -> None:
        raise ValueError("no database")

    screen = Screen()
    with monkeypatch.context() as broken:
        broken.setattr(agent.processor, "handle_message", fail)
        broken.setattr(agent.processor, "log_message", fail)
        with pytest.raises(Unanswered):
            await Turns(lambda: agent).handle(SENDER, screen, Incoming("balance", "m1"))
    assert (screen.texts, screen.typing) == ([], False)
    await Turns(lambda: agent).handle(SENDER, screen, Incoming("balance", "m1"))
    assert screen.texts == ["这是您的余额。"]


async def test_missing_apology_is_noticed(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_SORRY", "utter_that_does_not_exist")
    with pytest.raises(Unanswered):
        await Turns(lambda: agent).handle(SENDER, Screen(), Incoming("silent", "m1"))


async def test_language_of_the_widget_decides_until_the_customer_writes_another(agent: Agent) -> None:
    channel, screen = Turns(lambda: agent), Screen()
    await channel.handle(SENDER, screen, Incoming("/greet", "m1"))
    await channel.set_language(SENDER.conversation_id, "en")
    await channel.handle(SENDER, screen, Incoming("/greet", "m2"))
    assert screen.texts == ["您好，我能帮您看账单。", "Hello, I can look at your bill."]


async def test_language_chosen_before_the_first_turn_does_not_stand_in_the_way_of_the_session(agent: Agent) -> None:
    channel = Turns(lambda: agent)
    await channel.set_language(SENDER.conversation_id, "en")
    await channel.handle(SENDER, Screen(), Incoming("balance", "m1"))
    tracker = await agent.tracker_store.retrieve_full_tracker(SENDER.conversation_id)
    assert [event.action_name for event in tracker.events if isinstance(event, ActionExecuted)][0] == (
        "action_session_start"
    )


async def test_transcript_is_empty_only_once_so_the_assistant_greets_once(agent: Agent) -> None:
    channel, screen = Turns(lambda: agent), Screen()
    seen: List[int] = []

    async def show(messages: List[Message]) -> bool:
        seen.append(len(messages))
        return True

    await asyncio.gather(*(channel.open(SENDER, screen, show) for _ in range(3)))
    assert seen == [0, 1, 1]
    assert len(screen.texts) == 1


async def test_nobody_is_greeted_in_a_conversation_that_was_left_meanwhile(agent: Agent) -> None:
    async def gone(messages: List[Message]) -> bool:
        return False

    screen = Screen()
    await Turns(lambda: agent).open(SENDER, screen, gone)
    assert screen.texts == []


async def test_button_that_another_process_offered_works_here(agent: Agent) -> None:
    here, elsewhere = Turns(lambda: agent), Turns(lambda: agent)
    await here.handle(SENDER, Screen(), Incoming("balance", "m1"))
    await elsewhere.handle(SENDER, Screen(), Incoming("/greet", "m2"))
    screen = Screen()
    await here.handle(SENDER, screen, Incoming('/balance{"card": "1234"}', "m3"))
    assert screen.texts == ["这是您的余额。"]
    assert (await lines(agent))[-2:] == ["user: 查余额", "bot: 这是您的余额。"]


async def test_forgetting_a_conversation_changes_nothing(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_MOST_KNOWN", 1)
    channel = Turns(lambda: agent)
    await channel.handle(SENDER, Screen(), Incoming("balance", "m1"))
    await channel.handle(replace(SENDER, conversation_id="web-2"), Screen(), Incoming("balance", "m1"))
    again = Screen()
    await channel.handle(SENDER, again, Incoming("balance", "m1"))
    assert again.texts == []
