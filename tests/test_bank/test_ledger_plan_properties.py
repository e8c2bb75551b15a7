"""What must hold for every plan and every look ahead, whatever happened and whoever the issuer is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, List, Tuple

import pytest
import pyxirr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bank.sandbox.ledger.agreement import agreement_offers, agreement_plan, collection_paused
from bank.sandbox.ledger.instalment import annualised_rate, effective_rate, split
from bank.sandbox.ledger.plans import plan_state
from bank.sandbox.ledger.position import position
from bank.sandbox.ledger.projection import project
from bank.sandbox.ledger.records import Bill, Entry, EntryKind, History, Plan, Report, Settlement
from bank.sandbox.ledger.replay import replay
from bank.sandbox.ledger.settlement import NothingToSettle, early_settlement
from bank.sandbox.policy import Policy
from tests.test_bank.ledger_histories import (
    AS_OF,
    DAYS,
    FIRST_DAY,
    ZERO,
    amounts,
    days,
    helped,
    net_debt,
    plain_histories,
    policies,
    thorough,
    until,
)

Case = Tuple[History, Policy]


@thorough
@given(st.integers(1, 100_000_000), st.integers(1, 60), st.integers(0, 300))
def test_a_schedule_repays_exactly_the_amount_and_the_quoted_interest(cents: int, terms: int, rate: int) -> None:
    amount, rate_per_term = Decimal(cents) / 100, Decimal(rate) / 10_000
    assume(cents >= terms)
    parts = split(amount, terms, rate_per_term)
    assert len(parts) == terms
    assert sum(part.principal for part in parts) == amount
    assert sum(part.interest for part in parts) == (amount * rate_per_term * terms).quantize(ZERO, "ROUND_HALF_UP")
    assert all(part.principal > 0 and part.interest >= 0 for part in parts)
    assert len({part.principal for part in parts[:-1]}) <= 1
    assert 0 <= parts[-1].principal - parts[0].principal < Decimal("0.01") * terms


@thorough
@given(st.integers(10_000, 5_000_000), st.integers(2, 60), st.integers(0, 150))
def test_the_annualised_rate_discounts_the_payments_to_the_amount(cents: int, terms: int, rate: int) -> None:
    """An independent check with the library whose floats the ledger avoids."""
    amount = Decimal(cents) / 100
    payments = [part.principal + part.interest for part in split(amount, terms, Decimal(rate) / 10_000)]
    monthly = pyxirr.irr([-float(amount), *map(float, payments)])
    assert monthly is not None
    assert float(annualised_rate(amount, payments)) == pytest.approx(12 * monthly, abs=0.000_051)
    with_compounding = (1 + monthly) ** 12 - 1
    assert float(effective_rate(amount, payments)) == pytest.approx(with_compounding, abs=0.000_051)


@thorough
@given(plain_histories, policies, st.integers(32, DAYS), st.data())
def test_an_agreement_that_is_kept_repays_exactly_what_was_owed_and_its_interest(
    history: History, policy: Policy, age: int, data: st.DataObject
) -> None:
    day = FIRST_DAY + timedelta(days=age)
    last_bill = replay(history, policy, day).bills[-1]
    known = until(history, last_bill.statement_date)  # nothing that the agreement would leave outside
    assume(position(replay(known, policy, day)).total >= Decimal("0.60"))
    terms = data.draw(st.integers(policy.agreement.terms[0], 60))
    [offer] = agreement_offers(known, policy, day, terms=terms)
    assert offer.balance == position(replay(known, policy, day)).total
    assert sum(part.principal for part in offer.parts) == offer.balance
    assert sum(part.principal + part.interest for part in offer.parts) == offer.total_cost
    figures = (offer.balance, offer.terms, offer.rate_per_term, offer.first_due_on, policy.billing)
    plan = agreement_plan("agreed", day, *figures)
    payments = tuple(
        Entry(f"term-{each.number}", EntryKind.PAYMENT, each.due_on, each.part.principal + each.part.interest)
        for each in offer.schedule
    )
    agreed = replace(known, plans=(plan,), entries=(*known.entries, *payments))
    last = replay(agreed, policy, offer.schedule[-1].due_on)
    assert plan_state(plan, agreed, policy, last).completed
    assert not collection_paused(last, agreed)
    assert net_debt(last) == ZERO


@thorough
@given(st.integers(1, 31), policies, days, st.integers(2, 12), st.integers(0, 200), st.integers(0, 200))
def test_settling_a_plan_early_costs_what_was_quoted_and_without_a_fee_never_more(
    statement_day: int, policy: Policy, day: date, terms: int, rate: int, later: int
) -> None:
    rate_per_term = Decimal(rate) / 10_000
    plan = Plan("plan", day, Decimal(1200), rate_per_term, split(Decimal(1200), terms, rate_per_term))
    ahead = Entry("ahead", EntryKind.PAYMENT, FIRST_DAY, Decimal(5000))  # so that nothing is ever late
    running = History(FIRST_DAY, statement_day, Decimal(5000), (ahead,), (plan,))
    settled_on = day + timedelta(days=later)
    try:
        price = early_settlement(running, policy, "plan", settled_on)
    except NothingToSettle:
        assert plan_state(plan, running, policy, replay(running, policy, settled_on)).remaining_principal == ZERO
        return
    assert price.total == price.remaining_principal + price.interest_due + price.fee
    state = plan_state(plan, running, policy, replay(running, policy, settled_on))
    assert price.remaining_principal == state.remaining_principal
    assert price.interest_due + price.interest_saved == state.remaining_interest
    assert price.interest_saved >= 0
    assert price.total - price.fee <= state.remaining_principal + state.remaining_interest
    settled = replace(running, settlements=(Settlement("plan", settled_on),))
    before = net_debt(replay(until(running, settled_on), policy, settled_on))
    assert net_debt(replay(settled, policy, settled_on)) - before == price.total
    assert net_debt(replay(settled, policy, AS_OF + timedelta(days=200))) - before == price.total


@thorough
@given(helped(), st.integers(32, DAYS), st.integers(0, 40), st.one_of(st.just(ZERO), amounts))
def test_what_is_projected_is_what_the_ledger_says_on_that_day_if_nothing_else_happens(
    case: Case, age: int, ahead: int, pays: Decimal
) -> None:
    history, policy = case
    today = FIRST_DAY + timedelta(days=age)
    on = today + timedelta(days=ahead)
    quiet = until(history, today)
    happened = replace(quiet, entries=(*quiet.entries, Entry("paid", EntryKind.PAYMENT, today, pays)))
    projected = project(quiet, policy, today, on, pays)
    assert projected.position == position(replay(happened, policy, on))
    assert projected.pays == pays
    halfway = today + timedelta(days=ahead // 2)
    assert project(happened, policy, halfway, on, ZERO).position == projected.position


@thorough
@given(plain_histories, policies, st.integers(32, DAYS), st.integers(0, 40), amounts, amounts)
def test_whoever_pays_more_today_never_owes_more_on_a_later_day(
    history: History, policy: Policy, age: int, ahead: int, less: Decimal, more: Decimal
) -> None:
    today = FIRST_DAY + timedelta(days=age)
    known, on = until(history, today), today + timedelta(days=ahead)
    small, large = (project(known, policy, today, on, pays).position for pays in sorted([less, more]))
    assert large.total <= small.total
    if large.bill == small.bill:  # who pays one bill off is asked for the next one's minimum, which may be larger
        assert large.remaining_minimum <= small.remaining_minimum


@settings(thorough, max_examples=10)
@given(helped())
def test_statements_are_the_same_whether_computed_in_one_go_or_day_by_day(case: Case) -> None:
    history, policy = case
    issued: List[Bill] = []
    reported: List[Report] = []
    for age in range(DAYS + 41):
        day = FIRST_DAY + timedelta(days=age)
        account = replay(until(history, day), policy, day)
        issued += account.bills[len(issued) :]
        reported += account.reports[len(reported) :]
    in_one_go = replay(history, policy, AS_OF)
    assert tuple(issued) == in_one_go.bills
    assert tuple(reported) == in_one_go.reports


@settings(thorough, max_examples=20)
@given(st.lists(helped(), min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_unrelated_customers_events_does_not_matter(cases: List[Case], random: Any) -> None:
    """As the bank's book has them: one list of postings for all, from which each card's account is computed."""
    book = [(number, entry) for number, (history, _) in enumerate(cases) for entry in history.entries]
    random.shuffle(book)
    for number, (history, policy) in enumerate(cases):
        own = tuple(entry for card, entry in book if card == number)
        assert replay(replace(history, entries=own), policy, AS_OF) == replay(history, policy, AS_OF)
