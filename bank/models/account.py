"""The customer, the cards, and what is owed on them."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import List, Literal, Optional, Union

from bank.strict import Model, Money, Rate


class Customer(Model):
    """A cardholder, as far as a conversation needs to know one."""

    id: str
    name: str  # as the bank addresses the customer, e.g. 王女士 / Ms Smith
    language: Literal["zh", "en"]
    masked_phone: str  # 138****5678


class CardStatus(str, Enum):
    """What the card can be used for."""

    ACTIVE = "active"
    RESTRICTED = "restricted"  # no new spend until what is overdue is paid
    FROZEN = "frozen"


class AccountState(str, Enum):
    """Where the account stands between two bills."""

    CURRENT = "current"  # nothing due now, or all that was due is paid
    DUE = "due"  # a statement is open, its due date not passed
    IN_GRACE = "in_grace"  # due date passed, grace days not
    OVERDUE = "overdue"


class Bucket(str, Enum):
    """Overdue by: M1 1–30 days, M2 31–60, M3 61–90, M4 91–120, M5 121–150, M6 151–180, M6+ more."""

    M1 = "M1"
    M2 = "M2"
    M3 = "M3"
    M4 = "M4"
    M5 = "M5"
    M6 = "M6"
    M6_PLUS = "M6+"


class Card(Model):
    """A credit card and how its account stands today."""

    id: str
    name: str  # product name in the customer's language
    last4: str
    status: CardStatus
    state: AccountState
    days_past_due: int
    amount_due: Money  # what is still to pay now to owe nothing billed; 0.00 if nothing


class FeeKind(str, Enum):
    """What a charge is for."""

    INTEREST = "interest"
    LATE_FEE = "late_fee"
    INSTALMENT_INTEREST = "instalment_interest"
    OTHER = "other"


class FeeItem(Model):
    """One charge and how it came about. The figures explain `amount`; the assistant computes nothing from them."""

    kind: FeeKind
    amount: Money
    charged: Optional[Money]  # what it was before a part of it was paid; None if nothing of it is paid
    posted_on: Optional[date]  # None: accrued so far, not yet billed
    basis: Money  # the sum on which it was charged, yuan
    rate: Rate  # per day for interest, of the unpaid minimum for a late fee
    starts_on: Optional[date]  # first day counted (interest)
    ends_on: Optional[date]  # last day counted (interest)
    days: Optional[int]  # number of days counted (interest)
    floor: Optional[Money]  # smallest late fee, if that is what was charged or could be
    cap: Optional[Money]


class Statement(Model):
    """The latest bill and what has been paid of it since."""

    card_id: str
    period_starts_on: date
    statement_date: date
    due_date: date
    grace_ends_on: date  # the last day on which paying still counts as on time; equals due_date where there is no grace
    balance: Money  # the bill's total
    minimum_due: Money
    paid_since: Money  # posted payments since the statement date
    pending_payments: Money  # on their way, not yet posted
    remaining_balance: Money
    remaining_minimum: Money


class OverdueSummary(Model):
    """What is owed today and why. `principal + interest + late_fee + other_fees == total`."""

    card_id: str
    as_of: date
    state: AccountState
    statement_date: date
    due_date: date
    grace_ends_on: date
    days_past_due: int  # 0 unless overdue; counted from the due date
    bucket: Optional[Bucket]
    first_time: bool  # no earlier overdue month in the bank's record
    principal: Money
    interest: Money  # billed and accrued until as_of
    late_fee: Money
    other_fees: Money
    total: Money
    minimum_due: Money
    remaining_minimum: Money  # what to pay now to be no longer overdue
    paid_since: Money
    pending_payments: Money
    disputed: Money  # set aside while examined, not in total
    items: List[FeeItem]
    daily_interest_rate: Rate
    annual_interest_rate: Rate  # simple, shown beside the daily one
    late_fee_rate: Rate
    late_fee_floor: Money
    late_fee_cap: Optional[Money]
    interest_basis: Literal["full_balance", "unpaid_part"]
    grace_days: int
    shortfall_tolerance: Money  # a shortfall up to this counts as paid in full


class TransactionKind(str, Enum):
    """What was booked."""

    PURCHASE = "purchase"
    CASH_ADVANCE = "cash_advance"
    REFUND = "refund"
    INTEREST = "interest"
    LATE_FEE = "late_fee"
    INSTALMENT = "instalment"
    FEE = "fee"


class Transaction(Model):
    """One booking on the card, payments excepted."""

    id: str
    card_id: str
    kind: TransactionKind
    posted_on: date
    amount: Money  # positive: owed by the customer
    description: str
    disputed: bool


class RepaymentChannelKind(str, Enum):
    """A way to pay."""

    MOBILE_BANK = "mobile_bank"
    WEB_BANK = "web_bank"
    ALIPAY = "alipay"
    WECHAT_PAY = "wechat_pay"
    TRANSFER = "transfer"
    COUNTER = "counter"
    AUTO_DEBIT = "auto_debit"


class PaymentStatus(str, Enum):
    """What became of a payment."""

    PENDING = "pending"
    POSTED = "posted"
    FAILED = "failed"


class Payment(Model):
    """A payment that the customer made, booked or not."""

    id: str
    card_id: str
    amount: Money
    made_on: date
    posts_on: date  # when it is, or will be, booked
    status: PaymentStatus
    channel: RepaymentChannelKind


class RepaymentChannel(Model):
    """A way to pay this card, and what it costs in time and money."""

    kind: RepaymentChannelKind
    posting_days: int  # 0: at once
    fee: Money
    single_limit: Optional[Money]
    recommended: bool
    account: Optional[str]  # where to pay to, for a transfer; already masked where it must be


class AutoDebitAmount(str, Enum):
    """How much of a bill the bank debits by itself."""

    FULL = "full"
    MINIMUM = "minimum"


class AutoDebitResult(str, Enum):
    """How the last automatic debit went."""

    PAID = "paid"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    NONE = "none"


class DebitAccount(Model):
    """An account of the customer's own from which the bank may debit."""

    id: str
    bank: str
    last4: str


