"""“I have paid already.”"""

from __future__ import annotations

from datetime import date

import pytest

from actions.payments import ActionPaymentMade
from bank.models import Payment, PaymentStatus
from tests.test_actions.builders import StubBank, payment, summary, two_cards
from tests.test_actions.talk import Said, ask

POSTED = payment(id="p-2", status=PaymentStatus.POSTED, made_on=date(2026, 11, 18), posts_on=date(2026, 11, 18))
FAILED = payment(id="p-3", status=PaymentStatus.FAILED)
EARLIER = payment(id="p-0", status=PaymentStatus.POSTED, made_on=date(2026, 10, 3), posts_on=date(2026, 10, 3))


def paid(*payments: Payment, situation: str = "overdue_first", language: str = "zh") -> Said:
    return ask(ActionPaymentMade, StubBank(situation, payments=list(payments)), language=language)


@pytest.mark.parametrize(
    ("payments", "zh", "en"),
    [
        ([payment()], "您的还款在路上，银行还没入账", "on its way and not booked yet"),
        ([POSTED], "银行已经入账", "The bank has booked your payment"),
        ([POSTED, payment()], "在路上", "on its way"),
        ([FAILED], "没有成功", "did not go through"),
        ([FAILED, POSTED], "银行已经入账", "has booked"),
        ([], "10月24日 周六 出账单以来，银行还没有收到您的还款", "has not received a payment since the statement"),
        ([EARLIER], "银行还没有收到您的还款", "has not received"),
    ],
)
def test_the_first_sentence_says_what_the_bank_has(payments: list, zh: str, en: str) -> None:
    assert zh in paid(*payments).first
    assert en in paid(*payments, language="en").first


@pytest.mark.parametrize(
    ("situation", "zh"),
    [
        ("overdue_first", "还差 ¥612.50 才不逾期"),
        ("in_grace", "还差 ¥320.00，最晚 11月23日 周一 还上就算按时"),
        ("minimum_paid", "没有逾期；还剩 ¥2,880.00 没还"),
    ],
)
def test_then_says_what_is_left_in_the_banks_figures(situation: str, zh: str) -> None:
    assert zh in paid(payment(), situation=situation).first


def test_each_payment_is_shown_with_its_days() -> None:
    row = paid(payment()).card["rows"][0]
    assert row == {
        "label": "¥300.00，银行转账",
        "value": "入账中",
        "note": "11月20日 周五 还到尾号 1234，预计 11月23日 周一 入账",
    }


def test_only_the_latest_five_are_shown() -> None:
    many = [payment(id=f"p-{day}", made_on=date(2026, 11, day)) for day in range(1, 9)]
    notes = [row.get("note", "") for row in paid(*many).card["rows"]]
    assert [note[:5] for note in notes if "还到" in note] == ["11月8日", "11月7日", "11月6日", "11月5日", "11月4日"]


def test_none_found_says_what_to_have_at_hand_and_offers_a_person() -> None:
    said = paid(EARLIER)
    assert {"还款时间", "还款方式", "回单或截图"} <= said.rows.keys()
    assert said.rows["更早的一笔（10月3日 周六）"] == "¥300.00"
    assert said.payloads[0] == "/request_human"


def test_finds_the_payment_that_went_to_the_other_card() -> None:
    bank = two_cards("overdue_first", "minimum_paid")
    bank._answers["payments"] = {"card-1": [], "card-2": [payment(card_id="card-2")]}
    said = ask(ActionPaymentMade, bank)
    assert "尾号 1234 的卡没有查到新的还款，不过您另一张卡有" in said.first
    assert "还到尾号 5678" in said


def test_the_other_cards_automatic_debit_is_no_lost_payment() -> None:
    bank = two_cards("overdue_first", "minimum_paid")
    bank._answers["payments"] = {"card-1": [], "card-2": [payment(card_id="card-2", channel="auto_debit")]}
    said = ask(ActionPaymentMade, bank)
    assert said.responses == ["utter_payments_none"]
    assert "5678" not in said


def test_a_payment_of_the_statement_day_itself_counts_as_new() -> None:
    told = summary()
    assert "银行已经入账" in paid(payment(status=PaymentStatus.POSTED, made_on=told.statement_date)).first
