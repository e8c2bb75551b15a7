"""Customers' messages are answered once and in order, whatever ends, fails or comes twice."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any, AsyncIterator, List

import pytest
import sqlalchemy as sa
from rasa.core.channels.channel import UserMessage

from channels.messaging import inbox as inbox_module
from channels.messaging import tables
from channels.messaging import worker as worker_module
from channels.messaging.inbox import Inbox
from channels.messaging.people import person
from channels.messaging.platform import Address, Later, Limits, Never, QuotaUsed, Received, WindowClosed
from channels.messaging.store import Store
from tests.test_channels.messaging import LIMITS, LIN, WANG, FakePlatform, OpenPages, Process, ScriptedAgent, World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path, ScriptedAgent(tmp_path), FakePlatform())
    yield made
    for process in made.processes:
        await process.end()


def rows(world: World, table: sa.Table, *columns: Any) -> List[Any]:
    engine = sa.create_engine(f"sqlite:///{world.folder / 'messaging.db'}", future=True)
    with engine.connect() as connection:
        found = connection.execute(sa.select(*(columns or table.c)).select_from(table).order_by(table.c.id)).all()
    engine.dispose()
    return list(found)


async def test_message_is_answered_in_the_chat_where_it_came_from(world: World) -> None:
    process = await world.process()
    assert await process.inbox.take([world.said("hello"), world.said("hi", WANG)]) == 2
    await world.until(lambda: len(world.platform.taken) == 2)
    assert world.platform.texts(LIN) == ["re: hello"]
    assert world.platform.texts(WANG) == ["re: hi"]


async def test_message_that_is_delivered_three_times_is_answered_once(world: World) -> None:
    process = await world.process()
    message = world.said("hello")
    assert await process.inbox.take([message]) == 1
    assert await process.inbox.take([message, message]) == 0
    await world.until(lambda: world.platform.taken)
    await process.inbox.take([world.said("next")])
    await world.until(lambda: len(world.platform.taken) == 2)
    assert world.heard() == ["hello", "next"]


async def test_same_key_at_another_account_is_another_message(world: World) -> None:
    process = await world.process()
    other = Address("wechat", "wx-other", LIN.subject)
    assert await process.inbox.take([world.said("a", key="1"), world.said("b", other, key="1")]) == 2
    await world.until(lambda: len(world.platform.taken) == 2)


async def test_one_persons_messages_are_answered_in_the_order_in_which_they_were_sent(world: World) -> None:
    process = await world.process(start=False)
    first, second, third = world.said("1st"), world.said("2nd"), world.said("3rd")
    await process.inbox.take([third])
    await process.inbox.take([first, second])
    process.worker.start()
    await world.until(lambda: len(world.platform.taken) == 3)
    assert world.platform.texts(LIN) == ["re: 1st", "re: 2nd", "re: 3rd"]


async def test_slow_turn_of_one_person_does_not_hold_up_another(world: World) -> None:
    process = await world.process()
    held = asyncio.Event()
    answer = world.agent.processor.handle_message

    async def slow(message: Any) -> None:
        if message.text == "slow":
            await held.wait()
        await answer(message)

    world.agent.processor.handle_message = slow  # type: ignore[method-assign]
    await process.inbox.take([world.said("slow")])
    await process.inbox.take([world.said("quick", WANG)])
    await world.until(lambda: world.platform.texts(WANG))
    assert world.platform.texts(LIN) == []
    held.set()
    await world.until(lambda: world.platform.texts(LIN))


async def finished(world: World, process: Process, expected: int) -> None:
    await world.until(
        lambda: (
            process.life.over.is_set()
            or (len(world.platform.taken) == expected and {row.state for row in rows(world, tables.outbox)} == {"sent"})
        )
    )


async def steps_of_a_life(world: World) -> int:
    """How many steps two messages take from the first transaction to the last."""
    process = await world.process(start=False)
    await process.inbox.take([world.said("one"), world.said("two")])
    taken = process.life.steps
    process.worker.start()
    await finished(world, process, 2)
    await world.until(lambda: not process.worker._busy)
    return process.life.steps - taken


async def test_process_killed_at_any_step_leaves_each_message_answered_once_and_in_order(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    whole = World(tmp_path / "whole", ScriptedAgent(tmp_path / "whole"), FakePlatform())
    steps = await steps_of_a_life(whole)
    for process in whole.processes:
        await process.end()
    assert steps > 20
    for ends_at in range(1, steps):
        folder = tmp_path / str(ends_at)
        folder.mkdir()
        world = World(folder, ScriptedAgent(folder), FakePlatform())
        taking = await world.process(start=False)
        await taking.inbox.take([world.said("one"), world.said("two")])
        await taking.end()

        first = await world.process(ends_at)
        await finished(world, first, 2)
        await first.end()
        world.later()
        second = await world.process()
        await finished(world, second, 2)
        await second.end()

        assert world.platform.texts(LIN) == ["re: one", "re: two"], ends_at
        assert len(set(world.platform.attempts)) == 2, ends_at  # what was sent twice had the same key
        assert all(row.done for row in rows(world, tables.inbox)), ends_at
        tracker = await world.agent.tracker_store.retrieve_full_tracker(rows(world, tables.people)[0].conversation_id)
        assert tracker is not None
        said = [event.text for event in tracker.events if event.type_name in ("user", "bot")]
        assert said == ["one", "re: one", "two", "re: two"], ends_at


async def test_process_that_ends_orderly_lets_its_turn_finish_and_gives_its_people_back(world: World) -> None:
    first = await world.process()
    await first.inbox.take([world.said("one")])
    await world.until(world.heard)
    await first.worker.stop()
    second = await world.process()
    await second.inbox.take([world.said("two")])
    await world.until(lambda: len(world.platform.taken) == 2)  # without waiting for a lease to run out
    assert world.platform.texts(LIN) == ["re: one", "re: two"]


async def test_two_processes_at_once_answer_each_message_once_and_in_order(world: World) -> None:
    one, two = await world.process(), await world.process()
    everybody = [Address("wechat", "wx-bank", f"openid-{number}") for number in range(12)]
    # All at once: each moves the clock on, and leases, which are renewed by real time, would run out meanwhile.
    messages = [world.said(f"{number}", address) for number in range(4) for address in everybody]
    for index, message in enumerate(messages):
        process = (one, two)[(index + index // 12) % 2]
        await asyncio.gather(process.inbox.take([message]), one.inbox.take([message]), two.inbox.take([message]))
    await world.until(lambda: len(world.platform.taken) == 48)
    await world.until(lambda: not one.worker._busy and not two.worker._busy)
    for address in everybody:
        assert world.platform.texts(address) == ["re: 0", "re: 1", "re: 2", "re: 3"]
    assert len(world.heard()) == 48
    assert len(world.platform.attempts) == 48


async def test_turn_that_fails_wholly_is_tried_again_and_the_next_message_waits_for_it(world: World) -> None:
    async def no_database(*_: Any, **__: Any) -> Any:
        raise OSError("no database")

    process = await world.process()
    log_message, world.agent.log_message = world.agent.log_message, no_database  # type: ignore[method-assign]
    world.agent.processor.problems = [ValueError("fails"), ValueError("fails")]
    await process.inbox.take([world.said("one"), world.said("two")])
    await world.until(lambda: rows(world, tables.inbox)[0].attempts == 1)
    await world.until(lambda: not process.worker._busy)
    assert world.platform.taken == []
    world.agent.log_message = log_message  # type: ignore[method-assign]
    world.agent.processor.problems = []
    world.later(2)
    process.worker.wake()
    await world.until(lambda: len(world.platform.taken) == 2)
    assert world.platform.texts(LIN) == ["re: one", "re: two"]


async def test_nothing_is_said_while_a_person_has_the_conversation(world: World) -> None:
    process = await world.process()
    await process.inbox.take([world.said("a person please")])
    await world.until(lambda: world.platform.taken)
    await process.inbox.take([world.said("are you there"), world.said("", kind="image")])
    await world.until(lambda: [row.done for row in rows(world, tables.inbox)] == [True] * 3)
    assert world.platform.texts(LIN) == ["re: a person please"]


async def test_service_that_is_busy_is_tried_again_later_with_the_same_message(world: World) -> None:
    process = await world.process()
    world.platform.problems = [Later("busy", -1), Later("no answer")]
    await process.inbox.take([world.said("one")])
    for attempts in (1, 2):
        await world.until(lambda: len(world.platform.attempts) == attempts)  # noqa: B023
        await world.until(lambda: not process.worker._busy)
        assert world.platform.taken == []
        world.later(3)
        process.worker.wake()
    await world.until(lambda: world.platform.taken)
    assert len(world.platform.attempts) == 3
    assert len(set(world.platform.attempts)) == 1


@pytest.mark.parametrize("problem", [WindowClosed("closed", 45015), QuotaUsed("used", 45047)])
async def test_what_the_service_holds_back_is_sent_after_the_customers_next_message_and_before_its_answer(
    world: World, problem: Exception
) -> None:
    process = await world.process()
    world.platform.problems = [problem]
    await process.inbox.take([world.said("one")])
    await world.until(lambda: [row.state for row in rows(world, tables.outbox)] == ["held"])
    world.later(3600)
    process.worker.wake()
    await process.inbox.take([world.said("two")])
    await world.until(lambda: len(world.platform.taken) == 2)
    assert world.platform.texts(LIN) == ["re: one", "re: two"]


async def test_message_refused_for_good_is_dropped_and_logged_without_its_text_and_the_next_goes_on(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    process = await world.process()
    world.platform.problems = [Never("blocked", 45047)]
    with caplog.at_level(logging.INFO):
        await process.inbox.take([world.said("one")])
        await process.inbox.take([world.said("two")])
        await world.until(lambda: world.platform.taken)
    assert world.platform.texts(LIN) == ["re: two"]
    assert any("never be sent" in record.getMessage() for record in caplog.records)
    assert not any("re: one" in record.getMessage() or LIN.subject in record.getMessage() for record in caplog.records)


async def pushed(world: World, process: Process, text: str, key: str) -> None:
    writer = await process.store.read(_only_person)
    await process.answering.push(writer, str(writer.conversation_id), {"sender": "bot", "text": text}, key)
    process.worker.wake()


def _only_person(connection: sa.engine.Connection) -> Any:
    return person(connection, connection.execute(sa.select(tables.people.c.id)).scalar_one())


async def test_quota_is_never_exceeded_and_what_is_left_over_comes_with_the_next_message(world: World) -> None:
    process = await world.process()
    await process.inbox.take([world.said("one")])
    await world.until(lambda: len(world.platform.taken) == 1)
    for number in range(6):
        await pushed(world, process, f"note {number}", f"push-{number}")
    await world.until(lambda: len(world.platform.taken) == 5)
    await world.until(lambda: not process.worker._busy)
    assert len(world.platform.attempts) == 5
    sent = "\n".join(world.platform.texts(LIN))
    await process.inbox.take([world.said("two")])
    await world.until(lambda: world.platform.texts(LIN)[-1] == "re: two")
    sent = "\n".join(world.platform.texts(LIN))
    assert [sent.count(f"note {number}") for number in range(6)] == [1] * 6
    assert [line for line in sent.splitlines() if line] == [
        "re: one",
        *(f"note {number}" for number in range(6)),
        "re: two",
    ]


async def test_more_messages_than_may_be_sent_are_merged_into_as_many_as_may(world: World) -> None:
    process = await world.process()
    await process.inbox.take([world.said("one")])
    await world.until(lambda: world.platform.taken)
    await world.until(lambda: not process.worker._busy)
    world.platform.problems = [QuotaUsed("used", 45047)]
    await pushed(world, process, "note 0", "push-0")
    await world.until(lambda: rows(world, tables.outbox)[-1].state == "held")
    for number in range(1, 8):
        await pushed(world, process, f"note {number}", f"push-{number}")
    await process.inbox.take([world.said("two")])
    await world.until(lambda: all(row.done for row in rows(world, tables.inbox)))
    await world.until(lambda: not process.worker._busy)
    sent = "\n".join(world.platform.texts(LIN))
    assert [sent.count(f"note {number}") for number in range(8)] == [1] * 8
    assert len(world.platform.taken) <= 1 + LIMITS.messages


async def test_press_on_the_menu_opens_a_short_window_of_its_own(tmp_path: Path) -> None:
    limits = Limits(2048, 2048, 10, 60, 1, 48 * 3600.0, 2, 60.0)
    world = World(tmp_path, ScriptedAgent(tmp_path), FakePlatform(limits))
    process = await world.process()
    await process.inbox.take([world.said("BILL", kind="menu")])
    await world.until(lambda: world.platform.taken)
    assert world.heard() == ["/ask_amount_due"]
    await pushed(world, process, "second", "p1")
    await world.until(lambda: len(world.platform.taken) == 2)
    await pushed(world, process, "third", "p2")
    await world.until(lambda: rows(world, tables.outbox)[-1].state == "held")
    assert len(world.platform.attempts) == 2
    await process.inbox.take([world.said("hello")])
    await world.until(lambda: "third" in "".join(world.platform.texts(LIN)))
    await process.end()


async def test_what_comes_after_the_short_window_waits_for_the_customer(tmp_path: Path) -> None:
    world = World(tmp_path, ScriptedAgent(tmp_path), FakePlatform())
    process = await world.process(start=False)
    await process.inbox.take([world.said("BILL", kind="menu")])
    world.later(61)
    process.worker.start()
    await world.until(lambda: rows(world, tables.outbox))
    await world.until(lambda: rows(world, tables.outbox)[0].problem == "window")
    assert world.platform.attempts == []
    await process.end()


async def test_who_leaves_is_sent_nothing_more(world: World) -> None:
    process = await world.process()
    world.platform.problems = [WindowClosed("closed")]
    await process.inbox.take([world.said("one")])
    await world.until(lambda: [row.state for row in rows(world, tables.outbox)] == ["held"])
    await process.inbox.take([world.said("", kind="left")])
    await world.until(lambda: [row.state for row in rows(world, tables.outbox)] == ["dropped"])
    assert world.platform.taken == []


async def test_process_at_rest_asks_the_database_only_now_and_then(world: World) -> None:
    process = await world.process()
    await process.inbox.take([world.said("one")])
    await world.until(lambda: world.platform.taken)
    await world.until(lambda: not process.worker._busy)
    await asyncio.sleep(0.1)
    before = process.life.steps
    await asyncio.sleep(0.5)
    assert process.life.steps - before <= 2


async def test_messages_that_come_together_are_kept_together(tmp_path: Path) -> None:
    writes = 0

    class Counting(Store):
        async def write(self, work: Any, *args: Any, **named: Any) -> Any:
            nonlocal writes
            writes += 1
            return await super().write(work, *args, **named)

    store = Counting(f"sqlite:///{tmp_path / 'messaging.db'}")
    await store.prepare()
    inbox = Inbox(store, lambda: None)
    await asyncio.gather(*(inbox.take([Received(LIN, f"k{n}", 1.0, "text", "x")]) for n in range(100)))
    assert writes < 5
    store.close()


async def test_message_that_the_database_does_not_take_is_not_acknowledged_and_stands_in_nobodys_way(
    tmp_path: Path,
) -> None:
    store = Store(f"sqlite:///{tmp_path / 'messaging.db'}")
    await store.prepare()
    inbox = Inbox(store, lambda: None)
    bad = Received(LIN, "bad", 1.0, None, "x")  # type: ignore[arg-type]
    good = [Received(LIN, f"k{n}", 1.0, "text", "x") for n in range(3)]
    done = await asyncio.gather(*(inbox.take([one]) for one in [*good, bad]), return_exceptions=True)
    assert done[:3] == [1, 1, 1]
    assert isinstance(done[3], sa.exc.SQLAlchemyError)
    store.close()


async def test_worker_stops_also_if_something_new_comes_at_the_same_moment(world: World) -> None:
    process = await world.process()
    await world.until(lambda: process.worker._running)
    await asyncio.sleep(0.05)
    process.worker.wake()
    await asyncio.wait_for(process.worker.stop(), 20)


async def test_messages_are_taken_before_further_ones_are_answered(world: World) -> None:
    process = await world.process()
    keeping, may_keep = asyncio.Event(), asyncio.Event()
    write = process.store.write

    async def slow(work: Any, *args: Any, **named: Any) -> Any:
        if work.__name__ == "keep":
            keeping.set()
            await may_keep.wait()
        return await write(work, *args, **named)

    await process.inbox.take([world.said("one")])
    process.store.write = slow  # type: ignore[method-assign]
    taking = asyncio.create_task(process.inbox.take([world.said("hi", WANG)]))
    await keeping.wait()
    assert world.heard() == []
    may_keep.set()
    await taking
    await world.until(lambda: len(world.platform.taken) == 2)


async def test_what_is_done_is_forgotten_after_a_week_and_what_waits_never_is(world: World) -> None:
    process = await world.process()
    await process.inbox.take([world.said("one")])
    await world.until(lambda: world.platform.taken)
    world.platform.problems = [WindowClosed("closed")]
    await process.inbox.take([world.said("two")])
    await world.until(lambda: [row.state for row in rows(world, tables.outbox)] == ["sent", "held"])
    await world.until(lambda: not process.worker._busy)
    world.later(8 * 24 * 3600)
    process.worker.wake()
    await world.until(lambda: [row.state for row in rows(world, tables.outbox)] == ["held"])
    assert rows(world, tables.inbox) == []


@pytest.mark.parametrize(("rush", "most"), [(60.0, 1), (0.0, 4)], ids=["a rush", "quiet"])
async def test_in_a_rush_one_turn_runs_at_a_time_so_that_messages_can_be_taken(
    world: World, monkeypatch: pytest.MonkeyPatch, rush: float, most: int
) -> None:
    for module in (inbox_module, worker_module):
        monkeypatch.setattr(module, "RUSH_SECONDS", rush)
    running, together, handle = [0], [0], world.agent.processor.handle_message

    async def slow(message: UserMessage) -> None:
        running[0] += 1
        together[0] = max(together[0], running[0])
        await asyncio.sleep(0.1)
        running[0] -= 1
        await handle(message)

    world.agent.processor.handle_message = slow  # type: ignore[method-assign]
    everybody = [Address("wechat", "wx-bank", f"openid-{number}") for number in range(4)]
    process = await world.process()
    await process.inbox.take([world.said("hello", address) for address in everybody])
    await world.until(lambda: len(world.platform.taken) == 4)
    assert together == [most]


async def test_open_page_of_the_customer_is_shown_what_is_said_on_the_service(world: World) -> None:
    world.pages = OpenPages()
    process = await world.process()
    await process.inbox.take([world.said("hello")])
    await world.until(lambda: world.platform.taken)
    assert world.pages.seen == [("user", "hello"), ("bot", "re: hello")]


async def test_words_of_the_services_own_people_are_on_record_once_wherever_the_process_ends(tmp_path: Path) -> None:
    everything = [("user", "one"), ("bot", "re: one"), ("bot", "我来帮您"), ("user", "two"), ("bot", "re: two")]
    for ends_at in range(1, 30, 2):
        folder = tmp_path / str(ends_at)
        folder.mkdir()
        world = World(folder, ScriptedAgent(folder), FakePlatform(), pages=OpenPages())
        taking = await world.process(start=False)
        said = [world.said("one"), world.said("我来帮您", kind="said"), world.said("two")]
        await taking.inbox.take(said)
        await taking.end()
        first = await world.process(ends_at)
        await finished(world, first, 2)
        await first.end()
        world.later()
        second = await world.process()
        await finished(world, second, 2)
        await second.end()
        tracker = await world.agent.tracker_store.retrieve_full_tracker(rows(world, tables.people)[0].conversation_id)
        assert tracker is not None
        found = [(event.type_name, event.text) for event in tracker.events if event.type_name in ("user", "bot")]
        assert found == everything, ends_at
        assert world.platform.texts(LIN) == ["re: one", "re: two"], ends_at
        assert world.pages is not None
        assert ("bot", "我来帮您") in world.pages.seen, ends_at
