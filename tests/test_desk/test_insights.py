"""Every figure of the page of insights, against the same counted by hand from raw events; and what keeps it true."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from types import SimpleNamespace
from typing import Any, Callable, Dict, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bank.errors import BankContractBroken, BankTimeout, NotOffered
from bank.models import AccountState, PaymentStatus, PlanPartStatus, PromiseStatus
from common.clock import BANK_ZONE
from common.feed import FedEvent
from common.settings import ROOT, settings
from desk import ingestion
from desk.insights import at_bank, labelling, outreach, paid, projection
from desk.insights.buckets import bucket_of
from desk.insights.figures import ALL, GROUPS, Selection, table_of
from desk.insights.tables import reminders, requests, threads
from desk.insights.understanding import TOLD_BY
from desk.pruning import prune
from outreach.plan import load_plan
from tests.test_desk.floor import WEB, Floor
from tests.test_desk.insights_by_hand import sentences_by_hand, tables_by_hand
from tests.test_desk.insights_history import made_up
from tests.test_desk.insights_place import Place

ALWAYS = (date(2026, 11, 1), date(2027, 3, 31))
OpenPlace = Callable[[int], Place]


@pytest.fixture
def opened(floor: Floor) -> Iterator[OpenPlace]:
    """Opens a small past."""
    made = []

    def make(seed: int) -> Place:
        made.append(Place(floor, made_up(seed, 8)))
        return made[-1]

    yield make
    for place in made:
        place.close()


@pytest.fixture
def place(any_floor: Floor) -> Iterator[Place]:
    """A larger one, in each database."""
    made = Place(any_floor, made_up(1, 18))
    yield made
    made.close()


def by_hand(place: Place, selection: Selection) -> Dict[str, Any]:
    given = {name: getattr(selection, name) for name in ("channel", "language", "bucket")}
    wanted = {name: value for name, value in given.items() if value}
    return tables_by_hand(
        place.history,
        by=selection.by,
        first=selection.first,
        last=selection.last,
        fits=lambda traits: all(traits[name] == value for name, value in wanted.items()),
    )


def selections() -> Iterator[Selection]:
    for by in (*GROUPS, ALL):
        yield Selection(*ALWAYS, by=by)
    yield Selection(date(2026, 11, 5), date(2026, 11, 11))
    yield Selection(*ALWAYS, channel="wechat", by="bucket")
    yield Selection(*ALWAYS, channel="sms", language="zh")
    yield Selection(*ALWAYS, language="en", by="channel")
    for bucket in ("not_overdue", "M2", "M6+", "unknown"):
        yield Selection(*ALWAYS, bucket=bucket, by="language")


async def test_every_figure_is_what_raw_events_come_to(place: Place) -> None:
    await place.live_through()
    for selection in selections():
        found, counted = place.tables(selection), by_hand(place, selection)
        for name, rows in found.items():
            assert rows == counted[name], (name, selection)


def everything(place: Place) -> Dict[str, Any]:
    return place.tables(Selection(*ALWAYS))


async def test_a_desk_that_ends_at_any_moment_counts_nothing_twice_and_misses_nothing(
    opened: OpenPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = opened(1)
    monkeypatch.setattr(projection, "BATCH", 7)
    calm, falls = projection.take, Random(9)

    def failing(connection: Connection, fed: FedEvent) -> None:
        calm(connection, fed)
        if falls.random() < 0.02:
            raise OSError("the desk ends")

    for _ in place.steps():
        pass  # nothing was read meanwhile
    place.floor.now = datetime.fromtimestamp(place.history.fed[-1][1]["timestamp"], BANK_ZONE)
    monkeypatch.setattr(projection, "take", failing)
    ended = 0
    while True:
        place.keeper = place.new_keeper()
        try:
            await place.keeper.read_once()
            break
        except OSError:
            ended += 1
    assert ended > 5
    place.floor.now += timedelta(days=2)
    while place.floor.look(at_bank.requests_due):
        await place.keeper.ask_once()
    # The bank was asked too late for how long customers were overdue, which no table by day shows, and for payments.
    found, counted = everything(place), by_hand(place, Selection(*ALWAYS))
    for tables in (found, counted):
        tables["reminders"] = [(row["step"], row["channel"], row["reminded"]) for row in tables["reminders"]]
    assert found == counted


async def test_reading_again_what_was_read_changes_nothing(opened: OpenPlace) -> None:
    place = opened(2)
    await place.live_through()
    before = everything(place)
    for _ in range(2):
        await place.new_keeper().read_once()
    lines = outreach.read_lines(place.outreach, 0)
    assert lines
    with place.floor.database.writing() as connection:
        assert not outreach.take(connection, lines, load_plan())
    assert everything(place) == before


async def test_what_the_desk_forgets_stays_counted_and_the_words_go(opened: OpenPlace) -> None:
    place = opened(3)
    await place.live_through()
    before = everything(place)
    assert place.floor.look(labelling.not_understood, Selection(*ALWAYS), 10)
    place.floor.now += timedelta(days=settings().desk_feed_days + 30)
    last = place.feed.read(0, 100_000)[-1].id
    while await place.desk.run(ingestion.take_next, place.feed) < last:
        pass
    await prune(place.desk, place.feed)
    assert place.feed.read(0, 10) == []
    assert place.floor.look(labelling.not_understood, Selection(*ALWAYS), 10) == []
    with place.floor.database.reading() as connection:
        assert set(connection.execute(sa.select(threads.c.text)).scalars()) == {None}
    assert everything(place) == before


async def test_events_that_insights_have_not_read_are_not_forgotten(opened: OpenPlace) -> None:
    place = opened(3)
    place.feed.append("web-1", {"event": "user", "text": "x", "timestamp": 1.0, "message_id": "m"})
    await place.desk.run(ingestion.take_next, place.feed)
    place.floor.now += timedelta(days=400)
    await prune(place.desk, place.feed)
    assert len(place.feed.read(0, 10)) == 1
    await place.keeper.read_once()
    await prune(place.desk, place.feed)
    assert place.feed.read(0, 10) == []


async def test_a_sentence_has_the_reading_that_was_pressed_and_no_numbers_or_names(opened: OpenPlace) -> None:
    place = opened(4)
    await place.live_through()
    rows = place.floor.look(labelling.not_understood, Selection(*ALWAYS), 1000)
    counted: Counter = sentences_by_hand(place.history)
    kinds: Counter = Counter()
    for row in rows:
        kinds[row["kind"]] += row["times"]
    assert kinds == counted
    assert {row["chosen"] for row in rows} == {None, "ask_late_fee"}
    said = " ".join(row["text"] for row in rows)
    assert "13812345678" not in said
    assert "王小明" not in said


async def test_a_bank_that_does_not_answer_delays_its_part_alone(opened: OpenPlace) -> None:
    place = opened(5)
    steps = place.steps()
    for _ in range(20):
        next(steps)
        await place.keeper.read_once()
    due = place.floor.look(at_bank.requests_due)
    assert due

    def no_answer(customer_id: str) -> Any:
        raise BankTimeout("GET", "nobody is there")

    answers, place.bank.cards = place.bank.cards, no_answer  # type: ignore[method-assign]
    with pytest.raises(BankTimeout):
        await place.keeper.ask_once()
    assert place.floor.look(at_bank.requests_due) == due
    place.bank.cards = answers  # type: ignore[method-assign]
    await place.keeper.ask_once()
    assert place.floor.look(at_bank.requests_due) == {}


async def test_a_customer_of_whom_the_bank_answers_wrongly_keeps_nobody_else_waiting(opened: OpenPlace) -> None:
    place = opened(5)
    steps = place.steps()
    for _ in range(20):
        next(steps)
        await place.keeper.read_once()
    first, *others = place.floor.look(at_bank.requests_due)
    assert others
    answers = place.bank.applications

    def wrong(customer_id: str) -> Any:
        if customer_id == first:
            raise BankContractBroken("GET", "a status that nobody knows")
        return answers(customer_id)

    place.bank.applications = wrong  # type: ignore[method-assign]
    place.bank.promises = wrong  # type: ignore[method-assign]
    place.bank.disputes = wrong  # type: ignore[method-assign]
    await place.keeper.ask_once()
    assert place.floor.look(at_bank.requests_due) == {}


async def test_the_bank_is_asked_the_more_seldom_the_older_a_request_is_and_not_after_its_end(
    opened: OpenPlace,
) -> None:
    place = opened(5)
    await place.live_through()
    asked = place.bank.asked
    await place.keeper.ask_once()
    assert place.bank.asked == asked
    with place.floor.database.reading() as connection:
        rows = connection.execute(sa.select(requests)).all()
    final = {"declined", "withdrawn", "completed", "kept", "broken", "upheld"}
    assert {row.next_at is None for row in rows if row.status in final} == {True}
    assert {row.next_at is None for row in rows if row.status not in final} == {False}
    now = place.floor.now
    assert all(timedelta(hours=1) <= row.next_at - now <= timedelta(days=1) for row in rows if row.next_at)


def reminder(contact: str, anchor: str, anchor_day: date, sent: datetime, **others: Any) -> Dict[str, Any]:
    """A reminder that reached customer-1 about card-1, of which the bank is to be asked tomorrow."""
    values = {"contact_id": contact, "customer_id": "customer-1", "card_id": "card-1", "day": sent.date(), "at": sent}
    step = {"step": contact, "channel": "sms", "language": "zh", "bucket": "not_overdue", "event_id": 1}
    asks = {"anchor": anchor, "anchor_day": anchor_day, "next_at": sent + timedelta(days=1)}
    return {**values, **step, **asks, **others}


def bank_of(paid_on: Any, **answers: Any) -> Any:
    """A bank with one card that owes nothing, and these payments: pairs of day and status."""
    cards = [SimpleNamespace(id="card-1", state=AccountState.CURRENT, amount_due=Decimal(0), days_past_due=0)]
    made = [SimpleNamespace(made_on=day, status=PaymentStatus(status)) for day, status in paid_on]
    asked = {"cards": lambda _: cards, "payments": lambda *_: made, "promises": lambda _: [], "plans": lambda *_: []}
    return SimpleNamespace(**{**asked, **answers})


class TestPaid:
    """What the bank's answers make of a reminder, by what it was about."""

    SENT = datetime(2026, 11, 10, 9, 0, tzinfo=BANK_ZONE)

    def paid(self, floor: Floor, bank: Any, **of: Any) -> bool:
        values = {"anchor": "due_date", "anchor_day": date(2026, 11, 12), "sent": self.SENT, **of}
        floor.now = self.SENT + timedelta(days=values.pop("asked", 1))
        with floor.database.writing() as connection:
            connection.execute(sa.delete(reminders))
            connection.execute(sa.insert(reminders).values(**reminder("due-in-2-days", **values)))
        with floor.database.writing() as connection:
            for customer_id, rows in paid.due(connection).items():
                paid.keep(connection, rows, paid.ask(bank, customer_id, rows))
            row = connection.execute(sa.select(reminders)).one()
        assert (row.next_at is None) == (row.paid_at is not None or values.get("decided", False))
        return row.paid_at is not None

    def test_a_payment_before_the_due_date_counts_though_no_contact_stops_for_it(self, floor: Floor) -> None:
        assert self.paid(floor, bank_of([(date(2026, 11, 10), "posted")]))

    def test_what_was_paid_before_the_reminder_does_not(self, floor: Floor) -> None:
        assert not self.paid(floor, bank_of([(date(2026, 11, 9), "posted")]))

    def test_a_payment_that_failed_does_not(self, floor: Floor) -> None:
        assert not self.paid(floor, bank_of([(date(2026, 11, 10), "failed")]))

    def test_nothing_owed_without_a_payment_does_not(self, floor: Floor) -> None:
        assert not self.paid(floor, bank_of([]))

    def test_a_part_that_leaves_something_owed_does_not(self, floor: Floor) -> None:
        owing = [SimpleNamespace(id="card-1", state=AccountState.DUE, amount_due=Decimal(5), days_past_due=0)]
        assert not self.paid(floor, bank_of([(date(2026, 11, 10), "posted")], cards=lambda _: owing))

    def test_another_card_does_not(self, floor: Floor) -> None:
        other = [SimpleNamespace(id="card-2", state=AccountState.CURRENT, amount_due=Decimal(0), days_past_due=0)]
        assert not self.paid(floor, bank_of([(date(2026, 11, 10), "posted")], cards=lambda _: other))

    @pytest.mark.parametrize(("after", "counts"), [(30, True), (31, False)])
    def test_thirty_days_count(self, floor: Floor, after: int, counts: bool) -> None:
        made = self.SENT.date() + timedelta(days=after)
        bank = bank_of([(made, "posted")])
        assert self.paid(floor, bank, asked=after) is counts

    def test_a_bank_that_lists_no_payments_is_believed_that_nothing_is_owed(self, floor: Floor) -> None:
        def not_offered(*_: Any) -> Any:
            raise NotOffered("payments", "not-offered", 501)

        assert self.paid(floor, bank_of([], payments=not_offered))

    def test_a_promise_counts_once_it_is_kept(self, floor: Floor) -> None:
        owing = [SimpleNamespace(id="card-1", state=AccountState.OVERDUE, amount_due=Decimal(5), days_past_due=9)]
        of = {"anchor": "promise", "anchor_day": date(2026, 11, 11)}

        def bank(status: str) -> Any:
            promise = SimpleNamespace(card_id="card-1", pay_on=date(2026, 11, 11), status=PromiseStatus(status))
            made = [(date(2026, 11, 11), "posted")]
            return bank_of(made, cards=lambda _: owing, promises=lambda _: [promise])

        assert self.paid(floor, bank("kept"), **of)
        assert not self.paid(floor, bank("open"), **of)
        assert not self.paid(floor, bank("kept"), **{**of, "anchor_day": date(2026, 11, 10)})

    def test_an_instalment_counts_once_it_is_paid_whatever_the_account_owes(self, floor: Floor) -> None:
        of = {"anchor": "instalment", "anchor_day": date(2026, 11, 13)}

        def bank(status: str) -> Any:
            part = SimpleNamespace(due_on=date(2026, 11, 13), status=PlanPartStatus(status))
            plans = [SimpleNamespace(schedule=[part])]
            return bank_of([(date(2026, 11, 10), "posted")], plans=lambda *_: plans)

        assert self.paid(floor, bank("paid"), **of)
        assert not self.paid(floor, bank("to_come"), **of)

    def test_it_is_asked_daily_as_long_as_a_payment_counts_and_the_bank_may_book_it(self, floor: Floor) -> None:
        with floor.database.writing() as connection:
            connection.execute(sa.insert(reminders).values(**reminder("r", "due_date", date(2026, 11, 12), self.SENT)))
        asked = 0
        for number in range(0, 60 * 24, 6):
            floor.now = self.SENT + timedelta(hours=number)
            with floor.database.writing() as connection:
                for rows in paid.due(connection).values():
                    paid.keep(connection, rows, {})
                    asked += 1
        assert asked == 32


