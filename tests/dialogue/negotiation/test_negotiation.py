"""Too much a month, so much a month, not before payday: other terms, another way or a person, and never in circles."""

from __future__ import annotations

from decimal import Decimal
from typing import List

import pytest

from bank.client import BankClient
from bank.models import InstalmentQuote
from desk.store import HandoverStore
from tests.dialogue.conftest import Outage
from tests.dialogue.figures import on, yuan
from tests.dialogue.harness import Assistant, Conversation
from tests.dialogue.phone import Phones

ZH, EN, M2 = "demo-m1-first", "demo-english", "demo-m2"


def quotes(bank: BankClient, customer: str) -> List[InstalmentQuote]:
    return bank.instalment_quotes(customer, bank.cards(customer)[0].id)


def within(bank: BankClient, customer: str, capacity: int) -> List[int]:
    return [quote.terms for quote in quotes(bank, customer) if quote.per_term <= Decimal(capacity)]


def at_terms(assistant: Assistant, customer: str = ZH, language: str = "zh") -> Conversation:
    talk = assistant.conversation(customer, language=language)
    assert talk("/request_instalment").responses == ["utter_first_term"]
    return talk


def at_confirmation(assistant: Assistant, terms: int, customer: str = ZH, language: str = "zh") -> Conversation:
    talk = at_terms(assistant, customer, language)
    assert talk(f'/inform{{"term": "{terms}"}}').responses == ["utter_instalment_summary"]
    return talk


def nothing_filed(talk: Conversation, phones: Phones, customer: str) -> bool:
    return talk.tracker.get_slot("confirmed") is None and phones.applications(customer) == []


@pytest.mark.parametrize(
    ("customer", "language", "text", "shown"),
    [(ZH, "zh", "我每月最多还800", "{}期"), (EN, "en", "I can pay 800 a month", "{} instalments")],
)
def test_while_the_term_is_asked_only_terms_within_reach_are_offered(
    assistant: Assistant, bank: BankClient, customer: str, language: str, text: str, shown: str
) -> None:
    talk = at_terms(assistant, customer, language)
    said = talk(text)
    assert said.responses == ["utter_terms_within"]
    assert said.titles[:-1] == [shown.format(terms) for terms in within(bank, customer, 800)[:4]]
    assert talk.tracker.get_slot("monthly_capacity") == "800.00"
    assert talk.tracker.get_slot("amount") is None
    offered = talk("/ask_due_date").titles  # the question comes again, with the same terms
    assert offered[-len(within(bank, customer, 800)) :] == [shown.format(n) for n in within(bank, customer, 800)]


@pytest.mark.parametrize(
    ("customer", "language", "text"),
    [(ZH, "zh", "我一个月只能拿出700"), (EN, "en", "no, I can only afford 500 per month")],
)
def test_an_offer_above_what_can_be_paid_is_taken_back_and_terms_that_fit_are_shown(
    assistant: Assistant, bank: BankClient, phones: Phones, customer: str, language: str, text: str
) -> None:
    talk = at_confirmation(assistant, 3, customer, language)
    assert talk(text).responses == ["utter_terms_within"]
    assert talk.tracker.get_slot("offer") is None
    talk(talk.last.payload(talk.last.titles[0]))
    assert talk.last.responses == ["utter_instalment_summary"]
    assert nothing_filed(talk, phones, customer)


def test_an_offer_within_what_can_be_paid_stays(assistant: Assistant, phones: Phones) -> None:
    talk = at_confirmation(assistant, 24)
    assert talk("我每个月能还1000").responses == ["utter_term_within", "utter_instalment_confirm"]
    assert nothing_filed(talk, phones, ZH)


@pytest.mark.parametrize(
    ("customer", "language", "text"),
    [
        (ZH, "zh", "一个月太多了"),
        (ZH, "zh", "太贵了"),
        (ZH, "zh", "每期能不能少一点"),
        (EN, "en", "that is too much a month"),
        (EN, "en", "too expensive"),
    ],
)
def test_too_much_leads_to_smaller_instalments(
    assistant: Assistant, bank: BankClient, phones: Phones, customer: str, language: str, text: str
) -> None:
    talk = at_confirmation(assistant, 6, customer, language)
    said = talk(text)
    assert said.responses == ["utter_term_declined"]
    for quote in quotes(bank, customer):
        assert (yuan(quote.per_term) in said) == (quote.terms > 6)
    assert talk.tracker.get_slot("term") is None
    assert nothing_filed(talk, phones, customer)


