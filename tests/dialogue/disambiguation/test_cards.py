"""With two cards the conversation stays with the one that it is about."""

from __future__ import annotations

import pytest

from bank.client import BankClient
from tests.dialogue.figures import on, yuan
from tests.dialogue.harness import Assistant


def test_the_card_of_the_last_answer_is_remembered(assistant: Assistant, bank: BankClient) -> None:
    overdue, due = bank.cards("demo-two-cards")
    talk = assistant.conversation("demo-two-cards")
    talk(f'/ask_due_date{{"card": "{due.last4}"}}')
    assert on(bank.overdue("demo-two-cards", due.id).due_date) in talk.last
    assert due.last4 in talk("/ask_minimum_payment").messages[0]["card"]["title"]
    assert overdue.last4 in talk.press(f"看尾号 {overdue.last4}").messages[0]["card"]["title"]
    assert overdue.last4 in talk("/ask_late_fee")


def test_a_written_ending_names_the_card(assistant: Assistant, bank: BankClient) -> None:
    _, due = bank.cards("demo-two-cards")
    talk = assistant.conversation("demo-two-cards")
    assert f"尾号 {due.last4}" in talk(f"尾号{due.last4}的卡要还多少钱").messages[0]["card"]["title"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_another_customers_card_is_not_found(assistant: Assistant, bank: BankClient, language: str) -> None:
    (foreign,) = bank.cards("demo-m2")
    talk = assistant.conversation("demo-two-cards", language)
    assert talk(f'/ask_amount_due{{"card": "{foreign.last4}"}}').responses == ["utter_card_unknown"]
    assert yuan(foreign.amount_due) not in talk.last


def test_how_much_shows_both_cards(assistant: Assistant, bank: BankClient) -> None:
    talk = assistant.conversation("demo-two-cards")
    talk("我欠了多少钱")
    for card in bank.cards("demo-two-cards"):
        assert yuan(bank.overdue("demo-two-cards", card.id).total) in talk.last


def test_no_entity_can_make_somebody_else_of_the_customer(assistant: Assistant, bank: BankClient) -> None:
    (foreign,) = bank.cards("demo-m2")
    talk = assistant.conversation(None)
    for trick in ('{"customer_id": "demo-m2"}', '{"card": "2958"}', '{"identity": "demo-m2"}'):
        talk(f"/overdue_help{trick}")
        assert talk.last.responses == ["utter_general_overdue"]
        assert yuan(foreign.amount_due) not in talk.last


def test_a_request_pressed_under_a_card_is_about_that_card(assistant: Assistant, bank: BankClient) -> None:
    overdue, _ = bank.cards("demo-two-cards")
    for title, ask_for_card in (("申请分期", "是哪一张卡"), ("申请延期", "是哪一张卡")):
        talk = assistant.conversation("demo-two-cards")
        talk("/overdue_help")
        assert ask_for_card not in talk.press(title)
        request_card = talk.tracker.get_slot("request_card")
        assert isinstance(request_card, dict)
        assert request_card["last4"] == overdue.last4
