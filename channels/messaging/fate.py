"""What became of a message that answered none, for who had it sent and would reach the customer another way.

GET    /desk/messages/<conversation id>/<message id>     with `Authorization: Bearer <DESK_TOKEN>`
DELETE the same: not to be sent any longer; one that may have been sent is left as it is
    {"state": "waiting", "held", "sent" or "dropped"}; 404 if it is not known here
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, Callable, Optional
from urllib.parse import unquote

import sqlalchemy as sa
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection

from channels.messaging import templates
from channels.messaging.store import Store
from channels.messaging.tables import outbox
from common.settings import settings

_OPEN = ("waiting", "held")


def key_of(conversation_id: str, message_id: str) -> str:
    """What the keys of a message's parts begin with."""
    return hashlib.sha256(f"{conversation_id}\n{message_id}".encode()).hexdigest()[:24]


def fate(connection: Connection, conversation_id: str, message_id: str) -> Optional[str]:
    """What became of it. It is sent if any part is; as long as some wait it waits."""
    wanted = sa.select(outbox.c.state).where(*_parts(conversation_id, message_id))
    states = {row.state for row in connection.execute(wanted)}
    for state in ("dropped", "held", "waiting"):
        if state in states and "sent" not in states:
            return state
    return "sent" if states else None  # one that was merged is part of another that was sent


def withdraw(connection: Connection, conversation_id: str, message_id: str) -> Optional[str]:
    """Do not send it, if nobody has tried to; what became of it."""
    untried = sa.and_(*_parts(conversation_id, message_id), outbox.c.state.in_(_OPEN), outbox.c.attempts == 0)
    connection.execute(sa.update(outbox).where(untried).values(state="dropped", problem="withdrawn"))
    return fate(connection, conversation_id, message_id)


def _whole_fate(connection: Connection, conversation_id: str, message_id: str, now: float) -> Optional[str]:
    return fate(connection, conversation_id, message_id) or templates.fate(
        connection, key_of(conversation_id, message_id), now
    )


def _withdrawn(connection: Connection, conversation_id: str, message_id: str, now: float) -> Optional[str]:
    withdraw(connection, conversation_id, message_id)
    return _whole_fate(connection, conversation_id, message_id, now)


def serve(blueprint: Blueprint, store: Store, now: Callable[[], float]) -> None:
    """Add the routes."""
    authorization = f"Bearer {settings().secret('desk_token')}".encode()

    @blueprint.route("/desk/messages/<conversation_id:str>/<message_id:str>", methods=["GET", "DELETE"], name="fate")
    async def given(request: Request, conversation_id: str, message_id: str) -> HTTPResponse:
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), authorization):
            return response.empty(401)
        which = unquote(conversation_id), unquote(message_id), now()
        gives_up = request.method == "DELETE"
        found = await (store.write(_withdrawn, *which) if gives_up else store.read(_whole_fate, *which))
        return response.json({"state": found}, headers={"Cache-Control": "no-store"}) if found else response.empty(404)


def _parts(conversation_id: str, message_id: str) -> Any:
    key = key_of(conversation_id, message_id)
    return outbox.c.conversation_id == conversation_id, outbox.c.key.startswith(f"{key}-", autoescape=True)
