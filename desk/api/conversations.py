"""/api/conversations/<id>: look at a conversation, take it, pass it on, end it."""

from __future__ import annotations

from typing import Any, Dict, Optional

from pydantic import Field
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection, Row

from desk import acts, views
from desk.api.web import agent_of, answer, answer_brief, audit_of, conversation_of, desk_of, number_of
from desk.assistant import Assistant
from desk.bodies import Body, read_body
from desk.conversations import find
from desk.journal import Journal
from desk.people import signed_in
from desk.people.audit import AuditLog
from desk.people.model import Agent
from desk.problems import Problem

#: Services that let a company answer only for some time and some messages after the customer's last one.
MESSAGING = frozenset({"wechat", "wecom"})

routes = Blueprint("conversations", url_prefix="/api/conversations")


class Assign(Body):
    """To whom."""

    agent_id: int


class Transfer(Body):
    """To an agent, or to whoever is next and has the skill."""

    agent_id: Optional[int]
    skill: Optional[str] = Field(default=None, max_length=64)
    note: str = Field(default="", max_length=2000)


class HandBack(Body):
    """Why."""

    reason: str = Field(default="", max_length=2000)


class Close(Body):
    """What came of it, as a code, and why in words."""

    outcome: str = Field(regex=r"^[a-z_]{1,32}$")
    reason: str = Field(default="", max_length=2000)


@routes.get("/<conversation_id:str>")
@signed_in()
async def look(request: Request, conversation_id: str) -> HTTPResponse:
    """A conversation: its brief, its last messages or those `before` one, moves, and earlier hand-overs."""
    before = number_of(request.args.get("before"))
    return answer(await desk_of(request).read(_whole, agent_of(request), conversation_of(conversation_id), before))


@routes.get("/<conversation_id:str>/window")
@signed_in()
async def window(request: Request, conversation_id: str) -> HTTPResponse:
    """What may still be sent over the customer's messaging service; `null` if it is none, or it is not known."""
    found = conversation_of(conversation_id)
    channel = await desk_of(request).read(_channel, agent_of(request), found)
    assistant: Assistant = request.app.ctx.assistant
    told = await assistant.window(found, channel) if channel in MESSAGING else None
    return answer({"channel": channel, "window": told})


@routes.post("/<conversation_id:str>/claim")
@signed_in()
async def claim(request: Request, conversation_id: str) -> HTTPResponse:
    """Take it."""
    return await _do(request, conversation_id, acts.claim)


@routes.post("/<conversation_id:str>/assign")
@signed_in("supervisor")
async def assign(request: Request, conversation_id: str) -> HTTPResponse:
    """Give it to an agent."""
    body = read_body(request, Assign)
    return await _do(request, conversation_id, acts.assign, body.agent_id)


@routes.post("/<conversation_id:str>/transfer")
@signed_in()
async def transfer(request: Request, conversation_id: str) -> HTTPResponse:
    """Pass it on."""
    body = read_body(request, Transfer)
    return await _do(
        request, conversation_id, acts.transfer, agent_id=body.agent_id, skill=body.skill or None, note=body.note
    )


@routes.post("/<conversation_id:str>/hand_back")
@signed_in()
async def hand_back(request: Request, conversation_id: str) -> HTTPResponse:
    """Let the assistant go on."""
    body = read_body(request, HandBack)
    return await _do(request, conversation_id, acts.hand_back, body.reason)


@routes.post("/<conversation_id:str>/close")
@signed_in()
async def close(request: Request, conversation_id: str) -> HTTPResponse:
    """End it."""
    body = read_body(request, Close)
    return await _do(request, conversation_id, acts.close, outcome=body.outcome, reason=body.reason)


@routes.post("/<conversation_id:str>/take_over")
@signed_in("supervisor")
async def take_over(request: Request, conversation_id: str) -> HTTPResponse:
    """Take it from whoever has it."""
    return await _do(request, conversation_id, _taken_over, audit_of(request))


def _taken_over(journal: Journal, agent: Agent, conversation_id: str, audit: AuditLog) -> None:
    acts.take_over(journal, agent, conversation_id)
    audit.write(journal.connection, agent, "take-over", conversation_id)


async def _do(request: Request, conversation_id: str, act: Any, *args: Any, **kwargs: Any) -> HTTPResponse:
    found = conversation_of(conversation_id)
    await desk_of(request).run(act, agent_of(request), found, *args, **kwargs)
    return await answer_brief(request, found)


def _channel(connection: Connection, agent: Agent, conversation_id: str) -> str:
    return str(_seen(connection, agent, conversation_id).channel)


def _seen(connection: Connection, agent: Agent, conversation_id: str) -> Row:
    found = find(connection, conversation_id)
    if found is None:
        raise Problem("not-found")
    views.check_may_see(connection, agent, found)
    return found


def _whole(connection: Connection, agent: Agent, conversation_id: str, before: Optional[int]) -> Dict[str, Any]:
    found = _seen(connection, agent, conversation_id)
    messages = views.page(connection, conversation_id, before)
    older = {"messages": messages, "has_older": views.has_before(connection, conversation_id, messages)}
    if before is not None:
        return older
    brief = views.brief(connection, conversation_id)
    assert brief is not None
    return {
        "brief": brief,
        **older,
        "transitions": views.moves(connection, conversation_id),
        "tags": brief["tags"],
        "earlier": views.earlier(connection, found),
    }
