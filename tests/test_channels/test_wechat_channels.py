"""Both services from the platform's call to the answer at the platform's API, with a scripted assistant between."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, AsyncIterator, Dict, List

import aiohttp
import pytest
from rasa.core.channels.channel import UserMessage
from sanic import Sanic

from channels.messaging import channel as messaging_channel
from channels.messaging.crypto import Seal
from channels.wechat.channel import WeChat
from channels.wecom.channel import WeCom
from common.settings import settings
from tests.test_channels.messaging import FakeBank, ScriptedAgent
from tests.test_channels.platform_stub import Call, Stub, free_socket

WECHAT_KEY, WECOM_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"
OPENID, CUSTOMER = "o9AgO5Kd5ggOC-bXrbNODIiE3bGY", "wmAJ2GCAAAme1XQRC-NI-q0_ZM9ukoAw"
SEND, KF_SEND, KF_SYNC = "/cgi-bin/message/custom/send", "/cgi-bin/kf/send_msg", "/cgi-bin/kf/sync_msg"
KF_ON_EVENT = "/cgi-bin/kf/send_msg_on_event"
_PATIENCE = 20.0  # seconds until a test gives up waiting for something that has to happen


@dataclass
class Assistant:
    """A running server with both channels, and the platforms' servers that call it."""

    url: str
    agent: ScriptedAgent
    stub: Stub
    session: aiohttp.ClientSession
    log: List[Dict[str, Any]]  # what WeCom has to read

    async def wechat(self, fields: str, at: int = 0) -> "tuple[int, str]":
        """WeChat posts a message of the follower."""
        head = f"<ToUserName>gh_1</ToUserName><FromUserName>{OPENID}</FromUserName>"
        content = f"<xml>{head}<CreateTime>{at or int(time.time())}</CreateTime>{fields}</xml>"
        return await self._post("wechat", Seal("wechat-token", "wx1", [WECHAT_KEY]), content)

    async def wecom(self) -> "tuple[int, str]":
        """WeCom says that there is news."""
        told = "<MsgType>event</MsgType><Event>kf_msg_or_event</Event><Token>CALLBACK</Token><OpenKfId>wk1</OpenKfId>"
        return await self._post("wecom", Seal("wecom-token", "ww1", [WECOM_KEY]), f"<xml>{told}</xml>")

    async def _post(self, name: str, seal: Seal, content: str) -> "tuple[int, str]":
        encrypted, at = seal.close(content.encode()), str(int(time.time()))
        query = {"msg_signature": seal.sign(at, "n", encrypted), "timestamp": at, "nonce": "n"}
        body = f"<xml><ToUserName>x</ToUserName><Encrypt>{encrypted}</Encrypt></xml>"
        async with self.session.post(f"{self.url}/webhooks/{name}/callback", params=query, data=body) as answer:
            return answer.status, await answer.text()

    def customer_writes(self, text: str) -> None:
        head = {"msgid": f"m-{len(self.log)}", "open_kfid": "wk1", "external_userid": CUSTOMER, "origin": 3}
        self.log.append({**head, "send_time": int(time.time()), "msgtype": "text", "text": {"content": text}})

    def customer_enters(self, code: str) -> None:
        event = {"event_type": "enter_session", "open_kfid": "wk1", "external_userid": CUSTOMER, "welcome_code": code}
        head = {"msgid": f"m-{len(self.log)}", "origin": 4, "send_time": int(time.time()), "msgtype": "event"}
        self.log.append({**head, "event": event})

    def give(self, call: Call) -> Dict[str, Any]:
        start = int(call.body.get("cursor", "0"))
        return {"errcode": 0, "next_cursor": str(len(self.log)), "has_more": 0, "msg_list": self.log[start:]}

    async def sent(self, path: str, count: int) -> List[Any]:
        """What the platform was given to send, once it is so much."""
        for _ in range(int(_PATIENCE / 0.02)):
            if len(self.stub.of(path)) >= count:
                return [call.body for call in self.stub.of(path)]
            await asyncio.sleep(0.02)
        raise AssertionError(f"not sent; called were {[call.path for call in self.stub.calls]}")


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    running = await Stub().start()
    running.replies["/cgi-bin/stable_token"] = running.replies["/cgi-bin/gettoken"] = running.give_token
    yield running
    await running.stop()


