"""The sandbox as a server: problems for everything, doors that are shut, logs that tell nothing, an event loop that
never waits."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import threading
import uuid
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest
import requests

from bank.client import BankClient
from bank.models import ApplicationKind, Purpose
from common.settings import ROOT
from tests.processes import Sandbox, free_port, start_sandbox
from tests.test_bank.contract import SCHEMAS
from tests.test_bank.test_openapi import validator_for

CUSTOMER = "demo-m1-first"


@pytest.fixture(scope="module")
def shut(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox that listens on every address of this machine."""
    running = start_sandbox(tmp_path_factory.mktemp("shut"), BANK_HOST="0.0.0.0")
    yield running
    running.process.stop()


@pytest.fixture
def http(own_sandbox: Sandbox) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {own_sandbox.token}"
        yield session


def assert_problem(answer: requests.Response, name: str, status: int) -> Dict[str, Any]:
    body: Dict[str, Any] = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, body["status"], body["type"]) == (status, status, f"urn:overdue-card:problem:{name}")
    validator_for(SCHEMAS["Problem"]).validate(body)
    return body


class TestProblems:
    @pytest.mark.parametrize("path", ["/v1/nothing", "/v1", "/nothing", "/v1/customers/a/b/c"])
    def test_unknown_addresses(self, http: requests.Session, own_sandbox: Sandbox, path: str) -> None:
        assert_problem(http.get(own_sandbox.origin + path, timeout=10), "not-found", 404)

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST"])
    def test_methods_that_an_address_does_not_have(
        self, http: requests.Session, own_sandbox: Sandbox, method: str
    ) -> None:
        answer = http.request(method, f"{own_sandbox.api_url}/customers/{CUSTOMER}", timeout=10)
        assert_problem(answer, "invalid-request", 405)
        assert answer.headers["Allow"] == "GET"

    @pytest.mark.parametrize(
        "body",
        [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"{}", b'{"purpose": "file_application"}', b"NaN"]
        + [b'{"purpose": "rob", "subject": "q-1"}', b'{"purpose": "file_application", "subject": 1}']
        + [b'{"purpose": "file_application", "subject": "q-1\\n"}', b"[" * 5000],
        ids=lambda body: repr(body[:40]),
    )
    def test_bodies_that_cannot_be_used(self, http: requests.Session, own_sandbox: Sandbox, body: bytes) -> None:
        url = f"{own_sandbox.api_url}/customers/{CUSTOMER}/challenges"
        assert_problem(http.post(url, data=body, timeout=10), "invalid-request", 400)

    def test_bodies_that_are_too_large(self, http: requests.Session, own_sandbox: Sandbox) -> None:
        url = f"{own_sandbox.api_url}/customers/{CUSTOMER}/challenges"
        assert_problem(http.post(url, data=b" " * 100_000, timeout=10), "invalid-request", 413)

    @pytest.mark.parametrize(
        "query",
        ["amount=", "amount=1", "amount=1.5", "amount=-1.00", "amount=0.00", "amount=1e3", "amount=１.00"]
        + ["amount=1.00&amount=2.00", "amount=1.00%0A", "terms=", "terms=0", "terms=1.5", "terms=+6", "terms=six"],
    )
    def test_queries_that_cannot_be_used(self, http: requests.Session, own_sandbox: Sandbox, query: str) -> None:
        card = http.get(f"{own_sandbox.api_url}/customers/{CUSTOMER}/cards", timeout=10).json()["items"][0]["id"]
        url = f"{own_sandbox.api_url}/customers/{CUSTOMER}/cards/{card}/instalment-quotes?{query}"
        body = assert_problem(http.get(url, timeout=10), "invalid-request", 400)
        assert body["detail"].startswith(query.partition("=")[0])

    @pytest.mark.parametrize("day", ["2027-02-30", "20270201", "2027-2-1", "tomorrow", "", "0000-00-00"])
    def test_days_that_do_not_exist(self, http: requests.Session, own_sandbox: Sandbox, day: str) -> None:
        card = http.get(f"{own_sandbox.api_url}/customers/{CUSTOMER}/cards", timeout=10).json()["items"][0]["id"]
        url = f"{own_sandbox.api_url}/customers/{CUSTOMER}/cards/{card}/deferral-options"
        assert_problem(http.get(url, params={"until": day}, timeout=10), "invalid-request", 400)

    @pytest.mark.parametrize("key", [None, "", "short", "x" * 65, "has a space", "schlüssel-1"])
    def test_filing_without_a_proper_key(self, http: requests.Session, own_sandbox: Sandbox, key: Any) -> None:
        headers = {} if key is None else {"Idempotency-Key": key.encode()}
        body = {"kind": "instalment", "card_id": "k-1", "quote_id": "q-1", "proof": "some-proof"}
        url = f"{own_sandbox.api_url}/customers/{CUSTOMER}/applications"
        assert_problem(http.post(url, json=body, headers=headers, timeout=10), "invalid-request", 400)

    @pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Basic abc", "Bearer wrong", "test-bank-token"])
    def test_without_the_token(self, own_sandbox: Sandbox, given: str) -> None:
        with requests.Session() as session:
            session.trust_env = False
            url = f"{own_sandbox.api_url}/customers/{CUSTOMER}"
            answer = session.get(url, headers={"Authorization": given}, timeout=10)
        assert_problem(answer, "unauthorised", 401)
        assert answer.headers["WWW-Authenticate"] == "Bearer"

    def test_a_fault_of_the_sandbox_tells_nothing_of_itself(
        self, tmp_path: Path, http: requests.Session, own_sandbox: Sandbox
    ) -> None:
        broken = start_sandbox(tmp_path)
        try:
            with sqlite3.connect(tmp_path / "bank.db") as database:
                database.execute("DROP TABLE bank_cards")
            url = f"{broken.api_url}/customers/{CUSTOMER}/cards"
            assert assert_problem(http.get(url, timeout=10), "internal", 500) == {
                "type": "urn:overdue-card:problem:internal",
                "title": "Internal",
                "status": 500,
            }
            assert http.get(f"{broken.api_url}/customers/{CUSTOMER}", timeout=10).status_code == 200
        finally:
            broken.process.stop()


