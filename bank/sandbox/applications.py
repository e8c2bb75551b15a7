"""Applications: filed from a quote or a declaration, reviewed, decided, withdrawn."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Dict, List, Optional, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bank.errors import NotEligibleReason
from bank.models import Application, ApplicationKind, ApplicationStatus, DocumentKind, ReasonClass
from bank.sandbox import listing, store
from bank.sandbox.accounts import CardAccount, post_entry, read_customer
from bank.sandbox.ledger.cycle import ONE_DAY
from bank.sandbox.ledger.waiver import waiver_entries
from bank.sandbox.policy import Policy
from bank.sandbox.problems import Problem, not_eligible
from bank.sandbox.quotes import KeptQuote, check_unchanged
from bank.sandbox.references import insert_numbered, read_numbered
from bank.sandbox.states import APPLICATION, RUNS, status_on
from bank.sandbox.store import Row
from bank.sandbox.texts import text
from common import clock

_LETTERS = {
    ApplicationKind.INSTALMENT: "INS",
    ApplicationKind.DEFERRAL: "DEF",
    ApplicationKind.AGREEMENT: "AGR",
    ApplicationKind.WAIVER: "WAI",
    ApplicationKind.EARLY_SETTLEMENT: "SET",
    ApplicationKind.HARDSHIP: "HAR",
}
_SATURDAY = 5


def file_quoted(
    connection: Connection, of: CardAccount, quote: KeptQuote, reason: Optional[ReasonClass]
) -> Application:
    """File `quote`, whose card is locked. Raises Problem `not-eligible`, `quote-expired`."""
    if any(each["quote_id"] == quote.id for each in of.applications):
        raise not_eligible(NotEligibleReason.ALREADY_RUNNING)
    check_unchanged(of, quote)
    row = {"quote_id": quote.id, "details": json.dumps(quote.body, ensure_ascii=False), **_terms_of(quote)}
    return file(connection, of, quote.kind, reason, row)


def file(
    connection: Connection, of: CardAccount, kind: ApplicationKind, reason: Optional[ReasonClass], more: Dict[str, Any]
) -> Application:
    """File an application of this kind for the card, which is locked. `more`: values of further columns."""
    now = clock.now()
    row = {
        "customer_id": of.customer["id"],
        "card_id": of.card["id"],
        "card_last4": of.card["last4"],
        "kind": kind.value,
        # The sandbox's reviewer looks at once; the decision takes its time.
        "status": ApplicationStatus.IN_REVIEW.value,
        "filed_at": now,
        "updated_at": now,
        "answer_by": working_days_after(of.today, of.policy.applications.review_working_days),
        "decides_at": decides_at(of.policy, now),
        "reason": reason.value if reason else None,
        "seeded": False,
        **more,
    }
    reference = insert(connection, row)
    return view(read_row(connection, reference), of.today)


def decides_at(policy: Policy, now: datetime) -> Optional[datetime]:
    """When the rules decide on what was handed in now; None if somebody has to."""
    delay = policy.review.delay_seconds
    return None if delay is None else now + timedelta(seconds=delay)


def list_applications(connection: Connection, customer_id: str, today: date) -> List[Application]:
    """All of the customer's, newest first. Raises Problem `not-found`."""
    read_customer(connection, customer_id)
    table = store.applications
    query = sa.select(table).where(table.c.customer_id == customer_id)
    found = store.rows(connection, query.order_by(table.c.filed_at.desc(), table.c.reference.desc()))
    return [view(each, today) for each in found]


def read_application(connection: Connection, customer_id: str, reference: str, *, lock: bool = False) -> Row:
    """Raises Problem `not-found`, also for somebody else's."""
    read_customer(connection, customer_id)
    return read_row(connection, reference, customer_id, lock=lock)


def check_withdrawable(application: Row, today: date) -> None:
    """Raises Problem `not-withdrawable`."""
    if not APPLICATION.allows(status_on(application, today), ApplicationStatus.WITHDRAWN):
        raise Problem("not-withdrawable")


