"""What the client makes of the bank's answers: models for good ones, one error each for the others."""

from __future__ import annotations

import json
import logging
import traceback
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Dict, List, Optional, Type

import pytest

from bank import client as client_module
from bank.client import BankClient, bank_client
from bank.errors import (
    BankContractBroken,
    BankError,
    BankRejected,
    BankTimeout,
    BankUnavailable,
    ChangedMeanwhile,
    CodeExpired,
    ConsentRequired,
    FileRefused,
    IdempotencyConflict,
    IllegalMove,
    InvalidRequest,
    NotAuthorised,
    NotEligible,
    NotEligibleReason,
    NotFound,
    NotOffered,
    NotWithdrawable,
    ProofRequired,
    QuoteExpired,
    RateLimited,
    TooManyAttempts,
    WrongCode,
)
from bank.exchange import LARGEST_BODY, pooled_session
from bank.models import AccountState, Bucket, Card, Model, Scope
from common import log
from common.settings import settings
from tests.test_bank.contract import CALLS, CARD, CUSTOMER, KEY, OPERATIONS, PROOF, REFERENCE
from tests.test_bank.transport import (
    BASE_URL,
    Answer,
    Reply,
    Transport,
    broken_off,
    connect_timeout,
    good,
    problem,
    read_timeout,
    refused,
)

TOKEN = "assistant-token-k3"
each_operation = pytest.mark.parametrize("name", CALLS)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bank.exchange.FIRST_PAUSE", 0.0)


def bank_that(answers: Answer, operation: str = "cards") -> BankClient:
    """A client of a bank that answers one operation so."""
    return BankClient(BASE_URL, TOKEN, session=Transport().on(OPERATIONS[operation].route, answers).session())


def error_of(answers: Answer, operation: str = "cards") -> BankError:
    """What the client raises if the bank answers so."""
    with pytest.raises(BankError) as caught:
        CALLS[operation](bank_that(answers, operation))
    return caught.value


@pytest.mark.parametrize("name", [name for name in CALLS if OPERATIONS[name].success()[1] == "application/json"])
def test_returns_models_of_all_that_the_bank_gave(name: str) -> None:
    _, body = OPERATIONS[name].example()
    result = CALLS[name](bank_that(good(name), name))
    found, given = (result, body["items"]) if isinstance(result, list) else ([result], [body])
    assert all(isinstance(one, Model) for one in found)
    assert [json.loads(one.json(exclude_unset=True)) for one in found] == given


def test_reads_money_as_exact_decimals_and_dates_as_dates() -> None:
    summary = bank_that(Reply(*OPERATIONS["overdue"].example()), "overdue").overdue(CUSTOMER, CARD)
    assert (summary.total, summary.due_date) == (Decimal("8220.00"), date(2026, 11, 16))
    assert (summary.state, summary.bucket) == (AccountState.OVERDUE, Bucket.M1)
    assert str(summary.total) == "8220.00"


def test_ignores_what_a_newer_bank_adds() -> None:
    _, body = OPERATIONS["customer"].example()
    assert bank_that(Reply(200, {**body, "tier": "gold"}), "customer").customer(CUSTOMER).name == "王女士"


def test_takes_an_absent_optional_value_and_null_for_the_same() -> None:
    _, body = OPERATIONS["auto_debit"].example()
    off: Dict[str, Any] = {"enabled": False, "last_result": "none", "version": 1}
    absent = bank_that(Reply(200, off), "auto_debit").auto_debit(CUSTOMER, CARD)
    nulls = bank_that(Reply(200, {**dict.fromkeys(body), **off}), "auto_debit").auto_debit(CUSTOMER, CARD)
    assert absent == nulls


