"""Consents, the customer's documents, and documents that the bank issues."""

from __future__ import annotations

from datetime import date
from typing import List, Literal, Optional

from bank.calls.caller import CARD, CUSTOMER, Caller, as_form, as_json
from bank.models import Consent, ConsentPurpose, DocumentKind, IssuedDocument, IssuedDocumentKind, UploadedDocument

LARGEST_DOCUMENT = 10 * 1024 * 1024  # bytes, either way


class DocumentCalls(Caller):
    """Scope `requests.write`; reading needs `accounts.read`."""

    def record_consent(
        self,
        customer_id: str,
        *,
        purpose: ConsentPurpose,
        given: bool,
        text_version: str,
        language: Literal["zh", "en"],
        idempotency_key: str,
    ) -> Consent:
        """Record that the customer consents, or not (any more), to the wording `text_version`.

        Raises IdempotencyConflict.
        """
        body = as_json(purpose=purpose, given=given, text_version=text_version, language=language)
        path = CUSTOMER + "/consents"
        return self._write("POST", Consent, path, body, idempotency_key=idempotency_key, customer_id=customer_id)

    def consents(self, customer_id: str) -> List[Consent]:
        """Newest first; the first of a purpose is the one that holds."""
        return self._list(Consent, CUSTOMER + "/consents", customer_id=customer_id)

    def upload_document(
        self,
        customer_id: str,
        *,
        kind: DocumentKind,
        file_name: str,
        content: bytes,
        content_type: str,
        consent_id: str,
        idempotency_key: str,
    ) -> UploadedDocument:
        """Hand the bank a PDF, JPEG or PNG of at most `LARGEST_DOCUMENT` bytes, for which the customer has consented.

        Raises FileRefused, ConsentRequired, InvalidRequest (empty, or a bad name), IdempotencyConflict.
        """
        body = as_form(file_name, content, content_type, kind=kind.value, consent_id=consent_id)
        path = CUSTOMER + "/documents"
        return self._write(
            "POST", UploadedDocument, path, body, idempotency_key=idempotency_key, customer_id=customer_id
        )

    def documents(self, customer_id: str) -> List[UploadedDocument]:
        """Those that the customer has sent, newest first."""
        return self._list(UploadedDocument, CUSTOMER + "/documents", customer_id=customer_id)

    def delete_document(self, customer_id: str, document_id: str, *, idempotency_key: str) -> None:
        """Take back a document that no application refers to. Raises IllegalMove if one does, NotFound."""
        path = CUSTOMER + "/documents/{document_id}"
        self._delete(path, idempotency_key=idempotency_key, customer_id=customer_id, document_id=document_id)

    def issue_document(
        self,
        customer_id: str,
        card_id: str,
        *,
        kind: IssuedDocumentKind,
        statement_date: Optional[date] = None,
        idempotency_key: str,
    ) -> IssuedDocument:
        """Have the bank make a document. `statement_date` chooses the bill, by default the latest.

        Raises NotEligible (a settlement certificate while anything is owed), NotFound (no such bill),
        IdempotencyConflict.
        """
        return self._write(
            "POST",
            IssuedDocument,
            CARD + "/issued-documents",
            as_json(kind=kind, statement_date=statement_date),
            idempotency_key=idempotency_key,
            customer_id=customer_id,
            card_id=card_id,
        )

    def document_content(self, customer_id: str, document_id: str) -> bytes:
        """The PDF of an issued document. Raises NotFound, also once it has expired."""
        path = CUSTOMER + "/issued-documents/{document_id}/content"
        return self._bytes(path, "application/pdf", LARGEST_DOCUMENT, customer_id=customer_id, document_id=document_id)
