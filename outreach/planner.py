"""Plans the contacts of a day: reads the bank's list page by page, then the accounts that are watched.

How far it has come is committed together with the contacts of each page. Whoever goes on after a failure begins at that
page; what is planned twice is there once. Memory holds one page, however many accounts there are.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Iterator, List, Optional, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bank.client import BankClient
from bank.errors import InvalidRequest, NotFound, NotOffered
from bank.models import AccountState, Card, DueAccount, PlanKind, Promise, PromiseStatus
from common import clock
from common.database import Database
from outreach import store
from outreach.plan import Anchor, Plan, anchor_of
from outreach.store import LEASE, LeaseLost, Wanted, Watch, Watched
from outreach.tables import runs

logger = logging.getLogger(__name__)

_PAGE = 1000  # accounts; the most that the contract allows
_WATCHES = 100  # that are looked at before it is committed how far it has come
_PROMISE_KEPT_WATCH = timedelta(days=14)  # a bank that has not decided on a promise by then never will
_LISTED = (Anchor.DUE_DATE, Anchor.OVERDUE, Anchor.PROMISE)


class Part(str, Enum):
    """What of a day's planning is being done."""

    ACCOUNTS = "accounts"
    WATCHES = "watches"


@dataclass(frozen=True)
class Planned:
    """What a day's planning came to, so far."""

    accounts: int  # read
    contacts: int  # new
    finished: bool


def due_of(account: DueAccount, plan: Plan, today: date) -> Iterator[Wanted]:
    """The contacts that the plan wants of a listed account today."""
    for anchor in _LISTED:
        day = anchor_of(anchor, account, today)
        if day is None:
            continue
        for step in plan.of(anchor):
            if step.is_due(day, today) and step.applies(account):
                yield Wanted(account.customer_id, account.card_id, step.id, day)


