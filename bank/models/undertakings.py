"""Promises to pay, and bookings that the customer disputes."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Optional

from bank.strict import Model, Moment, Money


class PromiseStatus(str, Enum):
    """Where a promise stands; `openapi.yml` draws the transitions."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"


class Promise(Model):
    """That the customer means to pay an amount by a day. It changes no obligation."""

    reference: str
    card_id: str
    card_last4: str
    amount: Money
    pay_on: date
    status: PromiseStatus
    paid: Money  # posted since the promise was made, until the bank stops counting
    created_at: Moment
    updated_at: Moment
    version: int
    changeable: bool  # open, and not changed too often yet


class DisputeReason(str, Enum):
    """Why the customer says that a booking is wrong."""

    NOT_MINE = "not_mine"
    WRONG_AMOUNT = "wrong_amount"
    CHARGED_TWICE = "charged_twice"
    NOT_RECEIVED = "not_received"
    CANCELLED = "cancelled"
    OTHER = "other"


class DisputeStatus(str, Enum):
    """Where a dispute stands; `openapi.yml` draws the transitions."""

    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    NEEDS_DOCUMENTS = "needs_documents"
    UPHELD = "upheld"  # the customer is right: the booking is taken back
    DECLINED = "declined"  # the booking stands and is owed again
    WITHDRAWN = "withdrawn"


class Dispute(Model):
    """A booking that the customer disputes. Its sum is set aside while it is examined."""

    reference: str
    card_id: str
    card_last4: str
    transaction_id: str
    amount: Money  # what is set aside
    reason: DisputeReason
    status: DisputeStatus
    answer_by: Optional[date]  # when the review is expected to be done; none once it is
    filed_at: Moment
    updated_at: Moment
    note: Optional[str]  # the bank's word to the customer
    version: int
    withdrawable: bool
