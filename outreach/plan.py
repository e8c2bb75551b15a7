"""The plan of contacts, read from `plan.yml` and checked. A mistake is reported with the file's line and the key."""

from __future__ import annotations

from datetime import date, timedelta
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

from pydantic import Field, root_validator, validator

from bank.models import AccountState, ContactChannel, ContactKind, DueAccount
from common.checked_yaml import FileError, Section, load_checked

PLAN_FILE = Path(__file__).with_name("plan.yml")


class PlanError(FileError):
    """The plan cannot be used. The text names each place as `file:line: key: what is wrong`."""


class Anchor(str, Enum):
    """The day from which a step counts."""

    DUE_DATE = "due_date"  # of the latest bill, until it has passed
    OVERDUE = "overdue"  # the due date since which the account is past due
    PROMISE = "promise"  # the day on which the customer means to pay, while the promise is open
    BROKEN_PROMISE = "broken_promise"  # the same day, once the promise was not kept
    INSTALMENT = "instalment"  # the next payment of a personalised agreement
    CLOSED = "closed"  # the day on which everything was found to be paid


class Stop(str, Enum):
    """What ends contacts of a kind, looked at again just before each is sent."""

    PAID = "paid"
    PROMISED = "promised"
    AGREEMENT = "agreement"
    DISPUTED = "disputed"
    COMPLAINT = "complaint"
    CARE = "care"


class Step(Section):
    """One contact that is wanted of each account to which it applies."""

    id: str = Field(regex=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)
    anchor: Anchor
    days: int = Field(ge=-60, le=400)  # after the anchor; before it if negative
    late: int = Field(default=0, ge=0, le=14)  # days by which it may come later than that
    kind: ContactKind
    text: str = Field(regex=r"^[a-z0-9_]+$")
    channel: Optional[ContactChannel] = None  # this one if the customer uses it; None: the customer's first
    otherwise: Tuple[ContactChannel, ...] = ()  # those that may take its place, in the order of the customer's choice
    auto_debit: Optional[bool] = None  # only if it is switched on, or off
    first_time: Optional[bool] = None  # only if it is the first time past due, or not

    @validator("otherwise")
    def _names_each_once(cls, value: Tuple[ContactChannel, ...]) -> Tuple[ContactChannel, ...]:
        if len(set(value)) != len(value):
            raise ValueError("must name each channel once")
        return value

    @root_validator(skip_on_failure=True)
    def _has_a_way(cls, values: Dict[str, Any]) -> Dict[str, Any]:
        if values["channel"] is None and not values["otherwise"]:
            raise ValueError("needs channel or otherwise")
        if values["channel"] in values["otherwise"]:
            raise ValueError("otherwise must not repeat channel")
        if values["anchor"] is Anchor.CLOSED and values["days"] != 0:
            raise ValueError("closed is told on the day on which it is found: days must be 0")
        return values

    def is_due(self, anchor: date, today: date) -> bool:
        """Whether it is to be planned today, where the anchor is that day."""
        return self.first_day(anchor) <= today <= self.last_day(anchor)

    def first_day(self, anchor: date) -> date:
        """On which it is wanted."""
        return anchor + timedelta(days=self.days)

    def last_day(self, anchor: date) -> date:
        """After which it is no longer of use."""
        return anchor + timedelta(days=self.days + self.late)

    def applies(self, account: DueAccount) -> bool:
        """Whether the account is one of those that the step is meant for."""
        return self.auto_debit in (None, account.auto_debit) and self.first_time in (None, account.first_time)


class Limits(Section):
    """How many contacts of a channel, or of all together, are allowed; days and weeks are the customer's."""

    per_day: Optional[int] = Field(default=None, ge=1)
    per_week: Optional[int] = Field(default=None, ge=1)  # any seven days
    effective_per_day: Optional[int] = Field(default=None, ge=1)  # calls in which somebody spoke
    attempts_per_day: Optional[int] = Field(default=None, ge=1)  # calls, answered or not


class HolidayRule(Section):
    """What does not go out on China's public holidays."""

    channels: Tuple[ContactChannel, ...]
    kinds: Tuple[ContactKind, ...]


class Plan(Section):
    """Everything that compliance decides on contacts."""

    plan_from_hour: int = Field(ge=0, le=23)  # of the bank's day
    all_channels: Limits
    limits: Dict[ContactChannel, Limits]
    holidays: HolidayRule
    stops: Dict[ContactKind, Tuple[Stop, ...]]
    quiet_days_after: Dict[Stop, int]  # a complaint, or a sign of distress, that is settled
    steps: Tuple[Step, ...]

    @validator("limits")
    def _limits_every_channel(cls, value: Dict[ContactChannel, Limits]) -> Dict[ContactChannel, Limits]:
        missing = sorted(each.value for each in set(ContactChannel) - set(value))
        if missing:
            raise ValueError(f"must limit every channel: {', '.join(missing)}")
        voice = value[ContactChannel.PHONE]
        if voice.effective_per_day is None or voice.effective_per_day > 3:
            raise ValueError("phone.effective_per_day must be at most 3 (GB/T 45251-2025)")
        if voice.attempts_per_day is None or voice.attempts_per_day > 6:
            raise ValueError("phone.attempts_per_day must be at most 6 (banking association's guideline, 2026)")
        return value

    @validator("stops")
    def _stops_every_kind(cls, value: Dict[ContactKind, Tuple[Stop, ...]]) -> Dict[ContactKind, Tuple[Stop, ...]]:
        missing = sorted(each.value for each in set(ContactKind) - set(value))
        if missing:
            raise ValueError(f"must say what stops every kind: {', '.join(missing)}")
        return value

    @validator("steps")
    def _names_are_unique(cls, value: Tuple[Step, ...]) -> Tuple[Step, ...]:
        names = [step.id for step in value]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"given twice: {', '.join(twice)}")
        return value

    def of(self, anchor: Anchor) -> Tuple[Step, ...]:
        """The steps that count from an anchor."""
        return tuple(step for step in self.steps if step.anchor is anchor)

    def step(self, name: str) -> Optional[Step]:
        """The step of that name; None if the plan has it no longer."""
        return next((step for step in self.steps if step.id == name), None)


def anchor_of(anchor: Anchor, account: DueAccount, today: date) -> Optional[date]:
    """The anchor's day for an account as the bank lists it; None if it has none, or only its watch knows it."""
    if anchor is Anchor.DUE_DATE:
        return account.due_date if account.state is AccountState.DUE else None
    if anchor is Anchor.OVERDUE:
        # Not `due_date`: that is the latest bill's, and another one comes every month.
        return today - timedelta(days=account.days_past_due) if account.state is AccountState.OVERDUE else None
    if anchor is Anchor.PROMISE:
        return account.promise_on
    return None


def load_plan(path: Path = PLAN_FILE) -> Plan:
    """The plan in `path`. Raises `PlanError` that names every line and key that is wrong."""
    return load_checked(path, Plan, PlanError)


@lru_cache(maxsize=None)
def plan_from(path: Path = PLAN_FILE) -> Plan:
    """`load_plan`, once for each file."""
    return load_plan(path)
