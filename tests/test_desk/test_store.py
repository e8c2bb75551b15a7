"""The desk's record of hand-over wishes."""

from __future__ import annotations

import multiprocessing
import re
import sqlite3
from datetime import date, datetime
from pathlib import Path
from typing import Any, Dict

import pytest

from common import clock
from desk.store import DeskError, HandoverStore, Wanted


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'desk.db'}"


@pytest.fixture
def store(url: str) -> HandoverStore:
    return HandoverStore(url)


def ask(
    store: HandoverStore,
    conversation: str = "web-1",
    reason: str = "report_hardship",
    trigger: str = "asked_for",
    priority: str = "normal",
    **changes: Any,
) -> Any:
    known = {"customer_id": "demo-m2", "language": "zh", **changes}
    return store.record(conversation, **known, wanted=Wanted(reason, trigger, priority))


def test_a_wish_is_kept_with_who_why_and_when(store: HandoverStore) -> None:
    clock.set_today(date(2026, 11, 21))
    try:
        recorded = ask(store)
    finally:
        clock.set_today(None)
    wish = recorded.wish
    assert recorded.is_new
    assert (wish.conversation_id, wish.customer_id, wish.language, wish.reason) == (
        "web-1",
        "demo-m2",
        "zh",
        "report_hardship",
    )
    assert wish.created_at.date() == date(2026, 11, 21)
    assert wish.created_at.tzinfo is not None
    assert wish.closed_at is None


def test_what_was_said_is_kept_and_brought_up_to_date(store: HandoverStore) -> None:
    def wish(notes: Dict[str, Any]) -> Any:
        wanted = Wanted("request_instalment", notes=notes)
        return store.record("web-1", customer_id="demo-m2", language="zh", wanted=wanted).wish

    assert wish({}).notes == {}
    assert wish({"monthly_capacity": "800.00"}).notes == {"monthly_capacity": "800.00"}
    assert wish({"monthly_capacity": "600.00"}).notes == {"monthly_capacity": "600.00"}
    assert wish({}).notes == {"monthly_capacity": "600.00"}


def test_asking_again_keeps_the_first_wish(store: HandoverStore) -> None:
    first = ask(store)
    again = ask(store, reason="complain_collection", language="en")
    assert not again.is_new
    assert again.wish == first.wish


def test_a_more_pressing_reason_takes_the_place_of_the_first(store: HandoverStore) -> None:
    first = ask(store).wish
    urgent = ask(store, reason="self_harm", trigger="care", priority="urgent").wish
    assert (urgent.reason, urgent.trigger, urgent.priority) == ("self_harm", "care", "urgent")
    assert (urgent.id, urgent.created_at, urgent.reference) == (first.id, first.created_at, first.reference)


@pytest.mark.parametrize("later", ["urgent", "high", "normal"])
def test_what_is_not_more_pressing_changes_nothing(store: HandoverStore, later: str) -> None:
    first = ask(store, reason="self_harm", trigger="care", priority="urgent").wish
    assert ask(store, reason="complain_collection", trigger="complaint", priority=later).wish == first


def test_an_unknown_priority_is_refused() -> None:
    with pytest.raises(ValueError, match="none of urgent, high, normal"):
        Wanted("x", "asked_for", "whenever")


def test_every_wish_has_a_reference_of_its_own_that_reads_well_aloud(store: HandoverStore) -> None:
    references = [ask(store, f"web-{number}").wish.reference for number in range(20)]
    assert len(set(references)) == 20
    assert all(re.fullmatch("H-[2-9A-HJKMNP-Z]{8}", reference) for reference in references)


def test_when_to_call_is_kept_with_the_open_wish(store: HandoverStore) -> None:
    earliest, latest = (datetime(2026, 11, 23, hour, tzinfo=clock.BANK_ZONE) for hour in (9, 12))
    assert not store.call_back("web-1", earliest, latest)
    ask(store)
    assert store.call_back("web-1", earliest, latest)
    wish = store.open_wish("web-1")
    assert wish is not None
    assert (wish.callback_from, wish.callback_until) == (earliest, latest)


_EARLIER_TABLE = """
CREATE TABLE desk_handovers (
    id INTEGER NOT NULL PRIMARY KEY, conversation_id VARCHAR(255) NOT NULL, customer_id VARCHAR(255),
    language VARCHAR(8) NOT NULL, reason VARCHAR(64) NOT NULL, created_at DATETIME NOT NULL, closed_at DATETIME
)
"""


def test_a_store_of_an_earlier_version_keeps_its_wishes_and_takes_new_ones(url: str) -> None:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as earlier:
        earlier.execute(_EARLIER_TABLE)
        earlier.execute(
            "INSERT INTO desk_handovers VALUES"
            " (1, 'web-0', 'demo-m2', 'zh', 'ask_late_fee', '2026-11-20 08:00:00', NULL)"
        )
    store = HandoverStore(url)
    wish = store.open_wish("web-0")
    assert wish is not None
    assert (wish.reason, wish.trigger, wish.priority, wish.reference) == ("ask_late_fee", "asked_for", "normal", None)
    assert ask(store).is_new
    assert HandoverStore(url).open_wish("web-1") is not None


def test_each_conversation_has_its_own_wish(store: HandoverStore) -> None:
    assert ask(store, "web-1").wish.id != ask(store, "web-2").wish.id


def test_a_visitor_who_signs_in_becomes_known_to_the_open_wish(store: HandoverStore) -> None:
    ask(store, customer_id=None)
    assert ask(store, customer_id="demo-m2").wish.customer_id == "demo-m2"


def test_a_known_customer_stays_known_after_the_session_ran_out(store: HandoverStore) -> None:
    ask(store, customer_id="demo-m2")
    assert ask(store, customer_id=None).wish.customer_id == "demo-m2"


def test_after_closing_a_new_wish_can_be_made(store: HandoverStore) -> None:
    first = ask(store)
    assert store.close("web-1")
    assert store.open_wish("web-1") is None
    assert not store.close("web-1")
    second = ask(store)
    assert second.is_new
    assert second.wish.id != first.wish.id


def test_a_wish_outlives_the_process_that_took_it(url: str) -> None:
    first = ask(HandoverStore(url))
    assert HandoverStore(url).open_wish("web-1") == first.wish


def _ask_at_once(url: str, start: Any, answers: Any) -> None:
    store = HandoverStore(url)
    start.wait()
    recorded = ask(store)
    answers.put((recorded.wish.id, recorded.is_new))


def test_processes_that_ask_at_the_same_time_make_one_wish(url: str) -> None:
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(4), context.Queue()
    processes = [context.Process(target=_ask_at_once, args=(url, start, answers)) for _ in range(4)]
    for process in processes:
        process.start()
    results = [answers.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    assert len({wish for wish, _ in results}) == 1
    assert [new for _, new in results].count(True) == 1


def test_a_database_that_cannot_be_written_is_a_desk_error(tmp_path: Path) -> None:
    with pytest.raises(DeskError):
        ask(HandoverStore(f"sqlite:///{tmp_path / 'missing' / 'desk.db'}"))
