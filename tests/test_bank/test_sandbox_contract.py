"""The sandbox implements the contract: whatever client and sandbox say to each other is held against `openapi.yml`."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any, Callable, Dict, List, Tuple, TypeVar

import pytest
import requests

from bank.client import BankClient
from bank.errors import (
    CodeExpired,
    IdempotencyConflict,
    InvalidRequest,
    NotAuthorised,
    NotEligible,
    NotFound,
    NotWithdrawable,
    ProofRequired,
    RateLimited,
    TooManyAttempts,
    WrongCode,
)
from bank.models import (
    AccountState,
    Application,
    ApplicationKind,
    ApplicationStatus,
    Challenge,
    ChallengeProof,
    FeeKind,
    InstalmentQuote,
    OverdueSummary,
    Purpose,
    ReasonClass,
)
from tests.processes import Sandbox
from tests.test_bank.contract import CALLS, OPERATIONS
from tests.test_bank.witness import Witness, watched_session

T = TypeVar("T")
CUSTOMERS = [
    "demo-due-soon",
    "demo-grace",
    "demo-m1-first",
    "demo-m1-partial",
    "demo-m2",
    "demo-m4",
    "demo-two-cards",
    "demo-pending",
    "demo-disputed",
    "demo-instalment",
    "demo-english",
    "demo-clear",
]
each_customer = pytest.mark.parametrize("customer", CUSTOMERS)
each_operation = pytest.mark.parametrize("name", CALLS)


@pytest.fixture
def witness(own_sandbox: Sandbox) -> Witness:
    return Witness(own_sandbox.api_url)


@pytest.fixture
def bank(own_sandbox: Sandbox, witness: Witness) -> BankClient:
    return BankClient(own_sandbox.api_url, own_sandbox.token, session=watched_session(own_sandbox.api_url, witness))


@pytest.fixture
def unwatched(own_sandbox: Sandbox) -> BankClient:
    """For requests that the contract does not allow."""
    return BankClient(own_sandbox.api_url, own_sandbox.token)


def summaries(bank: BankClient, customer: str) -> List[OverdueSummary]:
    """What is owed on each card of the customer."""
    return [bank.overdue(customer, card.id) for card in bank.cards(customer)]


@each_customer
def test_answers_every_read_about_every_customer(bank: BankClient, customer: str) -> None:
    assert bank.customer(customer).id == customer
    bank.applications(customer)
    cards = bank.cards(customer)
    assert cards
    for card in cards:
        assert bank.statement(customer, card.id).card_id == card.id
        assert bank.overdue(customer, card.id).card_id == card.id
        assert bank.credit_report(customer, card.id).card_id == card.id
        assert bank.repayment_channels(customer, card.id)
        bank.transactions(customer, card.id)
        bank.payments(customer, card.id)
        bank.auto_debit(customer, card.id)


@each_customer
def test_what_is_owed_adds_up(bank: BankClient, customer: str) -> None:
    for summary in summaries(bank, customer):
        assert summary.principal + summary.interest + summary.late_fee + summary.other_fees == summary.total

        def explained(*kinds: FeeKind, items: Any = summary.items) -> Decimal:
            return sum((item.amount for item in items if item.kind in kinds), Decimal(0))

        assert explained(FeeKind.INTEREST, FeeKind.INSTALMENT_INTEREST) == summary.interest
        assert explained(FeeKind.LATE_FEE) == summary.late_fee
        assert explained(FeeKind.OTHER) == summary.other_fees


@each_customer
def test_the_state_the_days_and_the_bucket_agree(bank: BankClient, customer: str) -> None:
    bounds = {"M1": 30, "M2": 60, "M3": 90, "M4": 120, "M5": 150, "M6": 180}
    cards = {card.id: card for card in bank.cards(customer)}
    for summary in summaries(bank, customer):
        overdue = summary.state is AccountState.OVERDUE
        assert (summary.days_past_due > 0, summary.bucket is not None) == (overdue, overdue)
        if summary.bucket is not None:
            assert summary.days_past_due == (summary.as_of - summary.due_date).days
            assert summary.bucket.value == next(
                (b for b, last in bounds.items() if summary.days_past_due <= last), "M6+"
            )
        card = cards[summary.card_id]
        assert (card.state, card.days_past_due) == (summary.state, summary.days_past_due)


@each_customer
def test_overdue_cards_come_first_and_lists_are_newest_first(bank: BankClient, customer: str) -> None:
    cards = bank.cards(customer)
    assert [card.days_past_due for card in cards] == sorted((card.days_past_due for card in cards), reverse=True)
    for card in cards:
        booked = [transaction.posted_on for transaction in bank.transactions(customer, card.id)]
        paid = [payment.made_on for payment in bank.payments(customer, card.id)]
        months = [month.month for month in bank.credit_report(customer, card.id).months]
        for newest_first in (booked, paid, months):
            assert newest_first == sorted(newest_first, reverse=True)


def offered(ask: Callable[[str, str], List[T]], customer: str, card: str) -> List[T]:
    """What is offered, or nothing if the policy does not allow it."""
    try:
        return ask(customer, card)
    except NotEligible:
        return []


@each_customer
def test_quotes_add_up(bank: BankClient, customer: str) -> None:
    for card in bank.cards(customer):
        quotes = offered(bank.instalment_quotes, customer, card.id)
        assert [quote.terms for quote in quotes] == sorted({quote.terms for quote in quotes})
        for quote in quotes:
            assert len(quote.schedule) == quote.terms
            assert sum(part.principal for part in quote.schedule) == quote.amount
            assert sum(part.interest for part in quote.schedule) == quote.total_interest
            assert all(part.principal + part.interest == part.total for part in quote.schedule)
            assert quote.amount + quote.total_interest == quote.total_cost
            assert quote.schedule[0].total == quote.per_term
            assert quote.schedule[0].due_on == quote.first_due_on
            assert sum(item.amount or 0 for item in quote.cost_items if item.certain) == quote.total_interest


@each_customer
def test_deferral_options_come_earliest_first(bank: BankClient, customer: str) -> None:
    for card in bank.cards(customer):
        options = offered(bank.deferral_options, customer, card.id)
        days = [option.new_due_date for option in options]
        assert days == sorted(days)


def test_the_demonstration_covers_both_kinds_of_relief(bank: BankClient) -> None:
    cards = [(customer, card.id) for customer in CUSTOMERS for card in bank.cards(customer)]
    assert any(offered(bank.instalment_quotes, c, k) for c, k in cards)
    assert any(offered(bank.deferral_options, c, k) for c, k in cards)


def test_a_quote_is_made_for_the_amount_and_terms_that_were_asked_for(bank: BankClient) -> None:
    card = bank.cards("demo-m1-first")[0].id
    largest = bank.instalment_quotes("demo-m1-first", card)[-1]
    smaller = largest.amount - Decimal("100.00")
    [quote] = bank.instalment_quotes("demo-m1-first", card, amount=smaller, terms=largest.terms)
    assert (quote.amount, quote.terms) == (smaller, largest.terms)


def test_says_why_an_amount_or_a_number_of_terms_is_not_possible(bank: BankClient) -> None:
    card = bank.cards("demo-m1-first")[0].id
    with pytest.raises(NotEligible) as too_large:
        bank.instalment_quotes("demo-m1-first", card, amount=Decimal("9000000"))
    assert too_large.value.reason == "amount_too_large"
    with pytest.raises(NotEligible) as too_small:
        bank.instalment_quotes("demo-m1-first", card, amount=Decimal("0.01"))
    assert too_small.value.reason == "amount_too_small"
    with pytest.raises(InvalidRequest):
        bank.instalment_quotes("demo-m1-first", card, terms=59)


def test_deferrals_reach_the_day_that_was_asked_for_or_say_why_not(bank: BankClient) -> None:
    card = bank.cards("demo-m1-first")[0].id
    today = bank.overdue("demo-m1-first", card).as_of
    wanted = today + timedelta(days=20)
    assert all(option.new_due_date >= wanted for option in bank.deferral_options("demo-m1-first", card, until=wanted))
    with pytest.raises(NotEligible) as too_late:
        bank.deferral_options("demo-m1-first", card, until=today + timedelta(days=3650))
    assert too_late.value.reason == "date_too_late"
    with pytest.raises(InvalidRequest):
        bank.deferral_options("demo-m1-first", card, until=today)


def test_who_owes_nothing_is_told_so(bank: BankClient) -> None:
    card = bank.cards("demo-clear")[0].id
    for ask in (bank.instalment_quotes, bank.deferral_options):
        with pytest.raises(NotEligible) as caught:
            ask("demo-clear", card)
        assert caught.value.reason == "nothing_due"


class Phone:
    """The customer's phone: what the sandbox's inbox shows."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._inbox = f"{sandbox.origin}/sandbox/sms"

    def code(self, customer: str) -> str:
        """The code in the newest message to the customer."""
        messages = requests.get(self._inbox, timeout=10).json()
        text = next(message["text"] for message in messages if message["customer_id"] == customer)
        found = re.search(r"(?<!\d)\d{6}(?!\d)", text)
        assert found, text
        return found.group()


