"""Promises to pay: each write once for a key."""

from __future__ import annotations

from typing import List

from sqlalchemy.engine import Connection

from bank.models import Promise
from bank.sandbox import promises
from bank.sandbox.accounts import read_card, read_customer
from bank.sandbox.idempotency import Answer
from bank.sandbox.preconditions import ANY, IfMatch
from bank.sandbox.promises import Wish
from bank.sandbox.service.base import CREATED, Service


class Promises(Service):
    """They change no obligation, so they need no code."""

    def make_promise(self, customer_id: str, card_id: str, key: str, wish: Wish) -> Answer:
        """A new one."""
        today = self._today()

        def exists(connection: Connection) -> None:
            read_card(connection, self._policy, today, customer_id, card_id)

        def act(connection: Connection) -> Promise:
            return promises.make(connection, self._locked(connection, today, customer_id, card_id), wish)

        content = {"card_id": card_id, **_content(wish)}
        return self._once(customer_id, key, "make_promise", content, act, status=CREATED, exists=exists)

    def promises(self, customer_id: str) -> List[Promise]:
        """Newest first."""
        today = self._today()
        with self._database.reading() as connection:
            read_customer(connection, customer_id)
            return promises.list_promises(connection, customer_id, self._policy.promise, today)

    def promise(self, customer_id: str, reference: str) -> Promise:
        """One of the customer's."""
        today = self._today()
        with self._database.reading() as connection:
            row = promises.read_row(connection, customer_id, reference)
            return promises.view(connection, row, self._policy.promise, today)

    def change_promise(self, customer_id: str, reference: str, key: str, wish: Wish, if_match: IfMatch) -> Answer:
        """Another sum or day."""
        today = self._today()

        def exists(connection: Connection) -> None:
            promises.read_row(connection, customer_id, reference)

        def act(connection: Connection) -> Promise:
            card_id = promises.read_row(connection, customer_id, reference)["card_id"]
            of = self._locked(connection, today, customer_id, card_id)
            promise = promises.read_row(connection, customer_id, reference, lock=True)
            return promises.change(connection, of, promise, wish, if_match)

        content = {"reference": reference, **_content(wish)}
        return self._once(customer_id, key, "change_promise", content, act, exists=exists)

    def withdraw_promise(self, customer_id: str, reference: str, key: str, if_match: IfMatch = ANY) -> Answer:
        """Take it back."""
        today = self._today()

        def exists(connection: Connection) -> None:
            promises.read_row(connection, customer_id, reference)

        def act(connection: Connection) -> Promise:
            promise = promises.read_row(connection, customer_id, reference, lock=True)
            return promises.withdraw(connection, promise, self._policy.promise, today, if_match)

        return self._once(customer_id, key, "withdraw_promise", {"reference": reference}, act, exists=exists)


def _content(wish: Wish) -> "dict[str, object]":
    return {"amount": f"{wish.amount:f}", "pay_on": wish.pay_on.isoformat()}