PROBLEMS = [
    (problem(404, "not-found"), NotFound),
    (problem(422, "not-eligible", reason="already_running"), NotEligible),
    (problem(400, "invalid-request"), InvalidRequest),
    (problem(401, "unauthorised"), NotAuthorised),
    (problem(403, "forbidden"), NotAuthorised),
    (problem(409, "quote-expired"), QuoteExpired),
    (problem(403, "proof-required"), ProofRequired),
    (problem(422, "wrong-code", attempts_left=2), WrongCode),
    (problem(409, "code-expired"), CodeExpired),
    (problem(409, "too-many-attempts"), TooManyAttempts),
    (problem(409, "not-withdrawable"), NotWithdrawable),
    (problem(409, "idempotency-conflict"), IdempotencyConflict),
    (problem(409, "illegal-move", to="withdrawn"), IllegalMove),
    (problem(412, "changed-meanwhile"), ChangedMeanwhile),
    (problem(422, "consent-required"), ConsentRequired),
    (problem(413, "file-too-large"), FileRefused),
    (problem(415, "file-type"), FileRefused),
    (problem(501, "not-offered"), NotOffered),
    (problem(429, "rate-limited"), RateLimited),
]


@pytest.mark.parametrize(("reply", "kind"), PROBLEMS, ids=lambda value: getattr(value, "__name__", ""))
def test_raises_the_error_of_the_problem(reply: Reply, kind: Type[BankRejected]) -> None:
    error = error_of(reply)
    assert type(error) is kind
    assert isinstance(error, BankRejected)
    assert (error.status, error.problem) == (reply.status, reply.body["title"])


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (refused(), BankUnavailable),
        (broken_off(), BankUnavailable),
        (connect_timeout(), BankTimeout),
        (read_timeout(), BankTimeout),
        (problem(500, "internal"), BankUnavailable),
        (problem(503, "unavailable"), BankUnavailable),
        (Reply(502, b"<html>Bad gateway</html>", content_type="text/html"), BankUnavailable),
        # At a gateway, of an operation that every bank has.
        (Reply(501, b"", content_type="text/html"), BankUnavailable),
        # What came first is not what a customer may be told when the bank's own system has failed.
        (problem(500, "not-found"), BankUnavailable),
    ],
)
def test_raises_unavailable_when_the_bank_does_not_answer(reply: Answer, kind: Type[BankUnavailable]) -> None:
    assert type(error_of(reply)) is kind


@pytest.mark.parametrize("value", list(NotEligibleReason))
def test_says_why_something_is_not_eligible(value: NotEligibleReason) -> None:
    error = error_of(problem(422, "not-eligible", reason=value.value))
    assert isinstance(error, NotEligible)
    assert error.reason is value


@pytest.mark.parametrize("value", ["full_moon", None, 7, ["nothing_due"]])
def test_takes_an_unknown_reason_for_not_allowed_now(value: object) -> None:
    error = error_of(problem(422, "not-eligible", reason=value))
    assert isinstance(error, NotEligible)
    assert error.reason is NotEligibleReason.NOT_ALLOWED_NOW


@pytest.mark.parametrize(("given", "kept"), [(2, 2), (0, 0), (None, None), ("2", None), (True, None), (-1, None)])
def test_counts_the_attempts_left(given: object, kept: Optional[int]) -> None:
    error = error_of(problem(422, "wrong-code", attempts_left=given), "check_challenge")
    assert isinstance(error, WrongCode)
    assert error.attempts_left == kept


@pytest.mark.parametrize(
    ("header", "seconds"), [("42", 42), (None, None), ("soon", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0)]
)
def test_says_how_long_to_wait(header: Optional[str], seconds: Optional[int]) -> None:
    headers = {} if header is None else {"Retry-After": header}
    error = error_of(problem(429, "rate-limited", headers), "challenge")
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, NotAuthorised),
        (403, NotAuthorised),
        (412, ChangedMeanwhile),
        (429, RateLimited),
        (400, BankRejected),
        (404, BankRejected),
        (405, BankRejected),
    ],
)
def test_takes_of_an_answer_without_a_problem_only_what_any_gateway_means(status: int, kind: Type[BankError]) -> None:
    error = error_of(Reply(status, b"<html>no</html>", content_type="text/html"), "customer")
    assert type(error) is kind
    assert isinstance(error, BankRejected)
    assert (error.status, error.problem) == (status, None)