def withdraw(connection: Connection, application: Row, today: date) -> Application:
    """Withdraw it. Raises Problem `not-withdrawable`."""
    check_withdrawable(application, today)
    gone = move(connection, application, ApplicationStatus.WITHDRAWN, answer_by=None, documents_needed=())
    return view(gone, today)


def approve(connection: Connection, application: Row, today: date, note: Optional[str] = None) -> Row:
    """What is approved takes effect on the account at once. Raises Problem `illegal-move`."""
    words = note or _word(connection, application, f"approved_{application['kind']}")
    approved = move(connection, application, ApplicationStatus.APPROVED, today=today, note=words, answer_by=None)
    _take_effect(connection, application, today)
    runs = ApplicationKind(application["kind"]) in RUNS
    return move(
        connection, approved, ApplicationStatus.ACTIVE if runs else ApplicationStatus.COMPLETED, starts_on=today
    )


def _take_effect(connection: Connection, application: Row, today: date) -> None:
    """What of it the ledger does not read from the application itself."""
    listing.mark(connection, application["card_id"])
    details = json.loads(application["details"])
    if application["kind"] == ApplicationKind.WAIVER.value:
        shares = [(charge_id, Decimal(amount)) for charge_id, amount in details["shares"]]
        for entry in waiver_entries(application["reference"], shares, today):
            post_entry(connection, application["card_id"], entry)
    if application["kind"] == ApplicationKind.EARLY_SETTLEMENT.value:
        move(connection, read_row(connection, details["reference"], lock=True), ApplicationStatus.COMPLETED)


def decline(connection: Connection, application: Row, today: date, note: Optional[str] = None) -> Row:
    """Nothing changes on the account. Raises Problem `illegal-move`."""
    words = note or _word(connection, application, "declined")
    return move(connection, application, ApplicationStatus.DECLINED, today=today, note=words, answer_by=None)


def ask_for_documents(connection: Connection, application: Row, today: date, kinds: Sequence[DocumentKind]) -> Row:
    """The decision waits for papers of the customer. Raises Problem `illegal-move`."""
    return move(
        connection,
        application,
        ApplicationStatus.NEEDS_DOCUMENTS,
        today=today,
        note=_word(connection, application, "needs_documents"),
        documents_needed=[kind.value for kind in kinds],
        answer_by=today + timedelta(days=_DAYS_FOR_PAPERS),
    )


_DAYS_FOR_PAPERS = 14


def look_again(connection: Connection, application: Row, policy: Policy, today: date) -> Application:
    """The papers came: the review goes on. Raises Problem `illegal-move`."""
    again = move(
        connection,
        application,
        ApplicationStatus.IN_REVIEW,
        today=today,
        note=None,
        documents_needed=(),
        answer_by=working_days_after(today, policy.applications.review_working_days),
        decides_at=decides_at(policy, clock.now()),
    )
    return view(again, today)


def close_stale(connection: Connection, today: date) -> None:
    """At the start of a new day of the demonstration: its stories begin anew, so nothing that visitors filed runs on.

    What waits for a decision or for papers may go on waiting until its time is over.
    """
    table = store.applications
    visitors = sa.select(table).where(table.c.seeded.is_(False))
    running = visitors.where(table.c.status == ApplicationStatus.ACTIVE.value)
    for each in store.rows(connection, running):
        move(connection, each, ApplicationStatus.COMPLETED, starts_on=None)
    taken_effect = sa.update(table).where(table.c.seeded.is_(False), table.c.starts_on.isnot(None))
    connection.execute(taken_effect.values(starts_on=None))
    waits = (ApplicationStatus.IN_REVIEW.value, ApplicationStatus.NEEDS_DOCUMENTS.value)
    for each in store.rows(connection, visitors.where(table.c.status.in_(waits), table.c.answer_by < today)):
        note = _word(connection, each, "expired")
        move(connection, each, ApplicationStatus.EXPIRED, note=note, answer_by=None, documents_needed=())


