"""Leaves for one message outside the quota, such as the welcome. These functions block; they run in a transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from channels.messaging.platform import Address
from channels.wecom.tables import codes
from common.database import insert_into


@dataclass(frozen=True)
class Code:
    """`menus`: whether the message may have buttons."""

    code: str
    menus: bool


def keep(connection: Connection, address: Address, code: Code, until: float) -> None:
    """Remember the last one that this customer's chat got."""
    values = {"code": code.code, "menus": code.menus, "until": until}
    adding = insert_into(connection, codes).values(account=address.account, subject=address.subject, **values)
    connection.execute(adding.on_conflict_do_update(index_elements=["account", "subject"], set_=values))


def find(connection: Connection, address: Address, now: float) -> Optional[Code]:
    """The one that holds now, if any."""
    row = connection.execute(sa.select(codes).where(_of(address), codes.c.until > now)).one_or_none()
    return None if row is None else Code(row.code, row.menus)


def forget(connection: Connection, address: Address, code: Code) -> None:
    """It was used, or is worth nothing."""
    connection.execute(sa.delete(codes).where(_of(address), codes.c.code == code.code))


def _of(address: Address) -> Any:
    return sa.and_(codes.c.account == address.account, codes.c.subject == address.subject)
