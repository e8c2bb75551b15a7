"""What was filed is found again, and can be withdrawn while it is not decided."""

from __future__ import annotations

import pytest

from bank.client import BankClient
from bank.models import ApplicationStatus
from tests.dialogue.figures import yuan
from tests.dialogue.harness import Assistant, Conversation
from tests.dialogue.phone import Phones

ZH, EN = "demo-m2", "demo-english"


def file(assistant: Assistant, phones: Phones, customer: str, language: str = "zh", card: str = "") -> Conversation:
    talk = assistant.conversation(customer, language=language)
    talk(f'/request_instalment{{"card": "{card}"}}' if card else "/request_instalment")
    talk('/inform{"term": "12"}')
    talk("/affirm")
    talk(phones.code(customer))
    assert "utter_instalment_filed" in talk.last.responses
    return talk


@pytest.mark.parametrize(
    ("customer", "language", "question"),
    [(ZH, "zh", "我的申请怎么样了"), (EN, "en", "What is the status of my request?")],
)
def test_the_state_of_what_was_filed(
    assistant: Assistant, phones: Phones, customer: str, language: str, question: str
) -> None:
    talk = file(assistant, phones, customer, language)
    (filed,) = phones.applications(customer)
    later = assistant.conversation(customer, language=language)
    said = later(question)
    assert filed.reference in said
    assert yuan(filed.amount) in said
    assert talk.id != later.id


def test_the_newest_comes_first(assistant: Assistant, bank: BankClient, phones: Phones) -> None:
    file(assistant, phones, "demo-two-cards", card="3306")
    talk = file(assistant, phones, "demo-two-cards", card="9520")
    said = talk("申请进度")
    newest = [known.reference for known in bank.applications("demo-two-cards")][:2]
    shown = [message["card"]["subtitle"] for message in said.messages if "card" in message][:2]
    assert [reference in line for reference, line in zip(newest, shown, strict=True)] == [True, True]


@pytest.mark.parametrize(
    ("language", "question"), [("zh", "我的分期申请到哪一步了"), ("en", "How is my application going?")]
)
def test_none_says_so_and_offers_ways(assistant: Assistant, language: str, question: str) -> None:
    said = assistant.conversation("demo-clear", language=language)(question)
    assert said.responses == ["utter_no_applications"]
    assert said.titles


@pytest.mark.parametrize(
    ("customer", "language", "want", "confirm"),
    [(ZH, "zh", "撤回我的申请", "确认撤回"), (EN, "en", "I want to withdraw my request", "Yes, withdraw it")],
)
def test_withdrawing(
    assistant: Assistant, bank: BankClient, phones: Phones, customer: str, language: str, want: str, confirm: str
) -> None:
    talk = file(assistant, phones, customer, language)
    (filed,) = phones.applications(customer)
    talk(want)
    assert filed.reference in talk.last
    talk.press(confirm)
    assert talk.last.responses == ["utter_first_proof"]
    talk(phones.code(customer))
    assert talk.last.responses == ["utter_withdrawn"]
    assert bank.application(customer, filed.reference).status is ApplicationStatus.WITHDRAWN
    assert talk.tracker.active_loop_name is None


def test_of_two_one_is_chosen(assistant: Assistant, bank: BankClient, phones: Phones) -> None:
    customer = "demo-two-cards"
    file(assistant, phones, customer, card="3306")
    talk = file(assistant, phones, customer, card="9520")
    first, second = phones.applications(customer)
    talk("我要撤回申请")
    assert talk.last.titles[:2] == [first.reference, second.reference]
    talk.press(second.reference)
    talk.press("确认撤回")
    talk(phones.code(customer))
    assert [known.reference for known in phones.applications(customer)] == [first.reference]


def test_a_no_leaves_it(assistant: Assistant, phones: Phones) -> None:
    talk = file(assistant, phones, ZH)
    talk("撤回我的申请")
    assert "保持不变" in talk("不撤回了")
    assert len(phones.applications(ZH)) == 1


def test_a_plan_that_runs_cannot_be_withdrawn_here(assistant: Assistant) -> None:
    said = assistant.conversation("demo-instalment")("我要撤销分期")
    assert said.responses == ["utter_nothing_to_withdraw"]
    assert "找人工" in said.titles


def test_somebody_elses_reference_is_not_found(assistant: Assistant, phones: Phones) -> None:
    file(assistant, phones, ZH)
    (filed,) = phones.applications(ZH)
    talk = assistant.conversation("demo-instalment")
    said = talk(f'/cancel_application{{"reference": "{filed.reference}"}}')
    assert said.responses == ["utter_reference_unknown", "utter_nothing_to_withdraw"]
    assert "¥" not in said