@pytest.mark.parametrize(
    ("customer", "language", "first", "second"),
    [(ZH, "zh", "一个月太多了", "还是太贵了"), (EN, "en", "that's too much a month", "still too much")],
)
def test_the_second_time_a_person_is_offered_who_learns_what_was_said(
    assistant: Assistant, desk: HandoverStore, customer: str, language: str, first: str, second: str
) -> None:
    talk = at_confirmation(assistant, 6, customer, language)
    talk(first)
    talk('/inform{"term": "12"}')
    assert talk(second).responses == ["utter_negotiation_failed"]
    talk("/request_human")
    wish = desk.open_wish(talk.id)
    assert wish is not None
    assert wish.trigger == "negotiation_failed"
    assert [(offer["request"], offer["terms"]) for offer in wish.notes["turned_down"]] == [
        ("instalment", 6),
        ("instalment", 12),
    ]


def test_all_terms_too_much_leads_to_the_question_what_would_do_and_a_bare_sum_answers_it(
    assistant: Assistant, bank: BankClient
) -> None:
    talk = at_terms(assistant)
    assert talk("每期都太高了").responses == ["utter_terms_declined"]
    assert talk("500").responses == ["utter_terms_within"]
    assert talk.tracker.get_slot("monthly_capacity") == "500.00"
    assert talk.tracker.get_slot("amount") is None
    assert talk.last.titles[:-1] == [f"{terms}期" for terms in within(bank, ZH, 500)[:4]]


def test_no_term_within_reach_leads_to_the_agreement_that_is(assistant: Assistant, bank: BankClient) -> None:
    talk = at_terms(assistant, M2)
    (agreed,) = bank.agreement_quotes(M2, bank.cards(M2)[0].id, monthly=Decimal(300))
    said = talk("我每月只能还300")
    assert said.responses == ["utter_none_within_declined"]
    assert f"{agreed.terms} 期，每期 {yuan(agreed.per_term)}" in said
    assert "找人工" in said.titles


def test_no_way_within_reach_leads_to_a_person_with_the_sum_on_record(
    assistant: Assistant, desk: HandoverStore
) -> None:
    talk = at_terms(assistant, EN, "en")
    said = talk("I can pay at most 60 a month")
    assert said.responses == ["utter_none_within_declined"]
    assert "¥60.00" in said
    talk.press("Talk to a person")
    wish = desk.open_wish(talk.id)
    assert wish is not None
    assert wish.notes["monthly_capacity"] == "60.00"


@pytest.mark.parametrize(
    ("customer", "language", "text"),
    [(ZH, "zh", "我10号才发工资"), (EN, "en", "not before my salary on the 10th")],
)
def test_payday_inside_the_request_is_held_against_the_first_instalment(
    assistant: Assistant, bank: BankClient, customer: str, language: str, text: str
) -> None:
    talk = at_terms(assistant, customer, language)
    said = talk(text)
    assert said.responses == ["utter_first_due_and_payday", "utter_again_term"]
    assert on(quotes(bank, customer)[0].first_due_on, language) in said
    assert talk.tracker.active_loop_name == "instalment_form"


def test_a_payday_after_the_first_instalment_leads_to_a_deferral(assistant: Assistant, bank: BankClient) -> None:
    talk = at_confirmation(assistant, 12)
    first = quotes(bank, ZH)[0].first_due_on
    later = first.replace(day=28)
    talk(f"{later.month}月{later.day}号发工资以后才行")
    assert talk.last.responses[0] == "utter_first_due_and_payday"
    assert ("申请延期" in talk.last.titles) == (first < later)


@pytest.mark.parametrize(
    ("customer", "language", "text"),
    [
        (ZH, "zh", "我每月最多还800"),
        (ZH, "zh", "一个月一千以内我还得起"),
        (EN, "en", "I can pay 800 a month"),
        (EN, "en", "600 a month"),
    ],
)
def test_outside_a_request_the_way_that_fits_is_recommended(
    assistant: Assistant, customer: str, language: str, text: str
) -> None:
    talk = assistant.conversation(customer, language=language)
    said = talk(text)
    assert said.responses == ["utter_negotiation"]
    assert talk.tracker.active_loop_name is None
    talk(said.payload(said.titles[0]))
    assert talk.last.responses in (["utter_instalment_summary"], ["utter_repayment"])


