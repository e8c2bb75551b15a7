"""“May I pay only the minimum?”"""

from __future__ import annotations

import pytest

from actions.minimum import ActionMinimumPayment
from tests.test_actions.builders import StubBank, summary
from tests.test_actions.talk import ask


@pytest.mark.parametrize(
    ("situation", "zh", "en"),
    [
        ("clear", "不用还最低", "so no minimum either"),
        ("minimum_paid", "您已经还够了，不算逾期；没还的 ¥2,880.00 会继续计利息", "The other ¥2,880.00 goes on"),
        ("due", "最晚 11月27日 周五 还 ¥320.00，就不算逾期，也没有违约金", "pay ¥320.00 by Fri 27 Nov"),
        ("in_grace", "最晚 11月23日 周一 还 ¥320.00，就算按时", "pay ¥320.00 by Mon 23 Nov"),
        ("overdue_first", "先还 ¥612.50，还上这张卡就不再逾期；已经产生的费用照旧", "Charges already made remain"),
    ],
)
def test_says_whether_it_is_enough_and_what_follows(situation: str, zh: str, en: str) -> None:
    assert zh in ask(ActionMinimumPayment, StubBank(situation)).first
    assert en in ask(ActionMinimumPayment, StubBank(situation), language="en").first


def test_the_rate_on_the_rest_is_annual_first() -> None:
    said = ask(ActionMinimumPayment, StubBank("due"))
    row = next(row for row in said.card["rows"] if "年化" in row["label"])
    assert (row["value"], row["note"], row["strong"]) == ("18.25%", "每天 0.05%", True)


@pytest.mark.parametrize(
    ("basis", "sentence"), [("full_balance", "按整期账单计利息"), ("unpaid_part", "只按没还的部分计利息")]
)
def test_the_basis_of_interest_is_the_banks(basis: str, sentence: str) -> None:
    said = ask(ActionMinimumPayment, StubBank(overdue=summary("due", interest_basis=basis)))
    assert sentence in said.card["note"]
