"""Consents, papers from customers, documents of the bank."""

from __future__ import annotations

from sanic.request import Request

from bank.models import Scope
from bank.sandbox import bodies, reading
from bank.sandbox.api.form import document_form
from bank.sandbox.api.web import CARD, CUSTOMER, Api, Result
from bank.sandbox.service import Bank

_READ, _WRITE = Scope.ACCOUNTS_READ, Scope.REQUESTS_WRITE
_OVERHEAD = 16 * 1024  # bytes of a form beside its file


def add(api: Api, bank: Bank) -> None:
    """Register the operations."""

    @api.operation("POST", f"{CUSTOMER}/consents", _WRITE)
    def record_consent(request: Request, customer_id: str) -> Result:
        key = reading.idempotency_key(request)
        asked = reading.body(request, bodies.ConsentRequest)
        values = {name: getattr(asked, name) for name in asked.__fields__}
        return bank.record_consent(customer_id, key, **values)

    @api.operation("GET", f"{CUSTOMER}/consents", _READ)
    def consents(request: Request, customer_id: str) -> Result:
        return bank.consents(customer_id)

    @api.upload(f"{CUSTOMER}/documents", _WRITE, bank.largest_file + _OVERHEAD)
    def upload_document(request: Request, customer_id: str) -> Result:
        key = reading.idempotency_key(request)
        form = document_form(request)
        bank.check_file(form.file)
        return bank.upload_document(
            customer_id, key, kind=form.kind, file=form.file, sent_as=form.sent_as, consent_id=form.consent_id
        )

    @api.operation("GET", f"{CUSTOMER}/documents", _READ)
    def documents(request: Request, customer_id: str) -> Result:
        return bank.documents(customer_id)

    @api.operation("DELETE", f"{CUSTOMER}/documents/<document_id:str>", _WRITE)
    def delete_document(request: Request, customer_id: str, document_id: str) -> Result:
        return bank.delete_document(customer_id, document_id, reading.idempotency_key(request))

    @api.operation("POST", f"{CARD}/issued-documents", _WRITE)
    def issue_document(request: Request, customer_id: str, card_id: str) -> Result:
        key = reading.idempotency_key(request)
        asked = reading.body(request, bodies.IssueRequest)
        return bank.issue_document(customer_id, card_id, key, kind=asked.kind, statement_date=asked.statement_date)

    @api.operation("GET", f"{CUSTOMER}/issued-documents/<document_id:str>/content", _READ)
    def document_content(request: Request, customer_id: str, document_id: str) -> Result:
        return bank.document_content(customer_id, document_id)
