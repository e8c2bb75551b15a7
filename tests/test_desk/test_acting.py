"""What agents do at the bank for customers: quotes, requests with the customer's code, decisions, the contact log."""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any, Dict, Iterator, Tuple

import pytest
import requests

from bank.client import BankClient
from bank.errors import BankTimeout
from common import clock
from desk.case import canned
from desk.case.at_bank import HARDSHIP_CONSENT
from tests.processes import Sandbox, start_sandbox
from tests.test_desk.desk_case import CaseDesk, case_desk
from tests.test_desk.desk_people import PASSWORD, account
from tests.test_desk.serving import Browser, problem, served

CUSTOMER = "demo-m1-first"


@pytest.fixture(scope="module")
def own_bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A bank of this module's own: its customers file requests."""
    running = start_sandbox(tmp_path_factory.mktemp("bank"))
    yield running
    running.process.stop()


class Case:
    """A conversation that the agent has, over HTTP."""

    def __init__(self, desk: CaseDesk, browser: Browser, bank: Sandbox, customer: str = CUSTOMER) -> None:
        self.desk, self.browser, self.bank, self.customer = desk, browser, bank, customer
        self.id = desk.case(customer)
        agent = desk.people.accounts.by_name("wang")
        assert agent is not None
        desk.claim(agent, self.id)
        self.card = BankClient(bank.api_url, bank.token).cards(customer)[0].id

    def get(self, path: str) -> requests.Response:
        return self.browser.get(f"/api/conversations/{self.id}/{path}")

    def post(self, path: str, body: Dict[str, Any]) -> requests.Response:
        return self.browser.post(f"/api/conversations/{self.id}/{path}", body)

    def quote(self) -> Dict[str, Any]:
        found = self.get(f"quotes?kind=instalment&card_id={self.card}&terms=6").json()["quotes"]
        return dict(found[0])

    def code(self) -> str:
        """What the customer's phone shows."""
        sent = requests.get(f"{self.bank.origin}/sandbox/sms", timeout=10).json()
        text = next(each["text"] for each in sent if each["customer_id"] == self.customer)
        found = re.search(r"(?<!\d)\d{6}(?!\d)", text)
        assert found
        return found.group()

    def challenge(self, subject: str, **more: str) -> Dict[str, Any]:
        answer = self.post("challenges", {"subject": subject, **more})
        assert answer.status_code == 201, answer.text
        return dict(answer.json()["challenge"])

    def filing(self, quote: Dict[str, Any], challenge: Dict[str, Any], **changes: Any) -> Dict[str, Any]:
        return {
            "kind": "instalment",
            "card_id": self.card,
            "quote_id": quote["id"],
            "challenge_id": challenge["id"],
            "code": self.code(),
            "idempotency_key": uuid.uuid4().hex,
            **changes,
        }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, own_bank: Sandbox) -> Iterator[Tuple[CaseDesk, str]]:
    bank = BankClient(own_bank.api_url, own_bank.token)
    desk = case_desk(tmp_path_factory.mktemp("desk"), bank, own_bank.origin)
    account(desk.people, "wang")
    with served(desk.app) as origin:
        yield desk, origin


@pytest.fixture
def case(place: Tuple[CaseDesk, str], own_bank: Sandbox) -> Case:
    browser = Browser(place[1])
    assert browser.sign_in("wang", PASSWORD).ok
    return Case(place[0], browser, own_bank)


def test_from_a_quote_to_a_request_that_the_bank_decides_on(case: Case) -> None:
    quote = case.quote()
    assert (quote["terms"], quote["card_id"]) == (6, case.card)
    assert re.fullmatch(r"\d+\.\d\d", quote["total_cost"])
    challenge = case.challenge(quote["id"])
    assert "****" in challenge["masked_phone"]
    filing = case.filing(quote, challenge, reason="forgot")
    filed = case.post("requests", filing)
    assert filed.status_code == 201, filed.text
    reference = filed.json()["request"]["reference"]

    again = case.post("requests", filing)
    assert again.json()["request"]["reference"] == reference
    listed = case.get("requests").json()
    assert [each["reference"] for each in listed["requests"]].count(reference) == 1
    assert listed["decides"] is True
    summary = case.get("summary").json()
    assert reference in [each["reference"] for each in summary["open_requests"]]
    assert "open_request" in [each["id"] for each in summary["suggestions"]]

    decided = case.post(f"requests/{reference}/decide", {"approve": True})
    assert decided.json()["request"]["status"] in ("approved", "active")
    assert problem(case.post(f"requests/{reference}/decide", {"approve": False})) == "illegal-move"

    acts = [entry["act"] for entry in case.desk.people.audit.read(what=case.id)]
    assert acts == ["request-decided", "request-filed", "request-filed", "code-sent"]
    kept = repr(case.desk.people.audit.read())
    assert reference in kept
    assert filing["code"] not in kept


