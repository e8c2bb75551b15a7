"""Sessions of browsers. The cookie is random; the database has only its keyed hash, so its copy signs nobody in."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from common import clock
from common.database import Database
from desk.people.accounts import agent_of
from desk.people.model import Agent
from desk.people.tables import agents, sessions

#: A session that is not used ends after this; one that is, after the longer time.
IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
_NOTE_USE_AFTER = timedelta(minutes=1)  # not each request is worth a write
_LONGEST_TOKEN = 128  # characters


@dataclass(frozen=True)
class NewSession:
    """What the browser gets: the cookie's value, and what writes must bring in `X-CSRF-Token`."""

    token: str
    csrf: str


class Sessions:
    """Sessions in the desk's database, keyed by `secret`. Methods block."""

    def __init__(self, database: Database, secret: str) -> None:
        self._database = database
        self._secret = secret.encode()

    def open(self, connection: Connection, agent_id: int) -> NewSession:
        """Start a session. Sessions of anyone that have ended are swept out."""
        now = clock.now()
        ended = sa.or_(sessions.c.used_at < now - IDLE, sessions.c.created_at < now - LONGEST)
        connection.execute(sa.delete(sessions).where(ended))
        token = secrets.token_urlsafe(32)
        connection.execute(
            sa.insert(sessions).values(token_hash=self._hash(token), agent_id=agent_id, created_at=now, used_at=now)
        )
        return NewSession(token, self.csrf(token))

    def csrf(self, token: str) -> str:
        """The token against forged requests that belongs to a session."""
        return self._keyed("csrf", token)

    def csrf_fits(self, token: str, given: Optional[str]) -> bool:
        """Whether `given` belongs to the session, in constant time."""
        return bool(given) and hmac.compare_digest(self.csrf(token).encode(), str(given).encode())

    def agent(self, token: Optional[str], *, uses: bool = True) -> Optional[Agent]:
        """Whose session it is; none for one that is unknown or ended, and for an account that is not active.

        `uses`: that the agent did something, which keeps the session from ending.
        """
        if not token or len(token) > _LONGEST_TOKEN:
            return None
        key, now = self._hash(token), clock.now()
        chosen = (
            sa.select(agents, sessions.c.created_at.label("began_at"), sessions.c.used_at)
            .join(sessions, sessions.c.agent_id == agents.c.id)
            .where(sessions.c.token_hash == key, agents.c.active)
        )
        with self._database.reading() as connection:
            row = connection.execute(chosen).one_or_none()
        if row is None or _has_ended(row.began_at, row.used_at, now):
            return None
        if uses and now - row.used_at > _NOTE_USE_AFTER:
            self._note_use(key, now)
        return agent_of(row)

    def close(self, connection: Connection, token: str) -> None:
        """End a session."""
        connection.execute(sa.delete(sessions).where(sessions.c.token_hash == self._hash(token)))

    def _note_use(self, key: str, now: datetime) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.update(sessions).where(sessions.c.token_hash == key).values(used_at=now))

    def _hash(self, token: str) -> str:
        return self._keyed("session", token)

    def _keyed(self, purpose: str, token: str) -> str:
        return hmac.new(self._secret, f"{purpose}:{token}".encode(), hashlib.sha256).hexdigest()


def _has_ended(began_at: datetime, used_at: datetime, now: datetime) -> bool:
    return now - used_at > IDLE or now - began_at > LONGEST
