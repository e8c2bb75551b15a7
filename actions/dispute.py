"""A transaction or a sum that the customer does not recognise. `dispute_request` files it at the bank."""

from __future__ import annotations

from typing import Any, Dict, List

from actions.base import Turn
from actions.cards import CardAction, Focus
from actions.situation import owed
from actions.values import day, label, money
from bank.models import Transaction, TransactionKind

_SHOWN = 5
#: What can be disputed, as the customer spent it.
SPENT = (TransactionKind.PURCHASE, TransactionKind.CASH_ADVANCE)


class ActionDispute(CardAction):
    """`dispute_charge`, for visitors, and for banks that take no disputes here."""

    intent = "dispute_charge"
    general = "utter_general_dispute"

    def name(self) -> str:
        return "action_dispute"

    def about(self, turn: Turn, focus: Focus) -> None:
        summary = turn.bank.overdue(turn.customer(), focus.card.id)
        spent = [t for t in newest_first(turn.bank.transactions(turn.customer(), focus.card.id)) if t.kind in SPENT]
        turn.say(
            "utter_dispute",
            **focus.values(),
            **owed(summary),
            opening=label("dispute_opening", "examined" if summary.disputed else "new"),
            transactions=[transaction_values(transaction) for transaction in spent[:_SHOWN]],
        )


def newest_first(transactions: List[Transaction]) -> List[Transaction]:
    """The latest booked first."""
    return sorted(transactions, key=lambda transaction: transaction.posted_on, reverse=True)


def transaction_values(transaction: Transaction) -> Dict[str, Any]:
    """One transaction as a row."""
    return {
        "booked_on": day(transaction.posted_on),
        "booked_amount": money(transaction.amount),
        "booked_for": transaction.description,
        "booked_state": label("transaction_state", "disputed" if transaction.disputed else "plain"),
    }
