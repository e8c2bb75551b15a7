"""Ending a running plan early."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from bank.errors import NotEligibleReason
from bank.models import ApplicationKind, EarlySettlement
from bank.sandbox.accounts import CardAccount
from bank.sandbox.eligibility import check_settlement
from bank.sandbox.ledger import settlement
from bank.sandbox.ledger.settlement import NothingToSettle
from bank.sandbox.problems import not_eligible
from bank.sandbox.quotes.kept import Body, content, keep
from common import clock


def early_settlement(connection: Connection, of: CardAccount, reference: str) -> EarlySettlement:
    """For the plan of that application. Raises Problem `not-found`, `not-eligible`."""
    return keep(connection, of, ApplicationKind.EARLY_SETTLEMENT, EarlySettlement, _quote(of, reference))


def again(of: CardAccount, body: Body) -> Body:
    """What it would be now. Raises Problem `not-found`, `not-eligible`."""
    return _quote(of, EarlySettlement.parse_obj(body).reference)


def _quote(of: CardAccount, reference: str) -> Body:
    check_settlement(of, reference)
    try:
        found = settlement.early_settlement(of.history, of.policy, reference, of.today)
    except NothingToSettle:
        raise not_eligible(NotEligibleReason.NOTHING_DUE) from None
    quote = EarlySettlement(
        id="",
        card_id=of.card["id"],
        reference=reference,
        as_of=found.as_of,
        remaining_principal=found.remaining_principal,
        interest_due=found.interest_due,
        fee=found.fee,
        total=found.total,
        interest_saved=found.interest_saved,
        valid_until=clock.now(),
    )
    return content(quote)
