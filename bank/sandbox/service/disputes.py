"""Disputes: each write once for a key."""

from __future__ import annotations

from typing import List, Optional

from sqlalchemy.engine import Connection

from bank.models import Dispute, DisputeReason
from bank.sandbox import disputes
from bank.sandbox.accounts import read_card, read_customer
from bank.sandbox.idempotency import Answer
from bank.sandbox.preconditions import ANY, IfMatch
from bank.sandbox.service.base import CREATED, Service


class Disputes(Service):
    """Bookings that the customer says are wrong."""

    def file_dispute(
        self,
        customer_id: str,
        card_id: str,
        key: str,
        *,
        transaction_id: str,
        reason: DisputeReason,
        statement: Optional[str],
    ) -> Answer:
        """Set the booking aside and examine it."""
        today = self._today()

        def exists(connection: Connection) -> None:
            read_card(connection, self._policy, today, customer_id, card_id)

        def act(connection: Connection) -> Dispute:
            of = self._locked(connection, today, customer_id, card_id)
            return disputes.file(connection, of, transaction_id, reason, statement)

        content = {
            "card_id": card_id,
            "transaction_id": transaction_id,
            "reason": reason.value,
            "statement": statement,
        }
        return self._once(customer_id, key, "file_dispute", content, act, status=CREATED, exists=exists)

    def disputes(self, customer_id: str) -> List[Dispute]:
        """Newest first."""
        self._today()
        with self._database.reading() as connection:
            read_customer(connection, customer_id)
            return disputes.list_disputes(connection, customer_id)

    def dispute(self, customer_id: str, reference: str) -> Dispute:
        """One of the customer's."""
        self._today()
        with self._database.reading() as connection:
            return disputes.view(disputes.read_row(connection, customer_id, reference))

    def withdraw_dispute(self, customer_id: str, reference: str, key: str, if_match: IfMatch = ANY) -> Answer:
        """Take it back: the booking is owed again."""
        today = self._today()

        def exists(connection: Connection) -> None:
            disputes.read_row(connection, customer_id, reference)

        def act(connection: Connection) -> Dispute:
            dispute = disputes.read_row(connection, customer_id, reference, lock=True)
            return disputes.withdraw(connection, dispute, today, if_match)

        return self._once(customer_id, key, "withdraw_dispute", {"reference": reference}, act, exists=exists)