@pytest.mark.parametrize("status", [404, 405, 501])
@pytest.mark.parametrize(
    "body", [b"<html>no</html>", b'{"type": "about:blank", "title": "Not Found", "status": 404}'], ids=["HTML", "JSON"]
)
@pytest.mark.parametrize("name", [name for name in CALLS if not OPERATIONS[name].is_minimal])
def test_an_operation_that_the_server_does_not_know_is_not_offered(name: str, body: bytes, status: int) -> None:
    error = error_of(Reply(status, body, content_type="text/html"), name)
    assert type(error) is NotOffered
    assert error.status == status


@pytest.mark.parametrize("name", [name for name in CALLS if OPERATIONS[name].is_minimal and name != "capabilities"])
def test_what_every_bank_has_is_never_taken_for_not_offered(name: str) -> None:
    assert type(error_of(Reply(404, b"", content_type="text/html"), name)) is BankRejected
    assert type(error_of(Reply(501, b"", content_type="text/html"), name)) is BankUnavailable


def test_a_gateway_that_refuses_a_large_file_is_understood() -> None:
    error = error_of(Reply(413, b"<html>too large</html>", content_type="text/html"), "upload_document")
    assert isinstance(error, FileRefused)
    assert error.problem == "file-too-large"


@pytest.mark.parametrize("value", list(Scope))
def test_says_which_scope_the_token_lacks(value: Scope) -> None:
    error = error_of(problem(403, "forbidden", scope=value.value), "accounts")
    assert isinstance(error, NotAuthorised)
    assert error.scope is value
    assert value.value in str(error)


@pytest.mark.parametrize("value", ["c-10023", None, 7, ["accounts.read"]])
def test_a_scope_that_is_none_does_not_get_into_an_error(value: object) -> None:
    error = error_of(problem(403, "forbidden", scope=value), "accounts")
    assert isinstance(error, NotAuthorised)
    assert error.scope is None


@pytest.mark.parametrize(
    ("members", "states"),
    [
        ({"from": "kept", "to": "withdrawn"}, ("kept", "withdrawn")),
        ({}, (None, None)),
        ({"from": 7, "to": "王女士"}, (None, None)),
    ],
)
def test_says_which_move_is_illegal(members: Dict[str, Any], states: Any) -> None:
    error = error_of(problem(409, "illegal-move", **members), "withdraw_promise")
    assert isinstance(error, IllegalMove)
    assert (error.from_state, error.to_state) == states


@pytest.mark.parametrize("kind", ["urn:overdue-card:problem:full-moon", "about:blank", 7, None])
def test_an_unknown_problem_is_a_plain_rejection(kind: object) -> None:
    error = error_of(Reply(418, {"type": kind, "title": "?", "status": 418}))
    assert type(error) is BankRejected
    assert error.problem is None


CARD_JSON = OPERATIONS["cards"].example()[1]["items"][0]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"items": [',
        b"\xff\xfe",
        b"null",
        b'"text"',
        [CARD_JSON],
        {},
        {"items": None},
        {"items": [None]},
        {"items": [{key: value for key, value in CARD_JSON.items() if key != "amount_due"}]},
        {"items": [{**CARD_JSON, "amount_due": 8000.0}]},
        {"items": [{**CARD_JSON, "amount_due": "8000"}]},
        {"items": [{**CARD_JSON, "amount_due": "8,000.00"}]},
        {"items": [{**CARD_JSON, "amount_due": "NaN"}]},
        {"items": [{**CARD_JSON, "amount_due": None}]},
        {"items": [{**CARD_JSON, "last4": 412}]},
        {"items": [{**CARD_JSON, "days_past_due": "8"}]},
        {"items": [{**CARD_JSON, "days_past_due": True}]},
        {"items": [{**CARD_JSON, "status": "lost"}]},
        {"items": [CARD_JSON, {**CARD_JSON, "id": None}]},
    ],
)
def test_refuses_an_answer_that_does_not_fit(body: object) -> None:
    assert isinstance(error_of(Reply(200, body)), BankContractBroken)


