"""Messages as they come in and go out."""

from __future__ import annotations

from typing import Any, Dict

import pytest

from channels.messages import MAX_CHARACTERS, Refused, answer, incoming, without_slash


def test_text_and_id_are_taken_and_nothing_else() -> None:
    message = incoming({"message": " 我逾期了 ", "message_id": "m-1", "sender_id": "other", "metadata": {"x": 1}})
    assert (message.text, message.message_id) == ("我逾期了", "m-1")


@pytest.mark.parametrize("bad_id", [None, "", 5, "a b", "x" * 65, "é", {"a": 1}, "a\n"], ids=repr)
def test_message_without_a_usable_id_gets_one(bad_id: Any) -> None:
    first, second = (incoming({"message": "hi", "message_id": bad_id}) for _ in range(2))
    assert first.message_id != second.message_id


def test_characters_that_no_store_takes_are_dropped_and_lines_are_kept() -> None:
    assert incoming({"message": "a\x00b\ud800c\r\nd\te\x1b"}).text == "abc\nd\te"


@pytest.mark.parametrize("nothing", [None, 5, "", " \n", "/", " / / ", "\x00\x07"], ids=repr)
def test_empty_message_is_refused(nothing: Any) -> None:
    with pytest.raises(Refused, match="empty"):
        incoming({"message": nothing})


@pytest.mark.parametrize("event", [None, "text", 5, []], ids=repr)
def test_event_that_is_no_object_is_refused(event: Any) -> None:
    with pytest.raises(Refused):
        incoming(event)


def test_longest_message_is_taken_and_a_longer_one_refused() -> None:
    assert len(incoming({"message": "还" * MAX_CHARACTERS}).text) == MAX_CHARACTERS
    with pytest.raises(Refused, match="too_long"):
        incoming({"message": "还" * (MAX_CHARACTERS + 1)})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("/inform{}", "inform{}"),
        ("// /greet", "greet"),
        ("／greet", "greet"),
        ("\u200b/greet", "greet"),
        ("\u3000/\u00a0/greet", "greet"),
        ("1/2", "1/2"),
        ("and/or", "and/or"),
        ("👨\u200d👩\u200d👧 家", "👨\u200d👩\u200d👧 家"),
        ("///", ""),
    ],
)
def test_nothing_in_front_of_a_sentence_is_or_becomes_a_slash(text: str, sentence: str) -> None:
    assert without_slash(text) == sentence


def test_answer_holds_all_parts_in_one_message() -> None:
    response: Dict[str, Any] = {
        "text": "您的账单",
        "buttons": [{"title": "还款", "payload": "/ask_repayment_channels"}],
        "custom": {"card": {"title": "卡"}, "link": {"title": "登录", "action": "sign_in"}, "expects": "code"},
        "timestamp": 12.5,
        "utter_action": "utter_bill",
    }
    assert answer(response) == {
        "id": "bot-12.500000",
        "sender": "bot",
        "text": "您的账单",
        "quick_replies": [{"content_type": "text", "title": "还款", "payload": "/ask_repayment_channels"}],
        "card": {"title": "卡"},
        "link": {"title": "登录", "action": "sign_in"},
        "expects": "code",
        "timestamp": 12.5,
    }


def test_card_needs_no_text_and_a_button_no_payload() -> None:
    card = answer({"text": None, "custom": {"card": {"title": "卡"}}, "timestamp": 1.0})
    assert card is not None
    assert "text" not in card
    button = answer({"text": "?", "quick_replies": [{"title": "Yes"}], "timestamp": 1.0})
    assert button is not None
    assert button["quick_replies"] == [{"content_type": "text", "title": "Yes", "payload": "Yes"}]


def test_picture_goes_out_as_chat_clients_know_it() -> None:
    message = answer({"text": "look", "image": "https://bank.example/a.png", "timestamp": 1.0})
    assert message is not None
    assert message["attachment"] == {"type": "image", "payload": {"src": "https://bank.example/a.png"}}


def test_answer_with_nothing_to_show_is_none() -> None:
    assert answer({"text": "", "custom": {"other": 1}, "buttons": [], "timestamp": 1.0}) is None
