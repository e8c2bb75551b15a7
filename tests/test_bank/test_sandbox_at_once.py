"""The same write many times at once happens once, with SQLite and with PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Callable, Dict

import pytest

from bank.models import Application, DisputeReason, DocumentKind, IssuedDocumentKind, MessagingChannel, PromiseStatus
from bank.sandbox import bodies
from bank.sandbox.idempotency import Answer
from bank.sandbox.papers import File
from bank.sandbox.preconditions import IfMatch
from bank.sandbox.promises import Wish
from tests.test_bank.databases import DATABASES, fresh_url
from tests.test_bank.ledger_cases import DEMONSTRATION
from tests.test_bank.visitor import PDF, TODAY, Clock, Visitor, at_the_same_time, new_key, open_bank, visitor

CROWD = 32
WISH = Wish(Decimal("500.00"), TODAY + timedelta(days=5))
HAND_OVER = {"conversation_id": "web-1", "reason": "hardship", "priority": "high", "summary": "…"}

#: What is written, how, and how much of it there is afterwards.
Write = Callable[[Visitor, str, str], Answer]
Count = Callable[[Visitor], int]
WRITES: Dict[str, "tuple[Write, Count]"] = {
    "promise": (
        lambda one, key, _: one.bank.make_promise(one.customer, one.card, key, WISH),
        lambda one: len(one.bank.promises(one.customer)),
    ),
    "dispute": (
        lambda one, key, _: one.bank.file_dispute(
            one.customer,
            one.card,
            key,
            transaction_id=one.transaction().id,
            reason=DisputeReason.NOT_MINE,
            statement=None,
        ),
        lambda one: len(one.bank.disputes(one.customer)),
    ),
    "upload": (
        lambda one, key, consent: one.bank.upload_document(
            one.customer,
            key,
            kind=DocumentKind.OTHER,
            file=File("scan.pdf", PDF),
            sent_as="application/pdf",
            consent_id=consent,
        ),
        lambda one: len(one.bank.documents(one.customer)),
    ),
    "hand-over": (
        lambda one, key, _: one.bank.hand_over(one.customer, key, bodies.HandOverRequest.parse_obj(HAND_OVER)),
        lambda one: len(one.bank.desk()["hand_overs"]),
    ),
    "identity": (
        lambda one, key, _: one.bank.link_identity(
            one.customer, key, channel=MessagingChannel.WECHAT, account="wx", subject="o-1"
        ),
        lambda one: len(one.bank.messaging_identities(one.customer)),
    ),
    "certificate": (
        lambda one, key, _: one.bank.issue_document(
            one.customer, one.card, key, kind=IssuedDocumentKind.STATEMENT, statement_date=None
        ),
        lambda one: 1,
    ),
}


@pytest.fixture(params=DATABASES)
def crowd(request: pytest.FixtureRequest, tmp_path: Path, time: Clock) -> Visitor:
    return visitor(open_bank(fresh_url(request, tmp_path), DEMONSTRATION), "demo-m1-first")


@pytest.mark.parametrize("name", WRITES)
def test_identical_writes_make_one(crowd: Visitor, name: str) -> None:
    write, count = WRITES[name]
    key, consent = new_key(), crowd.consent().id
    answers, problems = at_the_same_time(lambda _: write(crowd, key, consent), CROWD)
    assert problems == []
    assert len(answers) == CROWD
    assert len(set(answers)) == 1
    assert count(crowd) == 1


def test_of_many_promises_under_many_keys_one_is_made(crowd: Visitor) -> None:
    made, problems = at_the_same_time(lambda _: crowd.promise(), 8)
    assert len(made) == 1
    assert {found.members.get("reason") for found in problems} == {"already_running"}


def test_of_many_changes_to_one_version_one_is_made(crowd: Visitor) -> None:
    made = crowd.promise()

    def change(number: int) -> Answer:
        wish = Wish(Decimal(f"60{number}.00"), WISH.pay_on)
        return crowd.bank.change_promise(crowd.customer, made.reference, new_key(), wish, IfMatch(('"1"',)))

    answers, problems = at_the_same_time(change, 8)
    assert len(answers) == 1
    assert {found.name for found in problems} == {"changed-meanwhile"}
    assert crowd.bank.promise(crowd.customer, made.reference).status is PromiseStatus.OPEN


def test_a_subject_linked_by_two_customers_at_once_belongs_to_one(crowd: Visitor) -> None:
    customers = ["demo-m1-first", "demo-grace", "demo-m2", "demo-english"]

    def link(number: int) -> Answer:
        return crowd.bank.link_identity(
            customers[number], new_key(), channel=MessagingChannel.WECHAT, account="wx", subject="o-1"
        )

    answers, problems = at_the_same_time(link, len(customers))
    assert (len(answers), problems) == (len(customers), [])
    assert sum(len(crowd.bank.messaging_identities(each)) for each in customers) == 1


@pytest.fixture(params=DATABASES)
def reviewed(request: pytest.FixtureRequest, tmp_path: Path, time: Clock) -> Visitor:
    """Of a bank that decides by its rules after two minutes."""
    return visitor(open_bank(fresh_url(request, tmp_path), DEMONSTRATION, review_after=120), "demo-m1-first")


def test_what_is_due_for_a_decision_is_decided_once(reviewed: Visitor, time: Clock) -> None:
    filed = reviewed.filed_plan()
    time.forward(seconds=120)

    def look(_: int) -> Application:
        return reviewed.bank.application(reviewed.customer, filed.reference)

    seen, problems = at_the_same_time(look, 8)
    assert problems == []
    assert {each.version for each in seen} == {filed.version + 2}  # approved, then active
