"""Consents, and the papers that customers send with them."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import Dict, List, Optional, Sequence, Set

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bank.models import Consent, ConsentPurpose, DocumentKind, UploadedDocument
from bank.sandbox import store
from bank.sandbox.policy import Policy
from bank.sandbox.problems import Problem, illegal_move, invalid, not_found
from bank.sandbox.store import Row
from common import clock

#: How files of each type begin (ISO 32000; ISO 10918; W3C PNG). What a file is called or sent as does not count.
_BEGINNINGS = {
    "application/pdf": b"%PDF-",
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
}
_ENDINGS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
_LONGEST_NAME = 100


@dataclass(frozen=True)
class File:
    """What was sent, as it came."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Of the content, lower-case hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


def content_type(content: bytes) -> Optional[str]:
    """What the content is, by how it begins; None if it is none of what is taken."""
    return next((kind for kind, begins in _BEGINNINGS.items() if content.startswith(begins)), None)


def clean_name(name: str, kind: str) -> str:
    """The last part of `name` without what a file system or a page could stumble over, with `kind`'s ending."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(each for each in last if each.isalnum() or each in " ._-()（）·")
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", visible).strip(" .")[:_LONGEST_NAME]
    return f"{stem or 'document'}{_ENDINGS[kind]}"


def record_consent(
    connection: Connection, customer_id: str, purpose: ConsentPurpose, given: bool, text_version: str, language: str
) -> Consent:
    """Keep that the customer gave, refused or took back a consent."""
    table = store.consents
    last = sa.select(sa.func.max(table.c.number)).where(table.c.customer_id == customer_id)
    row = {
        "id": f"cs-{secrets.token_hex(8)}",
        "customer_id": customer_id,
        "purpose": purpose.value,
        "given": given,
        "text_version": text_version,
        "language": language,
        "recorded_at": clock.now(),
        "number": (connection.execute(last).scalar() or 0) + 1,
    }
    connection.execute(sa.insert(table).values(**row))
    return _consent(row)


def list_consents(connection: Connection, customer_id: str) -> List[Consent]:
    """All of the customer's, newest first."""
    table = store.consents
    query = sa.select(table).where(table.c.customer_id == customer_id).order_by(table.c.number.desc())
    return [_consent(row) for row in store.rows(connection, query)]


def has_consent(connection: Connection, customer_id: str, purpose: ConsentPurpose) -> bool:
    """Whether the customer's last word on it was yes."""
    last = _last_consent(connection, customer_id, purpose)
    return last is not None and bool(last["given"])


def check_consent(connection: Connection, customer_id: str, consent_id: str, purpose: ConsentPurpose) -> None:
    """Raises Problem `consent-required` unless `consent_id` names the yes that holds."""
    last = _last_consent(connection, customer_id, purpose)
    table = store.consents
    named = store.row(connection, sa.select(table).where(table.c.id == consent_id, table.c.customer_id == customer_id))
    if named is None or not named["given"] or named["purpose"] != purpose.value:
        raise Problem("consent-required", f"no consent to {purpose.value} of this id")
    if last is None or not last["given"]:
        raise Problem("consent-required", "it was taken back")


def upload(
    connection: Connection, policy: Policy, customer_id: str, kind: DocumentKind, file: File, consent_id: str
) -> UploadedDocument:
    """Keep a file. Raises Problem `file-too-large`, `file-type`, `consent-required`, `invalid-request` if empty."""
    known = check_file(policy, file)
    check_consent(connection, customer_id, consent_id, ConsentPurpose.HARDSHIP_DOCUMENTS)
    row = {
        "id": f"doc-{secrets.token_hex(8)}",
        "customer_id": customer_id,
        "kind": kind.value,
        "file_name": clean_name(file.name, known),
        "content_type": known,
        "size": len(file.content),
        "sha256": file.sha256,
        "consent_id": consent_id,
        "uploaded_at": clock.now(),
        "application": None,
    }
    connection.execute(sa.insert(store.documents).values(**row))
    connection.execute(sa.insert(store.contents).values(document_id=row["id"], content=file.content))
    return _document(row)


