"""Who works at the desk: accounts, sign-in, roles, and the record of what was done.

For the rest of the desk: `people_from(settings())` at start, kept as `app.ctx.people`; `@signed_in("supervisor")` on
handlers, which find the agent as `request.ctx.agent`; `people.socket_agent(environ)` for Socket.IO connections; and
`people.audit.write(connection or None, agent, act, what, why)`.
"""

from common.settings import Settings
from desk.people.model import LANGUAGES, ROLES, STATUSES, Agent
from desk.people.service import People
from desk.people.web import people_of, signed_in

__all__ = ["LANGUAGES", "ROLES", "STATUSES", "Agent", "People", "people_from", "people_of", "signed_in"]


def people_from(known: Settings) -> People:
    """The people of the desk, as the settings say; `prepare()` them before use."""
    secure = known.public_desk_url().startswith("https://")
    return People(known.store_url("desk"), known.secret("desk_session_secret"), secure=secure)
