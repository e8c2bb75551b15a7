"""Promises to pay: made, changed, withdrawn; kept or broken by what is posted."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bank.models import Promise, PromiseStatus
from bank.sandbox.preconditions import ANY, IfMatch
from bank.sandbox.promises import Wish
from bank.sandbox.service import Bank
from tests.test_bank.ledger_cases import DEMONSTRATION, changed
from tests.test_bank.visitor import TODAY, Clock, Visitor, move, new_key, open_bank, problem, reason, visitor


def change(of: Visitor, promise: Promise, amount: str, days: int, version: int = 0) -> Promise:
    wish = Wish(Decimal(amount), TODAY + timedelta(days=days))
    if_match = IfMatch((f'"{version or promise.version}"',))
    answer = of.bank.change_promise(of.customer, promise.reference, new_key(), wish, if_match)
    changed_promise = Promise.parse_raw(answer.body)
    assert answer.etag == f'"{changed_promise.version}"'
    assert changed_promise.version > promise.version
    return changed_promise


def withdraw(of: Visitor, promise: Promise) -> Promise:
    return Promise.parse_raw(of.bank.withdraw_promise(of.customer, promise.reference, new_key()).body)


def pay(of: Visitor, amount: str) -> None:
    of.bank.book_payment(of.customer, of.card, Decimal(amount))


class TestMaking:
    def test_it_is_open_and_in_the_list(self, chen: Visitor) -> None:
        made = chen.promise("500.00", days=5)
        assert made.reference == f"PTP-{TODAY:%Y%m%d}-0001"
        assert (made.status, made.paid, made.version) == (PromiseStatus.OPEN, Decimal("0.00"), 1)
        assert (made.amount, made.pay_on, made.changeable) == (Decimal("500.00"), TODAY + timedelta(days=5), True)
        assert chen.bank.promises(chen.customer) == [made]
        assert chen.bank.promise(chen.customer, made.reference) == made

    def test_it_changes_nothing_that_is_owed(self, chen: Visitor) -> None:
        before = chen.overdue()
        chen.promise()
        assert chen.overdue() == before

    def test_one_at_a_time(self, chen: Visitor) -> None:
        made = chen.promise()
        assert reason(chen.promise) == "already_running"
        withdraw(chen, made)
        assert chen.promise().status is PromiseStatus.OPEN

    def test_bounds(self, chen: Visitor) -> None:
        longest = DEMONSTRATION.promise.max_days_ahead
        assert reason(lambda: chen.promise(days=longest + 1)) == "date_too_late"
        assert problem(lambda: chen.promise(days=-1)).name == "invalid-request"
        assert reason(lambda: chen.promise("9.99")) == "amount_too_small"
        assert reason(lambda: chen.promise("99999.00")) == "amount_too_large"
        assert chen.promise("10.00", days=longest).status is PromiseStatus.OPEN

    def test_all_that_will_be_owed_on_the_day_can_be_promised_and_no_cent_more(self, chen: Visitor) -> None:
        projected = (chen.overdue().principal * Decimal("0.0005") * 5).quantize(Decimal("0.01")) + chen.overdue().total
        assert reason(lambda: chen.promise(str(projected + Decimal("0.01")), days=5)) == "amount_too_large"
        assert chen.promise(str(projected), days=5).amount == projected

    def test_nothing_is_promised_where_nothing_is_owed(self, bank: Bank) -> None:
        assert reason(visitor(bank, "demo-clear").promise) == "nothing_due"


class TestChanging:
    def test_another_sum_and_day_is_another_version(self, chen: Visitor) -> None:
        changed_promise = change(chen, chen.promise(), "600.00", 7)
        assert (changed_promise.amount, changed_promise.pay_on) == (Decimal("600.00"), TODAY + timedelta(days=7))
        assert changed_promise.version == 2

    def test_who_has_not_seen_the_latest_cannot_change_it(self, chen: Visitor) -> None:
        made = chen.promise()
        change(chen, made, "600.00", 7)
        found = problem(lambda: change(chen, made, "700.00", 7))
        assert (found.name, found.status) == ("changed-meanwhile", 412)
        assert chen.bank.promise(chen.customer, made.reference).amount == Decimal("600.00")

    def test_so_many_times(self, chen: Visitor) -> None:
        promise = chen.promise()
        for number in range(DEMONSTRATION.promise.max_changes):
            assert promise.changeable
            promise = change(chen, promise, f"60{number}.00", 7)
        assert not promise.changeable
        assert reason(lambda: change(chen, promise, "700.00", 7)) == "too_often"

    def test_what_is_over_cannot_be_changed_or_withdrawn(self, chen: Visitor) -> None:
        gone = withdraw(chen, chen.promise())
        assert (gone.status, gone.changeable, gone.version) == (PromiseStatus.WITHDRAWN, False, 2)
        assert move(lambda: change(chen, gone, "600.00", 7)) == ("withdrawn", "open")
        assert move(lambda: withdraw(chen, gone)) == ("withdrawn", "withdrawn")

    def test_nobody_elses(self, bank: Bank, chen: Visitor) -> None:
        made = chen.promise()
        stranger = visitor(bank, "demo-grace")
        assert problem(lambda: change(stranger, made, "600.00", 7)).name == "not-found"
        assert problem(lambda: withdraw(stranger, made)).name == "not-found"
        assert problem(lambda: bank.promise(stranger.customer, made.reference)).name == "not-found"
        assert problem(lambda: Visitor(bank, stranger.customer, chen.card).promise()).name == "not-found"


class TestJudging:
    def test_it_is_kept_as_soon_as_enough_is_posted(self, chen: Visitor) -> None:
        made = chen.promise("500.00")
        pay(chen, "200.00")
        assert chen.bank.promise(chen.customer, made.reference).paid == Decimal("200.00")
        pay(chen, "300.00")
        kept = chen.bank.promise(chen.customer, made.reference)
        assert (kept.status, kept.paid, kept.changeable) == (PromiseStatus.KEPT, Decimal("500.00"), False)
        assert kept.version > made.version

    def test_what_was_paid_before_it_was_made_does_not_count(self, chen: Visitor) -> None:
        pay(chen, "500.00")
        made = chen.promise("500.00")
        assert made.paid == Decimal("0.00")
        assert chen.bank.promise(chen.customer, made.reference).status is PromiseStatus.OPEN

    def test_it_is_broken_once_the_day_and_the_grace_are_over(self, chen: Visitor, time: Clock) -> None:
        made = chen.promise("500.00", days=3)
        time.forward(days=3 + DEMONSTRATION.promise.grace_days)
        assert chen.bank.promise(chen.customer, made.reference).status is PromiseStatus.OPEN
        time.forward(days=1)
        broken = chen.bank.promise(chen.customer, made.reference)
        assert (broken.status, broken.paid) == (PromiseStatus.BROKEN, Decimal("0.00"))

    def test_what_was_paid_counts_although_the_story_begins_anew(self, chen: Visitor, time: Clock) -> None:
        made = chen.promise("500.00", days=3)
        pay(chen, "200.00")
        time.forward(days=1)
        assert chen.bank.promise(chen.customer, made.reference).paid == Decimal("200.00")
        pay(chen, "300.00")
        assert chen.bank.promise(chen.customer, made.reference).status is PromiseStatus.KEPT

    def test_a_smaller_promise_can_be_kept_by_what_is_paid_already(self, chen: Visitor) -> None:
        made = chen.promise("500.00")
        pay(chen, "300.00")
        now = chen.bank.promise(chen.customer, made.reference)
        assert change(chen, now, "300.00", 5).status is PromiseStatus.KEPT


def test_a_repeat_is_answered_from_memory_whatever_if_match_says_now(chen: Visitor) -> None:
    made = chen.promise()
    key, wish = new_key(), Wish(Decimal("600.00"), TODAY + timedelta(days=7))
    first = chen.bank.change_promise(chen.customer, made.reference, key, wish, IfMatch(('"1"',)))
    assert chen.bank.change_promise(chen.customer, made.reference, key, wish, IfMatch(('"1"',))) == first
    other = Wish(Decimal("601.00"), TODAY + timedelta(days=7))
    found = problem(lambda: chen.bank.change_promise(chen.customer, made.reference, key, other, ANY))
    assert found.name == "idempotency-conflict"
    assert chen.bank.promise(chen.customer, made.reference).version == 2


@pytest.mark.parametrize("grace", [0, 4])
def test_the_grace_is_the_policys(tmp_path: Path, time: Clock, grace: int) -> None:
    policy = changed(DEMONSTRATION, promise={"grace_days": grace})
    one = visitor(open_bank(f"sqlite:///{tmp_path / 'bank.db'}", policy), "demo-m1-first")
    made = one.promise(days=0)
    time.forward(days=grace)
    assert one.bank.promise(one.customer, made.reference).status is PromiseStatus.OPEN
    time.forward(days=1)
    assert one.bank.promise(one.customer, made.reference).status is PromiseStatus.BROKEN
