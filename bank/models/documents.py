"""Documents of the customer and of the bank, and consents."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Literal, Optional

from bank.strict import Model, Moment


class DocumentKind(str, Enum):
    """What a document of the customer shows."""

    IDENTITY = "identity"
    UNEMPLOYMENT = "unemployment"  # registration, or the paper that ended the job
    DIAGNOSIS = "diagnosis"
    MEDICAL_BILL = "medical_bill"
    BANK_STATEMENT = "bank_statement"
    BUSINESS_CLOSURE = "business_closure"
    DISASTER = "disaster"
    REPAYMENT_PLAN = "repayment_plan"
    OTHER = "other"


class UploadedDocument(Model):
    """A document that the customer has sent: a PDF, JPEG or PNG."""

    id: str
    kind: DocumentKind
    file_name: str
    content_type: Literal["application/pdf", "image/jpeg", "image/png"]  # by its content, whatever it was sent as
    size: int  # bytes
    sha256: str  # of the content, lower-case hexadecimal
    uploaded_at: Moment


class IssuedDocumentKind(str, Enum):
    """What the bank can issue as a document."""

    SETTLEMENT_CERTIFICATE = "settlement_certificate"
    STATEMENT = "statement"


class IssuedDocument(Model):
    """A document that the bank has made for the customer."""

    id: str
    kind: IssuedDocumentKind
    card_id: str
    statement_date: Optional[date]  # of a statement
    file_name: str
    content_type: Literal["application/pdf"]
    size: int  # bytes
    sha256: str  # of the content, lower-case hexadecimal
    issued_at: Moment
    expires_at: Moment  # until when its content can be fetched


class ConsentPurpose(str, Enum):
    """What a customer consents to, each for itself (Personal Information Protection Law, Articles 14 and 29)."""

    HARDSHIP_DOCUMENTS = "hardship_documents"
    NIGHT_CONTACT = "night_contact"
    REMINDERS = "reminders"


class Consent(Model):
    """A consent that was given, or refused or taken back."""

    id: str
    purpose: ConsentPurpose
    given: bool  # False: refused, or taken back
    text_version: str  # which wording the customer saw
    language: Literal["zh", "en"]
    recorded_at: Moment
