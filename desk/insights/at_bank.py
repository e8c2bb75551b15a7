"""What the bank knows of what customers filed, and how long they are overdue: asked now and then, a little at once.

What has come to its end is not asked again. The rest is asked the more seldom the older it is.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Callable, Dict, Iterable, List, Mapping, Sequence, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bank.client import BankClient
from bank.errors import NotFound, NotOffered
from bank.models import ApplicationStatus, DisputeStatus, PromiseStatus
from common import clock
from desk.insights.buckets import UNKNOWN, bucket_of
from desk.insights.projection import DISPUTE, PROMISE
from desk.insights.tables import requests, visits

logger = logging.getLogger(__name__)

_CUSTOMERS = 50  # asked about in one round
#: Until when the bank's answer of today is good for a conversation.
_BUCKET_WITHIN = timedelta(days=1)
_SOONEST, _LATEST = timedelta(hours=1), timedelta(days=1)  # until the bank is asked again
_OF_AGE = 24  # an hour later for each day since it was filed

FINAL = frozenset(
    {
        ApplicationStatus.DECLINED.value,
        ApplicationStatus.WITHDRAWN.value,
        ApplicationStatus.EXPIRED.value,
        ApplicationStatus.COMPLETED.value,
        ApplicationStatus.BROKEN.value,
        PromiseStatus.KEPT.value,
        DisputeStatus.UPHELD.value,
    }
)

Key = Tuple[str, str]  # customer and reference


def customers_without_bucket(connection: Connection) -> List[str]:
    """Whose visits of the last day still lack how long the customer was overdue."""
    since = clock.now() - _BUCKET_WITHIN
    wanted = sa.select(visits.c.customer_id).where(
        visits.c.bucket.is_(None), visits.c.started_at >= since, visits.c.customer_id.is_not(None)
    )
    return list(connection.execute(wanted.distinct().limit(_CUSTOMERS)).scalars())


def ask_bucket(bank: BankClient, customer_id: str) -> str:
    """Of the card that is overdue longest. Raises `BankError`."""
    try:
        cards = bank.cards(customer_id)
    except NotFound:
        return UNKNOWN
    return bucket_of(max((card.days_past_due for card in cards), default=0))


def keep_bucket(connection: Connection, customer_id: str, bucket: str) -> None:
    """Keep it for the visits that lack it."""
    since = clock.now() - _BUCKET_WITHIN
    lacking = sa.and_(visits.c.customer_id == customer_id, visits.c.bucket.is_(None), visits.c.started_at >= since)
    connection.execute(sa.update(visits).where(lacking).values(bucket=bucket))


def requests_due(connection: Connection) -> Dict[str, List[str]]:
    """Customer → kinds of requests of which the bank is to be asked now; who waits longest comes first."""
    due = sa.select(requests.c.customer_id, requests.c.kind).where(requests.c.next_at <= clock.now())
    found: Dict[str, List[str]] = {}
    for row in connection.execute(due.order_by(requests.c.next_at).limit(_CUSTOMERS)):
        found.setdefault(row.customer_id, []).append(row.kind)
    return found


def ask_statuses(bank: BankClient, customer_id: str, kinds: Iterable[str]) -> Dict[str, str]:
    """Reference → status of everything of these kinds that the bank has of the customer. Raises `BankError`."""
    wanted = set(kinds)
    asks: Sequence[Tuple[bool, Callable[[str], Sequence[object]]]] = (
        (bool(wanted - {PROMISE, DISPUTE}), bank.applications),
        (PROMISE in wanted, bank.promises),
        (DISPUTE in wanted, bank.disputes),
    )
    found: Dict[str, str] = {}
    for is_wanted, ask in asks:
        if is_wanted:
            found.update(_statuses(ask, customer_id))
    return found


def keep_statuses(connection: Connection, customer_id: str, kinds: Iterable[str], statuses: Mapping[str, str]) -> None:
    """Keep what the bank said. What it does not know stays as it was, and is asked again later."""
    now = clock.now()
    asked = sa.and_(
        requests.c.customer_id == customer_id, requests.c.kind.in_(set(kinds)), requests.c.next_at.is_not(None)
    )
    for row in connection.execute(sa.select(requests).where(asked)).all():
        status = statuses.get(row.reference)
        told = {"status": status, "asked_at": now} if status else {}
        same = sa.and_(requests.c.customer_id == customer_id, requests.c.reference == row.reference)
        values = {**told, "next_at": _next(now, row.filed_at, status or row.status)}
        connection.execute(sa.update(requests).where(same).values(**values))


def _next(now: datetime, filed_at: datetime, status: object) -> "datetime | None":
    if status in FINAL:
        return None
    return now + min(max((now - filed_at) / _OF_AGE, _SOONEST), _LATEST)


def _statuses(ask: Callable[[str], Sequence[object]], customer_id: str) -> Dict[str, str]:
    try:
        return {each.reference: each.status.value for each in ask(customer_id)}  # type: ignore[attr-defined]
    except (NotFound, NotOffered) as error:
        logger.info("the bank does not tell what became of requests: %s", type(error).__name__)
        return {}
