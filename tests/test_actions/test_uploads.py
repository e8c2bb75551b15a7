"""Files on their way to the bank: known by their content, taken once, and only while a consent holds."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path
from typing import Any, Iterator

import pytest
import yaml

from actions.papers import CONSENT_TEXT
from actions.uploads import LARGEST_MEGABYTES, MOST_FILES, Refused, clean_name, content_type, sent_since_consent, take
from bank.client import BankClient
from bank.errors import BankUnavailable
from bank.models import ConsentPurpose, UploadedDocument
from tests.processes import Sandbox, free_port, start_sandbox

PDF = b"%PDF-1.7\nhello\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n0000IHDR0000IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0photo\xff\xd9"
CUSTOMER, OTHER = "demo-m2", "demo-m4"


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BankClient]:
    running: Sandbox = start_sandbox(tmp_path_factory.mktemp("uploads-bank"))
    yield BankClient(running.api_url, running.token, read_timeout=60.0)
    running.process.stop()


def consent(bank: BankClient, customer: str = CUSTOMER, *, given: bool = True) -> str:
    return bank.record_consent(
        customer,
        purpose=ConsentPurpose.HARDSHIP_DOCUMENTS,
        given=given,
        text_version=CONSENT_TEXT,
        language="zh",
        idempotency_key=uuid.uuid4().hex,
    ).id


def send(bank: BankClient, content: bytes = PDF, upload_id: str = "u-1", **changes: Any) -> UploadedDocument:
    given = {"kind": "unemployment", "file_name": "离职证明.pdf", **changes}
    return take(bank, CUSTOMER, content=content, upload_id=upload_id, **given)


@pytest.mark.parametrize(("content", "expected"), [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")])
def test_a_file_is_known_by_its_content(content: bytes, expected: str) -> None:
    assert content_type(content) == expected


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b"MZ\x90\x00", "type"),
        (b"<html>%PDF-", "type"),
        (b"GIF89a", "type"),
        (PDF[:-7], "cut"),
        (JPEG[:-2], "cut"),
        (PNG[:-8], "cut"),
        (PDF + b" " * (LARGEST_MEGABYTES * 1024 * 1024), "too_large"),
    ],
)
def test_anything_else_is_refused_with_its_reason(content: bytes, problem: str) -> None:
    with pytest.raises(Refused) as refused:
        content_type(content)
    assert refused.value.problem == problem


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("a.pdf", "a.pdf"),
        ("C:\\Users\\me\\离职.pdf", "离职.pdf"),
        ("../../x.png", "x.png"),
        ("\u202efdp.exe", "fdp.exe"),
        ("", "document"),
    ],
)
def test_a_name_keeps_nothing_of_folders_and_control_characters(name: str, clean: str) -> None:
    assert clean_name(name) == clean


def test_without_a_consent_nothing_reaches_the_bank(bank: BankClient) -> None:
    consent(bank, given=True)
    consent(bank, given=False)
    with pytest.raises(Refused) as refused:
        send(bank)
    assert refused.value.problem == "consent"
    assert sent_since_consent(bank, CUSTOMER) == []


def test_sent_twice_it_is_one_document_also_under_another_upload(bank: BankClient) -> None:
    consent(bank)
    first = send(bank)
    assert send(bank).id == first.id
    assert send(bank, upload_id="u-2").id == first.id
    assert [each.id for each in sent_since_consent(bank, CUSTOMER)] == [first.id]


def test_taken_back_it_can_be_sent_again(bank: BankClient) -> None:
    consent(bank)
    first = send(bank)
    bank.delete_document(CUSTOMER, first.id, idempotency_key=uuid.uuid4().hex)
    assert sent_since_consent(bank, CUSTOMER) == []
    again = send(bank, upload_id="u-3")
    assert again.id != first.id
    assert [each.id for each in sent_since_consent(bank, CUSTOMER)] == [again.id]


def test_only_what_came_since_the_latest_consent_belongs_to_a_request(bank: BankClient) -> None:
    consent(bank)
    send(bank, PNG, file_name="a.png")
    consent(bank)
    assert sent_since_consent(bank, CUSTOMER) == []


def test_another_customers_files_are_not_there(bank: BankClient) -> None:
    consent(bank)
    consent(bank, OTHER)
    send(bank, JPEG, file_name="a.jpg")
    assert sent_since_consent(bank, OTHER) == []


def test_there_is_an_end_to_the_number_of_files(bank: BankClient) -> None:
    consent(bank)
    for number in range(MOST_FILES):
        send(bank, PDF.replace(b"hello", b"number %d" % number), f"n-{number}")
    with pytest.raises(Refused) as refused:
        send(bank, PNG, "n-last")
    assert refused.value.problem == "too_many"


def test_a_kind_that_the_contract_does_not_have_is_refused(bank: BankClient) -> None:
    with pytest.raises(Refused) as refused:
        send(bank, kind="passport")
    assert refused.value.problem == "kind"


def test_while_the_bank_is_down_it_is_said_so() -> None:
    nobody = BankClient(f"http://127.0.0.1:{free_port()}/v1", "token")
    with pytest.raises(BankUnavailable):
        send(nobody)


def test_the_version_of_the_consent_belongs_to_its_wording() -> None:
    """Who changes the wording gives it another version, as the bank's record names it by that."""
    content = yaml.safe_load(Path("data/responses/papers.yml").read_text(encoding="utf-8"))
    wording = yaml.safe_dump(content["responses"]["utter_first_consent"], allow_unicode=True)
    assert (CONSENT_TEXT, hashlib.sha256(wording.encode()).hexdigest()[:12]) == (
        "hardship-documents-2026-11",
        "962a2e7d8aa0",
    )
