"""Reading: the customer, the cards, what is owed and how to pay it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import List, Union

from bank.calls.caller import CARD, CUSTOMER, Caller
from bank.models import (
    AutoDebit,
    Card,
    CreditReportStatus,
    Customer,
    DebitAccount,
    OverdueSummary,
    Payment,
    Plan,
    ProjectedPayment,
    Projection,
    RepaymentChannel,
    Statement,
    Transaction,
)


class AccountCalls(Caller):
    """Scope `accounts.read`."""

    def customer(self, customer_id: str) -> Customer:
        """How the bank addresses the customer."""
        return self._get(Customer, CUSTOMER, customer_id=customer_id)

    def cards(self, customer_id: str) -> List[Card]:
        """The customer's credit cards, each with what is to pay now; those that are overdue first."""
        return self._list(Card, CUSTOMER + "/cards", customer_id=customer_id)

    def statement(self, customer_id: str, card_id: str) -> Statement:
        """The latest bill. Raises NotFound while the card has none."""
        return self._get(Statement, CARD + "/statement", customer_id=customer_id, card_id=card_id)

    def overdue(self, customer_id: str, card_id: str) -> OverdueSummary:
        """What is owed today and why, also when nothing is overdue. Raises NotFound while the card has no bill."""
        return self._get(OverdueSummary, CARD + "/overdue", customer_id=customer_id, card_id=card_id)

    def projection(
        self, customer_id: str, card_id: str, *, on: date, pay: Union[ProjectedPayment, Decimal]
    ) -> Projection:
        """What will be owed on the day `on` if `pay` (an amount in yuan, or one of the usual) is paid today.

        `on`: from today to 366 days on. Raises InvalidRequest, and NotFound while the card has no bill.
        """
        params = {"on": on, "pay": pay}
        return self._get(Projection, CARD + "/projection", params, customer_id=customer_id, card_id=card_id)

    def transactions(self, customer_id: str, card_id: str) -> List[Transaction]:
        """Newest first, those of the latest bill and since."""
        return self._list(Transaction, CARD + "/transactions", customer_id=customer_id, card_id=card_id)

    def payments(self, customer_id: str, card_id: str) -> List[Payment]:
        """Newest first, at least of the last 90 days, with those that are on their way."""
        return self._list(Payment, CARD + "/payments", customer_id=customer_id, card_id=card_id)

    def repayment_channels(self, customer_id: str, card_id: str) -> List[RepaymentChannel]:
        """In the order in which the bank wants them shown."""
        return self._list(RepaymentChannel, CARD + "/repayment-channels", customer_id=customer_id, card_id=card_id)

    def auto_debit(self, customer_id: str, card_id: str) -> AutoDebit:
        """Whether and what the bank debits by itself, also when it is switched off."""
        return self._get(AutoDebit, CARD + "/auto-debit", customer_id=customer_id, card_id=card_id)

    def debit_accounts(self, customer_id: str, card_id: str) -> List[DebitAccount]:
        """The customer's own accounts from which the card's bills may be debited."""
        return self._list(DebitAccount, CARD + "/debit-accounts", customer_id=customer_id, card_id=card_id)

    def credit_report(self, customer_id: str, card_id: str) -> CreditReportStatus:
        """What the credit register holds of this card, and what it will hold if nothing is paid."""
        return self._get(CreditReportStatus, CARD + "/credit-report", customer_id=customer_id, card_id=card_id)

    def plans(self, customer_id: str, card_id: str) -> List[Plan]:
        """Instalments and agreements that run on the card, the newest first."""
        return self._list(Plan, CARD + "/plans", customer_id=customer_id, card_id=card_id)
