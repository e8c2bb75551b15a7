"""The list of accounts that are due or overdue, for outreach.

How an account stands is computed when the day begins and after it changed, not when the list is asked for; so a page
costs no more than its length. Where an account stands in the list (its due date) is kept apart and never changed, only
ended by another place: a listing goes on with the places as they were when it began, and so gives no account twice and
leaves none out, whatever happens to the accounts meanwhile.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Dict, List, Optional, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bank.models import AccountPage, AccountState, DueAccount, PromiseStatus
from bank.sandbox import store
from bank.sandbox.accounts import CardAccount, read_card
from bank.sandbox.ledger.agreement import collection_paused
from bank.sandbox.ledger.position import billed
from bank.sandbox.policy import Policy
from bank.sandbox.problems import invalid
from bank.sandbox.store import Row

_DUE = (AccountState.DUE, AccountState.IN_GRACE, AccountState.OVERDUE)
_PLACES_KEPT = timedelta(days=2)  # a listing can be continued so long


@dataclass(frozen=True)
class Filter:
    """What is asked for; no states: all three."""

    states: Tuple[AccountState, ...] = ()
    due_from: Optional[date] = None
    due_to: Optional[date] = None

    def text(self) -> str:
        """The same for the same filter, in whatever order its states were named."""
        states = sorted({state.value for state in self.states})
        return json.dumps([states, *(day and day.isoformat() for day in (self.due_from, self.due_to))])


@dataclass(frozen=True)
class Cursor:
    """After which place to go on, in a listing that began with `began` as the latest place."""

    asked: str  # the filter's text: a cursor is no good for another one
    began: int
    due_date: date
    customer_id: str
    card_id: str

    def text(self) -> str:
        """As the contract gives it: opaque."""
        parts = [self.asked, self.began, self.due_date.isoformat(), self.customer_id, self.card_id]
        return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """Raises Problem `invalid-request` for what is no cursor."""
        try:
            asked, began, day, customer_id, card_id = json.loads(base64.urlsafe_b64decode(text.encode()))
            if not (type(began) is int and all(isinstance(part, str) for part in (asked, customer_id, card_id))):
                raise ValueError
            return cls(asked, began, date.fromisoformat(day), customer_id, card_id)
        except (ValueError, TypeError):
            raise invalid("cursor", "not one of ours") from None


def mark(connection: Connection, card_id: str) -> None:
    """The account has changed: whoever lists accounts next looks at it anew."""
    connection.execute(sa.insert(store.changed_accounts).values(card_id=card_id))


def mark_all(connection: Connection) -> None:
    """The stories began anew: every account has changed."""
    connection.execute(sa.delete(store.changed_accounts))
    cards = store.rows(connection, sa.select(store.cards.c.id))
    store.insert_all(connection, store.changed_accounts, [{"card_id": card["id"]} for card in cards])


def has_changes(connection: Connection) -> bool:
    """Whether `refresh` has something to do."""
    return connection.execute(sa.select(store.changed_accounts.c.number).limit(1)).first() is not None


def refresh(connection: Connection, policy: Policy, today: date) -> None:
    """Look anew at the accounts that have changed."""
    # One at a time: places must become visible in the order of their ids.
    connection.execute(sa.select(store.seedings.c.one).with_for_update())
    marks = store.rows(connection, sa.select(store.changed_accounts))
    for card_id in sorted({mark["card_id"] for mark in marks}):
        _look_at(connection, policy, today, card_id)
    seen = [mark["number"] for mark in marks]
    connection.execute(sa.delete(store.changed_accounts).where(store.changed_accounts.c.number.in_(seen)))
    places = store.positions
    over = sa.delete(places).where(places.c.ended_by.isnot(None), places.c.made_on < today - _PLACES_KEPT)
    connection.execute(over)


def page(connection: Connection, asked: Filter, cursor: Optional[Cursor], limit: int) -> AccountPage:
    """Up to `limit` accounts after `cursor`, by due date, customer and card.

    Raises Problem `invalid-request` for a cursor that was given for another filter.
    """
    if cursor is not None and cursor.asked != asked.text():
        raise invalid("cursor", "given for other filters")
    places, accounts = store.positions, store.due_accounts
    began = cursor.began if cursor else connection.execute(sa.select(sa.func.max(places.c.id))).scalar() or 0
    in_order = (places.c.due_date, places.c.customer_id, places.c.card_id)
    query = (
        sa.select(accounts, *(column.label(f"place_{column.name}") for column in in_order))
        .select_from(places.join(accounts, accounts.c.card_id == places.c.card_id))
        .where(places.c.id <= began, sa.or_(places.c.ended_by.is_(None), places.c.ended_by > began))
        .where(*_conditions(asked))
        .order_by(*in_order)
        .limit(limit + 1)
    )
    if cursor is not None:
        place = (cursor.due_date, cursor.customer_id, cursor.card_id)
        after: Any = sa.tuple_(*(sa.literal(part) for part in place))
        query = query.where(sa.tuple_(*in_order) > after)
    found = store.rows(connection, query)
    more = len(found) > limit
    last = found[limit - 1] if more else None
    after_last = (
        Cursor(asked.text(), began, last["place_due_date"], last["customer_id"], last["card_id"]) if last else None
    )
    items = [DueAccount(**{name: row[name] for name in DueAccount.__fields__}) for row in found[:limit]]
    return AccountPage(items=items, next_cursor=after_last.text() if after_last else None)


def _conditions(asked: Filter) -> List[Any]:
    accounts = store.due_accounts
    conditions: List[Any] = [accounts.c.state.in_([state.value for state in asked.states or _DUE])]
    if asked.due_from is not None:
        conditions.append(accounts.c.due_date >= asked.due_from)
    if asked.due_to is not None:
        conditions.append(accounts.c.due_date <= asked.due_to)
    return conditions


def _look_at(connection: Connection, policy: Policy, today: date, card_id: str) -> None:
    cards, accounts = store.cards, store.due_accounts
    connection.execute(sa.delete(accounts).where(accounts.c.card_id == card_id))
    card = store.row(connection, sa.select(cards).where(cards.c.id == card_id))
    of = read_card(connection, policy, today, card["customer_id"], card_id) if card else None
    place = _place(connection, card_id)
    if of is None or not of.has_bill:
        if place is not None:
            _end(connection, place, place["id"] + 1)
        return
    connection.execute(sa.insert(accounts).values(**_row(connection, of)))
    if place is None or place["due_date"] != of.now.due_date:
        values = {"due_date": of.now.due_date, "customer_id": of.customer["id"], "card_id": card_id}
        made = connection.execute(sa.insert(store.positions).values(made_on=today, **values))
        if place is not None:
            _end(connection, place, made.inserted_primary_key[0])


def _place(connection: Connection, card_id: str) -> Optional[Row]:
    places = store.positions
    return store.row(connection, sa.select(places).where(places.c.card_id == card_id, places.c.ended_by.is_(None)))


def _end(connection: Connection, place: Row, by: int) -> None:
    places = store.positions
    connection.execute(sa.update(places).where(places.c.id == place["id"]).values(ended_by=by))


def _row(connection: Connection, of: CardAccount) -> Dict[str, Any]:
    promises = store.promises
    promise = store.row(
        connection,
        sa.select(promises.c.pay_on)
        .where(promises.c.card_id == of.card["id"], promises.c.status == PromiseStatus.OPEN.value)
        .order_by(promises.c.pay_on)
        .limit(1),
    )
    return {
        "card_id": of.card["id"],
        "customer_id": of.customer["id"],
        "card_last4": of.card["last4"],
        "language": of.customer["language"],
        "state": of.now.state.value,
        "due_date": of.now.due_date,
        "days_past_due": of.now.days_past_due,
        "bucket": of.now.bucket.value if of.now.bucket else None,
        "amount_due": billed(of.account),
        "remaining_minimum": of.now.remaining_minimum,
        "auto_debit": of.card["auto_debit_amount"] is not None,
        "disputed": any(debt.disputed for debt in of.account.debts),
        "promise_on": promise["pay_on"] if promise else None,
        "agreement": collection_paused(of.account, of.history),
        "first_time": of.now.first_time,
    }
