"""Agreements that were not kept: the ledger ends them, and their application says so."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bank.models import ApplicationKind, ApplicationStatus
from bank.sandbox import listing, store
from bank.sandbox.accounts import read_card
from bank.sandbox.applications import move
from bank.sandbox.ledger.records import PlanEnding
from bank.sandbox.policy import Policy
from bank.sandbox.store import Row


def judge(connection: Connection, policy: Policy, today: date) -> None:
    """Say of running agreements which are broken: of which an instalment was not paid in time."""
    table = store.applications
    running = sa.select(table).where(
        table.c.kind == ApplicationKind.AGREEMENT.value, table.c.status == ApplicationStatus.ACTIVE.value
    )
    for each in store.rows(connection, running.with_for_update()):
        if _is_broken(connection, policy, today, each):
            move(connection, each, ApplicationStatus.BROKEN)
            listing.mark(connection, each["card_id"])


def _is_broken(connection: Connection, policy: Policy, today: date, agreement: Row) -> bool:
    card = store.row(connection, sa.select(store.cards).where(store.cards.c.id == agreement["card_id"]))
    if card is None:
        return False  # told by an earlier version's stories
    of = read_card(connection, policy, today, agreement["customer_id"], agreement["card_id"])
    ends = {end.plan_id: end.how for end in of.account.ended_plans}
    return ends.get(agreement["reference"]) is PlanEnding.BROKEN
