"""A booking that is wrong, from the customer's words to the bank's examination, in both languages."""

from __future__ import annotations

from typing import Iterator, List

import pytest

from bank.client import BankClient
from bank.models import Dispute, DisputeReason, DisputeStatus, Transaction, TransactionKind
from tests.dialogue.conftest import Outage
from tests.dialogue.figures import yuan
from tests.dialogue.harness import Assistant

ZH, EN = "demo-m1-first", "demo-english"


@pytest.fixture(autouse=True)
def _none_left_open(bank: BankClient) -> Iterator[None]:
    yield
    for customer in (ZH, EN):
        for each in open_ones(bank, customer):
            bank.withdraw_dispute(customer, each.reference, idempotency_key=f"clear-{each.reference}-00000000")


def open_ones(bank: BankClient, customer: str) -> List[Dispute]:
    return [each for each in bank.disputes(customer) if each.withdrawable]


def purchase(bank: BankClient, customer: str) -> Transaction:
    """The latest whose amount and description no other has."""
    booked = bank.transactions(customer, bank.cards(customer)[0].id)
    spent = [each for each in booked if each.kind is TransactionKind.PURCHASE and not each.disputed]
    alone = [
        each
        for each in spent
        if sum(each.amount == other.amount or each.description == other.description for other in spent) == 1
    ]
    return max(alone, key=lambda each: each.posted_on)


def test_in_chinese_words_by_its_amount(assistant: Assistant, bank: BankClient) -> None:
    wrong = purchase(bank, ZH)
    talk = assistant.conversation(ZH)
    said = talk("这笔消费不是我刷的")
    assert said.responses == ["utter_first_transaction"]
    assert yuan(wrong.amount) in said
    said = talk(f"{wrong.amount}元")
    assert said.responses == ["utter_dispute_summary"]
    assert "不是本人交易" in said
    assert open_ones(bank, ZH) == []
    talk("确认提交")
    (filed,) = open_ones(bank, ZH)
    assert filed.reference in talk.last
    assert (filed.transaction_id, filed.reason) == (wrong.id, DisputeReason.NOT_MINE)
    summary = bank.overdue(ZH, wrong.card_id)
    assert summary.disputed == wrong.amount
    assert yuan(summary.total) in talk("我现在一共欠多少钱")


def test_in_english_by_a_button_and_withdrawn(assistant: Assistant, bank: BankClient) -> None:
    talk = assistant.conversation(EN, language="en")
    talk("There is a transaction on my card I did not make")
    assert "utter_first_transaction" in talk.last.responses
    talk(talk.last.payload(talk.last.titles[0]))
    if talk.tracker.get_slot("requested_slot") == "wrong":
        talk.press("It was not me")
    assert talk.last.responses == ["utter_dispute_summary"]
    talk("yes")
    (filed,) = open_ones(bank, EN)
    assert filed.reference in talk.last
    assert filed.reference in talk("What is the status of my request?")
    talk("I want to withdraw my request")
    talk.press("Yes, withdraw it")
    assert bank.dispute(EN, filed.reference).status is DisputeStatus.WITHDRAWN


def test_what_is_wrong_in_own_words(assistant: Assistant, bank: BankClient) -> None:
    talk = assistant.conversation(ZH)
    talk("/dispute_charge")
    talk(f'/inform{{"transaction": "{purchase(bank, ZH).id}"}}')
    assert talk.last.responses == ["utter_first_wrong"]
    assert talk("扣了两次").responses == ["utter_dispute_summary"]
    assert "重复扣款" in talk.last
    talk("确认")
    (filed,) = open_ones(bank, ZH)
    assert filed.reason is DisputeReason.CHARGED_TWICE


def test_a_question_in_between(assistant: Assistant) -> None:
    talk = assistant.conversation(ZH)
    talk("/dispute_charge")
    assert talk("还款日是哪天").responses == ["utter_due_date", "utter_again_transaction"]


def test_a_no_files_nothing(assistant: Assistant, bank: BankClient) -> None:
    talk = assistant.conversation(ZH)
    talk("/dispute_charge")
    talk(f'/inform{{"transaction": "{purchase(bank, ZH).id}"}}')
    talk('/inform{"wrong": "cancelled"}')
    assert talk("不用了").responses == ["utter_dispute_declined"]
    assert open_ones(bank, ZH) == []


def test_somebody_elses_booking_is_not_found(assistant: Assistant, bank: BankClient) -> None:
    talk = assistant.conversation(ZH)
    talk("/dispute_charge")
    said = talk(f'/inform{{"transaction": "{purchase(bank, EN).id}"}}')
    assert said.responses == ["utter_missed_transaction"]


def test_a_visitor_is_told_to_block_the_card(assistant: Assistant) -> None:
    assert "挂失" in assistant.conversation(None)("我的卡被盗刷了")


@pytest.mark.parametrize(("customer", "language"), [(ZH, "zh"), (EN, "en")])
def test_the_bank_is_down_and_comes_back(assistant: Assistant, bank_down: Outage, customer: str, language: str) -> None:
    talk = assistant.conversation(customer, language)
    with bank_down():
        assert talk("/dispute_charge").responses == ["utter_request_kept"]
    assert talk("/retry").responses == ["utter_first_transaction"]
