"""What will be owed on a later day if something is paid today and nothing after: the same ledger, run ahead.

Nothing new is bought, nothing else is paid. Bills, late fees and interest come as they would, terms of plans too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from bank.sandbox.ledger.credit_report import credit_status
from bank.sandbox.ledger.money import ZERO
from bank.sandbox.ledger.position import Position, position
from bank.sandbox.ledger.records import Entry, EntryKind, History
from bank.sandbox.ledger.replay import replay
from bank.sandbox.policy import Policy


@dataclass(frozen=True)
class Projection:
    """How the account will stand on `position.as_of`; `credit_code` is the register's for that day."""

    pays: Decimal  # yuan, paid today
    position: Position
    credit_code: str


def project(history: History, policy: Policy, today: date, on: date, pays: Decimal) -> Projection:
    """The account on the day `on` if `pays` yuan are paid `today`.

    `history` is what is known: payments on their way, which post after `today`, are heeded; other entries after
    `today` are not, as they have not happened. Raises ValueError if `on` lies before `today`, for a negative `pays`,
    and if there is no bill by then.
    """
    if on < today:
        raise ValueError("the day lies in the past")
    if pays < ZERO:
        raise ValueError("a payment cannot be negative")
    known = _known(history, today)
    if pays:
        known = replace(known, entries=(*known.entries, Entry("projected", EntryKind.PAYMENT, today, pays)))
    account = replay(known, policy, on)
    then = position(account)
    status = credit_status(account, then, history.statement_day, policy.credit_report.reports_on)
    return Projection(pays, then, status.code)


def minimum_to_pay(history: History, policy: Policy, today: date) -> Decimal:
    """What of the minimum is to be paid `today`, less what is on its way, yuan. Raises ValueError without a bill."""
    return _less_on_its_way(position(replay(history, policy, today)).remaining_minimum, history, today)


def all_to_pay(history: History, policy: Policy, today: date) -> Decimal:
    """What is owed in all `today`, less what is on its way, yuan. Raises ValueError without a bill."""
    return _less_on_its_way(position(replay(history, policy, today)).total, history, today)


def _known(history: History, today: date) -> History:
    entries = (each for each in history.entries if each.posted_on <= today or each.kind is EntryKind.PAYMENT)
    return replace(history, entries=tuple(entries))


def _less_on_its_way(amount: Decimal, history: History, today: date) -> Decimal:
    coming = (each for each in history.entries if each.kind is EntryKind.PAYMENT and each.posted_on > today)
    return max(amount - sum((each.amount for each in coming), ZERO), ZERO)
