"""The standing order by which the bank collects a bill."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bank.models import AutoDebitAmount, DebitAccount
from bank.sandbox import listing, store
from bank.sandbox.accounts import CardAccount
from bank.sandbox.problems import invalid, not_found
from bank.sandbox.store import Row

_ORDER = ("auto_debit_amount", "auto_debit_account", "auto_debit_bank", "auto_debit_last4")


def list_accounts(connection: Connection, customer_id: str) -> List[DebitAccount]:
    """The customer's own accounts that may be debited."""
    table = store.debit_accounts
    query = sa.select(table).where(table.c.customer_id == customer_id).order_by(table.c.id)
    return [
        DebitAccount(**{name: row[name] for name in DebitAccount.__fields__}) for row in store.rows(connection, query)
    ]


def switch_on(
    connection: Connection, of: CardAccount, amount: Optional[AutoDebitAmount], account_id: Optional[str]
) -> None:
    """Collect that much of each bill from that account; None: as it is.

    Raises Problem `invalid-request` if it is not set yet, `not-found` for an account that is not the customer's.
    """
    present = of.card["auto_debit_amount"]
    amount = amount or (AutoDebitAmount(present) if present else None)
    account_id = account_id or of.card["auto_debit_account"]
    if amount is None or account_id is None:
        raise invalid("amount, account_id", "required to switch it on")
    accounts = list_accounts(connection, of.customer["id"])
    account = next((one for one in accounts if one.id == account_id), None)
    if account is None:
        raise not_found("account")
    _set(connection, of, amount.value, account.id, account.bank, account.last4)


def switch_off(connection: Connection, of: CardAccount) -> None:
    """Collect nothing any more."""
    _set(connection, of, None, None, None, None)


def _set(connection: Connection, of: CardAccount, *values: Optional[str]) -> None:
    cards = store.cards
    change = sa.update(cards).where(cards.c.id == of.card["id"])
    version = cards.c.auto_debit_version + 1
    connection.execute(change.values(auto_debit_version=version, **dict(zip(_ORDER, values, strict=True))))
    listing.mark(connection, of.card["id"])


Orders = Mapping[str, Row]


def orders(connection: Connection) -> Orders:
    """The cards' standing orders and their versions, by card."""
    names = (*_ORDER, "auto_debit_version")
    query = sa.select(store.cards.c.id, *(store.cards.c[name] for name in names))
    return {row["id"]: row for row in store.rows(connection, query)}


def numbered(card: Dict[str, Any], known: Orders) -> Dict[str, Any]:
    """The card as a story begins it anew: another order than the `known` one is another version of it."""
    before = known.get(card["id"])
    if before is None:
        return card
    same = all(before[name] == card[name] for name in _ORDER)
    return {**card, "auto_debit_version": before["auto_debit_version"] + (0 if same else 1)}
