"""Documents that the bank makes for a customer: kept for a while, and given out as they were made."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, timedelta
from typing import Optional, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bank.errors import NotEligibleReason
from bank.models import IssuedDocument, IssuedDocumentKind
from bank.sandbox import printing, store, views
from bank.sandbox.accounts import CardAccount
from bank.sandbox.content import Content
from bank.sandbox.ledger.records import Bill
from bank.sandbox.plan_views import running_plans
from bank.sandbox.problems import invalid, not_eligible, not_found
from bank.sandbox.store import Row
from common import clock

_PDF = "application/pdf"
_LETTERS = {IssuedDocumentKind.SETTLEMENT_CERTIFICATE: "SC", IssuedDocumentKind.STATEMENT: "ST"}


def issue(
    connection: Connection, of: CardAccount, kind: IssuedDocumentKind, statement_date: Optional[date]
) -> IssuedDocument:
    """Make it. Raises Problem `not-eligible` for a certificate while anything is owed, `not-found` for a statement
    that was not issued, `invalid-request` for the date of a statement with a certificate."""
    now = clock.now()
    number = f"{_LETTERS[kind]}-{now:%Y%m%d}-{secrets.token_hex(4).upper()}"
    if kind is IssuedDocumentKind.SETTLEMENT_CERTIFICATE:
        if statement_date is not None:
            raise invalid("statement_date", "only for a statement")
        _check_settled(of)
        body = printing.certificate(of, number, now)
    else:
        bill, before = _bill(of, statement_date)
        statement_date = bill.statement_date
        body = printing.statement(of, number, bill, _booked(of, bill), before)
    row = {
        "id": f"dc-{secrets.token_hex(12)}",
        "customer_id": of.customer["id"],
        "card_id": of.card["id"],
        "kind": kind.value,
        "statement_date": statement_date,
        "file_name": f"{number}.pdf",
        "content_type": _PDF,
        "size": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
        "issued_at": now,
        "expires_at": now + timedelta(days=of.policy.documents.issued_kept_days),
    }
    connection.execute(sa.insert(store.issued_documents).values(**row))
    connection.execute(sa.insert(store.contents).values(document_id=row["id"], content=body))
    return _view(row)


def content(connection: Connection, customer_id: str, document_id: str) -> Content:
    """Raises Problem `not-found`, also once its time is over."""
    issued = store.issued_documents
    query = sa.select(issued).where(
        issued.c.id == document_id, issued.c.customer_id == customer_id, issued.c.expires_at > clock.now()
    )
    row = store.row(connection, query)
    if row is None:
        raise not_found("document")
    body = sa.select(store.contents.c.content).where(store.contents.c.document_id == document_id)
    return Content(connection.execute(body).scalar_one(), _PDF, row["file_name"])


def _check_settled(of: CardAccount) -> None:
    """Nothing is owed: nothing billed, nothing spent since, no interest, no plan, nothing disputed."""
    owed = any(debt.remaining for debt in of.account.debts)
    interest = of.has_bill and of.now.interest
    if owed or interest or running_plans(of):
        raise not_eligible(NotEligibleReason.NOT_ALLOWED_NOW)


def _bill(of: CardAccount, statement_date: Optional[date]) -> Tuple[Bill, Optional[Bill]]:
    """The bill of that date, or the latest, and the one before it."""
    bills = list(of.account.bills)
    wanted = statement_date or (bills[-1].statement_date if bills else None)
    for before, bill in zip([None, *bills], bills, strict=False):
        if bill.statement_date == wanted:
            return bill, before
    raise not_found("statement")


def _booked(of: CardAccount, bill: Bill) -> "list[printing.Line]":
    """What was booked in the bill's month, oldest first."""
    booked = [
        printing.Line(each.posted_on, each.description, each.amount)
        for each in views.bookings(of)
        if bill.period_starts_on <= each.posted_on <= bill.statement_date
    ]
    paid = [
        printing.Line(day, None, -amount)
        for day, amount in of.account.payments
        if bill.period_starts_on <= day <= bill.statement_date
    ]
    return sorted([*booked, *paid], key=lambda line: line.day)


def _view(row: Row) -> IssuedDocument:
    return IssuedDocument(**{name: row[name] for name in IssuedDocument.__fields__})
