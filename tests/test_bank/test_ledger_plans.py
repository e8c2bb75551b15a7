"""Agreements on a whole debt, settling a plan early, and where a plan stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Tuple

import pytest

from bank.models import AccountState, FeeKind, PlanPartStatus
from bank.sandbox.ledger.agreement import (
    FirstDueTooLate,
    TermsNotOffered,
    agreement_offers,
    agreement_plan,
    collection_paused,
)
from bank.sandbox.ledger.credit_report import credit_status
from bank.sandbox.ledger.instalment import split
from bank.sandbox.ledger.money import ZERO
from bank.sandbox.ledger.plans import PlanState, plan_state
from bank.sandbox.ledger.position import Position, position
from bank.sandbox.ledger.records import (
    Account,
    Component,
    Deferral,
    Entry,
    EntryKind,
    History,
    Plan,
    PlanEnd,
    PlanEnding,
    Settlement,
)
from bank.sandbox.ledger.replay import LedgerError, replay
from bank.sandbox.ledger.settlement import NothingToSettle, early_settlement
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
    paid,
    with_entries,
    yuan,
)

# Statements on the 7th. FULL_BALANCE: due 20 days later, 3 days of grace; an agreement stops interest.
OVERDUE = card(bought("04-01", "5000"))
OWED = yuan("5110")  # on 5 May: 85.00 of interest and 25.00 of late fee


def account(history: History, when: str, policy: Policy = FULL_BALANCE) -> Account:
    return replay(history, policy, day(when))


def on(history: History, when: str, policy: Policy = FULL_BALANCE) -> Position:
    return position(account(history, when, policy))


def agreed(history: History = OVERDUE, when: str = "05-05", terms: int = 12, policy: Policy = FULL_BALANCE) -> History:
    """`history` with the agreement that is offered on that day."""
    [offer] = agreement_offers(history, policy, day(when), terms=terms)
    figures = (offer.balance, offer.terms, offer.rate_per_term, offer.first_due_on)
    return replace(history, plans=(*history.plans, agreement_plan("agreed", day(when), *figures, policy.billing)))


class TestOfAnAgreement:
    """What is offered."""

    def test_it_splits_all_that_is_owed_and_costs_nothing_where_interest_stops(self) -> None:
        offers = agreement_offers(OVERDUE, FULL_BALANCE, day("05-05"))
        assert [each.terms for each in offers] == [12, 24, 36, 48, 60]
        for offer in offers:
            assert (offer.balance, offer.total_interest, offer.total_cost) == (OWED, ZERO, OWED)
            assert (offer.annualised_rate, offer.effective_rate) == (ZERO, ZERO)
            assert sum(part.principal for part in offer.parts) == OWED
        assert offers[0].per_term == yuan("425.83")
        assert offers[0].parts[-1].principal == yuan("425.87")

    def test_any_number_of_terms_between_the_shown_ones_can_be_asked_for(self) -> None:
        [offer] = agreement_offers(OVERDUE, FULL_BALANCE, day("05-05"), terms=13)
        assert (offer.terms, len(offer.schedule)) == (13, 13)

    def test_its_own_rate_is_charged_on_the_whole_debt_where_interest_goes_on(self) -> None:
        debt = on(OVERDUE, "07-20", UNPAID_PART).total
        [offer] = agreement_offers(OVERDUE, UNPAID_PART, day("07-20"), terms=24)
        assert offer.rate_per_term == Decimal("0.0030")
        assert offer.total_interest == (debt * Decimal("0.072")).quantize(ZERO)
        assert (offer.annualised_rate, offer.effective_rate) == (Decimal("0.0677"), Decimal("0.0698"))

    def test_the_shortest_that_is_affordable_is_found_for_a_monthly_amount(self) -> None:
        [offer] = agreement_offers(OVERDUE, FULL_BALANCE, day("05-05"), monthly=yuan("300"))
        assert offer.terms == 18  # 5,110 / 17 is 300.59
        assert max(part.principal + part.interest for part in offer.parts) <= yuan("300")
        assert agreement_offers(OVERDUE, FULL_BALANCE, day("05-05"), monthly=yuan("85.55")) == []
        [longest] = agreement_offers(OVERDUE, FULL_BALANCE, day("05-05"), monthly=yuan("85.56"))
        assert longest.terms == 60  # 59 × 85.16, and 85.56 at the end

    def test_the_first_instalment_is_due_with_the_next_bill_or_by_wish_with_a_later_one(self) -> None:
        def first(wish: str) -> str:
            offers = agreement_offers(OVERDUE, FULL_BALANCE, day("05-05"), terms=12, first_due_on=day(wish))
            return offers[0].schedule[0].due_on.strftime("%m-%d")

        assert first("05-06") == "05-27"
        assert first("05-27") == "05-27"
        assert first("05-28") == "06-27"

    def test_terms_and_dates_that_are_not_offered_are_refused(self) -> None:
        for terms in (11, 61):
            with pytest.raises(TermsNotOffered):
                agreement_offers(OVERDUE, FULL_BALANCE, day("05-05"), terms=terms)
        with pytest.raises(FirstDueTooLate, match="2026-07-09"):
            agreement_offers(OVERDUE, FULL_BALANCE, day("05-05"), first_due_on=day("06-28"))
        with pytest.raises(ValueError, match="nothing is owed"):
            agreement_offers(card(bought("04-01", "100"), paid("04-02", "100")), FULL_BALANCE, day("05-05"))

    def test_what_is_disputed_is_no_part_of_it(self) -> None:
        history = card(bought("04-01", "5000"), bought("04-02", "700", "unknown"))
        disputed = with_entries(history, entry(EntryKind.DISPUTE_OPENED, "04-20", of="unknown"))
        assert agreement_offers(disputed, FULL_BALANCE, day("05-05"), terms=12)[0].balance == OWED


class TestAnAgreementThatIsKept:
    def test_the_debt_leaves_the_account_and_collection_pauses(self) -> None:
        before, after = on(OVERDUE, "05-05"), on(agreed(), "05-05")
        assert (before.state, before.total, before.days_past_due) == (AccountState.OVERDUE, OWED, 8)
        assert (after.state, after.total, after.days_past_due) == (AccountState.CURRENT, ZERO, 0)
        assert after.items == ()
        assert not collection_paused(account(OVERDUE, "05-05"), OVERDUE)
        assert collection_paused(account(agreed(), "05-05"), agreed())

    def test_each_bill_asks_for_one_instalment_and_nothing_else(self) -> None:
        history = agreed()
        for month, number in (("05", 1), ("06", 2), ("07", 3)):
            bill = account(history, f"{month}-08").bills[-1]
            assert (bill.balance, bill.minimum_due) == (yuan("425.83"), yuan("425.83")), month
            history = with_entries(history, paid(f"{month}-27", "425.83", f"instalment {number}"))
        assert on(history, "08-05").total == ZERO
        assert all(charge.posted_on <= day("05-05") for charge in account(history, "08-05").charges)

    def test_it_is_fulfilled_with_its_last_instalment(self) -> None:
        history = agreed()
        [offer] = agreement_offers(OVERDUE, FULL_BALANCE, day("05-05"), terms=12)
        for each in offer.schedule:
            instalment = Entry(f"instalment {each.number}", EntryKind.PAYMENT, each.due_on, each.part.principal)
            history = with_entries(history, instalment)
        due = offer.schedule[-1].due_on
        end = due + timedelta(days=40)
        done = replay(history, FULL_BALANCE, end)
        assert position(done).total == ZERO
        assert not collection_paused(done, history)
        assert plan_state(history.plans[0], history, FULL_BALANCE, done).completed
        before = replay(history, FULL_BALANCE, due - timedelta(days=1))
        assert collection_paused(before, history)
        assert not plan_state(history.plans[0], history, FULL_BALANCE, before).completed

    def test_interest_and_fees_since_the_offer_are_given_back(self) -> None:
        [offer] = agreement_offers(OVERDUE, FULL_BALANCE, day("05-05"), terms=12)
        figures = (offer.balance, offer.terms, offer.rate_per_term, offer.first_due_on, FULL_BALANCE.billing)
        started_later = replace(OVERDUE, plans=(agreement_plan("agreed", day("05-20"), *figures),))
        now = account(started_later, "05-20")
        assert position(now).total == ZERO
        assert sum(charge.waived for charge in now.charges) == yuan("37.50")  # 5,000 × 15 days
        assert sum(charge.amount for charge in now.charges) - yuan("37.50") == OWED - yuan("5000")

    def test_new_spend_stays_outside_it(self) -> None:
        history = agreed(with_entries(OVERDUE, bought("05-04", "60")))
        assert history.plans[0].amount == OWED
        assert account(history, "05-08").bills[-1].balance == yuan("485.83")

    def test_a_bill_of_which_the_days_of_grace_still_run_bears_no_interest_afterwards(self) -> None:
        history = agreed(when="05-20")  # the bill of 7 May would be judged on 30 May
        assert account(history, "06-08").bills[-1].balance == history.plans[0].parts[0].principal

    @pytest.mark.parametrize(("reported", "code"), [(True, "1"), (False, "N")])
    def test_the_register_shows_it_as_the_policy_says(self, reported: bool, code: str) -> None:
        policy = changed(FULL_BALANCE, agreement={"reported_until_cleared": reported})
        history = with_entries(agreed(), paid("05-27", "425.83"))
        now = account(history, "06-20", policy)
        status = credit_status(now, position(now), 7, ReportsOn.STATEMENT_DATE)
        assert (status.code, status.months[0]) == (code, ("2026-06", code))

    def test_money_that_was_posted_before_it_starts_pays_its_first_instalments(self) -> None:
        [offer] = agreement_offers(OVERDUE, FULL_BALANCE, day("05-05"), terms=12)
        figures = (offer.balance, offer.terms, offer.rate_per_term, offer.first_due_on, FULL_BALANCE.billing)
        plan = agreement_plan("agreed", day("05-06"), *figures)
        history = replace(with_entries(OVERDUE, paid("05-05", "500")), plans=(plan,))
        # Less what 4,500 cost until the agreement began, one day.
        assert account(history, "05-08").bills[-1].balance == yuan("425.83") - (yuan("500") - yuan("2.25"))
        assert on(history, "06-08").total == yuan("425.83") * 2 - (yuan("500") - yuan("2.25"))


class TestAnAgreementThatIsBroken:
    MISSED = agreed()

    def test_it_breaks_on_the_day_after_grace_and_the_rest_is_owed_again(self) -> None:
        last = account(self.MISSED, "05-30")
        assert (last.ended_plans, position(last).total) == ((), yuan("425.83"))
        now = account(self.MISSED, "05-31")
        assert now.ended_plans == (PlanEnd("agreed", day("05-30"), PlanEnding.BROKEN, (1,)),)
        assert position(now).principal == OWED
        assert position(now).late_fee == yuan("21.29")  # 5 % of the missed instalment
        assert not collection_paused(now, self.MISSED)

    def test_only_the_missed_instalment_is_overdue(self) -> None:
        now = on(self.MISSED, "05-31")
        assert (now.state, now.days_past_due, now.remaining_minimum) == (AccountState.OVERDUE, 4, yuan("425.83"))

    def test_interest_runs_again_from_then_on_and_not_for_the_time_before(self) -> None:
        assert on(self.MISSED, "05-31").interest == ZERO
        assert on(self.MISSED, "06-05").interest == yuan("12.78")  # 5,110 × 5 days
        bill = account(self.MISSED, "06-08").bills[-1]
        interest = yuan("20.44")  # 8 days
        assert bill.balance == OWED + interest + yuan("21.29")
        # interest and late fee, the missed instalment, and a tenth of what is left
        assert bill.minimum_due == interest + yuan("21.29") + yuan("425.83") + yuan("468.42")

    def test_a_shortfall_within_the_tolerance_does_not_break_it(self) -> None:
        assert account(with_entries(self.MISSED, paid("05-30", "415.83")), "06-07").ended_plans == ()
        assert account(with_entries(self.MISSED, paid("05-30", "415.82")), "06-07").ended_plans != ()

    def test_without_grace_it_breaks_on_the_day_after_the_due_date(self) -> None:
        history = agreed(policy=NO_GRACE)
        assert account(history, "05-25", NO_GRACE).ended_plans == ()
        assert account(history, "05-26", NO_GRACE).ended_plans[0].how is PlanEnding.BROKEN

    def test_a_later_instalment_can_break_it_too_and_what_was_paid_stays_paid(self) -> None:
        history = with_entries(self.MISSED, paid("05-27", "425.83"))
        now = account(history, "07-01")
        assert now.ended_plans == (PlanEnd("agreed", day("06-30"), PlanEnding.BROKEN, (2,)),)
        assert position(now).principal == OWED - yuan("425.83")

    def test_while_a_deferral_holds_it_is_not_broken(self) -> None:
        deferral = Deferral("later", day("05-20"), day("06-20"), True, True)
        history = replace(self.MISSED, deferrals=(deferral,))
        assert account(history, "06-20").ended_plans == ()
        assert account(history, "06-21").ended_plans[0].ended_on == day("06-20")

    def test_its_plan_says_what_was_missed(self) -> None:
        state = plan_state(self.MISSED.plans[0], self.MISSED, FULL_BALANCE, account(self.MISSED, "06-01"))
        assert [(term.number, term.status) for term in state.schedule] == [(1, PlanPartStatus.BILLED)]
        assert (state.remaining_principal, state.next_due_on, state.completed) == (ZERO, None, False)

    def test_paying_all_then_owed_ends_the_debt(self) -> None:
        total = on(self.MISSED, "06-05").total
        history = with_entries(self.MISSED, paid("06-05", str(total)))
        assert on(history, "06-05").total == ZERO
        assert account(history, "08-08").bills[-1].balance == ZERO


RATE = Decimal("0.0065")
PLAN = Plan("plan", day("04-10"), yuan("3600"), RATE, split(yuan("3600"), 12, RATE))
SPLIT = replace(card(bought("04-01", "3600")), plans=(PLAN,))  # each term 300.00 and 23.40


class TestEarlySettlement:
    def settled(self, when: str = "06-20") -> History:
        return replace(SPLIT, settlements=(Settlement("plan", day(when)),))

    @pytest.mark.parametrize(
        ("policy", "interest_due", "fee", "saved"),
        [
            (FULL_BALANCE, "23.40", "0.00", "210.60"),  # the begun term of ten
            (UNPAID_PART, "23.40", "90.00", "210.60"),  # and 3 % of the principal
            (NO_GRACE, "234.00", "0.00", "0.00"),  # the interest of all terms
        ],
    )
    def test_it_costs_what_the_policy_says(self, policy: Policy, interest_due: str, fee: str, saved: str) -> None:
        price = early_settlement(SPLIT, policy, "plan", day("06-20"))  # bills of May and June carried two terms
        assert price.remaining_principal == yuan("3000")
        assert (price.interest_due, price.fee, price.interest_saved) == (yuan(interest_due), yuan(fee), yuan(saved))
        assert price.total == yuan("3000") + yuan(interest_due) + yuan(fee)
        assert price.due_on == day("07-07") + timedelta(days=policy.billing.due_days)

    @pytest.mark.parametrize("policy", ISSUERS.values(), ids=ISSUERS)
    @pytest.mark.parametrize("when", ["06-07", "06-08", "06-20", "07-06"])
    def test_the_next_bill_carries_what_was_quoted_and_no_later_one_a_term(self, policy: Policy, when: str) -> None:
        paid_up = with_entries(self.settled(when), paid("04-20", "3600"), paid("05-20", "323.40"))
        before = replace(paid_up, settlements=())
        price = early_settlement(before, policy, "plan", day(when))
        bills = {bill.statement_date: bill for bill in replay(paid_up, policy, day("10-08")).bills}
        next_bill = bills[price.due_on - timedelta(days=policy.billing.due_days)]
        without = {bill.statement_date: bill for bill in replay(before, policy, day("10-08")).bills}
        other = sum(bill.balance for bill in without.values() if bill.statement_date == next_bill.statement_date)
        assert next_bill.balance - other == price.total - yuan("323.40")
        assert bills[day("09-07")].balance >= next_bill.balance  # unpaid, with interest and fees; but no new term
        assert not [each for each in account(paid_up, "10-08", policy).debts if each.id in ("plan-4", "plan-5")]

    def test_its_parts_show_as_items_once_they_are_billed(self) -> None:
        history = self.settled()
        assert on(history, "06-21", UNPAID_PART).other_fees == ZERO
        items = on(history, "07-08", UNPAID_PART).items
        assert [item.amount for item in items if item.kind is FeeKind.OTHER] == [yuan("90")]

    def test_paying_the_price_completes_the_plan(self) -> None:
        history = with_entries(self.settled(), paid("05-20", "323.40"), paid("06-19", "323.40"))
        price = early_settlement(replace(history, settlements=()), FULL_BALANCE, "plan", day("06-20"))
        unpaid = plan_state(PLAN, history, FULL_BALANCE, account(history, "06-20"))
        assert (unpaid.rest_unpaid, unpaid.completed) == (price.total, False)
        done = with_entries(history, paid("06-20", str(price.total)))
        state = plan_state(PLAN, done, FULL_BALANCE, account(done, "06-20"))
        assert (state.rest_unpaid, state.completed, state.terms_billed) == (ZERO, True, 2)
        assert account(done, "08-08").bills[-1].balance == ZERO

    @pytest.mark.parametrize(("plan_id", "when"), [("other", "06-20"), ("plan", "04-09")])
    def test_a_plan_that_does_not_run_cannot_be_settled(self, plan_id: str, when: str) -> None:
        history = replace(SPLIT, settlements=(Settlement(plan_id, day(when)),))
        with pytest.raises(LedgerError, match="does not run"):
            account(history, "07-01")

    def test_an_agreement_is_settled_without_fee_or_later_interest(self) -> None:
        history = agreed(policy=NO_GRACE, terms=24)
        dear = changed(NO_GRACE, early_settlement={"fee_rate": Decimal("0.03")})
        price = early_settlement(history, dear, "agreed", day("05-06"))
        assert (price.fee, price.interest_due, price.total) == (ZERO, ZERO, history.plans[0].amount)
        settled = replace(history, settlements=(Settlement("agreed", day("05-06")),))
        assert not collection_paused(account(settled, "05-06", NO_GRACE), settled)

    @pytest.mark.parametrize(("plan_id", "when"), [("other", "06-20"), ("plan", "04-09"), ("plan", "12-31")])
    def test_nothing_can_be_settled_where_nothing_is_to_come(self, plan_id: str, when: str) -> None:
        short = replace(SPLIT, plans=(replace(PLAN, parts=split(yuan("3600"), 3, RATE)),))
        with pytest.raises(NothingToSettle):
            early_settlement(short, FULL_BALANCE, plan_id, day(when))
        with pytest.raises(NothingToSettle, match="ended"):
            early_settlement(self.settled("06-01"), FULL_BALANCE, "plan", day("06-20"))


class TestWhereAPlanStands:
    def state(self, history: History, when: str) -> PlanState:
        return plan_state(PLAN, history, FULL_BALANCE, account(history, when))

    def statuses(self, history: History, when: str) -> Tuple[str, ...]:
        return tuple(term.status.value for term in self.state(history, when).schedule[:4])

    def test_before_its_first_bill_all_is_to_come(self) -> None:
        state = self.state(SPLIT, "04-20")
        assert (state.terms_billed, state.remaining_principal, state.remaining_interest) == (
            0,
            yuan("3600"),
            yuan("280.80"),
        )
        assert (state.next_due_on, state.next_amount) == (day("05-27"), yuan("323.40"))
        assert {term.status for term in state.schedule} == {PlanPartStatus.TO_COME}

    def test_an_instalment_is_billed_then_paid(self) -> None:
        assert self.statuses(SPLIT, "05-08") == ("billed", "to_come", "to_come", "to_come")
        half = with_entries(SPLIT, paid("05-20", "123.40"))
        assert self.statuses(half, "05-20") == ("billed", "to_come", "to_come", "to_come")
        assert self.state(half, "05-20").schedule[0].outstanding == yuan("200")
        whole = with_entries(SPLIT, paid("05-20", "323.40"))
        assert self.statuses(whole, "06-08") == ("paid", "billed", "to_come", "to_come")

    def test_what_is_to_come_shrinks_with_each_bill(self) -> None:
        state = self.state(SPLIT, "07-08")
        assert (state.terms_billed, state.remaining_principal) == (3, yuan("2700"))
        assert state.next_due_on == day("08-27")
        assert sum((term.part.principal for term in state.schedule), ZERO) == PLAN.amount

    def test_its_instalments_are_the_debts_of_the_account(self) -> None:
        now = account(SPLIT, "07-08")
        owed = sum((each.remaining for each in now.debts if each.component is Component.INSTALMENT), ZERO)
        assert owed == yuan("900")
        assert sum((term.outstanding for term in self.state(SPLIT, "07-08").schedule), ZERO) == yuan("970.20")