def test_a_sum_with_the_wish_for_instalments_starts_them_with_what_is_within_reach(
    assistant: Assistant, bank: BankClient
) -> None:
    talk = assistant.conversation(EN, language="en")
    assert talk("I want instalments, I can put aside 600 each month").responses == ["utter_terms_within"]
    assert talk.last.titles[0] == f"{within(bank, EN, 600)[0]} instalments"


def test_too_much_with_the_wish_for_instalments_shows_what_there_is(assistant: Assistant) -> None:
    talk = assistant.conversation(EN, language="en")
    assert talk("that is more than I can pay each month, by instalments please").responses == ["utter_first_term"]


@pytest.mark.parametrize(
    ("customer", "language", "text", "answer"),
    [
        (ZH, "zh", "一个月太多了", "600"),
        (EN, "en", "I can't afford that every month", "600"),
    ],
)
def test_outside_a_request_too_much_leads_to_the_question_and_its_answer_to_a_way(
    assistant: Assistant, customer: str, language: str, text: str, answer: str
) -> None:
    talk = assistant.conversation(customer, language=language)
    assert talk(text).responses == ["utter_capacity_ask"]
    assert talk(answer).responses == ["utter_negotiation"]
    assert talk.tracker.get_slot("monthly_capacity") == "600.00"


@pytest.mark.parametrize(
    ("customer", "language", "text"),
    [(ZH, "zh", "我10号才发工资"), (EN, "en", "not before my salary on the 10th")],
)
def test_outside_a_request_payday_leads_to_a_deferral_until_that_day(
    assistant: Assistant, phones: Phones, customer: str, language: str, text: str
) -> None:
    talk = assistant.conversation(customer, language=language)
    said = talk(text)
    assert said.responses == ["utter_payday"]
    talk.press("申请延期" if language == "zh" else "Ask for more time")
    assert talk.tracker.active_loop_name == "deferral_form"
    assert str(talk.tracker.get_slot("date")).endswith("-10")
    assert phones.applications(customer) == []


def test_a_payday_without_a_day_is_asked_for(assistant: Assistant) -> None:
    talk = assistant.conversation(ZH)
    assert talk("得等工资到账").responses == ["utter_payday_ask"]
    assert talk("10号").responses == ["utter_payday"]


def test_what_can_be_paid_is_kept_for_the_comparison(assistant: Assistant) -> None:
    talk = assistant.conversation(M2)
    talk("我每月最多还400")
    talk.press("比较各种办法")
    assert talk.last.responses == ["utter_ways"]
    assert "¥400.00" in talk.last


def test_another_request_waits_while_it_is_talked_about(assistant: Assistant) -> None:
    talk = assistant.conversation(ZH)
    talk("/request_deferral")
    assert talk("我每月最多还800").responses[0] == "utter_negotiation"
    assert talk.tracker.active_loop_name == "deferral_form"


def test_a_payload_cannot_set_what_can_be_paid_to_nonsense(assistant: Assistant) -> None:
    talk = at_terms(assistant)
    talk('/inform{"monthly": "lots", "monthly_capacity": "1"}')
    assert talk.tracker.get_slot("monthly_capacity") is None


def test_a_visitor_is_asked_to_sign_in(assistant: Assistant) -> None:
    talk = assistant.conversation(None)
    assert talk("我每月最多还800").responses == ["utter_sign_in_needed"]
    assert talk.tracker.get_slot("monthly_capacity") is None


def test_while_the_bank_is_down_nothing_said_is_lost(assistant: Assistant, bank_down: Outage) -> None:
    talk = at_terms(assistant)
    with bank_down():
        talk("我每月最多还800")
    assert talk.tracker.active_loop_name == "instalment_form"
    assert talk.tracker.get_slot("monthly_capacity") == "800.00"


@pytest.mark.parametrize(
    ("language", "texts", "no"),
    [
        ("zh", ["12期", "太多了", "我一个月只能拿出600"], "不行"),
        ("en", ["12 months", "that is too much", "I can only pay 600 a month"], "no, that does not work"),
    ],
)
def test_who_says_what_a_month_may_cost_gets_an_offer_first_then_a_person(
    assistant: Assistant, language: str, texts: List[str], no: str
) -> None:
    talk = assistant.conversation(M2, language=language)
    talk("/request_instalment")
    for text in texts:
        talk(text)
    assert talk.last.responses == ["utter_none_within_declined"]
    assert talk(no).responses == ["utter_negotiation_failed"]
    assert "/request_human" in [button["payload"] for message in talk.last.messages for button in message["buttons"]]