@pytest.fixture
def phone(own_sandbox: Sandbox) -> Phone:
    return Phone(own_sandbox)


def prove(bank: BankClient, phone: Phone, customer: str, purpose: Purpose, subject: str) -> ChallengeProof:
    """A proof, as the customer gets one."""
    challenge = bank.challenge(customer, purpose, subject)
    assert (challenge.purpose, challenge.subject) == (purpose, subject)
    return bank.check_challenge(customer, challenge.id, phone.code(customer))


def file(
    bank: BankClient, customer: str, card_id: str, quote_id: str, proof: str, key: str, **other: Any
) -> Application:
    values: Dict[str, Any] = {"kind": ApplicationKind.INSTALMENT, "reason": ReasonClass.ILLNESS, **other}
    return bank.file_application(
        customer, card_id=card_id, quote_id=quote_id, proof=proof, idempotency_key=key, **values
    )


def a_quote(bank: BankClient, customer: str) -> Tuple[str, InstalmentQuote]:
    """The first card of the customer and its first quote."""
    card = bank.cards(customer)[0].id
    return card, bank.instalment_quotes(customer, card)[0]


def test_an_instalment_is_filed_once_found_and_withdrawn(bank: BankClient, phone: Phone) -> None:
    customer, key = "demo-m1-partial", uuid.uuid4().hex
    card, quote = a_quote(bank, customer)
    proof = prove(bank, phone, customer, Purpose.FILE_APPLICATION, quote.id)
    filed = file(bank, customer, card, quote.id, proof.token, key)
    assert (filed.kind, filed.card_id, filed.amount) == (ApplicationKind.INSTALMENT, card, quote.amount)
    assert (filed.terms, filed.per_term, filed.annualised_rate) == (quote.terms, quote.per_term, quote.annualised_rate)
    assert filed.reason is ReasonClass.ILLNESS

    # A repeat, as after an answer that got lost: the same application, although the proof is spent.
    assert file(bank, customer, card, quote.id, proof.token, key) == filed
    assert [found.reference for found in bank.applications(customer)].count(filed.reference) == 1
    assert bank.application(customer, filed.reference).reference == filed.reference

    # The key with something else.
    with pytest.raises(IdempotencyConflict):
        file(bank, customer, card, quote.id, proof.token, key, reason=ReasonClass.FORGOT)
    # The same again under a new key.
    with pytest.raises((ProofRequired, NotEligible)):
        file(bank, customer, card, quote.id, proof.token, uuid.uuid4().hex)

    # A proof of another purpose.
    with pytest.raises(ProofRequired):
        bank.withdraw_application(customer, filed.reference, proof=proof.token, idempotency_key=uuid.uuid4().hex)

    key = uuid.uuid4().hex
    leave = prove(bank, phone, customer, Purpose.WITHDRAW_APPLICATION, filed.reference)
    gone = bank.withdraw_application(customer, filed.reference, proof=leave.token, idempotency_key=key)
    assert (gone.reference, gone.status, gone.withdrawable) == (filed.reference, ApplicationStatus.WITHDRAWN, False)
    assert bank.withdraw_application(customer, filed.reference, proof=leave.token, idempotency_key=key) == gone
    assert bank.application(customer, filed.reference).status is ApplicationStatus.WITHDRAWN
    with pytest.raises(NotWithdrawable):
        bank.challenge(customer, Purpose.WITHDRAW_APPLICATION, filed.reference)


