"""Reviews by rule: after the delay, by what the policy says, and only if nobody decided before."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Dict

import pytest

from bank.models import ApplicationKind, ApplicationStatus, DocumentKind, ReasonClass
from bank.sandbox.quotes import AgreementWish
from tests.test_bank.ledger_cases import DEMONSTRATION, changed
from tests.test_bank.visitor import TODAY, Clock, Visitor, move, new_key, open_bank, problem, visitor

DELAY = 120
S = ApplicationStatus


def someone(tmp_path: Path, customer: str, **review: Any) -> Visitor:
    policy = changed(DEMONSTRATION, review=review)
    return visitor(open_bank(f"sqlite:///{tmp_path / 'bank.db'}", policy, review_after=DELAY), customer)


def limits(kind: ApplicationKind, **values: Any) -> Dict[Any, Any]:
    """The policy's limits with another one for `kind`."""
    known = {name: each.dict() for name, each in DEMONSTRATION.review.limits.items()}
    return {**known, kind: {**known[kind], **values}}


def status(of: Visitor, reference: str) -> ApplicationStatus:
    return of.bank.application(of.customer, reference).status


def test_it_is_seen_in_review_and_then_decided(tmp_path: Path, time: Clock) -> None:
    chen = someone(tmp_path, "demo-m1-first")
    filed = chen.filed_plan()
    time.forward(seconds=DELAY - 1)
    assert status(chen, filed.reference) is S.IN_REVIEW
    time.forward(seconds=1)
    decided = chen.bank.application(chen.customer, filed.reference)
    assert (decided.status, decided.answer_by) == (S.ACTIVE, None)
    assert decided.note
    assert decided.version > filed.version
    assert chen.overdue().days_past_due == 0


def test_whoever_looks_finds_it_decided(tmp_path: Path, time: Clock) -> None:
    """Not only who asks for the application: the account has changed, too."""
    chen = someone(tmp_path, "demo-m1-first")
    chen.filed_plan()
    time.forward(seconds=DELAY)
    assert chen.bank.cards(chen.customer)[0].days_past_due == 0


@pytest.mark.parametrize("too_much", [{"amount": Decimal("100.00")}, {"days_past_due": 4}])
def test_above_a_limit_it_is_declined(tmp_path: Path, time: Clock, too_much: Dict[str, Any]) -> None:
    chen = someone(tmp_path, "demo-m1-first", limits=limits(ApplicationKind.INSTALMENT, **too_much))
    filed = chen.filed_plan()
    time.forward(seconds=DELAY)
    assert status(chen, filed.reference) is S.DECLINED
    assert chen.overdue().days_past_due == 5


@pytest.mark.parametrize("customer", ["demo-m1-first", "demo-m4"])
def test_what_the_customer_has_paid_meanwhile_is_not_split(tmp_path: Path, time: Clock, customer: str) -> None:
    one = someone(tmp_path, customer, need_papers=[])
    if customer == "demo-m4":
        [quote] = one.bank.agreement_quotes(one.customer, one.card, AgreementWish(terms=24))
        filed = one.file_option(quote.id, ApplicationKind.AGREEMENT)
    else:
        filed = one.filed_plan()
    one.bank.book_payment(one.customer, one.card, one.overdue().total)
    assert problem(lambda: one.bank.decide(filed.reference, True, None)).name == "quote-expired"
    assert status(one, filed.reference) is S.IN_REVIEW
    time.forward(seconds=DELAY)
    assert status(one, filed.reference) is S.DECLINED
    assert one.overdue().total == 0


def test_what_somebody_decided_stays_decided(tmp_path: Path, time: Clock) -> None:
    chen = someone(tmp_path, "demo-m1-first")
    filed = chen.filed_plan()
    chen.bank.decide(filed.reference, False, None)
    time.forward(seconds=DELAY)
    assert status(chen, filed.reference) is S.DECLINED


def test_what_was_withdrawn_stays_withdrawn(tmp_path: Path, time: Clock) -> None:
    chen = someone(tmp_path, "demo-m1-first")
    filed = chen.filed_plan()
    chen.withdraw(filed.reference)
    time.forward(seconds=DELAY)
    assert status(chen, filed.reference) is S.WITHDRAWN