@pytest.fixture
def connected(stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of both accounts."""
    values = {
        "var_dir": tmp_path,
        "wechat_app_id": "wx1",
        "wechat_app_secret": "s",
        "wechat_token": "wechat-token",
        "wechat_aes_key": WECHAT_KEY,
        "wechat_api_url": stub.url,
        "wecom_corp_id": "ww1",
        "wecom_secret": "s",
        "wecom_token": "wecom-token",
        "wecom_aes_key": WECOM_KEY,
        "wecom_api_url": stub.url,
    }
    for name, value in values.items():
        monkeypatch.setattr(settings(), name, value)
    monkeypatch.setattr(messaging_channel, "bank_client", FakeBank)


@pytest.fixture
async def assistant(connected: None, stub: Stub, tmp_path: Path) -> AsyncIterator[Assistant]:
    app = Sanic("wechat", configure_logging=False)
    agent = app.ctx.agent = ScriptedAgent(tmp_path)
    for channel in (WeChat(), WeCom()):
        app.blueprint(channel.blueprint(_nobody), url_prefix=f"/webhooks/{channel.name()}")
    server: Any = await app.create_server(sock=free_socket(), return_asyncio_server=True)
    await server.startup()
    await server.before_start()
    await server.start_serving()
    await server.after_start()
    port = server.server.sockets[0].getsockname()[1]
    async with aiohttp.ClientSession() as session:
        found = Assistant(f"http://127.0.0.1:{port}", agent, stub, session, [])
        stub.replies[KF_SYNC] = found.give
        yield found
    await server.before_stop()
    await server.close()


async def _nobody(_: UserMessage) -> None:
    raise AssertionError("the channel answers by itself")


async def test_follower_is_answered_over_the_api(assistant: Assistant) -> None:
    message = "<MsgType>text</MsgType><Content>我逾期了怎么办</Content><MsgId>1</MsgId>"
    assert await assistant.wechat(message) == (200, "success")
    (answer,) = await assistant.sent(SEND, 1)
    assert answer == {"touser": OPENID, "msgtype": "text", "text": {"content": "re: 我逾期了怎么办"}}


async def test_message_that_wechat_delivers_three_times_is_answered_once(assistant: Assistant) -> None:
    first = "<MsgType>text</MsgType><Content>1</Content><MsgId>1</MsgId>"
    await asyncio.gather(*(assistant.wechat(first) for _ in range(3)))
    await assistant.sent(SEND, 1)
    assert await assistant.wechat(first) == (200, "success")
    await assistant.wechat(first.replace("1", "2"), at=int(time.time()) + 1)
    answers = await assistant.sent(SEND, 2)
    assert [answer["text"]["content"] for answer in answers] == ["re: 1", "re: 2"]


async def test_press_on_the_menu_says_what_its_entry_says(assistant: Assistant) -> None:
    await assistant.wechat("<MsgType>event</MsgType><Event>CLICK</Event><EventKey>amount_due</EventKey>")
    await assistant.sent(SEND, 1)
    assert [message.text for message in assistant.agent.processor.heard] == ["/ask_amount_due"]


async def test_event_that_asks_for_nothing_is_acknowledged(assistant: Assistant) -> None:
    view = "<MsgType>event</MsgType><Event>VIEW</Event><EventKey>https://bank.example</EventKey>"
    assert await assistant.wechat(view) == (200, "success")
    assert await assistant.wechat("<Strange>yes</Strange>") == (400, "")
    assert assistant.agent.processor.heard == []


async def test_customer_of_the_customer_service_is_answered_over_the_api(assistant: Assistant) -> None:
    assistant.customer_writes("我逾期了怎么办")
    assert await assistant.wecom() == (200, "success")
    (answer,) = await assistant.sent(KF_SEND, 1)
    assert (answer["touser"], answer["open_kfid"]) == (CUSTOMER, "wk1")
    assert answer["text"] == {"content": "re: 我逾期了怎么办"}
    assert 0 < len(answer["msgid"]) <= 32


async def test_who_opens_the_customer_service_is_welcomed_outside_the_quota(assistant: Assistant) -> None:
    assistant.customer_enters("WELCOME")
    await assistant.wecom()
    (greeting,) = await assistant.sent(KF_ON_EVENT, 1)
    assert (greeting["code"], greeting["text"]) == ("WELCOME", {"content": "re: /greet"})
    assistant.customer_writes("hi")
    await assistant.wecom()
    (answer,) = await assistant.sent(KF_SEND, 1)
    assert answer["text"] == {"content": "re: hi"}


def test_without_settings_there_are_no_channels_and_they_cost_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "var_dir", tmp_path)
    for name in ("wechat_app_id", "wecom_corp_id"):
        monkeypatch.setattr(settings(), name, None)
    app = Sanic("no_wechat", configure_logging=False)
    for channel in (WeChat(), WeCom()):
        app.blueprint(channel.blueprint(_nobody), url_prefix=f"/webhooks/{channel.name()}")
        assert channel.get_output_channel() is None
    assert not app.router.routes
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("missing", ["wechat_app_secret", "wechat_token"])
def test_half_of_the_settings_of_wechat_is_told_at_start(
    connected: None, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setattr(settings(), missing, None)
    with pytest.raises(ValueError, match=missing.upper()):
        WeChat()


@pytest.mark.parametrize("missing", ["wecom_secret", "wecom_token", "wecom_aes_key"])
def test_half_of_the_settings_of_wecom_is_told_at_start(
    connected: None, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setattr(settings(), missing, None)
    with pytest.raises(ValueError, match=missing.upper()):
        WeCom()