def insert(connection: Connection, row: Dict[str, Any]) -> str:
    """Add it under the next reference of its kind and day."""
    letters = _LETTERS[ApplicationKind(row["kind"])]
    return insert_numbered(connection, store.applications, letters, row["filed_at"].date(), row)


def view(row: Row, today: date) -> Application:
    """The application in the contract's shape."""
    status = status_on(row, today)
    fields = ("reference", "kind", "card_id", "card_last4", "amount", "filed_at", "updated_at", "answer_by", "terms")
    more = ("quote_id", "per_term", "annualised_rate", "new_due_date", "reason", "note")
    values = {name: row[name] for name in (*fields, *more)}
    agreed = row["kind"] == ApplicationKind.AGREEMENT.value and status is ApplicationStatus.ACTIVE
    return Application(
        status=status,
        # What is over by the day alone is another state of it, too.
        version=row["version"] + (status.value != row["status"]),
        withdrawable=APPLICATION.allows(status, ApplicationStatus.WITHDRAWN),
        documents_needed=list(row["documents_needed"]),
        # Collection stops once an agreement is signed (2011 Measures, Art. 70).
        collection_paused=agreed,
        **values,
    )


def read_row(connection: Connection, reference: str, customer_id: Optional[str] = None, *, lock: bool = False) -> Row:
    """Raises Problem `not-found`, also if it is not `customer_id`'s."""
    return read_numbered(connection, store.applications, "application", reference, customer_id, lock=lock)


def move(
    connection: Connection, application: Row, to: ApplicationStatus, *, today: Optional[date] = None, **changes: Any
) -> Row:
    """Change the status, and nothing decides by itself any more unless `changes` says when.

    Raises Problem `illegal-move`; with `today`, by the status that it has by that day.
    """
    APPLICATION.check(status_on(application, today) if today else application["status"], to)
    values = {"status": to.value, "updated_at": clock.now(), "decides_at": None, **changes}
    table = store.applications
    change = sa.update(table).where(table.c.reference == application["reference"])
    connection.execute(change.values(version=table.c.version + 1, **values))
    return read_row(connection, application["reference"])


def _terms_of(quote: KeptQuote) -> Dict[str, Any]:
    """What of the quote the application shows and the account needs."""
    body = quote.read()
    values = body.dict()
    kind = quote.kind
    if kind in (ApplicationKind.INSTALMENT, ApplicationKind.AGREEMENT):
        return {
            "amount": values["amount"] if kind is ApplicationKind.INSTALMENT else values["balance"],
            "terms": values["terms"],
            "rate_per_term": f"{values['rate_per_term']:f}",
            "per_term": values["per_term"],
            "annualised_rate": f"{values['annualised_rate']:f}",
        }
    if kind is ApplicationKind.DEFERRAL:
        return {
            "amount": values["amount_due_then"],
            "new_due_date": values["new_due_date"],
            "annualised_rate": f"{values['annualised_rate']:f}",
            "interest_continues": values["interest_continues"],
            "late_fee_waived": values["late_fee_waived"],
        }
    return {"amount": values["amount"] if kind is ApplicationKind.WAIVER else values["total"]}


def _word(connection: Connection, application: Row, name: str) -> str:
    """The bank's word on it, in the customer's language."""
    customers = store.customers
    query = sa.select(customers.c.language).where(customers.c.id == application["customer_id"])
    found = store.row(connection, query)  # a customer of an earlier version's stories may be gone
    return text("decision", name, found["language"] if found else "zh")


def working_days_after(day: date, days: int) -> date:
    """Monday to Friday; public holidays are not known here."""
    while days > 0 or day.weekday() >= _SATURDAY:
        day += ONE_DAY
        if day.weekday() < _SATURDAY:
            days -= 1
    return day
