"""What is counted of calls of the bank: by operation and class of result, never by address."""

from __future__ import annotations

from contextlib import suppress
from typing import Dict, Tuple

import pytest

from bank import exchange
from bank.client import BankClient
from bank.errors import BankError
from tests.counted import Counted
from tests.test_bank.transport import BASE_URL, Answer, Reply, Transport, good, problem, read_timeout, refused

OPERATION = "GET /customers/{customer_id}"
ADDRESS = "GET /customers/c-10023"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeats follow each other without a pause."""
    monkeypatch.setattr(exchange, "FIRST_PAUSE", 0.0)


def counted(*answers: Answer) -> Tuple[Dict[Tuple[str, ...], float], ...]:
    """Calls, durations, further tries and breaches of one call of the bank that is answered so."""
    transport = Transport().on(ADDRESS, *answers)
    bank = BankClient(BASE_URL, "token", session=transport.session())
    calls, lasted = Counted("assistant_bank_calls_total"), Counted("assistant_bank_call_seconds_count")
    retries, breaches = Counted("assistant_bank_retries_total"), Counted("assistant_bank_contract_breaches_total")
    with calls, lasted, retries, breaches, suppress(BankError):
        bank.customer("c-10023")
    return calls.by("operation", "result"), lasted.by("operation"), retries.by("operation"), breaches.by("operation")


def test_a_call_counts_once_with_its_result_and_how_long_it_took() -> None:
    assert counted(good("customer")) == ({(OPERATION, "done"): 1}, {(OPERATION,): 1}, {}, {})


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (problem(404, "not-found"), "rejected"),
        (problem(500, "internal"), "failed"),
        (Reply(503, b""), "failed"),
        (read_timeout(), "timeout"),
        (refused(), "unreachable"),
    ],
)
def test_each_way_to_fail_is_a_class_of_its_own(answer: Answer, result: str) -> None:
    assert counted(answer)[0] == {(OPERATION, result): 1}


def test_further_tries_count_beside_the_call_that_needed_them() -> None:
    calls, lasted, retries, _ = counted(Reply(503, b""), refused(), good("customer"))
    assert (calls, lasted, retries) == ({(OPERATION, "done"): 1}, {(OPERATION,): 1}, {(OPERATION,): 2})


@pytest.mark.parametrize("answer", [Reply(200, {"id": "c-10023"}), Reply(200, b"<html>", content_type="text/html")])
def test_an_answer_that_breaks_the_contract_counts_as_such(answer: Reply) -> None:
    assert counted(answer)[3] == {(OPERATION,): 1}