def test_a_deferral_is_filed_without_a_reason(bank: BankClient, phone: Phone) -> None:
    customer = "demo-english"
    card = bank.cards(customer)[0].id
    option = bank.deferral_options(customer, card)[0]
    proof = prove(bank, phone, customer, Purpose.FILE_APPLICATION, option.id)
    filed = file(
        bank, customer, card, option.id, proof.token, uuid.uuid4().hex, kind=ApplicationKind.DEFERRAL, reason=None
    )
    assert (filed.new_due_date, filed.reason) == (option.new_due_date, None)
    with pytest.raises(NotEligible) as caught:
        bank.deferral_options(customer, card)
    assert caught.value.reason == "already_running"


def test_filing_needs_a_proof_for_this_quote(bank: BankClient, phone: Phone) -> None:
    customer = "demo-two-cards"
    card, quote = a_quote(bank, customer)
    other = bank.instalment_quotes(customer, card)[1]
    proof = prove(bank, phone, customer, Purpose.FILE_APPLICATION, other.id)
    for wrong in ("made-up-proof-0123456789", proof.token):
        with pytest.raises(ProofRequired):
            file(bank, customer, card, quote.id, wrong, uuid.uuid4().hex)
    # A rejected request has spent neither the proof nor anything else.
    assert file(bank, customer, card, other.id, proof.token, uuid.uuid4().hex).terms == other.terms


