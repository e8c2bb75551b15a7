"""/internal: what the chat's channel asks and tells, with `Authorization: Bearer` and the desk's token."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Optional

from pydantic import Field
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, empty

from common import clock
from common.rating import rating_key
from desk import customers, files
from desk.api.web import answer, as_download, conversation_of, desk_of, live_of
from desk.bodies import Body, read_body
from desk.journal import Journal
from desk.problems import Problem


class Signal(Body):
    """What the customer does at this moment."""

    conversation_id: str
    typing: bool


class Rating(Body):
    """How the customer found it; `asked_at`: when the assistant asked about itself, in seconds since 1970."""

    stars: int = Field(ge=1, le=5)
    asked_at: Optional[float] = Field(default=None, gt=0, lt=1e11)
    comment: str = Field(default="", max_length=customers.LONGEST_COMMENT)


def blueprint(token: str) -> Blueprint:
    """The routes, for who has the token."""
    routes = Blueprint("internal", url_prefix="/internal")

    @routes.on_request
    async def check(request: Request) -> Optional[HTTPResponse]:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            raise Problem("unauthorised")
        return None

    @routes.post("/signals")
    async def signals(request: Request) -> HTTPResponse:
        signal = read_body(request, Signal)
        await live_of(request).typing(signal.conversation_id, "customer", signal.typing)
        return empty()

    @routes.get("/conversations/<conversation_id:str>")
    async def state(request: Request, conversation_id: str) -> HTTPResponse:
        return answer(await desk_of(request).read(customers.state, conversation_of(conversation_id)))

    @routes.post("/conversations/<conversation_id:str>/rating")
    async def rating(request: Request, conversation_id: str) -> HTTPResponse:
        body, found = read_body(request, Rating), conversation_of(conversation_id)
        if body.asked_at is None:
            await desk_of(request).run(customers.rate, found, body.stars, body.comment)
        else:
            await desk_of(request).run(_rate_assistant, found, body.asked_at, body.stars, body.comment)
        return empty()

    @routes.post("/conversations/<conversation_id:str>/come-here")
    async def come_here(request: Request, conversation_id: str) -> HTTPResponse:
        await desk_of(request).run(customers.come_here, conversation_of(conversation_id))
        return empty()

    @routes.get("/conversations/<conversation_id:str>/files/<file_id:str>")
    async def file(request: Request, conversation_id: str, file_id: str) -> HTTPResponse:
        found = await desk_of(request).read(files.find, conversation_of(conversation_id), file_id)
        if found is None:
            raise Problem("not-found")
        return as_download(found)

    return routes


def _rate_assistant(journal: Journal, conversation_id: str, asked_at: float, stars: int, comment: str) -> None:
    moment = datetime.fromtimestamp(asked_at, clock.BANK_ZONE)
    customers.rate_assistant(journal.connection, conversation_id, rating_key(asked_at), moment, stars, comment)
