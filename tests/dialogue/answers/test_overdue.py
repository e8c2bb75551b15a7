"""“My card is overdue”: each demonstration customer is helped with the bank's own figures."""

from __future__ import annotations

import pytest

from bank.client import BankClient
from bank.errors import NotEligible
from tests.dialogue.figures import days, on, yuan
from tests.dialogue.harness import Assistant, Reply

ASK = {"zh": "我的卡逾期了怎么办", "en": "my card is overdue what now"}
OVERDUE = [
    "demo-m1-first",
    "demo-m1-partial",
    "demo-m2",
    "demo-m4",
    "demo-pending",
    "demo-disputed",
    "demo-instalment",
    "demo-english",
]


def overdue_help(assistant: Assistant, customer: str, language: str = "zh") -> Reply:
    return assistant.conversation(customer, language)(ASK[language])


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("customer", OVERDUE)
def test_every_figure_is_the_banks(assistant: Assistant, bank: BankClient, customer: str, language: str) -> None:
    (card,) = bank.cards(customer)
    owed = bank.overdue(customer, card.id)
    said = overdue_help(assistant, customer, language)
    for amount in (owed.total, owed.principal, owed.interest, owed.remaining_minimum):
        assert yuan(amount) in said
    assert (yuan(owed.late_fee) in said) == bool(owed.late_fee)
    assert on(owed.due_date, language) in said
    assert days(owed.days_past_due, language) in said
    assert card.last4 in said


@pytest.mark.parametrize("customer", OVERDUE)
def test_only_requests_that_the_bank_would_take_are_offered(
    assistant: Assistant, bank: BankClient, customer: str
) -> None:
    (card,) = bank.cards(customer)
    titles = overdue_help(assistant, customer).titles
    for title, options in (("申请分期", bank.instalment_quotes), ("申请延期", bank.deferral_options)):
        try:
            offered = bool(options(customer, card.id))
        except NotEligible:
            offered = False
        assert (title in titles) is offered
    assert "找人工" in titles


@pytest.mark.parametrize(
    ("customer", "response"),
    [
        ("demo-due-soon", "utter_overdue_due"),
        ("demo-grace", "utter_overdue_in_grace"),
        ("demo-m1-first", "utter_overdue_overdue"),
        ("demo-clear", "utter_overdue_clear"),
    ],
)
def test_the_answer_fits_the_situation(assistant: Assistant, customer: str, response: str) -> None:
    assert overdue_help(assistant, customer).responses == [response]


def test_within_grace_the_last_day_is_named(assistant: Assistant, bank: BankClient) -> None:
    (card,) = bank.cards("demo-grace")
    owed = bank.overdue("demo-grace", card.id)
    first = overdue_help(assistant, "demo-grace").messages[0]["text"]
    assert f"最晚 {on(owed.grace_ends_on)} 还上 {yuan(owed.remaining_minimum)}，就算按时还款" in first


def test_a_long_overdue_customer_is_led_to_a_person(assistant: Assistant) -> None:
    said = overdue_help(assistant, "demo-m4")
    assert "人工可以和您商量一份适合您的还款协议，由银行审核" in said
    assert "申请分期" not in said.titles


def test_a_payment_on_its_way_is_not_forgotten(assistant: Assistant, bank: BankClient) -> None:
    (card,) = bank.cards("demo-pending")
    pending = bank.overdue("demo-pending", card.id).pending_payments
    assert pending
    first = overdue_help(assistant, "demo-pending").messages[0]["text"]
    assert first.startswith(f"您有 {yuan(pending)} 的还款正在入账，已经够现在的最低")


def test_a_disputed_sum_is_set_aside(assistant: Assistant, bank: BankClient) -> None:
    (card,) = bank.cards("demo-disputed")
    disputed = bank.overdue("demo-disputed", card.id).disputed
    assert disputed
    said = overdue_help(assistant, "demo-disputed")
    assert yuan(disputed) in said
    assert "暂时没有算进要还的钱里" in said


def test_a_running_instalment_is_shown(assistant: Assistant, bank: BankClient) -> None:
    (plan,) = bank.applications("demo-instalment")
    said = overdue_help(assistant, "demo-instalment")
    assert plan.reference in said
    assert plan.per_term is not None
    assert yuan(plan.per_term) in said


def test_two_cards_the_overdue_one_first_then_the_other(assistant: Assistant, bank: BankClient) -> None:
    first, second = bank.cards("demo-two-cards")
    talk = assistant.conversation("demo-two-cards")
    talk(ASK["zh"])
    assert talk.last.messages[0]["card"]["title"].endswith(f"（尾号 {first.last4}）")
    assert yuan(second.amount_due) in talk.last
    talk.press(f"看尾号 {second.last4}")
    assert talk.last.messages[0]["card"]["title"].endswith(f"（尾号 {second.last4}）")


def test_the_way_on_leads_to_paying(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-m1-first")
    talk(ASK["zh"])
    assert "手机银行App" in talk.press("怎么还款")
    assert talk.press("我已经还了").responses == ["utter_payments_none"]
