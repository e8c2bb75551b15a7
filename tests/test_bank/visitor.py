"""A visitor of the demonstration bank, without HTTP: asks for quotes, reads codes from the phone, files."""

from __future__ import annotations

import re
import threading
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Callable, List, Optional, Tuple, TypeVar

import pytest

from bank.models import (
    Application,
    ApplicationKind,
    ChallengeProof,
    Consent,
    ConsentPurpose,
    DeferralOption,
    Dispute,
    DisputeReason,
    DocumentKind,
    InstalmentQuote,
    OverdueSummary,
    Promise,
    Purpose,
    ReasonClass,
    Transaction,
    TransactionKind,
    UploadedDocument,
)
from bank.sandbox import views
from bank.sandbox.hardship import Declaration
from bank.sandbox.idempotency import Answer
from bank.sandbox.papers import File
from bank.sandbox.policy import Policy
from bank.sandbox.problems import Problem
from bank.sandbox.promises import Wish
from bank.sandbox.service import Bank
from bank.sandbox.store import Store
from common.clock import BANK_ZONE

SECRET = "a secret of the tests"
TODAY = date(2026, 11, 24)
PDF = b"%PDF-1.7 a scan"
T = TypeVar("T")


class Clock:
    """The bank's time, which the test moves."""

    def __init__(self) -> None:
        self.moment = datetime.combine(TODAY, datetime.min.time(), BANK_ZONE) + timedelta(hours=10)

    def now(self) -> datetime:
        return self.moment

    def today(self) -> date:
        return self.moment.date()

    def forward(self, **duration: float) -> None:
        """By `timedelta(**duration)`."""
        self.moment += timedelta(**duration)


@dataclass
class Visitor:
    """One demonstration customer and one of the cards."""

    bank: Bank
    customer: str
    card: str

    def quote(self, terms: int = 6) -> InstalmentQuote:
        [quote] = self.bank.instalment_quotes(self.customer, self.card, None, terms)
        return quote

    def option(self, until: Optional[date] = None) -> DeferralOption:
        return self.bank.deferral_options(self.customer, self.card, until)[0]

    def code(self) -> str:
        """From the newest message to this customer."""
        text = next(each["text"] for each in self.bank.messages() if each["customer_id"] == self.customer)
        found = re.search(r"(?<!\d)\d{6}(?!\d)", text)
        assert found, text
        return found.group()

    def prove(self, subject: str, purpose: Purpose = Purpose.FILE_APPLICATION) -> ChallengeProof:
        challenge = self.bank.challenge(self.customer, purpose, subject)
        return self.bank.check_challenge(self.customer, challenge.id, self.code())

    def file(
        self,
        quote_id: str,
        proof: str,
        key: str = "",
        kind: ApplicationKind = ApplicationKind.INSTALMENT,
        reason: Optional[ReasonClass] = None,
    ) -> Answer:
        return self.bank.file_application(
            self.customer,
            key or uuid.uuid4().hex,
            kind=kind,
            card_id=self.card,
            quote_id=quote_id,
            reason=reason,
            proof=proof,
        )

    def filed_plan(self, terms: int = 6) -> Application:
        """Quote, code, proof and filing in one."""
        quote = self.quote(terms)
        return application(self.file(quote.id, self.prove(quote.id).token))

    def filed_deferral(self, until: Optional[date] = None) -> Application:
        option = self.option(until)
        return application(self.file(option.id, self.prove(option.id).token, kind=ApplicationKind.DEFERRAL))

    def withdraw(self, reference: str, key: str = "") -> Application:
        proof = self.prove(reference, Purpose.WITHDRAW_APPLICATION).token
        return application(
            self.bank.withdraw_application(self.customer, reference, key or uuid.uuid4().hex, proof=proof)
        )

    def overdue(self) -> OverdueSummary:
        return views.overdue(self.bank.card(self.customer, self.card))

    def transaction(self, kind: TransactionKind = TransactionKind.PURCHASE) -> Transaction:
        """The newest one of the kind."""
        found = views.transactions(self.bank.card(self.customer, self.card))
        return next(each for each in found if each.kind is kind)

    def promise(self, amount: str = "500.00", days: int = 5, key: str = "") -> Promise:
        wish = Wish(Decimal(amount), self._today() + timedelta(days=days))
        return Promise.parse_raw(self.bank.make_promise(self.customer, self.card, key or new_key(), wish).body)

    def dispute(
        self, transaction_id: str = "", reason: DisputeReason = DisputeReason.NOT_MINE, key: str = ""
    ) -> Dispute:
        answer = self.bank.file_dispute(
            self.customer,
            self.card,
            key or new_key(),
            transaction_id=transaction_id or self.transaction().id,
            reason=reason,
            statement=None,
        )
        return Dispute.parse_raw(answer.body)

    def consent(self, purpose: ConsentPurpose = ConsentPurpose.HARDSHIP_DOCUMENTS, given: bool = True) -> Consent:
        answer = self.bank.record_consent(
            self.customer, new_key(), purpose=purpose, given=given, text_version="2026-11", language="zh"
        )
        return Consent.parse_raw(answer.body)

    def upload(
        self, kind: DocumentKind = DocumentKind.DIAGNOSIS, content: bytes = PDF, consent_id: str = "", key: str = ""
    ) -> UploadedDocument:
        answer = self.bank.upload_document(
            self.customer,
            key or new_key(),
            kind=kind,
            file=File("scan.pdf", content),
            sent_as="application/pdf",
            consent_id=consent_id or self.consent().id,
        )
        return UploadedDocument.parse_raw(answer.body)

    def declared_hardship(self, *documents: str, reason: ReasonClass = ReasonClass.ILLNESS) -> Application:
        declaration = Declaration(reason, None, None, None, self.consent().id, documents)
        proof = self.prove(self.card).token
        answer = self.bank.declare_hardship(
            self.customer, new_key(), card_id=self.card, declaration=declaration, proof=proof
        )
        return application(answer)

    def file_option(self, quote_id: str, kind: ApplicationKind) -> Application:
        """Code, proof and filing in one."""
        return application(self.file(quote_id, self.prove(quote_id).token, kind=kind))

    def _today(self) -> date:
        return self.bank.card(self.customer, self.card).today


