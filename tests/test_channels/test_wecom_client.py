"""The customer service's API as the channel uses it, against a server that answers like it."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any, AsyncIterator, Dict, List, Type

import pytest
from aiohttp import web

from channels.messaging.platform import (
    ASSISTANT,
    PEOPLE,
    Address,
    Choice,
    Document,
    File,
    Later,
    Never,
    NoPeople,
    NotNow,
    Platform,
    QuotaUsed,
    Sendable,
    SendError,
    WindowClosed,
)
from channels.messaging.store import Store
from channels.wecom import codes
from channels.wecom.client import CustomerService, State
from channels.wecom.codes import Code
from tests.test_channels.platform_stub import Call, Stub

ADDRESS = Address("wecom", "wk1", "wm-customer")
TOKEN, SEND, ON_EVENT = "/cgi-bin/gettoken", "/cgi-bin/kf/send_msg", "/cgi-bin/kf/send_msg_on_event"
SYNC, STATE, TRANS = "/cgi-bin/kf/sync_msg", "/cgi-bin/kf/service_state/get", "/cgi-bin/kf/service_state/trans"
UPLOAD = "/cgi-bin/media/upload"
PAPER = Sendable(
    "k1-1", "下载文件\nhttps://bank", document=Document("c-1", "d-1", "证明.pdf"), file=File(b"%PDF-1.7", "证明.pdf")
)
MENU = Sendable("k1-0", "怎么还？", (Choice("a", "分期"), Choice("b", "一次还清")))


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    running = await Stub().start()
    running.replies[TOKEN] = running.give_token
    yield running
    await running.stop()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    found = Store(f"sqlite:///{tmp_path / 'messaging.db'}")
    await found.prepare()
    yield found
    found.close()


@pytest.fixture
async def client(stub: Stub, store: Store) -> AsyncIterator[CustomerService]:
    found = CustomerService("ww1", "corp-secret", stub.url, store)
    yield found
    await found.close()


@pytest.fixture
async def own(stub: Stub, store: Store) -> AsyncIterator[CustomerService]:
    """Where WeCom's own agents answer."""
    found = CustomerService("ww1", "corp-secret", stub.url, store, own_people=True)
    yield found
    await found.close()


async def test_text_is_sent_with_its_key(client: CustomerService, stub: Stub) -> None:
    platform: Platform = client
    await platform.send(ADDRESS, Sendable("k1-0", "您好"))
    (asked,), (call,) = stub.of(TOKEN), stub.of(SEND)
    assert asked.query == {"corpid": "ww1", "corpsecret": "corp-secret"}
    assert call.query == {"access_token": "token-1"}
    to = {"touser": "wm-customer", "open_kfid": "wk1", "msgid": "k1-0"}
    assert call.body == {**to, "msgtype": "text", "text": {"content": "您好"}}
    assert "您好".encode() in call.raw


async def test_choices_are_sent_as_a_menu(client: CustomerService, stub: Stub) -> None:
    await client.send(ADDRESS, MENU)
    (call,) = stub.of(SEND)
    assert call.body["msgmenu"] == {
        "head_content": "怎么还？",
        "list": [
            {"type": "click", "click": {"id": "a", "content": "分期"}},
            {"type": "click", "click": {"id": "b", "content": "一次还清"}},
        ],
    }


async def test_file_is_uploaded_and_sent_by_its_id(client: CustomerService, stub: Stub, store: Store) -> None:
    stub.replies[UPLOAD] = {"errcode": 0, "type": "file", "media_id": "m-1"}
    await store.write(codes.keep, ADDRESS, Code("CODE", menus=True), time.time() + 60)  # such leave is for texts alone
    await client.send(ADDRESS, PAPER)
    (upload,), (call,) = stub.of(UPLOAD), stub.of(SEND)
    assert upload.query == {"access_token": "token-1", "type": "file"}
    assert 'filename="证明.pdf"'.encode() in upload.raw
    assert b"%PDF-1.7" in upload.raw
    to = {"touser": "wm-customer", "open_kfid": "wk1", "msgid": "k1-1"}
    assert call.body == {**to, "msgtype": "file", "file": {"media_id": "m-1"}}


@pytest.mark.parametrize("path", [UPLOAD, SEND])
async def test_file_that_wecom_does_not_take_is_sent_as_its_link(
    client: CustomerService, stub: Stub, path: str
) -> None:
    stub.replies[UPLOAD] = {"errcode": 0, "media_id": "m-1"}
    refused = {"errcode": 40004, "errmsg": "invalid media file type"}
    stub.replies[path] = [refused, {"errcode": 0}] if path == SEND else refused
    await client.send(ADDRESS, PAPER)
    assert stub.of(SEND)[-1].body["text"] == {"content": PAPER.text}


