"""Who did what, when and why. Entries are added and read, never changed."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Union

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from common import clock
from common.database import Database
from common.log import mask
from desk.people.model import Agent
from desk.people.tables import audit_log

#: As whom the desk itself acts.
DESK = "desk"
_WHY_LIMIT, _WHAT_LIMIT = 500, 255


class AuditLog:
    """The audit log in the desk's database. Methods block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(
        self, connection: Optional[Connection], who: Union[Agent, str], act: str, what: str, why: str = ""
    ) -> None:
        """Add an entry, in the transaction of `connection` if one is given: the act and its entry stand or fall.

        `who`: an agent, or a name; `act`: a code, e.g. `sign-in`; `what`: what it was done to, e.g. a conversation id;
        `why`: in the agent's words. Numbers of cards, identity and phones are masked in it.
        """
        if connection is None:
            with self._database.writing() as own:
                _insert(own, who, act, what, why)
        else:
            _insert(connection, who, act, what, why)

    def read(
        self,
        *,
        agent_id: Optional[int] = None,
        act: Optional[str] = None,
        what: Optional[str] = None,
        before: Optional[int] = None,
        limit: int = 100,
    ) -> List[Dict[str, Any]]:
        """Entries that fit, the latest first; `before`: id of the last one that is known."""
        conditions = [
            column == value
            for column, value in (
                (audit_log.c.agent_id, agent_id),
                (audit_log.c.act, act),
                (audit_log.c.what, what),
            )
            if value is not None
        ]
        if before is not None:
            conditions.append(audit_log.c.id < before)
        chosen = sa.select(audit_log).where(*conditions).order_by(audit_log.c.id.desc()).limit(limit)
        with self._database.reading() as connection:
            rows = connection.execute(chosen).all()
        return [{**row._mapping, "at": row.at.isoformat()} for row in rows]


def _insert(connection: Connection, who: Union[Agent, str], act: str, what: str, why: str) -> None:
    agent = who if isinstance(who, Agent) else None
    connection.execute(
        sa.insert(audit_log).values(
            at=clock.now(),
            agent_id=agent.id if agent else None,
            who=agent.name if agent else str(who)[:64],
            act=act,
            what=what[:_WHAT_LIMIT],  # an id: masking would take digits out of the middle of some
            why=mask(why)[:_WHY_LIMIT],
        )
    )