def test_the_kind_and_the_card_must_be_those_of_the_quote(bank: BankClient, phone: Phone) -> None:
    customer = "demo-two-cards"
    card, quote = a_quote(bank, "demo-m2")
    other_card = next(card.id for card in bank.cards(customer))
    with pytest.raises(InvalidRequest):
        file(bank, "demo-m2", card, quote.id, "a-proof-of-something", uuid.uuid4().hex, kind=ApplicationKind.DEFERRAL)
    with pytest.raises((InvalidRequest, NotFound)):
        file(bank, "demo-m2", other_card, quote.id, "a-proof-of-something", uuid.uuid4().hex)


def a_challenge(bank: BankClient, customer: str) -> Challenge:
    _, quote = a_quote(bank, customer)
    return bank.challenge(customer, Purpose.FILE_APPLICATION, quote.id)


def test_wrong_codes_are_counted_and_then_the_challenge_is_locked(bank: BankClient, phone: Phone) -> None:
    customer = "demo-m2"
    challenge = a_challenge(bank, customer)
    right = phone.code(customer)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    left = challenge.attempts_left
    while left > 1:
        with pytest.raises(WrongCode) as caught:
            bank.check_challenge(customer, challenge.id, wrong)
        assert caught.value.attempts_left == left - 1
        left -= 1
    with pytest.raises(TooManyAttempts):
        bank.check_challenge(customer, challenge.id, wrong)
    with pytest.raises(TooManyAttempts):
        bank.check_challenge(customer, challenge.id, right)