@pytest.mark.parametrize(("path", "code", "means"), [(UPLOAD, -1, Later), (SEND, 95001, QuotaUsed)])
async def test_file_waits_as_any_message_does(
    client: CustomerService, stub: Stub, path: str, code: int, means: Type[SendError]
) -> None:
    stub.replies[path] = {"errcode": code, "errmsg": "busy"}
    with pytest.raises(means):
        await client.send(ADDRESS, PAPER)


@pytest.mark.parametrize(
    ("code", "means"),
    [
        (95001, QuotaUsed),
        (95002, WindowClosed),
        (95013, WindowClosed),
        (-1, Later),
        (45009, Later),
        (48002, Later),
        (95000, Later),
        (40096, Never),
        (40035, Never),
    ],
)
async def test_codes_of_wecom_mean_what_has_to_be_done(
    client: CustomerService, stub: Stub, code: int, means: Type[SendError]
) -> None:
    stub.replies[SEND] = {"errcode": code, "errmsg": "something about wm-customer"}
    with pytest.raises(SendError) as failed:
        await client.send(ADDRESS, Sendable("k1-0", "hi"))
    assert (type(failed.value), failed.value.code) == (means, code)
    assert "wm-customer" not in str(failed.value)


@pytest.mark.parametrize(("state", "means"), [(0, Later), (1, Later), (2, NotNow), (3, NotNow), (4, WindowClosed)])
async def test_state_of_the_conversation_says_why_it_may_not_be_sent_now(
    own: CustomerService, stub: Stub, state: int, means: Type[SendError]
) -> None:
    stub.replies[SEND] = {"errcode": 95018, "errmsg": "send msg session status invalid"}
    stub.replies[STATE] = {"errcode": 0, "service_state": state, "servicer_userid": ""}
    with pytest.raises(means):
        await own.send(ADDRESS, Sendable("k1-0", "hi"))
    assert stub.of(STATE)[0].body == {"open_kfid": "wk1", "external_userid": "wm-customer"}


async def test_message_that_had_arrived_after_all_is_not_an_error(client: CustomerService, stub: Stub) -> None:
    stub.replies[SEND] = [{"errcode": -1}, {"errcode": 40035, "errmsg": "msgid exists, hint: [1]"}]
    with pytest.raises(Later):
        await client.send(ADDRESS, Sendable("k1-0", "hi"))
    await client.send(ADDRESS, Sendable("k1-0", "hi"))
    assert [call.body["msgid"] for call in stub.of(SEND)] == ["k1-0", "k1-0"]


async def test_welcome_is_sent_with_its_code_and_only_once(client: CustomerService, store: Store, stub: Stub) -> None:
    await store.write(codes.keep, ADDRESS, Code("CODE", menus=True), time.time() + 20)
    await client.send(ADDRESS, MENU)
    await client.send(ADDRESS, Sendable("k2-0", "hi"))
    (greeting,), (answer,) = stub.of(ON_EVENT), stub.of(SEND)
    assert (greeting.body["code"], greeting.body["msgid"], greeting.body["msgtype"]) == ("CODE", "k1-0", "msgmenu")
    assert "touser" not in greeting.body
    assert answer.body["msgid"] == "k2-0"


async def test_welcome_that_comes_too_late_is_sent_as_any_message(
    client: CustomerService, store: Store, stub: Stub
) -> None:
    await store.write(codes.keep, ADDRESS, Code("CODE", menus=True), time.time() - 1)
    await client.send(ADDRESS, MENU)
    assert (len(stub.of(ON_EVENT)), len(stub.of(SEND))) == (0, 1)


async def test_code_that_is_refused_is_tried_once_and_the_message_sent_as_any(
    client: CustomerService, store: Store, stub: Stub
) -> None:
    await store.write(codes.keep, ADDRESS, Code("CODE", menus=True), time.time() + 20)
    stub.replies[ON_EVENT] = {"errcode": 40035, "errmsg": "invalid code"}
    await client.send(ADDRESS, MENU)
    await client.send(ADDRESS, MENU)
    assert (len(stub.of(ON_EVENT)), len(stub.of(SEND))) == (1, 2)