class Planner:
    """Plans for one worker. Blocks."""

    def __init__(self, bank: BankClient, database: Database, plan: Plan, owner: str) -> None:
        self._bank = bank
        self._database = database
        self._plan = plan
        self._owner = owner

    def plan_today(self) -> Planned:
        """Plan the bank's day, or go on where it was left; nothing if another worker is at it or it is done.

        Raises BankError; what was read until then is planned.
        """
        today = clock.today()
        with self._database.reading() as connection:
            finished = planned_on(connection, today) is not None
        if finished or not self._take(today):
            return self._standing(today)
        try:
            while self._next(today):
                pass
        except LeaseLost:
            logger.warning("another worker plans %s by now", today)
        finally:
            self._leave(today)
        return self._standing(today)

    def watched(self, which: Watched, today: date) -> Tuple[List[Wanted], bool]:
        """What the plan wants of a watched account today, and whether to go on watching it. Raises BankError."""
        try:
            if which.what is Watch.PROMISE:
                return self._after_promise(which, today)
            if which.what is Watch.AGREEMENT:
                return self._of_agreement(which, today)
            return self._after_overdue(which, today)
        except (NotFound, NotOffered):
            return [], False

    def _take(self, today: date) -> bool:
        now = clock.now()
        free = sa.or_(runs.c.lease_until.is_(None), runs.c.lease_until < now)
        with self._database.writing() as connection:
            row = {"day": today, "part": Part.ACCOUNTS.value, "accounts": 0, "planned": 0}
            store.insert_missing(connection, runs, [row])
            mine = sa.update(runs).where(runs.c.day == today, runs.c.finished_at.is_(None), free)
            taken = connection.execute(mine.values(lease_owner=self._owner, lease_until=now + LEASE))
            return bool(taken.rowcount)

    def _leave(self, today: date) -> None:
        with self._database.writing() as connection:
            mine = sa.update(runs).where(runs.c.day == today, runs.c.lease_owner == self._owner)
            connection.execute(mine.values(lease_owner=None, lease_until=None))

    def _standing(self, today: date) -> Planned:
        with self._database.reading() as connection:
            row = connection.execute(sa.select(runs).where(runs.c.day == today)).one()
            return Planned(row.accounts, row.planned, row.finished_at is not None)

    def _next(self, today: date) -> bool:
        """Do one page; whether there is more."""
        with self._database.reading() as connection:
            run = connection.execute(sa.select(runs).where(runs.c.day == today)).one()
        if run.part == Part.ACCOUNTS.value:
            self._accounts(run.cursor, today)
            return True
        return self._watches(run.cursor, today)

    def _accounts(self, cursor: Optional[str], today: date) -> None:
        try:
            page = self._bank.accounts(cursor=cursor, limit=_PAGE)
        except InvalidRequest:
            if cursor is None:
                raise
            logger.warning("the bank no longer knows the place in its list: it is read from the beginning")
            page = self._bank.accounts(limit=_PAGE)
        now = clock.now()
        wanted = [each for account in page.items for each in due_of(account, self._plan, today)]
        overdue = [(each.customer_id, each.card_id) for each in page.items if each.state is AccountState.OVERDUE]
        with self._database.writing() as connection:
            new = store.plan(connection, wanted, now)
            store.watch(connection, list(_watches_of(page.items, today)))
            store.seen(connection, overdue, today)
            more = page.next_cursor is not None
            self._advance(
                connection,
                today,
                part=(Part.ACCOUNTS if more else Part.WATCHES).value,
                cursor=page.next_cursor,
                accounts=runs.c.accounts + len(page.items),
                planned=runs.c.planned + new,
            )

    def _watches(self, cursor: Optional[str], today: date) -> bool:
        after = tuple(json.loads(cursor)) if cursor else None
        with self._database.reading() as connection:
            found = store.watched_after(connection, after, today, _WATCHES)
        looked = [(which, *self.watched(which, today)) for which in found]
        with self._database.writing() as connection:
            wanted = [each for _, wants, _ in looked for each in wants]
            new = store.plan(connection, wanted, clock.now())
            for which, _, goes_on in looked:
                if not goes_on:
                    store.unwatch(connection, which)
            if not found:
                self._advance(connection, today, finished_at=clock.now())
                return False
            at = json.dumps([found[-1].customer_id, found[-1].card_id, found[-1].what.value])
            self._advance(connection, today, cursor=at, planned=runs.c.planned + new)
        return True

    def _advance(self, connection: Connection, today: date, **values: object) -> None:
        mine = sa.update(runs).where(runs.c.day == today, runs.c.lease_owner == self._owner)
        if connection.execute(mine.values(lease_until=clock.now() + LEASE, **values)).rowcount != 1:
            raise LeaseLost(str(today))

    def _after_promise(self, which: Watched, today: date) -> Tuple[List[Wanted], bool]:
        promise = find_promise(self._bank.promises(which.customer_id), which.card_id, which.day)
        if promise is None or promise.status in (PromiseStatus.KEPT, PromiseStatus.WITHDRAWN):
            return [], False
        if promise.status is PromiseStatus.OPEN:
            return [], today <= which.day + _PROMISE_KEPT_WATCH
        return self._wanted(which, Anchor.BROKEN_PROMISE, which.day, today), False

    def _of_agreement(self, which: Watched, today: date) -> Tuple[List[Wanted], bool]:
        plans = self._bank.plans(which.customer_id, which.card_id)
        agreements = [each for each in plans if each.kind is PlanKind.AGREEMENT]
        wanted = [
            each
            for agreement in agreements
            for part in agreement.schedule
            if part.status.value != "paid"
            for each in self._wanted(which, Anchor.INSTALMENT, part.due_on, today)
        ]
        return wanted, bool(agreements)

    def _after_overdue(self, which: Watched, today: date) -> Tuple[List[Wanted], bool]:
        card = find_card(self._bank.cards(which.customer_id), which.card_id)
        if card is None:
            return [], False
        if card.state is AccountState.OVERDUE:
            return [], True
        # Once for each delay: the watch ends in the transaction in which this is planned.
        return self._wanted(which, Anchor.CLOSED, today, today), False

    def _wanted(self, which: Watched, anchor: Anchor, day: date, today: date) -> List[Wanted]:
        steps = [step for step in self._plan.of(anchor) if step.is_due(day, today)]
        return [Wanted(which.customer_id, which.card_id, step.id, day) for step in steps]


def _watches_of(accounts: List[DueAccount], today: date) -> Iterator[Watched]:
    for account in accounts:
        if account.promise_on is not None:
            yield Watched(account.customer_id, account.card_id, Watch.PROMISE, account.promise_on, today)
        if account.agreement:
            yield Watched(account.customer_id, account.card_id, Watch.AGREEMENT, today, today)


def find_promise(promises: List[Promise], card_id: str, pay_on: date) -> Optional[Promise]:
    """The latest promise for a card and a day."""
    return next((each for each in promises if each.card_id == card_id and each.pay_on == pay_on), None)


def find_card(cards: List[Card], card_id: str) -> Optional[Card]:
    """One of a customer's cards."""
    return next((each for each in cards if each.id == card_id), None)


def planned_on(connection: Connection, day: date) -> Optional[datetime]:
    """When the planning of a day was finished."""
    return connection.execute(sa.select(runs.c.finished_at).where(runs.c.day == day)).scalar()
