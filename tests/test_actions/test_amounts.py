"""“How much do I owe?”"""

from __future__ import annotations

import pytest

from actions.amounts import ActionAmountDue
from bank.errors import NotFound
from tests.test_actions.builders import StubBank, card, summary, two_cards
from tests.test_actions.talk import ask


@pytest.mark.parametrize(
    ("situation", "zh", "en"),
    [
        ("clear", "现在没有要还的钱", "There is nothing to pay now"),
        ("minimum_paid", "还有 ¥2,880.00 没还；最低还款额已经还够了", "There is ¥2,880.00 left to pay"),
        ("due", "一共要还 ¥3,200.00，最低还 ¥320.00，最晚 11月27日 周五 还", "¥3,200.00 to pay for this statement"),
        ("in_grace", "最晚 11月23日 周一 还上都算按时", "paid by Mon 23 Nov it counts as on time"),
        ("overdue_first", "一共要还 ¥5,112.50；先还上 ¥612.50，就不再逾期", "You owe ¥5,112.50 now"),
    ],
)
def test_the_first_sentence_says_how_much(situation: str, zh: str, en: str) -> None:
    assert zh in ask(ActionAmountDue, StubBank(situation)).first
    assert en in ask(ActionAmountDue, StubBank(situation), language="en").first


def test_the_parts_of_the_sum_are_shown() -> None:
    rows = ask(ActionAmountDue, StubBank(overdue=summary(other_fees="12.00", total="5124.50"))).rows
    assert (rows["其中：本金"], rows["利息"], rows["违约金"], rows["其他费用"]) == (
        "¥5,000.00",
        "¥87.50",
        "¥25.00",
        "¥12.00",
    )


def test_all_cards_are_listed_where_none_is_named() -> None:
    said = ask(ActionAmountDue, two_cards("due", "overdue_months"), slots={"card": "1234"})
    assert list(said.rows.items()) == [("畅行白金卡（尾号 5678）", "¥8,381.20"), ("悦享金卡（尾号 1234）", "¥3,200.00")]
    assert "已逾期44天，还上 ¥1,905.40 就不再逾期" in said
    assert said.payloads[:2] == ['/ask_amount_due{"card": "5678"}', '/ask_amount_due{"card": "1234"}']
    assert said.slot("card") == "1234"


def test_the_list_computes_no_total_of_all_cards() -> None:
    said = ask(ActionAmountDue, two_cards("due", "overdue_months"))
    assert "11,581.20" not in said


def test_a_named_card_is_shown_alone() -> None:
    said = ask(ActionAmountDue, two_cards("due", "overdue_months"), entities={"card": "尾号1234"})
    assert said.card["title"] == "悦享金卡（尾号 1234）"
    assert "¥8,381.20" not in said


def test_a_card_without_a_bill_is_in_the_list_too() -> None:
    bank = two_cards("due", "clear")
    bank._answers["overdue"]["card-2"] = NotFound("GET …", "not-found", 404)
    assert ask(ActionAmountDue, bank).rows["畅行白金卡（尾号 5678）"] == "¥0.00"


def test_many_cards_are_all_listed_but_get_few_buttons() -> None:
    cards = [card(id=f"k-{n}", last4=f"000{n}") for n in range(1, 8)]
    said = ask(ActionAmountDue, StubBank("clear", cards=cards))
    assert len(said.rows) == 7
    assert len(said.titles) == 5


@pytest.mark.parametrize(("situation", "offered"), [("due", True), ("overdue_months", True), ("overdue_long", False)])
def test_instalments_are_not_offered_for_a_debt_too_old(situation: str, offered: bool) -> None:
    assert ('/request_instalment{"card": "1234"}' in ask(ActionAmountDue, StubBank(situation)).payloads) is offered
