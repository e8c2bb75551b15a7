"""GET /api/queue and /api/presence: who waits, and who is there."""

from __future__ import annotations

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from desk import presence, queue
from desk.api.web import agent_of, answer, desk_of, live_of
from desk.people import signed_in

routes = Blueprint("queue", url_prefix="/api")


@routes.get("/queue")
@signed_in(is_heartbeat=True)
async def whole_queue(request: Request) -> HTTPResponse:
    """The queue as this agent sees it."""
    return answer(await desk_of(request).read(queue.of, agent_of(request)))


@routes.get("/presence")
@signed_in("supervisor", is_heartbeat=True)
async def who_is_there(request: Request) -> HTTPResponse:
    """Every agent, and how the queue stands."""
    return answer(await desk_of(request).read(presence.of, live_of(request).online()))


@routes.get("/colleagues")
@signed_in()
async def colleagues(request: Request) -> HTTPResponse:
    """To whom a conversation can be passed on: agents who are there, with the room that each has."""
    return answer({"agents": await desk_of(request).read(presence.colleagues, agent_of(request))})
