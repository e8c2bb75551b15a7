"""“How do interest and late fee come about?”"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from actions.fees import ActionLateFee
from bank.models import FeeItem, FeeKind
from tests.test_actions.builders import StubBank, interest, late_fee, summary
from tests.test_actions.talk import Said, ask


def fees(*items: FeeItem, language: str = "zh", **changes: Any) -> Said:
    return ask(ActionLateFee, StubBank(overdue=summary(items=list(items), **changes)), language=language)


def note_of(said: Said) -> str:
    return str(said.card["rows"][0]["note"])


def test_interest_is_explained_by_basis_days_and_rate() -> None:
    assert note_of(fees(interest())) == (
        "¥5,000.00 × 35天（10月4日 周日 至 11月7日 周六），年化 18.25%（每天 0.05%）。11月7日 周六 记入账单。"
    )
    assert note_of(fees(interest(), language="en")) == (
        "¥5,000.00 × 35 days (Sun 4 Oct to Sat 7 Nov), 18.25% a year (0.05% a day). Billed on Sat 7 Nov."
    )


def test_interest_that_is_not_billed_yet_says_so() -> None:
    assert note_of(fees(interest(posted_on=None))).endswith("还没记入账单。")


def test_interest_at_an_earlier_rate_is_not_given_todays_annual_rate() -> None:
    assert "年化" not in note_of(fees(interest(rate=Decimal("0.0004"))))


@pytest.mark.parametrize(
    ("floor", "cap", "bounds"),
    [
        ("10.00", "500.00", "，不足 ¥10.00 按 ¥10.00 收，最多收 ¥500.00"),
        ("10.00", None, "，不足 ¥10.00 按 ¥10.00 收"),
        (None, "500.00", "，最多收 ¥500.00"),
        (None, None, ""),
    ],
)
def test_a_late_fee_is_explained_with_its_bounds(floor: object, cap: object, bounds: str) -> None:
    said = fees(late_fee(floor=floor, cap=cap))
    assert note_of(said) == f"没还够的最低还款额 ¥500.00 × 5.00%{bounds}。还没记入账单。"


@pytest.mark.parametrize("kind", [FeeKind.INSTALMENT_INTEREST, FeeKind.OTHER])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_other_charges_are_listed_too(kind: FeeKind, language: str) -> None:
    said = fees(interest(kind=kind, amount=Decimal("36.00")), language=language)
    assert "¥36.00" in said.rows.values()


def test_the_annual_rate_comes_first_and_strong() -> None:
    rows = fees(interest()).card["rows"]
    labels = [row["label"] for row in rows]
    annual, daily = labels.index("年化利率（单利）"), labels.index("日利率")
    assert annual < daily
    assert rows[annual]["strong"]
    assert not rows[daily].get("strong")


def test_the_late_fee_bears_no_interest() -> None:
    assert "违约金本身不再计利息" in fees(late_fee())


@pytest.mark.parametrize(
    ("basis", "sentence"),
    [("full_balance", "按整期账单计利息"), ("unpaid_part", "只按没还的部分计利息")],
)
def test_the_banks_basis_of_interest_is_explained(basis: str, sentence: str) -> None:
    assert sentence in fees(interest(), interest_basis=basis)


@pytest.mark.parametrize(
    ("changes", "zh"),
    [
        ({}, "利息 ¥87.50、违约金 ¥25.00"),
        ({"late_fee": "0.00"}, "利息 ¥87.50，没有违约金"),
        ({"interest": "0.00"}, "违约金 ¥25.00，没有利息"),
    ],
)
def test_the_first_sentence_gives_the_banks_sums(changes: dict, zh: str) -> None:
    assert zh in fees(interest(), **changes).first


def test_without_charges_the_rates_are_still_told() -> None:
    said = ask(ActionLateFee, StubBank("due"))
    assert said.first.startswith("这张卡现在没有利息，也没有违约金")
    assert said.rows["年化利率（单利）"] == "18.25%"


def test_many_charges_are_folded_up_under_the_banks_sums() -> None:
    said = fees(late_fee(), interest(), interest(posted_on=None), interest(), other_fees="12.00")
    assert (said.rows["利息合计"], said.rows["违约金合计"], said.rows["其他费用合计"]) == ("¥87.50", "¥25.00", "¥12.00")
    (details,) = said.card["details"]
    assert details["summary"] == "每一笔怎么来的（4 笔）"
    assert [row["label"] for row in details["rows"]] == ["利息", "利息", "利息", "违约金"]
    assert "¥5,000.00 × 35天" in details["rows"][0]["note"]


def test_few_charges_are_shown_at_once() -> None:
    said = fees(late_fee(), interest())
    assert [row["label"] for row in said.card["rows"]][:2] == ["利息", "违约金"]
    assert "details" not in said.card
    assert "利息合计" not in said.rows