class TestPapers:
    def test_without_papers_they_are_asked_for_and_then_decided_on(self, tmp_path: Path, time: Clock) -> None:
        sun = someone(tmp_path, "demo-m2")
        owed = sun.overdue().total
        filed = sun.declared_hardship(reason=ReasonClass.ILLNESS)
        assert (filed.kind, filed.status, filed.amount) == (ApplicationKind.HARDSHIP, S.IN_REVIEW, owed)
        assert (filed.quote_id, filed.reason) == (None, ReasonClass.ILLNESS)
        time.forward(seconds=DELAY)
        waiting = sun.bank.application(sun.customer, filed.reference)
        assert waiting.status is S.NEEDS_DOCUMENTS
        assert waiting.documents_needed == [DocumentKind.DIAGNOSIS, DocumentKind.MEDICAL_BILL]
        assert waiting.note
        document = sun.upload(DocumentKind.MEDICAL_BILL)
        sun.bank.add_documents(sun.customer, filed.reference, new_key(), [document.id])
        again = sun.bank.application(sun.customer, filed.reference)
        assert (again.status, again.documents_needed, again.note) == (S.IN_REVIEW, [], None)
        time.forward(seconds=DELAY)
        decided = sun.bank.application(sun.customer, filed.reference)
        assert (decided.status, bool(decided.note)) == (S.COMPLETED, True)

    def test_papers_that_show_something_else_are_not_enough(self, tmp_path: Path, time: Clock) -> None:
        sun = someone(tmp_path, "demo-m2")
        filed = sun.declared_hardship(sun.upload(DocumentKind.IDENTITY).id, reason=ReasonClass.ILLNESS)
        time.forward(seconds=DELAY)
        assert status(sun, filed.reference) is S.NEEDS_DOCUMENTS

    def test_with_the_right_papers_it_is_decided_at_once(self, tmp_path: Path, time: Clock) -> None:
        sun = someone(tmp_path, "demo-m2")
        filed = sun.declared_hardship(sun.upload(DocumentKind.DIAGNOSIS).id, reason=ReasonClass.ILLNESS)
        time.forward(seconds=DELAY)
        assert status(sun, filed.reference) is S.COMPLETED

    def test_an_agreement_needs_papers_too(self, tmp_path: Path, time: Clock) -> None:
        zhou = someone(tmp_path, "demo-m4")
        [quote] = zhou.bank.agreement_quotes(zhou.customer, zhou.card, AgreementWish(terms=24))
        filed = zhou.file_option(quote.id, ApplicationKind.AGREEMENT)
        time.forward(seconds=DELAY)
        assert status(zhou, filed.reference) is S.NEEDS_DOCUMENTS
        zhou.bank.add_documents(
            zhou.customer, filed.reference, new_key(), [zhou.upload(DocumentKind.BANK_STATEMENT).id]
        )
        time.forward(seconds=DELAY)
        assert status(zhou, filed.reference) is S.ACTIVE

    def test_papers_that_nobody_asked_for_are_refused(self, tmp_path: Path, time: Clock) -> None:
        chen = someone(tmp_path, "demo-m1-first")
        filed = chen.filed_plan()
        document = chen.upload()
        sent = move(lambda: chen.bank.add_documents(chen.customer, filed.reference, new_key(), [document.id]))
        assert sent == ("in_review", "in_review")

    def test_who_sends_none_in_time_finds_it_expired(self, tmp_path: Path, time: Clock) -> None:
        sun = someone(tmp_path, "demo-m2")
        filed = sun.declared_hardship()
        time.forward(seconds=DELAY)
        waiting = sun.bank.application(sun.customer, filed.reference)
        assert waiting.answer_by is not None
        time.forward(days=(waiting.answer_by - TODAY).days)
        assert status(sun, filed.reference) is S.NEEDS_DOCUMENTS
        time.forward(days=1)
        expired = sun.bank.application(sun.customer, filed.reference)
        assert (expired.status, expired.documents_needed) == (S.EXPIRED, [])


def test_the_reviewer_can_ask_for_certain_papers_by_hand(chen: Visitor) -> None:
    filed = chen.filed_plan()
    asked = chen.bank.ask_for_documents(filed.reference, [DocumentKind.IDENTITY])
    assert (asked.status, asked.documents_needed) == (S.NEEDS_DOCUMENTS, [DocumentKind.IDENTITY])
    assert asked.answer_by == TODAY + timedelta(days=14)
    assert move(lambda: chen.bank.ask_for_documents(filed.reference, [])) == ("needs_documents", "needs_documents")
    assert move(lambda: chen.bank.decide(filed.reference, True, None)) == ("needs_documents", "approved")
    assert chen.withdraw(filed.reference).status is S.WITHDRAWN
