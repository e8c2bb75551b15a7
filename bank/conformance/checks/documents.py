"""Files that customers send, and documents that the bank makes."""

from __future__ import annotations

import hashlib
import zlib
from struct import pack
from typing import Any, Dict

from bank.conformance.bench import Bench, new_key
from bank.conformance.caller import Exchange
from bank.conformance.checks.problems import nobody, refused_as
from bank.conformance.exact import yuan
from bank.conformance.registry import Failed, Skipped, check
from bank.conformance.writes import WRITES

_LARGEST = 10 * 1024 * 1024  # bytes
NEEDS = ("record_consent", "upload_document")
_FILES = "A PDF, JPEG or PNG, known by its content whatever it is called: `file-type` for anything else."


def png() -> bytes:
    """A picture of one white pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\x00\xff")) + chunk(b"IEND", b"")


def upload(bench: Bench, content: bytes, consent_id: str, name: str = "picture.png") -> Exchange:
    """Hand in a file for the first known customer."""
    fields: Dict[str, Any] = {"kind": "other", "consent_id": consent_id}
    files = {"file": (name, content, "image/png")}
    return bench.call("upload_document", bench.cards[0].ids(), body=fields, files=files, key=new_key())


def consent(bench: Bench) -> str:
    """The first known customer's consent to the use of papers: its id."""
    body = {"purpose": "hardship_documents", "given": True, "text_version": "conformance", "language": "zh"}
    came = bench.call("record_consent", bench.cards[0].ids(), body=body, key=new_key())
    if not came.good:
        raise Failed(came, came.said(), "201 and the consent")
    return str(came.document["id"])


@check(rule=_FILES, needs=NEEDS)
def a_file_is_kept_as_it_came(bench: Bench) -> None:
    """An uploaded file has the size and the checksum of what was sent."""
    content = png()
    came = upload(bench, content, consent(bench))
    if came.status != 201:
        raise Failed(came, came.said(), "201 and the document")
    if bench.offers("delete_document"):
        bench.call("delete_document", bench.cards[0].ids(document_id=came.document["id"]), key=new_key())
    if (came.document["size"], came.document["sha256"]) != (len(content), hashlib.sha256(content).hexdigest()):
        raise Failed(came, "another size or checksum", "size and sha256 of what was sent")


@check(
    rule="`consent_id` names the consent to `hardship_documents` that holds, else `consent-required`.",
    needs=NEEDS,
)
def without_consent_nothing_is_kept(bench: Bench) -> None:
    """A file without a recorded consent is refused."""
    came = upload(bench, png(), nobody())
    refused_as(came, 422, "consent-required", "a consent that was never recorded")


@check(rule=_FILES, needs=NEEDS)
def a_file_of_another_type_is_refused(bench: Bench) -> None:
    """What is neither PDF, JPEG nor PNG by its content is refused, whatever it is called."""
    came = upload(bench, b"#!/bin/sh\necho this is no picture\n", consent(bench))
    refused_as(came, 415, "file-type", "a script that is called picture.png")


@check(rule="`invalid-request` for an empty file.", needs=NEEDS)
def an_empty_file_is_refused(bench: Bench) -> None:
    """A file without content is refused."""
    came = upload(bench, b"", consent(bench))
    refused_as(came, 400, "invalid-request", "an empty file")


@check(rule="At most 10 MiB (10,485,760 bytes): `file-too-large`.", needs=NEEDS)
def a_file_that_is_too_large_is_refused(bench: Bench) -> None:
    """A file of more than ten megabytes is refused."""
    came = upload(bench, png() + b"\x00" * _LARGEST, consent(bench))
    refused_as(came, 413, "file-too-large", "a file of more than 10 MB")


@check(rule="with the `size` and `sha256` that were told.", needs=["issue_document", "document_content"])
def an_issued_document_is_a_pdf(bench: Bench) -> None:
    """A statement that the bank issues can be fetched, and is the PDF that was announced."""
    prepared = WRITES["issue_document"].prepare(bench)
    made = bench.call("issue_document", prepared.account.ids(), body=prepared.body, key=new_key())
    if not made.good:
        raise Skipped(f"the bank issues no statement for this card: {made.said()}")
    came = bench.call("document_content", prepared.account.ids(document_id=made.document["id"]))
    if not came.good or not came.content.startswith(b"%PDF-"):
        raise Failed(came, f"{came.said()}, no PDF by its content", "200 and a PDF")
    if hashlib.sha256(came.content).hexdigest() != made.document["sha256"]:
        raise Failed(came, "another checksum than was announced", "the sha256 of the issued document")


@check(rule="`not-eligible` with `not_allowed_now` for a certificate while anything is owed.", needs=["issue_document"])
def no_certificate_while_anything_is_owed(bench: Bench) -> None:
    """Who owes something gets no settlement certificate."""
    for account, _, owed in bench.each("overdue"):
        if yuan(owed["total"]) > 0:
            came = bench.call("issue_document", account.ids(), body={"kind": "settlement_certificate"}, key=new_key())
            refused_as(came, 422, "not-eligible", "a certificate while something is owed")
            return
    raise Skipped("nobody of the known customers owes anything")


@check(rule="`consent_id` names the consent to `hardship_documents` that holds", needs=NEEDS)
def a_consent_can_be_taken_back(bench: Bench) -> None:
    """After a consent is taken back nothing more is taken under it."""
    given = consent(bench)
    body = {"purpose": "hardship_documents", "given": False, "text_version": "conformance", "language": "zh"}
    bench.call("record_consent", bench.cards[0].ids(), body=body, key=new_key())
    refused_as(upload(bench, png(), given), 422, "consent-required", "a consent that was taken back")
