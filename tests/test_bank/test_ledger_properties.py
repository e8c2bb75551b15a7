"""What must hold for every history, whatever happened and whoever the issuer is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import takewhile
from typing import Any, List, Tuple

from hypothesis import assume, given
from hypothesis import strategies as st

from bank.models import AccountState
from bank.sandbox.ledger.cycle import statement_dates
from bank.sandbox.ledger.plans import plan_state
from bank.sandbox.ledger.position import position
from bank.sandbox.ledger.records import Account, Component, Entry, EntryKind, History
from bank.sandbox.ledger.replay import replay
from bank.sandbox.policy import Policy
from tests.test_bank.ledger_histories import (
    AS_OF,
    DAYS,
    FIRST_DAY,
    SPENT,
    ZERO,
    amounts,
    days,
    helped,
    net_debt,
    plain_histories,
    policies,
    thorough,
    to_cents,
    until,
)

Case = Tuple[History, Policy]


@thorough
@given(helped(), st.integers(32, DAYS + 40))
def test_the_breakdown_adds_up_and_nothing_is_negative(case: Case, age: int) -> None:
    history, policy = case
    account = replay(history, policy, FIRST_DAY + timedelta(days=age))
    now = position(account)
    parts = [now.principal, now.interest, now.late_fee, now.other_fees]
    assert sum(parts) == now.total
    assert min(*parts, now.minimum_due, now.remaining_minimum, now.disputed) >= 0
    assert sum((item.outstanding for item in now.items), ZERO) == now.interest + now.late_fee + now.other_fees
    assert all(0 < item.outstanding <= item.amount for item in now.items)
    assert now.remaining_minimum <= now.total
    for bill in account.bills:
        assert 0 <= bill.minimum_due <= max(bill.balance, ZERO)
    for amount in [*parts, *(bill.balance for bill in account.bills), *(item.amount for item in now.items)]:
        assert amount == to_cents(amount)


@thorough
@given(helped())
def test_no_cent_appears_or_vanishes(case: Case) -> None:
    history, policy = case
    account = replay(history, policy, AS_OF)
    posted = {each.id: each for each in history.entries if each.posted_on <= AS_OF}
    spent = {EntryKind.PURCHASE, EntryKind.CASH_ADVANCE}  # fees are among the charges
    owed = sum((each.amount for each in posted.values() if each.kind in spent), ZERO)
    charged = sum((charge.amount for charge in account.charges), ZERO)
    accrued = sum((segment.amount for segment in account.accrued), ZERO)
    given_back = sum((each.amount for each in posted.values() if each.kind is EntryKind.REFUND), ZERO)
    for each in posted.values():
        about = posted.get(each.of or "")
        cancels = each.kind is EntryKind.DISPUTE_UPHELD
        if about is not None and cancels:
            given_back += about.amount - sum((each.amount for each in _refunds(history, about)), ZERO)
        elif about is not None and each.kind is EntryKind.REVERSAL:
            given_back -= about.amount  # of a payment
    paid = sum((each.amount for each in posted.values() if each.kind is EntryKind.PAYMENT), ZERO)
    given_back += sum((charge.waived for charge in account.charges), ZERO)
    expected = owed + charged + accrued - paid - given_back - _in_plans(history, policy, account)
    assert net_debt(account) == expected


def _refunds(history: History, about: Entry) -> List[Entry]:
    return [each for each in history.entries if each.kind is EntryKind.REFUND and each.of == about.id]


def _in_plans(history: History, policy: Policy, account: Account) -> Decimal:
    """What plans took off the account and no bill has carried yet."""
    still = ZERO
    for plan in history.plans:
        if plan.started_on <= account.as_of:
            still += plan_state(plan, history, policy, account).remaining_principal
    return still


@thorough
@given(plain_histories, policies, days, amounts)
def test_paying_more_never_means_owing_more(history: History, policy: Policy, day: date, amount: Decimal) -> None:
    more = replace(history, entries=(*history.entries, Entry("more", EntryKind.PAYMENT, day, amount)))
    assert net_debt(replay(more, policy, AS_OF)) <= net_debt(replay(history, policy, AS_OF)) - amount


@thorough
@given(plain_histories, policies, days, st.integers(0, 30), amounts)
def test_paying_earlier_never_costs_more(
    history: History, policy: Policy, day: date, earlier: int, amount: Decimal
) -> None:
    """Within one bill's time: what is paid before a statement lowers that bill, but is no payment of its minimum.

    And without cash advances: an early payment meets purchases, which may bear no interest; the same payment after a
    cash advance may meet that, which does.
    """
    bought = tuple(each for each in history.entries if each.kind is not EntryKind.CASH_ADVANCE)
    sooner = max(day - timedelta(days=earlier), _first_of_the_cycle(history, day))
    at = {
        when: replace(history, entries=(*bought, Entry("extra", EntryKind.PAYMENT, when, amount)))
        for when in (day, sooner)
    }
    assert net_debt(replay(at[sooner], policy, AS_OF)) <= net_debt(replay(at[day], policy, AS_OF))


def _first_of_the_cycle(history: History, day: date) -> date:
    """The day after the last statement before `day`."""
    dates = takewhile(lambda each: each < day, statement_dates(history.opened_on, history.statement_day))
    return max((each + timedelta(days=1) for each in dates), default=history.opened_on)


@thorough
@given(helped(), st.data())
def test_splitting_a_payment_or_a_purchase_on_its_day_changes_nothing(case: Case, data: st.DataObject) -> None:
    history, policy = case
    named = {each.of for each in history.entries}
    whole = data.draw(st.sampled_from(history.entries))
    assume(whole.kind in (EntryKind.PAYMENT, EntryKind.PURCHASE) and whole.id not in named and whole.amount > ZERO)
    part = Decimal(data.draw(st.integers(0, int(whole.amount * 100)))) / 100
    halves = (
        replace(whole, id=f"{whole.id}-a", amount=part),
        replace(whole, id=f"{whole.id}-b", amount=whole.amount - part),
    )
    others = tuple(each for each in history.entries if each is not whole)
    assert _seen(replay(replace(history, entries=(*others, *halves)), policy, AS_OF)) == _seen(
        replay(history, policy, AS_OF)
    )


@thorough
@given(helped(), st.randoms(use_true_random=False))
def test_the_order_in_which_entries_are_recorded_does_not_matter(case: Case, random: Any) -> None:
    history, policy = case
    shuffled = list(history.entries)
    random.shuffle(shuffled)
    assert replay(replace(history, entries=tuple(shuffled)), policy, AS_OF) == replay(history, policy, AS_OF)


@thorough
@given(helped(), st.integers(1, DAYS))
def test_what_comes_later_changes_no_earlier_statement(case: Case, age: int) -> None:
    history, policy = case
    day = FIRST_DAY + timedelta(days=age)
    at_once = replay(history, policy, AS_OF)
    then = replay(history, policy, day)
    assert then == replay(until(history, day), policy, day)
    assert then.bills == at_once.bills[: len(then.bills)]
    assert then.reports == at_once.reports[: len(then.reports)]


@thorough
@given(helped())
def test_whoever_pays_the_total_owes_nothing_billed(case: Case) -> None:
    history, policy = case
    total = position(replay(history, policy, AS_OF)).total
    payment = Entry("all", EntryKind.PAYMENT, AS_OF, total)
    now = position(replay(replace(history, entries=(*history.entries, payment)), policy, AS_OF))
    assert now.total == ZERO
    assert now.state is AccountState.CURRENT
    assert now.days_past_due == 0


@thorough
@given(helped())
def test_whoever_pays_the_remaining_minimum_is_not_overdue(case: Case) -> None:
    history, policy = case
    before = position(replay(history, policy, AS_OF))
    payment = Entry("minimum", EntryKind.PAYMENT, AS_OF, before.remaining_minimum)
    after = position(replay(replace(history, entries=(*history.entries, payment)), policy, AS_OF))
    assert after.state is not AccountState.OVERDUE
    if before.state is AccountState.OVERDUE and before.remaining_minimum > Decimal("0.01"):
        less = replace(payment, amount=before.remaining_minimum - Decimal("0.01"))
        still = position(replay(replace(history, entries=(*history.entries, less)), policy, AS_OF))
        left = still.total - still.interest - still.late_fee
        assert still.state is AccountState.OVERDUE or left <= policy.billing.shortfall_tolerance


@thorough
@given(plain_histories, policies, days, amounts)
def test_fees_bear_no_interest(history: History, policy: Policy, day: date, amount: Decimal) -> None:
    unpaid = replace(history, entries=tuple(each for each in history.entries if each.kind in SPENT))
    assume(any(each.kind is EntryKind.PURCHASE and each.amount > Decimal("10") for each in unpaid.entries))
    fee = Entry("annual-fee", EntryKind.FEE, day, amount)
    without = replay(unpaid, policy, AS_OF)
    with_fee = replay(replace(unpaid, entries=(*unpaid.entries, fee)), policy, AS_OF)
    assert _interest(with_fee) == _interest(without) or _judged_otherwise(without, policy)
    only_fee = replay(replace(history, entries=(fee,)), policy, AS_OF)
    assert _interest(only_fee) == ZERO


def _judged_otherwise(account: Account, policy: Policy) -> bool:
    """Whether a bill within the tolerance counted as paid in full: a fee on it may change that."""
    return any(bill.balance <= policy.billing.shortfall_tolerance for bill in account.bills)


def _interest(account: Account) -> Decimal:
    billed = sum((each.amount for each in account.charges if each.component is Component.INTEREST), ZERO)
    return billed + sum((segment.amount for segment in account.accrued), ZERO)


def _seen(account: Account) -> Tuple[object, ...]:
    """What a customer can see; single purchases of a day are not told apart."""
    return account.bills, account.accrued, account.charges, account.minimum, net_debt(account), account.reports
