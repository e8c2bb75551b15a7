"""The lots of one card and the money set against them.

Used while replaying only; nothing outside sees one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import AbstractSet, Dict, Iterable, List, Optional, Sequence, Tuple, Union

from bank.sandbox.ledger.cycle import ONE_DAY
from bank.sandbox.ledger.interest import Window, interest, outside
from bank.sandbox.ledger.lot import Lot
from bank.sandbox.ledger.money import ZERO
from bank.sandbox.ledger.records import Charge, Component, Debt, Span
from bank.sandbox.policy import DebtPart


class Pot(Enum):
    """Where money waits that is not set against a lot yet."""

    PREPAID_INTEREST = "prepaid interest"
    CREDIT = "credit"


Target = Union[Lot, Pot]
Order = Sequence[DebtPart]


class Book:
    """What is owed.

    `suspended`: days on which nothing bears interest; `named`: ids of lots that a refund, a reversal or a dispute
    concerns, so that they must be kept apart.
    """

    def __init__(self, daily_rate: Decimal, suspended: Sequence[Window], named: AbstractSet[str]) -> None:
        self._daily_rate = daily_rate
        self._suspended = suspended
        self._named = named
        self._old_purchases: Optional[Lot] = None
        self._lots: List[Lot] = []  # those still owed, or with interest not yet charged
        self._by_id: Dict[str, Lot] = {}
        self._charges: List[Charge] = []
        self._waived: Dict[str, Decimal] = {}
        self.pots: Dict[Pot, Decimal] = {Pot.PREPAID_INTEREST: ZERO, Pot.CREDIT: ZERO}

    def owe(self, id: str, component: Component, posted_on: date, first_day: date, amount: Decimal) -> Lot:
        """A new lot; `first_day` is the first that counts for interest."""
        lot = Lot(id, component, posted_on, first_day, amount, amount)
        self._lots.append(lot)
        self._by_id[id] = lot
        return lot

    def note(self, charge: Charge) -> None:
        """Remember how the lot of the same id came about."""
        self._charges.append(charge)

    def find(self, id: Optional[str]) -> Optional[Lot]:
        """The lot with that id, paid ones included."""
        return self._by_id.get(id or "")

    @property
    def lots(self) -> List[Lot]:
        """All lots that matter now and are not disputed."""
        return [lot for lot in self._lots if not lot.disputed]

    def billed(self) -> Decimal:
        """What is left of all bills, yuan."""
        return total(lot for lot in self.lots if lot.billed_on)

    def accrued(self, last: date) -> List[Span]:
        """The spans until `last` on which interest is owed but not charged yet."""
        return outside((span for lot in self.lots if lot.bears for span in lot.spans_until(last)), self._suspended)

    def take_accrued(self, last: date) -> List[Span]:
        """As `accrued`, but they are forgotten: the caller charges them."""
        return outside((span for lot in self.lots if lot.bears for span in lot.take_spans(last)), self._suspended)

    def bill_all(self, statement_date: date) -> None:
        """Put everything that is not billed yet on the statement, and drop what is done with."""
        for lot in self._lots:
            if lot.billed_on is None:
                lot.bill(statement_date)
        self._put_old_purchases_together()
        self._lots = [lot for lot in self._lots if lot.remaining or lot.spans]

    def _put_old_purchases_together(self) -> None:
        """Purchases on which interest runs differ in nothing any more: as one lot they cost no time, however many."""
        old = [
            lot
            for lot in self.lots
            if lot.bears and lot.component is Component.PURCHASE and lot.remaining and lot.id not in self._named
        ]
        if not old:
            return
        first = min(old, key=lambda lot: (lot.posted_on, lot.id))
        if self._old_purchases is None or not self._old_purchases.remaining:
            self._old_purchases = first
        for lot in old:
            if lot is not self._old_purchases:
                self._old_purchases.amount += lot.remaining
                self._old_purchases.remaining += lot.remaining
                lot.remaining = ZERO

    def set_off(self, day: date, amount: Decimal, order: Order) -> List[Tuple[Target, Decimal]]:
        """Use `amount` for bills, late fees, accrued interest, then what is not billed yet; the rest is credit.

        Returns what was used where, for `take_back`.
        """
        lots = self.in_order(order)
        used = self.pay((lot for lot in lots if lot.billed_on or lot.component is Component.LATE_FEE), day, amount)
        amount -= spent(used)
        if amount:
            # Set apart until it is billed, so that whoever pays all that is owed today owes nothing tomorrow.
            accrued = interest(self.accrued(day - ONE_DAY), self._daily_rate) - self.pots[Pot.PREPAID_INTEREST]
            prepaid = min(amount, max(accrued, ZERO))
            self.pots[Pot.PREPAID_INTEREST] += prepaid
            later = self.pay(lots, day, amount - prepaid)
            credit = amount - prepaid - spent(later)
            self.pots[Pot.CREDIT] += credit
            used += [(Pot.PREPAID_INTEREST, prepaid), *later, (Pot.CREDIT, credit)]
        return used

    @staticmethod
    def pay(lots: Iterable[Lot], day: date, amount: Decimal) -> List[Tuple[Target, Decimal]]:
        """Set up to `amount` against `lots`, in their order, and say how much against which."""
        used: List[Tuple[Target, Decimal]] = []
        for lot in lots:
            paid = min(lot.remaining, amount)
            if paid:
                lot.change(day, -paid)
                amount -= paid
                used.append((lot, paid))
        return used

    def use_credit(self, day: date, order: Order) -> None:
        """Set credit against what is owed; what is not needed stays credit."""
        credit = self.pots[Pot.CREDIT]
        if credit:
            self.pots[Pot.CREDIT] = ZERO
            self.set_off(day, credit, order)

    def use_prepaid_interest(self, lots: Iterable[Lot], day: date) -> None:
        """Set what was paid towards accrued interest against `lots`, on which it is now charged; a rest is credit."""
        prepaid = self.pots[Pot.PREPAID_INTEREST]
        self.pots[Pot.PREPAID_INTEREST] = ZERO
        self.pots[Pot.CREDIT] += prepaid - spent(self.pay(lots, day, prepaid))

    def take_back(self, target: Target, amount: Decimal, day: date) -> Decimal:
        """Undo that `amount` was used for `target`. Returns what could not be: it was used elsewhere since."""
        if isinstance(target, Pot):
            there = min(amount, self.pots[target])
            self.pots[target] -= there
            return amount - there
        if not any(lot is target for lot in self._lots):
            # Its bill was judged while it seemed to be paid.
            target.bears = target.component.bears_interest
            target.first_day = target.open_since = day
            self._lots.append(target)
        target.change(day, amount)
        return ZERO

    def waive(self, lot: Lot, day: date, amount: Decimal) -> Tuple[Decimal, Decimal]:
        """Give back up to `amount` of the charge `lot`: first what is unpaid. Returns that and what had been paid."""
        waived = self._waived.get(lot.id, ZERO)
        amount = min(amount, lot.amount - waived)
        self._waived[lot.id] = waived + amount
        unpaid = min(lot.remaining, amount)
        lot.change(day, -unpaid)
        return unpaid, amount - unpaid

    def in_order(self, order: Order) -> List[Lot]:
        """As payments settle them: bills first, then by `order`, then the oldest."""
        return sorted(
            (lot for lot in self.lots if lot.remaining),
            key=lambda lot: (lot.billed_on is None, order.index(lot.component.debt_part), lot.posted_on, lot.id),
        )

    def debts(self) -> Tuple[Debt, ...]:
        """What is still owed or disputed."""
        return tuple(lot.record() for lot in self._lots if lot.remaining)

    def charges(self) -> Tuple[Charge, ...]:
        """All charges, with what is still owed of each."""
        return tuple(
            replace(charge, outstanding=self._outstanding(charge), waived=self._waived.get(charge.id, ZERO))
            for charge in self._charges
        )

    def _outstanding(self, charge: Charge) -> Decimal:
        lot = self._by_id[charge.id]
        return ZERO if lot.disputed else lot.remaining


def total(lots: Iterable[Lot]) -> Decimal:
    """What is left of `lots`, yuan."""
    return sum((lot.remaining for lot in lots), ZERO)


def spent(used: Iterable[Tuple[Target, Decimal]]) -> Decimal:
    """The sum of what was used, yuan."""
    return sum((amount for _, amount in used), ZERO)
