"""Accounts that are due or overdue, for reminders and follow-up."""

from __future__ import annotations

from datetime import date
from typing import List, Literal, Optional

from bank.models.account import AccountState, Bucket
from bank.strict import Model, Money


class DueAccount(Model):
    """A card account on which something is due, as far as deciding on a contact needs to know it."""

    customer_id: str
    card_id: str
    card_last4: str
    language: Literal["zh", "en"]
    state: AccountState
    due_date: date
    days_past_due: int
    bucket: Optional[Bucket]
    amount_due: Money
    remaining_minimum: Money
    auto_debit: bool  # switched on
    disputed: bool  # something is set aside while examined
    promise_on: Optional[date]  # the day of an open promise
    agreement: bool  # a personalised agreement runs
    first_time: bool  # no earlier overdue month in the bank's record


class AccountPage(Model):
    """Some of the accounts, and how to ask for those after them."""

    items: List[DueAccount]
    next_cursor: Optional[str]  # None on the last page
