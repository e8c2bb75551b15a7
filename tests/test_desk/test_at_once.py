"""Several at once, from several threads, with SQLite and with PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier
from typing import Any, Callable, List

import pytest
import sqlalchemy as sa

from common.feed import EventFeed
from desk import acts, ingestion, writing
from desk.problems import Problem
from desk.states import State
from desk.tables import messages, outbox, transitions
from tests.test_desk.floor import WEB, Floor

CROWD = 12


def at_once(work: Callable[[int], Any], times: int = CROWD) -> List[Any]:
    """What each returned, or the problem that it raised."""
    start = Barrier(times)

    def one(number: int) -> Any:
        start.wait()
        try:
            return work(number)
        except Problem as problem:
            return problem

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(one, range(times)))


def test_of_many_who_claim_a_conversation_one_has_it(any_floor: Floor) -> None:
    crowd = [any_floor.agent(f"agent-{number}") for number in range(CROWD)]
    any_floor.ask()
    results = at_once(lambda number: any_floor.do(acts.claim, crowd[number], WEB))
    refused = [each for each in results if isinstance(each, Problem)]
    (winner,) = [agent for agent, result in zip(crowd, results, strict=True) if result is None]
    assert {each.name for each in refused} == {"already-claimed"}
    assert any_floor.brief()["agent"]["id"] == winner.id
    assert [move for move, _ in any_floor.moves()] == ["request", "claim"]
    assert any_floor.sent() == [["pause", "bot"]]


def test_a_message_that_is_sent_many_times_at_once_is_sent_once(any_floor: Floor) -> None:
    lin = any_floor.agent()
    any_floor.ask()
    any_floor.do(acts.claim, lin, WEB)
    results = at_once(lambda _: any_floor.do(writing.reply, lin, WEB, "reply-1", "您好"))
    assert len(set(results)) == 1
    assert any_floor.said().count(("agent", "您好")) == 1


def test_claiming_and_assigning_at_once_give_a_conversation_to_one(any_floor: Floor) -> None:
    crowd = [any_floor.agent(f"agent-{number}", capacity=30) for number in range(4)]
    names = [f"web-{number}" for number in range(20)]
    for name in names:
        any_floor.ask(name)

    def work(number: int) -> None:
        if number % 2:
            any_floor.rule()
            return
        for name in names:
            with suppress(Problem):  # somebody else was faster
                any_floor.do(acts.claim, crowd[number % 4], name)

    at_once(work, 8)
    with any_floor.database.reading() as connection:
        given = connection.execute(
            sa.select(transitions.c.conversation_id).where(transitions.c.after == State.AGENT.value)
        ).scalars()
        assert sorted(given) == sorted(names)


def test_several_readers_of_one_feed_keep_each_event_once(any_floor: Floor, tmp_path: Path) -> None:
    feed = EventFeed(f"sqlite:///{tmp_path / 'events.db'}")
    for number in range(120):
        event = {"event": "user", "timestamp": 1.0, "text": f"{number}", "message_id": f"m-{number}", "metadata": {}}
        feed.append(WEB, event)

    def read(_: int) -> None:
        for _ in range(3):
            any_floor.do(ingestion.take_next, feed)

    at_once(read, 4)
    assert [text for _, text in any_floor.said()] == [f"{number}" for number in range(120)]


def test_a_wish_and_its_conversation_are_one_whoever_asks_at_once(any_floor: Floor) -> None:
    any_floor.agent()
    recorded = at_once(lambda _: any_floor.ask(), 8)
    assert len({each.wish.id for each in recorded}) == 1
    assert [each.is_new for each in recorded].count(True) == 1
    assert any_floor.moves() == [("request", "customer")]


@pytest.mark.parametrize("table", [messages, outbox])
def test_tables_hold_long_texts_and_any_character(any_floor: Floor, table: sa.Table) -> None:
    text = "额度😀" * 1000
    lin = any_floor.agent()
    any_floor.ask()
    any_floor.do(acts.claim, lin, WEB)
    any_floor.do(writing.reply, lin, WEB, "reply-1", text)
    shown = any_floor.said()[-1][1] if table is messages else any_floor.events()[-1]["text"]
    assert shown == text
