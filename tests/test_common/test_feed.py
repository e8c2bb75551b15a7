"""The feed of conversation events, with SQLite and, where one can be started, with PostgreSQL."""

from __future__ import annotations

import multiprocessing
from datetime import timedelta
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest
from sqlalchemy.exc import SQLAlchemyError

from common import clock
from common.feed import EventFeed
from tests.test_bank.databases import DATABASES, fresh_url, run_postgresql


@pytest.fixture(scope="module")
def postgresql_server() -> Iterator[Path]:
    yield from run_postgresql()


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return fresh_url(request, tmp_path)


@pytest.fixture
def feed(url: str) -> Iterator[EventFeed]:
    opened = EventFeed(url)
    yield opened
    opened.close()


def said(text: str, timestamp: float = 1.5, **more: Any) -> Dict[str, Any]:
    return {"event": "bot", "text": text, "timestamp": timestamp, "metadata": {}, **more}


def texts(feed: EventFeed, after: int = 0, limit: int = 100) -> List[str]:
    return [fed.event["text"] for fed in feed.read(after, limit)]


def test_events_come_back_whole_in_the_order_in_which_they_were_appended(feed: EventFeed) -> None:
    events = [said("你好 👋", 3.25), said("second", 1.0, data={"card": {"rows": [1, None]}}), said("third", 2.0)]
    for event, conversation in zip(events, ["web-1", "web-2", "web-1"], strict=True):
        assert feed.append(conversation, event)
    fed = feed.read(0, 10)
    assert [each.event for each in fed] == events
    assert [each.conversation_id for each in fed] == ["web-1", "web-2", "web-1"]
    assert [each.id for each in fed] == sorted({each.id for each in fed})


def test_reading_goes_on_after_what_was_seen_and_stops_at_the_limit(feed: EventFeed) -> None:
    for number in range(5):
        feed.append("web-1", said(str(number)))
    first = feed.read(0, 2)
    assert [each.event["text"] for each in first] == ["0", "1"]
    assert texts(feed, after=first[-1].id) == ["2", "3", "4"]
    assert texts(feed, after=feed.read(0, 10)[-1].id) == []


def test_an_event_that_comes_again_is_kept_once(feed: EventFeed) -> None:
    assert feed.append("web-1", said("a"))
    assert not feed.append("web-1", said("a"))
    assert texts(feed) == ["a"]


def test_the_same_words_later_or_in_another_conversation_are_another_event(feed: EventFeed) -> None:
    assert feed.append("web-1", said("a", 1.0))
    assert feed.append("web-1", said("a", 2.0))
    assert feed.append("web-2", said("a", 1.0))
    assert texts(feed) == ["a", "a", "a"]


def test_a_message_of_a_customer_worked_on_a_second_time_is_kept_once(feed: EventFeed) -> None:
    assert feed.append("web-1", {"event": "user", "text": "a", "message_id": "m-1", "timestamp": 1.0})
    assert not feed.append("web-1", {"event": "user", "text": "a", "message_id": "m-1", "timestamp": 9.0})
    assert feed.append("web-1", {"event": "user", "text": "a", "message_id": "m-2", "timestamp": 9.0})
    assert texts(feed) == ["a", "a"]


def test_a_message_of_an_agent_delivered_a_second_time_is_kept_once(feed: EventFeed) -> None:
    assert feed.append("web-1", said("a", 1.0, metadata={"message_id": "m-1"}))
    assert not feed.append("web-1", said("a", 9.0, metadata={"message_id": "m-1"}))
    assert feed.append("web-1", {"event": "user", "text": "a", "message_id": "m-1", "timestamp": 1.0})


def test_what_is_forgotten_is_gone_and_its_number_does_not_come_back(feed: EventFeed) -> None:
    for number in range(3):
        feed.append("web-1", said(str(number)))
    last = feed.read(0, 10)[-1].id
    later = clock.now() + timedelta(days=1)
    assert feed.forget(last - 1, later, 10) == 2
    assert texts(feed) == ["2"]
    assert feed.forget(last, later, 10) == 1
    feed.append("web-1", said("new"))
    assert feed.read(0, 10)[0].id > last


def test_what_is_younger_than_asked_for_is_not_forgotten(feed: EventFeed, monkeypatch: pytest.MonkeyPatch) -> None:
    start = clock.now()
    for day in range(4):
        monkeypatch.setattr(clock, "now", lambda day=day: start + timedelta(days=day))
        feed.append("web-1", said(str(day)))
    last = feed.read(0, 10)[-1].id
    assert feed.forget(last, start + timedelta(days=2), 1) == 1, "at most as many as asked for"
    assert feed.forget(last, start + timedelta(days=2), 10) == 1
    assert texts(feed) == ["2", "3"]


def test_events_outlive_the_process_that_appended_them(url: str, feed: EventFeed) -> None:
    feed.append("web-1", said("a"))
    again = EventFeed(url)
    assert texts(again) == ["a"]
    assert not again.append("web-1", said("a"))
    again.close()


def test_a_database_that_cannot_be_written_raises(tmp_path: Path) -> None:
    with pytest.raises(SQLAlchemyError):
        EventFeed(f"sqlite:///{tmp_path / 'missing' / 'events.db'}").append("web-1", said("a"))


_WRITERS, _EACH = 4, 25


def _append(url: str, writer: int, start: Any) -> None:
    feed = EventFeed(url)
    start.wait()
    for number in range(_EACH):
        feed.append(f"web-{writer}", said(str(number)))


def test_a_reader_that_follows_processes_that_append_at_once_misses_nothing(url: str, feed: EventFeed) -> None:
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(_WRITERS + 1)
    writers = [context.Process(target=_append, args=(url, writer, start)) for writer in range(_WRITERS)]
    for process in writers:
        process.start()
    start.wait()
    seen: Dict[str, List[str]] = {f"web-{writer}": [] for writer in range(_WRITERS)}
    after = 0
    while True:
        at_work = any(process.is_alive() for process in writers)
        for fed in feed.read(after, 7):
            assert fed.id > after
            after = fed.id
            seen[fed.conversation_id].append(fed.event["text"])
        if not at_work and not feed.read(after, 1):
            break
    assert seen == {name: [str(number) for number in range(_EACH)] for name in seen}
