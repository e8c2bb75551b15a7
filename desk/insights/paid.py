"""Who paid after a reminder: asked of the bank, once a day for each customer, for as long as a payment counts.

Nothing else tells it: who pays before the due date is heard of no more, and contacts stop for other reasons, too.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, time, timedelta
from typing import Callable, Dict, Iterable, List, Mapping, Optional, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bank.client import BankClient
from bank.errors import NotFound, NotOffered
from bank.models import AccountState, PaymentStatus, PlanPartStatus, PromiseStatus
from common import clock
from desk.insights.tables import reminders
from outreach.plan import Anchor

logger = logging.getLogger(__name__)

#: How long after a reminder a payment counts as one that followed it.
WITHIN = timedelta(days=30)
EVERY = timedelta(days=1)
_KNOWN_AFTER = timedelta(days=2)  # by then the bank has booked it
_CUSTOMERS = 100  # asked about in one round
T = TypeVar("T")


def next_ask(sent_at: datetime, now: datetime) -> Optional[datetime]:
    """When to ask again about a reminder; `None`: it is decided."""
    return now + EVERY if now + EVERY <= sent_at + WITHIN + _KNOWN_AFTER else None


def due(connection: Connection) -> Dict[str, List[Row]]:
    """Customer → reminders of which the bank is to be asked now; whose turn it has been longest comes first."""
    open_ones = sa.and_(reminders.c.next_at.is_not(None), ~reminders.c.failed)
    wanted = (
        sa.select(reminders.c.customer_id)
        .where(open_ones, reminders.c.next_at <= clock.now())
        .group_by(reminders.c.customer_id)
        .order_by(sa.func.min(reminders.c.next_at))
        .limit(_CUSTOMERS)
    )
    found: Dict[str, List[Row]] = {name: [] for name in connection.execute(wanted).scalars()}
    rows = sa.select(reminders).where(open_ones, reminders.c.customer_id.in_(list(found)))
    for row in connection.execute(rows.order_by(reminders.c.at)):
        found[row.customer_id].append(row)
    return found


def ask(bank: BankClient, customer_id: str, rows: Iterable[Row]) -> Dict[str, datetime]:
    """Contact → when the payment that followed was made, of those that were paid by now. Raises `BankError`.

    An account is paid if nothing billed is owed any more; where the bank lists payments, the last of them has to be one
    since the reminder. A promise counts if it was kept, an instalment if it was paid.
    """
    rows = list(rows)
    settled = _settled(bank, customer_id)
    promises = (_offered(bank.promises, customer_id) or []) if _any(rows, Anchor.PROMISE) else []
    found: Dict[str, datetime] = {}
    for card_id in sorted({row.card_id for row in rows}):
        of_card = [row for row in rows if row.card_id == card_id]
        plans = (_offered(bank.plans, customer_id, card_id) or []) if _any(of_card, Anchor.INSTALMENT) else []
        kept = {each.pay_on for each in promises if each.card_id == card_id and each.status is PromiseStatus.KEPT}
        parts = {part.due_on for plan in plans for part in plan.schedule if part.status is PlanPartStatus.PAID}
        done = [row for row in of_card if _is_done(row, card_id in settled, kept, parts)]
        if done:
            found.update(_since(done, _payments(bank, customer_id, card_id)))
    return found


def keep(connection: Connection, rows: Iterable[Row], found: Mapping[str, datetime]) -> None:
    """Keep what the bank said."""
    now = clock.now()
    for row in rows:
        paid_at = found.get(row.contact_id)
        # A reminder that has gone another way meanwhile is a new question.
        same = sa.and_(reminders.c.contact_id == row.contact_id, reminders.c.at == row.at)
        values = {"paid_at": paid_at, "next_at": None if paid_at else next_ask(row.at, now), "asked_at": now}
        connection.execute(sa.update(reminders).where(same).values(**values))


def _settled(bank: BankClient, customer_id: str) -> List[str]:
    try:
        cards = bank.cards(customer_id)
    except NotFound:
        return []
    return [each.id for each in cards if each.state is AccountState.CURRENT or each.amount_due <= 0]


def _any(rows: Iterable[Row], anchor: Anchor) -> bool:
    return any(row.anchor == anchor.value for row in rows)


def _is_done(row: Row, settled: bool, kept: Iterable[date], parts: Iterable[date]) -> bool:
    if row.anchor == Anchor.INSTALMENT.value:
        return row.anchor_day in parts  # an account with an agreement may owe nothing else
    return settled or (row.anchor == Anchor.PROMISE.value and row.anchor_day in kept)


def _payments(bank: BankClient, customer_id: str, card_id: str) -> Optional[List[date]]:
    """The days on which payments were made that did not fail; `None` if this bank does not tell."""
    made = _offered(bank.payments, customer_id, card_id)
    return None if made is None else [each.made_on for each in made if each.status is not PaymentStatus.FAILED]


def _since(rows: Iterable[Row], made: Optional[List[date]]) -> Dict[str, datetime]:
    now = clock.now()
    found = {}
    for row in rows:
        if made is None:
            if now <= row.at + WITHIN:
                found[row.contact_id] = now
            continue
        last = max((day for day in made if day >= row.day), default=None)
        if last is not None and last - row.day <= WITHIN:
            found[row.contact_id] = datetime.combine(last, time(), clock.BANK_ZONE)
    return found


def _offered(ask_bank: Callable[..., T], *of: str) -> Optional[T]:
    try:
        return ask_bank(*of)
    except (NotFound, NotOffered) as error:
        logger.info("the bank does not tell what was paid: %s", type(error).__name__)
        return None
