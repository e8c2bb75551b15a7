"""“I have paid”: what the bank has received."""

from __future__ import annotations

from bank.client import BankClient
from tests.dialogue.figures import on, yuan
from tests.dialogue.harness import Assistant


def test_a_payment_on_its_way_is_shown_with_its_day(assistant: Assistant, bank: BankClient) -> None:
    (card,) = bank.cards("demo-pending")
    pending = next(p for p in bank.payments("demo-pending", card.id) if p.status.value == "pending")
    said = assistant.conversation("demo-pending")("我已经还钱了怎么还显示逾期")
    assert "您的还款在路上" in said
    assert yuan(pending.amount) in said
    assert f"预计 {on(pending.posts_on)} 入账" in said


def test_a_part_payment_is_shown_and_what_is_left(assistant: Assistant, bank: BankClient) -> None:
    (card,) = bank.cards("demo-m1-partial")
    owed = bank.overdue("demo-m1-partial", card.id)
    said = assistant.conversation("demo-m1-partial")("/report_payment_made")
    assert "银行已经入账" in said
    assert yuan(owed.paid_since) in said
    assert f"还差 {yuan(owed.remaining_minimum)} 才不逾期" in said


def test_none_found_offers_a_person(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-m2")
    assert talk("/report_payment_made").responses == ["utter_payments_none"]
    assert talk.press("找人工查").responses == ["utter_human_recorded"]


def test_a_way_to_pay_by_its_mere_name_is_answered(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-m1-first")
    assert talk("支付宝可以吗").responses == ["utter_repayment_by"]
    talk("我要分期，12期")
    assert talk("支付宝可以吗").responses == ["utter_repayment_by", "utter_instalment_confirm"]
