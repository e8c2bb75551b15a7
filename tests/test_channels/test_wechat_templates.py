"""Template messages of the Official Account, through the whole channel: who gets them, and what became of each."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any, AsyncIterator, Callable, Dict, List

import aiohttp
import pytest
from sanic import Sanic

from channels.conversations import Conversations
from channels.messaging import channel as messaging_channel
from channels.simulator.accounts import OfficialConfig, ServiceConfig
from channels.simulator.app import create_app
from channels.simulator.chats import Chat
from channels.simulator.world import World
from channels.wechat.channel import WeChat
from common.settings import settings
from tests.test_channels.messaging import FakeBank, ScriptedAgent
from tests.test_channels.platform_stub import free_socket
from tests.test_channels.test_wecom_people import KEY, nobody, serve

_PATIENCE = 20.0  # seconds until a test gives up waiting for something that has to happen
SEND = "/cgi-bin/message/template/send"
DUE = {
    "template": "simulated-payment-due",
    "fields": {
        "thing1": "尾号 4417",
        "amount2": "¥1,234.50",
        "thing3": "11月25日（周三），也就是后天，请您留意账户余额",
    },
    "url": "https://bank.example/help",
}


@dataclass
class Place:
    """The account, a follower who is a customer, and the channel's address."""

    world: World
    chat: Chat
    bank: FakeBank
    url: str
    conversation_id: str
    http: aiohttp.ClientSession

    async def remind(self, message_id: str = "r-1", **changes: Any) -> int:
        path = f"{self.url}/desk/templates/{self.conversation_id}/{message_id}"
        headers = {"Authorization": f"Bearer {settings().secret('desk_token')}"}
        async with self.http.post(path, json={**DUE, **changes}, headers=headers) as answer:
            return answer.status

    async def fate(self, message_id: str = "r-1", method: str = "GET") -> str:
        path = f"{self.url}/desk/messages/{self.conversation_id}/{message_id}"
        headers = {"Authorization": f"Bearer {settings().secret('desk_token')}"}
        async with self.http.request(method, path, headers=headers) as answer:
            return str((await answer.json())["state"]) if answer.status == 200 else str(answer.status)

    def shown(self) -> List[str]:
        return [entry.text for entry in self.chat.entries if entry.kind == "template"]

    async def until(self, what: Callable[[], Any]) -> None:
        for _ in range(int(_PATIENCE / 0.02)):
            if what():
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"did not happen; on the phone {self.chat.entries}")

    async def becomes(self, state: str) -> None:
        for _ in range(int(_PATIENCE / 0.02)):
            if await self.fate() == state:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(await self.fate())


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    ours, theirs = free_socket(), free_socket()
    origin, api = (f"http://127.0.0.1:{each.getsockname()[1]}" for each in (ours, theirs))
    official = OfficialConfig("wx1", "s", "wechat-token", KEY, f"{origin}/webhooks/wechat/callback")
    world = World(official, ServiceConfig("ww1", "s", "t", KEY, "wk1", "http://127.0.0.1:9"), api)
    values: Dict[str, Any] = {
        "var_dir": tmp_path,
        "wechat_app_id": "wx1",
        "wechat_app_secret": "s",
        "wechat_token": "wechat-token",
        "wechat_aes_key": KEY,
        "wechat_api_url": f"{api}/wechat",
        "messaging_figures": ["wechat"],
    }
    for name, value in values.items():
        monkeypatch.setattr(settings(), name, value)
    bank = FakeBank()
    monkeypatch.setattr(messaging_channel, "bank_client", lambda: bank)
    monkeypatch.setattr("channels.messaging.identity.FRESH_SECONDS", 0.0)
    app = Sanic("wechat_templates", configure_logging=False)
    app.ctx.agent = ScriptedAgent(tmp_path)
    app.blueprint(WeChat().blueprint(nobody), url_prefix="/webhooks/wechat")
    servers = [await serve(create_app(world, "wechat_itself"), theirs), await serve(app, ours)]
    chat = world.chats.open("wechat", "陈女士")
    bank.linked[chat.subject] = "demo-m2"
    conversation_id = Conversations(settings().secret("webchat_secret")).of_customer("demo-m2")
    async with aiohttp.ClientSession() as http:
        found = Place(world, chat, bank, f"{origin}/webhooks/wechat", conversation_id, http)
        world.official.follow(chat)
        await found.until(lambda: len(chat.entries) == 2)  # the greeting
        world.clock.skip(50 * 3600)
        yield found
    for server in reversed(servers):
        await server.before_stop()
        await server.close()
        await server.after_stop()


async def test_follower_who_has_not_written_lately_gets_it_once_and_its_result_is_known(place: Place) -> None:
    assert [await place.remind() for _ in range(2)] == [202, 202]
    await place.becomes("sent")
    (text,) = place.shown()
    assert text.split("\n")[1:3] == ["信用卡尾号：尾号 4417", "应还金额：¥1234.50"]
    assert text.endswith("11月25日（周三），也就是后天，请您…")  # 20 characters
    assert place.chat.entries[-1].choices[0]["url"] == "https://bank.example/help"
    assert place.chat.refusals == []


async def test_one_that_did_not_arrive_is_told_by_its_result(place: Place) -> None:
    place.chat.rejects = True
    assert await place.remind() == 202
    await place.becomes("dropped")
    assert place.shown() == []


async def test_until_its_result_comes_it_waits_and_cannot_be_taken_back(place: Place) -> None:
    place.world.postman.hold()
    assert await place.remind() == 202
    assert [await place.fate(), await place.fate(method="DELETE"), await place.fate("another")] == [
        "waiting",
        "waiting",
        "404",
    ]
    place.world.postman.release()
    await place.becomes("sent")


async def test_answer_that_is_lost_does_not_send_it_twice(place: Place) -> None:
    fault = {"platform": "wechat", "path": SEND, "kind": "status", "status": 500, "after": True}
    place.world.faults.add(fault)
    assert [await place.remind(), await place.remind()] == [503, 202]
    assert len(place.shown()) == 1
    await place.becomes("sent")


async def test_who_has_ended_the_link_or_follows_no_longer_gets_none(place: Place) -> None:
    place.chat.related = False
    assert await place.remind() == 409
    assert place.chat.refusals == [43004]
    place.bank.linked.clear()
    assert await place.remind("r-2") == 404
    assert await place.fate() == "404"
    assert place.shown() == []


@pytest.mark.parametrize(("code", "status"), [(43101, 409), (40037, 409), (47003, 409), (45009, 503), (-1, 503)])
async def test_refusals_are_for_good_or_for_now(place: Place, code: int, status: int) -> None:
    place.world.faults.add({"platform": "wechat", "path": SEND, "kind": "errcode", "errcode": code})
    assert await place.remind() == status
    assert place.shown() == []


async def test_request_that_is_no_template_message_is_refused(place: Place) -> None:
    assert [await place.remind(template=""), await place.remind(fields=None)] == [400, 400]
    async with place.http.post(f"{place.url}/desk/templates/{place.conversation_id}/r-1", json=DUE) as answer:
        assert answer.status == 401
