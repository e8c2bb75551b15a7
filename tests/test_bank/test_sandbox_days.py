"""From day to day, and over restarts: stories are told anew, what visitors filed stays."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import List

import pytest
import sqlalchemy as sa

from bank.models import AccountState, AgreementQuote, ApplicationKind, ApplicationStatus
from bank.sandbox import store
from bank.sandbox.quotes import AgreementWish
from bank.sandbox.service import Bank
from bank.sandbox.store import Store
from tests.test_bank.databases import DATABASES, fresh_url
from tests.test_bank.ledger_cases import DEMONSTRATION
from tests.test_bank.visitor import TODAY, Clock, Visitor, open_bank, visitor


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return fresh_url(request, tmp_path)


@pytest.fixture
def bank(url: str, time: Clock) -> Bank:
    return open_bank(url, DEMONSTRATION)


@pytest.fixture
def chen(bank: Bank) -> Visitor:
    return visitor(bank, "demo-m1-first")


def test_the_stories_move_along_while_the_sandbox_runs(chen: Visitor, time: Clock) -> None:
    first = chen.overdue()
    time.forward(days=40)
    then = chen.overdue()
    assert (then.as_of, then.days_past_due) == (first.as_of + timedelta(days=40), first.days_past_due)
    assert then.total == first.total
    assert visitor(chen.bank, "demo-due-soon").overdue().due_date == TODAY + timedelta(days=42)


def test_a_restart_on_the_same_day_changes_nothing(url: str, bank: Bank, chen: Visitor) -> None:
    filed = chen.filed_plan()
    bank.decide(filed.reference, True, None)
    quote = visitor(bank, "demo-grace").quote()
    before = chen.overdue()
    again = open_bank(url, DEMONSTRATION)
    restarted = visitor(again, chen.customer)
    assert restarted.overdue() == before
    assert again.application(chen.customer, filed.reference).status is ApplicationStatus.ACTIVE
    assert visitor(again, "demo-grace").quote() == quote


def test_an_application_can_be_read_on_another_day(bank: Bank, chen: Visitor, time: Clock) -> None:
    filed = chen.filed_plan()
    time.forward(days=1)
    found = bank.application(chen.customer, filed.reference)
    assert (found.status, found.amount, found.filed_at) == (ApplicationStatus.IN_REVIEW, filed.amount, filed.filed_at)
    assert chen.withdraw(filed.reference).status is ApplicationStatus.WITHDRAWN


def test_a_new_day_tells_the_story_from_its_beginning(bank: Bank, chen: Visitor, time: Clock) -> None:
    filed = chen.filed_plan()
    bank.decide(filed.reference, True, None)
    assert chen.overdue().state is AccountState.CURRENT
    time.forward(days=1)
    assert chen.overdue().state is AccountState.OVERDUE
    assert bank.application(chen.customer, filed.reference).status is ApplicationStatus.COMPLETED
    assert chen.quote().amount == filed.amount


def agreed(bank: Bank) -> "tuple[Visitor, AgreementQuote, str]":
    """A customer long overdue with an agreement that holds: its quote and its reference."""
    zhou = visitor(bank, "demo-m4")
    [quote] = bank.agreement_quotes(zhou.customer, zhou.card, AgreementWish(terms=24))
    filed = zhou.file_option(quote.id, ApplicationKind.AGREEMENT)
    bank.decide(filed.reference, True, None)
    return zhou, quote, filed.reference


def test_an_agreement_whose_instalment_is_missed_is_broken_the_day_after(bank: Bank, time: Clock) -> None:
    zhou, quote, reference = agreed(bank)
    holds = bank.application(zhou.customer, reference)
    assert (holds.status, holds.collection_paused) == (ApplicationStatus.ACTIVE, True)
    grace = timedelta(days=DEMONSTRATION.billing.grace_days)
    time.forward(days=(quote.first_due_on + grace - TODAY).days + 1)
    [found] = [each for each in bank.applications(zhou.customer) if each.reference == reference]
    assert (found.status, found.collection_paused) == (ApplicationStatus.BROKEN, False)
    assert (found.version, found.updated_at.date()) == (holds.version + 1, time.today())
    assert bank.application(zhou.customer, reference) == found
    time.forward(days=40)
    assert bank.application(zhou.customer, reference) == found


def test_until_the_grace_of_its_instalment_is_over_an_agreement_is_not_broken(bank: Bank, time: Clock) -> None:
    zhou, quote, reference = agreed(bank)
    grace = timedelta(days=DEMONSTRATION.billing.grace_days)
    time.forward(days=(quote.first_due_on + grace - TODAY).days)
    assert bank.application(zhou.customer, reference).status is not ApplicationStatus.BROKEN


def test_an_agreement_whose_instalment_was_paid_is_not_broken(bank: Bank, time: Clock) -> None:
    zhou, quote, reference = agreed(bank)
    bank.book_payment(zhou.customer, zhou.card, quote.per_term)
    grace = timedelta(days=DEMONSTRATION.billing.grace_days)
    time.forward(days=(quote.first_due_on + grace - TODAY).days + 1)
    assert bank.application(zhou.customer, reference).status is not ApplicationStatus.BROKEN
    [kept] = bank.applications("demo-agreement")
    assert kept.status is ApplicationStatus.ACTIVE  # of the story, in which every instalment is paid


def test_what_nobody_decides_in_time_is_closed_and_says_so(bank: Bank, chen: Visitor, time: Clock) -> None:
    filed = chen.filed_deferral()
    assert filed.answer_by is not None
    time.forward(days=(filed.answer_by - TODAY).days)
    assert bank.application(chen.customer, filed.reference).status is ApplicationStatus.IN_REVIEW
    time.forward(days=1)
    closed = bank.application(chen.customer, filed.reference)
    assert (closed.status, closed.answer_by) == (ApplicationStatus.EXPIRED, None)
    assert closed.note


def test_the_plan_of_the_story_stays_one_plan(bank: Bank, time: Clock) -> None:
    for _ in range(5):
        [plan] = bank.applications("demo-instalment")
        assert (plan.kind, plan.status) == (ApplicationKind.INSTALMENT, ApplicationStatus.ACTIVE)
        time.forward(days=17)


def test_a_visitors_reference_is_never_given_to_the_story(bank: Bank, time: Clock) -> None:
    """The story's plan is filed months before its day: on a day on which a visitor may have filed, too."""
    told = bank.applications("demo-instalment")[0].filed_at.date()
    chen = visitor(bank, "demo-m1-first")
    filed = chen.filed_plan()
    time.forward(days=(TODAY - told).days - 5)  # as months differ in length
    while bank.applications("demo-instalment")[0].filed_at.date() < TODAY:
        time.forward(days=1)
    references = [each.reference for each in bank.applications("demo-instalment")]
    assert bank.applications("demo-instalment")[0].filed_at.date() == TODAY
    assert references == [filed.reference.replace("-0001", "-0002")]
    assert bank.application(chen.customer, filed.reference).card_id == chen.card


@pytest.mark.parametrize("first", [True, False], ids=["first day", "another day"])
def test_many_requests_at_the_same_time_tell_the_stories_once(url: str, bank: Bank, time: Clock, first: bool) -> None:
    if not first:
        bank.check_health()
        time.forward(days=1)
    banks = [bank, *(open_bank(url, DEMONSTRATION) for _ in range(3))]
    errors: List[BaseException] = []

    def ask(which: Bank) -> None:
        try:
            assert len(which.cards("demo-two-cards")) == 2
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=ask, args=(which,)) for which in banks * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    database = Store(url)
    with database.reading() as connection:
        assert len(store.rows(connection, sa.select(store.customers))) == 13
    database.close()
