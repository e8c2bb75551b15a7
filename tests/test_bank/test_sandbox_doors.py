"""The API's doors over HTTP: scopes of tokens, ETags, forms with files, what a key must be for every write."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional

import pytest
import requests

from bank.client import BankClient
from bank.models import ConsentPurpose, Scope
from tests.processes import Sandbox, start_sandbox
from tests.test_bank.contract import CONTRACT, OPERATIONS, READS_BY_POST, UNREPEATABLE, Operation
from tests.test_bank.test_sandbox_http import assert_problem

CUSTOMER = "demo-m1-first"
PDF = b"%PDF-1.7 a scan"
TOKENS = {scope.value.replace(".", "-"): scope.value for scope in Scope}
_LARGEST = 10 * 1024 * 1024


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox that knows a token for each scope, beside the assistant's."""
    running = start_sandbox(tmp_path_factory.mktemp("doors"), SANDBOX_TOKENS=json.dumps(TOKENS))
    yield running
    running.process.stop()


@pytest.fixture
def bank(doors: Sandbox) -> BankClient:
    return BankClient(doors.api_url, doors.token)


def call(doors: Sandbox, method: str, path: str, token: Optional[str] = None, **values: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {token or doors.token}", **values.pop("headers", {})}
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, doors.api_url + path, headers=headers, timeout=60, **values)


def scope_of(operation: Operation) -> Optional[str]:
    [needed] = operation.spec.get("security", CONTRACT.get("security", [{}]))
    scopes: List[str] = next(iter(needed.values()))
    return scopes[0] if scopes else None


class TestScopes:
    @pytest.mark.parametrize("name", OPERATIONS)
    def test_each_operation_opens_to_its_scope_and_to_no_other(self, doors: Sandbox, name: str) -> None:
        operation = OPERATIONS[name]
        needed = scope_of(operation)
        path = operation.route.partition(" ")[2]
        for token, scope in TOKENS.items():
            answer = call(doors, operation.method, path, token)
            if needed is None or scope == needed:
                assert answer.status_code not in (401, 403)
            else:
                body = assert_problem(answer, "forbidden", 403)
                assert body["scope"] == needed

    def test_what_is_offered_is_what_the_contract_has(self, bank: BankClient) -> None:
        offered = bank.capabilities()
        assert offered.contract == "1.1"
        assert set(offered.operations) == set(OPERATIONS)

    def test_a_scope_that_does_not_exist_stops_the_start(self, tmp_path: Path) -> None:
        with pytest.raises(RuntimeError, match="everything"):
            start_sandbox(tmp_path, SANDBOX_TOKENS=json.dumps({"some-token": "everything"}))


class TestKeysAndVersions:
    @pytest.mark.parametrize("name", [name for name, each in OPERATIONS.items() if each.method != "GET"])
    def test_every_write_but_those_of_codes_needs_a_key(self, doors: Sandbox, name: str) -> None:
        operation = OPERATIONS[name]
        if name in (*UNREPEATABLE, *READS_BY_POST):
            return
        answer = call(doors, operation.method, operation.route.partition(" ")[2], headers={"If-Match": '"1"'})
        body = assert_problem(answer, "invalid-request", 400)
        assert body["detail"].startswith("Idempotency-Key")

    @pytest.mark.parametrize("given", [None, "1", "1,2", '"1', "x", "", "W/1"])
    def test_a_change_needs_a_well_formed_if_match(self, doors: Sandbox, given: Optional[str]) -> None:
        headers = {"Idempotency-Key": uuid.uuid4().hex, **({} if given is None else {"If-Match": given})}
        answer = call(doors, "PUT", f"/customers/{CUSTOMER}/contact-preferences", json={}, headers=headers)
        assert assert_problem(answer, "invalid-request", 400)["detail"].startswith("If-Match")

    @pytest.mark.parametrize(
        ("given", "status"), [('"{v}"', 200), ('"0", "{v}"', 200), ("*", 200), ('"0"', 412), ('W/"{v}"', 412)]
    )
    def test_an_etag_fits_or_it_is_412(self, doors: Sandbox, given: str, status: int) -> None:
        path = f"/customers/{CUSTOMER}/contact-preferences"
        present = call(doors, "GET", path)
        version = present.json()["version"]
        assert present.headers["ETag"] == f'"{version}"'
        headers = {"Idempotency-Key": uuid.uuid4().hex, "If-Match": given.replace("{v}", str(version))}
        answer = call(doors, "PUT", path, json=present.json(), headers=headers)
        if status == 412:
            assert_problem(answer, "changed-meanwhile", 412)
        else:
            assert (answer.status_code, answer.headers["ETag"]) == (200, f'"{version + 1}"')

    def test_a_repeat_has_the_same_etag(self, doors: Sandbox, bank: BankClient) -> None:
        path = f"/customers/{CUSTOMER}/contact-preferences"
        present = call(doors, "GET", path)
        headers = {"Idempotency-Key": uuid.uuid4().hex, "If-Match": present.headers["ETag"]}
        first, second = (call(doors, "PUT", path, json=present.json(), headers=headers) for _ in range(2))
        assert (first.content, first.headers["ETag"]) == (second.content, second.headers["ETag"])

    def test_a_deletion_answers_without_a_body_each_time(self, doors: Sandbox, bank: BankClient) -> None:
        linked = call(
            doors,
            "POST",
            f"/customers/{CUSTOMER}/messaging-identities",
            json={"channel": "wechat", "account": "wx", "subject": "o-1"},
            headers={"Idempotency-Key": uuid.uuid4().hex},
        ).json()
        key = {"Idempotency-Key": uuid.uuid4().hex}
        path = f"/customers/{CUSTOMER}/messaging-identities/{linked['id']}"
        for _ in range(2):
            answer = call(doors, "DELETE", path, headers=key)
            assert (answer.status_code, answer.content) == (204, b"")


