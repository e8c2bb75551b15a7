"""Worked examples that issuers have published, to the cent."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest

from bank.sandbox.ledger.cycle import add_months
from bank.sandbox.ledger.instalment import annualised_rate, split
from bank.sandbox.ledger.minimum import Owed, late_fee, minimum_payment
from bank.sandbox.ledger.replay import replay
from bank.sandbox.policy import LateFee, Policy
from common.settings import ROOT
from tests.test_bank.ledger_cases import (
    DEMONSTRATION,
    FULL_BALANCE,
    ISSUERS,
    NO_GRACE,
    UNPAID_PART,
    bought,
    card,
    changed,
    day,
    interest_billed,
    paid,
    yuan,
)

on_the_full_balance = pytest.mark.parametrize("issuer", [FULL_BALANCE, NO_GRACE], ids=["full_balance", "no_grace"])
VECTORS = ROOT.parent / "shared" / "vectors" / "money.json"


def _bill_interest(
    issuer: Policy, spend: List[Tuple[str, str]], due: str, payments: List[Tuple[str, str]], next_statement: str
) -> Decimal:
    """The interest on the bill of `next_statement`; the bill before it was due on `due`."""
    billed_on = add_months(day(next_statement), -1)
    policy = changed(
        issuer,
        billing={"due_days": (day(due) - billed_on).days, "grace_days": 0},
        interest={"daily_rate": Decimal("0.0005")},
    )
    history = card(*[bought(*each) for each in spend], *[paid(*each) for each in payments], statement_day=billed_on.day)
    return interest_billed(history, policy, day(next_statement))


def _monthly_flat_rate(amount: str, terms: int, rate_per_term: str) -> Decimal:
    """The annualised rate in percent, two decimals."""
    parts = split(yuan(amount), terms, Decimal(rate_per_term))
    return (annualised_rate(yuan(amount), [part.principal + part.interest for part in parts]) * 100).quantize(
        Decimal("0.01")
    )


@on_the_full_balance
class TestInterestOnTheFullBalance:
    def test_after_a_minimum_payment_as_china_merchants_bank_explains_it(self, issuer: Policy) -> None:
        # China Merchants Bank, help text on revolving interest: 2,000 × 23 days + 1,800 × 13 days.
        assert _bill_interest(issuer, [("04-02", "2000")], "04-25", [("04-25", "200")], "05-07") == yuan("34.70")

    def test_after_paying_most_of_it_as_china_construction_bank_explains_it(self, issuer: Policy) -> None:
        # China Construction Bank, card FAQ: 10,000 × 22 days + 2,000 × 12 days.
        assert _bill_interest(issuer, [("01-05", "10000")], "01-27", [("01-27", "8000")], "02-07") == yuan("122")

    @pytest.mark.parametrize(
        ("payments", "expected"),
        [
            ([("04-23", "1000")], "0.00"),
            ([("04-23", "100")], "17.85"),  # 1,000 × 24 days and 900 × 13
        ],
    )
    def test_in_full_or_at_the_minimum_as_china_merchants_bank_compares_it(
        self, issuer: Policy, payments: List[Tuple[str, str]], expected: str
    ) -> None:
        # China Merchants Bank, customer service on revolving interest: bills on the 5th, due on the 23rd, 1,000 yuan
        # posted on 30 March; as quoted by wodefinance.com in "minimum repayment amount".
        assert _bill_interest(issuer, [("03-30", "1000")], "04-23", payments, "05-05") == yuan(expected)


@pytest.mark.parametrize(
    ("spend", "due", "payments", "next_statement", "expected"),
    [
        ([("04-02", "2000")], "04-25", [("04-25", "200")], "05-07", "32.40"),  # 1,800 × 36 days
        ([("01-05", "10000")], "01-27", [("01-27", "8000")], "02-07", "34.00"),  # 2,000 × 34 days
        ([("03-30", "1000")], "04-23", [("04-23", "100")], "05-05", "16.65"),  # 900 × 37 days
    ],
)
def test_the_same_cases_cost_less_where_only_the_unpaid_part_bears_interest(
    spend: List[Tuple[str, str]], due: str, payments: List[Tuple[str, str]], next_statement: str, expected: str
) -> None:
    # Industrial and Commercial Bank of China, card rules: interest on what is unpaid, from the day of posting.
    assert _bill_interest(UNPAID_PART, spend, due, payments, next_statement) == yuan(expected)


@pytest.mark.parametrize(
    ("minimum_due", "paid_of_it", "expected"),
    [
        ("200", "100", "5.00"),  # China Construction Bank, FAQ of 2017: 5 % of what is unpaid
        ("80", "0", "5.00"),  # the same FAQ: at least 5 yuan
        ("300", "0", "15.00"),
        ("1000", "300", "35.00"),  # 10,000 spent and 300 paid of a tenth; quoted by wodefinance.com on late fees
        ("300", "300", "0.00"),
    ],
)
def test_late_fee_is_a_share_of_the_unpaid_minimum_with_a_floor(
    minimum_due: str, paid_of_it: str, expected: str
) -> None:
    policy = LateFee(rate=Decimal("0.05"), floor=Decimal("5.00"), cap=None)
    assert late_fee(yuan(minimum_due) - yuan(paid_of_it), policy) == yuan(expected)


@pytest.mark.parametrize("issuer", ISSUERS.values(), ids=ISSUERS)
def test_a_late_fee_stands_on_the_next_bill_as_china_construction_bank_explains_it(issuer: Policy) -> None:
    # China Construction Bank, FAQ of 2017: bill of 7 July over 2,000, 200 at least by 27 July, 100 paid on that day:
    # 5 yuan on the bill of August; more where the issuer's floor is higher.
    policy = changed(
        issuer, billing={"due_days": 20, "grace_days": 0}, minimum_payment={"purchase_share": Decimal("0.1")}
    )
    history = card(bought("06-20", "2000"), paid("07-27", "100"))
    before, after = (replay(history, policy, day(when)).bills[-1] for when in ("07-08", "08-08"))
    assert (before.balance, before.minimum_due) == (yuan("2000"), yuan("200"))
    interest = interest_billed(history, policy, day("08-07"))
    assert after.balance - yuan("1900") - interest == max(yuan("5"), issuer.late_fee.floor)


def test_no_late_fee_exceeds_500_where_the_issuer_caps_it_there() -> None:
    # Industrial and Commercial Bank of China, card charges: 5 % of the unpaid minimum, at most 500 yuan for each bill.
    assert late_fee(yuan("10000"), NO_GRACE.late_fee) == yuan("500")
    assert late_fee(yuan("10000.20"), NO_GRACE.late_fee) == yuan("500")
    assert late_fee(yuan("9999"), NO_GRACE.late_fee) == yuan("499.95")


def test_the_minimum_has_all_the_parts_that_bank_of_china_lists() -> None:
    # Bank of China, minimum repayment, as quoted by wodefinance.com: a tenth of what was spent, and all of instalments,
    # of the earlier unpaid minimum, of what exceeds the limit, of fees and of interest. Here 4,000 were spent, of which
    # 100 exceed the limit; 365 are an instalment, interest and fees; 200 of an earlier minimum are unpaid.
    owed = Owed(
        purchases=yuan("4000"),
        cash_advances=yuan("0"),
        in_full=yuan("365"),
        carried=yuan("0"),
        unpaid_minimum=yuan("200"),
        over_limit=yuan("100"),
    )
    assert minimum_payment(owed, DEMONSTRATION.minimum_payment) == yuan("365") + yuan("200") + yuan("100") + yuan("370")


def test_annualised_rate_of_twelve_terms_as_icbc_publishes_it() -> None:
    # Industrial and Commercial Bank of China, bill instalment: 12 terms at 7.2 % in all is 13.03 % a year.
    assert _monthly_flat_rate("12000", 12, "0.006") == Decimal("13.03")


class TestSharedVectors:
    """The same rules on the vectors that lie beside the project, where they are."""

    @pytest.fixture
    def vectors(self) -> Dict[str, List[Dict[str, Any]]]:
        if not Path(VECTORS).exists():
            pytest.skip("no shared vectors")
        found: Dict[str, List[Dict[str, Any]]] = json.loads(VECTORS.read_text(encoding="utf-8"))
        assert {"late_fee", "interest", "annualised_rate"} <= set(found)
        return found

    def test_late_fees(self, vectors: Dict[str, List[Dict[str, Any]]]) -> None:
        for case in vectors["late_fee"]:
            policy = LateFee(rate=Decimal(case["rate"]), floor=Decimal(case["floor"]), cap=None)
            assert late_fee(yuan(case["minimum_due"]) - yuan(case["paid"]), policy) == yuan(case["expected"]), case

    def test_interest(self, vectors: Dict[str, List[Dict[str, Any]]]) -> None:
        for case in vectors["interest"]:
            applies = [each for each in ISSUERS.values() if each.interest.basis.value == case["basis"]]
            assert applies, case
            for issuer in applies:
                interest = _bill_interest(
                    issuer,
                    [tuple(each) for each in case["spend"]],
                    case["due"],
                    [tuple(each) for each in case["payments"]],
                    case["next_statement"],
                )
                assert interest == yuan(case["expected"]), case

    def test_annualised_rates(self, vectors: Dict[str, List[Dict[str, Any]]]) -> None:
        for case in vectors["annualised_rate"]:
            found = _monthly_flat_rate(case["principal"], case["terms"], case["fee_rate_per_term"])
            assert found == Decimal(case["expected_percent"]), case
