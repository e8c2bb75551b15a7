"""What a conversation looked like, from Rasa's events."""

from __future__ import annotations

from typing import Any, List

from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)

from channels.transcript import HIDDEN, Known, rating_asked, transcript


def customer(text: str, message_id: str = "m", **metadata: Any) -> UserUttered:
    return UserUttered(text, message_id=message_id, metadata=metadata, timestamp=1.0)


def bot(text: str, **data: Any) -> BotUttered:
    return BotUttered(text, data=data, timestamp=2.0)


def lines(events: List[Event]) -> List[str]:
    return [f"{message['sender']}: {message['text']}" for message in transcript(events)]


def test_both_sides_in_order_and_nothing_else() -> None:
    events: List[Event] = [
        SessionStarted(),
        ActionExecuted("action_listen"),
        customer("你好"),
        SlotSet("language", "zh"),
        ActionExecuted("utter_greet"),
        bot("您好"),
    ]
    assert lines(events) == ["user: 你好", "bot: 您好"]


def test_what_was_reverted_or_restarted_was_said_all_the_same() -> None:
    events = [customer("a"), bot("b"), UserUtteranceReverted(), Restarted(), customer("c"), SessionStarted(), bot("d")]
    assert lines(events) == ["user: a", "bot: b", "user: c", "bot: d"]


def test_button_is_shown_by_its_title_and_a_hidden_message_not_at_all() -> None:
    events = [customer("/greet", shown_as=""), customer('/inform{"term": 12}', shown_as="12 期")]
    assert lines(events) == ["user: 12 期"]


def test_payload_is_never_shown() -> None:
    assert lines([customer("/greet"), UserUttered.create_external("remind")]) == []


def test_only_the_latest_messages_are_kept() -> None:
    assert lines([customer(str(number)) for number in range(250)])[0] == "user: 50"


def test_message_is_known_by_its_id_even_if_it_was_hidden() -> None:
    known = Known.of([customer("a", "m1"), customer("/greet", "m2", shown_as=HIDDEN), bot("b")])
    assert known.message_ids == {"m1", "m2"}


def test_title_is_that_of_the_latest_button_with_this_payload() -> None:
    events = [
        bot("?", buttons=[{"title": "是", "payload": "/affirm"}]),
        bot("?", buttons=[{"title": "确认提交", "payload": "/affirm"}, {"title": "否", "payload": "/deny"}]),
        customer("/inform"),
    ]
    assert Known.of(events).titles == {"/affirm": "确认提交", "/deny": "否"}


def test_a_rating_of_the_assistant_belongs_to_the_message_that_asks_for_it() -> None:
    ours = BotUttered("打个分吧", data={"custom": {"rating": "assistant"}}, timestamp=1795334400.25)
    of_desk = BotUttered(
        "服务结束了", data={"custom": {"rating": "offered"}}, metadata={"message_id": "d"}, timestamp=3.0
    )
    of_outreach = BotUttered(
        "还清了", data={"custom": {"rating": "assistant"}}, metadata={"message_id": "c.webchat"}, timestamp=4.5
    )
    events: List[Event] = [customer("谢谢"), ours, of_desk, of_outreach]
    assert rating_asked(events, "bot-1795334400.250000") == 1795334400.25
    assert rating_asked(events, "bot-c.webchat") == 4.5
    assert rating_asked(events, "bot-d") is None
    assert rating_asked(events, "bot-1795334400.250001") is None
