"""A person takes over at WeCom: in the simulated customer service, with a scripted assistant and no other process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any, AsyncIterator, Callable, List, Optional, Tuple

import pytest
import sqlalchemy as sa
from sanic import Sanic

from channels.desk import Desk
from channels.feed import FeedBroker
from channels.messaging import channel as messaging_channel
from channels.simulator.accounts import OfficialConfig, ServiceConfig
from channels.simulator.app import create_app
from channels.simulator.chats import Chat
from channels.simulator.service import ASSISTANT, ENDED, NEW, QUEUE
from channels.simulator.world import World
from channels.transcript import transcript
from channels.wecom.channel import WeCom
from common.database import Database
from common.feed import EventFeed
from common.settings import settings
from desk.ingestion import take_next
from desk.journal import Journal
from desk.tables import messages, metadata
from tests.test_channels.messaging import FakeBank, ScriptedAgent
from tests.test_channels.platform_stub import free_socket

KEY = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"
TRANS = "/cgi-bin/kf/service_state/trans"
_BACK = "接下来由我继续"  # of what is said when people are done
_PATIENCE = 20.0  # seconds until a test gives up waiting for something that has to happen


@dataclass
class Place:
    """The customer service, one customer's chat there, and the assistant."""

    world: World
    chat: Chat
    agent: ScriptedAgent
    asked_here: List[str]  # conversations for which people of the desk were wanted instead
    feed: EventFeed
    desk: Database

    def write(self, text: str) -> None:
        self.world.service.write(self.chat, text)

    @property
    def received(self) -> List[str]:
        """What the customer got from the account."""
        return [entry.text for entry in self.chat.entries if entry.sender == "account"]

    def at_the_desk(self) -> List[Tuple[str, Optional[str], str]]:
        """The transcript as the desk has it: who, the name of an agent, and what."""
        with self.desk.writing() as connection:
            journal = Journal(connection)
            reached = -1
            while (now := take_next(journal, self.feed)) != reached:
                reached = now
        with self.desk.reading() as connection:
            rows = connection.execute(sa.select(messages).order_by(messages.c.id))
            return [(row.sender, row.agent_name, row.text) for row in rows]

    @property
    def heard(self) -> List[Any]:
        """What the assistant was given, in order."""
        return [message.text for message in self.agent.processor.heard]

    async def until(self, what: Callable[[], Any]) -> None:
        for _ in range(int(_PATIENCE / 0.02)):
            if what():
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"did not happen; heard {self.heard}, on the phone {self.chat.entries}")

    async def ask_for_a_person(self) -> None:
        """The customer does, and reads that somebody will come."""
        before = len(self.received)
        self.write("a person please")
        await self.until(lambda: len(self.received) > before)

    async def with_an_agent(self) -> None:
        """One of WeCom's own has taken the customer from the queue."""
        await self.ask_for_a_person()
        self.world.service.accept(self.chat)
        self.world.service.agent_says(self.chat, "您好，我是小王")


@pytest.fixture
def people() -> str:
    """Who answers: the desk's people or WeCom's."""
    return "wecom"


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, people: str) -> AsyncIterator[Place]:
    ours, theirs = free_socket(), free_socket()
    origin, api = (f"http://127.0.0.1:{each.getsockname()[1]}" for each in (ours, theirs))
    webhook = f"{origin}/webhooks/wecom/callback"
    service = ServiceConfig("ww1", "s", "wecom-token", KEY, "wk1", webhook)
    world = World(OfficialConfig("wx1", "s", "t", "", "http://127.0.0.1:9"), service, api)
    values = {
        "var_dir": tmp_path,
        "wecom_corp_id": "ww1",
        "wecom_secret": "s",
        "wecom_token": "wecom-token",
        "wecom_aes_key": KEY,
        "wecom_api_url": f"{api}/wecom",
        "wecom_people": people,
    }
    for name, value in values.items():
        monkeypatch.setattr(settings(), name, value)
    monkeypatch.setattr(messaging_channel, "bank_client", FakeBank)
    asked_here: List[str] = []

    async def come_here(_: Desk, conversation_id: str) -> bool:
        asked_here.append(conversation_id)
        return True

    monkeypatch.setattr(Desk, "come_here", come_here)
    app = Sanic("wecom_people", configure_logging=False)
    agent = app.ctx.agent = ScriptedAgent(tmp_path)
    feed = EventFeed(f"sqlite:///{tmp_path / 'events.db'}")
    agent.tracker_store.event_broker = FeedBroker(feed)
    desk = Database(f"sqlite:///{tmp_path / 'desk.db'}", metadata)
    desk.prepare()
    app.blueprint(WeCom().blueprint(nobody), url_prefix="/webhooks/wecom")
    servers = [await serve(create_app(world, "wecom_itself"), theirs), await serve(app, ours)]
    chat = world.chats.open("wecom", "陈女士")
    chat.related = True
    yield Place(world, chat, agent, asked_here, feed, desk)
    for server in reversed(servers):
        await server.before_stop()
        await server.close()
        await server.after_stop()
    feed.close()
    desk.close()


async def serve(app: Sanic, sock: Any) -> Any:
    server: Any = await app.create_server(sock=sock, return_asyncio_server=True)
    await server.startup()
    await server.before_start()
    await server.start_serving()
    await server.after_start()
    return server


async def nobody(_: Any) -> None:
    raise AssertionError("the channel answers by itself")


async def test_customer_who_wants_a_person_stands_in_wecoms_queue_and_is_told_so(place: Place) -> None:
    await place.ask_for_a_person()
    assert place.chat.service_state == QUEUE
    assert place.received == ["re: a person please"]
    assert place.chat.refusals == []


