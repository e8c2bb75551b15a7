"""Where a card stands today, as far as answers differ, and the bank's figures as response values."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Callable, Dict, Optional, Sequence, Set

from actions.base import Turn
from actions.together import ask
from actions.values import Value, day, days, money, percent
from bank.errors import NotEligible, NotEligibleReason, NotOffered
from bank.models import AccountState, Bucket, Card, OverdueSummary

_NOT_YET_LONG = (None, Bucket.M1, Bucket.M2, Bucket.M3)


class Situation(str, Enum):
    """What there is to do about a card."""

    CLEAR = "clear"  # nothing to pay
    MINIMUM_PAID = "minimum_paid"  # not overdue: enough is paid, a rest remains
    DUE = "due"
    IN_GRACE = "in_grace"
    OVERDUE_FIRST = "overdue_first"  # M1, and never before
    OVERDUE_AGAIN = "overdue_again"  # M1, not for the first time
    OVERDUE_MONTHS = "overdue_months"  # M2 and M3
    OVERDUE_LONG = "overdue_long"  # M4 and beyond

    @property
    def is_overdue(self) -> bool:
        """Whether the minimum was not met in time."""
        return self.value.startswith("overdue")

    @property
    def group(self) -> str:
        """`clear`, `minimum_paid`, `due`, `in_grace` or `overdue`."""
        return "overdue" if self.is_overdue else self.value


def situation_of(summary: OverdueSummary) -> Situation:
    """The situation that the bank's summary describes."""
    if summary.state is AccountState.OVERDUE:
        return _overdue(summary)
    if not summary.total:
        return Situation.CLEAR
    if not summary.remaining_minimum:
        return Situation.MINIMUM_PAID
    return {AccountState.IN_GRACE: Situation.IN_GRACE, AccountState.DUE: Situation.DUE}.get(
        summary.state, Situation.MINIMUM_PAID
    )


def _overdue(summary: OverdueSummary) -> Situation:
    if summary.bucket not in _NOT_YET_LONG:
        return Situation.OVERDUE_LONG
    if summary.bucket in (Bucket.M2, Bucket.M3):
        return Situation.OVERDUE_MONTHS
    return Situation.OVERDUE_FIRST if summary.first_time else Situation.OVERDUE_AGAIN


def if_any(amount: Optional[Decimal]) -> Optional[Value]:
    """The amount, or `None` if it is nothing: its row is then left out."""
    return money(amount) if amount else None


def owed(summary: OverdueSummary) -> Dict[str, Any]:
    """What is owed and until when; parts that are nothing are `None`."""
    return {
        "as_of": day(summary.as_of),
        "total": money(summary.total),
        "principal": if_any(summary.principal),
        "interest": if_any(summary.interest),
        "late_fee": if_any(summary.late_fee),
        "other_fees": if_any(summary.other_fees),
        "minimum": money(summary.remaining_minimum),
        "minimum_left": if_any(summary.remaining_minimum),
        "paid": if_any(summary.paid_since),
        "pending": if_any(summary.pending_payments),
        "disputed": if_any(summary.disputed),
        "statement_date": day(summary.statement_date),
        "due_date": day(summary.due_date),
        "grace_ends_on": day(summary.grace_ends_on),
        "grace_row": summary.grace_ends_on != summary.due_date,
        "requests_open": situation_of(summary) not in (Situation.CLEAR, Situation.OVERDUE_LONG),
        "overdue_days": days(summary.days_past_due) if summary.days_past_due else None,
    }


def rates(summary: OverdueSummary) -> Dict[str, Any]:
    """The rates that the bank applies to this card: the annual one wherever the daily one is shown."""
    return {
        "annual_rate": percent(summary.annual_interest_rate),
        "daily_rate": percent(summary.daily_interest_rate),
        "late_fee_rate": percent(summary.late_fee_rate),
        "late_fee_floor": money(summary.late_fee_floor),
        "late_fee_cap": money(summary.late_fee_cap),
    }


@dataclass(frozen=True)
class WaysOut:
    """Which requests the bank would take for a card now, so that no button leads nowhere."""

    instalment: bool
    deferral: bool
    too_long: bool = False  # refused for being overdue too long
    offered: bool = True  # the bank takes such requests here at all

    def values(self) -> Dict[str, Any]:
        """For `when:` of buttons."""
        return {"can_instalment": self.instalment, "can_deferral": self.deferral}


def ways_out(turn: Turn, card: Card) -> WaysOut:
    """Whether the bank would quote an instalment and a deferral for this card. Raises `BankError`."""
    return ask_ways_out(turn, card)()


def ask_ways_out(turn: Turn, card: Card) -> Callable[[], WaysOut]:
    """Begin to ask the bank whether it would quote an instalment and a deferral for this card.

    The returned function waits for the answers; it may raise `BankError`.
    """
    asked = {
        intent: ask(quote, turn.customer(), card.id) for intent, quote in _quotes(turn).items() if turn.can(intent)
    }

    def answers() -> WaysOut:
        refused: Set[NotEligibleReason] = set()
        would = {intent: _quoted(quotes, refused) for intent, quotes in asked.items()}
        return WaysOut(
            instalment=would.get("request_instalment", False),
            deferral=would.get("request_deferral", False),
            too_long=NotEligibleReason.TOO_LONG_OVERDUE in refused,
            offered=bool(asked),
        )

    return answers


def _quotes(turn: Turn) -> Dict[str, Callable[[str, str], Sequence[object]]]:
    return {"request_instalment": turn.bank.instalment_quotes, "request_deferral": turn.bank.deferral_options}


def _quoted(quotes: Future[Sequence[object]], refused: Set[NotEligibleReason]) -> bool:
    """Whether there is a quote; why not is added to `refused`."""
    try:
        return bool(quotes.result())
    except NotEligible as error:
        refused.add(error.reason)
    except NotOffered:
        pass
    return False
