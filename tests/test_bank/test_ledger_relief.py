"""What may help: looking ahead, charges given back, disputes at any time, promises, and what the register shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import List, Tuple

import pytest

from bank.models import AccountState, FeeKind
from bank.sandbox.ledger.credit_report import credit_status
from bank.sandbox.ledger.dispute import AlreadyDisputed, TooOld, UnknownEntry, disputable
from bank.sandbox.ledger.instalment import split
from bank.sandbox.ledger.money import ZERO
from bank.sandbox.ledger.position import Position, position, unpaid_minimum
from bank.sandbox.ledger.projection import Projection, all_to_pay, minimum_to_pay, project
from bank.sandbox.ledger.promise import PromiseStanding, promise_progress
from bank.sandbox.ledger.records import Account, Component, Deferral, EntryKind, History, Plan
from bank.sandbox.ledger.replay import LedgerError, replay
from bank.sandbox.ledger.waiver import waivable, waiver_entries
from bank.sandbox.policy import Policy, ReportsOn
from tests.test_bank.ledger_cases import (
    FULL_BALANCE,
    ISSUERS,
    NO_GRACE,
    UNPAID_PART,
    bought,
    card,
    changed,
    day,
    entry,
    interest_billed,
    paid,
    with_entries,
    yuan,
)

OVERDUE = card(bought("04-01", "5000"))  # statements on the 7th; due on 27 April, grace until the 30th


def account(history: History, when: str, policy: Policy = FULL_BALANCE) -> Account:
    return replay(history, policy, day(when))


def on(history: History, when: str, policy: Policy = FULL_BALANCE) -> Position:
    return position(account(history, when, policy))


class TestLookingAhead:
    def ahead(self, history: History, today: str, when: str, pays: str = "0") -> Projection:
        return project(history, FULL_BALANCE, day(today), day(when), yuan(pays))

    def test_if_nothing_is_paid_fees_interest_and_the_next_bill_come(self) -> None:
        then = self.ahead(OVERDUE, "04-20", "05-10")
        assert then.position.interest == yuan("97.50")  # 92.50 on the bill of 7 May and two more days on 5,000
        assert then.position.late_fee == yuan("25")
        assert (then.position.state, then.position.days_past_due, then.credit_code) == (AccountState.OVERDUE, 13, "1")

    def test_paying_the_minimum_saves_the_late_fee_and_the_register_but_not_the_interest(self) -> None:
        minimum = minimum_to_pay(OVERDUE, FULL_BALANCE, day("04-20"))
        assert minimum == yuan("500")
        then = self.ahead(OVERDUE, "04-20", "05-10", "500")
        assert (then.pays, then.position.late_fee, then.credit_code) == (yuan("500"), ZERO, "N")
        assert then.position.interest == yuan("88.00") + yuan("4.50")  # 5,000 × 19 days, 4,500 × 18, then two more

    def test_paying_everything_leaves_nothing(self) -> None:
        everything = all_to_pay(OVERDUE, FULL_BALANCE, day("05-05"))
        assert everything == yuan("5110")
        then = self.ahead(OVERDUE, "05-05", "12-31", "5110")
        assert (then.position.total, then.position.remaining_minimum, then.credit_code) == (ZERO, ZERO, "*")

    def test_the_terms_of_a_plan_come_with_their_bills(self) -> None:
        plan = Plan("plan", day("04-10"), yuan("4000"), Decimal(0), split(yuan("4000"), 4, Decimal(0)))
        history = replace(OVERDUE, plans=(plan,))
        assert self.ahead(history, "04-20", "05-20", "1000").position.total == yuan("1000")
        assert self.ahead(history, "04-20", "06-08", "1000").position.principal == yuan("2000")

    def test_a_payment_on_its_way_counts_from_the_day_it_is_posted_and_is_not_asked_for_again(self) -> None:
        history = with_entries(OVERDUE, paid("04-22", "300"))
        assert minimum_to_pay(history, FULL_BALANCE, day("04-20")) == yuan("200")
        assert all_to_pay(history, FULL_BALANCE, day("04-20")) == yuan("4700")
        then = self.ahead(history, "04-20", "05-05", "200")
        assert (then.position.state, then.position.principal) == (AccountState.CURRENT, yuan("4500"))
        assert minimum_to_pay(with_entries(OVERDUE, paid("04-22", "900")), FULL_BALANCE, day("04-20")) == ZERO

    def test_what_has_not_happened_yet_is_no_part_of_it(self) -> None:
        later = with_entries(OVERDUE, bought("04-25", "900"), entry(EntryKind.CASH_ADVANCE, "04-26", "50"))
        assert self.ahead(later, "04-20", "06-10") == self.ahead(OVERDUE, "04-20", "06-10")

    def test_today_it_is_what_is_owed_less_what_is_paid(self) -> None:
        assert self.ahead(OVERDUE, "05-05", "05-05").position == on(OVERDUE, "05-05")
        assert self.ahead(OVERDUE, "05-05", "05-05", "110").position.total == yuan("5000")

    @pytest.mark.parametrize(("today", "when", "pays"), [("05-05", "05-04", "0"), ("05-05", "05-06", "-1")])
    def test_neither_the_past_nor_a_negative_payment_can_be_asked_for(self, today: str, when: str, pays: str) -> None:
        with pytest.raises(ValueError, match=r"past|negative"):
            self.ahead(OVERDUE, today, when, pays)


class TestChargesGivenBack:
    def waived(self, history: History, when: str, kind: FeeKind, policy: Policy = FULL_BALANCE) -> History:
        options = {each.kind: each for each in waivable(account(history, when, policy), policy, day(when))}
        return with_entries(history, *waiver_entries("waiver", options[kind].shares, day(when)))

    def test_a_late_fee_is_offered_with_how_it_came_about(self) -> None:
        [option] = waivable(account(OVERDUE, "05-05"), FULL_BALANCE, day("05-05"))
        assert (option.kind, option.amount) == (FeeKind.LATE_FEE, yuan("25"))
        [item] = option.items
        assert (item.amount, item.basis, item.rate) == (yuan("25"), yuan("500"), Decimal("0.05"))

    def test_it_is_no_longer_owed_and_not_on_the_next_bill(self) -> None:
        history = self.waived(OVERDUE, "05-05", FeeKind.LATE_FEE)
        now = on(history, "05-05")
        assert (now.late_fee, now.total) == (ZERO, on(OVERDUE, "05-05").total - yuan("25"))
        assert now.remaining_minimum == yuan("500")
        assert account(history, "05-08").bills[-1].balance == account(OVERDUE, "05-08").bills[-1].balance - yuan("25")

    def test_what_stands_on_a_bill_already_leaves_its_minimum_too(self) -> None:
        before = on(OVERDUE, "05-10")
        now = on(self.waived(OVERDUE, "05-10", FeeKind.LATE_FEE), "05-10")
        assert now.total == before.total - yuan("25")
        assert unpaid_minimum(account(OVERDUE, "05-10")) == yuan("1067.50")
        after = account(self.waived(OVERDUE, "05-10", FeeKind.LATE_FEE), "05-10")
        assert unpaid_minimum(after) == yuan("1042.50")

    def test_interest_is_offered_once_it_is_billed_and_bears_none_from_then_on(self) -> None:
        options = {each.kind: each for each in waivable(account(OVERDUE, "06-01"), FULL_BALANCE, day("06-01"))}
        assert options[FeeKind.INTEREST].amount == yuan("92.50")
        assert [item.days for item in options[FeeKind.INTEREST].items] == [37]
        history = self.waived(OVERDUE, "06-01", FeeKind.INTEREST)
        # 31 days on 5,000, and on the 92.50 from 8 to 31 May only.
        assert interest_billed(history, FULL_BALANCE, day("06-07")) == yuan("77.50") + yuan("1.11")

    def test_what_was_paid_comes_back(self) -> None:
        settled = with_entries(OVERDUE, paid("05-05", "5110"))
        history = self.waived(settled, "05-20", FeeKind.LATE_FEE)
        assert account(history, "05-20").credit == yuan("25")
        spent = with_entries(history, bought("06-01", "100"))
        assert account(spent, "06-08").bills[-1].balance == yuan("75")

    def test_the_same_charge_is_not_given_back_twice(self) -> None:
        history = self.waived(OVERDUE, "05-05", FeeKind.LATE_FEE)
        assert waivable(account(history, "05-06"), FULL_BALANCE, day("05-06")) == []
        [charge] = [c for c in account(history, "05-06").charges if c.component is Component.LATE_FEE]
        again = with_entries(history, *waiver_entries("again", [(charge.id, yuan("25"))], day("05-06")))
        assert on(again, "05-06").total == on(history, "05-06").total

    def test_only_charges_within_the_window_and_the_largest_sum_are_offered_whole(self) -> None:
        def amounts(when: str, **terms: object) -> List[Tuple[str, Decimal]]:
            policy = changed(FULL_BALANCE, waiver=terms)
            found = waivable(account(OVERDUE, when, policy), policy, day(when))
            return [(each.kind.value, each.amount) for each in found]

        # Late fees: 25.00 on 1 May, 53.38 on 31 May; interest: 92.50 on 7 May.
        interest = ("interest", yuan("92.50"))
        assert amounts("06-01", maximum_amount=yuan("300")) == [("late_fee", yuan("78.38")), interest]
        assert amounts("06-01", maximum_amount=yuan("60")) == [("late_fee", yuan("53.38"))]
        assert amounts("06-01", maximum_amount=yuan("300"), window_days=10) == [("late_fee", yuan("53.38"))]
        assert amounts("06-01", kinds=["interest"], maximum_amount=yuan("300")) == [interest]

    def test_only_charges_can_be_given_back(self) -> None:
        for about in (OVERDUE.entries[0].id, "nothing"):
            with pytest.raises(LedgerError, match=r"no charge|not posted"):
                account(with_entries(OVERDUE, *waiver_entries("waiver", [(about, yuan("5"))], day("05-05"))), "05-05")


UNKNOWN = card(bought("04-01", "3000", "unknown"), bought("04-02", "2000"))


class TestDisputes:
    def opened(self, when: str, history: History = UNKNOWN) -> History:
        return with_entries(history, entry(EntryKind.DISPUTE_OPENED, when, id="opened", of="unknown"))

    def closed(self, history: History, how: EntryKind, when: str) -> History:
        return with_entries(history, entry(how, when, id="closed", of="unknown"))

    def test_filed_today_it_is_set_aside_today_with_its_interest_and_its_share_of_the_minimum(self) -> None:
        before, now = on(UNKNOWN, "05-05"), on(self.opened("05-05"), "05-05")
        assert (now.disputed, now.principal) == (yuan("3000"), yuan("2000"))
        assert before.interest == yuan("84.00")  # 3,000 × 34 days and 2,000 × 33
        assert now.interest == yuan("33.00")
        assert (before.remaining_minimum, now.remaining_minimum) == (yuan("500"), yuan("200"))

    def test_a_cash_advance_leaves_the_minimum_by_its_own_share(self) -> None:
        history = card(entry(EntryKind.CASH_ADVANCE, "04-01", "3000", "unknown"), bought("04-02", "2000"))
        assert on(self.opened("04-20", history), "04-20").remaining_minimum == on(history, "04-20").minimum_due - 3000

    def test_upheld_it_never_was(self) -> None:
        history = self.closed(self.opened("05-05"), EntryKind.DISPUTE_UPHELD, "05-20")
        only = card(bought("04-02", "2000"))
        assert on(history, "06-20").principal == yuan("2000")
        assert interest_billed(history, FULL_BALANCE, day("06-07")) == interest_billed(only, FULL_BALANCE, day("06-07"))

    def test_upheld_what_the_merchant_gave_back_before_is_not_given_back_again(self) -> None:
        refunded = card(
            bought("04-01", "3000", "unknown"),
            paid("04-20", "3000"),
            entry(EntryKind.REFUND, "04-22", "1000", of="unknown"),
        )
        history = self.closed(self.opened("04-25", refunded), EntryKind.DISPUTE_UPHELD, "05-05")
        assert account(history, "05-05").credit == yuan("3000")

    @pytest.mark.parametrize("how", [EntryKind.DISPUTE_UPHELD, EntryKind.DISPUTE_REJECTED])
    def test_opened_and_closed_on_one_day_in_whatever_order_they_are_recorded(self, how: EntryKind) -> None:
        history = self.closed(self.opened("05-05"), how, "05-05")
        other = replace(history, entries=tuple(reversed(history.entries)))
        assert account(history, "05-20") == account(other, "05-20")
        assert on(history, "05-20").disputed == ZERO

    @pytest.mark.parametrize(("charged", "interest"), [(False, "73.50"), (True, "147.00")])
    def test_declined_it_bears_interest_for_the_time_before_only_where_the_policy_says_so(
        self, charged: bool, interest: str
    ) -> None:
        policy = changed(FULL_BALANCE, dispute={"interest_if_declined": charged})
        history = card(bought("04-01", "3000", "unknown"))
        declined = self.closed(self.opened("04-15", history), EntryKind.DISPUTE_REJECTED, "05-20")
        assert on(declined, "05-21", policy).total == ZERO  # it stands on the next bill
        assert account(declined, "06-08", policy).bills[-1].balance == yuan("3000")
        # Not paid, it costs 49 days from 20 May; or 98 days from 1 April.
        assert interest_billed(declined, policy, day("07-07")) == yuan(interest)

    def test_interest_that_ran_when_it_was_opened_goes_on_where_the_policy_says_so(self) -> None:
        policy = changed(FULL_BALANCE, dispute={"interest_if_declined": True})
        declined = self.closed(self.opened("05-05"), EntryKind.DISPUTE_REJECTED, "05-20")
        assert on(declined, "05-20", policy).interest == on(UNKNOWN, "05-20", policy).interest
        spared = on(declined, "05-20", FULL_BALANCE).interest
        assert on(UNKNOWN, "05-20").interest - spared == yuan("73.50")  # 3,000 × 49 days

    def test_after_it_was_declined_it_can_be_opened_again_but_not_twice_at_once(self) -> None:
        assert disputable(UNKNOWN, FULL_BALANCE, "unknown", day("04-20")).amount == yuan("3000")
        open_one = self.opened("04-20")
        with pytest.raises(AlreadyDisputed):
            disputable(open_one, FULL_BALANCE, "unknown", day("04-20"))
        declined = self.closed(open_one, EntryKind.DISPUTE_REJECTED, "05-02")
        assert disputable(declined, FULL_BALANCE, "unknown", day("05-02")).id == "unknown"
        again = with_entries(declined, entry(EntryKind.DISPUTE_OPENED, "05-03", id="again", of="unknown"))
        assert on(again, "05-04").disputed == yuan("3000")
        upheld = self.closed(open_one, EntryKind.DISPUTE_UPHELD, "05-02")
        with pytest.raises(AlreadyDisputed):
            disputable(upheld, FULL_BALANCE, "unknown", day("05-02"))

    def test_neither_what_is_too_old_nor_what_is_not_there_can_be_disputed(self) -> None:
        assert disputable(UNKNOWN, FULL_BALANCE, "unknown", day("05-31")).id == "unknown"  # 60 days
        with pytest.raises(TooOld):
            disputable(UNKNOWN, FULL_BALANCE, "unknown", day("06-01"))
        reversed_one = with_entries(UNKNOWN, entry(EntryKind.REVERSAL, "04-03", of="unknown"))
        payment = with_entries(UNKNOWN, paid("04-20", "10", "paid"))
        for history, id, when in [
            (UNKNOWN, "nothing", "04-20"),
            (UNKNOWN, "unknown", "03-31"),
            (reversed_one, "unknown", "04-20"),
            (payment, "paid", "04-20"),
        ]:
            with pytest.raises(UnknownEntry):
                disputable(history, FULL_BALANCE, id, day(when))


class TestPromises:
    def standing(self, *payments: Tuple[str, str], today: str, before: str = "0") -> Tuple[PromiseStanding, Decimal]:
        """A promise of 10 May to pay 500 by 15 May, with two days of grace."""
        posted = [(day(when), yuan(amount)) for when, amount in payments]
        made = (yuan("500"), day("05-10"), day("05-15"), 2)
        progress = promise_progress(*made, posted, day(today), yuan(before))
        return progress.standing, progress.paid

    def test_it_is_open_until_its_last_day_is_over(self) -> None:
        assert self.standing(today="05-10") == (PromiseStanding.OPEN, ZERO)
        assert self.standing(("05-12", "499.99"), today="05-17") == (PromiseStanding.OPEN, yuan("499.99"))
        assert self.standing(("05-12", "499.99"), today="05-18") == (PromiseStanding.BROKEN, yuan("499.99"))

    def test_it_is_kept_as_soon_as_payments_together_reach_it(self) -> None:
        assert self.standing(("05-11", "200"), ("05-17", "300"), today="05-17") == (PromiseStanding.KEPT, yuan("500"))
        assert self.standing(("05-11", "200"), ("05-18", "300"), today="05-18") == (PromiseStanding.BROKEN, yuan("200"))

    def test_what_was_paid_before_it_was_made_does_not_count(self) -> None:
        assert self.standing(("05-09", "500"), today="05-10") == (PromiseStanding.OPEN, ZERO)
        assert self.standing(("05-10", "500"), today="05-10", before="500") == (PromiseStanding.OPEN, ZERO)
        assert self.standing(("05-10", "900"), today="05-10", before="400") == (PromiseStanding.KEPT, yuan("500"))

    def test_a_payment_that_bounced_does_not_count(self) -> None:
        bounced = [("05-11", "500"), ("05-11", "-500")]  # as the ledger lists it
        assert self.standing(*bounced, today="05-12") == (PromiseStanding.OPEN, ZERO)

    def test_the_ledgers_payments_are_what_it_counts(self) -> None:
        history = with_entries(OVERDUE, paid("05-11", "500", "a"), entry(EntryKind.REVERSAL, "05-13", of="a"))
        made = (yuan("500"), day("05-10"), day("05-15"), 0)
        for today, standing in [("05-12", PromiseStanding.KEPT), ("05-13", PromiseStanding.OPEN)]:
            payments = account(history, today).payments
            assert promise_progress(*made, payments, day(today)).standing is standing


class TestTheRegister:
    """The three rules of reporting, each as one of the issuers has it."""

    def months(self, history: History, when: str, policy: Policy) -> List[str]:
        known = account(history, when, policy)
        status = credit_status(known, position(known), 7, policy.credit_report.reports_on)
        return [f"{month[5:]} {code}" for month, code in status.months[:4]]

    def test_on_the_statement_date(self) -> None:
        assert FULL_BALANCE.credit_report.reports_on is ReportsOn.STATEMENT_DATE
        assert self.months(OVERDUE, "07-06", FULL_BALANCE) == ["06 2", "05 1", "04 N", "03 *"]
        assert self.months(OVERDUE, "07-08", FULL_BALANCE) == ["07 3", "06 2", "05 1", "04 N"]

    def test_at_the_end_of_the_month(self) -> None:
        assert UNPAID_PART.credit_report.reports_on is ReportsOn.MONTH_END
        # Due on 2 May, grace until the 5th: 29 days past due on 31 May.
        assert self.months(OVERDUE, "05-31", UNPAID_PART) == ["04 N", "03 *", "02 *", "01 *"]
        assert self.months(OVERDUE, "07-01", UNPAID_PART) == ["06 2", "05 1", "04 N", "03 *"]

    def test_at_once_on_the_day_after_grace_and_at_the_end_of_the_month(self) -> None:
        assert NO_GRACE.credit_report.reports_on is ReportsOn.OVERDUE_DAY
        assert self.months(OVERDUE, "04-26", NO_GRACE) == ["03 *", "02 *", "01 *"]  # due on 25 April
        assert self.months(OVERDUE, "04-27", NO_GRACE)[0] == "04 1"
        assert self.months(OVERDUE, "06-01", NO_GRACE) == ["05 2", "04 1", "03 *", "02 *"]

    def test_whoever_pays_before_the_end_of_the_month_has_been_reported_once(self) -> None:
        history = with_entries(OVERDUE, paid("05-15", "6000"))
        policy = changed(FULL_BALANCE, credit_report={"reports_on": "overdue_day"})
        reports = replay(history, policy, day("06-01")).reports
        late = [(each.reported_on, each.days_past_due) for each in reports if each.days_past_due]
        assert late == [(day("05-01"), 4)]
        assert reports[-1].reported_on == day("05-31")

    @pytest.mark.parametrize("policy", ISSUERS.values(), ids=ISSUERS)
    def test_every_month_has_a_code_by_every_rule(self, policy: Policy) -> None:
        known = replay(OVERDUE, policy, day("12-31") + timedelta(days=1))
        reported = {each.reported_on.month for each in known.reports}
        assert reported == set(range(1, 13))

    def test_after_a_deferral_a_new_overdue_is_reported_at_once(self) -> None:
        policy = changed(FULL_BALANCE, credit_report={"reports_on": "overdue_day"})
        history = replace(OVERDUE, deferrals=(Deferral("later", day("04-20"), day("06-10"), True, True),))
        reports = replay(history, policy, day("06-12")).reports
        assert [(each.reported_on, each.days_past_due) for each in reports if each.days_past_due] == [(day("06-11"), 1)]
