"""Instalments from the wish to the reference number, in both languages, in words and by buttons."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Dict, List

import pytest

from bank.client import BankClient
from bank.models import ApplicationKind, ApplicationStatus, InstalmentQuote
from tests.dialogue.figures import on, rate, yuan
from tests.dialogue.harness import Assistant, Conversation
from tests.dialogue.phone import Phones

ZH, EN = "demo-m1-first", "demo-english"


def quotes(bank: BankClient, customer: str, **asked: Any) -> List[InstalmentQuote]:
    return bank.instalment_quotes(customer, bank.cards(customer)[0].id, **asked)


def of(terms: int, offered: List[InstalmentQuote]) -> InstalmentQuote:
    return next(quote for quote in offered if quote.terms == terms)


def card(talk: Conversation) -> Dict[str, Any]:
    found: Dict[str, Any] = next(message["card"] for message in talk.last.messages if "card" in message)
    return found


def test_in_chinese_words(assistant: Assistant, bank: BankClient, phones: Phones) -> None:
    talk = assistant.conversation(ZH)
    talk("我想分期还")
    assert card(talk)["table"]["rows"] == [
        [f"{q.terms}期", yuan(q.per_term), yuan(q.total_interest), yuan(q.total_cost), rate(q.annualised_rate)]
        for q in quotes(bank, ZH)
    ]
    talk("12期吧")
    chosen = of(12, quotes(bank, ZH))
    assert yuan(chosen.total_cost) in talk.last
    assert [row[-1] for row in card(talk)["details"][1]["table"]["rows"]] == [yuan(i.total) for i in chosen.schedule]
    assert "综合融资成本明示表" in talk.last
    assert phones.applications(ZH) == []
    talk("确认")
    assert bank.customer(ZH).masked_phone in talk.last
    assert talk.last.messages[-1]["expects"] == "code"
    talk(phones.code(ZH))
    (filed,) = phones.applications(ZH)
    assert filed.reference in talk.last
    assert filed.answer_by is not None
    assert on(filed.answer_by) in talk.last
    assert (filed.kind, filed.terms, filed.amount) == (ApplicationKind.INSTALMENT, 12, chosen.amount)
    assert filed.status in (ApplicationStatus.SUBMITTED, ApplicationStatus.IN_REVIEW)


def test_in_english_words(assistant: Assistant, bank: BankClient, phones: Phones) -> None:
    talk = assistant.conversation(EN, language="en")
    talk("Can I pay this off in instalments?")
    talk("6 months")
    assert "The whole cost" in talk.last
    assert yuan(of(6, quotes(bank, EN)).per_term) in talk.last
    talk("yes, I confirm")
    talk(f"the code is {phones.code(EN)}")
    (filed,) = phones.applications(EN)
    assert filed.reference in talk.last
    assert filed.terms == 6


@pytest.mark.parametrize(
    ("customer", "language", "want", "term", "confirm"),
    [
        (ZH, "zh", "/request_instalment", "3期", "确认提交"),
        (EN, "en", "/request_instalment", "3 instalments", "Yes, file it"),
    ],
)
def test_by_buttons(
    assistant: Assistant, phones: Phones, customer: str, language: str, want: str, term: str, confirm: str
) -> None:
    talk = assistant.conversation(customer, language=language)
    talk(want)
    talk.press(term)
    talk.press(confirm)
    talk(phones.code(customer))
    assert [filed.terms for filed in phones.applications(customer)] == [3]


def test_everything_in_one_sentence(assistant: Assistant, bank: BankClient) -> None:
    talk = assistant.conversation(ZH)
    talk("我要分期，分3000元，12期")
    chosen = of(12, quotes(bank, ZH, amount=Decimal("3000")))
    assert talk.last.responses == ["utter_instalment_summary"]
    assert yuan(chosen.total_interest) in talk.last
    assert "¥3,000.00 分 12 期" in talk.last


def test_of_two_cards_that_owe_one_is_chosen(assistant: Assistant, bank: BankClient) -> None:
    talk = assistant.conversation("demo-two-cards")
    talk("我要分期")
    cards = bank.cards("demo-two-cards")
    assert talk.last.titles == [f"尾号 {known.last4}" for known in cards if known.amount_due]
    for known in cards:
        assert yuan(known.amount_due) in talk.last
    talk(cards[1].last4)
    assert f"尾号 {cards[1].last4}" in talk.last
    assert talk.last.responses == ["utter_first_term"]


def test_a_term_that_is_not_offered(assistant: Assistant) -> None:
    talk = assistant.conversation(ZH)
    talk("我要分期")
    assert "没有 7 期" in talk("7期")
    assert talk("12").responses == ["utter_instalment_summary"]


def test_too_small_an_amount(assistant: Assistant) -> None:
    talk = assistant.conversation(ZH)
    talk("我要分期")
    said = talk("只分100块")
    assert "¥100.00 不能单独办理分期" in said
    assert said.titles


@pytest.mark.parametrize(
    ("customer", "reason"), [("demo-m4", "逾期的时间较长"), ("demo-instalment", "已经有一份申请或计划")]
)
def test_where_it_is_not_possible_the_reason_and_other_ways_are_told(
    assistant: Assistant, customer: str, reason: str
) -> None:
    talk = assistant.conversation(customer)
    said = talk("我想分期")
    assert reason in said
    assert "找人工" in said.titles
    assert talk.tracker.active_loop_name is None


def test_who_owes_nothing_is_told_so(assistant: Assistant) -> None:
    assert assistant.conversation("demo-clear")("我想分期").responses == ["utter_request_nothing_due"]


def test_a_visitor_is_invited_to_sign_in(assistant: Assistant) -> None:
    talk = assistant.conversation()
    assert talk("我要分期").responses == ["utter_sign_in_needed"]
    assert talk("12期").responses != ["utter_sign_in_needed"]