def check_file(policy: Policy, file: File) -> str:
    """Its type. Raises Problem `file-too-large`, `file-type`, and `invalid-request` for an empty one."""
    if not file.content:
        raise invalid("file", "empty")
    if len(file.content) > policy.documents.largest_bytes:
        raise Problem("file-too-large", f"at most {policy.documents.largest_bytes} bytes")
    known = content_type(file.content)
    if known is None:
        raise Problem("file-type", "must be PDF, JPEG or PNG")
    return known


def list_documents(connection: Connection, customer_id: str) -> List[UploadedDocument]:
    """All that the customer sent, newest first."""
    table = store.documents
    query = sa.select(table).where(table.c.customer_id == customer_id)
    ordered = query.order_by(table.c.uploaded_at.desc(), table.c.id.desc())
    return [_document(row) for row in store.rows(connection, ordered)]


def delete(connection: Connection, customer_id: str, document_id: str) -> None:
    """Forget a file that belongs to no application. Raises Problem `not-found`, `illegal-move`."""
    row = _read(connection, customer_id, [document_id])[document_id]
    if row["application"] is not None:
        raise illegal_move("attached", "deleted")
    _forget(connection, [document_id])


def attach(connection: Connection, customer_id: str, document_ids: Sequence[str], reference: str) -> None:
    """They belong to the application from now on. Raises Problem `not-found`, `illegal-move` if they do to another."""
    found = _read(connection, customer_id, document_ids)
    if any(row["application"] not in (None, reference) for row in found.values()):
        raise illegal_move("attached", "attached")
    table = store.documents
    connection.execute(sa.update(table).where(table.c.id.in_(list(found))).values(application=reference))


def kinds_attached(connection: Connection, reference: str) -> Set[DocumentKind]:
    """What the papers of an application show."""
    table = store.documents
    query = sa.select(table.c.kind).where(table.c.application == reference)
    return {DocumentKind(row["kind"]) for row in store.rows(connection, query)}


def forget_old_papers(connection: Connection, policy: Policy) -> None:
    """Drop what nobody attached, and what the bank issued, once their time is over."""
    now = clock.now()
    documents, issued = store.documents, store.issued_documents
    unused_since = now - timedelta(days=policy.documents.kept_days)
    unused = sa.select(documents.c.id).where(documents.c.application.is_(None), documents.c.uploaded_at < unused_since)
    _forget(connection, [row["id"] for row in store.rows(connection, unused)])
    expired = [row["id"] for row in store.rows(connection, sa.select(issued.c.id).where(issued.c.expires_at <= now))]
    if expired:
        connection.execute(sa.delete(issued).where(issued.c.id.in_(expired)))
        connection.execute(sa.delete(store.contents).where(store.contents.c.document_id.in_(expired)))


def _last_consent(connection: Connection, customer_id: str, purpose: ConsentPurpose) -> Optional[Row]:
    table = store.consents
    query = sa.select(table).where(table.c.customer_id == customer_id, table.c.purpose == purpose.value)
    return store.row(connection, query.order_by(table.c.number.desc()).limit(1))


def _read(connection: Connection, customer_id: str, document_ids: Sequence[str]) -> Dict[str, Row]:
    table = store.documents
    query = sa.select(table).where(table.c.customer_id == customer_id, table.c.id.in_(document_ids))
    found = {row["id"]: row for row in store.rows(connection, query.with_for_update())}
    if set(found) != set(document_ids):
        raise not_found("document")
    return found


def _forget(connection: Connection, document_ids: Sequence[str]) -> None:
    if document_ids:
        connection.execute(sa.delete(store.documents).where(store.documents.c.id.in_(document_ids)))
        connection.execute(sa.delete(store.contents).where(store.contents.c.document_id.in_(document_ids)))


def _consent(row: Row) -> Consent:
    return Consent(**{name: row[name] for name in Consent.__fields__})


def _document(row: Row) -> UploadedDocument:
    return UploadedDocument(**{name: row[name] for name in UploadedDocument.__fields__})
