"""What the desk learns from the feed: everything, once, in order, whatever ends when."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, Dict, List

import pytest

from common.feed import EventFeed
from desk import acts, ingestion, messages, writing
from desk.conversations import find
from desk.journal import Journal
from desk.states import State
from desk.store import HandoverStore
from tests.test_desk.floor import WEB, Floor


@pytest.fixture
def feed(tmp_path: Path) -> EventFeed:
    return EventFeed(f"sqlite:///{tmp_path / 'events.db'}")


def bot(text: str, **changes: Any) -> Dict[str, Any]:
    return {"event": "bot", "timestamp": 1.0, "text": text, "data": {}, "metadata": {}, **changes}


def user(text: str, number: int) -> Dict[str, Any]:
    return {"event": "user", "timestamp": float(number), "text": text, "message_id": f"m-{number}", "metadata": {}}


def read_all(floor: Floor, feed: EventFeed) -> None:
    before = -1
    while (position := floor.do(ingestion.take_next, feed)) != before:
        before = position


def test_what_the_customer_and_the_assistant_say_is_kept_in_order(floor: Floor, feed: EventFeed) -> None:
    for number in range(450):
        feed.append(WEB, user(f"question {number}", number))
        feed.append(WEB, bot(f"answer {number}", timestamp=number + 0.5))
    read_all(floor, feed)
    assert [text for _, text in floor.said()] == [
        f"{kind} {number}" for number in range(450) for kind in ("question", "answer")
    ]


def test_a_desk_that_was_stopped_misses_nothing_and_takes_nothing_twice(floor: Floor, feed: EventFeed) -> None:
    feed.append(WEB, user("before", 1))
    read_all(floor, feed)
    for number in range(2, 30):
        feed.append(WEB, user(f"meanwhile {number}", number))
    restarted = Floor(floor.database, floor.url, floor.now)
    read_all(restarted, feed)
    read_all(floor, feed)
    assert floor.said() == [("user", "before"), *[("user", f"meanwhile {number}") for number in range(2, 30)]]


def test_a_batch_that_fails_half_way_leaves_nothing_and_is_read_again(
    floor: Floor, feed: EventFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        feed.append(WEB, user(f"{number}", number))
    add, calls = messages.add, []

    def failing(journal: Journal, *args: Any, **kwargs: Any) -> int:
        calls.append(args)
        if len(calls) == 4:
            raise OSError("the disk is full")
        return add(journal, *args, **kwargs)

    monkeypatch.setattr(messages, "add", failing)
    with pytest.raises(OSError, match="full"):
        floor.do(ingestion.take_next, feed)
    assert floor.said() == []
    read_all(floor, feed)
    assert [text for _, text in floor.said()] == ["0", "1", "2", "3", "4"]


def test_a_message_that_was_worked_on_twice_stands_there_once(floor: Floor) -> None:
    event = floor.says("again")
    floor.feed({**event, "timestamp": event["timestamp"] + 5})
    assert floor.said() == [("user", "again")]


def test_who_the_customer_is_comes_from_the_verified_identity(floor: Floor) -> None:
    floor.says("hello", metadata={})
    assert floor.brief()["customer_id"] is None
    floor.says("signed in")
    floor.says("expired", metadata={"identity_problem": "expired"})
    assert floor.brief()["customer_id"] == "demo-m2"


def test_language_and_channel_follow_the_customer(floor: Floor) -> None:
    floor.says("你好")
    floor.says("hello", parse_data={"language": "en"}, input_channel="wechat")
    assert (floor.brief()["language"], floor.brief()["channel"]) == ("en", "wechat")
    floor.feed({"event": "slot", "name": "language", "value": "zh"})
    assert floor.brief()["language"] == "zh"


def test_a_button_is_shown_by_its_title_and_what_the_channel_sent_itself_is_not(floor: Floor) -> None:
    floor.says("/ask_amount_due", metadata={"shown_as": "现在要还多少"})
    floor.says("/greet", metadata={"shown_as": ""})
    floor.feed({**floor.says("reminder", metadata={"is_external": True}), "message_id": "x"})
    assert floor.said() == [("user", "现在要还多少")]


def test_cards_links_and_buttons_of_the_assistant_are_shown(floor: Floor) -> None:
    card = {"title": "6222021234567890123", "rows": [{"label": "a", "value": "12.30"}]}
    data = {"buttons": [{"title": "Yes", "payload": "/affirm"}], "custom": {"card": card}}
    floor.feed(bot("", data=data))
    (message,) = floor.page()
    assert message["card"] == {**card, "title": "****0123"}
    assert message["buttons"] == [{"title": "Yes"}]


def test_an_answer_with_nothing_to_show_is_not_a_message(floor: Floor) -> None:
    floor.feed(bot("", data={"custom": {"expects": "code"}}))
    assert floor.said() == []


def test_numbers_are_kept_but_shown_masked(floor: Floor) -> None:
    floor.says("我的卡号 6222021234567890123，电话 13812345678")
    assert floor.said()[0][1].count("6222021234567890123") == 1
    shown = floor.page()[0]["text"] + floor.brief()["last_text"]
    assert "6222021234567890123" not in shown
    assert "13812345678" not in shown


def test_an_agents_message_coming_back_is_not_a_second_one(floor: Floor) -> None:
    lin = floor.agent()
    floor.ask()
    floor.do(acts.claim, lin, WEB)
    floor.do(writing.reply, lin, WEB, "reply-1", "您好")
    before = floor.said()
    (event,) = [event for event in floor.events() if event["metadata"]["message_id"] == "reply-1"]
    floor.feed({**event, "timestamp": 5.0})
    assert floor.said() == before
    assert floor.page()[-1]["delivery"] == "sent"


def test_an_agents_message_that_this_desk_does_not_know_is_shown_as_the_agents(floor: Floor) -> None:
    floor.feed(bot("您好", metadata={"agent": {"id": 7, "name": "Wang"}, "message_id": "old"}))
    assert floor.page()[0]["agent"] == {"id": 7, "name": "Wang"}


def test_unread_counts_what_the_agent_has_not_seen(floor: Floor) -> None:
    lin = floor.agent()
    floor.ask()
    floor.do(acts.claim, lin, WEB)
    floor.says("one")
    floor.says("two")
    assert floor.brief()["unread"] == 2
    floor.do(writing.seen, lin, WEB)
    assert floor.brief()["unread"] == 0


def test_a_new_session_does_not_wake_the_assistant_while_an_agent_is_there(floor: Floor) -> None:
    lin = floor.agent()
    floor.ask()
    floor.do(acts.claim, lin, WEB)
    floor.forward(hours=2)
    floor.feed({"event": "session_started", "timestamp": floor.now.timestamp()})
    assert floor.sent()[-1] == ["pause"]


def test_a_session_that_began_before_the_wish_and_is_heard_of_after_it_needs_nothing(floor: Floor) -> None:
    floor.agent()
    began = floor.now.timestamp()
    floor.forward(seconds=1)
    assert floor.ask().staffed
    floor.feed({"event": "session_started", "timestamp": began})
    assert floor.sent() == []  # it would come after the customer's "back to the assistant"


def test_a_new_session_with_the_assistant_alone_needs_nothing(floor: Floor) -> None:
    floor.feed({"event": "session_started", "timestamp": floor.now.timestamp()})
    assert floor.sent() == []


@pytest.mark.parametrize("passed", [timedelta(0), timedelta(seconds=-5)])
def test_an_assistant_that_is_silent_where_nobody_has_the_conversation_goes_on(floor: Floor, passed: timedelta) -> None:
    floor.agent()
    floor.ask()
    floor.feed({"event": "pause", "timestamp": floor.now.timestamp()})
    assert floor.sent() == []
    HandoverStore(floor.url).back_to_bot(WEB)
    floor.feed({"event": "pause", "timestamp": (floor.now + passed).timestamp()})  # by whichever clock
    assert floor.sent() == [["resume"]]
    floor.feed({"event": "resume", "timestamp": floor.now.timestamp()})
    assert floor.sent() == [["resume"]]


@pytest.mark.parametrize("is_claimed", [False, True])
def test_an_assistant_that_goes_on_where_a_person_is_wanted_is_silenced_again(floor: Floor, is_claimed: bool) -> None:
    lin = floor.agent()
    floor.ask()
    if is_claimed:
        floor.do(acts.claim, lin, WEB)
    before = floor.sent()
    floor.feed({"event": "resume", "timestamp": floor.now.timestamp()})
    assert floor.sent() == [*before, ["pause"]]
    floor.feed({"event": "pause", "timestamp": floor.now.timestamp()})
    assert floor.sent() == [*before, ["pause"]]


def test_a_new_session_heard_of_after_the_conversation_was_passed_on_does_not_wake_the_assistant(floor: Floor) -> None:
    lin = floor.agent()
    floor.ask()
    floor.do(acts.claim, lin, WEB)
    floor.forward(seconds=1)
    floor.do(acts.transfer, lin, WEB, skill="hardship")
    floor.feed({"event": "session_started", "timestamp": floor.now.timestamp() - 0.5})
    assert floor.sent()[-1] == ["pause", "bot"]


def test_a_customer_who_writes_after_the_end_is_with_the_assistant_again(floor: Floor) -> None:
    lin = floor.agent()
    floor.ask()
    floor.do(acts.claim, lin, WEB)
    floor.do(acts.close, lin, WEB, outcome="solved", reason="")
    floor.says("/greet", metadata={"shown_as": ""})
    assert floor.state() is State.WRAPPED_UP
    floor.says("one more thing")
    assert floor.state() is State.BOT


def test_what_was_written_before_the_end_and_arrives_after_it_opens_nothing_anew(floor: Floor) -> None:
    lin = floor.agent()
    floor.ask()
    floor.do(acts.claim, lin, WEB)
    written_at = floor.now.timestamp()
    floor.forward(seconds=1)
    floor.do(acts.close, lin, WEB, outcome="solved", reason="")
    floor.says("thanks", timestamp=written_at)
    assert floor.state() is State.WRAPPED_UP
    assert floor.said()[-1] == ("user", "thanks")


def test_what_was_noted_in_slots_is_kept_until_it_is_taken_back(floor: Floor) -> None:
    def facts() -> Any:
        with floor.database.reading() as connection:
            row = find(connection, WEB)
            assert row is not None
            return row.facts

    floor.feed({"event": "slot", "name": "reason_class", "value": "illness"})
    assert facts() == {"reason_class": "illness"}
    floor.feed({"event": "slot", "name": "reason_class", "value": None})
    assert facts() is None


def test_events_of_kinds_that_the_desk_does_not_know_are_passed_over(floor: Floor, feed: EventFeed) -> None:
    kinds: List[Dict[str, Any]] = [{"event": "active_loop", "name": "x"}, {"event": "pause"}, {}, {"event": None}]
    for event in kinds:
        floor.feed(event)
    floor.says("still here")
    assert floor.said() == [("user", "still here")]