class TestAnswers:
    def test_health_needs_no_token(self, own_sandbox: Sandbox) -> None:
        assert requests.get(f"{own_sandbox.api_url}/health", timeout=10).json() == {"status": "ok"}

    def test_no_cache_may_keep_them(self, http: requests.Session, own_sandbox: Sandbox) -> None:
        answer = http.get(f"{own_sandbox.api_url}/customers/{CUSTOMER}/cards", timeout=10)
        assert answer.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize(("given", "returned"), [("web-1", "web-1"), ("a b", None), ("x" * 129, None)])
    def test_a_proper_correlation_id_comes_back(
        self, http: requests.Session, own_sandbox: Sandbox, given: str, returned: Any
    ) -> None:
        url = f"{own_sandbox.api_url}/customers/{CUSTOMER}"
        for answer in (
            http.get(url, headers={"X-Correlation-ID": given}, timeout=10),
            http.get(url + "/nothing", headers={"X-Correlation-ID": given}, timeout=10),
        ):
            assert answer.headers.get("X-Correlation-ID") == returned

    def test_a_filing_is_the_same_after_a_restart(self, tmp_path: Path) -> None:
        sandbox = start_sandbox(tmp_path)
        try:
            bank = BankClient(sandbox.api_url, sandbox.token)
            card = bank.cards(CUSTOMER)[0].id
            quote = bank.instalment_quotes(CUSTOMER, card)[0]
            challenge = bank.challenge(CUSTOMER, Purpose.FILE_APPLICATION, quote.id)
            [message] = requests.get(f"{sandbox.origin}/sandbox/sms", timeout=10).json()
            code = re.search(r"(?<!\d)\d{6}(?!\d)", message["text"])
            assert code
            proof = bank.check_challenge(CUSTOMER, challenge.id, code.group()).token
            filing: Dict[str, Any] = {
                "kind": ApplicationKind.INSTALMENT,
                "card_id": card,
                "quote_id": quote.id,
                "reason": None,
                "proof": proof,
                "idempotency_key": uuid.uuid4().hex,
            }
            filed = bank.file_application(CUSTOMER, **filing)
            sandbox.process.stop()
            sandbox.process.start()
            assert bank.file_application(CUSTOMER, **filing) == filed
            assert [each.reference for each in bank.applications(CUSTOMER)] == [filed.reference]
        finally:
            sandbox.process.stop()


