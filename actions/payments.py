"""“I have paid already”: what the bank has received, on whichever card, and what is left."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from actions.base import Turn
from actions.cards import CardAction, Focus
from actions.situation import owed, situation_of
from actions.values import day, label, money
from bank.models import Card, Payment, PaymentStatus, RepaymentChannelKind

_SHOWN = 5


class ActionPaymentMade(CardAction):
    """`report_payment_made`."""

    intent = "report_payment_made"
    general = "utter_general_payments"

    def name(self) -> str:
        return "action_payment_made"

    def about(self, turn: Turn, focus: Focus) -> None:
        summary = turn.bank.overdue(turn.customer(), focus.card.id)
        # A payment that seems lost often went to another card, so all cards' are looked through.
        everything = [(focus.card, p) for p in self._payments(turn, focus.card)]
        everything += [(card, p) for card in focus.others for p in self._payments(turn, card) if _by_hand(p)]
        everything.sort(key=lambda found: found[1].made_on, reverse=True)
        recent = [(card, p) for card, p in everything if p.made_on >= summary.statement_date]
        group = situation_of(summary).group
        turn.say(
            "utter_payments" if recent else "utter_payments_none",
            **focus.values(),
            **owed(summary),
            opening=label("payments_opening", _opening(focus.card, recent)),
            standing=label("payments_standing", group),
            payments=[payment_values(card, payment) for card, payment in recent[:_SHOWN]],
            earlier=[payment_values(card, payment) for card, payment in everything[:1]],
        )

    @staticmethod
    def _payments(turn: Turn, card: Card) -> List[Payment]:
        return turn.bank.payments(turn.customer(), card.id)


def _by_hand(payment: Payment) -> bool:
    """Whether the customer chose the card: a debit takes the one that it is set up for."""
    return payment.channel is not RepaymentChannelKind.AUTO_DEBIT


def _opening(card: Card, recent: List[Tuple[Card, Payment]]) -> str:
    here = [payment for other, payment in recent if other.id == card.id]
    if any(payment.status is PaymentStatus.PENDING for payment in here):
        return "pending"
    if any(payment.status is PaymentStatus.POSTED for payment in here):
        return "posted"
    if any(payment.status is PaymentStatus.FAILED for payment in here):
        return "failed"
    return "other_card" if recent else "none"


def payment_values(card: Card, payment: Payment) -> Dict[str, Any]:
    """One payment as a row."""
    return {
        "payment_amount": money(payment.amount),
        "payment_status": label("payment_status", payment.status),
        "payment_when": label("payment_when", payment.status),
        "payment_channel": label("channel", payment.channel),
        "payment_made_on": day(payment.made_on),
        "payment_posts_on": day(payment.posts_on),
        "payment_last4": card.last4,
    }