async def test_code_is_kept_while_it_is_not_known_whether_it_was_used(
    client: CustomerService, store: Store, stub: Stub
) -> None:
    await store.write(codes.keep, ADDRESS, Code("CODE", menus=True), time.time() + 20)
    stub.replies[ON_EVENT] = [{"errcode": -1}, {"errcode": 0}]
    with pytest.raises(Later):
        await client.send(ADDRESS, MENU)
    await client.send(ADDRESS, MENU)
    assert [call.body["code"] for call in stub.of(ON_EVENT)] == ["CODE", "CODE"]
    assert stub.of(SEND) == []


def in_state(stub: Stub, state: int) -> None:
    stub.replies[STATE] = {"errcode": 0, "service_state": state, "servicer_userid": ""}


@pytest.mark.parametrize("state", [0, 1])
async def test_to_wecoms_own_people_goes_one_more_message_and_it_is_a_text(
    own: CustomerService, stub: Stub, state: int
) -> None:
    in_state(stub, state)
    stub.replies[TRANS] = {"errcode": 0, "msg_code": "QUEUED"}
    await own.send(ADDRESS, replace(MENU, passes=PEOPLE))
    assert stub.of(TRANS)[0].body == {"open_kfid": "wk1", "external_userid": "wm-customer", "service_state": 2}
    (told,) = stub.of(ON_EVENT)
    assert (told.body["code"], told.body["text"]) == ("QUEUED", {"content": "怎么还？\n· 分期\n· 一次还清"})
    assert stub.of(SEND) == []


async def test_conversation_is_queued_once_however_often_its_message_is_tried(own: CustomerService, stub: Stub) -> None:
    in_state(stub, 1)
    stub.replies[TRANS] = {"errcode": 0, "msg_code": "QUEUED"}
    stub.replies[ON_EVENT] = [{"errcode": -1}, {"errcode": 0}]
    with pytest.raises(Later):
        await own.send(ADDRESS, replace(MENU, passes=PEOPLE))
    in_state(stub, 2)
    await own.send(ADDRESS, replace(MENU, passes=PEOPLE))
    assert len(stub.of(TRANS)) == 1
    assert [call.body["code"] for call in stub.of(ON_EVENT)] == ["QUEUED", "QUEUED"]


async def test_that_there_are_no_people_at_wecom_is_told_before_anything_is_sent(
    own: CustomerService, stub: Stub
) -> None:
    in_state(stub, 1)
    stub.replies[TRANS] = {"errcode": 95016, "errmsg": "not allow to trans to this service state"}
    with pytest.raises(NoPeople) as failed:
        await own.send(ADDRESS, replace(MENU, passes=PEOPLE))
    assert failed.value.code == 95016
    assert (stub.of(SEND), stub.of(ON_EVENT)) == ([], [])


async def test_ended_conversation_is_not_queued_before_the_customer_writes(own: CustomerService, stub: Stub) -> None:
    in_state(stub, 4)
    with pytest.raises(WindowClosed):
        await own.send(ADDRESS, replace(MENU, passes=PEOPLE))
    assert stub.of(TRANS) == []


@pytest.mark.parametrize("state", [2, 3])
async def test_who_goes_on_with_the_assistant_leaves_wecoms_people_and_is_answered(
    own: CustomerService, stub: Stub, state: int
) -> None:
    in_state(stub, state)
    stub.replies[TRANS] = {"errcode": 0, "msg_code": "ENDED"}
    await own.send(ADDRESS, replace(MENU, passes=ASSISTANT))
    assert [call.body["service_state"] for call in stub.of(TRANS)] == [4]
    (told,) = stub.of(ON_EVENT)
    assert (told.body["code"], told.body["msgtype"]) == ("ENDED", "msgmenu")


@pytest.mark.parametrize(("state", "becomes"), [(0, [1]), (1, []), (2, [])])
async def test_while_people_of_the_desk_answer_the_conversation_is_the_assistants_at_wecom(
    client: CustomerService, stub: Stub, state: int, becomes: List[int]
) -> None:
    in_state(stub, state)
    await client.send(ADDRESS, replace(MENU, passes=PEOPLE))
    assert [call.body["service_state"] for call in stub.of(TRANS)] == becomes
    assert len(stub.of(SEND)) == 1


