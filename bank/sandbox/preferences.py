"""How customers want to be reached."""

from __future__ import annotations

from typing import Any, Dict

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bank.models import ConsentPurpose, ContactPreferences
from bank.sandbox import store
from bank.sandbox.accounts import read_customer
from bank.sandbox.bodies import PreferencesRequest
from bank.sandbox.papers import has_consent
from bank.sandbox.policy import Contact
from bank.sandbox.preconditions import IfMatch
from bank.sandbox.problems import Problem, invalid
from bank.sandbox.store import Row
from common.clock import BANK_ZONE

_FIRST = 1  # the version of what the policy says


def read(connection: Connection, policy: Contact, customer_id: str) -> ContactPreferences:
    """The customer's, or the policy's for who said nothing. Raises Problem `not-found`."""
    customer = read_customer(connection, customer_id)
    row = _row(connection, customer_id)
    if row is not None:
        return ContactPreferences.parse_obj({**row, "channels": list(row["channels"])})
    return ContactPreferences(
        channels=list(policy.channels),
        reminders=True,
        contact_from=policy.contact_from,
        contact_until=policy.contact_until,
        time_zone=BANK_ZONE.key,
        night_consent=False,
        language=customer["language"],
        paused_until=None,
        version=_FIRST,
    )


def write(
    connection: Connection, policy: Contact, customer_id: str, wanted: PreferencesRequest, if_match: IfMatch
) -> ContactPreferences:
    """Raises Problem `changed-meanwhile`, `consent-required` for contact at night, `invalid-request`."""
    lock = sa.select(store.customers).where(store.customers.c.id == customer_id).with_for_update()
    connection.execute(lock)  # who has no row of preferences yet cannot be locked by it
    present = read(connection, policy, customer_id)
    if_match.check(present.version)
    if wanted.contact_from >= wanted.contact_until:
        raise invalid("contact_until", "must be after contact_from")
    if wanted.night_consent and not has_consent(connection, customer_id, ConsentPurpose.NIGHT_CONTACT):
        raise Problem("consent-required", "to be contacted at night")
    values: Dict[str, Any] = {
        **wanted.dict(),
        "channels": [channel.value for channel in wanted.channels],
        "contact_from": f"{wanted.contact_from:%H:%M}",
        "contact_until": f"{wanted.contact_until:%H:%M}",
        "version": present.version + 1,
    }
    table = store.contact_preferences
    if _row(connection, customer_id) is None:
        connection.execute(sa.insert(table).values(customer_id=customer_id, **values))
    else:
        connection.execute(sa.update(table).where(table.c.customer_id == customer_id).values(**values))
    return read(connection, policy, customer_id)


def forbid_night(connection: Connection, customer_id: str) -> None:
    """The consent was taken back: the preferences cannot say otherwise."""
    table = store.contact_preferences
    allowed = sa.update(table).where(table.c.customer_id == customer_id, table.c.night_consent.is_(True))
    connection.execute(allowed.values(night_consent=False, version=table.c.version + 1))


def _row(connection: Connection, customer_id: str) -> "Row | None":
    table = store.contact_preferences
    return store.row(connection, sa.select(table).where(table.c.customer_id == customer_id))
