"""A promise to pay from the customer's words to the bank's record, changed and withdrawn, in both languages."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Iterator

import pytest

from bank.client import BankClient
from bank.models import Promise, PromiseStatus
from common import clock
from tests.dialogue.conftest import Outage
from tests.dialogue.figures import on, yuan
from tests.dialogue.harness import Assistant

ZH, EN = "demo-m2", "demo-english"


@pytest.fixture(autouse=True)
def _none_left_open(bank: BankClient) -> Iterator[None]:
    yield
    for customer in (ZH, EN):
        for promise in bank.promises(customer):
            if promise.status is PromiseStatus.OPEN:
                bank.withdraw_promise(
                    customer, promise.reference, idempotency_key=f"clear-{promise.reference}-00000000"
                )


def newest(bank: BankClient, customer: str) -> Promise:
    return bank.promises(customer)[0]


def in_days(count: int) -> date:
    return clock.today() + timedelta(days=count)


def test_in_chinese_words_with_sum_and_day(assistant: Assistant, bank: BankClient) -> None:
    pay_on = in_days(9)
    talk = assistant.conversation(ZH)
    said = talk(f"我{pay_on.month}月{pay_on.day}日还500块")
    assert said.responses == ["utter_promise_summary"]
    assert on(pay_on) in said
    before = len(bank.promises(ZH))
    talk("确认")
    assert len(bank.promises(ZH)) == before + 1
    made = newest(bank, ZH)
    assert (made.amount, made.pay_on, made.status) == (Decimal("500.00"), pay_on, PromiseStatus.OPEN)
    assert made.reference in talk.last
    assert talk.tracker.active_loop_name is None


def test_in_english_words_one_after_the_other(assistant: Assistant, bank: BankClient) -> None:
    talk = assistant.conversation(EN, language="en")
    assert talk("I will pay soon").responses == ["utter_first_amount"]
    assert talk("300 yuan").responses == ["utter_first_pay_on"]
    assert talk("tomorrow").responses == ["utter_promise_summary"]
    talk("yes")
    made = newest(bank, EN)
    assert (made.amount, made.pay_on) == (Decimal("300.00"), in_days(1))
    assert made.reference in talk.last


def test_the_minimum_named_as_an_answer_is_one(assistant: Assistant, bank: BankClient) -> None:
    talk = assistant.conversation(ZH)
    talk("我周五还")
    said = talk("最低就行")
    assert said.responses == ["utter_promise_summary"]
    assert yuan(bank.overdue(ZH, bank.cards(ZH)[0].id).remaining_minimum) in said


def test_of_two_payments_the_first_is_noted(assistant: Assistant, bank: BankClient) -> None:
    talk = assistant.conversation(ZH)
    said = talk("我先还三千五剩下下个月15号")
    assert said.responses == ["utter_first_pay_on"]
    assert yuan(Decimal("3500.00")) in said
    said = talk("明天")
    assert said.responses == ["utter_promise_summary"]
    talk("确认")
    assert (newest(bank, ZH).amount, newest(bank, ZH).pay_on) == (Decimal("3500.00"), in_days(1))


@pytest.mark.parametrize(
    ("customer", "language", "first", "yes", "other", "state", "withdraw", "confirm"),
    [
        (ZH, "zh", "我明天还500块", "确认", "改成后天还", "我的申请怎么样了", "撤回我的申请", "确认撤回"),
        (
            EN,
            "en",
            "I will pay 500 yuan tomorrow",
            "yes",
            "I will pay the day after tomorrow",
            "What is the status of my request?",
            "I want to withdraw my request",
            "Yes, withdraw it",
        ),
    ],
)
def test_is_changed_shown_and_withdrawn(
    assistant: Assistant,
    bank: BankClient,
    customer: str,
    language: str,
    first: str,
    yes: str,
    other: str,
    state: str,
    withdraw: str,
    confirm: str,
) -> None:
    talk = assistant.conversation(customer, language)
    talk(first)
    talk(yes)
    made = newest(bank, customer)
    talk(f'/promise_to_pay{{"date": "{in_days(2).isoformat()}"}}')
    assert talk.last.responses == ["utter_promise_summary"]
    talk(yes)
    assert talk.last.responses == ["utter_promise_changed"]
    changed = bank.promise(customer, made.reference)
    assert (changed.amount, changed.pay_on) == (Decimal("500.00"), in_days(2))
    assert made.reference in talk(state)
    assert on(in_days(2), language) in talk.last
    talk(withdraw)
    assert made.reference in talk.last
    talk.press(confirm)
    assert talk.last.responses == ["utter_withdrawn"]
    assert bank.promise(customer, made.reference).status is PromiseStatus.WITHDRAWN


def test_too_late_a_day_is_refused_and_another_one_taken(assistant: Assistant, bank: BankClient) -> None:
    talk = assistant.conversation(ZH)
    too_late = in_days(80)
    talk(f'/promise_to_pay{{"amount": "500.00", "date": "{too_late.isoformat()}"}}')
    said = talk("/affirm")
    assert said.responses == ["utter_promise_not_possible", "utter_first_pay_on"]
    talk("明天")
    assert talk("/affirm").responses == ["utter_promise_filed"]
    assert newest(bank, ZH).pay_on == in_days(1)


def test_a_question_in_between(assistant: Assistant) -> None:
    talk = assistant.conversation(ZH)
    talk("我明天还")
    assert talk("怎么还款").responses == ["utter_repayment", "utter_again_amount"]
    assert talk.tracker.get_slot("pay_on") == in_days(1).isoformat()


def test_a_no_and_a_stop_note_nothing(assistant: Assistant, bank: BankClient) -> None:
    before = bank.promises(ZH)
    talk = assistant.conversation(ZH)
    talk("我明天还500块")
    assert talk("不用了").responses == ["utter_promise_declined"]
    talk.press("先停下")
    assert talk.tracker.active_loop_name is None
    assert bank.promises(ZH) == before


@pytest.mark.parametrize(("customer", "language"), [(ZH, "zh"), (EN, "en")])
def test_the_bank_is_down_and_comes_back(assistant: Assistant, bank_down: Outage, customer: str, language: str) -> None:
    talk = assistant.conversation(customer, language)
    with bank_down():
        assert talk('/promise_to_pay{"amount": "500.00"}').responses == ["utter_request_kept"]
    assert talk("/retry").responses == ["utter_first_pay_on"]


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "刚才那个能改成{day}号吗"), ("en", "no, make it {month} {day}")]
)
def test_a_correction_right_afterwards_changes_what_was_noted(
    assistant: Assistant, bank: BankClient, language: str, words: str
) -> None:
    customer = ZH if language == "zh" else EN
    first, then = in_days(3), in_days(5)
    talk = assistant.conversation(customer, language=language)
    talk(f'/promise_to_pay{{"amount": "500", "date": "{first.isoformat()}"}}')
    talk("/affirm")
    assert talk(words.format(day=then.day, month=f"{then:%B}")).responses == ["utter_promise_summary"]
    talk("/affirm")
    assert talk.last.responses == ["utter_promise_changed"]
    assert (newest(bank, customer).amount, newest(bank, customer).pay_on) == (Decimal("500.00"), then)


def test_a_correction_of_nothing_asks_what_is_meant(assistant: Assistant) -> None:
    assert assistant.conversation(ZH)("不对，是20号").responses == ["utter_loose_correct"]
    assert assistant.conversation(None)("不对，是20号").responses == ["utter_loose_correct"]