@pytest.mark.parametrize(
    ("operation", "member", "value"),
    [
        ("statement", "due_date", 20261116),
        ("statement", "due_date", "16.11.2026"),
        ("challenge", "expires_at", "2026-11-24T18:05:00"),
        ("challenge", "expires_at", 1795514700),
        ("overdue", "items", {}),
        ("overdue", "daily_interest_rate", "0.05%"),
        ("overdue", "first_time", "yes"),
        ("overdue", "interest_basis", "whatever"),
    ],
)
def test_refuses_a_value_that_another_reading_would_bend(operation: str, member: str, value: object) -> None:
    status, body = OPERATIONS[operation].example()
    error = error_of(Reply(status, {**body, member: value}), operation)
    assert isinstance(error, BankContractBroken)
    assert member in str(error)


@pytest.mark.parametrize("status", [202, 204, 301, 302, 304])
def test_refuses_a_status_that_the_contract_does_not_have_and_follows_no_redirect(status: int) -> None:
    transport = Transport().on(
        OPERATIONS["cards"].route, Reply(status, {"items": []}, {"Location": "http://elsewhere.test/"})
    )
    with pytest.raises(BankContractBroken):
        BankClient(BASE_URL, TOKEN, session=transport.session()).cards(CUSTOMER)
    assert len(transport.requests) == 1


def test_refuses_json_under_another_content_type() -> None:
    assert isinstance(error_of(Reply(200, {"items": []}, content_type="text/html")), BankContractBroken)


def test_refuses_an_endless_answer() -> None:
    assert isinstance(error_of(Reply(200, b" " * (LARGEST_BODY + 1))), BankContractBroken)


@pytest.mark.parametrize("bad", ["", ".", "..", "../cards", "a/b", "a?b=c", "a#b", "%2e%2e", "a b", "王", "a" * 129])
def test_what_cannot_be_an_id_is_not_found_without_asking(bad: str) -> None:
    transport = Transport()
    bank = BankClient(BASE_URL, TOKEN, session=transport.session())
    with pytest.raises(NotFound):
        bank.application(CUSTOMER, bad)
    with pytest.raises(NotFound):
        bank.cards(bad)
    assert transport.requests == []


def test_quotes_ids_into_the_path() -> None:
    transport = Transport().on("GET /customers/a%3Ab~c/cards", Reply(200, {"items": []}))
    assert BankClient(BASE_URL, TOKEN, session=transport.session()).cards("a:b~c") == []


def test_writes_amounts_with_two_decimals_and_asks_for_nothing_that_was_not_given() -> None:
    transport = Transport().on(OPERATIONS["instalment_quotes"].route, good("instalment_quotes"))
    bank = BankClient(BASE_URL, TOKEN, session=transport.session())
    bank.instalment_quotes(CUSTOMER, CARD)
    bank.instalment_quotes(CUSTOMER, CARD, amount=Decimal("7200"), terms=3)
    assert [str(request.url).partition("?")[2] for request in transport.requests] == ["", "amount=7200.00&terms=3"]


def sent_correlation_id(conversation: str) -> str:
    """The header that goes out while `conversation` is the one at work."""
    transport = Transport().on(OPERATIONS["cards"].route, Reply(200, {"items": []}))
    token = log.conversation_id.set(conversation)
    try:
        BankClient(BASE_URL, TOKEN, session=transport.session()).cards(CUSTOMER)
    finally:
        log.conversation_id.reset(token)
    return str(transport.requests[0].headers["X-Correlation-ID"])


def test_sends_the_conversation_id() -> None:
    assert sent_correlation_id("web-41fd2c88") == "web-41fd2c88"


def test_sends_a_conversation_id_that_no_header_may_hold_in_a_form_that_it_may() -> None:
    assert sent_correlation_id("王\r\nX-Admin: 1") == "%E7%8E%8B%0D%0AX-Admin:%201"
    assert len(sent_correlation_id("王" * 200)) == 128


def test_outside_a_conversation_each_call_has_an_id_of_its_own() -> None:
    assert sent_correlation_id("") != sent_correlation_id("") != ""


