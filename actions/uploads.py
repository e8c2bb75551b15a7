"""The customer's files on their way to the bank. Nothing of them is kept here.

The channel has verified the customer; here is checked what the file is, by its content, and that a consent holds.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
import uuid
from typing import List, Optional

from bank.calls.documents import LARGEST_DOCUMENT
from bank.client import BankClient
from bank.errors import ConsentRequired, FileRefused, InvalidRequest
from bank.models import Consent, ConsentPurpose, DocumentKind, UploadedDocument

LARGEST_MEGABYTES = LARGEST_DOCUMENT // (1024 * 1024)
MOST_FILES = 10  # of one request, by the contract
_LONGEST_NAME = 100  # characters

#: How files begin (ISO 32000-1, 7.5.2; ISO/IEC 10918-1, B.1; W3C PNG, 5.2), and what must not be missing at their end.
_TYPES = {
    "application/pdf": (b"%PDF-", b"%%EOF"),
    "image/jpeg": (b"\xff\xd8\xff", b"\xff\xd9"),
    "image/png": (b"\x89PNG\r\n\x1a\n", b"IEND"),
}
_TAIL = 2048  # bytes, in which the end has to be: some programs write a little behind it


class Refused(Exception):
    """A file that is not taken. `problem`: empty, too_large, type, cut, consent, too_many or kind."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def content_type(content: bytes) -> str:
    """What the content is, whatever it is called or sent as.

    Raises `Refused`: empty, too_large, type (none of what is taken), cut (its end is missing).
    """
    if not content:
        raise Refused("empty")
    if len(content) > LARGEST_DOCUMENT:
        raise Refused("too_large")
    for kind, (beginning, end) in _TYPES.items():
        if content.startswith(beginning):
            if end not in content[-_TAIL:]:
                raise Refused("cut")
            return kind
    raise Refused("type")


def take(
    bank: BankClient, customer_id: str, *, kind: str, file_name: str, content: bytes, upload_id: str
) -> UploadedDocument:
    """Hand a file to the bank. The same `upload_id`, or the same content again, is the same document.

    Raises `Refused` and, if the bank fails, `BankError`.
    """
    if kind not in {each.value for each in DocumentKind}:
        raise Refused("kind")
    known = content_type(content)
    consent = holding_consent(bank, customer_id)
    if consent is None:
        raise Refused("consent")
    there = _sent_since(bank, customer_id, consent)
    digest = hashlib.sha256(content).hexdigest()
    same = next((each for each in there if (each.sha256, each.kind.value) == (digest, kind)), None)
    if same:
        return same
    if len(there) >= MOST_FILES:
        raise Refused("too_many")
    try:
        return bank.upload_document(
            customer_id,
            kind=DocumentKind(kind),
            file_name=clean_name(file_name),
            content=content,
            content_type=known,
            consent_id=consent.id,
            idempotency_key=uuid.uuid5(uuid.NAMESPACE_OID, f"{customer_id} {consent.id} {upload_id}").hex,
        )
    except ConsentRequired:
        raise Refused("consent") from None
    except FileRefused:
        raise Refused("type") from None
    except InvalidRequest:
        raise Refused("name") from None


def holding_consent(bank: BankClient, customer_id: str) -> Optional[Consent]:
    """The customer's last word on papers of hardship, if it was yes."""
    about_papers = (c for c in bank.consents(customer_id) if c.purpose is ConsentPurpose.HARDSHIP_DOCUMENTS)
    last = next(about_papers, None)  # newest first
    return last if last and last.given else None


def sent_since_consent(bank: BankClient, customer_id: str) -> List[UploadedDocument]:
    """What the customer has sent since the consent that holds, oldest first; each request asks for a consent anew."""
    consent = holding_consent(bank, customer_id)
    return _sent_since(bank, customer_id, consent) if consent else []


def clean_name(name: str) -> str:
    """A file's name without its folders and without what cannot be shown; never empty."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(each for each in last if unicodedata.category(each)[0] != "C").strip()
    return shown[-_LONGEST_NAME:] or "document"


def _sent_since(bank: BankClient, customer_id: str, consent: Consent) -> List[UploadedDocument]:
    found = [each for each in bank.documents(customer_id) if each.uploaded_at >= consent.recorded_at]
    return sorted(found, key=lambda each: each.uploaded_at)
