"""Interest and late fee, item by item, as the bank charged them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Dict

from actions.base import Turn
from actions.cards import CardAction, Focus
from actions.situation import Situation, owed, rates, situation_of
from actions.values import day, days, label, money, percent
from bank.models import FeeItem, FeeKind, OverdueSummary

_SHOWN_OPEN = 3  # charges; more of them are folded up under their sums


class ActionLateFee(CardAction):
    """`ask_late_fee`."""

    intent = "ask_late_fee"
    general = "utter_general_fees"

    def name(self) -> str:
        return "action_late_fee"

    def about(self, turn: Turn, focus: Focus) -> None:
        summary = turn.bank.overdue(turn.customer(), focus.card.id)
        items = sorted(summary.items, key=lambda item: list(FeeKind).index(item.kind))
        fees = [fee_values(item, summary.daily_interest_rate) for item in items]
        folded = len(fees) > _SHOWN_OPEN
        turn.say(
            "utter_fees",
            **focus.values(),
            **owed(summary),
            **rates(summary),
            opening=label("fees_opening", _opening(summary)),
            late_fee_rule=label("late_fee_rule", "capped" if summary.late_fee_cap else "floor"),
            basis_rule=label("interest_basis", summary.interest_basis),
            fees=[] if folded else fees,
            folded_fees=fees if folded else [],
            fee_count=len(fees),
            interest_sum=folded and bool(summary.interest),
            late_fee_sum=folded and bool(summary.late_fee),
            other_fees_sum=folded and bool(summary.other_fees),
            owes=situation_of(summary) is not Situation.CLEAR,
        )


def _opening(summary: OverdueSummary) -> str:
    if summary.interest and summary.late_fee:
        return "both"
    if summary.interest:
        return "interest"
    if summary.late_fee:
        return "late_fee"
    return "other" if summary.items else "none"


def fee_values(item: FeeItem, daily_rate: Decimal) -> Dict[str, Any]:
    """One charge as a row: what it is, how much, and how it came about.

    Beside a daily rate stands the annual one, where it is the card's present rate.
    """
    return {
        "fee": label("fee", item.kind),
        "fee_amount": money(item.amount),
        "fee_how": label("fee_how", _how(item)),
        "fee_when": label("fee_when", "posted" if item.posted_on else "accrued"),
        "fee_posted_on": day(item.posted_on),
        "fee_basis": money(item.basis),
        "fee_rate": percent(item.rate),
        "fee_rate_line": label("fee_rate", "with_annual" if item.rate == daily_rate else "daily"),
        "fee_from": day(item.starts_on),
        "fee_to": day(item.ends_on),
        "fee_days": days(item.days),
        "fee_floor": money(item.floor),
        "fee_cap": money(item.cap),
    }


def _how(item: FeeItem) -> str:
    if item.kind is FeeKind.INTEREST:
        return "interest" if item.starts_on and item.ends_on and item.days else "interest_undated"
    if item.kind is FeeKind.LATE_FEE:
        bounds = [name for name, bound in (("floor", item.floor), ("cap", item.cap)) if bound]
        return "_".join(["late_fee", *bounds])
    return str(item.kind.value)
