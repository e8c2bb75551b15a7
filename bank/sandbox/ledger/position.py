"""What is owed on a day and why: the account's sums, as a statement, a summary or a card shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Iterable, Iterator, Optional, Tuple

from bank.models import AccountState, Bucket, CardStatus, FeeKind
from bank.sandbox.ledger.money import ZERO
from bank.sandbox.ledger.records import Account, Bill, Charge, Component, Debt, MinimumPart, Segment
from bank.sandbox.policy import CardUse, DebtPart

_BUCKETS = ((30, Bucket.M1), (60, Bucket.M2), (90, Bucket.M3), (120, Bucket.M4), (150, Bucket.M5), (180, Bucket.M6))
_KINDS = {
    Component.INTEREST: FeeKind.INTEREST,
    Component.INSTALMENT_INTEREST: FeeKind.INSTALMENT_INTEREST,
    Component.LATE_FEE: FeeKind.LATE_FEE,
    Component.SETTLEMENT_FEE: FeeKind.OTHER,
    Component.FEE: FeeKind.OTHER,
}
# These are asked for with the bill on which they stand; interest and late fees at once.
_LATER = (Component.FEE, Component.SETTLEMENT_FEE, Component.INSTALMENT_INTEREST)


@dataclass(frozen=True)
class Item:
    """One charge, or one stretch of interest with an unchanging sum, and what of it is still owed."""

    kind: FeeKind
    amount: Decimal
    outstanding: Decimal
    posted_on: Optional[date]
    basis: Decimal
    rate: Decimal
    starts_on: Optional[date] = None
    ends_on: Optional[date] = None
    days: Optional[int] = None
    floor: Optional[Decimal] = None
    cap: Optional[Decimal] = None


@dataclass(frozen=True)
class Position:
    """What is owed on `as_of`: all that was billed, what was charged since, and interest until the day before.

    Whoever pays `total` on that day owes nothing but purchases that are not billed yet, since the day of payment does
    not count for interest. `principal + interest + late_fee + other_fees == total`; the outstanding sums of `items`
    add up to the three middle ones.
    """

    as_of: date
    state: AccountState
    bill: Bill  # the oldest whose minimum is overdue; otherwise the latest
    due_date: date  # of that bill, or the day to which it is deferred
    grace_ends_on: date
    days_past_due: int
    bucket: Optional[Bucket]
    first_time: bool
    principal: Decimal
    interest: Decimal
    late_fee: Decimal
    other_fees: Decimal
    total: Decimal
    minimum_due: Decimal  # of the latest bill that is overdue; otherwise of the latest
    remaining_minimum: Decimal  # overdue parts; if none is, what is left of the latest
    paid_since: Decimal  # since the date of `bill`
    disputed: Decimal
    items: Tuple[Item, ...]


def position(account: Account) -> Position:
    """How `account` stands. Raises ValueError if no bill was issued yet."""
    overdue = [part for part in account.minimum if part.on_time_until < account.as_of]
    asked = overdue or list(account.minimum)
    bill = _bill_of(account, overdue[0]) if overdue else latest_bill(account)
    due_date, grace_ends_on = _due(bill, asked[0] if overdue else asked[-1] if asked else None)
    days_past_due = (account.as_of - due_date).days if overdue else 0
    principal = billed(account, DebtPart.PRINCIPAL)
    accrued = sum((segment.amount for segment in account.accrued), ZERO) - account.prepaid_interest
    interest = billed(account, DebtPart.INTEREST) + accrued
    late_fee = sum((debt.remaining for debt in account.debts if debt.component is Component.LATE_FEE), ZERO)
    other_fees = billed(account, DebtPart.FEES) - _billed_late_fee(account)
    return Position(
        as_of=account.as_of,
        state=_state(account, bool(overdue), due_date, grace_ends_on),
        bill=bill,
        due_date=due_date,
        grace_ends_on=grace_ends_on,
        days_past_due=days_past_due,
        bucket=bucket(days_past_due),
        first_time=account.spells <= (1 if overdue else 0),
        principal=principal,
        interest=interest,
        late_fee=late_fee,
        other_fees=other_fees,
        total=principal + interest + late_fee + other_fees,
        minimum_due=_bill_of(account, overdue[-1]).minimum_due if overdue else bill.minimum_due,
        remaining_minimum=sum((part.remaining for part in asked), ZERO),
        paid_since=paid_since(account, bill),
        disputed=sum((debt.remaining for debt in account.debts if debt.disputed), ZERO),
        items=tuple(_items(account)),
    )


def latest_bill(account: Account) -> Bill:
    """The last statement. Raises ValueError if there is none."""
    if not account.bills:
        raise ValueError("no bill was issued yet")
    return account.bills[-1]


def billed(account: Account, part: Optional[DebtPart] = None) -> Decimal:
    """What is left of all bills, or of that part of them, yuan; disputed sums excepted."""
    return sum((debt.remaining for debt in _billed(account) if part in (None, debt.component.debt_part)), ZERO)


def unpaid_minimum(account: Account) -> Decimal:
    """What is left of the minimum of the latest bill, in which earlier ones are contained, yuan."""
    return sum((part.remaining for part in account.minimum), ZERO)


def paid_since(account: Account, bill: Bill) -> Decimal:
    """Payments posted after the date of `bill`, yuan."""
    return sum((amount for day, amount in account.payments if day > bill.statement_date), ZERO)


def bucket(days_past_due: int) -> Optional[Bucket]:
    """M1 for 1 to 30 days and so on; None if not overdue."""
    if days_past_due <= 0:
        return None
    return next((name for last, name in _BUCKETS if days_past_due <= last), Bucket.M6_PLUS)


def card_status(days_past_due: int, policy: CardUse) -> CardStatus:
    """What an account so long past due can be used for."""
    if days_past_due >= policy.frozen_from_day:
        return CardStatus.FROZEN
    return CardStatus.RESTRICTED if days_past_due >= policy.restricted_from_day else CardStatus.ACTIVE


def _billed(account: Account) -> Iterator[Debt]:
    return (debt for debt in account.debts if debt.billed_on and not debt.disputed)


def _billed_late_fee(account: Account) -> Decimal:
    return sum((debt.remaining for debt in _billed(account) if debt.component is Component.LATE_FEE), ZERO)


def _bill_of(account: Account, part: MinimumPart) -> Bill:
    return next(bill for bill in account.bills if bill.statement_date == part.statement_date)


def _due(bill: Bill, part: Optional[MinimumPart]) -> Tuple[date, date]:
    """Due date and end of grace: of the part, which a deferral may have moved; else of the bill."""
    return (part.due_on, part.on_time_until) if part else (bill.due_date, bill.grace_ends_on)


def _state(account: Account, overdue: bool, due_date: date, grace_ends_on: date) -> AccountState:
    if overdue:
        return AccountState.OVERDUE
    if billed(account) and account.as_of <= due_date:
        return AccountState.DUE
    if billed(account) and account.as_of <= grace_ends_on:
        return AccountState.IN_GRACE
    return AccountState.CURRENT


def _items(account: Account) -> Iterator[Item]:
    for charge in account.charges:
        if not charge.outstanding or (charge.component in _LATER and not _is_billed(account, charge)):
            continue
        yield from (item for item in charge_items(charge) if item.outstanding)
    yield from (item for item in _stretches(account.accrued, account.prepaid_interest, None) if item.outstanding)


def charge_items(charge: Charge) -> Iterator[Item]:
    """How `charge` came about: one item, or of interest one for each stretch; also what of it is paid already."""
    if charge.segments:
        yield from _stretches(charge.segments, charge.amount - charge.outstanding, charge.posted_on)
        return
    yield Item(
        kind=_KINDS[charge.component],
        amount=charge.amount,
        outstanding=charge.outstanding,
        posted_on=charge.posted_on,
        basis=charge.basis,
        rate=charge.rate,
        floor=charge.floor,
        cap=charge.cap,
    )


def _stretches(segments: Iterable[Segment], paid: Decimal, posted_on: Optional[date]) -> Iterator[Item]:
    """One item for each segment; what was paid of the charge settles the earliest."""
    for segment in segments:
        settled = min(segment.amount, paid)
        paid -= settled
        yield Item(
            kind=FeeKind.INTEREST,
            amount=segment.amount,
            outstanding=segment.amount - settled,
            posted_on=posted_on,
            basis=segment.basis,
            rate=segment.rate,
            starts_on=segment.first,
            ends_on=segment.last,
            days=segment.days,
        )


def _is_billed(account: Account, charge: Charge) -> bool:
    return any(debt.id == charge.id for debt in _billed(account))
