"""What the bank would do to help, quoted without obligation, and the plans that run."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import List, Literal, Optional

from bank.models.account import FeeItem
from bank.strict import Model, Moment, Money, Rate


class Instalment(Model):
    """One monthly payment of a plan."""

    number: int
    due_on: date
    principal: Money
    interest: Money
    total: Money


class CostItem(Model):
    """One line of the whole-cost table (综合融资成本明示表)."""

    kind: Literal["interest", "late_fee_if_overdue", "interest_if_overdue", "early_settlement_fee"]
    amount: Optional[Money]  # over the whole plan; None where it may not arise
    rate: Rate
    annualised_rate: Optional[Rate]  # simple; None for what is charged once
    charged: Literal["per_term", "once", "daily"]
    payee: Literal["bank"]
    certain: bool  # False: only if a payment is late or the plan is ended early


class InstalmentQuote(Model):
    """`sum(i.principal) == amount`, `sum(i.interest) == total_interest`, `amount + total_interest == total_cost`."""

    id: str
    card_id: str
    amount: Money  # the sum that is split
    terms: int  # monthly
    rate_per_term: Rate
    per_term: Money  # the usual instalment (the first); the last may differ by cents
    total_interest: Money
    total_cost: Money
    annualised_rate: Rate  # 12 × monthly IRR, simple
    effective_rate: Rate  # (1 + monthly IRR)^12 − 1
    first_due_on: date
    schedule: List[Instalment]
    cost_items: List[CostItem]
    nothing_else_charged: Literal[True]  # what the whole-cost table has to say
    reading_seconds: int  # how long the table is shown before it can be confirmed
    pay_first: Money  # what must be paid outside the plan now, e.g. an excluded minimum; often 0.00
    valid_until: Moment


class DeferralOption(Model):
    """A later due date that the bank would consider, and what it costs."""

    id: str
    card_id: str
    months: int  # 0: less than a month
    new_due_date: date
    amount_due_then: Money  # as of the new due date, interest included
    extra_interest: Money
    interest_continues: bool
    late_fee_waived: bool
    annualised_rate: Rate
    valid_until: Moment


class AgreementCondition(str, Enum):
    """What a personalised agreement asks of the customer, and what breaking it means."""

    NO_NEW_CARDS = "no_new_cards"  # no new credit card at any bank until the debt is cleared
    BREACH_ENDS_AGREEMENT = "breach_ends_agreement"
    COLLECTION_RESUMES_ON_BREACH = "collection_resumes_on_breach"
    REPORTED_UNTIL_CLEARED = "reported_until_cleared"  # the credit register shows the debt until then


class AgreementQuote(Model):
    """A personalised instalment agreement (Measures for the Supervision of Credit Card Business 2011, Article 70).

    For a debt beyond the customer's means, at most 60 terms.
    `sum(i.principal) == balance`, `sum(i.interest) == total_interest`, `balance + total_interest == total_cost`.
    """

    id: str
    card_id: str
    balance: Money  # all that is owed on the card, which the agreement splits
    currency: Literal["CNY"]
    terms: int  # monthly
    per_term: Money  # the usual instalment (the first); the last may differ by cents
    rate_per_term: Rate
    interest_stops: bool  # nothing accrues while the agreement is kept
    total_interest: Money
    total_cost: Money
    annualised_rate: Rate  # 12 × monthly IRR, simple
    effective_rate: Rate  # (1 + monthly IRR)^12 − 1
    first_due_on: date
    schedule: List[Instalment]
    cost_items: List[CostItem]
    nothing_else_charged: Literal[True]
    reading_seconds: int  # how long the table is shown before it can be confirmed
    collection_paused: bool  # nobody collects while the agreement is kept
    conditions: List[AgreementCondition]
    valid_until: Moment


class WaiverKind(str, Enum):
    """The charges that a bank may waive."""

    LATE_FEE = "late_fee"
    INTEREST = "interest"


class WaiverOption(Model):
    """Charges that the bank would consider to waive. `sum(item.amount) == amount`."""

    id: str
    card_id: str
    kind: WaiverKind
    amount: Money
    items: List[FeeItem]
    valid_until: Moment


class PlanKind(str, Enum):
    """What is paid in instalments under."""

    INSTALMENT = "instalment"
    AGREEMENT = "agreement"


class PlanPartStatus(str, Enum):
    """Where one payment of a running plan stands."""

    PAID = "paid"
    BILLED = "billed"  # on a bill, not paid yet
    TO_COME = "to_come"


class PlanPart(Model):
    """One monthly payment of a running plan."""

    number: int
    due_on: date
    principal: Money
    interest: Money
    total: Money
    status: PlanPartStatus


class Plan(Model):
    """Instalments or an agreement that runs on a card."""

    reference: str  # the application's
    kind: PlanKind
    card_id: str
    amount: Money  # the sum that was split
    terms: int
    terms_billed: int
    remaining_principal: Money  # of the parts that are not billed yet
    remaining_interest: Money
    next_due_on: Optional[date]  # None once all parts are billed
    next_amount: Optional[Money]
    collection_paused: bool
    schedule: List[PlanPart]


class EarlySettlement(Model):
    """What ending a plan today costs. `remaining_principal + interest_due + fee == total`."""

    id: str
    card_id: str
    reference: str  # the plan's
    as_of: date
    remaining_principal: Money
    interest_due: Money
    fee: Money
    total: Money
    interest_saved: Money  # which would have been charged if the plan ran to its end
    valid_until: Moment
