"""What the ledger reads and what it writes: immutable records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import NamedTuple, Optional, Tuple

from bank.models import PlanKind
from bank.sandbox.policy import DebtPart


class EntryKind(str, Enum):
    """What can be posted on a card from outside the ledger."""

    PURCHASE = "purchase"
    CASH_ADVANCE = "cash_advance"
    FEE = "fee"  # annual, replacement, foreign exchange: bears no interest
    PAYMENT = "payment"
    REFUND = "refund"  # by the merchant; `of` names the purchase, if it is known
    REVERSAL = "reversal"  # the bank takes back the entry that `of` names; `amount` is ignored
    DISPUTE_OPENED = "dispute_opened"  # the entry that `of` names is set aside; `amount` is ignored
    DISPUTE_UPHELD = "dispute_upheld"  # the customer was right: the entry is cancelled
    DISPUTE_REJECTED = "dispute_rejected"  # the entry is owed again, from this day
    WAIVER = "waiver"  # the bank gives back `amount` of the charge that `of` names, also if that was paid


@dataclass(frozen=True)
class Entry:
    """One posting. `amount` is yuan and never negative: the kind says in whose favour it is."""

    id: str
    kind: EntryKind
    posted_on: date
    amount: Decimal
    of: Optional[str] = None


@dataclass(frozen=True)
class Part:
    """One instalment of a plan before it has a date."""

    principal: Decimal
    interest: Decimal


@dataclass(frozen=True)
class Plan:
    """A debt in parts: `amount` leaves the account on `started_on`; each later bill carries one of `parts`.

    An instalment plan is made of purchases, an agreement (个性化分期还款协议, 2011 Measures, Art. 70) of all that is
    billed or charged.
    """

    id: str
    started_on: date
    amount: Decimal
    rate_per_term: Decimal
    parts: Tuple[Part, ...]
    kind: PlanKind = PlanKind.INSTALMENT
    first_bill_on: Optional[date] = None  # no bill before this one carries a part

    @property
    def last_day_before(self) -> date:
        """Bills after this day carry the parts."""
        if self.first_bill_on is None:
            return self.started_on
        return max(self.started_on, self.first_bill_on - timedelta(days=1))


@dataclass(frozen=True)
class Settlement:
    """All that is left of a plan is charged on that day, so that it stands on the next bill."""

    plan_id: str
    settled_on: date


class PlanEnding(str, Enum):
    """How a plan ended before its last part was billed."""

    SETTLED = "settled"  # early, by the customer
    BROKEN = "broken"  # an agreement of which a part was not paid in time


@dataclass(frozen=True)
class PlanEnd:
    """From the end of `ended_on` no bill carries a part of the plan any more."""

    plan_id: str
    ended_on: date
    how: PlanEnding
    missed: Tuple[int, ...] = ()  # numbers of the billed parts that were not paid when it broke


@dataclass(frozen=True)
class Deferral:
    """What was billed, or is billed meanwhile, falls due on `until` instead (both days belong to the deferral)."""

    id: str
    starts_on: date
    until: date
    interest_continues: bool
    late_fee_waived: bool


@dataclass(frozen=True)
class History:
    """All that happened on one card. The order of `entries` does not matter: the days do."""

    opened_on: date
    statement_day: int  # of the month; the last day of a shorter month
    credit_limit: Decimal
    entries: Tuple[Entry, ...] = ()
    plans: Tuple[Plan, ...] = ()
    settlements: Tuple[Settlement, ...] = ()
    deferrals: Tuple[Deferral, ...] = ()


class Component(str, Enum):
    """What a part of the debt consists of."""

    PURCHASE = "purchase"
    CASH_ADVANCE = "cash_advance"
    INSTALMENT = "instalment"  # principal of a plan's term
    AGREEMENT = "agreement"  # principal of an agreement's term
    ENDED_AGREEMENT = "ended_agreement"  # what is owed again after it was broken
    INTEREST = "interest"
    INSTALMENT_INTEREST = "instalment_interest"
    LATE_FEE = "late_fee"
    SETTLEMENT_FEE = "settlement_fee"  # for settling a plan early
    FEE = "fee"

    @property
    def debt_part(self) -> DebtPart:
        """To which part it belongs when a payment is set off."""
        return _DEBT_PARTS[self]

    @property
    def bears_interest(self) -> bool:
        """Whether daily interest can be charged on it: never on fees (银发〔2016〕111号), nor on an agreement."""
        return self in _BEARING


_DEBT_PARTS = {
    Component.PURCHASE: DebtPart.PRINCIPAL,
    Component.CASH_ADVANCE: DebtPart.PRINCIPAL,
    Component.INSTALMENT: DebtPart.PRINCIPAL,
    Component.AGREEMENT: DebtPart.PRINCIPAL,
    Component.ENDED_AGREEMENT: DebtPart.PRINCIPAL,
    Component.INTEREST: DebtPart.INTEREST,
    Component.INSTALMENT_INTEREST: DebtPart.INTEREST,
    Component.LATE_FEE: DebtPart.FEES,
    Component.SETTLEMENT_FEE: DebtPart.FEES,
    Component.FEE: DebtPart.FEES,
}
# Billed interest bears interest in its turn: that is the monthly compounding.
_BEARING = frozenset(
    {
        Component.PURCHASE,
        Component.CASH_ADVANCE,
        Component.INSTALMENT,
        Component.ENDED_AGREEMENT,
        Component.INTEREST,
    }
)


class Span(NamedTuple):
    """A balance that stood from the end of day `first` to the end of day `last`, both included."""

    first: date
    last: date
    balance: Decimal


@dataclass(frozen=True)
class Segment:
    """Interest on one unchanging sum: `basis × rate × days`, rounded so that the segments of a charge add up."""

    first: date
    last: date
    days: int
    basis: Decimal
    rate: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Charge:
    """What the bank charged, how it came about, and what of it is still owed."""

    id: str
    component: Component
    amount: Decimal
    outstanding: Decimal
    posted_on: date
    basis: Decimal  # of a late fee: the unpaid minimum; of interest: see `segments`
    rate: Decimal
    floor: Optional[Decimal] = None
    cap: Optional[Decimal] = None
    segments: Tuple[Segment, ...] = ()
    waived: Decimal = Decimal("0.00")  # what of `amount` the bank gave back


@dataclass(frozen=True)
class Bill:
    """A statement as it was issued; it never changes afterwards."""

    period_starts_on: date
    statement_date: date
    due_date: date
    grace_ends_on: date
    balance: Decimal
    minimum_due: Decimal


@dataclass(frozen=True)
class MinimumPart:
    """What one bill added to the minimum, and what of it is unpaid."""

    statement_date: date
    due_on: date
    on_time_until: date
    amount: Decimal
    remaining: Decimal


@dataclass(frozen=True)
class Debt:
    """One thing that is owed: a purchase, a charge, a term of a plan."""

    id: str
    component: Component
    posted_on: date
    billed_on: Optional[date]
    amount: Decimal
    remaining: Decimal
    disputed: bool


@dataclass(frozen=True)
class Report:
    """Days past due at the end of a day on which the issuer reports to the credit register."""

    reported_on: date
    days_past_due: int
    in_use: bool  # something was owed or posted since the last report


@dataclass(frozen=True)
class Account:
    """The card's account on `as_of`: that day's postings included, its closing (bills, deadlines) not yet."""

    as_of: date
    bills: Tuple[Bill, ...]  # oldest first
    debts: Tuple[Debt, ...]  # what is still owed or disputed
    charges: Tuple[Charge, ...]  # all that were ever made, oldest first; accrued interest excepted
    accrued: Tuple[Segment, ...]  # interest until the day before `as_of`, not billed
    prepaid_interest: Decimal  # paid towards what is accrued
    credit: Decimal  # paid beyond all that was owed
    minimum: Tuple[MinimumPart, ...]  # unpaid parts, oldest first
    spells: int  # times that the account fell overdue, the present one included
    overdue_since: Optional[date]  # first day of the present spell, as of the last closing
    reports: Tuple[Report, ...]  # oldest first
    payments: Tuple[Tuple[date, Decimal], ...]  # posted, less those reversed
    deferred_until: Optional[date]
    ended_plans: Tuple[PlanEnd, ...]  # before their last part was billed, oldest first
    days_past_due_when_agreed: int  # of an agreement that runs, if the issuer goes on reporting them; else 0
