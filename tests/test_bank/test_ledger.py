"""How bills, minimum, late fee, interest and days past due come about, one behaviour at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Tuple

import pytest

from bank.models import AccountState, Bucket, CardStatus, FeeKind
from bank.sandbox.ledger.credit_report import CreditStatus, credit_status
from bank.sandbox.ledger.cycle import statement_dates
from bank.sandbox.ledger.deferral import deferral_cost
from bank.sandbox.ledger.instalment import dated, split
from bank.sandbox.ledger.position import Position, card_status, position
from bank.sandbox.ledger.records import Account, Deferral, EntryKind, History, Plan
from bank.sandbox.ledger.replay import LedgerError, replay
from bank.sandbox.policy import Policy, ReportsOn
from tests.test_bank.ledger_cases import (
    DEMONSTRATION,
    FULL_BALANCE,
    NO_GRACE,
    UNPAID_PART,
    bought,
    card,
    changed,
    day,
    entry,
    every_statement_day,
    interest_billed,
    paid,
    with_entries,
    yuan,
)

ZERO = yuan("0")

# The examples' card: statements on the 7th. FULL_BALANCE: due 20 days later, 3 days of grace, 10 % and at least 200.


def on(history: History, when: str, policy: Policy = FULL_BALANCE) -> Position:
    return position(replay(history, policy, day(when)))


def account(history: History, when: str) -> Account:
    return replay(history, FULL_BALANCE, day(when))


class TestStatement:
    def test_a_bill_holds_what_was_posted_until_its_date_and_is_due_20_days_later(self) -> None:
        history = card(bought("03-08", "100"), bought("04-07", "50"), bought("04-08", "900"))
        bill = account(history, "04-08").bills[-1]
        assert (bill.period_starts_on, bill.statement_date) == (day("03-08"), day("04-07"))
        assert (bill.due_date, bill.grace_ends_on) == (day("04-27"), day("04-30"))
        assert bill.balance == yuan("150")

    @pytest.mark.parametrize("statement_day", every_statement_day())
    def test_every_month_has_one_statement_whatever_its_length(self, statement_day: int) -> None:
        dates = statement_dates(date(2027, 1, 1), statement_day)
        months = [next(dates) for _ in range(24)]
        assert [(each.year, each.month) for each in months] == [(2027 + n // 12, n % 12 + 1) for n in range(24)]
        assert all(each.day == statement_day or (each + timedelta(days=1)).day == 1 for each in months)

    def test_a_cycle_that_begins_after_the_statement_day_waits_for_the_next_month(self) -> None:
        assert next(statement_dates(date(2027, 2, 8), 7)) == date(2027, 3, 7)
        assert next(statement_dates(date(2027, 2, 28), 31)) == date(2027, 2, 28)
        assert next(statement_dates(date(2027, 12, 31), 30)) == date(2028, 1, 30)

    def test_payments_before_the_statement_lower_the_bill(self) -> None:
        history = card(bought("04-01", "500"), paid("04-05", "200"))
        assert account(history, "04-08").bills[-1].balance == yuan("300")

    def test_money_paid_in_advance_is_kept_for_the_next_purchase(self) -> None:
        history = card(paid("03-20", "300"), bought("04-01", "500"))
        assert account(history, "04-08").bills[-1].balance == yuan("200")

    def test_a_refund_beyond_the_bill_is_the_customers(self) -> None:
        history = card(bought("04-01", "500"), paid("04-10", "500"), entry(EntryKind.REFUND, "04-20", "500"))
        assert account(history, "04-21").credit == yuan("500")
        assert account(history, "05-08").bills[-1].balance == yuan("-500")
        assert account(history, "05-08").bills[-1].minimum_due == 0


class TestMinimumPayment:
    @pytest.mark.parametrize(
        ("spent", "expected"), [("5000", "500"), ("1999", "200"), ("150", "150"), ("2345.65", "234.57")]
    )
    def test_a_tenth_of_purchases_at_least_200_or_the_whole_bill(self, spent: str, expected: str) -> None:
        assert on(card(bought("04-01", spent)), "04-08").minimum_due == yuan(expected)

    def test_what_exceeds_the_limit_belongs_to_it_in_full(self) -> None:
        history = replace(card(bought("04-01", "6000")), credit_limit=yuan("5000"))
        assert on(history, "04-08").minimum_due == yuan("1500")  # 1,000 + 10 % of 5,000

    def test_the_earlier_unpaid_minimum_interest_and_late_fee_belong_to_it_in_full(self) -> None:
        bill = account(card(bought("04-01", "5000")), "05-08").bills[-1]
        interest = yuan("92.50")  # 5,000 × 0.05 % × 37 days, 1 April to 7 May
        late_fee = yuan("25.00")  # 5 % of 500
        assert bill.balance == yuan("5000") + interest + late_fee
        assert bill.minimum_due == yuan("500") + interest + late_fee + yuan("450")  # and 10 % of the other 4,500

    def test_cash_advances_count_by_their_own_share(self) -> None:
        history = card(entry(EntryKind.CASH_ADVANCE, "04-07", "1000"), bought("04-01", "3000"))
        assert on(history, "04-08").minimum_due == yuan("1300.50")  # all cash and its interest of one day
        policy = changed(FULL_BALANCE, minimum_payment={"cash_advance_share": Decimal("0.1")})
        assert on(history, "04-08", policy).minimum_due == yuan("400.50")

    def test_meeting_it_keeps_the_account_from_being_overdue_but_not_from_interest(self) -> None:
        now = on(card(bought("04-01", "5000"), paid("04-27", "500")), "05-01")
        assert now.state is AccountState.CURRENT
        assert now.late_fee == 0
        assert now.interest == yuan("74.00")  # 5,000 × 26 days + 4,500 × 4 days


class TestGraceAndTolerance:
    def test_paying_on_the_last_day_of_grace_is_on_time(self) -> None:
        history = card(bought("04-01", "5000"))
        assert on(history, "04-27").state is AccountState.DUE
        assert on(history, "04-28").state is AccountState.IN_GRACE
        assert on(history, "04-30").state is AccountState.IN_GRACE
        in_time = on(with_entries(history, paid("04-30", "5000")), "05-20")
        assert (in_time.state, in_time.total) == (AccountState.CURRENT, ZERO)

    def test_the_day_after_grace_counts_from_the_due_date(self) -> None:
        now = on(card(bought("04-01", "5000")), "05-01")
        assert (now.state, now.days_past_due, now.bucket) == (AccountState.OVERDUE, 4, Bucket.M1)

    def test_without_grace_the_next_day_is_late(self) -> None:
        history = card(bought("04-01", "5000"))  # due on 25 April
        assert on(history, "04-25", NO_GRACE).state is AccountState.DUE
        assert on(history, "04-26", NO_GRACE).days_past_due == 1

    @pytest.mark.parametrize(("missing", "in_full"), [("10.00", True), ("10.01", False)])
    def test_a_shortfall_within_the_tolerance_counts_as_paid_in_full(self, missing: str, in_full: bool) -> None:
        history = card(bought("04-01", "5000"), paid("04-20", str(yuan("5000") - yuan(missing))))
        assert (interest_billed(history, FULL_BALANCE, day("05-07")) == 0) is in_full

    def test_the_shortfall_moves_to_the_next_bill_and_bears_interest_only_if_that_is_not_paid(self) -> None:
        history = card(bought("04-01", "5000"), paid("04-20", "4991"), bought("05-01", "4000"))
        assert account(history, "05-08").bills[-1].balance == yuan("4009")
        # The 9 yuan count from the day after grace, the new purchase from its own day.
        assert interest_billed(history, FULL_BALANCE, day("06-07")) == yuan("76.17")

    def test_a_bill_within_the_tolerance_is_never_overdue(self) -> None:
        now = on(card(bought("04-01", "9.50")), "05-06")
        assert (now.state, now.late_fee, now.remaining_minimum) == (AccountState.CURRENT, ZERO, ZERO)


class TestInterest:
    def test_a_bill_paid_in_full_bears_none(self) -> None:
        assert interest_billed(card(bought("04-01", "5000"), paid("04-27", "5000")), FULL_BALANCE, day("05-07")) == 0

    def test_what_was_repaid_before_the_statement_bears_none(self) -> None:
        history = card(bought("04-01", "5000"), paid("04-05", "4000"))
        assert interest_billed(history, FULL_BALANCE, day("05-07")) == yuan("18.50")  # 1,000 × 37 days

    def test_it_runs_on_until_the_rest_is_paid(self) -> None:
        history = card(bought("04-01", "5000"), paid("04-27", "3000"), paid("05-20", "5000"))
        billed = interest_billed(history, FULL_BALANCE, day("05-07"))
        assert billed == yuan("76.00")  # 5,000 × 26 + 2,000 × 11
        assert interest_billed(history, FULL_BALANCE, day("06-07")) == yuan("12.00")  # 2,000 × 12, until 19 May

    def test_it_is_compounded_monthly_once_it_is_billed_and_not_paid(self) -> None:
        history = card(bought("04-01", "10000"))
        assert interest_billed(history, FULL_BALANCE, day("05-07")) == yuan("185.00")
        # 31 days on 10,000 and on 185.00; the late fee of 50.00 bears nothing.
        assert interest_billed(history, FULL_BALANCE, day("06-07")) == yuan("157.87")

    def test_cash_advances_bear_it_from_the_first_day_even_if_paid_in_full(self) -> None:
        history = card(entry(EntryKind.CASH_ADVANCE, "04-01", "1000"), paid("04-27", "1003.50"))
        assert interest_billed(history, FULL_BALANCE, day("04-07")) == yuan("3.50")  # 7 days
        assert interest_billed(history, FULL_BALANCE, day("05-07")) == yuan("9.50")  # 19 days, until 26 April

    def test_each_stretch_says_on_what_and_for_how_long(self) -> None:
        history = card(bought("04-02", "2000"), paid("04-25", "200"))
        items = on(history, "05-08").items
        stretches = [(item.basis, item.starts_on, item.ends_on, item.days, item.amount) for item in items]
        assert stretches == [
            (yuan("2000"), day("04-02"), day("04-24"), 23, yuan("23.00")),
            (yuan("1800"), day("04-25"), day("05-07"), 13, yuan("11.70")),
        ]

    def test_the_day_on_which_it_is_paid_does_not_count(self) -> None:
        history = card(bought("04-01", "5000"))
        total = on(history, "05-05").total
        assert total == yuan("5000") + yuan("85.00") + yuan("25.00")  # 34 days, until 4 May
        after = with_entries(history, paid("05-05", str(total)), bought("05-06", "70"))
        assert on(after, "05-06").total == 0
        assert account(after, "05-08").bills[-1].balance == yuan("70")

    def test_what_is_paid_of_a_charge_shows_as_no_longer_outstanding(self) -> None:
        history = card(bought("04-02", "2000"), paid("04-25", "200"), paid("05-10", "30.00"))
        # The 34.70 of the bill came first; accrued since: 1,800 × 2 days.
        items = [(item.amount, item.outstanding, item.posted_on) for item in on(history, "05-10").items]
        assert items == [(yuan("11.70"), yuan("4.70"), day("05-07")), (yuan("1.80"), yuan("1.80"), None)]


class TestLateFee:
    def test_it_comes_once_for_each_missed_minimum_and_stands_on_the_next_bill(self) -> None:
        history = card(bought("04-01", "5000"))
        assert on(history, "04-30").late_fee == 0
        fee = next(item for item in on(history, "05-01").items if item.kind is FeeKind.LATE_FEE)
        assert (fee.amount, fee.basis, fee.rate) == (yuan("25"), yuan("500"), Decimal("0.05"))
        assert fee.posted_on == day("05-01")
        assert on(history, "05-20").late_fee == yuan("25")
        assert on(history, "06-01").late_fee == yuan("25") + yuan("53.38")  # 5 % of 500, 92.50, 25 and 450

    def test_a_part_payment_lowers_it(self) -> None:
        assert on(card(bought("04-01", "5000"), paid("04-20", "300")), "05-01").late_fee == yuan("10")

    def test_the_floor_and_the_cap_hold(self) -> None:
        assert on(card(bought("04-01", "500")), "05-01", NO_GRACE).late_fee == yuan("10")
        assert on(card(bought("04-01", "200000")), "05-01", NO_GRACE).late_fee == yuan("500")


class TestDaysPastDue:
    @pytest.mark.parametrize(
        ("days_past_due", "bucket"),
        [(1, "M1"), (30, "M1"), (31, "M2"), (60, "M2"), (61, "M3"), (90, "M3"), (91, "M4"), (120, "M4")]
        + [(121, "M5"), (150, "M5"), (151, "M6"), (180, "M6"), (181, "M6+"), (400, "M6+")],
    )
    def test_buckets(self, days_past_due: int, bucket: str) -> None:
        when = day("04-25") + timedelta(days=days_past_due)
        now = position(replay(card(bought("04-01", "5000")), NO_GRACE, when))
        assert (now.days_past_due, now.bucket) == (days_past_due, Bucket(bucket))

    def test_a_payment_settles_the_oldest_missed_minimum_first(self) -> None:
        history = card(bought("04-01", "5000"))
        assert on(history, "06-05").days_past_due == 39
        now = on(with_entries(history, paid("06-05", "500")), "06-05")
        assert (now.bill.statement_date, now.days_past_due) == (day("05-07"), 9)

    def test_paying_all_overdue_parts_ends_it(self) -> None:
        history = card(bought("04-01", "5000"))
        remaining = on(history, "06-05").remaining_minimum
        assert remaining == account(history, "06-05").bills[-1].minimum_due
        now = on(with_entries(history, paid("06-05", str(remaining))), "06-05")
        assert (now.state, now.days_past_due) == (AccountState.CURRENT, 0)

    def test_the_first_time_is_told_from_the_second(self) -> None:
        first = card(bought("04-01", "500"), paid("05-06", "600"))
        assert on(first, "05-01").first_time
        again = with_entries(first, bought("06-01", "5000"))
        assert not on(again, "07-01").first_time

    @pytest.mark.parametrize(("days_past_due", "status"), [(0, "active"), (1, "restricted"), (91, "frozen")])
    def test_the_card_is_restricted_and_later_frozen(self, days_past_due: int, status: str) -> None:
        assert card_status(days_past_due, DEMONSTRATION.card) is CardStatus(status)


class TestOrderOfPayments:
    def test_interest_and_fees_come_before_principal(self) -> None:
        now = on(card(bought("04-01", "5000"), paid("05-10", "117.50")), "05-10")
        assert (now.principal, now.late_fee) == (yuan("5000"), ZERO)
        assert now.interest == yuan("5.00")  # what accrued since the bill: 5,000 × 2 days

    def test_after_90_days_principal_comes_first(self) -> None:
        history = card(bought("04-01", "5000"))
        before = on(history, "08-01", DEMONSTRATION)
        now = on(with_entries(history, paid("08-01", "1000")), "08-01", DEMONSTRATION)
        assert before.days_past_due > 90
        assert now.principal == before.principal - yuan("1000")
        assert now.late_fee == before.late_fee

    def test_bills_come_before_what_is_not_billed_yet(self) -> None:
        now = account(card(bought("04-01", "500"), bought("04-10", "300"), paid("04-12", "600")), "04-12")
        assert [(debt.posted_on, debt.remaining) for debt in now.debts if debt.remaining] == [
            (day("04-10"), yuan("200"))
        ]


class TestRefundsReversalsAndDisputes:
    def test_a_refund_lowers_the_balance_but_not_the_minimum(self) -> None:
        history = card(bought("04-01", "5000", "tv"), entry(EntryKind.REFUND, "04-20", "1000", of="tv"))
        now = on(history, "04-21")
        assert (now.total, now.remaining_minimum) == (yuan("4000"), yuan("500"))

    def test_where_the_issuer_says_so_it_counts_as_a_payment(self) -> None:
        history = card(bought("04-01", "5000", "tv"), entry(EntryKind.REFUND, "04-20", "200", of="tv"))
        assert on(history, "04-21", UNPAID_PART).remaining_minimum == yuan("50")  # of 5 %

    def test_a_bounced_payment_is_owed_again_and_so_is_the_minimum(self) -> None:
        history = card(bought("04-01", "5000"), paid("04-20", "500", "cheque"))
        bounced = with_entries(history, entry(EntryKind.REVERSAL, "05-04", of="cheque"))
        assert on(history, "05-04").state is AccountState.CURRENT
        now = on(bounced, "05-05")
        assert (now.state, now.days_past_due, now.principal) == (AccountState.OVERDUE, 8, yuan("5000"))
        assert now.paid_since == 0

    def test_a_charge_posted_by_mistake_goes_with_the_interest_on_it(self) -> None:
        history = card(bought("04-01", "5000", "wrong"), bought("04-02", "1000"))
        corrected = with_entries(history, entry(EntryKind.REVERSAL, "05-03", of="wrong"))
        assert on(corrected, "05-03").principal == yuan("1000")
        assert on(corrected, "05-03").interest == yuan("15.50")  # 1,000 × 31 days

    def test_a_disputed_purchase_is_set_aside_without_interest(self) -> None:
        history = card(bought("04-01", "3000", "unknown"), bought("04-02", "2000"))
        disputed = with_entries(history, entry(EntryKind.DISPUTE_OPENED, "04-15", of="unknown"))
        now = on(disputed, "05-05")
        assert (now.disputed, now.principal) == (yuan("3000"), yuan("2000"))
        assert now.interest == yuan("33.00")  # 2,000 × 33 days
        assert now.remaining_minimum == yuan("200")  # the disputed part's tenth is set aside too

    def test_if_the_customer_was_right_what_was_paid_on_it_comes_back(self) -> None:
        history = card(
            bought("04-01", "3000", "unknown"),
            paid("04-20", "3000"),
            bought("05-01", "500"),
            entry(EntryKind.DISPUTE_OPENED, "05-02", of="unknown"),
            entry(EntryKind.DISPUTE_UPHELD, "05-20", of="unknown"),
        )
        now = account(history, "05-21")
        assert now.credit == yuan("2500")
        assert on(history, "05-21").total == 0

    def test_if_not_it_is_owed_again_from_that_day(self) -> None:
        history = card(
            bought("04-01", "3000", "unknown"),
            entry(EntryKind.DISPUTE_OPENED, "04-15", of="unknown"),
            entry(EntryKind.DISPUTE_REJECTED, "05-20", of="unknown"),
        )
        assert on(history, "05-21").total == 0
        bill = account(history, "06-08").bills[-1]
        assert bill.balance == yuan("3000")
        assert interest_billed(history, FULL_BALANCE, day("07-07")) == yuan("73.50")  # 49 days from 20 May

    def test_what_is_not_known_cannot_be_disputed(self) -> None:
        with pytest.raises(LedgerError, match="not posted"):
            account(card(entry(EntryKind.DISPUTE_OPENED, "04-15", of="nothing")), "04-20")


class TestInstalmentPlan:
    PLAN = Plan("plan", day("04-10"), yuan("4000"), Decimal("0.0065"), split(yuan("4000"), 3, Decimal("0.0065")))

    def test_the_amount_leaves_the_bill_and_comes_back_in_terms(self) -> None:
        history = replace(card(bought("04-01", "5000")), plans=(self.PLAN,))
        assert on(history, "04-10").total == yuan("1000")
        bills = account(with_entries(history, paid("04-27", "1000")), "08-01").bills
        assert bills[4].balance == yuan("1359.33")  # May: 1,333.33 and 26.00
        assert on(with_entries(history, paid("04-27", "1000")), "05-08").minimum_due == yuan("1359.33")

    def test_its_balance_bears_no_daily_interest_and_the_terms_add_up(self) -> None:
        payments = [paid("04-27", "1000"), paid("05-20", "1359.33"), paid("06-20", "1359.33")]
        history = replace(card(bought("04-01", "5000"), *payments), plans=(self.PLAN,))
        last = on(history, "07-08")
        assert last.total == yuan("1359.34")
        assert last.interest == yuan("26.00")
        assert [item.kind for item in last.items] == [FeeKind.INSTALMENT_INTEREST]

    def test_an_overdue_bill_is_no_longer_overdue_once_it_is_split(self) -> None:
        history = card(bought("04-01", "4000"))
        assert on(history, "05-06").state is AccountState.OVERDUE
        split_up = replace(history, plans=(replace(self.PLAN, started_on=day("05-05")),))
        now = on(split_up, "05-06")
        assert (now.state, now.principal) == (AccountState.CURRENT, ZERO)
        assert (now.interest, now.late_fee) == (
            yuan("68.00"),
            yuan("20.00"),
        )  # until 4 May; they stand on the next bill

    def test_each_instalment_is_due_with_a_bill(self) -> None:
        due = dated(self.PLAN.parts, day("04-10"), 7, FULL_BALANCE.billing)
        assert [(each.number, each.due_on) for each in due] == [
            (1, day("05-27")),
            (2, day("06-27")),
            (3, day("07-27")),
        ]


class TestDeferral:
    def cost(self, history: History, until: str, **terms: object) -> Tuple[Decimal, Decimal]:
        policy = changed(FULL_BALANCE, deferral=dict(terms))
        cost = deferral_cost(history, policy, day("05-05"), day(until))
        return cost.extra_interest, cost.amount_due_then

    def test_with_interest_going_on(self) -> None:
        extra, then = self.cost(card(bought("04-01", "5000")), "05-25")
        assert extra == yuan("50.00")  # 5,000 × 20 days
        assert then == yuan("5000") + yuan("85.00") + yuan("25.00") + extra

    def test_over_more_than_one_bill_it_is_compounded(self) -> None:
        extra, _ = self.cost(card(bought("04-01", "5000")), "06-05")
        # 5,000 × 31 days, and 28 days on the 92.50 that the bill of 7 May charged and that were not paid.
        assert extra == yuan("77.50") + yuan("1.30")

    def test_without_interest(self) -> None:
        extra, then = self.cost(card(bought("04-01", "5000")), "05-25", interest_continues=False)
        assert (extra, then) == (ZERO, yuan("5110.00"))

    def test_late_fees_go_on_unless_they_are_waived(self) -> None:
        history = card(bought("04-01", "5000"))
        _, waived = self.cost(history, "06-05", interest_continues=False)
        _, charged = self.cost(history, "06-05", interest_continues=False, late_fee_waived=False)
        assert waived == yuan("5110.00")
        assert charged - waived == yuan("53.00")  # 5 % of 500, 85, 25 and 450

    def test_what_is_bought_meanwhile_is_no_part_of_it(self) -> None:
        history = card(bought("04-01", "5000"), bought("05-04", "700"))
        assert self.cost(history, "05-25") == self.cost(card(bought("04-01", "5000")), "05-25")

    def test_what_was_bought_and_disputed_meanwhile_is_no_part_of_it(self) -> None:
        disputed = card(
            bought("04-01", "5000"), bought("05-04", "700", "new"), entry(EntryKind.DISPUTE_OPENED, "05-04", of="new")
        )
        assert self.cost(disputed, "05-25") == self.cost(card(bought("04-01", "5000")), "05-25")

    def test_while_it_holds_the_account_is_not_overdue_and_afterwards_counts_from_the_new_date(self) -> None:
        deferral = Deferral("deferral", day("05-05"), day("06-05"), True, True)
        history = replace(card(bought("04-01", "5000")), deferrals=(deferral,))
        assert on(history, "05-04").days_past_due == 7
        during = on(history, "06-05")
        assert (during.state, during.due_date, during.days_past_due) == (AccountState.DUE, day("06-05"), 0)
        after = on(history, "06-06")
        assert (after.state, after.days_past_due) == (AccountState.OVERDUE, 1)

    def test_nothing_billed_cannot_be_deferred(self) -> None:
        with pytest.raises(ValueError, match="nothing is billed"):
            self.cost(card(bought("05-01", "5000")), "05-25")


class TestCreditReport:
    def status(self, history: History, when: str, rule: str = "statement_date") -> CreditStatus:
        policy = changed(FULL_BALANCE, credit_report={"reports_on": rule})
        known = replay(history, policy, day(when))
        return credit_status(known, position(known), history.statement_day, ReportsOn(rule))

    @pytest.mark.parametrize(
        ("rule", "reports_on", "code"),
        [("statement_date", "05-07", "1"), ("month_end", "05-31", "2"), ("overdue_day", "05-01", "1")],
    )
    def test_an_unpaid_bill_is_reported_by_the_issuers_rule(self, rule: str, reports_on: str, code: str) -> None:
        history = card(bought("04-01", "5000"))
        before = self.status(history, "04-29", rule)
        assert (before.code, before.reported, before.reports_on) == ("N", False, day(reports_on))
        assert before.pay_by == day("04-30")  # the end of grace
        next_day = (day(reports_on) + timedelta(days=1)).strftime("%m-%d")
        after = self.status(history, next_day, rule)
        assert (after.code, after.reported, after.reports_on, after.pay_by) == (code, True, None, None)
        assert after.months[0] == ("2026-05", code)

    def test_an_overdue_bill_can_be_paid_until_the_report(self) -> None:
        history = card(bought("04-01", "5000"))
        status = self.status(history, "05-03")
        assert (status.code, status.reported, status.pay_by) == ("1", False, day("05-07"))
        minimum = on(history, "05-03").remaining_minimum
        paid_in_time = with_entries(history, paid("05-07", str(minimum)))
        assert self.status(paid_in_time, "05-20").months[0] == ("2026-05", "N")

    @pytest.mark.parametrize(("months", "code"), [(1, "1"), (2, "2"), (3, "3"), (4, "4"), (5, "5"), (6, "6"), (7, "7")])
    def test_codes_follow_the_days_past_due(self, months: int, code: str) -> None:
        when = day("05-08") + timedelta(days=31 * (months - 1))
        known = replay(card(bought("04-01", "5000")), FULL_BALANCE, when)
        status = credit_status(known, position(known), 7, ReportsOn.STATEMENT_DATE)
        assert status.months[0][1] == code

    def test_a_month_without_anything_is_told_apart(self) -> None:
        assert dict(self.status(card(bought("02-01", "100"), paid("02-10", "100")), "05-20").months) == {
            "2026-01": "*",
            "2026-02": "N",
            "2026-03": "N",
            "2026-04": "*",
            "2026-05": "*",
        }

    def test_nothing_is_to_be_reported_where_nothing_is_due(self) -> None:
        status = self.status(card(bought("04-01", "5000"), paid("04-20", "5000")), "04-29")
        assert (status.code, status.reported, status.reports_on, status.pay_by) == ("N", False, None, None)
