"""What the bank would do to help, quoted; what runs; what will be owed."""

from __future__ import annotations

from sanic.request import Request

from bank.models import Scope
from bank.sandbox import plan_views, reading
from bank.sandbox.api.web import CARD, Api, Result
from bank.sandbox.quotes import AgreementWish
from bank.sandbox.service import Bank

_READ = Scope.ACCOUNTS_READ


def add(api: Api, bank: Bank) -> None:
    """Register the operations."""

    @api.operation("GET", f"{CARD}/instalment-quotes", _READ)
    def instalment_quotes(request: Request, customer_id: str, card_id: str) -> Result:
        asked = reading.amount(request), reading.terms(request)
        return bank.instalment_quotes(customer_id, card_id, *asked)

    @api.operation("GET", f"{CARD}/deferral-options", _READ)
    def deferral_options(request: Request, customer_id: str, card_id: str) -> Result:
        return bank.deferral_options(customer_id, card_id, reading.day(request, "until"))

    @api.operation("GET", f"{CARD}/waiver-options", _READ)
    def waiver_options(request: Request, customer_id: str, card_id: str) -> Result:
        return bank.waiver_options(customer_id, card_id)

    @api.operation("GET", f"{CARD}/agreement-quotes", _READ)
    def agreement_quotes(request: Request, customer_id: str, card_id: str) -> Result:
        wish = AgreementWish(
            terms=reading.terms(request),
            monthly=reading.amount(request, "monthly"),
            first_due_on=reading.day(request, "first_due_on"),
        )
        return bank.agreement_quotes(customer_id, card_id, wish)

    @api.operation("GET", f"{CARD}/plans", _READ)
    def plans(request: Request, customer_id: str, card_id: str) -> Result:
        return plan_views.plans(bank.card(customer_id, card_id))

    @api.operation("GET", f"{CARD}/plans/<reference:str>/early-settlement", _READ)
    def early_settlement(request: Request, customer_id: str, card_id: str, reference: str) -> Result:
        return bank.early_settlement(customer_id, card_id, reference)

    @api.operation("GET", f"{CARD}/projection", _READ)
    def projection(request: Request, customer_id: str, card_id: str) -> Result:
        on, pay = reading.needed_day(request, "on"), reading.payment(request)
        return plan_views.projection(bank.card(customer_id, card_id), on, pay)
