"""The demonstration customers as `stories.yml` tells them, checked."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Dict, Literal, Optional, Tuple

import yaml
from pydantic import BaseModel, Extra, Field

from bank.models import AutoDebitAmount, AutoDebitResult, RepaymentChannelKind
from common.checked_yaml import ExactLoader

_FILE = Path(__file__).with_name("stories.yml")


class _Told(BaseModel):
    class Config:
        frozen = True
        extra = Extra.forbid


class Shop(_Told):
    """A shop of every day; prices in whole yuan."""

    at: str
    least: int = Field(ge=1)
    most: int


class Purchase(_Told):
    """On the bill that the story is about."""

    before_bill: int = Field(ge=0, le=27)  # days
    at: str
    amount: Decimal
    disputed_ago: Optional[int]  # days


class RecentPurchase(_Told):
    """Posted after that bill."""

    ago: int = Field(ge=0)  # days
    at: str
    amount: Decimal


class PaymentMade(_Told):
    """Made after that bill; without an amount, of all that is billed."""

    ago: int = Field(ge=0)  # days
    amount: Optional[Decimal]
    channel: RepaymentChannelKind
    posts_after: int = Field(0, ge=0)  # days


class AutoDebitTold(_Told):
    """The standing order, and how it went last."""

    amount: AutoDebitAmount
    bank: str
    last4: str
    result: AutoDebitResult


class PlanTold(_Told):
    """A purchase on an earlier bill that is paid in terms."""

    bills_ago: int = Field(ge=1)
    at: str
    amount: Decimal
    terms: int


class AgreementTold(_Told):
    """A personalised agreement on all that was owed, of which every instalment is paid in time."""

    signed_ago: int = Field(ge=1)  # days
    terms: int


class PromiseTold(_Told):
    """A promise to pay; what is paid says how it went."""

    made_ago: int = Field(ge=0)  # days
    pay_in: int  # days from today; negative: the day has passed
    amount: Decimal


class CardStory(_Told):
    """One card."""

    id: str
    name: str
    last4: str
    credit_limit: Decimal
    transfer_account: str
    months_before: int = Field(ge=6, le=12)
    due_in: int  # days from today to the due date of the bill that the story is about
    late_months_ago: Optional[int]  # of the months before, one whose bill was paid after grace
    auto_debit: Optional[AutoDebitTold]
    plan: Optional[PlanTold]
    agreement: Optional[AgreementTold]
    promises: Tuple[PromiseTold, ...] = ()
    bill: Tuple[Purchase, ...]
    since: Tuple[RecentPurchase, ...] = ()
    payments: Tuple[PaymentMade, ...] = ()


class CustomerStory(_Told):
    """One customer."""

    id: str
    name: str
    language: Literal["zh", "en"]
    masked_phone: str
    cards: Tuple[CardStory, ...]


class Stories(_Told):
    """All of the file."""

    everyday: Dict[str, Tuple[Shop, ...]]
    customers: Tuple[CustomerStory, ...]


@lru_cache(maxsize=None)
def stories() -> Stories:
    """The stories; amounts pass through text, not through floats."""
    return Stories.parse_obj(yaml.load(_FILE.read_text(encoding="utf-8"), Loader=ExactLoader))
