"""The issuer's terms, read from `policy.yml` and checked. A mistake is reported with the file's line and the key.

Amounts are yuan, rates and shares fractions, both `Decimal` as written: no number passes through a float.
"""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

from pydantic import Field, validator

from bank.models import RepaymentChannelKind
from bank.sandbox.policy_relief import (
    AgreementTerms,
    DeferralTerms,
    Disclosure,
    DisputeTerms,
    EarlySettlementTerms,
    InstalmentTerms,
    PromiseTerms,
    WaiverTerms,
)
from bank.sandbox.policy_review import Contact, Documents, Messaging, Review
from bank.sandbox.policy_values import amount_of
from common.checked_yaml import FileError, Section, load_checked

# Shorter than any month: so each bill is judged before, or on the day of, the next one.
_SHORTEST_CYCLE = 28


class PolicyError(FileError):
    """The policy file cannot be used. The text names each place as `file:line: key: what is wrong`."""


class InterestBasis(str, Enum):
    """On what interest is charged once a bill is not paid in full."""

    FULL_BALANCE = "full_balance"
    UNPAID_PART = "unpaid_part"


class DebtPart(str, Enum):
    """What a payment is set against."""

    INTEREST = "interest"
    FEES = "fees"
    PRINCIPAL = "principal"


class ReportsOn(str, Enum):
    """The day on which the issuer reports a month to the credit register."""

    STATEMENT_DATE = "statement_date"
    MONTH_END = "month_end"
    OVERDUE_DAY = "overdue_day"


class Billing(Section):
    """When a bill is due and what counts as paid on time."""

    due_days: int = Field(ge=1, le=_SHORTEST_CYCLE)
    grace_days: int = Field(ge=0)
    shortfall_tolerance: Decimal
    refunds_count_as_payment: bool
    _amounts = amount_of("shortfall_tolerance")

    @validator("grace_days")
    def _ends_before_the_next_bill(cls, value: int, values: Dict[str, Any]) -> int:
        due_days = values.get("due_days", 0)
        if due_days + value > _SHORTEST_CYCLE:
            raise ValueError(f"due_days and grace_days must not exceed {_SHORTEST_CYCLE} days together")
        return value


class Interest(Section):
    """Daily interest; compounded monthly, since billed interest is owed like the rest of the bill."""

    daily_rate: Decimal = Field(ge=0)
    basis: InterestBasis

    @validator("daily_rate")
    def _is_daily(cls, value: Decimal) -> Decimal:
        if value >= Decimal("0.01"):
            raise ValueError("must be a fraction per day, less than 0.01")
        return value

    @property
    def annual_rate(self) -> Decimal:
        """Simple, of 365 days."""
        return self.daily_rate * 365


class LateFee(Section):
    """Of the unpaid part of the minimum."""

    rate: Decimal = Field(ge=0, le=1)
    floor: Decimal
    cap: Optional[Decimal]
    _amounts = amount_of("floor", "cap")

    @validator("cap")
    def _not_below_the_floor(cls, value: Optional[Decimal], values: Dict[str, Any]) -> Optional[Decimal]:
        if value is not None and value < values.get("floor", 0):
            raise ValueError("must not be less than floor")
        return value


class MinimumPayment(Section):
    """Shares of what is owed that must be paid by the due date; all else counts in full."""

    purchase_share: Decimal = Field(gt=0, le=1)
    cash_advance_share: Decimal = Field(gt=0, le=1)
    floor: Decimal
    _amounts = amount_of("floor")


class PaymentOrder(Section):
    """The order of setting off, which may change for debts long overdue."""

    switches_after_days: Optional[int] = Field(ge=1)
    first: Tuple[DebtPart, ...]
    then: Tuple[DebtPart, ...]

    @validator("first", "then")
    def _names_each_part_once(cls, value: Tuple[DebtPart, ...]) -> Tuple[DebtPart, ...]:
        if sorted(value) != sorted(DebtPart):
            raise ValueError("must name interest, fees and principal once each")
        return value

    def at(self, days_past_due: int) -> Tuple[DebtPart, ...]:
        """The order that holds for a payment made so many days past due."""
        late = self.switches_after_days is not None and days_past_due > self.switches_after_days
        return self.then if late else self.first


class CardUse(Section):
    """From which day past due a card is restricted and frozen."""

    restricted_from_day: int = Field(ge=1)
    frozen_from_day: int = Field(ge=1)


class CreditReport(Section):
    """When a month is reported, and how long a bad one is kept."""

    reports_on: ReportsOn
    retention_years: int = Field(ge=1)


class Applications(Section):
    """How long a quote binds the bank and how long it takes to decide."""

    quote_valid_minutes: int = Field(ge=1)
    review_working_days: int = Field(ge=0)


class OneTimeCode(Section):
    """Life of a code and of the proof that a right one gives."""

    lifetime_seconds: int = Field(ge=1)
    attempts: int = Field(ge=1)
    proof_lifetime_seconds: int = Field(ge=1)
    max_per_hour: int = Field(ge=1)


class Idempotency(Section):
    """How long the answers to writes are kept."""

    kept_hours: int = Field(ge=24)


class Channel(Section):
    """A way to pay."""

    kind: RepaymentChannelKind
    posting_days: int = Field(ge=0)
    fee: Decimal
    single_limit: Optional[Decimal]
    recommended: bool
    _amounts = amount_of("fee", "single_limit")


class Policy(Section):
    """All terms of one issuer."""

    billing: Billing
    interest: Interest
    late_fee: LateFee
    minimum_payment: MinimumPayment
    payment_order: PaymentOrder
    card: CardUse
    instalment: InstalmentTerms
    early_settlement: EarlySettlementTerms
    deferral: DeferralTerms
    agreement: AgreementTerms
    waiver: WaiverTerms
    promise: PromiseTerms
    dispute: DisputeTerms
    disclosure: Disclosure
    credit_report: CreditReport
    applications: Applications
    review: Review
    documents: Documents
    contact: Contact
    messaging: Messaging
    one_time_code: OneTimeCode
    idempotency: Idempotency
    repayment_channels: Tuple[Channel, ...]

    @validator("repayment_channels")
    def _recommends_one(cls, value: Tuple[Channel, ...]) -> Tuple[Channel, ...]:
        if sum(channel.recommended for channel in value) != 1:
            raise ValueError("exactly one channel must be recommended")
        return value


def load_policy(path: Path) -> Policy:
    """The policy in `path`. Raises `PolicyError` that names every line and key that is wrong."""
    return load_checked(path, Policy, PolicyError)


@lru_cache(maxsize=None)
def policy_from(path: Path) -> Policy:
    """`load_policy`, once for each file."""
    return load_policy(path)
