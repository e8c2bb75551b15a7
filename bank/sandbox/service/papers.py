"""Consents, papers from customers, documents of the bank: each write once for a key."""

from __future__ import annotations

from datetime import date
from typing import List, Optional

from sqlalchemy.engine import Connection

from bank.models import Consent, ConsentPurpose, DocumentKind, IssuedDocument, IssuedDocumentKind, UploadedDocument
from bank.sandbox import issued, papers, preferences
from bank.sandbox.accounts import read_card, read_customer
from bank.sandbox.content import Content
from bank.sandbox.idempotency import Answer
from bank.sandbox.papers import File
from bank.sandbox.service.base import CREATED, NO_CONTENT, Service


class Papers(Service):
    """What is on paper, from both sides."""

    def record_consent(
        self, customer_id: str, key: str, *, purpose: ConsentPurpose, given: bool, text_version: str, language: str
    ) -> Answer:
        """Keep a yes or a no. A no to contact at night holds for the preferences at once."""

        def act(connection: Connection) -> Consent:
            found = papers.record_consent(connection, customer_id, purpose, given, text_version, language)
            if purpose is ConsentPurpose.NIGHT_CONTACT and not given:
                preferences.forbid_night(connection, customer_id)
            return found

        content = {"purpose": purpose.value, "given": given, "text_version": text_version, "language": language}
        self._today()
        return self._once(customer_id, key, "record_consent", content, act, status=CREATED)

    def consents(self, customer_id: str) -> List[Consent]:
        """Newest first."""
        self._today()
        with self._database.reading() as connection:
            read_customer(connection, customer_id)
            return papers.list_consents(connection, customer_id)

    @property
    def largest_file(self) -> int:
        """Bytes that a file of a customer may have."""
        return self._policy.documents.largest_bytes

    def check_file(self, file: File) -> None:
        """Raises Problem `invalid-request`, `file-too-large`, `file-type`."""
        papers.check_file(self._policy, file)

    def upload_document(
        self, customer_id: str, key: str, *, kind: DocumentKind, file: File, sent_as: str, consent_id: str
    ) -> Answer:
        """Keep a file. `sent_as` is the type that the sender gave it, which is not believed."""

        def act(connection: Connection) -> UploadedDocument:
            return papers.upload(connection, self._policy, customer_id, kind, file, consent_id)

        content = {
            "kind": kind.value,
            "consent_id": consent_id,
            "file_name": file.name,
            "content_type": sent_as,
            "sha256": file.sha256,
        }
        self._today()
        return self._once(customer_id, key, "upload_document", content, act, status=CREATED)

    def documents(self, customer_id: str) -> List[UploadedDocument]:
        """Newest first."""
        self._today()
        with self._database.reading() as connection:
            read_customer(connection, customer_id)
            return papers.list_documents(connection, customer_id)

    def delete_document(self, customer_id: str, document_id: str, key: str) -> Answer:
        """Forget a file that belongs to no application."""

        def act(connection: Connection) -> None:
            papers.delete(connection, customer_id, document_id)

        content = {"document_id": document_id}
        self._today()
        return self._once(customer_id, key, "delete_document", content, act, status=NO_CONTENT)

    def issue_document(
        self, customer_id: str, card_id: str, key: str, *, kind: IssuedDocumentKind, statement_date: Optional[date]
    ) -> Answer:
        """Make a certificate or a statement as PDF."""
        today = self._today()

        def exists(connection: Connection) -> None:
            read_card(connection, self._policy, today, customer_id, card_id)

        def act(connection: Connection) -> IssuedDocument:
            of = self._locked(connection, today, customer_id, card_id)
            return issued.issue(connection, of, kind, statement_date)

        day = statement_date.isoformat() if statement_date else None
        content = {"card_id": card_id, "kind": kind.value, "statement_date": day}
        return self._once(customer_id, key, "issue_document", content, act, status=CREATED, exists=exists)

    def document_content(self, customer_id: str, document_id: str) -> Content:
        """The PDF, while it can be fetched."""
        self._today()
        with self._database.reading() as connection:
            read_customer(connection, customer_id)
            return issued.content(connection, customer_id, document_id)
