"""The demonstration customers' stories: the same on every day of the year."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Dict, Iterator, List, Optional, Tuple

import pytest

from bank.models import (
    AccountState,
    ApplicationStatus,
    AutoDebitResult,
    Bucket,
    PaymentStatus,
    PlanPartStatus,
    PromiseStatus,
)
from bank.sandbox import plan_views, views
from bank.sandbox.accounts import CardAccount
from bank.sandbox.policy import policy_from
from bank.sandbox.seed import seeding
from bank.sandbox.service import Bank
from bank.sandbox.states import status_on
from bank.sandbox.stories import stories
from common.settings import ROOT
from tests.test_bank.visitor import Clock

POLICY = policy_from(ROOT / "bank" / "sandbox" / "policy.yml")
# A year with a leap day, so every month's end is in it.
MONTHS = [date(2027 + (month + 1) // 12, (month + 1) % 12 + 1, 1) for month in range(1, 13)]

#: customer → card number → state, days past due, bucket, first time
STATES: Dict[Tuple[str, int], Tuple[AccountState, int, Optional[Bucket], bool]] = {
    ("demo-due-soon", 0): (AccountState.DUE, 0, None, True),
    ("demo-grace", 0): (AccountState.IN_GRACE, 0, None, True),
    ("demo-m1-first", 0): (AccountState.OVERDUE, 5, Bucket.M1, True),
    ("demo-m1-partial", 0): (AccountState.OVERDUE, 6, Bucket.M1, False),
    ("demo-m2", 0): (AccountState.OVERDUE, 44, Bucket.M2, True),
    ("demo-m4", 0): (AccountState.OVERDUE, 108, Bucket.M4, True),
    ("demo-two-cards", 0): (AccountState.OVERDUE, 13, Bucket.M1, True),
    ("demo-two-cards", 1): (AccountState.DUE, 0, None, True),
    ("demo-pending", 0): (AccountState.OVERDUE, 6, Bucket.M1, True),
    ("demo-disputed", 0): (AccountState.OVERDUE, 7, Bucket.M1, True),
    ("demo-instalment", 0): (AccountState.OVERDUE, 6, Bucket.M1, True),
    ("demo-agreement", 0): (AccountState.DUE, 0, None, False),
    ("demo-english", 0): (AccountState.OVERDUE, 7, Bucket.M1, True),
    ("demo-clear", 0): (AccountState.CURRENT, 0, None, True),
}


_NEVER_REPORTED = {
    "demo-due-soon",
    "demo-grace",
    "demo-m1-first",
    "demo-pending",
    "demo-disputed",
    "demo-instalment",
    "demo-english",
    "demo-clear",
}


def accounts_on(today: date) -> Dict[Tuple[str, int], CardAccount]:
    """The cards as they stand on `today`, made without a database."""
    made = seeding(stories(), POLICY, today)
    found: Dict[Tuple[str, int], CardAccount] = {}
    for customer in made.customers:
        cards = [card for card in made.cards if card["customer_id"] == customer["id"]]
        for number, card in enumerate(cards):
            found[customer["id"], number] = CardAccount(
                customer=customer,
                card=card,
                entries=_of(made.entries, card),
                payments=_of(made.payments, card),
                applications=[{**each, "reference": "INS-1"} for each in _of(made.applications, card)],
                policy=POLICY,
                today=today,
            )
    return found


def _of(rows: List[Dict[str, Any]], card: Dict[str, Any]) -> List[Any]:
    return [row for row in rows if row["card_id"] == card["id"]]


def days_of(month: date) -> Iterator[date]:
    day = month
    while day.month == month.month:
        yield day
        day += timedelta(days=1)


@pytest.mark.parametrize("month", MONTHS, ids=lambda month: f"{month:%Y-%m}")
def test_every_story_is_true_on_every_day(month: date) -> None:
    for today in days_of(month):
        found = accounts_on(today)
        assert set(found) == set(STATES)
        for name, expected in STATES.items():
            now = found[name].now
            assert (now.state, now.days_past_due, now.bucket, now.first_time) == expected, (today, name)
        assert_details(today, found)


def assert_details(today: date, found: Dict[Tuple[str, int], CardAccount]) -> None:
    def of(customer: str, number: int = 0) -> CardAccount:
        return found[customer, number]

    assert of("demo-due-soon").now.due_date == today + timedelta(days=2), today
    assert of("demo-grace").now.due_date == today - timedelta(days=2), today
    assert of("demo-grace").now.grace_ends_on == today + timedelta(days=1), today
    assert views.auto_debit(of("demo-grace")).last_result is AutoDebitResult.INSUFFICIENT_FUNDS
    assert 0 < of("demo-m1-partial").now.paid_since < of("demo-m1-partial").now.minimum_due, today
    assert of("demo-clear").now.total == 0, today
    # The month in which it happened before is on record; nobody else has one, except of the present spell.
    codes = {name: [month.code for month in views.credit_report(found[name]).months] for name in found}
    assert codes["demo-m1-partial", 0].count("1") == 1, today
    assert all(set(codes[name]) == {"N"} for name in found if name[0] in _NEVER_REPORTED), (today, codes)
    # Long overdue: the bills went on.
    assert len([bill for bill in of("demo-m2").account.bills if bill.due_date < today]) == 10, today
    assert views.credit_report(of("demo-m2")).reported, today
    assert not views.credit_report(of("demo-m1-first")).reported, today
    assert views.credit_report(of("demo-m4")).months[0].code == "4", today
    # Nothing is bought with a card while it is overdue.
    for account in found.values():
        bought = [entry["posted_on"] for entry in account.entries if entry["kind"] == "purchase"]
        if account.now.state is AccountState.OVERDUE:
            assert max(bought) <= account.now.grace_ends_on, today
        assert max(bought) <= today

    pending = of("demo-pending")
    assert pending.pending > pending.now.remaining_minimum, today
    statuses = [payment.status for payment in views.payments(pending)]
    assert statuses[0] is PaymentStatus.PENDING
    assert set(statuses[1:]) == {PaymentStatus.POSTED}

    disputed = of("demo-disputed")
    assert disputed.now.disputed == Decimal("1680.00"), today
    assert [each.amount for each in views.transactions(disputed) if each.disputed] == [Decimal("1680.00")], today

    [plan] = of("demo-instalment").applications
    assert status_on(plan, today) is ApplicationStatus.ACTIVE
    billed_terms = [bill for bill in of("demo-instalment").account.bills if bill.statement_date > plan["starts_on"]]
    assert len(billed_terms) == 4, today

    [agreement] = plan_views.plans(of("demo-agreement"))
    assert agreement.collection_paused, today
    parts = [part.status for part in agreement.schedule]
    assert parts[:3] == [PlanPartStatus.PAID, PlanPartStatus.BILLED, PlanPartStatus.TO_COME], today


def test_the_promises_of_the_stories_are_kept_broken_and_open_every_day(bank: Bank, time: Clock) -> None:
    for _ in range(4):
        broken, kept = bank.promises("demo-m1-partial")
        assert (kept.status, kept.paid, broken.status) == (PromiseStatus.KEPT, kept.amount, PromiseStatus.BROKEN)
        [promise] = bank.promises("demo-two-cards")
        assert (promise.status, promise.pay_on) == (PromiseStatus.OPEN, time.today() + timedelta(days=4))
        time.forward(days=19)


def test_the_same_day_is_told_the_same_way() -> None:
    today = date(2028, 2, 29)
    assert seeding(stories(), POLICY, today) == seeding(stories(), POLICY, today)


def test_from_day_to_day_only_the_dates_move() -> None:
    first, second = accounts_on(date(2027, 6, 14)), accounts_on(date(2027, 6, 15))
    for name in STATES:
        bought = [(entry["amount"], entry["description"]) for entry in first[name].entries]
        assert bought == [(entry["amount"], entry["description"]) for entry in second[name].entries]
        assert first[name].now.principal == second[name].now.principal


def test_each_card_has_half_a_year_of_everyday_life() -> None:
    for account in accounts_on(date(2026, 11, 21)).values():
        bought = [entry["posted_on"] for entry in account.entries if entry["kind"] == "purchase"]
        assert (max(bought) - min(bought)).days > 150
        assert len({entry["description"] for entry in account.entries}) > 8
        assert len(account.payments) >= 6


def test_the_english_customer_reads_english_and_the_others_chinese() -> None:
    for (customer, _), account in accounts_on(date(2026, 11, 21)).items():
        texts = [account.card["name"], *(each.description for each in views.transactions(account))]
        assert all(text.isascii() is (customer == "demo-english") for text in texts)


def test_nothing_in_the_stories_could_be_a_real_card_or_phone() -> None:
    for customer in stories().customers:
        assert "****" in customer.masked_phone
        for card in customer.cards:
            assert "**** ****" in card.transfer_account
