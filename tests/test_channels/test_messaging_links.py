"""Linking a chat to a customer: once, in time, with the bank's word; and what that changes in the chat."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, AsyncIterator, Dict, List, Optional

import aiohttp
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rasa.core.channels.channel import UserMessage
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from channels.messaging import channel as channel_module
from channels.messaging import fate, link_page, links, window
from channels.messaging.channel import MessagingChannel
from channels.messaging.inbox import Inbox
from channels.messaging.platform import Platform, QuotaUsed, Received, WindowClosed
from channels.messaging.reading import Entry
from common.settings import Settings
from tests.test_channels.conftest import claims, pem
from tests.test_channels.messaging import LIN, MENU, Clock, FakeBank, FakePlatform, Said, ScriptedAgent, World

SIGN_IN = "登录查看我的卡"


def owes(message: UserMessage) -> Said:
    """Asks to sign in whoever is not; says who it is else."""
    identity = (message.metadata or {}).get("identity")
    if identity:
        return [{"text": f"{identity['customer_id']} owes 12.30"}]
    return [{"text": "请先登录。", "custom": {"link": {"title": SIGN_IN, "action": "sign_in"}}}]


class OneChannel(MessagingChannel):
    """A service that posts one message as JSON."""

    def __init__(self, platform: Optional[Platform], clock: Clock) -> None:
        super().__init__(platform, now=clock)
        self._clock = clock

    @classmethod
    def name(cls) -> str:
        return "wechat"

    def entry(self, key: str) -> Optional[Entry]:
        return MENU.get(key)

    def serve(self, blueprint: Blueprint, inbox: Inbox) -> None:
        @blueprint.post("/", name="webhook")
        async def webhook(request: Request) -> HTTPResponse:
            given = request.json
            self._clock.at += 1
            received = Received(LIN, given["key"], self._clock.at, given.get("kind", "text"), given["text"])
            await inbox.take([received])
            return response.text("success")


@dataclass
class Served:
    """The channel in a server, and what stands around it."""

    url: str
    channel: OneChannel
    platform: FakePlatform
    agent: ScriptedAgent
    bank: FakeBank
    clock: Clock
    key: Ed25519PrivateKey
    http: aiohttp.ClientSession
    values: Settings

    async def say(self, text: str, key: str) -> None:
        async with self.http.post(f"{self.url}/webhooks/wechat/", json={"text": text, "key": key}) as answer:
            assert await answer.text() == "success"

    async def sent(self, number: int) -> str:
        """The text of the message of that number, from 1, once it has been sent."""
        for _ in range(1000):
            if len(self.platform.taken) >= number:
                return self.platform.taken[number - 1][1].text
            await asyncio.sleep(0.01)
        raise AssertionError(self.platform.taken)

    async def link(self, number: int = 1) -> str:
        """The path of the link in that message."""
        found = re.search(r"https://chat\.bank\.example(/webhooks/wechat/link/\S+)", await self.sent(number))
        assert found
        return self.url + found[1]

    async def fate(self, conversation_id: str, message_id: str) -> str:
        """What became of a message that answered none, once it is known."""
        url = f"{self.url}/webhooks/wechat/desk/messages/{conversation_id}/{message_id}"
        for _ in range(1000):
            async with self.http.get(url, headers={"Authorization": "Bearer the desk"}) as answer:
                assert answer.status == 200, answer.status
                state = (await answer.json())["state"]
            if state != "waiting":
                return str(state)
            await asyncio.sleep(0.01)
        raise AssertionError("it still waits")

    async def come_back(self, link: str, **changes: Any) -> int:
        token = jwt.encode(claims(**changes), self.key, "EdDSA")
        async with self.http.post(link, data={"identity_token": token}) as answer:
            await answer.text()
            return answer.status


@pytest.fixture
def settings_here(tmp_path: Path) -> Settings:
    return Settings(
        var_dir=tmp_path,
        assistant_url="https://chat.bank.example",
        messaging_figures=["wechat"],
        messaging_sign_in_url="https://www.bank.example/link",
        messaging_page_url="https://www.bank.example/cards",
        desk_token="the desk",
    )


@pytest.fixture
async def served(tmp_path: Path, settings_here: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    bank, platform, clock = FakeBank(), FakePlatform(), Clock()
    for module in (channel_module, fate, link_page, links, window):
        monkeypatch.setattr(module, "settings", lambda: settings_here)
    monkeypatch.setattr(channel_module, "bank_client", lambda: bank)
    key = Ed25519PrivateKey.generate()
    (tmp_path / "identity-public.pem").write_bytes(pem(key))
    app = Sanic("messaging", configure_logging=False)
    agent = app.ctx.agent = ScriptedAgent(tmp_path)
    agent.processor.says = owes
    channel = OneChannel(platform, clock)

    async def unused(_: object) -> None:
        raise AssertionError

    app.blueprint(channel.blueprint(unused), url_prefix="/webhooks/wechat")
    server: Any = await app.create_server(host="127.0.0.1", port=0, return_asyncio_server=True)
    await server.startup()
    await server.before_start()
    await server.start_serving()
    await server.after_start()
    host, port = server.server.sockets[0].getsockname()[:2]
    async with aiohttp.ClientSession() as http:
        yield Served(f"http://{host}:{port}", channel, platform, agent, bank, clock, key, http, settings_here)
    await server.before_stop()
    await server.close()


async def test_customer_who_signs_in_by_the_link_is_answered_what_they_asked_in_the_conversation_of_the_web(
    served: Served,
) -> None:
    await served.say("what do I owe", "1")
    link = await served.link()
    assert await served.come_back(link, customer="demo-m2") == 200
    assert await served.sent(2) == "demo-m2 owes 12.30"
    assert served.bank.linked == {LIN.subject: "demo-m2"}
    stranger, customer = [message.sender_id for message in served.agent.processor.heard]
    assert stranger.startswith("wx-")
    assert customer.startswith("web-")
    await served.say("and now", "2")
    assert await served.sent(3) == "demo-m2 owes 12.30"
    assert served.agent.processor.heard[-1].sender_id == customer


async def test_looking_at_the_link_changes_nothing_and_leads_to_the_banks_page(served: Served) -> None:
    await served.say("what do I owe", "1")
    link = await served.link()
    for _ in range(2):
        async with served.http.get(link) as answer:
            page = await answer.text()
            assert answer.status == 200
            assert answer.headers["Cache-Control"] == "no-store"
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "https://www.bank.example/link?return=https%3A%2F%2Fchat.bank.example%2Fwebhooks%2Fwechat%2Flink" in page
    assert served.bank.linked == {}
    assert await served.come_back(link) == 200


async def test_link_works_once_and_for_ten_minutes(served: Served) -> None:
    await served.say("what do I owe", "1")
    link = await served.link()
    assert await served.come_back(link, customer="demo-m2") == 200
    assert await served.come_back(link, customer="demo-m4") == 410
    assert served.bank.linked == {LIN.subject: "demo-m2"}

    served.bank.linked.clear()
    served.clock.at += 31
    await served.say("once more", "2")
    old = await served.link(3)
    served.clock.at += 601
    assert await served.come_back(old) == 410
    assert served.bank.linked == {}


async def test_link_that_nobody_issued_and_tokens_that_nobody_signed_link_nobody(served: Served) -> None:
    await served.say("what do I owe", "1")
    link = await served.link()
    assert await served.come_back(f"{served.url}/webhooks/wechat/link/guessed") == 410
    stranger = jwt.encode(claims(), Ed25519PrivateKey.generate(), "EdDSA")
    forms: List[Dict[str, str]] = [{}, {"identity_token": "x"}, {"identity_token": stranger}]
    for form in forms:
        async with served.http.post(link, data=form) as answer:
            assert answer.status == 403
    assert served.bank.linked == {}
    assert await served.come_back(link) == 200  # it is still good for its owner


async def test_customer_of_whom_another_takes_over_the_chat_is_no_longer_known_in_it(served: Served) -> None:
    served.bank.linked[LIN.subject] = "demo-m2"
    await served.say("what do I owe", "1")
    assert await served.sent(1) == "demo-m2 owes 12.30"
    served.bank.linked[LIN.subject] = "demo-m4"
    served.clock.at += 31
    await served.say("what do I owe", "2")
    assert await served.sent(2) == "demo-m4 owes 12.30"
    del served.bank.linked[LIN.subject]
    served.clock.at += 31
    await served.say("what do I owe", "3")
    assert "link/" in await served.sent(3)
    assert len({message.sender_id for message in served.agent.processor.heard}) == 3


async def test_message_of_an_agent_reaches_the_chat_of_the_conversation_once(served: Served) -> None:
    served.bank.linked[LIN.subject] = "demo-m2"
    await served.say("hello", "1")
    await served.sent(1)
    output = served.channel.get_output_channel()
    assert output is not None
    conversation_id = served.agent.processor.heard[0].sender_id
    for _ in range(2):
        await output.send_response(conversation_id, {"text": "您好", "agent": {"name": "林"}, "message_id": "d-1"})
    await output.send_text_message(conversation_id, "a reminder")
    assert [await served.sent(2), await served.sent(3)] == ["【林】您好", "a reminder"]
    await output.send_text_message("web-of-somebody-who-never-wrote-here", "lost")
    await served.say("hello again", "2")
    assert await served.sent(4) == "demo-m2 owes 12.30"


async def test_desk_is_told_what_is_left_of_the_window_and_nobody_else_is(served: Served) -> None:
    await served.say("hello", "1")
    await served.sent(1)
    conversation_id = served.agent.processor.heard[0].sender_id
    address = f"{served.url}/webhooks/wechat/desk/windows/{conversation_id}"
    async with served.http.get(address) as answer:
        assert answer.status == 401
    headers = {"Authorization": "Bearer the desk"}

    async def told() -> Any:
        async with served.http.get(address, headers=headers) as answer:
            return await answer.json()

    while (found := await told())["waiting"]:
        await asyncio.sleep(0.01)
    assert found == {
        "open_until": served.clock.at + 48 * 3600,
        "left": 4,
        "waiting": 0,
        "held": None,
        "undelivered": 0,
    }
    served.platform.problems = [QuotaUsed("used", 45047)]
    output = served.channel.get_output_channel()
    assert output is not None
    await output.send_text_message(conversation_id, "one more")
    while (found := await told())["held"] is None:
        await asyncio.sleep(0.01)
    assert (found["held"], found["waiting"]) == ("quota", 1)
    async with served.http.get(f"{address}-unknown", headers=headers) as answer:
        assert answer.status == 404


async def test_channel_without_settings_has_no_routes_and_no_database(
    tmp_path: Path, settings_here: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel_module, "settings", lambda: settings_here)
    channel = OneChannel(None, Clock())
    blueprint = channel.blueprint(None)  # type: ignore[arg-type]
    assert blueprint._future_routes == set()
    assert channel.get_output_channel() is None
    assert not (tmp_path / "messaging.db").exists()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path, ScriptedAgent(tmp_path), FakePlatform())
    made.agent.processor.says = owes
    yield made
    for process in made.processes:
        await process.end()


async def test_service_on_which_the_bank_allows_no_account_data_leads_to_the_banks_page(world: World) -> None:
    world.figures = False
    world.bank.linked[LIN.subject] = "demo-m2"
    process = await world.process()
    await process.inbox.take([world.said("what do I owe")])
    await world.until(lambda: world.platform.taken)
    (text,) = world.platform.texts(LIN)
    assert "12.30" not in text
    assert text.endswith("/home")
    assert world.agent.processor.heard[0].sender_id.startswith("web-")  # yet it is the customer's conversation


async def test_bank_that_does_not_answer_is_believed_for_ten_minutes_and_its_customer_stays_in_the_conversation(
    world: World,
) -> None:
    world.bank.linked[LIN.subject] = "demo-m2"
    process = await world.process()
    await process.inbox.take([world.said("1")])
    await world.until(lambda: len(world.platform.taken) == 1)
    world.bank.down = True
    world.later(60)
    await process.inbox.take([world.said("2")])
    await world.until(lambda: len(world.platform.taken) == 2)
    world.later(600)
    await process.inbox.take([world.said("3")])
    await world.until(lambda: len(world.platform.taken) == 3)
    first, second, third = world.platform.texts(LIN)
    assert first == second == "demo-m2 owes 12.30"
    assert "12.30" not in third
    assert len({message.sender_id for message in world.agent.processor.heard}) == 1
    assert (world.agent.processor.heard[2].metadata or {})["identity_problem"] == "expired"


async def test_reminder_that_does_not_get_through_is_dropped_instead_of_waiting(served: Served) -> None:
    await served.say("hello", "1")
    await served.sent(1)
    conversation_id = served.agent.processor.heard[0].sender_id
    output = served.channel.get_output_channel()
    assert output is not None
    served.platform.problems = [WindowClosed("closed", 45015)]
    await output.send_response(conversation_id, {"text": "a reminder", "message_id": "r-1", "only_now": True})
    assert await served.fate(conversation_id, "r-1") == "dropped"
    await output.send_response(conversation_id, {"text": "another", "message_id": "r-2", "only_now": True})
    assert await served.fate(conversation_id, "r-2") == "sent"
    await served.say("hello again", "2")
    await served.sent(3)
    assert "a reminder" not in served.platform.texts(LIN)


async def test_what_is_not_tried_yet_can_be_taken_back_and_what_was_sent_cannot(served: Served) -> None:
    await served.say("hello", "1")
    await served.sent(1)
    conversation_id = served.agent.processor.heard[0].sender_id
    output = served.channel.get_output_channel()
    assert output is not None
    served.platform.problems = [QuotaUsed("used", 45047)]
    await output.send_response(conversation_id, {"text": "first", "message_id": "d-1"})
    assert await served.fate(conversation_id, "d-1") == "held"
    await output.send_response(conversation_id, {"text": "a reminder", "message_id": "r-1", "only_now": True})
    address = f"{served.url}/webhooks/wechat/desk/messages/{conversation_id}"
    headers = {"Authorization": "Bearer the desk"}
    async with served.http.delete(f"{address}/r-1", headers=headers) as answer:
        assert await answer.json() == {"state": "dropped"}
    async with served.http.get(f"{address}/r-9", headers=headers) as answer:
        assert answer.status == 404
    async with served.http.delete(f"{address}/d-1") as answer:
        assert answer.status == 401
    await served.say("hello again", "2")
    await served.sent(3)
    assert "first" in served.platform.texts(LIN)
    async with served.http.delete(f"{address}/d-1", headers=headers) as answer:
        assert await answer.json() == {"state": "sent"}
    assert "a reminder" not in served.platform.texts(LIN)
