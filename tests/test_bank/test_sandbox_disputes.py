"""Disputes: set aside at once, examined, taken back or owed again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bank.models import Dispute, DisputeReason, DisputeStatus, TransactionKind
from bank.sandbox import views
from bank.sandbox.preconditions import IfMatch
from bank.sandbox.service import Bank
from tests.test_bank.ledger_cases import DEMONSTRATION, changed
from tests.test_bank.visitor import TODAY, Clock, Visitor, move, new_key, open_bank, problem, reason, visitor


def billed_purchase(of: Visitor) -> str:
    """The id of one on the bill: the dental clinic's."""
    found = views.transactions(of.bank.card(of.customer, of.card))
    return next(each.id for each in found if each.amount == Decimal("1800.00"))


def withdraw(of: Visitor, dispute: Dispute, version: int = 0) -> Dispute:
    if_match = IfMatch((f'"{version or dispute.version}"',))
    return Dispute.parse_raw(of.bank.withdraw_dispute(of.customer, dispute.reference, new_key(), if_match).body)


class TestFiling:
    def test_the_sum_is_set_aside_at_once(self, chen: Visitor) -> None:
        before, booked = chen.overdue(), billed_purchase(chen)
        filed = chen.dispute(booked)
        after = chen.overdue()
        assert filed.amount == after.disputed == Decimal("1800.00")
        assert after.principal == before.principal - filed.amount
        assert next(
            each for each in views.transactions(chen.bank.card(chen.customer, chen.card)) if each.id == booked
        ).disputed

    def test_it_is_in_review_and_says_by_when(self, chen: Visitor) -> None:
        filed = chen.dispute()
        assert filed.reference == f"DSP-{TODAY:%Y%m%d}-0001"
        assert (filed.status, filed.withdrawable, filed.version) == (DisputeStatus.IN_REVIEW, True, 1)
        assert filed.answer_by == TODAY + timedelta(days=DEMONSTRATION.dispute.answer_days)
        assert chen.bank.disputes(chen.customer) == [filed]
        assert chen.bank.dispute(chen.customer, filed.reference) == filed

    def test_once_for_a_transaction(self, chen: Visitor) -> None:
        booked = billed_purchase(chen)
        filed = chen.dispute(booked)
        assert reason(lambda: chen.dispute(booked)) == "already_running"
        withdraw(chen, filed)
        assert chen.dispute(booked).status is DisputeStatus.IN_REVIEW

    def test_what_is_not_booked_is_not_found(self, chen: Visitor) -> None:
        assert problem(lambda: chen.dispute("t-unknown-1")).name == "not-found"

    def test_the_banks_own_charges_are_no_purchase(self, chen: Visitor) -> None:
        fee = chen.transaction(TransactionKind.LATE_FEE)
        assert reason(lambda: chen.dispute(fee.id)) == "not_allowed_now"

    def test_what_is_too_old(self, tmp_path: Path, time: Clock) -> None:
        policy = changed(DEMONSTRATION, dispute={"window_days": 10})
        one = visitor(open_bank(f"sqlite:///{tmp_path / 'bank.db'}", policy), "demo-m1-first")
        assert reason(lambda: one.dispute(billed_purchase(one))) == "not_allowed_now"

    def test_nobody_elses(self, bank: Bank, chen: Visitor) -> None:
        filed = chen.dispute()
        stranger = visitor(bank, "demo-grace")
        assert problem(lambda: bank.dispute(stranger.customer, filed.reference)).name == "not-found"
        assert problem(lambda: withdraw(stranger, filed)).name == "not-found"
        assert problem(lambda: stranger.dispute(chen.transaction().id)).name == "not-found"

    def test_the_dispute_of_a_story_is_there_every_day(self, bank: Bank, time: Clock) -> None:
        feng = visitor(bank, "demo-disputed")
        for _ in range(3):
            [told] = bank.disputes(feng.customer)
            assert (told.status, told.amount) == (DisputeStatus.IN_REVIEW, feng.overdue().disputed)
            time.forward(days=1)


