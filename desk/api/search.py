"""GET /api/search: conversations by text, customer, time, outcome and agent."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Optional

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from desk import search
from desk.api.web import agent_of, answer, desk_of, moment_of, number_of, query
from desk.people import signed_in
from desk.problems import Problem

routes = Blueprint("search", url_prefix="/api")

_LONGEST = 200  # characters
_CURSOR = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d\|.{1,255}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@routes.get("/search")
@signed_in()
async def find(request: Request) -> HTTPResponse:
    """`q`, `customer`, `from` and `to` (moments, or days of which the last one belongs to it), `outcome`, `agent`,
    `cursor`."""
    given = query(request)
    if any(len(value) > _LONGEST for name, value in given.items() if name != "cursor"):
        raise Problem("invalid-request", f"at most {_LONGEST} characters")
    wanted = search.Wanted(
        text=given.get("q", "").strip(),
        customer=given.get("customer", "").strip(),
        earliest=moment_of(given.get("from")),
        latest=until(given.get("to")),
        outcome=given.get("outcome", ""),
        agent_id=number_of(given.get("agent")),
        cursor=_cursor(given.get("cursor")),
    )
    return answer(await desk_of(request).read(search.conversations_that_fit, agent_of(request), wanted))


def until(given: Optional[str]) -> Optional[datetime]:
    """The end of a time: of a day its last moment."""
    moment = moment_of(given)
    return moment + timedelta(days=1) if moment and given and _DATE.fullmatch(given) else moment


def _cursor(given: Optional[str]) -> Optional[str]:
    if not given:
        return None
    if not _CURSOR.fullmatch(given):
        raise Problem("invalid-request", "no cursor of a page")
    return given
