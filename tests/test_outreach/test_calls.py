"""Calls: one agent has each, only when the rules allow a call at that moment, and every attempt counts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa

from bank.errors import BankUnavailable
from bank.models import ContactChannel, ContactOutcome, ReasonClass
from common import clock
from desk.store import Wanted
from outreach.calls import LEASE, NoReason, NoSuchCall, NotHeld, NotNow, OneAtATime, Taken
from outreach.report import Report
from outreach.store import Wanted as WantedContact
from outreach.store import plan
from outreach.tables import call_tasks
from outreach.unmade import end_unmade
from tests.test_outreach.call_floor import DUE, TUESDAY_NOON, Floor, owing
from tests.test_outreach.conftest import VirtualClock, outreach_of
from tests.test_outreach.generated_bank import GeneratedBank


@pytest.fixture
def floor(virtual: VirtualClock, any_url: str, tmp_path: Path) -> Floor:
    virtual.at = TUESDAY_NOON
    lives = [owing(number) for number in range(3)]
    return Floor(outreach_of(lives, any_url, f"sqlite:///{tmp_path / 'desk.db'}", virtual))


class TestWhoHasIt:
    def test_of_many_who_reach_for_it_at_once_one_has_it(self, floor: Floor) -> None:
        task, begin, won, lost = floor.task(), Barrier(8), [], []

        def reach(agent: str) -> None:
            begin.wait()
            try:
                won.append(floor.calls.claim(task.id, agent).holder)
            except Taken as taken:
                lost.append(taken.holder)

        threads = [Thread(target=reach, args=[f"agent-{number}"]) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(won) == 1
        assert lost == won * 7

    def test_two_agents_do_not_call_one_customer_about_two_cards(self, floor: Floor) -> None:
        first = floor.task()
        with floor.system.database.writing() as connection:
            row = connection.execute(sa.select(call_tasks).where(call_tasks.c.id == first.id)).one()
            connection.execute(sa.insert(call_tasks).values(**{**row._mapping, "id": "another-card"}))
        floor.calls.claim(first.id, "lin")
        with pytest.raises(Taken) as taken:
            floor.calls.claim("another-card", "wang")
        assert taken.value.holder == "lin"

    def test_an_agent_makes_one_call_at_a_time(self, floor: Floor) -> None:
        floor.calls.claim(floor.task(0).id, "lin")
        with pytest.raises(OneAtATime):
            floor.calls.claim(floor.task(1).id, "lin")
        floor.calls.release(floor.task(0).id, "lin")
        assert floor.calls.claim(floor.task(1).id, "lin").holder == "lin"

    def test_what_an_agent_left_lying_is_free_after_the_lease(self, floor: Floor, virtual: VirtualClock) -> None:
        task = floor.calls.claim(floor.task().id, "lin")
        with pytest.raises(Taken):
            floor.calls.claim(task.id, "wang")
        virtual.at += LEASE
        assert floor.calls.claim(task.id, "wang").holder == "wang"
        with pytest.raises(NotHeld):
            floor.calls.result(task.id, ContactOutcome.ANSWERED, agent="lin", attempt=0)

    def test_only_who_has_it_says_what_came_of_it(self, floor: Floor) -> None:
        task = floor.calls.claim(floor.task().id, "lin")
        with pytest.raises(NotHeld):
            floor.calls.result(task.id, ContactOutcome.ANSWERED, agent="wang", attempt=0)
        with pytest.raises(ValueError, match="no result of a call"):
            floor.calls.result(task.id, ContactOutcome.SENT, agent="lin", attempt=0)
        assert floor.lines() == ["planned"]

    def test_ones_own_stands_first_and_after_hours_too(self, floor: Floor, virtual: VirtualClock) -> None:
        virtual.at = virtual.at.replace(hour=20, minute=50)
        task = floor.calls.claim(floor.task(2).id, "lin")
        assert floor.calls.open("lin")[0].id == task.id
        virtual.forward(minutes=20)  # the customer's hours are over while they talk
        assert [each.id for each in floor.calls.open("lin")] == [task.id]
        assert floor.calls.open("wang") == []
        floor.calls.result(task.id, ContactOutcome.ANSWERED, agent="lin", attempt=0)


class TestResults:
    def test_a_talk_ends_the_task_and_the_bank_knows(self, floor: Floor) -> None:
        task = floor.calls.claim(floor.task().id, "lin")
        forgot, note = ReasonClass.FORGOT, "pays on Friday"
        floor.calls.result(task.id, ContactOutcome.ANSWERED, agent="lin", attempt=0, note=note, reason=forgot)
        assert "c-0" not in {each.customer_id for each in floor.calls.open()}
        assert floor.lines() == ["planned", "answered"]
        with floor.system.database.reading() as connection:
            row = connection.execute(sa.select(call_tasks).where(call_tasks.c.id == task.id)).one()
        assert (row.agent, row.note, row.reason, row.result) == ("lin", "pays on Friday", "forgot", "answered")
        with pytest.raises(NoSuchCall):
            floor.calls.claim(task.id, "wang")

    def test_nobody_there_leaves_it_to_whoever_tries_next(self, floor: Floor) -> None:
        floor.attempt()
        task = floor.task()
        assert (task.attempts, task.holder) == (1, None)
        assert task.last_at == clock.now()
        floor.attempt("wang", ContactOutcome.REFUSED)
        assert floor.lines() == ["planned", "no_answer", "refused"]

    def test_a_result_that_is_told_twice_counts_once(self, floor: Floor) -> None:
        task = floor.calls.claim(floor.task().id, "lin")
        for _ in range(2):
            floor.calls.result(task.id, ContactOutcome.NO_ANSWER, agent="lin", attempt=0)
        assert floor.task().attempts == 1
        assert floor.lines() == ["planned", "no_answer"]

    def test_a_repeated_result_does_not_count_for_the_next_attempt(self, floor: Floor) -> None:
        floor.attempt()
        task = floor.calls.claim(floor.task().id, "lin")
        floor.calls.result(task.id, ContactOutcome.NO_ANSWER, agent="lin", attempt=0)  # the first one's, late
        assert floor.task().attempts == 1
        floor.calls.result(task.id, ContactOutcome.ANSWERED, agent="lin", attempt=1)
        assert floor.lines() == ["planned", "no_answer", "answered"]


class TestRules:
    def test_two_attempts_are_the_days_contacts_and_tomorrow_is_another_day(
        self, floor: Floor, virtual: VirtualClock
    ) -> None:
        for _ in range(2):  # of all channels together, by the plan
            virtual.forward(minutes=30)
            floor.attempt()
        assert "c-0" not in {each.customer_id for each in floor.calls.open()}

    def test_by_night_nobody_is_called(self, floor: Floor, virtual: VirtualClock) -> None:
        task = floor.task()
        virtual.at = virtual.at.replace(hour=22)
        assert floor.calls.open() == []
        with pytest.raises(NoSuchCall):  # the day on which it was of use is over, too
            floor.calls.claim(task.id, "lin")

    def test_contacts_that_only_the_bank_knows_of_count(self, floor: Floor) -> None:
        for number in range(2):
            floor.system.bank.log_contact(
                "c-0", idempotency_key=f"branch-{number}", kind="service", channel="phone", direction="out",
                at=clock.now() - timedelta(hours=number + 1), outcome="answered", rule="branch", card_id=None,
                text_id=None, reference=None,
            )  # fmt: skip
        task = floor.task()
        with pytest.raises(NotNow) as later:
            floor.calls.claim(task.id, "lin")
        assert later.value.rule == "daily-limit"
        assert later.value.until is not None
        assert floor.task().holder is None

    def test_who_asked_to_stop_after_it_was_planned_is_not_called(self, floor: Floor) -> None:
        task = floor.task()
        floor.system.bank.lives["c-0"].paused = (clock.today(), clock.today() + timedelta(days=30))
        with pytest.raises(NoReason) as over:
            floor.calls.claim(task.id, "lin")
        assert over.value.rule == "asked-to-stop"
        assert floor.lines() == ["planned", "stopped"]
        with pytest.raises(NoSuchCall):
            floor.calls.claim(task.id, "lin")

    def test_who_has_paid_by_then_is_not_called(self, floor: Floor) -> None:
        task = floor.task()
        floor.system.bank.lives["c-0"].pays_on = [clock.today()]
        with pytest.raises(NoReason) as over:
            floor.calls.claim(task.id, "lin")
        assert over.value.rule == "paid"

    def test_who_complains_by_then_is_not_called(self, floor: Floor) -> None:
        task = floor.task()
        floor.system.desk.record(
            "web-1", customer_id="c-0", language="en", wanted=Wanted("complain_collection", "complaint", "high")
        )
        with pytest.raises(NoReason) as over:
            floor.calls.claim(task.id, "lin")
        assert over.value.rule == "complaint"

    def test_who_wants_no_calls_by_then_is_not_called(self, floor: Floor) -> None:
        task = floor.task()
        life = floor.system.bank.lives["c-0"]
        life.preferences = life.preferences.copy(update={"channels": [ContactChannel.EMAIL]})
        with pytest.raises(NoReason) as over:
            floor.calls.claim(task.id, "lin")
        assert over.value.rule == "channel-not-wanted"

    def test_without_the_bank_there_is_no_call(self, floor: Floor) -> None:
        task = floor.task()
        floor.system.bank.before = GeneratedBank.fail
        with pytest.raises(BankUnavailable):
            floor.calls.claim(task.id, "lin")
        floor.system.bank.before = lambda operation: None
        assert floor.calls.claim(task.id, "wang").holder == "wang"

    def test_the_script_has_the_figures_of_the_day(self, floor: Floor) -> None:
        life = floor.system.bank.lives["c-0"]
        life.amount = life.amount + 1000
        before = floor.task()
        claimed = floor.calls.claim(before.id, "lin")
        assert claimed.script != before.script
        assert f"{life.amount:,.2f}" in claimed.script

    def test_a_task_that_the_plan_no_longer_has_is_withdrawn(self, floor: Floor) -> None:
        with floor.system.database.writing() as connection:
            gone = WantedContact("c-1", "k-0001", "of-an-older-plan", DUE)
            plan(connection, [gone], clock.now())
            moved = sa.update(call_tasks).where(call_tasks.c.customer_id == "c-1")
            connection.execute(moved.values(contact_id=gone.id))
        with pytest.raises(NoReason):
            floor.calls.claim(floor.task(1).id, "lin")


class TestNotMade:
    def test_a_call_that_nobody_made_in_its_time_ends_as_not_made(self, floor: Floor, virtual: VirtualClock) -> None:
        task = floor.task()
        virtual.at = task.call_until - timedelta(seconds=1)
        assert floor.worker.end_calls() == 0
        virtual.at = task.call_until
        assert floor.worker.end_calls() == 3
        assert floor.worker.end_calls() == 0
        assert floor.lines() == ["planned", "stopped"]
        (told,) = [line for name, line in floor.system.bank.log.values() if name == "c-0" and line.rule == "not-made"]
        assert (told.at, told.reference) == (task.call_until, task.id.partition(".")[0])
        counts = Report(floor.system.database).by_day(TUESDAY_NOON.date(), TUESDAY_NOON.date())
        (counted,) = [each for each in counts if each["rule"] == "not-made"]
        assert (counted["channel"], counted["outcome"], counted["count"]) == ("phone", "stopped", 3)

    def test_it_can_be_taken_no_longer(self, floor: Floor, virtual: VirtualClock) -> None:
        task = floor.task()
        virtual.at = task.call_until
        floor.worker.end_calls()
        virtual.at -= timedelta(hours=1)
        with pytest.raises(NoSuchCall):
            floor.calls.claim(task.id, "lin")

    def test_who_was_tried_was_not_left_out(self, floor: Floor, virtual: VirtualClock) -> None:
        task = floor.task()
        floor.attempt()
        virtual.at = task.call_until
        assert floor.worker.end_calls() == 2
        assert floor.lines() == ["planned", "no_answer"]
        with floor.system.database.reading() as connection:
            row = connection.execute(sa.select(call_tasks).where(call_tasks.c.id == task.id)).one()
        assert (row.result, row.done_at) == ("no_answer", virtual.at)

    def test_who_is_called_at_that_moment_is_called_to_the_end(self, floor: Floor, virtual: VirtualClock) -> None:
        until = floor.task().call_until
        virtual.at = until - timedelta(minutes=5)
        task = floor.calls.claim(floor.task().id, "lin")
        virtual.at = until + LEASE + timedelta(minutes=5)  # written down late
        assert floor.worker.end_calls() == 2
        floor.calls.result(task.id, ContactOutcome.ANSWERED, agent="lin", attempt=0)
        assert floor.lines() == ["planned", "answered"]

    def test_what_an_agent_left_lying_ends_too(self, floor: Floor, virtual: VirtualClock) -> None:
        until = floor.task().call_until
        virtual.at = until - timedelta(minutes=5)
        floor.calls.claim(floor.task().id, "lin")
        virtual.at += 2 * LEASE
        assert floor.worker.end_calls() == 3
        assert floor.lines() == ["planned", "stopped"]

    def test_of_many_processes_one_ends_it(self, floor: Floor, virtual: VirtualClock) -> None:
        virtual.at = floor.task().call_until
        begin, ended = Barrier(4), []

        def end() -> None:
            begin.wait()
            ended.append(end_unmade(floor.system.database))

        threads = [Thread(target=end) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(ended) == 3
        assert floor.lines() == ["planned", "stopped"]