class TestDoors:
    def test_the_inbox_and_the_reviewers_desk_are_open_on_this_machine_only(
        self, own_sandbox: Sandbox, shut: Sandbox
    ) -> None:
        assert requests.get(f"{own_sandbox.origin}/sandbox/sms", timeout=10).status_code == 200
        assert_problem(requests.get(f"{shut.origin}/sandbox/sms", timeout=10), "not-found", 404)
        decide = "/sandbox/applications/INS-20200101-0001/decide"
        answer = requests.post(shut.origin + decide, json={"approve": True}, timeout=10)
        assert assert_problem(answer, "not-found", 404)["detail"] == "no such page"
        answer = requests.post(own_sandbox.origin + decide, json={"approve": True}, timeout=10)
        assert assert_problem(answer, "not-found", 404)["detail"] == "no such application"

    def test_a_setting_opens_them(self, tmp_path: Path) -> None:
        opened = start_sandbox(tmp_path, BANK_HOST="0.0.0.0", SANDBOX_SMS_INBOX="true")
        try:
            assert requests.get(f"{opened.origin}/sandbox/sms", timeout=10).json() == []
        finally:
            opened.process.stop()

    @pytest.mark.parametrize("body", [{}, {"approve": "maybe"}, {"approve": True, "note": 1}, []])
    def test_a_decision_must_be_one(self, own_sandbox: Sandbox, body: object) -> None:
        url = f"{own_sandbox.origin}/sandbox/applications/INS-20200101-0001/decide"
        assert_problem(requests.post(url, json=body, timeout=10), "invalid-request", 400)


def test_the_event_loop_does_not_wait_for_the_database(tmp_path: Path) -> None:
    """While a write waits for another program's lock, reads are answered."""
    sandbox = start_sandbox(tmp_path)
    bank = BankClient(sandbox.api_url, sandbox.token, read_timeout=60)
    card = bank.cards(CUSTOMER)[0].id
    quote = bank.instalment_quotes(CUSTOMER, card)[0]
    sent: List[object] = []
    lock = sqlite3.connect(tmp_path / "bank.db", isolation_level=None)
    try:
        lock.execute("BEGIN IMMEDIATE")
        writer = threading.Thread(
            target=lambda: sent.append(bank.challenge(CUSTOMER, Purpose.FILE_APPLICATION, quote.id))
        )
        writer.start()
        for _ in range(20):
            assert bank.customer(CUSTOMER).id == CUSTOMER
        assert sent == []
        lock.execute("COMMIT")
        writer.join(timeout=60)
        assert len(sent) == 1
    finally:
        lock.close()
        sandbox.process.stop()


def test_the_log_holds_no_token_code_proof_or_customer(tmp_path: Path) -> None:
    sandbox = start_sandbox(tmp_path)
    try:
        bank = BankClient(sandbox.api_url, sandbox.token)
        card = bank.cards(CUSTOMER)[0].id
        quote = bank.instalment_quotes(CUSTOMER, card)[0]
        challenge = bank.challenge(CUSTOMER, Purpose.FILE_APPLICATION, quote.id)
        [message] = requests.get(f"{sandbox.origin}/sandbox/sms", timeout=10).json()
        code = re.search(r"(?<!\d)\d{6}(?!\d)", message["text"])
        assert code
        proof = bank.check_challenge(CUSTOMER, challenge.id, code.group()).token
    finally:
        sandbox.process.stop()
    log = sandbox.process.log.read_text(encoding="utf-8")
    assert "POST /v1/customers/<customer_id:str>/challenges 201" in log
    for secret in (sandbox.token, code.group(), proof, CUSTOMER, card, message["masked_phone"], "陈女士"):
        assert secret not in log


def test_a_mistake_in_the_policy_stops_the_start_with_one_plain_complaint(tmp_path: Path) -> None:
    policy = tmp_path / "mine.yml"
    text = (ROOT / "bank" / "sandbox" / "policy.yml").read_text(encoding="utf-8")
    policy.write_text(text.replace("daily_rate: 0.0005", "daily_rate: a lot"), encoding="utf-8")
    line = text.splitlines().index("  daily_rate: 0.0005") + 1
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "bank.sandbox.app"],
        cwd=ROOT,
        env={"VAR_DIR": str(tmp_path), "BANK_POLICY_FILE": str(policy), "BANK_PORT": str(free_port())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1] == f"{policy}:{line}: interest.daily_rate: must be a number"
    assert "Traceback" not in run.stderr
