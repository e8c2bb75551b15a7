"""Keeps the stories true: when the bank's day has changed since they were last made true, they are made anew.

What visitors filed stays: their applications can be read under their references, whatever day it is.
"""

from __future__ import annotations

import logging
import threading
from datetime import date
from typing import Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from bank.sandbox import agreements, applications, auto_debit, disputes, listing, promises, store
from bank.sandbox.applications import close_stale
from bank.sandbox.codes import forget_old_codes
from bank.sandbox.papers import forget_old_papers
from bank.sandbox.policy import Policy
from bank.sandbox.quotes import forget_old_quotes
from bank.sandbox.seed import seeding
from bank.sandbox.store import Store
from bank.sandbox.stories import stories
from common import clock

logger = logging.getLogger(__name__)


class Demonstration:
    """The stories in `database`. Any number of threads may ask."""

    def __init__(self, database: Store, policy: Policy) -> None:
        self._database = database
        self._policy = policy
        self._lock = threading.Lock()
        self._true_on: Optional[date] = None

    def today(self) -> date:
        """The bank's day, on which the stories are true."""
        today = clock.today()
        if self._true_on != today:
            with self._lock:
                if self._true_on != today:
                    self._make_true(today)
                    self._true_on = today
        return today

    def _make_true(self, today: date) -> None:
        try:
            told = self._tell(today)
        except IntegrityError:  # another process told the very first stories at the same time
            told = self._tell(today)
        if told:
            logger.info("the demonstration's stories are told as of %s", today)

    def _tell(self, today: date) -> bool:
        """Whether there was something to tell: another process may have been first."""
        with self._database.writing() as connection:
            known = store.row(connection, sa.select(store.seedings).with_for_update())
            if known is not None and known["seeded_on"] == today:
                return False
            if known is None:
                connection.execute(sa.insert(store.seedings).values(one=1, seeded_on=today))
            else:
                # Not deleted and inserted: who waits for the row must find it.
                connection.execute(sa.update(store.seedings).values(seeded_on=today))
                agreements.judge(connection, self._policy, today)  # by what was paid until now: that is forgotten next
                close_stale(connection, today)
                promises.begin_anew(connection, self._policy.promise, today)
            self._seed(connection, today)
            agreements.judge(connection, self._policy, today)
            disputes.begin_anew(connection, today)
            promises.judge(connection, self._policy.promise, today)
            listing.mark_all(connection)
            return True

    def _seed(self, connection: Connection, today: date) -> None:
        made = seeding(stories(), self._policy, today)
        orders = auto_debit.orders(connection)
        for table in (store.customers, store.cards, store.debit_accounts, store.entries, store.payments):
            connection.execute(sa.delete(table))
        for table in (store.applications, store.promises, store.disputes):
            connection.execute(sa.delete(table).where(table.c.seeded.is_(True)))
        store.insert_all(connection, store.customers, made.customers)
        store.insert_all(connection, store.cards, [auto_debit.numbered(card, orders) for card in made.cards])
        store.insert_all(connection, store.debit_accounts, made.debit_accounts)
        store.insert_all(connection, store.entries, made.entries)
        store.insert_all(connection, store.payments, made.payments)
        for application in made.applications:
            applications.insert(connection, application)
        for promise in made.promises:
            promises.insert(connection, promise)
        for dispute in made.disputes:
            disputes.insert(connection, dispute)
        forget_old_quotes(connection, self._policy)
        forget_old_codes(connection)
        forget_old_papers(connection, self._policy)