class TestEnding:
    def test_withdrawn_it_is_owed_again(self, chen: Visitor) -> None:
        filed = chen.dispute(billed_purchase(chen))
        gone = withdraw(chen, filed)
        assert (gone.status, gone.answer_by, gone.withdrawable) == (DisputeStatus.WITHDRAWN, None, False)
        assert chen.overdue().disputed == 0
        card = chen.bank.card(chen.customer, chen.card)
        assert any(debt.id == filed.transaction_id and not debt.disputed for debt in card.account.debts)
        assert move(lambda: withdraw(chen, gone)) == ("withdrawn", "withdrawn")

    def test_who_has_not_seen_the_latest_cannot_withdraw_it(self, chen: Visitor) -> None:
        filed = chen.dispute()
        assert problem(lambda: withdraw(chen, filed, version=7)).name == "changed-meanwhile"

    def test_upheld_it_is_owed_no_more(self, bank: Bank, chen: Visitor) -> None:
        filed = chen.dispute(billed_purchase(chen))
        ended = bank.decide_dispute(filed.reference, True, None)
        assert (ended.status, ended.answer_by) == (DisputeStatus.UPHELD, None)
        assert ended.note
        assert chen.overdue().disputed == 0
        card = bank.card(chen.customer, chen.card)
        assert not any(debt.id == filed.transaction_id for debt in card.account.debts)
        assert reason(lambda: chen.dispute(filed.transaction_id)) == "already_running"

    def test_declined_it_is_owed_again_and_the_bank_says_why(self, bank: Bank, chen: Visitor) -> None:
        filed = chen.dispute(billed_purchase(chen))
        ended = bank.decide_dispute(filed.reference, False, "签购单有您的签名。")
        assert (ended.status, ended.note) == (DisputeStatus.DECLINED, "签购单有您的签名。")
        assert chen.overdue().disputed == 0

    def test_papers_can_be_asked_for_and_the_review_goes_on(self, bank: Bank, chen: Visitor) -> None:
        filed = chen.dispute()
        waiting = bank.ask_on_dispute(filed.reference)
        assert (waiting.status, waiting.withdrawable) == (DisputeStatus.NEEDS_DOCUMENTS, True)
        assert waiting.note
        assert move(lambda: bank.decide_dispute(filed.reference, True, None)) == ("needs_documents", "upheld")
        assert bank.resume_dispute(filed.reference).status is DisputeStatus.IN_REVIEW

    def test_it_goes_on_although_the_story_begins_anew(self, bank: Bank, chen: Visitor, time: Clock) -> None:
        filed = chen.dispute(billed_purchase(chen))
        time.forward(days=1)
        assert bank.dispute(chen.customer, filed.reference).status is DisputeStatus.IN_REVIEW
        assert chen.overdue().disputed == filed.amount
        bank.decide_dispute(filed.reference, True, None)
        assert chen.overdue().disputed == 0


@pytest.mark.parametrize(
    ("why", "amount", "status"),
    [
        (DisputeReason.NOT_MINE, "1800.00", DisputeStatus.UPHELD),
        (DisputeReason.OTHER, "1800.00", DisputeStatus.DECLINED),
        (DisputeReason.NOT_MINE, "5399.00", DisputeStatus.DECLINED),  # more than the rule has
    ],
)
def test_the_rules_decide_after_the_delay(
    tmp_path: Path, time: Clock, why: DisputeReason, amount: str, status: DisputeStatus
) -> None:
    one = visitor(open_bank(f"sqlite:///{tmp_path / 'bank.db'}", DEMONSTRATION, review_after=120), "demo-m1-first")
    booked = views.transactions(one.bank.card(one.customer, one.card))
    filed = one.dispute(next(each.id for each in booked if each.amount == Decimal(amount)), why)
    time.forward(seconds=119)
    assert one.bank.dispute(one.customer, filed.reference).status is DisputeStatus.IN_REVIEW
    time.forward(seconds=1)
    assert one.bank.dispute(one.customer, filed.reference).status is status
