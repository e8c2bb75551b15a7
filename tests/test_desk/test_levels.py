"""What the desk tells those who look after the system."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Tuple

import pytest

from common.feed import EventFeed
from desk import acts, levels, messages, outbox
from desk.conversations import known
from desk.ingestion import take_next
from desk.journal import By, Journal
from tests.counted import Counted
from tests.counted import levels as values
from tests.test_desk.floor import Floor


@pytest.fixture
def feed(tmp_path: Path) -> EventFeed:
    return EventFeed(f"sqlite:///{tmp_path / 'events.db'}")


def seen(floor: Floor, feed: EventFeed) -> Dict[str, Dict[Tuple[str, ...], float]]:
    return values(levels.of(floor.database, feed))


def test_the_queue_and_who_is_there(any_floor: Floor, feed: EventFeed) -> None:
    floor = any_floor
    quiet = seen(floor, feed)
    assert quiet["assistant_desk_conversations"] == {("later",): 0, ("waiting",): 0, ("agent",): 0, ("elsewhere",): 0}
    assert quiet["assistant_desk_agents"] == {("available",): 0, ("away",): 0}
    assert quiet["assistant_desk_longest_wait_seconds"] == {(): 0}
    floor.ask("web-later")  # nobody is there
    lin = floor.agent()
    floor.agent("wei", status="away")
    floor.agent("hua", there=False)
    floor.ask("web-first")
    floor.forward(seconds=20)
    floor.ask("web-second")
    floor.do(acts.claim, lin, "web-second")
    floor.forward(seconds=20)
    found = seen(floor, feed)
    assert found["assistant_desk_conversations"] == {("later",): 1, ("waiting",): 1, ("agent",): 1, ("elsewhere",): 0}
    assert found["assistant_desk_longest_wait_seconds"] == {(): 40}
    assert found["assistant_desk_agents"] == {("available",): 1, ("away",): 1}
    floor.forward(minutes=5)
    assert seen(floor, feed)["assistant_desk_agents"] == {("available",): 0, ("away",): 0}  # no console is heard of


def test_what_the_assistant_has_not_got(floor: Floor, feed: EventFeed) -> None:
    def write(journal: Journal, text: str, conversation_id: str) -> None:
        at = known(journal, conversation_id)
        messages.tell(journal, at, text, by=By("Lin", 1), message_id=f"id {text}")

    floor.do(write, "one", "web-1")
    floor.forward(seconds=5)
    floor.do(write, "two", "web-2")
    floor.do(write, "three", "web-3")
    assert seen(floor, feed)["assistant_desk_outbox"] == {("no",): 3, ("yes",): 0}
    first, second, third = floor.do(outbox.due, 3)
    floor.do(outbox.sent, first)
    floor.do(outbox.failed, second, doubtful=False)
    floor.do(outbox.refused, third)
    floor.forward(seconds=7)
    found = seen(floor, feed)
    assert found["assistant_desk_outbox"] == {("no",): 0, ("yes",): 1}
    assert found["assistant_desk_outbox_oldest_seconds"] == {(): 7}


def test_how_far_the_desk_is_behind_the_feed(floor: Floor, feed: EventFeed) -> None:
    for number in range(3):
        feed.append("web-1", {"event": "bot", "text": str(number), "timestamp": number})
    assert seen(floor, feed)["assistant_desk_feed_behind"] == {(): 3}
    floor.do(take_next, feed)
    assert seen(floor, feed)["assistant_desk_feed_behind"] == {(): 0}


def test_a_wish_for_a_person_counts_once_by_its_trigger_and_whether_somebody_is_there(floor: Floor) -> None:
    with Counted("assistant_handovers_total") as counted:
        floor.ask("web-1", trigger="care", priority="urgent")
        floor.agent()
        floor.ask("web-1", trigger="care", priority="urgent")  # known already
        floor.ask("web-2")
    assert counted.by("trigger", "staffed") == {("care", "no"): 1, ("asked_for", "yes"): 1}
