"""The minimum payment, and the late fee for missing it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bank.sandbox.ledger.money import ZERO, cents
from bank.sandbox.policy import LateFee, MinimumPayment


@dataclass(frozen=True)
class Owed:
    """What a bill consists of, yuan. `carried` is what of `in_full` was on an earlier bill already."""

    purchases: Decimal
    cash_advances: Decimal
    in_full: Decimal  # instalments, interest and fees: all of it belongs to the minimum
    carried: Decimal
    unpaid_minimum: Decimal  # of earlier bills
    over_limit: Decimal


def minimum_payment(owed: Owed, policy: MinimumPayment) -> Decimal:
    """The least to pay of a bill by its due date.

    A share of purchases within the limit and of cash advances; all of instalments, interest, fees, the earlier unpaid
    minimum and what exceeds the limit; at least the floor, or the whole bill if that is less.
    """
    balance = owed.purchases + owed.cash_advances + owed.in_full
    # The earlier minimum consisted of charges, which `in_full` has already, and of a part of the purchases.
    earlier = min(max(owed.unpaid_minimum - owed.carried, ZERO), owed.purchases)
    over_limit = min(owed.over_limit, owed.purchases - earlier)
    within = owed.purchases - earlier - over_limit
    share = within * policy.purchase_share + owed.cash_advances * policy.cash_advance_share
    minimum = cents(owed.in_full + earlier + over_limit + share)
    return min(balance, max(policy.floor, owed.unpaid_minimum, minimum))


def late_fee(unpaid_minimum: Decimal, policy: LateFee) -> Decimal:
    """The late fee (违约金) on what is unpaid of the minimum once the days of grace are over; nothing on nothing."""
    if unpaid_minimum <= ZERO:
        return ZERO
    fee = max(policy.floor, cents(unpaid_minimum * policy.rate))
    return fee if policy.cap is None else min(fee, policy.cap)
