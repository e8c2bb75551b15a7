"""A deferral from the wish to the reference number, in both languages."""

from __future__ import annotations

from datetime import timedelta
from typing import List

import pytest

from bank.client import BankClient
from bank.models import DeferralOption, ReasonClass
from common import clock
from tests.dialogue.figures import on, rate, yuan
from tests.dialogue.harness import Assistant
from tests.dialogue.phone import Phones

ZH, EN = "demo-disputed", "demo-english"


def options(bank: BankClient, customer: str) -> List[DeferralOption]:
    return bank.deferral_options(customer, bank.cards(customer)[0].id)


def test_in_chinese_words(assistant: Assistant, bank: BankClient, phones: Phones) -> None:
    talk = assistant.conversation(ZH)
    talk("能不能宽限我一段时间再还")
    talk("公司拖欠工资")
    assert talk.last.responses == ["utter_reason_noted", "utter_first_date"]
    option = options(bank, ZH)[0]
    assert yuan(option.amount_due_then) in talk.last
    talk(f"{option.new_due_date.month}月{option.new_due_date.day}日")
    assert on(option.new_due_date) in talk.last
    for figure in (yuan(option.amount_due_then), yuan(option.extra_interest), rate(option.annualised_rate)):
        assert figure in talk.last
    talk("确认提交")
    talk(phones.code(ZH))
    (filed,) = phones.applications(ZH)
    assert filed.reference in talk.last
    assert (filed.new_due_date, filed.reason) == (option.new_due_date, ReasonClass.UNSTABLE_INCOME)


def test_in_english_words(assistant: Assistant, bank: BankClient, phones: Phones) -> None:
    talk = assistant.conversation(EN, language="en")
    talk("Can I have more time to pay?")
    talk("I'd rather not say")
    assert talk.last.responses == ["utter_first_date"]
    option = options(bank, EN)[0]
    talk.press(on(option.new_due_date, "en"))
    talk("yes")
    talk(phones.code(EN))
    (filed,) = phones.applications(EN)
    assert filed.reference in talk.last
    assert filed.reason is None
    assert filed.new_due_date == option.new_due_date


def test_a_day_of_the_customers_own(assistant: Assistant, bank: BankClient) -> None:
    wished = clock.today() + timedelta(days=12)
    talk = assistant.conversation(ZH)
    talk("我想延期")
    talk("/deny")
    said = talk(f"{wished.month}月{wished.day}日发工资")
    offered = bank.deferral_options(ZH, bank.cards(ZH)[0].id, until=wished)[0]
    assert offered.new_due_date == wished
    assert said.responses == ["utter_deferral_summary"]
    assert yuan(offered.amount_due_then) in said


def test_too_late_a_day(assistant: Assistant, bank: BankClient) -> None:
    talk = assistant.conversation(ZH)
    talk("我想延期")
    talk("/deny")
    too_late = clock.today() + timedelta(days=300)
    said = talk(f"{too_late.year}年{too_late.month}月{too_late.day}日")
    assert said.responses == ["utter_date_too_late", "utter_again_date"]
    assert [on(option.new_due_date) for option in options(bank, ZH)][0] in said.titles


def test_the_day_with_the_wish(assistant: Assistant) -> None:
    wished = clock.today() + timedelta(days=12)
    talk = assistant.conversation(ZH)
    assert talk(f"我想延期到{wished.month}月{wished.day}日还").responses == ["utter_first_reason"]
    said = talk("生病了")
    assert said.responses == ["utter_reason_noted", "utter_deferral_summary"]
    assert on(wished) in said


@pytest.mark.parametrize("text", ["不想说", "跳过", "不方便说", "不太想说"])
def test_the_reason_can_be_left_out(assistant: Assistant, text: str) -> None:
    talk = assistant.conversation(ZH)
    talk("/request_deferral")
    assert talk(text).responses == ["utter_first_date"]
    assert talk.tracker.get_slot("reason") == "withheld"


@pytest.mark.parametrize(
    ("text", "recorded"),
    [
        ("失业了", "unemployment"),
        ("生病住院了", "illness"),
        ("没人提醒我", "no_reminder"),
        ("忘了还", "forgot"),
        ("花太多了", "overspending"),
        ("生意不好做", "unstable_income"),
    ],
)
def test_the_reason_in_the_customers_own_words(assistant: Assistant, text: str, recorded: str) -> None:
    talk = assistant.conversation(ZH)
    talk("/request_deferral")
    talk(text)
    assert talk.tracker.get_slot("reason") == recorded
    assert talk.tracker.get_slot("requested_slot") == "date"


def test_the_day_is_corrected_at_the_confirmation(assistant: Assistant, bank: BankClient) -> None:
    first, second = options(bank, ZH)[:2]
    talk = assistant.conversation(ZH)
    talk("/request_deferral")
    talk("/deny")
    talk.press(on(first.new_due_date))
    said = talk(f"不对，{second.new_due_date.month}月{second.new_due_date.day}日")
    assert said.responses == ["utter_deferral_summary"]
    assert on(second.new_due_date) in said


def test_where_it_is_not_possible_the_reason_is_told(assistant: Assistant) -> None:
    said = assistant.conversation("demo-m4")("我想延期还款")
    assert "逾期的时间较长" in said
    assert "找人工" in said.titles
