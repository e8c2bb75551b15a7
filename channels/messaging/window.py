"""What may still be sent to the customer of a conversation, for the desk: an agent must know before writing.

GET /desk/windows/<conversation id>     with `Authorization: Bearer <DESK_TOKEN>`
    {"open_until": seconds since the epoch, 0 if closed; "left": messages; "waiting": messages that are not sent
     yet; "held": why they wait for the customer, if they do; "undelivered": messages that the service refused}
"""

from __future__ import annotations

import hmac
from typing import Any, Callable, Dict, Optional
from urllib.parse import unquote

import sqlalchemy as sa
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection

from channels.messaging import outbox, people
from channels.messaging.platform import Limits, Platform
from channels.messaging.quota import allowance
from channels.messaging.store import Store
from channels.messaging.tables import outbox as messages
from common.settings import settings


def window(
    connection: Connection, platform: str, limits: Limits, conversation_id: str, now: float
) -> Optional[Dict[str, Any]]:
    """What the desk is told; none if nobody wrote in this conversation over the service."""
    person = people.last_in(connection, platform, conversation_id)
    if person is None:
        return None
    allowed = allowance(person, limits, now)
    waiting = outbox.open_messages(connection, person.id)
    dropped = sa.select(sa.func.count()).where(
        messages.c.person_id == person.id,
        messages.c.conversation_id == conversation_id,
        messages.c.state == "dropped",
        messages.c.created_at >= person.wrote_at,
    )
    held = sa.select(messages.c.problem).where(messages.c.person_id == person.id, messages.c.state == "held")
    return {
        "open_until": allowed.until,
        "left": max(allowed.left - len(waiting), 0),
        "waiting": len(waiting),
        "held": connection.execute(held.limit(1)).scalar(),
        "undelivered": connection.execute(dropped).scalar_one(),
    }


def serve(blueprint: Blueprint, platform: Platform, store: Store, now: Callable[[], float]) -> None:
    """Add the route."""
    authorization = f"Bearer {settings().secret('desk_token')}".encode()

    @blueprint.get("/desk/windows/<conversation_id:str>", name="desk_window")
    async def given(request: Request, conversation_id: str) -> HTTPResponse:
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), authorization):
            return response.empty(401)
        found = await store.read(window, platform.name, platform.limits, unquote(conversation_id), now())
        return response.json(found, headers={"Cache-Control": "no-store"}) if found else response.empty(404)