def test_nothing_is_filed_without_the_customers_code(place: Any, own_bank: Sandbox) -> None:
    browser = Browser(place[1])
    browser.sign_in("wang", PASSWORD)
    case = Case(place[0], browser, own_bank, "demo-m2")
    quote = case.quote()
    challenge = case.challenge(quote["id"])
    right = case.code()
    wrong = case.post("requests", case.filing(quote, challenge, code="000000" if right != "000000" else "000001"))
    assert (problem(wrong), wrong.json()["attempts_left"]) == ("wrong-code", challenge["attempts_left"] - 1)
    other = case.post("requests", case.filing(quote, {"id": "chg-unknown"}))
    assert problem(other) == "not-found"
    missing = {name: each for name, each in case.filing(quote, challenge).items() if name != "code"}
    assert problem(case.post("requests", missing)) == "invalid-request"
    assert case.get("requests").json()["requests"] == []


def test_a_try_that_failed_at_the_last_step_is_repeated_with_the_same_code(
    place: Any, own_bank: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(place[1])
    browser.sign_in("wang", PASSWORD)
    case = Case(place[0], browser, own_bank, "demo-english")
    quote = case.quote()
    filing = case.filing(quote, case.challenge(quote["id"]))
    bank = place[0].app.ctx.at_bank._bank

    def no_answer(*_: Any, **__: Any) -> None:
        raise BankTimeout("POST /applications", "no answer")

    with monkeypatch.context() as broken:
        broken.setattr(bank, "file_application", no_answer)
        assert problem(case.post("requests", filing)) == "bank-unavailable"
    assert case.post("requests", filing).status_code == 201
    assert len(case.get("requests").json()["requests"]) == 1


def test_a_request_is_withdrawn_with_a_code_for_that(place: Any, own_bank: Sandbox) -> None:
    browser = Browser(place[1])
    browser.sign_in("wang", PASSWORD)
    case = Case(place[0], browser, own_bank, "demo-m1-partial")
    quote = case.quote()
    reference = case.post("requests", case.filing(quote, case.challenge(quote["id"]))).json()["request"]["reference"]
    challenge = case.challenge(reference, purpose="withdraw_application")
    body = {"challenge_id": challenge["id"], "code": case.code(), "idempotency_key": uuid.uuid4().hex}
    withdrawn = case.post(f"requests/{reference}/withdraw", body)
    assert withdrawn.json()["request"]["status"] == "withdrawn"


def test_what_the_bank_refuses_keeps_its_name(place: Any, own_bank: Sandbox) -> None:
    browser = Browser(place[1])
    browser.sign_in("wang", PASSWORD)
    case = Case(place[0], browser, own_bank, "demo-clear")
    answer = case.get(f"quotes?kind=instalment&card_id={case.card}")
    assert (answer.status_code, problem(answer), answer.json()["reason"]) == (422, "not-eligible", "nothing_due")
    assert problem(case.get("quotes?kind=instalment&card_id=k-of-nobody")) == "not-found"


@pytest.mark.parametrize("kind", ["instalment", "deferral", "agreement", "waiver"])
def test_everything_that_can_be_filed_is_quoted(place: Any, own_bank: Sandbox, kind: str) -> None:
    browser = Browser(place[1])
    browser.sign_in("wang", PASSWORD)
    case = Case(place[0], browser, own_bank, "demo-m4" if kind == "agreement" else "demo-two-cards")
    answer = case.get(f"quotes?kind={kind}&card_id={case.card}")
    assert answer.ok, answer.text
    assert all(each["card_id"] == case.card for each in answer.json()["quotes"])
    assert answer.json()["quotes"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "kind=hardship&card_id=k",
        "kind=instalment",
        "kind=instalment&card_id=k&amount=-1",
        "kind=instalment&card_id=k&amount=NaN",
        "kind=instalment&card_id=k&amount=1.005",
        "kind=instalment&card_id=k&terms=0",
        "kind=instalment&card_id=k&terms=x",
        "kind=deferral&card_id=k&until=tomorrow",
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(case: Case, query: str) -> None:
    assert problem(case.get(f"quotes?{query}")) == "invalid-request"


def signed_in_case(place: Any, bank: Sandbox, customer: str) -> Case:
    browser = Browser(place[1])
    browser.sign_in("wang", PASSWORD)
    return Case(place[0], browser, bank, customer)


def test_hardship_is_declared_with_the_customers_code_and_consent(place: Any, own_bank: Sandbox) -> None:
    case = signed_in_case(place, own_bank, "demo-m2")
    bank = BankClient(own_bank.api_url, own_bank.token)
    body = {
        "card_id": case.card,
        "reason": "illness",
        "affordable_per_month": "300.00",
        "consented": True,
        "language": "zh",
        "challenge_id": case.challenge(case.card)["id"],
        "code": case.code(),
        "idempotency_key": uuid.uuid4().hex,
    }
    assert problem(case.post("hardship", {**body, "consented": False})) == "invalid-request"
    wrong = "000000" if body["code"] != "000000" else "111111"
    assert problem(case.post("hardship", {**body, "code": wrong})) == "wrong-code"
    assert bank.consents("demo-m2") == [], "without the code nothing is recorded"

    filed = case.post("hardship", body)
    assert filed.status_code == 201, filed.text
    assert (filed.json()["request"]["kind"], filed.json()["request"]["card_id"]) == ("hardship", case.card)
    assert case.post("hardship", body).json()["request"]["reference"] == filed.json()["request"]["reference"]
    (consent,) = bank.consents("demo-m2")
    assert (consent.given, consent.text_version, consent.language) == (True, HARDSHIP_CONSENT, "zh")
    acts = [entry["act"] for entry in case.desk.people.audit.read(what=case.id)]
    assert "hardship-declared" in acts


def test_the_version_of_the_consent_belongs_to_its_wording() -> None:
    """Who changes the wording gives it another version, as the bank's record names it by that."""
    (reply,) = [each for each in canned.replies().replies if each.id == "hardship_consent"]
    wording = "|".join(reply.text[language] for language in ("zh", "en"))
    assert (HARDSHIP_CONSENT, hashlib.sha256(wording.encode()).hexdigest()[:12]) == (
        "hardship-documents-desk-2026-11",
        "cbefc58b4508",
    )


def test_automatic_debits_are_switched_on_and_off(place: Any, own_bank: Sandbox) -> None:
    case = signed_in_case(place, own_bank, "demo-m1-partial")
    now = case.get(f"auto-debit?card_id={case.card}").json()

    def body(**changes: Any) -> Dict[str, Any]:
        challenge = case.challenge(case.card, purpose="set_auto_debit")
        confirmed = {"challenge_id": challenge["id"], "code": case.code(), "idempotency_key": uuid.uuid4().hex}
        return {"card_id": case.card, "version": now["auto_debit"]["version"], **confirmed, **changes}

    account_id = now["accounts"][0]["id"]
    done = case.post("auto-debit", body(enabled=True, amount="minimum", account_id=account_id))
    assert done.status_code == 201, done.text
    set_now = done.json()["auto_debit"]
    assert (set_now["enabled"], set_now["amount"]) == (True, "minimum")
    assert set_now["account_last4"] == now["accounts"][0]["last4"]
    outdated = case.post("auto-debit", body(enabled=False))
    assert problem(outdated) == "changed-meanwhile", "what the agent saw is no longer so"
    off = case.post("auto-debit", body(enabled=False, version=set_now["version"]))
    assert off.json()["auto_debit"]["enabled"] is False
    assert case.get(f"auto-debit?card_id={case.card}").json()["auto_debit"]["enabled"] is False
    assert problem(case.get("auto-debit")) == "invalid-request"


@pytest.mark.parametrize("path", ["hardship", "auto-debit"])
def test_what_a_colleague_has_is_not_declared_or_set(place: Any, own_bank: Sandbox, path: str) -> None:
    case = signed_in_case(place, own_bank, "demo-two-cards")
    if place[0].people.accounts.by_name("zhao") is None:
        account(place[0].people, "zhao")
    other = Browser(place[1])
    other.sign_in("zhao", PASSWORD)
    confirmed = {"challenge_id": "c-1", "code": "123456", "idempotency_key": uuid.uuid4().hex, "card_id": case.card}
    wanted: Dict[str, Dict[str, Any]] = {
        "hardship": {"reason": "illness", "consented": True, "language": "zh"},
        "auto-debit": {"enabled": False, "version": 1},
    }
    answer = other.post(f"/api/conversations/{case.id}/{path}", {**confirmed, **wanted[path]})
    assert (answer.status_code, problem(answer)) == (403, "forbidden")


def test_a_promise_and_a_contact_are_in_the_banks_books(place: Any, own_bank: Sandbox) -> None:
    browser = Browser(place[1])
    browser.sign_in("wang", PASSWORD)
    case = Case(place[0], browser, own_bank, "demo-two-cards")
    bank = BankClient(case.bank.api_url, case.bank.token)
    due = bank.overdue(case.customer, case.card)
    promise = {
        "card_id": case.card,
        "amount": f"{due.remaining_minimum:.2f}",
        "pay_on": (due.as_of + timedelta(days=3)).isoformat(),
        "idempotency_key": uuid.uuid4().hex,
    }
    made = case.post("promises", promise)
    assert made.status_code == 201, made.text
    assert made.json()["promise"]["reference"] == bank.promises(case.customer)[0].reference
    summary = case.get("summary").json()
    assert summary["promises"][0]["amount"] == promise["amount"]
    assert "promise_open" in [each["id"] for each in summary["suggestions"]]

    contact = {"at": clock.now().isoformat(), "channel": "phone", "direction": "out", "outcome": "answered"}
    contact["idempotency_key"] = uuid.uuid4().hex
    before = len(bank.contacts(case.customer))
    first, again = case.post("contacts", contact), case.post("contacts", contact)
    assert first.status_code == again.status_code == 201, first.text
    assert len(bank.contacts(case.customer)) == before + 1
    assert bank.contacts(case.customer)[0].rule == "desk-agent"
    assert case.get("summary").json()["contacts"][0]["outcome"] == "answered"
    for at in ("2020-01-01T00:00:00+08:00", "2099-01-01T00:00:00+08:00", "2026-11-22T10:00:00", "yesterday"):
        assert problem(case.post("contacts", {**contact, "at": at})) == "invalid-request"


def test_only_who_has_the_conversation_acts_and_only_for_a_customer(place: Any, own_bank: Sandbox, case: Case) -> None:
    account(place[0].people, "third")
    third = Browser(place[1])
    third.sign_in("third", PASSWORD)
    path = f"/api/conversations/{case.id}"
    assert problem(third.get(f"{path}/quotes?kind=instalment&card_id={case.card}")) == "forbidden"
    assert problem(third.post(f"{path}/challenges", {"subject": "q-1"})) == "forbidden"

    waiting = place[0].case(CUSTOMER)
    assert problem(case.browser.get(f"/api/conversations/{waiting}/requests")) == "not-yours"

    visitor = place[0].case(None)
    agent = place[0].people.accounts.by_name("wang")
    place[0].claim(agent, visitor)
    answer = case.browser.get(f"/api/conversations/{visitor}/requests")
    assert (answer.status_code, problem(answer)) == (409, "not-verified")


def test_another_customers_request_is_not_decided(place: Any, own_bank: Sandbox, case: Case) -> None:
    browser = Browser(place[1])
    browser.sign_in("wang", PASSWORD)
    other = Case(place[0], browser, own_bank, "demo-pending")
    quote = other.quote()
    reference = other.post("requests", other.filing(quote, other.challenge(quote["id"]))).json()["request"]["reference"]
    assert problem(case.post(f"requests/{reference}/decide", {"approve": True})) == "not-found"


def test_at_a_real_bank_agents_decide_nothing(tmp_path: Path, own_bank: Sandbox) -> None:
    desk = case_desk(tmp_path, BankClient(own_bank.api_url, own_bank.token), None)
    account(desk.people, "wang")
    with served(desk.app) as origin:
        browser = Browser(origin)
        browser.sign_in("wang", PASSWORD)
        case = Case(desk, browser, own_bank)
        assert case.get("requests").json()["decides"] is False
        answer = case.post("requests/INS-1/decide", {"approve": True})
    assert (answer.status_code, problem(answer)) == (501, "not-offered")
