"""Conversations that people of a messaging service's own have: the desk knows of them and leaves them alone."""

from __future__ import annotations

from typing import Any, Dict

import pytest

from desk import customers
from desk.conversations import find
from desk.states import State
from desk.store import HandoverStore
from tests.test_desk.floor import WEB, Floor


def event(kind: str, at: float, **more: Any) -> Dict[str, Any]:
    return {"event": kind, "timestamp": at, "metadata": {}, **more}


def test_who_asks_there_for_a_person_is_in_no_queue_of_the_desk_and_the_assistant_is_silent(floor: Floor) -> None:
    lin = floor.agent()
    recorded = floor.ask(elsewhere=True)
    assert (recorded.staffed, recorded.position) == (True, None)
    assert floor.state() is State.ELSEWHERE
    assert not floor.rule().is_something
    assert not any(floor.queue(lin).values())
    floor.says("are you there")
    assert floor.brief()["unread"] == 0


def test_outside_the_service_hours_the_wish_is_kept_for_later(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.store.calendar.is_open", lambda _: False)
    assert not floor.ask(elsewhere=True).staffed
    assert floor.state() is State.LATER


def test_agents_of_the_desk_need_not_be_there(floor: Floor) -> None:
    assert floor.ask(elsewhere=True).staffed


def test_their_end_gives_the_conversation_back_to_the_assistant_and_closes_the_wish(floor: Floor) -> None:
    floor.ask(elsewhere=True)
    floor.forward(minutes=5)
    floor.feed(event("resume", floor.now.timestamp()))
    assert floor.state() is State.BOT
    assert floor.moves() == [("go_elsewhere", "customer"), ("hand_back", "desk")]
    assert HandoverStore(floor.url).open_wish(WEB) is None
    assert floor.sent() == []


def test_what_ended_before_they_were_asked_ends_nothing(floor: Floor) -> None:
    earlier = floor.now.timestamp()
    floor.forward(minutes=5)
    floor.ask(elsewhere=True)
    floor.feed(event("resume", earlier))
    assert floor.state() is State.ELSEWHERE


def test_customer_goes_on_with_the_assistant(floor: Floor) -> None:
    floor.ask(elsewhere=True)
    HandoverStore(floor.url).back_to_bot(WEB)
    assert floor.state() is State.BOT
    assert HandoverStore(floor.url).open_wish(WEB) is None


def test_conversation_that_they_take_up_by_themselves_is_theirs(floor: Floor) -> None:
    floor.says("hello")
    floor.forward(seconds=1)
    floor.feed(event("pause", floor.now.timestamp()))
    assert floor.state() is State.BOT
    floor.feed(event("pause", floor.now.timestamp(), metadata={"elsewhere": True}))
    assert floor.state() is State.ELSEWHERE


def test_when_they_cannot_be_had_the_customer_waits_for_people_of_the_desk(floor: Floor) -> None:
    lin = floor.agent()
    floor.ask(elsewhere=True)
    floor.do(customers.come_here, WEB)
    assert floor.queue(lin)["waiting"] == [WEB]
    floor.do(customers.come_here, WEB)
    assert floor.moves() == [("go_elsewhere", "customer"), ("come_here", "desk")]
    with floor.database.reading() as connection:
        row = find(connection, WEB)
        assert row is not None
        assert row.asked_at is not None


def test_when_nobody_is_at_the_desk_either_the_assistant_goes_on(floor: Floor) -> None:
    floor.ask(elsewhere=True)
    floor.do(customers.come_here, WEB)
    floor.rule()
    assert floor.state() is State.LATER
    assert floor.sent() == [["resume", "bot"]]


def test_page_of_the_same_customer_shows_that_a_person_is_expected(floor: Floor) -> None:
    floor.ask(elsewhere=True)
    assert floor.look(customers.state, WEB) == {"state": "waiting"}
    assert customers.state_of(floor.brief()) == {"state": "waiting"}


def test_assistant_that_starts_over_stays_silent(floor: Floor) -> None:
    floor.ask(elsewhere=True)
    floor.feed(event("restart", floor.now.timestamp()))
    assert floor.sent() == [["pause"]]
