"""How often a sign-in may fail: by name and by address, known names and unknown ones alike."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Dict, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from common import clock
from common.database import Database
from desk.people.tables import attempts

#: Failures within the window after which a name, or an address, has to wait until the first of them has left it.
WINDOW = timedelta(minutes=15)
LIMITS: Dict[str, int] = {"name": 5, "address": 30}  # a branch office may share one address


class Attempts:
    """Failed attempts in the desk's database, so that a restart forgets none. Methods block."""

    def __init__(self, database: Database, secret: str) -> None:
        self._database = database
        self._secret = secret.encode()

    def take(self, name: str, address: str) -> float:
        """Count an attempt as failed before it is examined: 0, or how many seconds the next one has to wait.

        Counted first, and with the look at the count in one transaction: many at once get no more tries than one after
        another. `succeeded` takes it back.
        """
        with self._database.writing() as connection:
            if connection.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
                connection.execute(sa.text("LOCK TABLE desk_sign_in_attempts IN SHARE ROW EXCLUSIVE MODE"))
            now = clock.now()
            connection.execute(sa.delete(attempts).where(attempts.c.at <= now - WINDOW))
            wait: float = max(self._wait(connection, kind, key, now) for kind, key in self._keys(name, address))
            if not wait:
                rows = [{"kind": kind, "key_hash": key, "at": now} for kind, key in self._keys(name, address)]
                connection.execute(sa.insert(attempts), rows)
            return wait

    def succeeded(self, name: str, address: str) -> None:
        """Forget the failures of a name whose password was right, and the attempt itself of the address."""
        (_, name_key), (_, address_key) = self._keys(name, address)
        own = sa.select(sa.func.max(attempts.c.id)).where(
            attempts.c.kind == "address", attempts.c.key_hash == address_key
        )
        with self._database.writing() as connection:
            connection.execute(sa.delete(attempts).where(attempts.c.id == own.scalar_subquery()))
            _forget(connection, name_key)

    def forget(self, connection: Connection, name: str) -> None:
        """Let a name try again at once: an administrator gave it another password."""
        _forget(connection, self._keys(name, "")[0][1])

    @staticmethod
    def _wait(connection: Connection, kind: str, key: str, now: datetime) -> float:
        failures = sa.select(attempts.c.at).where(attempts.c.kind == kind, attempts.c.key_hash == key)
        moments = sorted(row.at for row in connection.execute(failures))
        if len(moments) < LIMITS[kind]:
            return 0.0
        left: float = (moments[-LIMITS[kind]] + WINDOW - now).total_seconds()
        return max(left, 1.0)

    def _keys(self, name: str, address: str) -> Tuple[Tuple[str, str], Tuple[str, str]]:
        return ("name", self._key(f"name:{name.casefold()}")), ("address", self._key(f"address:{address}"))

    def _key(self, text: str) -> str:
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()


def _forget(connection: Connection, name_key: str) -> None:
    connection.execute(sa.delete(attempts).where(attempts.c.kind == "name", attempts.c.key_hash == name_key))
