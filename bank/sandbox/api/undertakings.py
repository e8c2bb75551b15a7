"""Promises to pay, disputes, and the standing order."""

from __future__ import annotations

from sanic.request import Request

from bank.models import Scope
from bank.sandbox import bodies, reading
from bank.sandbox.api.web import CARD, CUSTOMER, Api, Result
from bank.sandbox.promises import Wish
from bank.sandbox.service import Bank

_READ, _WRITE = Scope.ACCOUNTS_READ, Scope.REQUESTS_WRITE
_PROMISE = f"{CUSTOMER}/promises/<reference:str>"
_DISPUTE = f"{CUSTOMER}/disputes/<reference:str>"


def add(api: Api, bank: Bank) -> None:
    """Register the operations."""
    _add_promises(api, bank)
    _add_disputes(api, bank)

    @api.operation("GET", f"{CARD}/debit-accounts", _READ)
    def debit_accounts(request: Request, customer_id: str, card_id: str) -> Result:
        return bank.debit_accounts(customer_id, card_id)

    @api.operation("PUT", f"{CARD}/auto-debit", _WRITE)
    def set_auto_debit(request: Request, customer_id: str, card_id: str) -> Result:
        key, if_match = reading.idempotency_key(request), reading.if_match(request, required=True)
        asked = reading.body(request, bodies.AutoDebitRequest)
        values = {name: getattr(asked, name) for name in asked.__fields__}
        return bank.set_auto_debit(customer_id, card_id, key, if_match=if_match, **values)


def _add_promises(api: Api, bank: Bank) -> None:
    @api.operation("POST", f"{CARD}/promises", _WRITE)
    def make_promise(request: Request, customer_id: str, card_id: str) -> Result:
        return bank.make_promise(customer_id, card_id, reading.idempotency_key(request), _wish(request))

    @api.operation("GET", f"{CUSTOMER}/promises", _READ)
    def promises(request: Request, customer_id: str) -> Result:
        return bank.promises(customer_id)

    @api.operation("GET", _PROMISE, _READ)
    def promise(request: Request, customer_id: str, reference: str) -> Result:
        return bank.promise(customer_id, reference)

    @api.operation("PUT", _PROMISE, _WRITE)
    def change_promise(request: Request, customer_id: str, reference: str) -> Result:
        key, if_match = reading.idempotency_key(request), reading.if_match(request, required=True)
        return bank.change_promise(customer_id, reference, key, _wish(request), if_match)

    @api.operation("POST", f"{_PROMISE}/withdraw", _WRITE)
    def withdraw_promise(request: Request, customer_id: str, reference: str) -> Result:
        key, if_match = reading.idempotency_key(request), reading.if_match(request)
        return bank.withdraw_promise(customer_id, reference, key, if_match)


def _add_disputes(api: Api, bank: Bank) -> None:
    @api.operation("POST", f"{CARD}/disputes", _WRITE)
    def file_dispute(request: Request, customer_id: str, card_id: str) -> Result:
        key = reading.idempotency_key(request)
        asked = reading.body(request, bodies.DisputeRequest)
        values = {name: getattr(asked, name) for name in asked.__fields__}
        return bank.file_dispute(customer_id, card_id, key, **values)

    @api.operation("GET", f"{CUSTOMER}/disputes", _READ)
    def disputes(request: Request, customer_id: str) -> Result:
        return bank.disputes(customer_id)

    @api.operation("GET", _DISPUTE, _READ)
    def dispute(request: Request, customer_id: str, reference: str) -> Result:
        return bank.dispute(customer_id, reference)

    @api.operation("POST", f"{_DISPUTE}/withdraw", _WRITE)
    def withdraw_dispute(request: Request, customer_id: str, reference: str) -> Result:
        key, if_match = reading.idempotency_key(request), reading.if_match(request)
        return bank.withdraw_dispute(customer_id, reference, key, if_match)


def _wish(request: Request) -> Wish:
    asked = reading.body(request, bodies.PromiseRequest)
    return Wish(asked.amount, asked.pay_on)
