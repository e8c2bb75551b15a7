"""Filing, deciding and withdrawing: once, only by who may, and with effect on the account."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bank.models import AccountState, ApplicationKind, ApplicationStatus, Purpose, ReasonClass, TransactionKind
from bank.sandbox import views
from bank.sandbox.service import Bank
from tests.test_bank.databases import DATABASES, fresh_url
from tests.test_bank.ledger_cases import DEMONSTRATION, changed
from tests.test_bank.visitor import (
    TODAY,
    Clock,
    Visitor,
    application,
    at_the_same_time,
    open_bank,
    problem,
    reason,
    visitor,
)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'bank.db'}"


@pytest.fixture
def bank(url: str, time: Clock) -> Bank:
    return open_bank(url, DEMONSTRATION)


@pytest.fixture
def chen(bank: Bank) -> Visitor:
    return visitor(bank, "demo-m1-first")


class TestFiling:
    def test_the_terms_are_those_of_the_quote(self, chen: Visitor) -> None:
        quote = chen.quote(12)
        filed = application(chen.file(quote.id, chen.prove(quote.id).token, reason=ReasonClass.ILLNESS))
        assert (filed.amount, filed.terms, filed.per_term) == (quote.amount, 12, quote.per_term)
        assert filed.annualised_rate == quote.annualised_rate
        assert (filed.status, filed.withdrawable) == (ApplicationStatus.IN_REVIEW, True)
        assert filed.reference == f"INS-{TODAY:%Y%m%d}-0001"
        assert filed.answer_by == date(2026, 11, 27)  # three working days after Tuesday

    def test_references_count_up_within_the_day_and_kind(self, bank: Bank, chen: Visitor) -> None:
        first = chen.filed_plan()
        second = visitor(bank, "demo-grace").filed_plan()
        third = visitor(bank, "demo-m2").filed_deferral()
        numbers = [each.reference.rpartition("-")[2] for each in (first, second, third)]
        assert numbers == ["0001", "0002", "0001"]

    def test_the_review_takes_working_days(self, bank: Bank, chen: Visitor, time: Clock) -> None:
        time.forward(days=3)  # a Friday
        assert chen.filed_plan().answer_by == date(2026, 12, 2)

    def test_a_repeat_gets_the_same_answer_byte_for_byte(self, chen: Visitor, time: Clock) -> None:
        quote = chen.quote()
        proof = chen.prove(quote.id).token
        key = uuid.uuid4().hex
        first = chen.file(quote.id, proof, key)
        time.forward(hours=23, minutes=59)
        assert chen.file(quote.id, proof, key) == first
        assert chen.file(quote.id, "another-proof-of-the-same", key) == first

    def test_a_repeat_gets_the_first_answer_also_after_the_application_changed(self, bank: Bank, chen: Visitor) -> None:
        quote = chen.quote()
        proof = chen.prove(quote.id).token
        key = uuid.uuid4().hex
        first = chen.file(quote.id, proof, key)
        bank.decide(application(first).reference, True, None)
        assert chen.file(quote.id, proof, key) == first

    def test_a_repeat_gets_the_same_answer_after_a_restart(self, url: str, chen: Visitor) -> None:
        quote = chen.quote()
        proof = chen.prove(quote.id).token
        key = uuid.uuid4().hex
        first = chen.file(quote.id, proof, key)
        again = visitor(open_bank(url, DEMONSTRATION), chen.customer)
        assert again.file(quote.id, proof, key) == first
        assert len(again.bank.applications(chen.customer)) == 1

    def test_the_key_with_other_content_is_a_conflict(self, chen: Visitor) -> None:
        quote = chen.quote()
        key = uuid.uuid4().hex
        filed = application(chen.file(quote.id, chen.prove(quote.id).token, key))
        other = problem(lambda: chen.file(quote.id, "some-proof", key, reason=ReasonClass.FORGOT))
        assert other.name == "idempotency-conflict"
        elsewhere = problem(
            lambda: chen.bank.withdraw_application(chen.customer, filed.reference, key, proof="some-proof")
        )
        assert elsewhere.name == "idempotency-conflict"

    def test_the_same_key_of_two_customers_is_two_keys(self, bank: Bank, chen: Visitor) -> None:
        key = uuid.uuid4().hex
        other = visitor(bank, "demo-grace")
        for each in (chen, other):
            quote = each.quote()
            assert application(each.file(quote.id, each.prove(quote.id).token, key)).card_id == each.card

    def test_a_problem_leaves_the_key_unused_and_the_proof_unspent(self, chen: Visitor, time: Clock) -> None:
        quote = chen.quote()
        proof = chen.prove(quote.id).token
        key = uuid.uuid4().hex
        assert problem(lambda: chen.file(quote.id, "not-the-proof", key)).name == "proof-required"
        assert application(chen.file(quote.id, proof, key)).status is ApplicationStatus.IN_REVIEW

    def test_an_old_quote_is_refused_and_its_proof_not_spent(self, chen: Visitor, time: Clock) -> None:
        quote = chen.quote()
        time.forward(minutes=25)
        proof = chen.prove(quote.id).token
        time.forward(minutes=6)
        assert problem(lambda: chen.file(quote.id, proof)).name == "quote-expired"
        assert problem(lambda: chen.prove(quote.id)).name == "quote-expired"
        time.forward(minutes=-6)
        assert application(chen.file(quote.id, proof)).amount == quote.amount

    def test_a_quote_that_would_be_another_one_by_now_is_refused(self, chen: Visitor, time: Clock) -> None:
        time.forward(hours=13, minutes=55)
        option = chen.option()
        proof = chen.prove(option.id).token
        time.forward(minutes=6)  # midnight: another day, other interest
        found = problem(lambda: chen.file(option.id, proof, kind=ApplicationKind.DEFERRAL))
        assert found.name == "quote-expired"

    def test_a_quote_can_be_filed_once(self, chen: Visitor) -> None:
        quote = chen.quote()
        filed = application(chen.file(quote.id, chen.prove(quote.id).token))
        chen.withdraw(filed.reference)
        proof = chen.prove(quote.id).token
        assert reason(lambda: chen.file(quote.id, proof)) == "already_running"

    @pytest.mark.parametrize("other", ["demo-grace", "demo-nobody"])
    def test_only_the_customer_who_was_quoted_can_file(self, bank: Bank, chen: Visitor, other: str) -> None:
        quote = chen.quote()
        proof = chen.prove(quote.id).token
        stranger = Visitor(bank, other, chen.card)
        assert problem(lambda: stranger.file(quote.id, proof)).name == "not-found"
        assert bank.applications(chen.customer) == []

    def test_the_card_must_be_the_quoted_one(self, bank: Bank) -> None:
        first = visitor(bank, "demo-two-cards")
        quote = first.quote()
        second = Visitor(bank, first.customer, bank.cards(first.customer)[1].id)
        assert problem(lambda: second.file(quote.id, "some-proof")).name == "invalid-request"


@pytest.mark.parametrize("kind_of_database", DATABASES)
class TestAtTheSameTime:
    @pytest.fixture
    def crowd(self, request: pytest.FixtureRequest, tmp_path: Path, kind_of_database: str, time: Clock) -> Visitor:
        request.param = kind_of_database
        return visitor(open_bank(fresh_url(request, tmp_path), DEMONSTRATION), "demo-m1-first")

    def test_32_identical_filings_make_one_application(self, crowd: Visitor) -> None:
        quote = crowd.quote()
        proof = crowd.prove(quote.id).token
        key = uuid.uuid4().hex
        answers, problems = at_the_same_time(lambda _: crowd.file(quote.id, proof, key), 32)
        assert problems == []
        assert len(answers) == 32
        assert len(set(answers)) == 1
        assert len(crowd.bank.applications(crowd.customer)) == 1

    def test_one_proof_is_spent_once(self, crowd: Visitor) -> None:
        quote = crowd.quote()
        proof = crowd.prove(quote.id).token
        answers, problems = at_the_same_time(lambda _: crowd.file(quote.id, proof), 8)
        assert len(answers) == 1
        assert {found.name for found in problems} <= {"proof-required", "not-eligible"}
        assert len(crowd.bank.applications(crowd.customer)) == 1

    def test_two_different_filings_for_one_card_make_one_application(self, crowd: Visitor) -> None:
        quotes = [crowd.quote(terms) for terms in (3, 6, 9, 12)]
        proofs = [crowd.prove(quote.id).token for quote in quotes]
        answers, problems = at_the_same_time(lambda number: crowd.file(quotes[number].id, proofs[number]), 4)
        assert len(answers) == 1
        assert [found.members.get("reason") for found in problems] == ["already_running"] * 3
        assert len(crowd.bank.applications(crowd.customer)) == 1

    def test_filings_of_different_customers_get_different_references(self, crowd: Visitor) -> None:
        names = ["demo-m1-first", "demo-m1-partial", "demo-grace", "demo-two-cards", "demo-english", "demo-m2"]
        visitors = [visitor(crowd.bank, name) for name in names]
        quotes = [each.quote() for each in visitors]
        proofs = [each.prove(quote.id).token for each, quote in zip(visitors, quotes, strict=True)]
        answers, problems = at_the_same_time(
            lambda number: visitors[number].file(quotes[number].id, proofs[number]), len(visitors)
        )
        assert problems == []
        assert len({application(each).reference for each in answers}) == len(visitors)


class TestWithdrawing:
    def test_it_is_withdrawn_once_and_stays_in_the_list(self, chen: Visitor) -> None:
        filed = chen.filed_plan()
        gone = chen.withdraw(filed.reference)
        assert (gone.status, gone.withdrawable, gone.answer_by) == (ApplicationStatus.WITHDRAWN, False, None)
        assert [each.reference for each in chen.bank.applications(chen.customer)] == [filed.reference]
        assert problem(lambda: chen.withdraw(filed.reference)).name == "not-withdrawable"

    def test_afterwards_something_else_can_be_filed(self, chen: Visitor) -> None:
        chen.withdraw(chen.filed_plan().reference)
        assert chen.filed_deferral().status is ApplicationStatus.IN_REVIEW

    @pytest.mark.parametrize("approve", [True, False])
    def test_what_is_decided_cannot_be_withdrawn(self, chen: Visitor, approve: bool) -> None:
        filed = chen.filed_plan()
        proof = chen.prove(filed.reference, Purpose.WITHDRAW_APPLICATION).token
        chen.bank.decide(filed.reference, approve, None)
        key = uuid.uuid4().hex
        found = problem(lambda: chen.bank.withdraw_application(chen.customer, filed.reference, key, proof=proof))
        assert found.name == "not-withdrawable"

    def test_nobody_elses_can_be_seen_or_withdrawn(self, bank: Bank, chen: Visitor) -> None:
        filed = chen.filed_plan()
        stranger = visitor(bank, "demo-grace")
        assert problem(lambda: stranger.withdraw(filed.reference)).name == "not-found"
        assert problem(lambda: bank.application(stranger.customer, filed.reference)).name == "not-found"
        assert bank.application(chen.customer, filed.reference).status is ApplicationStatus.IN_REVIEW


class TestDecisions:
    def test_an_approved_plan_takes_the_purchases_out_of_the_overdue_bill(self, bank: Bank, chen: Visitor) -> None:
        before = chen.overdue()
        filed = chen.filed_plan()
        decided = bank.decide(filed.reference, True, None)
        after = chen.overdue()
        assert decided.status is ApplicationStatus.ACTIVE
        assert decided.note is not None
        assert (after.state, after.principal) == (AccountState.CURRENT, before.principal - filed.amount)
        assert (after.interest, after.late_fee) == (before.interest, before.late_fee)
        moved = [
            each
            for each in views.transactions(bank.card(chen.customer, chen.card))
            if each.kind is TransactionKind.INSTALMENT
        ]
        assert [each.amount for each in moved] == [-filed.amount]

    def test_an_approved_deferral_moves_the_due_date(self, bank: Bank, chen: Visitor) -> None:
        filed = chen.filed_deferral(TODAY + timedelta(days=20))
        bank.decide(filed.reference, True, None)
        after = chen.overdue()
        assert (after.state, after.days_past_due) == (AccountState.DUE, 0)
        assert after.due_date == filed.new_due_date == TODAY + timedelta(days=20)

    def test_a_rejection_changes_nothing_and_carries_the_banks_word(self, bank: Bank, chen: Visitor) -> None:
        before = chen.overdue()
        decided = bank.decide(chen.filed_plan().reference, False, "请补充材料。")
        assert (decided.status, decided.note, decided.answer_by) == (ApplicationStatus.DECLINED, "请补充材料。", None)
        assert chen.overdue() == before

    def test_the_banks_word_is_in_the_customers_language(self, bank: Bank) -> None:
        taylor = visitor(bank, "demo-english")
        note = bank.decide(taylor.filed_plan().reference, False, None).note
        assert note
        assert note.isascii()

    def test_it_is_decided_once(self, bank: Bank, chen: Visitor) -> None:
        filed = chen.filed_plan()
        bank.decide(filed.reference, False, None)
        again = problem(lambda: bank.decide(filed.reference, True, None))
        assert (again.name, again.status) == ("illegal-move", 409)
        assert again.members == {"from": "declined", "to": "approved"}

    def test_what_is_not_there_cannot_be_decided(self, bank: Bank) -> None:
        assert problem(lambda: bank.decide("INS-20200101-0001", True, None)).name == "not-found"


class TestEligibility:
    def test_what_is_in_review_keeps_the_card_from_another_application(self, chen: Visitor) -> None:
        chen.filed_plan()
        assert reason(chen.quote) == "already_running"
        assert reason(chen.option) == "already_running"

    def test_a_running_plan_keeps_from_another_plan_but_not_from_a_deferral(self, bank: Bank) -> None:
        he = visitor(bank, "demo-instalment")
        assert reason(he.quote) == "already_running"
        assert he.option().amount_due_then > 0

    def test_a_running_deferral_keeps_from_another(self, bank: Bank, chen: Visitor) -> None:
        bank.decide(chen.filed_deferral().reference, True, None)
        assert reason(chen.option) == "already_running"

    def test_who_is_too_long_overdue_gets_neither(self, bank: Bank) -> None:
        zhou = visitor(bank, "demo-m4")
        assert reason(zhou.quote) == "too_long_overdue"
        assert reason(zhou.option) == "too_long_overdue"

    def test_who_owes_nothing_gets_neither(self, bank: Bank) -> None:
        lin = visitor(bank, "demo-clear")
        assert reason(lin.quote) == "nothing_due"
        assert reason(lin.option) == "nothing_due"

    def test_amounts_have_bounds(self, bank: Bank, chen: Visitor) -> None:
        most = chen.quote().amount
        for amount, why in (("499.99", "amount_too_small"), (str(most + Decimal("0.01")), "amount_too_large")):
            found = reason(lambda a=amount: bank.instalment_quotes(chen.customer, chen.card, Decimal(a), None))  # type: ignore[misc]
            assert found == why
        [quote] = bank.instalment_quotes(chen.customer, chen.card, Decimal("500.00"), 3)
        assert quote.amount == Decimal("500.00")

    def test_a_plan_closes_so_many_days_before_the_due_date(self, url: str, time: Clock) -> None:
        wang = visitor(
            open_bank(url, changed(DEMONSTRATION, instalment={"closes_days_before_due": 3})), "demo-due-soon"
        )
        assert reason(wang.quote) == "not_allowed_now"

    def test_so_many_in_a_year(self, url: str, time: Clock) -> None:
        often = changed(DEMONSTRATION, deferral={"max_per_year": 1}, instalment={"max_per_year": 1})
        bank = open_bank(url, often)
        chen = visitor(bank, "demo-m1-first")
        bank.decide(chen.filed_deferral(TODAY + timedelta(days=2)).reference, True, None)
        assert bank.applications(chen.customer)[0].status is ApplicationStatus.ACTIVE
        time.forward(days=3)  # over, and told anew
        assert bank.applications(chen.customer)[0].status is ApplicationStatus.COMPLETED
        assert reason(chen.option) == "too_often"
        assert chen.quote().amount > 0

    def test_a_day_beyond_the_longest_deferral_is_too_late(self, chen: Visitor) -> None:
        last = chen.bank.deferral_options(chen.customer, chen.card, None)[-1].new_due_date
        assert chen.option(last).new_due_date == last
        assert reason(lambda: chen.option(last + timedelta(days=1))) == "date_too_late"


class TestQuotes:
    def test_asking_again_gives_the_same_quotes_while_they_bind_for_a_while(self, chen: Visitor, time: Clock) -> None:
        first = chen.quote()
        time.forward(minutes=15)
        assert chen.quote() == first
        time.forward(minutes=1)
        later = chen.quote()
        assert later.id != first.id
        assert later.valid_until - time.moment >= timedelta(minutes=15)

    def test_the_bank_keeps_to_a_quote_for_as_long_as_it_says(self, chen: Visitor, time: Clock) -> None:
        quote = chen.quote()
        time.forward(minutes=29)
        assert application(chen.file(quote.id, chen.prove(quote.id).token)).amount == quote.amount

    def test_what_was_filed_is_not_quoted_again_under_the_same_id(self, chen: Visitor) -> None:
        filed, quote = chen.filed_plan(), chen.quote
        chen.withdraw(filed.reference)
        assert application(chen.file(quote().id, chen.prove(quote().id).token)).reference != filed.reference

    def test_charges_and_an_excluded_minimum_are_paid_outside_the_plan(self, url: str, time: Clock) -> None:
        bank = open_bank(url, changed(DEMONSTRATION, instalment={"minimum_excluded": True}))
        chen = visitor(bank, "demo-m1-first")
        quote, owed = chen.quote(), chen.overdue()
        assert quote.pay_first == owed.remaining_minimum
        assert quote.amount == owed.principal - owed.remaining_minimum

    def test_billed_charges_are_paid_first_where_the_minimum_is_not_excluded(self, bank: Bank) -> None:
        sun = visitor(bank, "demo-m2")
        card = bank.card(sun.customer, sun.card)
        billed_charges = views.statement(card).remaining_balance - sun.overdue().principal
        assert sun.quote().pay_first == billed_charges > 0

    def test_no_more_is_asked_for_first_than_the_minimum(self, bank: Bank, chen: Visitor) -> None:
        [quote] = bank.instalment_quotes(chen.customer, chen.card, Decimal("500.00"), 3)
        assert quote.pay_first == chen.overdue().remaining_minimum

    def test_a_disputed_purchase_cannot_be_split(self, bank: Bank) -> None:
        feng = visitor(bank, "demo-disputed")
        assert feng.quote().amount == feng.overdue().principal

    def test_a_deferral_names_its_cost(self, chen: Visitor) -> None:
        owed = chen.overdue()
        option = chen.option(TODAY + timedelta(days=10))
        assert option.months == 0
        assert option.extra_interest == (owed.principal * Decimal("0.005")).quantize(Decimal("0.01"))
        assert option.amount_due_then == owed.total + option.extra_interest

    def test_months_are_counted_from_the_due_date_while_that_has_not_passed(self, bank: Bank) -> None:
        wang = visitor(bank, "demo-due-soon")
        options = bank.deferral_options(wang.customer, wang.card, None)
        assert [each.months for each in options] == [1, 2, 3]
        assert options[0].new_due_date == date(2026, 12, 26)
