"""Who is who in messaging services; each write once for a key."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, List

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bank.models import MessagingChannel, MessagingIdentity
from bank.sandbox import store
from bank.sandbox.accounts import read_customer
from bank.sandbox.idempotency import Answer
from bank.sandbox.problems import not_found
from bank.sandbox.service.base import CREATED, NO_CONTENT, Service
from bank.sandbox.store import Row
from common import clock


class Identities(Service):
    """A subject of a service belongs to one customer at a time; a link may run out."""

    def messaging_identities(self, customer_id: str) -> List[MessagingIdentity]:
        """Those that hold, newest first."""
        self._today()
        table = store.messaging_identities
        query = sa.select(table).where(table.c.customer_id == customer_id, _holds())
        with self._database.reading() as connection:
            read_customer(connection, customer_id)
            found = store.rows(connection, query.order_by(table.c.linked_at.desc(), table.c.id))
        return [_identity(row) for row in found]

    def link_identity(
        self, customer_id: str, key: str, *, channel: MessagingChannel, account: str, subject: str
    ) -> Answer:
        """The subject is this customer from now on, and nobody else any more."""
        self._today()

        def act(connection: Connection) -> MessagingIdentity:
            table, now = store.messaging_identities, clock.now()
            same = (table.c.channel == channel.value, table.c.account == account, table.c.subject == subject)
            connection.execute(sa.delete(table).where(*same))
            days = self._policy.messaging.linked_days
            row = {
                "id": f"mi-{secrets.token_hex(8)}",
                "customer_id": customer_id,
                "channel": channel.value,
                "account": account,
                "subject": subject,
                "linked_at": now,
                "expires_at": now + timedelta(days=days) if days is not None else None,
            }
            connection.execute(sa.insert(table).values(**row))
            return _identity(row)

        content = {"channel": channel.value, "account": account, "subject": subject}
        return self._once(customer_id, key, "link_identity", content, act, status=CREATED)

    def unlink_identity(self, customer_id: str, identity_id: str, key: str) -> Answer:
        """End a link of the customer."""
        self._today()

        def act(connection: Connection) -> None:
            table = store.messaging_identities
            this_one = (table.c.id == identity_id, table.c.customer_id == customer_id)
            if connection.execute(sa.delete(table).where(*this_one)).rowcount != 1:
                raise not_found("messaging identity")

        content = {"identity_id": identity_id}
        return self._once(customer_id, key, "unlink_identity", content, act, status=NO_CONTENT)

    def find_identity(self, channel: MessagingChannel, account: str, subject: str) -> MessagingIdentity:
        """Who the subject is. Raises Problem `not-found` if nobody, or the link has run out."""
        self._today()
        table = store.messaging_identities
        same = (table.c.channel == channel.value, table.c.account == account, table.c.subject == subject)
        with self._database.reading() as connection:
            row = store.row(connection, sa.select(table).where(*same, _holds()))
        if row is None:
            raise not_found("messaging identity")
        return _identity(row)


def _holds() -> Any:
    expires_at = store.messaging_identities.c.expires_at
    return sa.or_(expires_at.is_(None), expires_at > clock.now())


def _identity(row: Row) -> MessagingIdentity:
    return MessagingIdentity(**{name: row[name] for name in MessagingIdentity.__fields__})
