"""What only passes through the desk does not grow for ever, and nothing is lost by it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest
import sqlalchemy as sa

from common.feed import EventFeed
from common.settings import Settings, settings
from desk import ingestion, messages, outbox, pruning
from desk.conversations import known
from desk.insights import projection
from desk.journal import By, Journal
from desk.service import Desk
from tests.test_desk.floor import WEB, Floor


@pytest.fixture
def feed(any_floor: Floor) -> Iterator[EventFeed]:
    opened = EventFeed(any_floor.url)
    yield opened
    opened.close()


@pytest.fixture
def desk(any_floor: Floor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Desk]:
    values = Settings(var_dir=tmp_path, desk_feed_days=30)
    monkeypatch.setattr(pruning, "settings", lambda: values)
    monkeypatch.setattr(pruning, "_AT_ONCE", 2)  # so that a few of them are several rounds
    made = Desk(any_floor.database)
    yield made
    made.stop()


def event(text: str) -> Dict[str, Any]:
    return {"event": "user", "text": text, "message_id": text, "timestamp": 1.0, "metadata": {}}


async def read(desk: Desk, feed: EventFeed) -> None:
    """Let everybody read who reads the feed."""
    await desk.run(ingestion.take_next, feed)
    await desk.run(lambda journal: projection.take_next(journal.connection, feed))


def texts(feed: EventFeed) -> List[str]:
    return [fed.event["text"] for fed in feed.read(0, 100)]


def write(floor: Floor, text: str) -> None:
    def tell(journal: Journal) -> None:
        messages.tell(journal, known(journal, WEB), text, by=By("Lin", 1), message_id=text)

    floor.do(tell)


def in_outbox(floor: Floor) -> List[str]:
    with floor.database.reading() as connection:
        return list(connection.execute(sa.select(outbox.outbox.c.message_id).order_by(outbox.outbox.c.id)).scalars())


async def test_events_that_were_read_and_are_old_go_and_the_transcript_stays(
    any_floor: Floor, desk: Desk, feed: EventFeed
) -> None:
    for number in range(5):
        feed.append(WEB, event(f"old {number}"))
    any_floor.now += timedelta(days=31)
    feed.append(WEB, event("new"))
    await read(desk, feed)
    assert await pruning.prune(desk, feed) == 5
    assert texts(feed) == ["new"]
    assert any_floor.said() == [("user", text) for text in [*(f"old {number}" for number in range(5)), "new"]]
    assert await pruning.prune(desk, feed) == 0


async def test_what_nobody_has_read_yet_stays_however_old_it_is(any_floor: Floor, desk: Desk, feed: EventFeed) -> None:
    feed.append(WEB, event("read"))
    await read(desk, feed)
    feed.append(WEB, event("unread"))
    any_floor.now += timedelta(days=400)
    assert await pruning.prune(desk, feed) == 1
    assert texts(feed) == ["unread"]
    await read(desk, feed)
    assert any_floor.said() == [("user", "read"), ("user", "unread")]


async def test_a_desk_that_has_read_nothing_deletes_nothing(any_floor: Floor, desk: Desk, feed: EventFeed) -> None:
    feed.append(WEB, event("first"))
    any_floor.now += timedelta(days=400)
    assert await pruning.prune(desk, feed) == 0
    assert texts(feed) == ["first"]


async def test_old_commands_go_once_they_were_sent_and_never_before(
    any_floor: Floor, desk: Desk, feed: EventFeed
) -> None:
    for text in ("sent 1", "sent 2", "sent 3", "waits"):
        write(any_floor, text)
    for _ in range(3):
        (command,) = any_floor.do(outbox.due, 1)
        any_floor.do(outbox.sent, command)
    any_floor.now += timedelta(days=31)
    write(any_floor, "new")
    assert await pruning.prune(desk, feed) == 3
    assert in_outbox(any_floor) == ["waits", "new"]
    (command,) = any_floor.do(outbox.due, 1)
    assert command.message_id == "waits"


def test_settings_refuse_to_keep_nothing() -> None:
    assert settings().desk_feed_days > 0
    with pytest.raises(ValueError, match="desk_feed_days"):
        Settings(desk_feed_days=0)
