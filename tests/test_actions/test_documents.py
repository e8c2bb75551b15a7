"""“My statement, my transactions, a certificate.”"""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Dict

import pytest

from actions.documents import ActionDocument
from bank.calls.capabilities import OPERATIONS
from bank.errors import BankUnavailable, NotEligibleReason
from bank.models import Capabilities, IssuedDocument, IssuedDocumentKind
from tests.test_actions.builders import StubBank, not_eligible, statement, transaction
from tests.test_actions.talk import ask


def test_shows_the_statement_and_its_transactions_newest_first() -> None:
    booked = [
        transaction(id="t-1", description="早", posted_on=date(2026, 10, 1)),
        transaction(id="t-2", description="晚", posted_on=date(2026, 10, 20), amount="-30.00"),
    ]
    said = ask(ActionDocument, StubBank(statement=statement(paid_since="50.00"), transactions=booked))
    assert said.rows == {
        "账单金额": "¥5,050.00",
        "最低还款额": "¥612.50",
        "出账单后已还": "¥50.00",
        "最后还款日": "11月13日 周五",
    }
    (details,) = said.card["details"]
    assert [(row["label"], row["value"]) for row in details["rows"]] == [("晚", "-¥30.00"), ("早", "¥268.40")]


@pytest.mark.parametrize("kind", list(IssuedDocumentKind))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_file_is_issued_and_only_its_id_leaves_with_the_link(kind: IssuedDocumentKind, language: str) -> None:
    bank = StubBank(issue_document=issued(kind))
    said = ask(ActionDocument, bank, entities={"paper": kind.value}, language=language)
    assert said.responses == ["utter_document_issued"]
    assert said.link is not None
    assert {name: said.link[name] for name in ("action", "document", "file")} == {
        "action": "download",
        "document": "doc-7",
        "file": "statement.pdf",
    }
    assert said.card["title"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_certificate_while_something_is_owed_and_how_to_get_it(language: str) -> None:
    bank = StubBank(issue_document=not_eligible(NotEligibleReason.NOT_ALLOWED_NOW))
    said = ask(ActionDocument, bank, entities={"paper": "settlement_certificate"}, language=language)
    assert said.responses == ["utter_document_refused"]
    assert "/ask_repayment_channels" in said.payloads


def test_a_kind_that_the_bank_does_not_issue_shows_the_statement() -> None:
    said = ask(ActionDocument, StubBank(), entities={"paper": "passport"})
    assert said.responses == ["utter_document"]


def test_both_files_can_be_chosen_by_a_button() -> None:
    payloads = ask(ActionDocument, StubBank()).payloads
    assert '/request_document{"paper": "statement", "card": "1234"}' in payloads
    assert '/request_document{"paper": "settlement_certificate", "card": "1234"}' in payloads


@pytest.mark.parametrize("entities", [{}, {"paper": "settlement_certificate"}])
def test_where_the_bank_issues_no_files_they_are_for_a_person(entities: Dict[str, str]) -> None:
    offered = [name for name in OPERATIONS if name != "issue_document"]
    bank = StubBank(capabilities=Capabilities(contract="1.1", operations=offered))
    said = ask(ActionDocument, bank, entities=entities)
    assert "这里不能开" in said.first
    assert said.payloads[0] == "/request_human"


def test_the_bank_is_down_while_it_is_issued() -> None:
    bank = StubBank(issue_document=BankUnavailable("POST …", "connection refused"))
    said = ask(ActionDocument, bank, entities={"paper": "statement"})
    assert said.responses == ["utter_bank_unavailable"]


def issued(kind: IssuedDocumentKind) -> IssuedDocument:
    now = datetime(2026, 11, 21, 12, 0, tzinfo=timezone.utc)
    return IssuedDocument(
        id="doc-7",
        kind=kind,
        card_id="card-1",
        statement_date=None,
        file_name="statement.pdf",
        content_type="application/pdf",
        size=1200,
        sha256="0" * 64,
        issued_at=now,
        expires_at=now,
    )