class TestUploads:
    @pytest.fixture
    def consent(self, bank: BankClient) -> str:
        return bank.record_consent(
            CUSTOMER,
            purpose=ConsentPurpose.HARDSHIP_DOCUMENTS,
            given=True,
            text_version="1",
            language="zh",
            idempotency_key=uuid.uuid4().hex,
        ).id

    def send(self, doors: Sandbox, consent: str, content: bytes = PDF, **changes: Any) -> requests.Response:
        fields: Dict[str, Any] = {"kind": "diagnosis", "consent_id": consent, **changes.pop("fields", {})}
        values = {"data": fields, "files": {"file": ("诊断.pdf", content, "application/pdf")}, **changes}
        headers = {"Idempotency-Key": uuid.uuid4().hex, **values.pop("headers", {})}
        return call(doors, "POST", f"/customers/{CUSTOMER}/documents", headers=headers, **values)

    def test_a_form_with_a_file(self, doors: Sandbox, consent: str) -> None:
        answer = self.send(doors, consent)
        assert answer.status_code == 201
        kept = answer.json()
        assert (kept["file_name"], kept["size"], kept["content_type"]) == ("诊断.pdf", len(PDF), "application/pdf")

    def test_content_that_looks_like_a_form_is_kept_as_it_is(self, doors: Sandbox, consent: str) -> None:
        tricky = PDF + b"\r\n--\r\nContent-Disposition: form-data; name=kind\r\n\r\nother\r\n\x00\xff--"
        assert self.send(doors, consent, tricky).json()["size"] == len(tricky)

    def test_the_largest_file_and_one_byte_more(self, doors: Sandbox, consent: str) -> None:
        assert self.send(doors, consent, PDF.ljust(_LARGEST)).json()["size"] == _LARGEST
        assert_problem(self.send(doors, consent, PDF.ljust(_LARGEST + 1)), "file-too-large", 413)
        assert_problem(self.send(doors, consent, PDF.ljust(2 * _LARGEST)), "file-too-large", 413)

    def test_other_requests_stay_small(self, doors: Sandbox) -> None:
        answer = call(
            doors,
            "POST",
            f"/customers/{CUSTOMER}/consents",
            data=b" " * 200_000,
            headers={"Idempotency-Key": uuid.uuid4().hex},
        )
        assert answer.status_code == 413

    def test_nothing_is_read_of_who_may_not_send(self, doors: Sandbox, consent: str) -> None:
        path = f"/customers/{CUSTOMER}/documents"
        assert_problem(call(doors, "POST", path, "accounts-read", data=b"x" * 1000), "forbidden", 403)

    @pytest.mark.parametrize(
        ("name", "changes"),
        [
            ("no file", {"files": None}),
            ("two files", {"files": [("file", ("a.pdf", PDF)), ("file", ("b.pdf", PDF))]}),
            ("no kind", {"fields": {"kind": None}}),
            ("two kinds", {"fields": {"kind": ["diagnosis", "other"]}}),
            ("an unknown kind", {"fields": {"kind": "love_letter"}}),
            ("an id with a line break", {"fields": {"consent_id": "cs-1\n"}}),
            ("an empty file", {"files": {"file": ("a.pdf", b"")}}),
            ("a file without a name", {"files": {"file": ("", PDF)}}),
            ("no form", {"headers": {"Content-Type": "application/json"}}),
            ("no boundary", {"headers": {"Content-Type": "multipart/form-data"}}),
            ("another boundary", {"headers": {"Content-Type": "multipart/form-data; boundary=zzz"}}),
        ],
    )
    def test_forms_that_cannot_be_used(self, doors: Sandbox, consent: str, name: str, changes: Dict[str, Any]) -> None:
        assert_problem(self.send(doors, consent, **changes), "invalid-request", 400)

    @pytest.mark.parametrize(
        "body", [b"", b"--b", b"--b\r\n\r\n--b--", b"--b\r\nnonsense\r\n\r\nx\r\n--b--", b"\xff--b\xff"]
    )
    def test_bodies_that_are_no_form(self, doors: Sandbox, body: bytes) -> None:
        headers = {"Idempotency-Key": uuid.uuid4().hex, "Content-Type": "multipart/form-data; boundary=b"}
        answer = call(doors, "POST", f"/customers/{CUSTOMER}/documents", data=body, headers=headers)
        assert_problem(answer, "invalid-request", 400)


class TestDesk:
    def test_another_sites_page_cannot_decide(self, doors: Sandbox) -> None:
        url = f"{doors.origin}/sandbox/applications/INS-20200101-0001/decide"
        for origin, name, status in (
            ("https://elsewhere.example", "invalid-request", 403),
            ("null", "invalid-request", 403),
            (doors.origin, "not-found", 404),
        ):
            answer = requests.post(url, json={"approve": True}, headers={"Origin": origin}, timeout=10)
            assert_problem(answer, name, status)

    def test_the_desk_and_its_page_are_shown_on_this_machine_only(self, doors: Sandbox, tmp_path: Path) -> None:
        assert "operations.js" in requests.get(f"{doors.origin}/operations", timeout=10).text
        shut = start_sandbox(tmp_path, BANK_HOST="0.0.0.0")
        try:
            for path in ("/operations", "/sandbox/desk"):
                assert_problem(requests.get(shut.origin + path, timeout=10), "not-found", 404)
        finally:
            shut.process.stop()
