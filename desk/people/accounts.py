"""The accounts of those who work at the desk."""

from __future__ import annotations

from typing import Any, List, Optional, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row
from sqlalchemy.exc import IntegrityError

from common import clock
from common.database import Database
from desk.people.model import Agent
from desk.people.passwords import hash_of, one_time_until
from desk.people.tables import agents, sessions
from desk.problems import Problem


class Accounts:
    """Accounts in the desk's database. Methods block; those that take a connection run in its transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_id(self, agent_id: int) -> Optional[Agent]:
        """The account, whether active or not."""
        with self._database.reading() as connection:
            return self._one(connection, agents.c.id == agent_id)

    def by_name(self, name: str) -> Optional[Agent]:
        """The account of this name, in any case of letters."""
        with self._database.reading() as connection:
            return self._one(connection, agents.c.name == name.casefold())

    def by_subject(self, subject: str) -> Optional[Agent]:
        """The account that signs in as `subject` at the OpenID provider."""
        with self._database.reading() as connection:
            return self._one(connection, agents.c.oidc_subject == subject)

    def for_sign_in(self, name: str) -> Tuple[Optional[Agent], Optional[str]]:
        """The active account of this name and its password hash; none of both if there is no such account."""
        chosen = sa.select(agents).where(agents.c.name == name.casefold(), agents.c.active)
        with self._database.reading() as connection:
            row = connection.execute(chosen).one_or_none()
        return (agent_of(row), row.password_hash) if row else (None, None)

    def all(self) -> List[Agent]:
        """Every account, by name."""
        with self._database.reading() as connection:
            return [agent_of(row) for row in connection.execute(sa.select(agents).order_by(agents.c.name))]

    def create(
        self,
        connection: Connection,
        *,
        name: str,
        display_name: str,
        role: str = "agent",
        languages: Tuple[str, ...] = ("zh",),
        skills: Tuple[str, ...] = (),
        capacity: int = 3,
        password: Optional[str] = None,
        oidc_subject: Optional[str] = None,
    ) -> Agent:
        """Add an account; its password must be changed at the first sign-in. Raises `Problem` exists-already."""
        values = {
            "name": name.casefold(),
            "display_name": display_name,
            "role": role,
            "languages": list(languages),
            "skills": list(skills),
            "capacity": capacity,
            "status": "away",
            "active": True,
            "password_hash": hash_of(password) if password else None,
            "must_change_password": password is not None,
            "password_expires_at": one_time_until() if password else None,
            "oidc_subject": oidc_subject,
            "created_at": clock.now(),
        }
        try:
            key = connection.execute(sa.insert(agents).values(**values)).inserted_primary_key[0]
        except IntegrityError:
            raise Problem("exists-already", "an account has this name or subject") from None
        created = self._one(connection, agents.c.id == key)
        assert created is not None
        return created

    def link(self, connection: Connection, name: str, subject: str) -> Optional[Agent]:
        """Link the active account of this name with a subject, if it has neither a password nor a subject."""
        free = sa.and_(
            agents.c.name == name.casefold(),
            agents.c.active,
            agents.c.password_hash.is_(None),
            agents.c.oidc_subject.is_(None),
        )
        if not connection.execute(sa.update(agents).where(free).values(oidc_subject=subject)).rowcount:
            return None
        return self._one(connection, agents.c.oidc_subject == subject)

    def create_first(self, connection: Connection, *, name: str, display_name: str, password: str) -> bool:
        """Add an administrator if there is no account at all; `False` if there is one."""
        if connection.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
            connection.execute(sa.text("LOCK TABLE desk_agents IN SHARE ROW EXCLUSIVE MODE"))
        if connection.execute(sa.select(agents.c.id).limit(1)).first():
            return False
        self.create(connection, name=name, display_name=display_name, role="administrator", password=password)
        return True

    def change(self, connection: Connection, agent_id: int, **values: Any) -> Agent:
        """Change columns of an account. Ends its sessions if it is deactivated. Raises `Problem` not-found."""
        if values:
            connection.execute(sa.update(agents).where(agents.c.id == agent_id).values(**values))
        if values.get("active") is False:
            connection.execute(sa.delete(sessions).where(sessions.c.agent_id == agent_id))
        changed = self._one(connection, agents.c.id == agent_id)
        if changed is None:
            raise Problem("not-found", "no such account")
        return changed

    def set_password(self, connection: Connection, agent_id: int, password: str, *, must_change: bool) -> None:
        """Set the password and end every session of the account. One that must be changed can be used for a while."""
        self.change(
            connection,
            agent_id,
            password_hash=hash_of(password),
            must_change_password=must_change,
            password_expires_at=one_time_until() if must_change else None,
        )
        connection.execute(sa.delete(sessions).where(sessions.c.agent_id == agent_id))

    def seen(self, agent_id: int) -> None:
        """Note that the agent's console is open now."""
        with self._database.writing() as connection:
            connection.execute(sa.update(agents).where(agents.c.id == agent_id).values(last_seen_at=clock.now()))

    def other_administrators(self, connection: Connection, agent_id: int) -> int:
        """How many active administrators there are beside this one."""
        others = sa.and_(agents.c.role == "administrator", agents.c.active, agents.c.id != agent_id)
        return int(connection.execute(sa.select(sa.func.count()).select_from(agents).where(others)).scalar_one())

    @staticmethod
    def _one(connection: Connection, condition: Any) -> Optional[Agent]:
        row = connection.execute(sa.select(agents).where(condition)).one_or_none()
        return agent_of(row) if row else None


def agent_of(row: Row) -> Agent:
    """The account of a row that holds the columns of `tables.agents`."""
    return Agent(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        role=row.role,
        languages=tuple(row.languages),
        skills=tuple(row.skills),
        capacity=row.capacity,
        status=row.status,
        active=row.active,
        must_change_password=row.must_change_password,
        last_seen_at=row.last_seen_at,
        auto_assign=row.auto_assign,
        password_expires_at=row.password_expires_at,
    )
