"""The Official Account's API as the channel uses it, against a server that answers like it."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import AsyncIterator, List, Type

import pytest
from aiohttp import web

from channels.messaging import access_tokens
from channels.messaging.platform import (
    Address,
    Choice,
    File,
    Later,
    Never,
    Platform,
    QuotaUsed,
    Sendable,
    SendError,
    WindowClosed,
)
from channels.messaging.store import Store
from channels.wechat.client import OfficialAccount
from tests.test_channels.platform_stub import Call, Stub

OPENID = "o9AgO5Kd5ggOC-bXrbNODIiE3bGY"
ADDRESS = Address("wechat", "wx1", OPENID)
SEND, TOKEN, TYPING = "/cgi-bin/message/custom/send", "/cgi-bin/stable_token", "/cgi-bin/message/custom/typing"
_PATIENCE = 20.0  # seconds until a test gives up waiting for something that has to happen
REFUSED = {"errcode": 40001, "errmsg": "invalid credential, access_token is invalid or not latest"}


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    running = await Stub().start()
    running.replies[TOKEN] = running.give_token
    yield running
    await running.stop()


async def account(stub: Stub, folder: Path) -> OfficialAccount:
    """As one process has it."""
    store = Store(f"sqlite:///{folder / 'messaging.db'}")
    await store.prepare()
    return OfficialAccount("wx1", "app-secret", stub.url, store)


@pytest.fixture
async def client(stub: Stub, tmp_path: Path) -> AsyncIterator[OfficialAccount]:
    found = await account(stub, tmp_path)
    yield found
    await found.close()


def takes_only(token: str) -> object:
    return lambda call: {"errcode": 0} if call.query["access_token"] == token else REFUSED


async def test_text_is_sent_as_it_is_written(client: OfficialAccount, stub: Stub) -> None:
    platform: Platform = client
    await platform.send(ADDRESS, Sendable("k1", "您好，本期应还 <1,024.00> 元"))
    (call,) = stub.of(SEND)
    content = {"content": "您好，本期应还 <1,024.00> 元"}
    assert call.body == {"touser": OPENID, "msgtype": "text", "text": content}
    assert "您好".encode() in call.raw  # WeChat would show escapes to the customer
    assert call.query == {"access_token": "token-1"}


async def test_choices_are_sent_as_a_menu(client: OfficialAccount, stub: Stub) -> None:
    await client.send(ADDRESS, Sendable("k1", "怎么还？", (Choice("a", "分期"), Choice("b", "一次还清"))))
    (call,) = stub.of(SEND)
    assert call.body["msgtype"] == "msgmenu"
    assert call.body["msgmenu"]["head_content"] == "怎么还？"
    assert call.body["msgmenu"]["list"] == [{"id": "a", "content": "分期"}, {"id": "b", "content": "一次还清"}]


async def test_account_without_menus_gets_titles_that_can_be_typed(client: OfficialAccount, stub: Stub) -> None:
    stub.replies[SEND] = [{"errcode": 40200, "errmsg": "invalid account type"}, {"errcode": 0}]
    await client.send(ADDRESS, Sendable("k1", "怎么还？", (Choice("a", "分期"), Choice("b", "一次还清"))))
    assert stub.of(SEND)[-1].body["text"]["content"] == "怎么还？\n· 分期\n· 一次还清"


@pytest.mark.parametrize(
    ("code", "means"),
    [
        (45015, WindowClosed),
        (45047, QuotaUsed),
        (-1, Later),
        (45009, Later),
        (48001, Later),
        (40164, Later),
        (40003, Never),
        (43004, Never),
        (45002, Never),
        (99999, Never),
    ],
)
async def test_codes_of_wechat_mean_what_has_to_be_done(
    client: OfficialAccount, stub: Stub, code: int, means: Type[SendError]
) -> None:
    stub.replies[SEND] = {"errcode": code, "errmsg": f"something about {OPENID}"}
    with pytest.raises(SendError) as failed:
        await client.send(ADDRESS, Sendable("k1", "hi"))
    assert type(failed.value) is means
    assert failed.value.code == code
    assert OPENID not in str(failed.value)
    assert len(stub.of(SEND)) == 1


@pytest.mark.parametrize(
    "reply",
    [
        lambda call: web.Response(status=500, text="token-1"),
        lambda call: web.Response(status=502, text="{}"),
        lambda call: web.Response(text="<html>token-1</html>"),
        lambda call: web.Response(text="[]"),
    ],
)
async def test_answer_that_is_none_is_tried_later(client: OfficialAccount, stub: Stub, reply: object) -> None:
    stub.replies[SEND] = reply  # type: ignore[assignment]
    with pytest.raises(Later) as failed:
        await client.send(ADDRESS, Sendable("k1", "hi"))
    assert "token-1" not in str(failed.value)


async def test_server_that_is_not_there_is_tried_later(tmp_path: Path) -> None:
    gone = await Stub().start()
    await gone.stop()
    client = await account(gone, tmp_path)
    with pytest.raises(Later):
        await client.send(ADDRESS, Sendable("k1", "hi"))
    await client.close()


@pytest.mark.parametrize("code", [40001, 40014, 42001, 41001])
async def test_refused_token_is_renewed_once_and_the_message_sent(
    client: OfficialAccount, stub: Stub, code: int
) -> None:
    stub.replies[SEND] = [{"errcode": code}, {"errcode": 0}]
    await client.send(ADDRESS, Sendable("k1", "hi"))
    assert [call.query["access_token"] for call in stub.of(SEND)] == ["token-1", "token-2"]


async def test_token_that_stays_refused_is_tried_later(client: OfficialAccount, stub: Stub) -> None:
    stub.replies[SEND] = REFUSED
    with pytest.raises(Later):
        await client.send(ADDRESS, Sendable("k1", "hi"))
    assert len(stub.of(SEND)) == 2


async def test_token_is_forced_only_if_the_present_one_is_given_again(client: OfficialAccount, stub: Stub) -> None:
    def stable(call: Call) -> object:
        return {"access_token": "token-2" if call.body["force_refresh"] else "token-1", "expires_in": 7200}

    stub.replies[TOKEN] = stable
    stub.replies[SEND] = takes_only("token-2")  # type: ignore[assignment]
    await client.send(ADDRESS, Sendable("k1", "hi"))
    assert [call.body["force_refresh"] for call in stub.of(TOKEN)] == [False, False, True]


async def test_one_token_serves_messages_sent_at_once_and_other_processes(
    client: OfficialAccount, stub: Stub, tmp_path: Path
) -> None:
    other = await account(stub, tmp_path)
    sends = [each.send(ADDRESS, Sendable(f"k{number}", "hi")) for number in range(8) for each in (client, other)]
    await asyncio.gather(*sends)
    assert len(stub.of(TOKEN)) == 1
    assert len(stub.of(SEND)) == 16
    await other.close()


async def test_of_all_processes_one_renews_a_token_that_ended(
    client: OfficialAccount, stub: Stub, tmp_path: Path
) -> None:
    others = [await account(stub, tmp_path) for _ in range(3)]
    for each in (client, *others):
        await each.send(ADDRESS, Sendable("k", "hi"))
    stub.replies[SEND] = takes_only("token-2")  # type: ignore[assignment]
    await asyncio.gather(*(each.send(ADDRESS, Sendable("k", "hi")) for each in (client, *others)))
    assert stub.tokens == 2
    for each in others:
        await each.close()


async def test_token_is_renewed_before_it_ends(client: OfficialAccount, stub: Stub) -> None:
    stub.replies[TOKEN] = [
        {"access_token": "short", "expires_in": 0.0},
        {"access_token": "long", "expires_in": 7200},
    ]
    for _ in range(3):
        await client.send(ADDRESS, Sendable("k", "hi"))
    assert [call.query["access_token"] for call in stub.of(SEND)] == ["short", "long", "long"]


async def test_who_died_while_renewing_is_waited_for_and_then_replaced(
    client: OfficialAccount, stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_tokens, "_RENEWAL_SECONDS", 0.5)
    asked, ended = asyncio.Event(), asyncio.Event()

    async def never(call: Call) -> object:
        asked.set()
        await ended.wait()
        return {}

    stub.replies[TOKEN] = [never, stub.give_token]
    dead = await account(stub, tmp_path)
    dying = asyncio.create_task(dead.send(ADDRESS, Sendable("k", "hi")))
    await asked.wait()
    await client.send(ADDRESS, Sendable("k", "hi"))
    assert [call.query["access_token"] for call in stub.of(SEND)] == ["token-1"]
    ended.set()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    await dead.close()


@pytest.mark.parametrize("answer", [{"errcode": 40125, "errmsg": "invalid appsecret"}, {"access_token": ""}, {}])
async def test_without_a_token_messages_wait_and_the_next_one_asks_again(
    client: OfficialAccount, stub: Stub, answer: object
) -> None:
    stub.replies[TOKEN] = [answer, stub.give_token]  # type: ignore[list-item]
    with pytest.raises(Later):
        await client.send(ADDRESS, Sendable("k", "hi"))
    await client.send(ADDRESS, Sendable("k", "hi"))
    assert len(stub.of(SEND)) == 1


async def calls(stub: Stub, path: str, count: int) -> List[Call]:
    for _ in range(int(_PATIENCE / 0.01)):
        if len(stub.of(path)) >= count:
            return stub.of(path)
        await asyncio.sleep(0.01)
    raise AssertionError(f"{path} was not called {count} times")


async def test_typing_is_shown_and_its_failures_are_no_matter(client: OfficialAccount, stub: Stub) -> None:
    stub.replies[TYPING] = {"errcode": 45081, "errmsg": "already typing"}
    await client.typing(ADDRESS, True)
    await client.typing(ADDRESS, False)
    assert [call.body for call in await calls(stub, TYPING, 2)] == [
        {"touser": OPENID, "command": "Typing"},
        {"touser": OPENID, "command": "CancelTyping"},
    ]


async def test_nothing_waits_for_typing_to_be_shown(client: OfficialAccount, stub: Stub) -> None:
    ended = asyncio.Event()

    async def hang(call: Call) -> object:
        await ended.wait()
        return {}

    stub.replies[TYPING] = hang
    await client.typing(ADDRESS, True)
    await client.typing(ADDRESS, False)
    await client.send(ADDRESS, Sendable("k", "hi"))
    assert len(stub.of(SEND)) == 1
    await client.close()
    ended.set()


async def test_log_holds_neither_token_nor_secret_nor_openid(
    client: OfficialAccount, stub: Stub, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stub.replies[SEND] = [REFUSED, {"errcode": 40003, "errmsg": OPENID}]
    with pytest.raises(Never):
        await client.send(ADDRESS, Sendable("k", "hi"))
    stub.replies[TYPING] = {"errcode": 45080, "errmsg": OPENID}
    await client.typing(ADDRESS, True)
    await calls(stub, TYPING, 1)
    for secret in ("token-1", "token-2", "app-secret", OPENID):
        assert secret not in caplog.text


FETCH = "/cgi-bin/media/get"


def photo(call: Call) -> web.Response:
    headers = {"Content-Disposition": 'attachment; filename="photo.jpg"', "Content-Type": "image/jpeg"}
    return web.Response(body=b"\xff\xd8 a photo", headers=headers)


async def test_customers_file_is_fetched_with_its_name(client: OfficialAccount, stub: Stub) -> None:
    stub.replies[FETCH] = photo
    assert await client.fetch("media-1", 1000) == File(b"\xff\xd8 a photo", "photo.jpg")
    assert stub.of(FETCH)[0].query == {"access_token": "token-1", "media_id": "media-1"}


async def test_token_that_is_over_is_renewed_for_a_file_too(client: OfficialAccount, stub: Stub) -> None:
    stub.replies[FETCH] = [{"errcode": 42001, "errmsg": "access_token expired"}, photo]
    found = await client.fetch("media-1", 1000)
    assert found is not None
    assert [call.query["access_token"] for call in stub.of(FETCH)] == ["token-1", "token-2"]


async def test_file_that_is_larger_than_wanted_is_not_read_to_its_end(client: OfficialAccount, stub: Stub) -> None:
    stub.replies[FETCH] = lambda call: web.Response(body=b"x" * 2000, content_type="image/jpeg")
    assert await client.fetch("media-1", 1000) is None


async def test_file_that_is_gone_and_a_service_that_is_down_are_told_apart(client: OfficialAccount, stub: Stub) -> None:
    stub.replies[FETCH] = {"errcode": 40007, "errmsg": "invalid media_id"}
    with pytest.raises(Never):
        await client.fetch("media-1", 1000)
    stub.replies[FETCH] = lambda call: web.Response(status=502)
    with pytest.raises(Later):
        await client.fetch("media-1", 1000)
