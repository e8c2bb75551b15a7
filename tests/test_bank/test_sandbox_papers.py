"""Consents, papers from customers, documents of the bank."""

from __future__ import annotations

import hashlib
import subprocess
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Optional

import pytest

from bank.models import (
    ConsentPurpose,
    DocumentKind,
    IssuedDocument,
    IssuedDocumentKind,
    ReasonClass,
    UploadedDocument,
)
from bank.sandbox import printing, views
from bank.sandbox.hardship import Declaration
from bank.sandbox.papers import File, clean_name
from bank.sandbox.service import Bank
from tests.conftest import need_program
from tests.test_bank.ledger_cases import DEMONSTRATION, changed
from tests.test_bank.visitor import PDF, Clock, Visitor, move, new_key, open_bank, problem, reason, visitor

PNG = b"\x89PNG\r\n\x1a\n and so on"
JPEG = b"\xff\xd8\xff\xe0 and so on"


class TestConsents:
    def test_they_are_kept_newest_first(self, chen: Visitor) -> None:
        given = chen.consent()
        taken_back = chen.consent(given=False)
        assert chen.bank.consents(chen.customer) == [taken_back, given]
        assert (given.purpose, given.text_version, given.language) == (
            ConsentPurpose.HARDSHIP_DOCUMENTS,
            "2026-11",
            "zh",
        )

    def test_another_customers_are_not_seen(self, bank: Bank, chen: Visitor) -> None:
        chen.consent()
        assert bank.consents("demo-grace") == []
        assert problem(lambda: bank.consents("nobody")).name == "not-found"


