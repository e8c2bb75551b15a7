"""Charges that the bank would give back."""

from __future__ import annotations

from typing import List

from sqlalchemy.engine import Connection

from bank.models import ApplicationKind, WaiverKind, WaiverOption
from bank.sandbox.accounts import CardAccount
from bank.sandbox.eligibility import check_waiver
from bank.sandbox.ledger.waiver import Waivable
from bank.sandbox.problems import Problem
from bank.sandbox.quotes.kept import Body, content, keep_all
from bank.sandbox.views import fee_item
from common import clock


def waiver_options(connection: Connection, of: CardAccount) -> List[WaiverOption]:
    """One for each kind of charge. Raises Problem `not-eligible`."""
    made = [_option(of, each) for each in check_waiver(of)]
    return keep_all(connection, of, ApplicationKind.WAIVER, WaiverOption, made)


def again(of: CardAccount, body: Body) -> Body:
    """What it would be now. Raises Problem `not-eligible`, `quote-expired`."""
    kind = WaiverOption.parse_obj(body).kind
    found = next((each for each in check_waiver(of) if each.kind.value == kind.value), None)
    if found is None:
        raise Problem("quote-expired", "the account has changed since")
    return _option(of, found)


def _option(of: CardAccount, waivable: Waivable) -> Body:
    option = WaiverOption(
        id="",
        card_id=of.card["id"],
        kind=WaiverKind(waivable.kind.value),
        amount=waivable.amount,
        items=[fee_item(item) for item in waivable.items],
        valid_until=clock.now(),
    )
    return content(option, shares=[[charge_id, f"{amount:f}"] for charge_id, amount in waivable.shares])