async def test_where_people_answer_at_the_desk_nobody_is_left_in_wecoms_queue(
    client: CustomerService, stub: Stub
) -> None:
    in_state(stub, 2)
    stub.replies[SEND] = {"errcode": 95018, "errmsg": "send msg session status invalid"}
    stub.replies[TRANS] = {"errcode": 0, "msg_code": "ENDED"}
    with pytest.raises(Later):
        await client.send(ADDRESS, MENU)
    await client.send(ADDRESS, MENU)
    assert [call.body["service_state"] for call in stub.of(TRANS)] == [4]
    assert [call.body["code"] for call in stub.of(ON_EVENT)] == ["ENDED"]


async def test_state_is_what_the_service_says(client: CustomerService, stub: Stub) -> None:
    stub.replies[STATE] = [{"errcode": 0, "service_state": 3}, {"errcode": 0, "service_state": 9}]
    assert await client.state(ADDRESS) is State.AGENT
    with pytest.raises(Later):
        await client.state(ADDRESS)


async def test_state_that_cannot_be_changed_is_told(client: CustomerService, stub: Stub) -> None:
    stub.replies[TRANS] = {"errcode": 95016, "errmsg": "not allow to trans to this service state"}
    with pytest.raises(Never):
        await client.transfer(ADDRESS, State.ASSISTANT)


async def test_page_is_read_from_the_cursor_with_the_callbacks_token(client: CustomerService, stub: Stub) -> None:
    messages = [{"msgid": "m-1"}, {"msgid": "m-2"}]
    stub.replies[SYNC] = {"errcode": 0, "next_cursor": "c-2", "has_more": 1, "msg_list": messages}
    page = await client.read("wk1", "c-1", "CALLBACK")
    assert stub.of(SYNC)[0].body == {"open_kfid": "wk1", "limit": 1000, "cursor": "c-1", "token": "CALLBACK"}
    assert (list(page.messages), page.cursor, page.has_more) == (messages, "c-2", True)


async def test_callbacks_token_that_is_over_is_left_out(client: CustomerService, stub: Stub) -> None:
    def sync(call: Call) -> Dict[str, Any]:
        return {"errcode": 95007} if "token" in call.body else {"errcode": 0, "next_cursor": "c-2", "msg_list": []}

    stub.replies[SYNC] = sync
    assert (await client.read("wk1", "c-1", "OLD")).cursor == "c-2"


@pytest.mark.parametrize(
    "answer", [{"next_cursor": "c-1", "has_more": 1, "msg_list": None}, {"has_more": 1}, {"msg_list": ["garbage"]}]
)
async def test_page_that_leads_nowhere_is_the_last(client: CustomerService, stub: Stub, answer: Dict[str, Any]) -> None:
    stub.replies[SYNC] = {"errcode": 0, **answer}
    page = await client.read("wk1", "c-1", None)
    assert (list(page.messages), page.cursor, page.has_more) == ([], "c-1", False)


FETCH = "/cgi-bin/media/get"


def photo(call: Call) -> web.Response:
    headers = {"Content-Disposition": 'attachment; filename="photo.jpg"', "Content-Type": "image/jpeg"}
    return web.Response(body=b"\xff\xd8 a photo", headers=headers)


async def test_customers_file_is_fetched_with_its_name(client: CustomerService, stub: Stub) -> None:
    stub.replies[FETCH] = photo
    assert await client.fetch("media-1", 1000) == File(b"\xff\xd8 a photo", "photo.jpg")
    assert stub.of(FETCH)[0].query == {"access_token": "token-1", "media_id": "media-1"}


async def test_token_that_is_over_is_renewed_for_a_file_too(client: CustomerService, stub: Stub) -> None:
    stub.replies[FETCH] = [{"errcode": 42001, "errmsg": "access_token expired"}, photo]
    found = await client.fetch("media-1", 1000)
    assert found is not None
    assert [call.query["access_token"] for call in stub.of(FETCH)] == ["token-1", "token-2"]


async def test_file_that_is_larger_than_wanted_is_not_read_to_its_end(client: CustomerService, stub: Stub) -> None:
    stub.replies[FETCH] = lambda call: web.Response(body=b"x" * 2000, content_type="image/jpeg")
    assert await client.fetch("media-1", 1000) is None


async def test_file_that_is_gone_and_a_service_that_is_down_are_told_apart(client: CustomerService, stub: Stub) -> None:
    stub.replies[FETCH] = {"errcode": 40007, "errmsg": "invalid media_id"}
    with pytest.raises(Never):
        await client.fetch("media-1", 1000)
    stub.replies[FETCH] = lambda call: web.Response(status=502)
    with pytest.raises(Later):
        await client.fetch("media-1", 1000)
