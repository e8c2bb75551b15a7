"""One-time codes and the proofs that they give: for one thing, for a short time, once."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Callable, List

import pytest

from bank.models import Purpose
from bank.sandbox.problems import Problem
from bank.sandbox.service import Bank
from tests.test_bank.ledger_cases import DEMONSTRATION, changed
from tests.test_bank.visitor import Clock, Visitor, application, open_bank, visitor


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "bank.db"


@pytest.fixture
def bank(database: Path, time: Clock) -> Bank:
    return open_bank(f"sqlite:///{database}", DEMONSTRATION)


@pytest.fixture
def chen(bank: Bank) -> Visitor:
    return visitor(bank, "demo-m1-first")


def problem(act: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as caught:
        act()
    return caught.value


def challenge(of: Visitor) -> str:
    """The id of a challenge to file the visitor's quote."""
    return of.bank.challenge(of.customer, Purpose.FILE_APPLICATION, of.quote().id).id


def check(of: Visitor, challenge_id: str, code: str) -> str:
    return of.bank.check_challenge(of.customer, challenge_id, code).token


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_the_text_has_a_code_and_a_warning_in_the_customers_language(bank: Bank, chen: Visitor) -> None:
    taylor = visitor(bank, "demo-english")
    challenge(chen)
    challenge(taylor)
    english, chinese = bank.messages()
    assert re.search(r"\b\d{6}\b.*5 minutes", english["text"])
    assert english["text"].isascii()
    assert "5分钟" in chinese["text"]
    assert "请勿告诉任何人" in chinese["text"]
    assert chinese["masked_phone"] == bank.customer(chen.customer).masked_phone
    assert set(chinese) == {"customer_id", "masked_phone", "text", "sent_at"}


def test_codes_and_proofs_are_hashed_at_rest(database: Path, chen: Visitor) -> None:
    challenge_id = challenge(chen)
    code = chen.code()
    token = check(chen, challenge_id, code)
    connection = sqlite3.connect(database)
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    tables = {name: str(connection.execute(f"SELECT * FROM {name}").fetchall()) for name in names}
    connection.close()
    # The demonstration's inbox has the text that the phone shows; nothing else has the code, nothing at all the proof.
    assert [name for name, content in tables.items() if code in content] == ["bank_messages"]
    assert [name for name, content in tables.items() if token in content] == []


def test_a_wrong_code_counts_down_and_then_locks_even_for_the_right_one(chen: Visitor) -> None:
    challenge_id = challenge(chen)
    code = chen.code()
    left = []
    for _ in range(4):
        wrong = problem(lambda: check(chen, challenge_id, another(code)))
        assert wrong.name == "wrong-code"
        left.append(wrong.members["attempts_left"])
    assert left == [4, 3, 2, 1]
    for tried in (another(code), code):
        assert problem(lambda tried=tried: check(chen, challenge_id, tried)).name == "too-many-attempts"  # type: ignore[misc]


def test_attempts_are_counted_across_a_restart(database: Path, chen: Visitor) -> None:
    challenge_id = challenge(chen)
    code = chen.code()
    problem(lambda: check(chen, challenge_id, another(code)))
    restarted = Visitor(open_bank(f"sqlite:///{database}", DEMONSTRATION), chen.customer, chen.card)
    assert problem(lambda: check(restarted, challenge_id, another(code))).members["attempts_left"] == 3
    assert check(restarted, challenge_id, code)


def test_a_code_expires(chen: Visitor, time: Clock) -> None:
    challenge_id = challenge(chen)
    time.forward(seconds=299)
    code = chen.code()
    time.forward(seconds=1)
    assert problem(lambda: check(chen, challenge_id, code)).name == "code-expired"


def test_a_new_code_ends_the_earlier_one(chen: Visitor) -> None:
    first = challenge(chen)
    code = chen.code()
    second = challenge(chen)
    assert problem(lambda: check(chen, first, code)).name == "code-expired"
    assert check(chen, second, chen.code())


def test_a_code_is_used_up_by_being_right(chen: Visitor) -> None:
    challenge_id = challenge(chen)
    code = chen.code()
    check(chen, challenge_id, code)
    assert problem(lambda: check(chen, challenge_id, code)).name == "code-expired"


def test_a_code_answers_its_own_challenge_only(bank: Bank, chen: Visitor) -> None:
    other = visitor(bank, "demo-grace")
    theirs = challenge(other)
    mine = challenge(chen)
    assert problem(lambda: check(chen, theirs, other.code())).name == "not-found"
    if chen.code() != other.code():
        assert problem(lambda: check(chen, mine, other.code())).name == "wrong-code"


def test_a_proof_expires(chen: Visitor, time: Clock) -> None:
    quote = chen.quote()
    proof = chen.prove(quote.id).token
    time.forward(minutes=10)
    assert problem(lambda: chen.file(quote.id, proof)).name == "proof-required"


def test_a_proof_is_for_one_subject_one_purpose_and_one_customer(bank: Bank, chen: Visitor) -> None:
    quote, other_quote = chen.quote(3), chen.quote(6)
    proof = chen.prove(quote.id).token
    assert problem(lambda: chen.file(other_quote.id, proof)).name == "proof-required"
    other = visitor(bank, "demo-grace")
    assert problem(lambda: other.file(other.quote().id, proof)).name == "proof-required"
    filed = application(chen.file(quote.id, proof))
    for wrong in (proof, other.prove(other.quote().id).token, "pf-forged-forged-forged"):
        key = f"key-of-{wrong[:20]}".replace("~", "-")
        found = problem(
            lambda wrong=wrong, key=key: bank.withdraw_application(chen.customer, filed.reference, key, proof=wrong)  # type: ignore[misc]
        )
        assert found.name == "proof-required"


def test_no_code_is_sent_for_what_cannot_succeed(bank: Bank, chen: Visitor, time: Clock) -> None:
    quote = chen.quote()
    filed = chen.filed_plan()
    sent = len(bank.messages())
    bank.decide(filed.reference, False, None)
    withdrawing = Purpose.WITHDRAW_APPLICATION
    attempts: List[Callable[[], object]] = [
        lambda: bank.challenge(chen.customer, withdrawing, filed.reference),
        lambda: bank.challenge(chen.customer, withdrawing, "INS-20200101-0001"),
        lambda: bank.challenge(chen.customer, Purpose.FILE_APPLICATION, "q-unknown"),
        lambda: bank.challenge("demo-grace", Purpose.FILE_APPLICATION, quote.id),
        lambda: bank.challenge("nobody", Purpose.FILE_APPLICATION, quote.id),
    ]
    names = [problem(attempt).name for attempt in attempts]
    assert names == ["not-withdrawable", "not-found", "not-found", "not-found", "not-found"]
    time.forward(minutes=31)
    assert problem(lambda: bank.challenge(chen.customer, Purpose.FILE_APPLICATION, quote.id)).name == "quote-expired"
    assert len(bank.messages()) == sent


def test_only_so_many_codes_are_sent_in_an_hour(database: Path, time: Clock) -> None:
    few = changed(DEMONSTRATION, one_time_code={"max_per_hour": 2})
    bank = open_bank(f"sqlite:///{database}", few)
    chen = visitor(bank, "demo-m1-first")
    challenge(chen)
    time.forward(minutes=10)
    challenge(chen)
    time.forward(minutes=10)
    limited = problem(lambda: challenge(chen))
    assert (limited.name, limited.headers) == ("rate-limited", {"Retry-After": str(40 * 60)})
    assert challenge(visitor(bank, "demo-grace"))
    time.forward(minutes=40)
    assert challenge(chen)