class TestUploads:
    @pytest.mark.parametrize(("content", "kind"), [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")])
    def test_the_type_is_that_of_the_content(self, chen: Visitor, content: bytes, kind: str) -> None:
        kept = chen.upload(content=content)
        assert (kept.content_type, kept.size) == (kind, len(content))
        assert kept.sha256 == hashlib.sha256(content).hexdigest()
        assert chen.bank.documents(chen.customer) == [kept]

    @pytest.mark.parametrize("content", [b"GIF89a", b"<html>", b"MZ\x90", b" %PDF-1.7", b"\xff\xd8", b"\x89PN"])
    def test_other_types_are_refused_whatever_they_are_called(self, chen: Visitor, content: bytes) -> None:
        found = problem(lambda: chen.upload(content=content))
        assert (found.name, found.status) == ("file-type", 415)
        assert chen.bank.documents(chen.customer) == []

    def test_sizes(self, tmp_path: Path, time: Clock) -> None:
        policy = changed(DEMONSTRATION, documents={"largest_bytes": 100})
        one = visitor(open_bank(f"sqlite:///{tmp_path / 'bank.db'}", policy), "demo-m1-first")
        assert one.upload(content=PDF.ljust(100)).size == 100
        found = problem(lambda: one.upload(content=PDF.ljust(101)))
        assert (found.name, found.status) == ("file-too-large", 413)
        assert problem(lambda: one.upload(content=b"")).name == "invalid-request"

    def test_consent_comes_first(self, bank: Bank, chen: Visitor) -> None:
        for consent_id in (
            "cs-unknown",
            chen.consent(ConsentPurpose.REMINDERS).id,
            visitor(bank, "demo-grace").consent().id,
            chen.consent(given=False).id,
        ):
            found = problem(lambda id=consent_id: chen.upload(consent_id=id))  # type: ignore[misc]
            assert (found.name, found.status) == ("consent-required", 422)

    def test_a_consent_that_was_taken_back_holds_no_more(self, chen: Visitor) -> None:
        given = chen.consent()
        chen.upload(consent_id=given.id)
        chen.consent(given=False)
        assert problem(lambda: chen.upload(consent_id=given.id)).name == "consent-required"

    def test_a_hardship_needs_the_consent_too(self, chen: Visitor) -> None:
        chen.consent(given=False)
        declaration = Declaration(ReasonClass.ILLNESS, None, None, None, "cs-unknown", ())
        proof = chen.prove(chen.card).token
        found = problem(
            lambda: chen.bank.declare_hardship(
                chen.customer, new_key(), card_id=chen.card, declaration=declaration, proof=proof
            )
        )
        assert found.name == "consent-required"
        assert chen.bank.applications(chen.customer) == []

    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            ("诊断证明.pdf", "诊断证明.pdf"),
            ("scan.PNG", "scan.pdf"),
            ("../../etc/passwd", "passwd.pdf"),
            ("C:\\Users\\chen\\scan.jpeg", "scan.pdf"),
            ('a"b<c>\n\x00d.pdf', "abcd.pdf"),
            ("...", "document.pdf"),
            ("‮fdp.exe", "fdp.pdf"),
            ("x" * 300 + ".pdf", "x" * 100 + ".pdf"),
        ],
    )
    def test_names_are_cleaned(self, sent: str, kept: str) -> None:
        assert clean_name(sent, "application/pdf") == kept

    def test_an_attached_file_cannot_be_deleted_or_attached_to_another(self, bank: Bank, chen: Visitor) -> None:
        kept = chen.upload()
        filed = chen.declared_hardship(kept.id)
        assert move(lambda: bank.delete_document(chen.customer, kept.id, new_key())) == ("attached", "deleted")
        chen.withdraw(filed.reference)
        assert move(lambda: chen.declared_hardship(kept.id)) == ("attached", "attached")

    def test_deleting_is_once_and_says_the_same_again(self, bank: Bank, chen: Visitor) -> None:
        kept, key = chen.upload(), new_key()
        first = bank.delete_document(chen.customer, kept.id, key)
        assert (first.status, first.body) == (204, "")
        assert bank.delete_document(chen.customer, kept.id, key) == first
        assert problem(lambda: bank.delete_document(chen.customer, kept.id, new_key())).name == "not-found"
        assert bank.documents(chen.customer) == []

    def test_nobody_elses(self, bank: Bank, chen: Visitor) -> None:
        kept = chen.upload()
        stranger = visitor(bank, "demo-m2")
        assert problem(lambda: bank.delete_document(stranger.customer, kept.id, new_key())).name == "not-found"
        assert problem(lambda: stranger.declared_hardship(kept.id)).name == "not-found"
        assert bank.applications(stranger.customer) == []
        assert bank.documents(stranger.customer) == []

    def test_what_nobody_used_is_forgotten(self, bank: Bank, chen: Visitor, time: Clock) -> None:
        used, unused = chen.upload(), chen.upload(kind=DocumentKind.OTHER)
        chen.declared_hardship(used.id)
        time.forward(days=DEMONSTRATION.documents.kept_days)
        assert {each.id for each in bank.documents(chen.customer)} == {used.id, unused.id}
        time.forward(days=1)
        assert [each.id for each in bank.documents(chen.customer)] == [used.id]

    def test_the_same_key_with_another_file_is_a_conflict(self, chen: Visitor) -> None:
        key, consent = new_key(), chen.consent().id
        kept = chen.upload(key=key, consent_id=consent)
        assert chen.upload(key=key, consent_id=consent) == kept
        found = problem(lambda: chen.upload(key=key, consent_id=consent, content=PNG))
        assert found.name == "idempotency-conflict"
        assert len(chen.bank.documents(chen.customer)) == 1


def issue(of: Visitor, kind: IssuedDocumentKind, day: Optional[date] = None, key: str = "") -> IssuedDocument:
    answer = of.bank.issue_document(of.customer, of.card, key or new_key(), kind=kind, statement_date=day)
    return IssuedDocument.parse_raw(answer.body)


def text_of(pdf: bytes, tmp_path: Path) -> str:
    """What a reader finds in it."""
    program = need_program("pdftotext", package="poppler-utils poppler-data")
    file = tmp_path / "document.pdf"
    file.write_bytes(pdf)
    run = subprocess.run([program, "-layout", str(file), "-"], capture_output=True, check=True)
    return run.stdout.decode()


