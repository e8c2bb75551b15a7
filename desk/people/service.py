"""All that the desk knows of its people, in one object: `app.ctx.people`."""

from __future__ import annotations

import sys
from http.cookies import CookieError, SimpleCookie
from typing import Any, Awaitable, Callable, List, Mapping, Optional

from common.database import Database
from common.settings import settings
from desk.people import passwords
from desk.people.accounts import Accounts
from desk.people.attempts import Attempts
from desk.people.audit import DESK, AuditLog
from desk.people.model import Agent
from desk.people.sessions import Sessions
from desk.people.tables import metadata

FIRST_NAME = "admin"


class People:
    """Accounts, sessions, attempts and the audit log in the database at `url`. Methods block."""

    def __init__(self, url: str, secret: str, *, secure: bool) -> None:
        """`secret` keys the hashes of sessions and attempts; `secure`: browsers reach the desk by https."""
        self.database = Database(url, metadata)
        self.accounts = Accounts(self.database)
        self.sessions = Sessions(self.database, secret)
        self.attempts = Attempts(self.database, secret)
        self.audit = AuditLog(self.database)
        self.secure = secure
        #: Called with an agent whose account or status changed, on the event loop.
        self.listeners: List[Callable[[Agent], Awaitable[None]]] = []
        # The prefix makes browsers refuse a cookie that another host of the domain set.
        self.cookie = "__Host-desk" if secure else "desk"

    def prepare(self) -> Optional[str]:
        """Make the tables; at the very first start also an administrator, whose one-time password is returned.

        Several processes may do so at once: one of them gets the password.
        """
        self.database.prepare()
        passwords.warm_up()
        password = passwords.one_time_password()
        with self.database.writing() as connection:
            made = self.accounts.create_first(connection, name=FIRST_NAME, display_name=FIRST_NAME, password=password)
            if made:
                self.audit.write(connection, DESK, "account-created", FIRST_NAME, "first start")
        return password if made else None

    def start(self, url: str) -> None:
        """Prepare, and tell whoever looks at the console how to sign in at the very first start, and only then."""
        password = self.prepare()
        if password:
            # Not by the log: that is kept, and read by many.
            print(
                f"\nThe desk's first administrator can sign in at {url}\n"
                f"    name:     {FIRST_NAME}\n    password: {password}\n"
                "It is shown this once and has to be changed at the first sign-in, "
                f"within {settings().desk_one_time_password_hours} hours.\n",
                file=sys.stderr,
                flush=True,
            )

    def socket_agent(self, environ: Mapping[str, Any]) -> Optional[Agent]:
        """Whose session a Socket.IO connection belongs to, by the cookie of its request; none if nobody's.

        Of an account that has still to change its password: none.
        """
        try:
            cookies = SimpleCookie(environ.get("HTTP_COOKIE", ""))
        except CookieError:
            return None
        found = cookies.get(self.cookie)
        agent = self.sessions.agent(found.value, uses=False) if found else None
        return None if agent is None or agent.must_change_password else agent