def test_what_an_agent_files_counts_in_the_conversation_once(floor: Floor) -> None:
    event = floor.says("我想分期", metadata={"identity": {"customer_id": "demo-m2"}})
    floor.do(lambda journal: projection.take(journal.connection, FedEvent(1, WEB, event)))
    for _ in range(2):
        floor.do(
            lambda journal: projection.filed_by_agent(
                journal.connection, WEB, customer_id="demo-m2", reference="INS-1", kind="instalment"
            )
        )
    rows = floor.look(table_of, "requests", Selection(floor.now.date(), floor.now.date()))
    assert rows == [{"kind": "instalment", "outcome": "not_asked", "requests": 1}]


def test_answers_that_tell_what_was_not_understood_are_sentences_of_the_domain() -> None:
    files = [ROOT / "domain.yml", *(ROOT / "data" / "responses").glob("*.yml")]
    text = "\n".join(file.read_text("utf-8") for file in files)
    assert set(re.findall(r"^  (utter_(?:fallback|out_of_scope)\w*):", text, re.MULTILINE)) == set(TOLD_BY)
    assert set(projection.FILED_BY) <= set(re.findall(r"^  (\w+_form):", text, re.MULTILINE))
    (minutes,) = re.findall(r"^  session_expiration_time: (\d+)", text, re.MULTILINE)
    assert timedelta(minutes=int(minutes)) == projection.PAUSE


def test_buckets_are_those_of_the_bank() -> None:
    assert [bucket_of(days) for days in (0, 1, 30, 31, 60, 61, 150, 151, 180, 181, 900)] == (
        "not_overdue M1 M1 M2 M2 M3 M5 M6 M6 M6+ M6+".split()
    )
