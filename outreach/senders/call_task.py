"""Calls are made by people: the message is a task with a script, in the table that the agents' desk shows."""

from __future__ import annotations

from datetime import datetime
from typing import Optional

import sqlalchemy as sa

from bank.models import ContactAddresses, ContactOutcome
from common.database import Database
from outreach.senders.base import Outgoing, Sent
from outreach.store import insert_missing
from outreach.tables import call_tasks


class CallTaskSender:
    """Adds a task, once for each message."""

    repeatable = True

    def __init__(self, database: Database) -> None:
        self._database = database

    def address(self, customer_id: str, addresses: ContactAddresses) -> Optional[str]:
        """Who calls finds the number at the bank, and nowhere else."""
        return customer_id

    def send(self, outgoing: Outgoing) -> Sent:
        """Note that somebody is to call."""
        row = {
            "id": outgoing.id,
            "contact_id": outgoing.contact_id,
            "customer_id": outgoing.customer_id,
            "card_id": outgoing.card_id,
            "language": outgoing.rendered.language,
            "script": outgoing.rendered.text,
            "kind": outgoing.kind.value,
            "preferences": outgoing.preferences.json(),
            "call_until": outgoing.call_until,
            "created_at": outgoing.at,
        }
        with self._database.writing() as connection:
            insert_missing(connection, call_tasks, [row])
        return Sent(outcome=ContactOutcome.PLANNED)

    def find(self, message_id: str, address: str, at: datetime) -> Optional[bool]:
        """Whether the task is there."""
        with self._database.reading() as connection:
            known = sa.select(call_tasks.c.id).where(call_tasks.c.id == message_id)
            return connection.execute(known).first() is not None