def test_a_code_proves_once_and_what_is_no_code_costs_nothing(
    bank: BankClient, unwatched: BankClient, phone: Phone
) -> None:
    customer = "demo-disputed"
    challenge = a_challenge(bank, customer)
    for nonsense in ("12345", "abcdef", "1234567", "１２３４５６"):
        with pytest.raises(InvalidRequest):
            unwatched.check_challenge(customer, challenge.id, nonsense)
    code = phone.code(customer)
    bank.check_challenge(customer, challenge.id, code)
    with pytest.raises(CodeExpired):
        bank.check_challenge(customer, challenge.id, code)


def test_codes_are_not_sent_without_end(bank: BankClient, witness: Witness) -> None:
    _, quote = a_quote(bank, "demo-pending")

    def ask_on_and_on() -> None:
        for _ in range(100):
            bank.challenge("demo-pending", Purpose.FILE_APPLICATION, quote.id)

    with pytest.raises(RateLimited) as caught:
        ask_on_and_on()
    assert caught.value.retry_after
    assert witness.last_answer.headers["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize("name", sorted(set(CALLS) - {"capabilities", "accounts"}))  # which name nobody
def test_does_not_say_that_a_stranger_exists(bank: BankClient, name: str) -> None:
    with pytest.raises(NotFound):
        CALLS[name](bank)


@pytest.mark.parametrize(
    "name",
    [
        "statement",
        "overdue",
        "transactions",
        "payments",
        "repayment_channels",
        "auto_debit",
        "credit_report",
        "instalment_quotes",
        "deferral_options",
    ],
)
def test_another_customers_card_is_like_one_that_does_not_exist(bank: BankClient, witness: Witness, name: str) -> None:
    theirs = bank.cards("demo-m2")[0].id
    answers = []
    for card in (theirs, "no-such-card"):
        with pytest.raises(NotFound):
            getattr(bank, name)("demo-clear", card)
        answers.append(witness.last_answer.json())
    assert answers[0] == answers[1]


def test_another_customers_quote_challenge_and_application_are_not_found(bank: BankClient, phone: Phone) -> None:
    card, quote = a_quote(bank, "demo-grace")
    with pytest.raises(NotFound):
        bank.challenge("demo-clear", Purpose.FILE_APPLICATION, quote.id)
    challenge = bank.challenge("demo-grace", Purpose.FILE_APPLICATION, quote.id)
    with pytest.raises(NotFound):
        bank.check_challenge("demo-clear", challenge.id, phone.code("demo-grace"))
    proof = bank.check_challenge("demo-grace", challenge.id, phone.code("demo-grace"))
    with pytest.raises(NotFound):
        file(bank, "demo-clear", card, quote.id, proof.token, uuid.uuid4().hex)
    filed = file(bank, "demo-grace", card, quote.id, proof.token, uuid.uuid4().hex)
    with pytest.raises(NotFound):
        bank.application("demo-clear", filed.reference)
    assert filed.reference not in [one.reference for one in bank.applications("demo-clear")]


@each_operation
@pytest.mark.parametrize("token", ["", "wrong-token"])
def test_nothing_is_answered_without_the_assistants_token(own_sandbox: Sandbox, name: str, token: str) -> None:
    session = requests.Session()
    session.trust_env = False
    operation = OPERATIONS[name]
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = session.request(
        operation.method, own_sandbox.api_url + operation.route.partition(" ")[2], headers=headers, timeout=10
    )
    assert answer.status_code == 401
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.json()["type"] == "urn:overdue-card:problem:unauthorised"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    with pytest.raises(NotAuthorised):
        CALLS[name](BankClient(own_sandbox.api_url, "wrong-token"))


def test_gives_the_correlation_id_back(bank: BankClient, witness: Witness) -> None:
    bank.cards("demo-clear")
    sent = witness.last_answer.request.headers["X-Correlation-ID"]
    assert witness.last_answer.headers["X-Correlation-ID"] == sent
