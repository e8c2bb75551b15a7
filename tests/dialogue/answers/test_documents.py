"""The statement and the settlement certificate as files, in both languages."""

from __future__ import annotations

import pytest

from bank.client import BankClient
from bank.errors import NotFound
from tests.dialogue.conftest import Outage
from tests.dialogue.harness import Assistant

CLEAR, OWING, EN = "demo-clear", "demo-m2", "demo-english"


def link(assistant: Assistant, customer: str, message: str, language: str = "zh") -> str:
    """The id of the document behind the link that is the answer."""
    said = assistant.conversation(customer, language)(message)
    assert said.responses == ["utter_document_issued"]
    shown = said.messages[0]["link"]
    assert shown["action"] == "download"
    return str(shown["document"])


def test_a_settlement_certificate_in_words(assistant: Assistant, bank: BankClient) -> None:
    document = link(assistant, CLEAR, "帮我开一份结清证明")
    assert bank.document_content(CLEAR, document).startswith(b"%PDF-")


def test_the_statement_by_a_button_in_english(assistant: Assistant, bank: BankClient) -> None:
    talk = assistant.conversation(EN, "en")
    talk("I need my statement")
    said = talk.press("Statement as a PDF")
    document = said.messages[0]["link"]["document"]
    assert bank.document_content(EN, document).startswith(b"%PDF-")


def test_it_is_the_customers_alone(assistant: Assistant, bank: BankClient) -> None:
    document = link(assistant, CLEAR, '/request_document{"paper": "statement"}')
    with pytest.raises(NotFound):
        bank.document_content(OWING, document)


@pytest.mark.parametrize(
    ("customer", "language", "wish"), [(OWING, "zh", "帮我开一份结清证明"), (EN, "en", "I need a proof of settlement")]
)
def test_no_certificate_while_something_is_owed(assistant: Assistant, customer: str, language: str, wish: str) -> None:
    said = assistant.conversation(customer, language)(wish)
    assert said.responses == ["utter_document_refused"]
    assert said.titles


def test_a_visitor_gets_none(assistant: Assistant) -> None:
    assert assistant.conversation(None)("帮我开一份结清证明").responses == ["utter_sign_in_needed"]


def test_the_bank_is_down_and_comes_back(assistant: Assistant, bank_down: Outage) -> None:
    talk = assistant.conversation(CLEAR)
    with bank_down():
        assert talk('/request_document{"paper": "statement"}').responses == ["utter_bank_unavailable"]
    assert talk("/retry").responses == ["utter_document"]
