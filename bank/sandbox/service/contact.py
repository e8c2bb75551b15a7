"""Contact: preferences, the log, hand-overs to people; each write once for a key."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import List, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bank.models import Contact, ContactAddresses, ContactPreferences, HandOver, HandOverOutcome, HandOverStatus
from bank.sandbox import preferences, store
from bank.sandbox.accounts import read_card, read_customer
from bank.sandbox.bodies import ContactRequest, HandOverRequest, PreferencesRequest
from bank.sandbox.idempotency import Answer
from bank.sandbox.preconditions import IfMatch
from bank.sandbox.problems import illegal_move, invalid, not_found
from bank.sandbox.references import insert_numbered
from bank.sandbox.service.base import CREATED, Service
from bank.sandbox.store import Row
from common import clock

_MOST = 200  # contacts of a list
_AHEAD = timedelta(days=366)  # for which a contact can be planned


class ContactLog(Service):
    """How customers want to be reached, and how they were."""

    def contact_preferences(self, customer_id: str) -> ContactPreferences:
        """The customer's, or the policy's for who said nothing."""
        self._today()
        with self._database.reading() as connection:
            return preferences.read(connection, self._policy.contact, customer_id)

    def contact_addresses(self, customer_id: str) -> ContactAddresses:
        """Made up, as the customers are: nobody has these."""
        self._today()
        with self._database.reading() as connection:
            customer = read_customer(connection, customer_id)
        number = customer["masked_phone"].replace("****", "0000")
        return ContactAddresses(email=f"{customer_id}@customers.example", phone=f"+86{number}")

    def set_contact_preferences(
        self, customer_id: str, key: str, wanted: PreferencesRequest, if_match: IfMatch
    ) -> Answer:
        """Replace them."""
        self._today()

        def act(connection: Connection) -> ContactPreferences:
            return preferences.write(connection, self._policy.contact, customer_id, wanted, if_match)

        return self._once(customer_id, key, "set_contact_preferences", {"wanted": wanted.json()}, act)

    def log_contact(self, customer_id: str, key: str, contact: ContactRequest) -> Answer:
        """Add a line to the log."""
        today = self._today()

        def exists(connection: Connection) -> None:
            read_customer(connection, customer_id)
            if contact.card_id is not None:
                read_card(connection, self._policy, today, customer_id, contact.card_id)

        def act(connection: Connection) -> Contact:
            now = clock.now()
            if contact.at > now + _AHEAD:
                raise invalid("at", "too far ahead")
            table = store.contacts
            kept_since = now - timedelta(days=self._policy.contact.kept_days)
            connection.execute(sa.delete(table).where(table.c.customer_id == customer_id, table.c.at < kept_since))
            values = {
                **contact.dict(),
                "kind": contact.kind.value,
                "channel": contact.channel.value,
                "direction": contact.direction.value,
                "outcome": contact.outcome.value,
            }
            row = {"id": f"ct-{secrets.token_hex(8)}", **values}
            connection.execute(sa.insert(table).values(customer_id=customer_id, recorded_at=now, **row))
            return _contact(row)

        content = {"contact": contact.json()}
        return self._once(customer_id, key, "log_contact", content, act, status=CREATED, exists=exists)

    def contacts(self, customer_id: str, since: Optional[datetime]) -> List[Contact]:
        """Newest first, at most 200; from `since` on."""
        self._today()
        table = store.contacts
        query = sa.select(table).where(table.c.customer_id == customer_id)
        if since is not None:
            query = query.where(table.c.at >= since)
        newest_first = query.order_by(table.c.at.desc(), table.c.recorded_at.desc(), table.c.id).limit(_MOST)
        with self._database.reading() as connection:
            read_customer(connection, customer_id)
            return [_contact(row) for row in store.rows(connection, newest_first)]


class HandOvers(Service):
    """Conversations that people take over."""

    def hand_over(self, customer_id: str, key: str, wanted: HandOverRequest) -> Answer:
        """Tell the bank's people."""
        today = self._today()

        def exists(connection: Connection) -> None:
            read_customer(connection, customer_id)
            if wanted.card_id is not None:
                read_card(connection, self._policy, today, customer_id, wanted.card_id)

        def act(connection: Connection) -> HandOver:
            now = clock.now()
            row = {
                **wanted.dict(),
                "priority": wanted.priority.value,
                "customer_id": customer_id,
                "status": HandOverStatus.OPEN.value,
                "opened_at": now,
            }
            reference = insert_numbered(connection, store.hand_overs, "HO", now.date(), row)
            return _hand_over(_read_hand_over(connection, customer_id, reference))

        content = {"wanted": wanted.json()}
        return self._once(customer_id, key, "hand_over", content, act, status=CREATED, exists=exists)

    def close_hand_over(self, customer_id: str, reference: str, key: str, outcome: HandOverOutcome) -> Answer:
        """Say how it ended."""
        self._today()

        def exists(connection: Connection) -> None:
            _read_hand_over(connection, customer_id, reference)

        def act(connection: Connection) -> HandOver:
            row = _read_hand_over(connection, customer_id, reference, lock=True)
            if row["status"] == HandOverStatus.CLOSED.value:
                raise illegal_move(HandOverStatus.CLOSED.value, HandOverStatus.CLOSED.value)
            table = store.hand_overs
            closing = sa.update(table).where(table.c.reference == reference)
            values = {"status": HandOverStatus.CLOSED.value, "outcome": outcome.value, "closed_at": clock.now()}
            connection.execute(closing.values(**values))
            return _hand_over(_read_hand_over(connection, customer_id, reference))

        content = {"reference": reference, "outcome": outcome.value}
        return self._once(customer_id, key, "close_hand_over", content, act, exists=exists)


def _read_hand_over(connection: Connection, customer_id: str, reference: str, *, lock: bool = False) -> Row:
    table = store.hand_overs
    query = sa.select(table).where(table.c.customer_id == customer_id, table.c.reference == reference)
    row = store.row(connection, query.with_for_update() if lock else query)
    if row is None:
        raise not_found("hand-over")
    return row


def _contact(row: Row) -> Contact:
    return Contact(**{name: row[name] for name in Contact.__fields__})


def _hand_over(row: Row) -> HandOver:
    return HandOver(**{name: row[name] for name in HandOver.__fields__})
