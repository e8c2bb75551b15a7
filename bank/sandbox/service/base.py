"""What every topic of the service needs: the day, the database, and writes that happen once."""

from __future__ import annotations

from datetime import date
from typing import Callable, Mapping, Optional

from sqlalchemy.engine import Connection

from bank.sandbox.accounts import CardAccount, read_card, read_customer
from bank.sandbox.codes import Codes
from bank.sandbox.demonstration import Demonstration
from bank.sandbox.idempotency import Act, Answer, Once, once
from bank.sandbox.policy import Policy
from bank.sandbox.review import catch_up
from bank.sandbox.store import Store

CREATED, OK, NO_CONTENT = 201, 200, 204

Exists = Callable[[Connection], object]


class Service:
    """Base of all topics. Each method raises Problem for what it does not answer; all of it blocks."""

    def __init__(self, database: Store, policy: Policy, secret: str) -> None:
        """`secret` keys the hashes of codes and proofs."""
        self._database = database
        self._policy = policy
        self._codes = Codes(policy.one_time_code, secret)
        self._demonstration = Demonstration(database, policy)

    def _today(self) -> date:
        """The bank's day, with the stories told and everything decided that was to be decided by now."""
        today = self._demonstration.today()
        catch_up(self._database, self._policy, today)
        return today

    def card(self, customer_id: str, card_id: str) -> CardAccount:
        """One card's account as it stands today, for `views` to show. Raises Problem `not-found`."""
        today = self._today()
        with self._database.reading() as connection:
            return read_card(connection, self._policy, today, customer_id, card_id)

    def _locked(self, connection: Connection, today: date, customer_id: str, card_id: str) -> CardAccount:
        """The card, which until the transaction ends nobody else gets so."""
        return read_card(connection, self._policy, today, customer_id, card_id, lock=True)

    def _once(
        self,
        customer_id: str,
        key: str,
        operation: str,
        content: Mapping[str, object],
        act: Act,
        *,
        status: int = OK,
        exists: Optional[Exists] = None,
    ) -> Answer:
        """What `act` answers to this content, once for the key. `exists`: what must be there, the customer if None."""

        def customer_exists(connection: Connection) -> object:
            return read_customer(connection, customer_id)

        asked = Once(customer_id, key, {"operation": operation, **content})
        return once(self._database, self._policy.idempotency, asked, status, act, exists or customer_exists)
