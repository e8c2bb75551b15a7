"""What a customer sent, out of what WeCom's `sync_msg` gives."""

from __future__ import annotations

from typing import Any, Dict

import pytest

from channels.messaging.platform import KINDS, Address, Received
from channels.wecom.messages import Welcome, received, welcome

ACCOUNT, CUSTOMER = "wkAJ2GCAAASSm4_FhToWMFea0xAFfd3Q", "wmAJ2GCAAAme1XQRC-NI-q0_ZM9ukoAw"
ADDRESS = Address("wecom", ACCOUNT, CUSTOMER)


def message(kind: str, content: Dict[str, Any], **changes: Any) -> Dict[str, Any]:
    head = {"msgid": "m-1", "open_kfid": ACCOUNT, "external_userid": CUSTOMER, "send_time": 1790000000, "origin": 3}
    return {**head, "msgtype": kind, kind: content, **changes}


def event(kind: str, **fields: Any) -> Dict[str, Any]:
    about = {"event_type": kind, "open_kfid": ACCOUNT, "external_userid": CUSTOMER, **fields}
    return {"msgid": "e-1", "send_time": 1790000000, "origin": 4, "msgtype": "event", "event": about}


def parsed(given: Dict[str, Any]) -> Received:
    found = received(given)
    assert found is not None
    assert found.kind in KINDS
    assert found.address == ADDRESS
    return found


def test_words_are_told_with_who_wrote_them_and_when() -> None:
    found = parsed(message("text", {"content": "我逾期了怎么办"}))
    assert (found.key, found.sent_at, found.kind, found.text) == ("m-1", 1790000000.0, "text", "我逾期了怎么办")


def test_pressed_button_is_told_by_its_id() -> None:
    found = parsed(message("text", {"content": "满意", "menu_id": "101"}))
    assert (found.kind, found.text, found.extra) == ("choice", "101", {"title": "满意"})


@pytest.mark.parametrize("kind", ["image", "voice", "video", "file"])
def test_files_are_told_by_their_id(kind: str) -> None:
    found = parsed(message(kind, {"media_id": "media-1"}))
    assert (found.kind, found.media_id, found.text) == (kind, "media-1", "")


def test_place_and_link_keep_what_they_say() -> None:
    place = {"latitude": 23.1, "longitude": 113.3, "name": "广州塔", "address": "阅江西路"}
    assert parsed(message("location", place)).extra == {
        "label": "广州塔",
        "address": "阅江西路",
        "latitude": "23.1",
        "longitude": "113.3",
    }
    link = {"title": "账单", "desc": "", "url": "https://u", "pic_url": "https://p"}
    assert parsed(message("link", link)).extra == {"title": "账单", "url": "https://u"}


@pytest.mark.parametrize("kind", ["business_card", "miniprogram", "merged_msg", "channels", "to_come"])
def test_content_of_other_kinds_is_unknown_and_no_error(kind: str) -> None:
    assert parsed(message(kind, {"userid": "x"})).kind == "unknown"


def test_entering_the_chat_may_be_answered_by_a_welcome_for_twenty_seconds() -> None:
    entered = event("enter_session", scene="qr", scene_param="", welcome_code="CODE")
    assert (parsed(entered).kind, parsed(entered).extra) == ("entered", {"scene": "qr"})
    assert welcome(entered) == Welcome(ADDRESS, "CODE", 1790000020.0)
    assert welcome(event("enter_session", scene="qr")) is None
    assert welcome(message("text", {"content": "hi"})) is None


@pytest.mark.parametrize(("change", "kind"), [(1, "taken"), (2, "taken"), (3, "ended"), (4, "taken")])
def test_what_wecoms_own_agents_do_with_a_conversation_is_told(change: int, kind: str) -> None:
    assert parsed(event("session_status_change", change_type=change, new_servicer_userid="zhangsan")).kind == kind


def test_end_of_a_talk_with_an_agent_gives_leave_for_a_message_and_its_beginning_does_not() -> None:
    ended = event("session_status_change", change_type=3, msg_code="CODE")
    assert welcome(ended) == Welcome(ADDRESS, "CODE", 1790000020.0)
    assert welcome(event("session_status_change", change_type=1, msg_code="CODE")) is None


def test_words_of_wecoms_own_agents_are_told_with_who_wrote_them() -> None:
    found = parsed(message("text", {"content": "您好"}, origin=5, servicer_userid="zhangsan"))
    assert (found.kind, found.text, found.extra, found.media_id) == ("said", "您好", {"by": "zhangsan"}, None)
    question = parsed(message("msgmenu", {"head_content": "满意吗", "list": []}, origin=5))
    assert (question.kind, question.text, question.extra) == ("said", "满意吗", {})


@pytest.mark.parametrize(("kind", "told"), [("image", "image"), ("voice", "voice"), ("miniprogram", "unknown")])
def test_what_they_send_without_words_is_told_by_its_kind(kind: str, told: str) -> None:
    found = parsed(message(kind, {"media_id": "media-1"}, origin=5, servicer_userid="z" * 65))
    assert (found.kind, found.text, found.extra) == ("said", "", {"by": "z" * 64, "content": told})


def test_message_of_ours_that_did_not_arrive_is_told() -> None:
    found = parsed(event("msg_send_fail", fail_msgid="k1-0", fail_type=10))
    assert (found.kind, found.text, found.extra) == ("failed", "k1-0", {"reason": "10"})


@pytest.mark.parametrize(
    "given",
    [
        event("session_status_change", change_type=9),
        event("servicer_status_change", servicer_userid="zhangsan", status=1),
        event("user_recall_msg", recall_msgid="m-1"),
        event("to_come"),
    ],
)
def test_what_asks_for_no_answer_is_left(given: Dict[str, Any]) -> None:
    assert received(given) is None


@pytest.mark.parametrize(
    "change",
    [
        {"msgid": ""},
        {"msgid": "x" * 129},
        {"external_userid": None},
        {"open_kfid": ""},
        {"origin": None},
        {"external_userid": "x" * 129},
    ],
)
def test_what_is_not_whole_is_left(change: Dict[str, Any]) -> None:
    assert received(message("text", {"content": "hi"}, **change)) is None


def test_what_no_database_stores_is_left_out_of_the_words() -> None:
    assert parsed(message("text", {"content": "逾期\0了\ud800怎么办"})).text == "逾期了怎么办"


def test_message_whose_content_is_missing_is_still_a_message() -> None:
    assert parsed(message("text", {}, text=None)).text == ""