class TestIssuedDocuments:
    def test_a_statement_shows_the_bill_and_its_figures_add_up(self, bank: Bank, tmp_path: Path) -> None:
        taylor = visitor(bank, "demo-english")
        issued = issue(taylor, IssuedDocumentKind.STATEMENT)
        bill = views.statement(bank.card(taylor.customer, taylor.card))
        assert issued.statement_date == bill.statement_date
        content = bank.document_content(taylor.customer, issued.id)
        assert (len(content.body), hashlib.sha256(content.body).hexdigest()) == (issued.size, issued.sha256)
        assert (content.content_type, content.file_name) == ("application/pdf", issued.file_name)
        text = text_of(content.body, tmp_path)
        assert f"¥{bill.balance:,}" in text
        assert f"¥{bill.minimum_due:,}" in text
        assert "Other (such as" not in text  # everything on it is explained

    def test_every_bill_of_every_story_is_explained_by_its_lines(
        self, bank: Bank, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rests = []

        def look(of: object, number: str, bill: object, lines: object, before: object) -> bytes:
            carried = before.balance if before else Decimal(0)  # type: ignore[attr-defined]
            rests.append(bill.balance - carried - sum(line.amount for line in lines))  # type: ignore[attr-defined]
            return b"%PDF-"

        monkeypatch.setattr(printing, "statement", look)
        for customer in ("demo-m1-first", "demo-m2", "demo-m4", "demo-instalment", "demo-two-cards", "demo-clear"):
            one = visitor(bank, customer)
            for bill in bank.card(one.customer, one.card).account.bills:
                issue(one, IssuedDocumentKind.STATEMENT, bill.statement_date)
        assert len(rests) > 40
        assert set(rests) == {Decimal("0.00")}

    def test_a_certificate_is_for_who_owes_nothing(self, bank: Bank, chen: Visitor, tmp_path: Path) -> None:
        lin = visitor(bank, "demo-clear")
        issued = issue(lin, IssuedDocumentKind.SETTLEMENT_CERTIFICATE)
        text = text_of(bank.document_content(lin.customer, issued.id).body, tmp_path)
        assert "信用卡结清证明" in text
        assert "林女士" in text
        assert "2026年11月24日" in text
        assert reason(lambda: issue(chen, IssuedDocumentKind.SETTLEMENT_CERTIFICATE)) == "not_allowed_now"

    def test_what_is_bought_or_split_but_not_billed_is_owed_too(self, bank: Bank) -> None:
        he = visitor(bank, "demo-instalment")
        bank.book_payment(he.customer, he.card, he.overdue().total)
        assert he.overdue().total == 0
        assert reason(lambda: issue(he, IssuedDocumentKind.SETTLEMENT_CERTIFICATE)) == "not_allowed_now"

    def test_an_earlier_statement_and_one_that_never_was(self, chen: Visitor) -> None:
        first = chen.bank.card(chen.customer, chen.card).account.bills[0].statement_date
        assert issue(chen, IssuedDocumentKind.STATEMENT, first).statement_date == first
        never = problem(lambda: issue(chen, IssuedDocumentKind.STATEMENT, first + timedelta(days=1)))
        assert never.name == "not-found"
        odd = problem(lambda: issue(chen, IssuedDocumentKind.SETTLEMENT_CERTIFICATE, first))
        assert odd.name == "invalid-request"

    def test_it_can_be_fetched_for_a_while_by_whom_it_is_for(self, bank: Bank, chen: Visitor, time: Clock) -> None:
        issued = issue(chen, IssuedDocumentKind.STATEMENT)
        assert problem(lambda: bank.document_content("demo-grace", issued.id)).name == "not-found"
        days = DEMONSTRATION.documents.issued_kept_days
        assert issued.expires_at == issued.issued_at + timedelta(days=days)
        time.forward(days=days, seconds=-1)
        assert bank.document_content(chen.customer, issued.id).body.startswith(b"%PDF-")
        time.forward(seconds=1)
        assert problem(lambda: bank.document_content(chen.customer, issued.id)).name == "not-found"

    def test_a_repeat_gives_the_same_document(self, chen: Visitor) -> None:
        key = new_key()
        assert issue(chen, IssuedDocumentKind.STATEMENT, key=key) == issue(chen, IssuedDocumentKind.STATEMENT, key=key)


def test_an_upload_survives_a_restart_byte_for_byte(tmp_path: Path, time: Clock) -> None:
    url = f"sqlite:///{tmp_path / 'bank.db'}"
    one = visitor(open_bank(url, DEMONSTRATION), "demo-m1-first")
    kept = one.upload(content=PNG)
    again = open_bank(url, DEMONSTRATION)
    assert again.documents(one.customer) == [kept]
    assert isinstance(kept, UploadedDocument)
    assert File("scan.pdf", PNG).sha256 == kept.sha256
