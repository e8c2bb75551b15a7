"""The policy's sections on how requests are decided, on papers, and on contact: plain rules that anyone can look up."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Dict, Optional, Tuple

from pydantic import Field, validator

from bank.models import ApplicationKind, ContactChannel, DisputeReason, DocumentKind, ReasonClass
from bank.sandbox.policy_values import amount_of
from common.checked_yaml import Section

_LARGEST_FILE = 10 * 1024 * 1024  # bytes, by the contract


class Limits(Section):
    """Up to where a kind of request is approved; above it is declined."""

    amount: Decimal
    days_past_due: int = Field(ge=0)
    _amounts = amount_of("amount")


class DisputeRules(Section):
    """Which disputes are upheld; the others are declined."""

    upheld: Tuple[DisputeReason, ...]
    amount: Decimal
    _amounts = amount_of("amount")


class Review(Section):
    """The rules by which requests are decided once the delay has passed, unless somebody decided by hand before."""

    delay_seconds: Optional[int] = Field(ge=0)
    limits: Dict[ApplicationKind, Limits]
    need_papers: Tuple[ApplicationKind, ...]
    papers: Dict[ReasonClass, Tuple[DocumentKind, ...]]
    disputes: DisputeRules

    @validator("limits")
    def _name_every_kind(cls, value: Dict[ApplicationKind, Limits]) -> Dict[ApplicationKind, Limits]:
        missing = [kind.value for kind in ApplicationKind if kind not in value]
        if missing:
            raise ValueError(f"must name {', '.join(missing)}, too")
        return value

    @validator("papers")
    def _name_every_reason(
        cls, value: Dict[ReasonClass, Tuple[DocumentKind, ...]]
    ) -> Dict[ReasonClass, Tuple[DocumentKind, ...]]:
        missing = [reason.value for reason in ReasonClass if not value.get(reason)]
        if missing:
            raise ValueError(f"must name at least one paper for {', '.join(missing)}")
        return value


class Documents(Section):
    """How large what customers send may be, and how long documents are kept."""

    largest_bytes: int = Field(ge=1, le=_LARGEST_FILE)
    kept_days: int = Field(ge=1)
    issued_kept_days: int = Field(ge=1)


class Contact(Section):
    """How customers who said nothing about it are contacted."""

    channels: Tuple[ContactChannel, ...]
    contact_from: time
    contact_until: time
    kept_days: int = Field(ge=730)  # records are kept at least two years

    @validator("contact_from", "contact_until", pre=True)
    def _is_a_time(cls, value: object) -> object:
        if not isinstance(value, (str, time)):  # 09:00 without quotes is a number of minutes
            raise TypeError("must be a time in quotes, such as '09:00'")
        return value


class Messaging(Section):
    """How long a messaging identity stays linked."""

    linked_days: Optional[int] = Field(ge=1)
