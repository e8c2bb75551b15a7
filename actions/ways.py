"""The ways out of one card's debt, as the bank has them today: what each costs, when it is due, what stays owed."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, Callable, Collection, Dict, Generic, List, Optional, Sequence, TypeVar

from dateutil.relativedelta import relativedelta

from actions.base import Turn
from actions.offers import FILING, NEEDS
from actions.together import ask
from bank.errors import BankError, NotEligible, NotEligibleReason, NotOffered
from bank.models import (
    AgreementQuote,
    DeferralOption,
    Instalment,
    InstalmentQuote,
    OverdueSummary,
    ProjectedPayment,
    Projection,
    WaiverOption,
)
from common import clock

logger = logging.getLogger(__name__)

T = TypeVar("T")

CAPACITY = "monthly_capacity"  # the slot: what the customer can pay each month
#: How far the customer looks ahead: months from today at which the bank is asked what will be owed. Who has paid all
#: of it needs to know no more than the next bill.
MONTHS_AHEAD = {
    ProjectedPayment.NOTHING: (0, 1, 3, 6),
    ProjectedPayment.MINIMUM: (0, 1, 3, 6),
    ProjectedPayment.FULL: (0, 1),
}


class Way(str, Enum):
    """What a customer can do; `PERSON` is to work something out with a person."""

    FULL = "full"
    MINIMUM = "minimum"
    INSTALMENT = "instalment"
    AGREEMENT = "agreement"
    DEFERRAL = "deferral"
    WAIVER = "waiver"
    PERSON = "person"


@dataclass(frozen=True)
class Quoted(Generic[T]):
    """What the bank says of one way: its offers, or why there are none."""

    offers: Sequence[T] = ()
    refused: Optional[NotEligibleReason] = None
    missing: bool = False  # the bank did not answer

    def __bool__(self) -> bool:
        return bool(self.offers)


@dataclass(frozen=True)
class Ways:
    """All ways of one card. `capacity`: yuan a month that the customer can pay, if it was said."""

    summary: OverdueSummary
    instalment: Quoted[InstalmentQuote] = Quoted()
    agreement: Quoted[AgreementQuote] = Quoted()
    agreement_within: Quoted[AgreementQuote] = Quoted()  # the shortest within the capacity
    deferral: Quoted[DeferralOption] = Quoted()
    waiver: Quoted[WaiverOption] = Quoted()
    outlook: Dict[ProjectedPayment, Quoted[Projection]] = field(default_factory=dict)  # by day, the nearest first
    capacity: Optional[Decimal] = None

    @property
    def open(self) -> List[Way]:
        """Those that can be gone now, in the order in which they are shown."""
        payable = [Way.FULL] if self.summary.total else []
        if 0 < self.summary.remaining_minimum < self.summary.total:
            payable.append(Way.MINIMUM)
        return payable + [way for way, quoted in self.requests.items() if quoted]

    @property
    def requests(self) -> Dict[Way, Quoted[Any]]:
        """Those that are asked of the bank."""
        return {
            Way.INSTALMENT: self.instalment,
            Way.AGREEMENT: self.agreement,
            Way.DEFERRAL: self.deferral,
            Way.WAIVER: self.waiver,
        }

    @property
    def fit(self) -> Optional[InstalmentQuote]:
        """The shortest instalment plan within the capacity: of those within it, the one that costs least."""
        return next((quote for quote in self.instalment.offers if self._is_within(quote)), None)

    @property
    def agreement_fit(self) -> Optional[AgreementQuote]:
        """The shortest agreement within the capacity."""
        return next(iter(self.agreement_within.offers), None)

    def _is_within(self, quote: InstalmentQuote) -> bool:
        return self.capacity is not None and max(largest(quote), quote.pay_first) <= self.capacity


def largest(quote: InstalmentQuote) -> Decimal:
    """The largest instalment of a quote, yuan: the last may differ from the usual one."""
    parts: List[Instalment] = quote.schedule
    return max([quote.per_term, *(part.total for part in parts)])


def yuan(value: Any) -> Optional[Decimal]:
    """A sum as an entity has it; `None` for words like `all`, and for nothing."""
    try:
        amount = Decimal(str(value)).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
    return amount if amount > 0 else None


def ways_of(turn: Turn, card_id: str, *, capacity: Optional[Decimal], ahead: bool = True) -> Ways:
    """Ask the bank for everything at once; `ahead`: also what will be owed later.

    A way whose question fails is marked as missing. Raises `BankError` if what is owed today is not to be had.
    """
    customer, bank = turn.customer(), turn.bank

    def quotes(call: Callable[..., Sequence[T]], needs: Collection[str], **named: Any) -> Callable[[], Quoted[T]]:
        return _asked(turn, needs, call, customer, card_id, **named)

    owed = ask(bank.overdue, customer, card_id)
    instalment = quotes(bank.instalment_quotes, NEEDS["request_instalment"])
    agreement = quotes(bank.agreement_quotes, ("agreement_quotes", *FILING))
    within: Callable[[], Quoted[AgreementQuote]] = Quoted
    if capacity is not None:
        within = quotes(bank.agreement_quotes, ("agreement_quotes", *FILING), monthly=capacity)
    deferral = quotes(bank.deferral_options, NEEDS["request_deferral"])
    waiver = quotes(bank.waiver_options, ("waiver_options", *FILING))
    outlook = {pay: _outlook(turn, card_id, pay) for pay in ProjectedPayment} if ahead else {}
    return Ways(
        owed.result(),
        instalment(),
        agreement(),
        within(),
        deferral(),
        waiver(),
        {pay: answers() for pay, answers in outlook.items()},
        capacity,
    )


def _outlook(turn: Turn, card_id: str, pay: ProjectedPayment) -> Callable[[], Quoted[Projection]]:
    asked = [
        _asked(turn, ("projection",), _one(turn.bank.projection), turn.customer(), card_id, on=day, pay=pay)
        for day in days_ahead(pay)
    ]

    def answers() -> Quoted[Projection]:
        found = [each() for each in asked]
        known = [projection for quoted in found for projection in quoted.offers]
        return Quoted(known if len(known) == len(found) else (), missing=any(quoted.missing for quoted in found))

    return answers


def days_ahead(pay: ProjectedPayment) -> List[date]:
    """Today, and the same day of the months ahead."""
    return [clock.today() + relativedelta(months=months) for months in MONTHS_AHEAD[pay]]


def _one(call: Callable[..., T]) -> Callable[..., Sequence[T]]:
    return lambda *arguments, **named: [call(*arguments, **named)]


def _asked(
    turn: Turn, needs: Collection[str], call: Callable[..., Sequence[T]], *arguments: Any, **named: Any
) -> Callable[[], Quoted[T]]:
    """Begin to ask, if the bank offers it at all; the returned function waits for the answer."""
    if not turn.has(needs):
        return Quoted
    asked: Future[Sequence[T]] = ask(call, *arguments, **named)

    def answer() -> Quoted[T]:
        try:
            return Quoted(asked.result())
        except NotEligible as error:
            return Quoted(refused=error.reason)
        except NotOffered:
            return Quoted()
        except BankError as error:
            logger.warning("a way out is not shown: %s: %s", type(error).__name__, error)
            return Quoted(missing=True)

    return answer
