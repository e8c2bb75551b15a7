"""Customers, cards and how they stand."""

from __future__ import annotations

from typing import Callable, Dict, Sequence, Union

from sanic.request import Request

from bank.models import Scope
from bank.sandbox import views
from bank.sandbox.accounts import CardAccount
from bank.sandbox.api.web import CARD, CUSTOMER, Api, Result
from bank.sandbox.service import Bank
from bank.strict import Model

_READ = Scope.ACCOUNTS_READ
View = Callable[[CardAccount], Union[Model, Sequence[Model]]]
#: Operation ids, which are the paths' last parts too, and what each shows of the account.
_VIEWS: Dict[str, View] = {
    "statement": views.statement,
    "overdue": views.overdue,
    "transactions": views.transactions,
    "payments": views.payments,
    "repayment_channels": views.repayment_channels,
    "auto_debit": views.auto_debit,
    "credit_report": views.credit_report,
}


def add(api: Api, bank: Bank) -> None:
    """Register the operations."""

    @api.operation("GET", CUSTOMER, _READ)
    def customer(request: Request, customer_id: str) -> Result:
        return bank.customer(customer_id)

    @api.operation("GET", f"{CUSTOMER}/cards", _READ)
    def cards(request: Request, customer_id: str) -> Result:
        return bank.cards(customer_id)

    for name, view in _VIEWS.items():
        _add_view(api, bank, name, view)


def _add_view(api: Api, bank: Bank, name: str, view: View) -> None:
    def show(request: Request, customer_id: str, card_id: str) -> Result:
        return view(bank.card(customer_id, card_id))

    show.__name__ = name
    api.operation("GET", f"{CARD}/{name.replace('_', '-')}", _READ)(show)
