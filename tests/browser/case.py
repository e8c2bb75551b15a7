"""A customer beside what the bank says of that customer, and how it is shown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import List, Optional

from bank.client import BankClient
from bank.models import Application, OverdueSummary
from dialogue.formats import FORMATS


class Case:
    """What tests of conversations look up and compare with, in the customer's language."""

    language: str  # zh or en
    customer: str
    bank: BankClient

    @property
    def card(self) -> str:
        """The id of the first card."""
        return self.bank.cards(self.customer)[0].id

    @property
    def overdue(self) -> OverdueSummary:
        """What is owed on the first card."""
        return self.bank.overdue(self.customer, self.card)

    @property
    def open_requests(self) -> List[Application]:
        """What the bank has on file and has not decided."""
        return [each for each in self.bank.applications(self.customer) if each.withdrawable]

    def yuan(self, amount: Decimal) -> str:
        """An amount as it is shown."""
        return FORMATS["money"](str(amount), self.language)

    def on(self, day: Optional[date]) -> str:
        """A day as it is shown."""
        assert day is not None
        return FORMATS["date"](day.isoformat(), self.language)

    def days(self, count: int) -> str:
        """A number of days as it is shown."""
        return FORMATS["days"](count, self.language)

    def rate(self, fraction: Decimal) -> str:
        """A rate as it is shown."""
        return FORMATS["percent"](str(fraction), self.language)

    def word(self, *, zh: str, en: str) -> str:
        """The one in this customer's language."""
        return {"zh": zh, "en": en}[self.language]
