"""The policy's sections on what can be done about a debt, from an instalment plan to a dispute."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Dict, Tuple

from pydantic import Field, validator

from bank.models import FeeKind
from bank.sandbox.policy_values import amount_of
from common.checked_yaml import Section

# At most five years: 银保监规〔2022〕13号 for instalments, Art. 70 of the 2011 Measures for agreements.
_MOST_TERMS = 60
_HIGHEST_RATE = Decimal("0.05")  # a month
_WAIVABLE = (FeeKind.LATE_FEE, FeeKind.INTEREST)


class InstalmentTerms(Section):
    """What a bill can be split into, by whom and when."""

    rates: Dict[int, Decimal]
    minimum_amount: Decimal
    maximum_amount: Decimal
    max_days_past_due: int = Field(ge=0)
    closes_days_before_due: int = Field(ge=0)
    minimum_excluded: bool
    max_running_plans: int = Field(ge=1)
    max_per_year: int = Field(ge=1)
    _amounts = amount_of("minimum_amount", "maximum_amount")

    @validator("rates")
    def _are_offered(cls, value: Dict[int, Decimal]) -> Dict[int, Decimal]:
        if not value:
            raise ValueError("must offer at least one term")
        for terms, rate in value.items():
            if not 2 <= terms <= _MOST_TERMS:
                raise ValueError(f"{terms} terms: must be 2 to {_MOST_TERMS}")
            if not 0 <= rate < _HIGHEST_RATE:
                raise ValueError(f"rate of {terms} terms: must be from 0 to less than {_HIGHEST_RATE} a month")
        return value

    @validator("maximum_amount")
    def _not_below_the_minimum(cls, value: Decimal, values: Dict[str, Any]) -> Decimal:
        if value < values.get("minimum_amount", 0):
            raise ValueError("must not be less than minimum_amount")
        return value


class DeferralTerms(Section):
    """For how long a due date can be moved, for whom, and at what cost."""

    months: Tuple[int, ...]
    minimum_amount: Decimal
    max_days_past_due: int = Field(ge=0)
    interest_continues: bool
    late_fee_waived: bool
    max_per_year: int = Field(ge=1)
    _amounts = amount_of("minimum_amount")

    @validator("months")
    def _ascend(cls, value: Tuple[int, ...]) -> Tuple[int, ...]:
        if not value or list(value) != sorted(set(value)) or value[0] < 1 or value[-1] > 12:
            raise ValueError("must name at least one, ascending, from 1 to 12")
        return value


class EarlySettlementTerms(Section):
    """What it costs to pay the rest of a running plan at once."""

    fee_rate: Decimal = Field(ge=0, le=1)
    charges_remaining_interest: bool


class AgreementTerms(Section):
    """Personalised instalment agreements (个性化分期还款协议, 2011 Measures, Art. 70)."""

    terms: Tuple[int, ...]
    interest_stops: bool
    rate_per_term: Decimal = Field(ge=0)
    minimum_amount: Decimal
    min_days_past_due: int = Field(ge=0)
    first_due_within_days: int = Field(ge=31)
    max_running: int = Field(ge=1)
    reported_until_cleared: bool
    _amounts = amount_of("minimum_amount")

    @validator("terms")
    def _ascend(cls, value: Tuple[int, ...]) -> Tuple[int, ...]:
        if not value or list(value) != sorted(set(value)) or value[0] < 2 or value[-1] > _MOST_TERMS:
            raise ValueError(f"must name at least one, ascending, from 2 to {_MOST_TERMS}")
        return value

    @validator("rate_per_term")
    def _agrees_with_interest_stops(cls, value: Decimal, values: Dict[str, Any]) -> Decimal:
        if value >= _HIGHEST_RATE:
            raise ValueError(f"must be less than {_HIGHEST_RATE} a month")
        if (value == 0) is not values.get("interest_stops", value == 0):
            raise ValueError("must be 0 if interest_stops, and more than 0 if not")
        return value


class WaiverTerms(Section):
    """Which charges the bank gives back on request, how late, how often and how much."""

    kinds: Tuple[FeeKind, ...]
    window_days: int = Field(ge=1)
    max_per_year: int = Field(ge=1)
    maximum_amount: Decimal
    _amounts = amount_of("maximum_amount")

    @validator("kinds")
    def _can_be_waived(cls, value: Tuple[FeeKind, ...]) -> Tuple[FeeKind, ...]:
        if len(set(value)) != len(value) or not set(value) <= set(_WAIVABLE):
            raise ValueError(f"must name {' and '.join(kind.value for kind in _WAIVABLE)} at most once each")
        return value


class PromiseTerms(Section):
    """Promises to pay: how far ahead, how exact, how often they may be changed."""

    max_days_ahead: int = Field(ge=0)
    grace_days: int = Field(ge=0)
    max_changes: int = Field(ge=0)
    minimum_amount: Decimal
    _amounts = amount_of("minimum_amount")


class DisputeTerms(Section):
    """Disputed transactions: until when, how fast they are answered, and what a wrong one costs."""

    window_days: int = Field(ge=1)
    answer_days: int = Field(ge=1)
    interest_if_declined: bool


class Disclosure(Section):
    """The table of the whole cost (综合融资成本明示表, 金规〔2026〕2号)."""

    reading_seconds: int = Field(ge=0)