def new_key() -> str:
    return uuid.uuid4().hex


def application(answer: Answer) -> Application:
    return Application.parse_raw(answer.body)


def problem(act: Callable[[], object]) -> Problem:
    """The problem that `act` raises."""
    with pytest.raises(Problem) as caught:
        act()
    return caught.value


def reason(act: Callable[[], object]) -> str:
    """Why it is not eligible."""
    found = problem(act)
    assert found.name == "not-eligible", found
    return str(found.members["reason"])


def move(act: Callable[[], object]) -> Tuple[str, str]:
    """From where to where it is illegal."""
    found = problem(act)
    assert (found.name, found.status) == ("illegal-move", 409), found
    return str(found.members["from"]), str(found.members["to"])


def at_the_same_time(act: Callable[[int], T], times: int) -> Tuple[List[T], List[Problem]]:
    """What `act(0)`, `act(1)`, … answer when they start together."""
    start = threading.Barrier(times)
    answers: List[T] = []
    problems: List[Problem] = []

    def run(number: int) -> None:
        start.wait()
        try:
            answers.append(act(number))
        except Problem as found:
            problems.append(found)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers, problems


def open_bank(url: str, policy: Policy, review_after: Optional[int] = None) -> Bank:
    """A bank over the database at `url`, as a new process would open it.

    It decides by its rules `review_after` seconds; None: only by hand, so that a test says what is decided.
    """
    review = policy.review.copy(update={"delay_seconds": review_after})
    return Bank(Store(url), policy.copy(update={"review": review}), SECRET)


def visitor(bank: Bank, customer: str) -> Visitor:
    """With the customer's first card."""
    return Visitor(bank, customer, bank.cards(customer)[0].id)
