"""What every route of the API needs: the desk at work, who asks, and answers that no cache keeps."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, Optional
from urllib.parse import quote, unquote

from sanic.request import Request
from sanic.response import HTTPResponse, json, raw

from common import clock
from desk import views
from desk.files import File
from desk.live import Live
from desk.people.model import Agent
from desk.people.service import People
from desk.problems import Problem
from desk.service import Desk

NO_STORE = {"Cache-Control": "no-store"}


def desk_of(request: Request) -> Desk:
    """The desk that the application serves."""
    found: Desk = request.app.ctx.desk
    return found


def live_of(request: Request) -> Live:
    """The open consoles."""
    found: Live = request.app.ctx.live
    return found


def audit_of(request: Request) -> Any:
    """The audit log."""
    people: People = request.app.ctx.people
    return people.audit


def agent_of(request: Request) -> Agent:
    """Who asks."""
    found: Agent = request.ctx.agent
    return found


def answer(content: Any, status: int = 200) -> HTTPResponse:
    """JSON that no cache keeps."""
    return json(content, status=status, headers=NO_STORE)


async def answer_brief(request: Request, conversation_id: str) -> HTTPResponse:
    """What a conversation looks like after something was done with it."""
    return answer({"brief": await desk_of(request).read(views.brief, conversation_id)})


def as_download(file: File) -> HTTPResponse:
    """A file that the browser keeps and does not show."""
    headers = {
        **NO_STORE,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        "X-Content-Type-Options": "nosniff",
    }
    return raw(file.content, content_type=file.content_type, headers=headers)


def conversation_of(given: str) -> str:
    """The conversation's id out of the path."""
    return unquote(given)


def moment_of(given: Optional[str]) -> Optional[datetime]:
    """A moment or a date of a query, in the bank's zone if it names none. Raises `Problem` invalid-request."""
    if not given:
        return None
    try:
        found = datetime.fromisoformat(given.replace("Z", "+00:00"))
    except ValueError:
        raise Problem("invalid-request", "not a moment") from None
    return found if found.tzinfo else found.replace(tzinfo=clock.BANK_ZONE)


def number_of(given: Optional[str]) -> Optional[int]:
    """A number of a query. Raises `Problem` invalid-request."""
    if not given:
        return None
    if not given.isdecimal() or len(given) > 18:
        raise Problem("invalid-request", "not a number")
    return int(given)


def query(request: Request) -> Dict[str, str]:
    """The query's values, each name's first."""
    return {name: values[0] for name, values in request.args.items()}
