"""Whether a promise to pay is kept. It changes no obligation: the ledger itself knows nothing of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import Iterable, Tuple

from bank.sandbox.ledger.money import ZERO


class PromiseStanding(Enum):
    """What payments say of a promise."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"


@dataclass(frozen=True)
class PromiseProgress:
    """Where a promise stands, and what was paid on it, yuan."""

    standing: PromiseStanding
    paid: Decimal


def promise_progress(
    amount: Decimal,
    made_on: date,
    pay_on: date,
    grace_days: int,
    payments: Iterable[Tuple[date, Decimal]],
    today: date,
    paid_before: Decimal = ZERO,
) -> PromiseProgress:
    """Kept as soon as payments posted from `made_on` until `pay_on` and `grace_days` days more reach `amount`.

    `payments` are days of posting and yuan, less those that bounced, as `Account.payments` has them; `paid_before` is
    what was posted on `made_on` before the promise was made. Broken only once the last day is over.
    """
    last = pay_on + timedelta(days=grace_days)
    counted = sum((each for day, each in payments if made_on <= day <= min(last, today)), ZERO)
    paid = max(counted - paid_before, ZERO)
    if paid >= amount:
        return PromiseProgress(PromiseStanding.KEPT, paid)
    return PromiseProgress(PromiseStanding.BROKEN if today > last else PromiseStanding.OPEN, paid)