class AutoDebit(Model):
    """The standing order by which the bank collects the bill from an account of the customer."""

    enabled: bool
    amount: Optional[AutoDebitAmount]
    account_bank: Optional[str]
    account_last4: Optional[str]
    next_debit_on: Optional[date]
    next_debit_amount: Optional[Money]
    last_result: AutoDebitResult
    last_attempt_on: Optional[date]
    version: int


class CreditMonth(Model):
    """What the credit register holds for one month."""

    month: str  # YYYY-MM
    code: str  # N, 1–7, C, G, * or #


class CreditReportStatus(Model):
    """What the credit register holds of this card, and will hold if nothing is paid."""

    card_id: str
    code: str  # this month's, as it would be reported today
    reported: bool  # the present overdue has been sent to the credit register
    reports_on: Optional[date]  # when it will be, if nothing is paid; None if nothing to report or already reported
    pay_by: Optional[date]  # paying the minimum by this day keeps the present month clean, where still possible
    retention_years: int  # counted from the day the debt is cleared
    months: List[CreditMonth]  # newest first, at most 24


class ProjectedPayment(str, Enum):
    """What a projection assumes to be paid today, where that is no amount of its own."""

    NOTHING = "nothing"
    MINIMUM = "minimum"
    FULL = "full"


class Projection(Model):
    """What will be owed on a later day if `pays` is paid today and nothing after, and nothing new is bought.

    `principal + interest + late_fee + other_fees == total`.
    """

    card_id: str
    on: date
    pay: Union[ProjectedPayment, Money]  # as it was asked
    pays: Money  # what that is, paid today
    principal: Money
    interest: Money
    late_fee: Money
    other_fees: Money
    total: Money
    remaining_minimum: Money
    days_past_due: int
    bucket: Optional[Bucket]
    state: AccountState
    credit_code: str  # as the register would have it on that day