def test_logs_one_line_for_each_call(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    CALLS["cards"](bank_that(Reply(200, {"items": []})))
    assert isinstance(error_of(problem(404, "not-found"), "application"), NotFound)
    assert isinstance(error_of(refused(), "check_challenge"), BankUnavailable)
    lines = [record.getMessage().rpartition(" ms") for record in caplog.records]
    assert [line[0].rpartition(" ")[0] for line in lines] == [
        "GET /customers/{customer_id}/cards 200",
        "GET /customers/{customer_id}/applications/{reference} 404",
        "POST /customers/{customer_id}/challenges/{challenge_id}/check BankUnavailable",
    ]
    assert [line[2] for line in lines] == ["", "", " (3 tries)"]
    assert {record.levelno for record in caplog.records} == {logging.INFO}


SECRETS = [
    CUSTOMER,
    CARD,
    REFERENCE,
    KEY,
    PROOF,
    TOKEN,
    "204815",
    "ch-5d20",
    "q-3f81c2",
    "138****5678",
    "王女士",
    "8000",
]


@each_operation
@pytest.mark.parametrize(
    "answer",
    [
        refused(),
        broken_off(),
        read_timeout(),
        problem(409, "illegal-move", detail="customer c-10023 王女士 has no card k-1", to="王女士"),
        Reply(400, {"type": "urn:overdue-card:problem:c-10023", "title": "王女士", "status": 400}),
        Reply(
            200,
            {
                "items": [{"last4": "c-10023", "name": 8000, "id": "王女士"}],
                "id": "138****5678",
                "phone": {"王女士": 8000},
            },
        ),
        Reply(200, b'{"name": "\xe7\x8e\x8b\xe5\xa5\xb3\xe5\xa3\xab 8000'),
    ],
    ids=["refused", "broken off", "timeout", "rejected", "unknown problem", "does not fit", "not JSON"],
)
def test_no_error_and_no_log_line_holds_customer_data(
    name: str, answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    error = error_of(answer, name)
    told = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    told = told.replace(str(Path(__file__).parent), "") + caplog.text
    assert [secret for secret in SECRETS if secret in "\n".join(_without_source_lines(told))] == []


def _without_source_lines(text: str) -> Any:
    """A traceback quotes lines of code, tests included; those are not data."""
    return (line for line in text.splitlines() if not line.startswith("    "))


def test_a_netrc_file_does_not_replace_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine bank.test login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    transport = Transport().on(OPERATIONS["cards"].route, Reply(200, {"items": []}))
    session = pooled_session(BASE_URL)
    session.mount("http://bank.test", transport)
    BankClient(BASE_URL, TOKEN, session=session).cards(CUSTOMER)
    assert transport.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"


def test_one_client_for_each_process_as_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "bank_api_url": "https://api.bank.test/v1/",
        "bank_api_token": "t",
        "bank_connect_timeout_seconds": 1.5,
        "bank_read_timeout_seconds": 4.0,
    }
    made: List[Any] = []

    def make(*args: Any, **kwargs: Any) -> object:
        made.append((args, kwargs))
        return object()

    known = settings().copy(update=given)
    monkeypatch.setattr(client_module, "settings", lambda: known)
    monkeypatch.setattr(client_module, "BankClient", make)
    bank_client.cache_clear()
    try:
        assert bank_client() is bank_client()
    finally:
        bank_client.cache_clear()
    assert made == [(("https://api.bank.test/v1", "t"), {"connect_timeout": 1.5, "read_timeout": 4.0})]


def test_models_are_written_as_the_contract_asks() -> None:
    card = Card.parse_obj({**CARD_JSON, "amount_due": Decimal("8000")})
    assert '"amount_due": "8000.00"' in card.json()


@pytest.mark.parametrize("amount", [Decimal("0.001"), Decimal("Infinity"), Decimal("NaN"), 8000, 8000.0])
def test_models_take_no_amount_that_would_be_rounded(amount: object) -> None:
    with pytest.raises(ValueError, match="amount_due"):
        Card.parse_obj({**CARD_JSON, "amount_due": amount})
