"""Requests that a bank decides on, and the one-time codes that confirm them."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import List, Optional

from bank.models.documents import DocumentKind
from bank.strict import Model, Moment, Money, Rate


class ReasonClass(str, Enum):
    """Why a customer fell behind: the classes in which it is recorded."""

    UNSTABLE_INCOME = "unstable_income"
    UNEMPLOYMENT = "unemployment"
    ILLNESS = "illness"
    NO_REMINDER = "no_reminder"
    FORGOT = "forgot"
    OVERSPENDING = "overspending"
    OTHER_DEBTS = "other_debts"
    MONEY_MANAGEMENT = "money_management"
    DISPUTE = "dispute"
    OTHER = "other"


class ApplicationKind(str, Enum):
    """What is asked for."""

    INSTALMENT = "instalment"
    DEFERRAL = "deferral"
    AGREEMENT = "agreement"  # a personalised instalment agreement
    WAIVER = "waiver"
    EARLY_SETTLEMENT = "early_settlement"
    HARDSHIP = "hardship"  # the customer declares it and asks the bank what it can do


class ApplicationStatus(str, Enum):
    """Where an application stands; `openapi.yml` draws the transitions."""

    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    DECLINED = "declined"
    NEEDS_DOCUMENTS = "needs_documents"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"  # not decided in time, or documents not sent in time
    ACTIVE = "active"  # an approved plan or deferral that is running
    COMPLETED = "completed"
    BROKEN = "broken"  # an active plan that was not kept


class Application(Model):
    """A request of the customer, from filing to its end."""

    reference: str  # what the customer is told, e.g. INS-20261121-0007
    kind: ApplicationKind
    card_id: str
    card_last4: str
    status: ApplicationStatus
    version: int
    amount: Money  # split, deferred, waived or to pay, by kind; hardship: all that was owed at filing
    filed_at: Moment
    updated_at: Moment
    answer_by: Optional[date]  # when the review is expected to be done
    withdrawable: bool
    documents_needed: List[DocumentKind]  # one of them at least; empty unless it waits for documents
    collection_paused: bool
    quote_id: Optional[str]  # what was filed; none for hardship
    terms: Optional[int]  # instalment, agreement
    per_term: Optional[Money]  # instalment, agreement
    annualised_rate: Optional[Rate]
    new_due_date: Optional[date]  # deferral
    reason: Optional[ReasonClass]
    note: Optional[str]  # the bank's word to the customer on a decision


class Purpose(str, Enum):
    """What a one-time code is for."""

    FILE_APPLICATION = "file_application"
    WITHDRAW_APPLICATION = "withdraw_application"
    SET_AUTO_DEBIT = "set_auto_debit"


class Challenge(Model):
    """A one-time code that was sent to the customer's phone."""

    id: str
    purpose: Purpose
    subject: str  # quote, option, card or application reference that the code authorises, and nothing else
    masked_phone: str
    expires_at: Moment
    attempts_left: int


class ChallengeProof(Model):
    """Given for a right code; spent by the one write that it authorises."""

    token: str
    expires_at: Moment
