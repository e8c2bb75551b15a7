"""Who the customer is and how the accounts stand."""

from __future__ import annotations

from typing import List

import sqlalchemy as sa

from bank.models import Card, Customer
from bank.sandbox import views
from bank.sandbox.accounts import read_cards, read_customer
from bank.sandbox.service.base import Service


class Accounts(Service):
    """Reads of customers and cards; `views` has the rest."""

    def check_health(self) -> None:
        """Whether it can work: raises if the store cannot be used."""
        self._demonstration.today()
        with self._database.reading() as connection:
            connection.execute(sa.text("SELECT 1"))

    def customer(self, customer_id: str) -> Customer:
        """How the bank addresses the customer."""
        self._today()
        with self._database.reading() as connection:
            return views.customer(read_customer(connection, customer_id))

    def cards(self, customer_id: str) -> List[Card]:
        """The longest overdue first."""
        today = self._today()
        with self._database.reading() as connection:
            found = read_cards(connection, self._policy, today, customer_id)
        return views.cards(found)
