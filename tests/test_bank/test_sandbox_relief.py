"""Waivers, agreements, early settlement, running plans and projections: as quoted, and with effect on the account."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Iterator, List, Optional

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from bank.models import (
    AgreementCondition,
    AgreementQuote,
    ApplicationKind,
    ApplicationStatus,
    CardStatus,
    EarlySettlement,
    PlanKind,
    PlanPartStatus,
    ProjectedPayment,
    Projection,
    TransactionKind,
    WaiverKind,
    WaiverOption,
)
from bank.sandbox import plan_views, views
from bank.sandbox.quotes import AgreementWish
from bank.sandbox.service import Bank
from tests.test_bank.ledger_cases import DEMONSTRATION, changed
from tests.test_bank.visitor import TODAY, Clock, Visitor, open_bank, problem, reason, visitor

ZERO = Decimal("0.00")


def with_policy(tmp_path: Path, customer: str, **sections: "dict[str, object]") -> Visitor:
    return visitor(open_bank(f"sqlite:///{tmp_path / 'other.db'}", changed(DEMONSTRATION, **sections)), customer)


class TestInstalmentQuotes:
    def test_they_show_the_whole_cost(self, chen: Visitor) -> None:
        quote = chen.quote(12)
        interest = quote.cost_items[0]
        assert (interest.amount, interest.annualised_rate) == (quote.total_interest, quote.annualised_rate)
        assert quote.effective_rate > quote.annualised_rate
        assert quote.nothing_else_charged is True
        assert quote.reading_seconds == DEMONSTRATION.disclosure.reading_seconds
        assert [item.certain for item in quote.cost_items] == [True, False, False]

    def test_a_fee_for_ending_early_is_in_the_table(self, tmp_path: Path, time: Clock) -> None:
        one = with_policy(tmp_path, "demo-m1-first", early_settlement={"fee_rate": Decimal("0.02")})
        assert [item.kind for item in one.quote().cost_items][-1] == "early_settlement_fee"

    def test_all_terms_take_no_more_queries_than_one(self, chen: Visitor) -> None:
        def queries(terms: Optional[int]) -> int:
            with counting() as seen:
                chen.bank.instalment_quotes(chen.customer, chen.card, None, terms)
            return len(seen)

        queries(6)  # what is kept from here on was looked up once
        assert queries(None) == queries(12) + 1  # those that are new are written
        assert queries(None) == queries(12) < 20

    def test_asked_for_again_they_keep_their_names(self, chen: Visitor) -> None:
        first = chen.bank.instalment_quotes(chen.customer, chen.card, None, None)
        assert chen.bank.instalment_quotes(chen.customer, chen.card, None, None) == first
        assert len({quote.id for quote in first}) == len(first) > 3


@contextmanager
def counting() -> Iterator[List[str]]:
    """Every statement that goes to a database meanwhile."""
    seen: List[str] = []

    def note(_: Any, __: Any, statement: str, *more: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


class TestWaivers:
    def options(self, of: Visitor) -> List[WaiverOption]:
        return of.bank.waiver_options(of.customer, of.card)

    def test_the_late_fee_can_be_given_back_and_then_is(self, chen: Visitor) -> None:
        before = chen.overdue()
        option = next(each for each in self.options(chen) if each.kind is WaiverKind.LATE_FEE)
        assert option.amount == sum(item.amount for item in option.items) == before.late_fee > 0
        filed = chen.file_option(option.id, ApplicationKind.WAIVER)
        assert (filed.reference, filed.amount) == (f"WAI-{TODAY:%Y%m%d}-0001", option.amount)
        assert chen.overdue().late_fee == before.late_fee
        decided = chen.bank.decide(filed.reference, True, None)
        after = chen.overdue()
        assert decided.status is ApplicationStatus.COMPLETED
        assert (after.late_fee, after.total) == (ZERO, before.total - option.amount)
        shown = chen.transaction(TransactionKind.REFUND)
        assert (shown.amount, bool(shown.description)) == (-option.amount, True)

    def test_declined_nothing_changes(self, chen: Visitor) -> None:
        before = chen.overdue()
        filed = chen.file_option(self.options(chen)[0].id, ApplicationKind.WAIVER)
        chen.bank.decide(filed.reference, False, None)
        assert chen.overdue() == before

    def test_so_many_a_year(self, chen: Visitor) -> None:
        filed = chen.file_option(self.options(chen)[0].id, ApplicationKind.WAIVER)
        assert reason(lambda: self.options(chen)) == "already_running"
        chen.bank.decide(filed.reference, True, None)
        assert reason(lambda: self.options(chen)) in ("too_often", "nothing_to_waive")

    def test_nothing_was_charged(self, bank: Bank) -> None:
        lin = visitor(bank, "demo-clear")
        assert reason(lambda: self.options(lin)) == "nothing_to_waive"


class TestAgreements:
    def quotes(self, of: Visitor, **wish: object) -> List[AgreementQuote]:
        return of.bank.agreement_quotes(of.customer, of.card, AgreementWish(**wish))  # type: ignore[arg-type]

    @pytest.fixture
    def zhou(self, bank: Bank) -> Visitor:
        return visitor(bank, "demo-m4")

    def test_they_split_all_that_is_owed_to_the_cent(self, zhou: Visitor) -> None:
        owed = zhou.overdue().total
        quotes = self.quotes(zhou)
        assert [quote.terms for quote in quotes] == list(DEMONSTRATION.agreement.terms)
        for quote in quotes:
            assert quote.balance == sum((part.principal for part in quote.schedule), ZERO) == owed
            assert quote.total_cost == sum((part.total for part in quote.schedule), ZERO)
            assert quote.first_due_on == quote.schedule[0].due_on > TODAY
            assert (quote.interest_stops, quote.total_interest) == (True, ZERO)
            assert quote.annualised_rate == 0
            assert quote.collection_paused
            assert AgreementCondition.NO_NEW_CARDS in quote.conditions

    def test_where_interest_goes_on_it_is_in_every_figure(self, tmp_path: Path, time: Clock) -> None:
        terms = {"interest_stops": False, "rate_per_term": Decimal("0.0030")}
        zhou = with_policy(tmp_path, "demo-m4", agreement=terms)
        [quote] = self.quotes(zhou, terms=24)
        assert quote.total_interest == (quote.balance * Decimal("0.003") * 24).quantize(Decimal("0.01"))
        assert quote.cost_items[0].amount == quote.total_interest
        assert quote.effective_rate > quote.annualised_rate > Decimal("0.05")

    def test_what_can_be_paid_each_month_gives_the_shortest_that_fits(self, zhou: Visitor) -> None:
        [quote] = self.quotes(zhou, monthly=Decimal("700.00"))
        assert max(part.total for part in quote.schedule) <= Decimal("700.00")
        [shorter] = self.quotes(zhou, terms=quote.terms - 1)
        assert max(part.total for part in shorter.schedule) > Decimal("700.00")
        assert reason(lambda: self.quotes(zhou, monthly=Decimal("10.00"))) == "amount_too_small"

    def test_bounds(self, zhou: Visitor) -> None:
        assert problem(lambda: self.quotes(zhou, terms=61)).name == "invalid-request"
        assert problem(lambda: self.quotes(zhou, terms=1)).name == "invalid-request"
        assert problem(lambda: self.quotes(zhou, first_due_on=TODAY)).name == "invalid-request"
        both = problem(lambda: self.quotes(zhou, terms=24, monthly=Decimal("700.00")))
        assert (both.name, "monthly" in both.detail) == ("invalid-request", True)
        assert reason(lambda: self.quotes(zhou, first_due_on=TODAY + timedelta(days=200))) == "date_too_late"

    @pytest.mark.parametrize(
        ("customer", "why"),
        [("demo-clear", "nothing_due"), ("demo-due-soon", "not_overdue"), ("demo-m1-first", "not_allowed_now")],
    )
    def test_it_is_for_debts_long_overdue(self, bank: Bank, customer: str, why: str) -> None:
        one = visitor(bank, customer)
        assert reason(lambda: self.quotes(one)) == why

    def test_in_force_it_ends_the_overdue_and_pauses_collection(self, bank: Bank, zhou: Visitor) -> None:
        [quote] = self.quotes(zhou, terms=36)
        filed = zhou.file_option(quote.id, ApplicationKind.AGREEMENT)
        assert (filed.amount, filed.terms, filed.per_term) == (quote.balance, 36, quote.per_term)
        assert not filed.collection_paused
        decided = bank.decide(filed.reference, True, None)
        assert (decided.status, decided.collection_paused) == (ApplicationStatus.ACTIVE, True)
        after = zhou.overdue()
        assert (after.days_past_due, after.total, after.remaining_minimum) == (0, ZERO, ZERO)
        assert bank.cards(zhou.customer)[0].status is CardStatus.FROZEN
        [plan] = plan_views.plans(bank.card(zhou.customer, zhou.card))
        assert (plan.reference, plan.kind, plan.collection_paused) == (filed.reference, PlanKind.AGREEMENT, True)
        assert (plan.remaining_principal, plan.next_due_on) == (quote.balance, quote.first_due_on)
        assert [(each.due_on, each.total) for each in plan.schedule] == [
            (each.due_on, each.total) for each in quote.schedule
        ]


class TestPlansAndSettlement:
    @pytest.fixture
    def he(self, bank: Bank) -> Visitor:
        return visitor(bank, "demo-instalment")

    def settle(self, of: Visitor) -> EarlySettlement:
        [plan] = plan_views.plans(of.bank.card(of.customer, of.card))
        return of.bank.early_settlement(of.customer, of.card, plan.reference)

    def test_a_running_plan_shows_what_is_paid_billed_and_to_come(self, he: Visitor) -> None:
        [plan] = plan_views.plans(he.bank.card(he.customer, he.card))
        assert (plan.kind, plan.terms, plan.terms_billed) == (PlanKind.INSTALMENT, 12, 4)
        statuses = [part.status for part in plan.schedule]
        paid, billed, to_come = PlanPartStatus.PAID, PlanPartStatus.BILLED, PlanPartStatus.TO_COME
        assert statuses == [paid] * 3 + [billed] + [to_come] * 8
        rest = plan.schedule[4:]
        assert plan.remaining_principal == sum((part.principal for part in rest), ZERO) == Decimal("8000.00")
        assert (plan.next_due_on, plan.next_amount) == (rest[0].due_on, rest[0].total)
        assert plan.collection_paused is False

    def test_who_has_no_plan_gets_an_empty_list(self, chen: Visitor) -> None:
        assert plan_views.plans(chen.bank.card(chen.customer, chen.card)) == []

    def test_the_price_adds_up_and_ends_the_plan(self, bank: Bank, he: Visitor) -> None:
        quote = self.settle(he)
        assert quote.remaining_principal + quote.interest_due + quote.fee == quote.total
        assert quote.interest_saved > 0
        filed = he.file_option(quote.id, ApplicationKind.EARLY_SETTLEMENT)
        assert filed.amount == quote.total
        assert bank.decide(filed.reference, True, None).status is ApplicationStatus.COMPLETED
        assert bank.application(he.customer, quote.reference).status is ApplicationStatus.COMPLETED
        card = bank.card(he.customer, he.card)
        assert plan_views.plans(card) == []
        # Not billed yet: it stands on the next bill.
        booked = [each for each in views.bookings(card) if each.posted_on == TODAY]
        assert sum((each.amount for each in booked), ZERO) == quote.total

    def test_a_fee_is_charged_where_the_issuer_does(self, tmp_path: Path, time: Clock) -> None:
        he = with_policy(tmp_path, "demo-instalment", early_settlement={"fee_rate": Decimal("0.03")})
        assert self.settle(he).fee == Decimal("240.00")

    def test_only_a_plan_of_this_card(self, bank: Bank, he: Visitor, chen: Visitor) -> None:
        quote = self.settle(he)
        assert problem(lambda: bank.early_settlement(chen.customer, chen.card, quote.reference)).name == "not-found"
        assert problem(lambda: bank.early_settlement(he.customer, he.card, "INS-20200101-0001")).name == "not-found"


class TestProjections:
    def project(self, of: Visitor, on: date, pay: object) -> Projection:
        return plan_views.projection(of.bank.card(of.customer, of.card), on, pay)  # type: ignore[arg-type]

    def test_today_with_nothing_paid_is_what_is_owed_today(self, chen: Visitor) -> None:
        owed, seen = chen.overdue(), self.project(chen, TODAY, ProjectedPayment.NOTHING)
        assert (seen.total, seen.days_past_due, seen.state) == (owed.total, owed.days_past_due, owed.state)
        assert seen.principal + seen.interest + seen.late_fee + seen.other_fees == seen.total

    def test_paying_more_leaves_less(self, chen: Visitor) -> None:
        on = TODAY + timedelta(days=30)
        pays = [ProjectedPayment.NOTHING, Decimal("100.00"), ProjectedPayment.MINIMUM, ProjectedPayment.FULL]
        totals = [self.project(chen, on, pay).total for pay in pays]
        assert totals == sorted(totals, reverse=True)
        assert len(set(totals)) == 4

    def test_all_paid_today_leaves_what_was_bought_since(self, chen: Visitor) -> None:
        seen = self.project(chen, TODAY, ProjectedPayment.FULL)
        assert (seen.pays, seen.total) == (chen.overdue().total, ZERO)

    def test_what_is_on_its_way_is_not_asked_for_twice(self, bank: Bank) -> None:
        zheng = visitor(bank, "demo-pending")
        owed = zheng.overdue()
        seen = self.project(zheng, TODAY + timedelta(days=3), ProjectedPayment.FULL)
        assert seen.pays == owed.total - owed.pending_payments

    def test_days_that_cannot_be_asked_for(self, chen: Visitor) -> None:
        for day in (TODAY - timedelta(days=1), TODAY + timedelta(days=367)):
            assert problem(lambda day=day: self.project(chen, day, ProjectedPayment.NOTHING)).name == "invalid-request"  # type: ignore[misc]
