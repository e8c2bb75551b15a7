"""Asking for a charge to be waived, from the wish to the reference number, in both languages."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bank.client import BankClient
from bank.models import ApplicationKind, ApplicationStatus, ReasonClass, WaiverKind
from tests.dialogue.conftest import Outage
from tests.dialogue.figures import yuan
from tests.dialogue.harness import Assistant
from tests.dialogue.phone import Phones

ZH, EN = "demo-m2", "demo-english"


def amount(bank: BankClient, customer: str, kind: WaiverKind = WaiverKind.LATE_FEE) -> Decimal:
    found = bank.waiver_options(customer, bank.cards(customer)[0].id)
    return next(option.amount for option in found if option.kind is kind)


def test_in_chinese_words(assistant: Assistant, bank: BankClient, phones: Phones) -> None:
    talk = assistant.conversation(ZH)
    assert talk("违约金能不能免").responses == ["utter_first_reason"]
    asked = amount(bank, ZH)
    talk("工资没发")
    assert talk.last.responses == ["utter_reason_noted", "utter_waiver_summary"]
    assert yuan(asked) in talk.last
    assert phones.applications(ZH) == []
    talk("确认提交")
    assert talk.last.responses == ["utter_first_proof"]
    talk(phones.code(ZH))
    (filed,) = phones.applications(ZH)
    assert filed.reference in talk.last
    assert (filed.kind, filed.amount) == (ApplicationKind.WAIVER, asked)
    assert filed.reason is ReasonClass.UNSTABLE_INCOME
    assert filed.reference in talk("我的申请怎么样了")


def test_in_english_words_and_withdrawn(assistant: Assistant, bank: BankClient, phones: Phones) -> None:
    asked = amount(bank, EN)
    talk = assistant.conversation(EN, language="en")
    talk("Please waive the late fee")
    talk("I'd rather not say")
    assert yuan(asked) in talk.last
    talk("yes")
    talk(phones.code(EN))
    (filed,) = phones.applications(EN)
    assert filed.reference in talk.last
    assert (filed.kind, filed.amount, filed.reason) == (ApplicationKind.WAIVER, asked, None)
    talk("I want to withdraw my request")
    talk.press("Yes, withdraw it")
    talk(phones.code(EN))
    assert bank.application(EN, filed.reference).status is ApplicationStatus.WITHDRAWN


def test_which_charge_is_asked_and_answered_in_a_word(assistant: Assistant, bank: BankClient) -> None:
    talk = assistant.conversation(ZH)
    assert talk("能减免吗").responses == ["utter_first_charge"]
    for kind in WaiverKind:
        assert yuan(amount(bank, ZH, kind)) in talk.last
    assert talk("违约金").responses == ["utter_first_reason"]
    assert talk.tracker.get_slot("charge") == "late_fee"


def test_a_question_in_between_is_answered_and_the_request_goes_on(assistant: Assistant) -> None:
    talk = assistant.conversation(ZH)
    talk("违约金能不能免")
    said = talk("还款日是哪天")
    assert said.responses == ["utter_due_date", "utter_again_reason"]
    assert talk.tracker.get_slot("charge") == "late_fee"


def test_a_card_without_charges_says_why_and_what_else(assistant: Assistant) -> None:
    said = assistant.conversation("demo-clear")("能不能减免违约金")
    assert said.responses == ["utter_waiver_not_eligible"]
    assert "目前没有可以减免的费用" in said
    assert "找人工" in said.titles


@pytest.mark.parametrize(("customer", "language"), [(ZH, "zh"), (EN, "en")])
def test_the_bank_is_down_and_comes_back(assistant: Assistant, bank_down: Outage, customer: str, language: str) -> None:
    talk = assistant.conversation(customer, language)
    with bank_down():
        assert talk('/request_fee_waiver{"charge": "late_fee"}').responses == ["utter_request_kept"]
    assert talk("/retry").responses == ["utter_first_reason"]
    assert talk.tracker.get_slot("charge") == "late_fee"
