"""Template messages (模板消息): what may be sent also to who has not written lately, where the service has them.

POST /desk/templates/<conversation id>/<message id>     with `Authorization: Bearer <DESK_TOKEN>`
    {"template": its id at the service, "fields": {keyword: text}, "url": where it leads}
    202 the service has it, also if it had it before; 404 nobody who is linked is there; 409 {"code"} refused for good;
    503 not now

What became of it is told by an event of the service's, and asked for as of any message (`fate`).
"""

from __future__ import annotations

import hmac
import logging
from typing import Any, Callable, Dict, Mapping, Optional, Protocol, Tuple
from urllib.parse import unquote

import sqlalchemy as sa
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection

from channels.messaging import people
from channels.messaging.identity import Identities
from channels.messaging.people import Person
from channels.messaging.platform import Address, Never, SendError
from channels.messaging.store import Store
from channels.messaging.tables import inbox, templates
from common.database import insert_into
from common.settings import settings

logger = logging.getLogger(__name__)

_TELLS_WITHIN = 3600.0  # seconds; a result that has not come by then does not come
#: What the service tells of a message, by the kind of its event.
RESULTS = {"delivered": "sent", "failed": "dropped"}


class Notices(Protocol):
    """A service that has template messages."""

    name: str

    async def send_template(
        self, address: Address, template: str, fields: Mapping[str, str], url: str, key: str
    ) -> str:
        """Send one; its number there. The same `key` within minutes is the same message.

        Raises the classes of `SendError`.
        """


def fate(connection: Connection, key: str, now: float) -> Optional[str]:
    """What became of a template message: `waiting`, `sent` or `dropped`; none if it is not known here."""
    row = connection.execute(sa.select(templates).where(templates.c.key == key)).first()
    if row is None:
        return None
    return "sent" if row.state == "waiting" and now - row.sent_at >= _TELLS_WITHIN else str(row.state)


def told(connection: Connection, person_id: int, number: str, kind: str) -> bool:
    """The service says what became of a message; false if it is none of these."""
    ours = sa.update(templates).where(templates.c.person_id == person_id, templates.c.number == number)
    return bool(connection.execute(ours.values(state=RESULTS[kind])).rowcount)


def taken(connection: Connection, person: Person, key: str, number: str, now: float) -> None:
    """The service has it. Its result may have come before this is written."""
    row = {"key": key, "person_id": person.id, "number": number, "sent_at": now}
    connection.execute(insert_into(connection, templates).values(**row).on_conflict_do_nothing())
    come = sa.select(inbox.c.kind).where(
        inbox.c.person_id == person.id, inbox.c.text == number, inbox.c.kind.in_(list(RESULTS))
    )
    kind = connection.execute(come).scalar()
    if kind is not None:
        told(connection, person.id, number, kind)


def serve(
    blueprint: Blueprint,
    notices: Notices,
    store: Store,
    identities: Identities,
    key_of: Callable[[str, str], str],
    now: Callable[[], float],
) -> None:
    """Add the route. `key_of` names a message by its conversation and its id."""
    authorization = f"Bearer {settings().secret('desk_token')}".encode()

    async def to(conversation_id: str) -> Optional[Person]:
        """Who is linked to the conversation's customer there, by the bank's word of now."""
        person = await store.read(people.last_in, notices.name, conversation_id)
        if person is None:
            return None
        known = await identities.known(person)
        there = known.customer_id is not None and identities.conversation(person, known) == conversation_id
        return person if there else None

    @blueprint.post("/desk/templates/<conversation_id:str>/<message_id:str>", name="template")
    async def send(request: Request, conversation_id: str, message_id: str) -> HTTPResponse:
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), authorization):
            return response.empty(401)
        wanted = _wanted(request.json)
        if wanted is None:
            return response.empty(400)
        person = await to(unquote(conversation_id))
        if person is None:
            return response.empty(404)
        key = key_of(unquote(conversation_id), unquote(message_id))
        if await store.read(fate, key, now()) is not None:
            return response.empty(202)
        try:
            number = await notices.send_template(person.address, *wanted, key)
        except Never as refused:
            logger.warning("a template message was refused, code %s", refused.code)
            return response.json({"code": refused.code}, status=409)
        except SendError as error:
            logger.warning("a template message was not taken: %s, code %s", type(error).__name__, error.code)
            return response.empty(503)
        await store.write(taken, person, key, number, now())
        return response.empty(202)


def _wanted(body: Any) -> Optional[Tuple[str, Dict[str, str], str]]:
    given = body if isinstance(body, dict) else {}
    template, fields, url = given.get("template"), given.get("fields"), given.get("url", "")
    if not isinstance(template, str) or not template or not isinstance(fields, dict) or not isinstance(url, str):
        return None
    return template, {str(name): str(value) for name, value in fields.items()}, url
