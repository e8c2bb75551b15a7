"""Automatic repayment: whether it is set, the next debit, and why the last one failed."""

from __future__ import annotations

from typing import Any, Dict

from actions.base import Turn
from actions.cards import CardAction, Focus
from actions.situation import if_any, owed, situation_of
from actions.values import day, label
from bank.models import AutoDebit, AutoDebitResult

#: The bank's operations without which it cannot be set here.
SETTING = ("set_auto_debit", "debit_accounts", "challenge", "check_challenge")


class ActionAutopay(CardAction):
    """`ask_autopay`, unless the words ask to set it: then it is `actions.autopay_request`."""

    intent = "ask_autopay"
    general = "utter_general_autopay"

    def name(self) -> str:
        return "action_autopay"

    def about(self, turn: Turn, focus: Focus) -> None:
        debit = turn.bank.auto_debit(turn.customer(), focus.card.id)
        summary = turn.bank.overdue(turn.customer(), focus.card.id)
        can_set = turn.has(SETTING)
        turn.say(
            "utter_autopay_on" if debit.enabled else "utter_autopay_off",
            **focus.values(),
            **owed(summary),
            **debit_values(debit),
            opening=label("autopay_opening", _standing(debit)),
            ways=label("autopay_ways", f"{'on' if debit.enabled else 'off'}_{'here' if can_set else 'elsewhere'}"),
            can_set=can_set,
            tried=debit.last_result is not AutoDebitResult.NONE and debit.last_attempt_on is not None,
            last_attempt_on=day(debit.last_attempt_on),
            last_result=label("autopay_result", debit.last_result),
            pay_now=situation_of(summary).group in ("overdue", "in_grace"),
        )


def debit_values(debit: AutoDebit) -> Dict[str, Any]:
    """What is debited, from where and when; what does not apply is `None`."""
    return {
        "debit_kind": label("autopay_amount", debit.amount) if debit.amount else None,
        "debit_account": label("autopay_account", "known") if debit.account_last4 and debit.account_bank else None,
        "debit_bank": debit.account_bank,
        "debit_last4": debit.account_last4,
        "next_debit_on": day(debit.next_debit_on) if debit.next_debit_amount != 0 else None,
        "next_debit_amount": if_any(debit.next_debit_amount),
    }


def _standing(debit: AutoDebit) -> str:
    if not debit.enabled:
        return "off"
    if debit.last_result is AutoDebitResult.INSUFFICIENT_FUNDS:
        return "failed"
    if debit.next_debit_on is None or debit.next_debit_amount == 0:
        return "nothing_planned"
    return "next" if debit.next_debit_amount else "next_day"  # the sum is known once its bill is made
