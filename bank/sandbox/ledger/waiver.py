"""Which charges the bank would give back, and how that is posted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Iterable, List, Sequence, Tuple

from bank.models import FeeKind
from bank.sandbox.ledger.money import ZERO
from bank.sandbox.ledger.position import Item, charge_items
from bank.sandbox.ledger.records import Account, Charge, Component, Entry, EntryKind
from bank.sandbox.policy import Policy
from bank.sandbox.policy_relief import WaiverTerms

Share = Tuple[str, Decimal]  # id of a charge, and what of it is given back
_COMPONENTS = {FeeKind.LATE_FEE: Component.LATE_FEE, FeeKind.INTEREST: Component.INTEREST}


@dataclass(frozen=True)
class Waivable:
    """Whole charges of one kind that could be given back together. The amounts of `items` and `shares` add up to it."""

    kind: FeeKind
    amount: Decimal
    items: Tuple[Item, ...]
    shares: Tuple[Share, ...]


def waivable(account: Account, policy: Policy, as_of: date) -> List[Waivable]:
    """One for each kind that the policy names, where there is something.

    Charges of the policy's window, the latest first as long as they fit into its maximum; also those that are paid,
    whose money comes back; none of which something was given back before.
    """
    found = (_of_kind(account, kind, policy.waiver, as_of) for kind in policy.waiver.kinds)
    return [each for each in found if each.amount]


def waiver_entries(id: str, shares: Iterable[Share], posted_on: date) -> List[Entry]:
    """The entries that give back `shares`; their ids begin with `id`."""
    return [
        Entry(f"{id}-{number}", EntryKind.WAIVER, posted_on, amount, charge_id)
        for number, (charge_id, amount) in enumerate(shares, start=1)
    ]


def _of_kind(account: Account, kind: FeeKind, terms: WaiverTerms, as_of: date) -> Waivable:
    since = as_of - timedelta(days=terms.window_days)
    charges = [
        each
        for each in account.charges
        if each.component is _COMPONENTS[kind] and since <= each.posted_on <= as_of and not each.waived
    ]
    chosen = _fitting(charges, terms.maximum_amount)
    return Waivable(
        kind=kind,
        amount=sum((each.amount for each in chosen), ZERO),
        items=tuple(item for each in chosen for item in charge_items(each)),
        shares=tuple((each.id, each.amount) for each in chosen),
    )


def _fitting(charges: Sequence[Charge], most: Decimal) -> List[Charge]:
    chosen: List[Charge] = []
    for charge in reversed(charges):
        if charge.amount <= most:
            chosen.insert(0, charge)
            most -= charge.amount
    return chosen
