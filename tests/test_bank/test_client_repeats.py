"""What the client sends again, when, and how long a customer waits at most. The clock is the tests' own."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, List

import pytest
import requests

from bank import exchange
from bank.client import BankClient
from bank.errors import BankError, BankTimeout, BankUnavailable, RateLimited
from tests.test_bank.contract import CALLS, CUSTOMER, OPERATIONS, READS_BY_POST, REPEATABLE, UNREPEATABLE
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

PERHAPS_RECEIVED = [
    broken_off(),
    read_timeout(),
    Reply(502, b""),
    problem(503, "unavailable"),
    Reply(504, b""),
    problem(429, "rate-limited"),
]
each_repeatable = pytest.mark.parametrize("operation", REPEATABLE)
each_unrepeatable = pytest.mark.parametrize("operation", UNREPEATABLE)
each_failure = pytest.mark.parametrize(
    "failure", PERHAPS_RECEIVED, ids=lambda f: getattr(f, "status", type(f).__name__)
)


class Clock:
    """Stands still unless someone waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: List[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(exchange, "time", clock)
    return clock


class SlowTransport(Transport):
    """Each timeout takes as long as the client allows for it."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        try:
            return super().send(request, *args, **kwargs)
        except requests.ConnectTimeout:
            self._clock.now += kwargs["timeout"][0]
            raise
        except requests.ReadTimeout:
            self._clock.now += kwargs["timeout"][1]
            raise


def call(operation: str, *answers: Answer) -> Transport:
    """Call the operation with a bank that answers so in turn; errors of the bank are not of interest."""
    transport = Transport().on(OPERATIONS[operation].route, *answers)
    with suppress(BankError):
        CALLS[operation](BankClient(BASE_URL, "token", session=transport.session()))
    return transport


@each_repeatable
@each_failure
def test_repeats_what_is_safe_until_it_works(operation: str, failure: Answer) -> None:
    transport = Transport().on(OPERATIONS[operation].route, failure, failure, good(operation))
    CALLS[operation](BankClient(BASE_URL, "token", session=transport.session()))
    assert len(transport.requests) == 3


@each_repeatable
@each_failure
def test_gives_up_after_three_tries(operation: str, failure: Answer) -> None:
    assert len(call(operation, failure).requests) == 3


@each_unrepeatable
@each_failure
def test_never_repeats_what_has_an_effect_once_the_bank_may_have_received_it(operation: str, failure: Answer) -> None:
    assert len(call(operation, failure, good(operation)).requests) == 1


@each_unrepeatable
@pytest.mark.parametrize("failure", [refused(), connect_timeout()], ids=["refused", "connect timeout"])
def test_repeats_even_what_has_an_effect_if_the_bank_cannot_have_received_it(operation: str, failure: Answer) -> None:
    assert len(call(operation, failure, failure, good(operation)).requests) == 3


@each_repeatable
@pytest.mark.parametrize(
    "answer",
    [
        problem(404, "not-found"),
        problem(422, "not-eligible", reason="nothing_due"),
        problem(401, "unauthorised"),
        problem(409, "idempotency-conflict"),
        problem(412, "changed-meanwhile"),
        problem(500, "internal"),
        problem(501, "not-offered"),
    ],
    ids=lambda reply: reply.status,
)
def test_does_not_repeat_what_would_be_answered_alike(operation: str, answer: Reply) -> None:
    assert len(call(operation, answer, good(operation)).requests) == 1


_WRITES = [name for name in REPEATABLE if OPERATIONS[name].method != "GET" and name not in READS_BY_POST]


@pytest.mark.parametrize("operation", _WRITES)
def test_repeats_a_write_with_the_same_key_version_and_content(operation: str) -> None:
    first, second = call(operation, broken_off(), good(operation)).requests
    assert first.headers["Idempotency-Key"]
    for name in ("Idempotency-Key", "If-Match", "Content-Type"):
        assert first.headers.get(name) == second.headers.get(name)
    assert first.body == second.body


def test_does_not_repeat_what_is_no_answer_of_the_contract() -> None:
    assert len(call("cards", Reply(200, b"not JSON"), good("cards")).requests) == 1


def test_repeats_under_the_same_correlation_id() -> None:
    transport = call("cards", broken_off(), good("cards"))
    assert len({request.headers["X-Correlation-ID"] for request in transport.requests}) == 1


def test_waits_longer_before_each_repeat_and_never_alike(clock: Clock) -> None:
    for _ in range(20):
        call("cards", refused())
    first, second = clock.pauses[::2], clock.pauses[1::2]
    assert all(0.2 <= pause <= 0.3 for pause in first)
    assert all(0.4 <= pause <= 0.6 for pause in second)
    assert len(set(first)) > 1


def test_a_dead_bank_is_known_within_a_second(clock: Clock) -> None:
    call("cards", refused())
    assert clock.now < 1


@pytest.mark.parametrize("failure", [read_timeout(), connect_timeout()], ids=["silent", "unreachable"])
def test_a_silent_bank_keeps_a_customer_waiting_for_ten_seconds_at_most(clock: Clock, failure: Answer) -> None:
    transport = SlowTransport(clock).on(OPERATIONS["cards"].route, failure)
    bank = BankClient(BASE_URL, "token", connect_timeout=4.0, read_timeout=6.0, session=transport.session())
    with pytest.raises(BankTimeout):
        bank.cards(CUSTOMER)
    assert len(transport.requests) > 1
    assert clock.now <= exchange.PATIENCE
    assert transport.timeouts[0] == (4.0, 6.0)


def test_waits_as_long_as_the_bank_asks(clock: Clock) -> None:
    transport = call("cards", problem(429, "rate-limited", {"Retry-After": "3"}), good("cards"))
    assert clock.pauses == [3.0]
    assert len(transport.requests) == 2


def test_does_not_wait_longer_than_a_customer_would(clock: Clock) -> None:
    transport = Transport().on(OPERATIONS["cards"].route, problem(429, "rate-limited", {"Retry-After": "60"}))
    with pytest.raises(RateLimited) as caught:
        BankClient(BASE_URL, "token", session=transport.session()).cards(CUSTOMER)
    assert clock.pauses == []
    assert caught.value.retry_after == 60


def test_does_not_pause_after_the_last_try(clock: Clock) -> None:
    transport = Transport().on(OPERATIONS["cards"].route, Reply(503, b""))
    with pytest.raises(BankUnavailable):
        BankClient(BASE_URL, "token", session=transport.session()).cards(CUSTOMER)
    assert len(clock.pauses) == len(transport.requests) - 1