async def test_assistant_is_silent_while_wecoms_agent_talks_and_goes_on_when_the_talk_ends(place: Place) -> None:
    await place.with_an_agent()
    place.write("为什么多收了利息")
    await place.until(lambda: place.heard[-1] == "为什么多收了利息")
    assert place.received == ["re: a person please"]
    place.world.service.end(place.chat)
    await place.until(lambda: len(place.received) == 2)
    assert _BACK in place.received[1]
    place.write("还有一件事")
    await place.until(lambda: len(place.received) == 3)
    assert place.received[2] == "re: 还有一件事"
    assert place.chat.service_state == NEW
    assert place.chat.refusals == []


async def test_what_wecoms_agent_writes_stands_in_the_desks_transcript_in_order_and_once(place: Place) -> None:
    await place.with_an_agent()
    place.write("为什么多收了利息")
    place.world.service.agent_says(place.chat, "我查一下")
    place.world.postman.copies = 3
    place.world.service.agent_says(place.chat, "是上月的尾数")
    place.world.service.end(place.chat)
    await place.until(lambda: len(place.received) == 2)
    name = place.world.service.config.servicer
    told = place.at_the_desk()
    assert told[:6] == [
        ("user", None, "a person please"),
        ("bot", None, "re: a person please"),
        ("agent", name, "您好，我是小王"),
        ("user", None, "为什么多收了利息"),
        ("agent", name, "我查一下"),
        ("agent", name, "是上月的尾数"),
    ]
    assert [sender for sender, _, _ in told[6:]] == ["bot"]
    assert place.heard == ["a person please", "为什么多收了利息"]
    assert place.chat.refusals == []


async def test_customer_is_shown_the_agents_words_elsewhere_without_an_id_of_the_bank(place: Place) -> None:
    await place.with_an_agent()
    place.world.service.end(place.chat)
    await place.until(lambda: len(place.received) == 2)
    (conversation_id,) = {message.sender_id for message in place.agent.processor.heard}
    tracker = await place.agent.processor.get_tracker(conversation_id)
    (said,) = [each for each in transcript(tracker.events) if each["sender"] == "agent"]
    assert said["text"] == "您好，我是小王"
    assert said["agent"] == {"name": "企业微信客服"}


async def test_agent_who_writes_first_begins_a_conversation(place: Place) -> None:
    place.world.service.hand_to(place.chat, "servicer")
    place.world.service.agent_says(place.chat, "您好")
    await place.until(lambda: ("agent", "servicer", "您好") in place.at_the_desk())
    assert place.received == []


async def test_customer_may_want_a_person_again_and_again(place: Place) -> None:
    for _ in range(2):
        await place.with_an_agent()
        before = len(place.received)
        place.world.service.end(place.chat)
        await place.until(lambda: len(place.received) > before)  # noqa: B023 - awaited in this round
        assert _BACK in place.received[-1]
        assert place.chat.service_state == ENDED
    assert place.chat.refusals == []


async def test_end_that_comes_too_late_for_a_word_lets_the_assistant_answer_all_the_same(place: Place) -> None:
    await place.with_an_agent()
    place.world.postman.hold()
    place.world.service.end(place.chat)
    place.world.clock.skip(21)
    place.world.postman.release()
    place.write("还有一件事")
    await place.until(lambda: any("re: 还有一件事" in text for text in place.received))


async def test_agent_who_takes_up_an_ended_talk_again_makes_the_assistant_silent(place: Place) -> None:
    await place.with_an_agent()
    place.world.service.end(place.chat)
    await place.until(lambda: len(place.received) == 2)
    place.world.service.take_up(place.chat)
    place.write("are you there")
    await place.until(lambda: place.heard[-1] == "are you there")
    place.world.service.end(place.chat)
    await place.until(lambda: len(place.received) == 3)
    assert all(_BACK in text for text in place.received[1:])


async def test_where_wecom_takes_nobody_people_of_the_desk_are_asked_and_the_customer_is_told(place: Place) -> None:
    place.world.faults.add({"platform": "wecom", "path": TRANS, "kind": "errcode", "errcode": 95016, "times": 9})
    await place.ask_for_a_person()
    assert len(place.asked_here) == 1
    assert place.received == ["re: a person please"]
    assert place.chat.service_state == NEW


async def test_wecom_that_does_not_answer_is_asked_again(place: Place) -> None:
    place.world.faults.add({"platform": "wecom", "path": TRANS, "kind": "status", "status": 500})
    await place.ask_for_a_person()
    assert (place.chat.service_state, place.asked_here) == (QUEUE, [])
    assert place.received == ["re: a person please"]


@pytest.mark.parametrize("people", ["desk"])
async def test_while_people_of_the_desk_answer_wecoms_leave_the_conversation_to_us(place: Place) -> None:
    await place.ask_for_a_person()
    assert place.chat.service_state == ASSISTANT
    assert place.received == ["re: a person please"]
    place.write("hello")
    await place.until(lambda: place.heard[-1] == "hello")
    assert place.chat.service_state == ASSISTANT
    assert place.chat.refusals == []


@pytest.mark.parametrize("people", ["desk"])
async def test_wecoms_agent_who_comes_between_does_not_end_the_talk_with_people_of_the_desk(place: Place) -> None:
    await place.ask_for_a_person()
    place.world.service.hand_to(place.chat, "servicer")
    place.world.service.end(place.chat)
    place.world.service.take_up(place.chat)
    place.world.service.end(place.chat)
    place.write("are you there")
    await place.until(lambda: place.heard[-1] == "are you there")
    place.write("still there")
    await place.until(lambda: place.heard[-1] == "still there")
    assert place.received == ["re: a person please"]
