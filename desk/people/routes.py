"""What everyone at the desk does with the own account: sign in and out, change the password, be there or away."""

from __future__ import annotations

import asyncio
from typing import Any, Dict, Literal, Optional

from pydantic import Field
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, empty, json

from common.settings import settings
from desk.bodies import Body, read_body
from desk.people import passwords
from desk.people.model import Agent
from desk.people.service import People
from desk.people.sessions import NewSession
from desk.people.sign_in import change_password, hashing, sign_in
from desk.people.web import address_of, end_session, people_of, session_token, set_session, signed_in

_NO_STORE = {"Cache-Control": "no-store"}
_LONGEST_FIELD = 256

routes = Blueprint("people", url_prefix="/api")


class SignIn(Body):
    """Name and password."""

    name: str = Field(min_length=1, max_length=_LONGEST_FIELD)
    password: str = Field(min_length=1, max_length=_LONGEST_FIELD)

    class Config:
        anystr_strip_whitespace = False  # a password may begin or end with a blank


class NewPassword(Body):
    """The password as it was and as it is to be."""

    old: str = Field(max_length=_LONGEST_FIELD)
    new: str = Field(max_length=_LONGEST_FIELD)

    class Config:
        anystr_strip_whitespace = False


class Status(Body):
    """Whether the agent takes conversations."""

    status: Literal["available", "away"]


class Assignment(Body):
    """Whether the desk gives the agent conversations."""

    auto_assign: bool


@routes.get("/sign-in")
async def ways_to_sign_in(_: Request) -> HTTPResponse:
    """What the sign-in page has to show."""
    known = settings()
    return json({"oidc": known.desk_oidc_issuer is not None, "shortest_password": passwords.SHORTEST})


@routes.post("/sign-in")
async def start_session(request: Request) -> HTTPResponse:
    """Name and password against a session."""
    body, people = read_body(request, SignIn), people_of(request)
    agent, session = await hashing(sign_in, people, body.name.strip(), body.password, address_of(request))
    before = session_token(request)
    if before:
        await asyncio.to_thread(_close, people, before)
    answer = json(_me(agent, session.csrf), headers=_NO_STORE)
    set_session(answer, people, session)
    return answer


@routes.post("/sign-out")
@signed_in(before_password_change=True)
async def stop_session(request: Request) -> HTTPResponse:
    """End this session, and be away."""
    people = people_of(request)
    agent = await asyncio.to_thread(_sign_out, people, request.ctx.agent, session_token(request))
    await _tell(people, agent)
    answer = empty()
    end_session(answer, people)
    return answer


@routes.get("/me")
@signed_in(before_password_change=True)
async def me(request: Request) -> HTTPResponse:
    """Who is signed in, and the token that writes have to bring."""
    token = session_token(request) or ""
    return json(_me(request.ctx.agent, people_of(request).sessions.csrf(token)), headers=_NO_STORE)


@routes.post("/me/status")
@signed_in()
async def set_status(request: Request) -> HTTPResponse:
    """Be available, or away."""
    people, status = people_of(request), read_body(request, Status).status
    agent = await asyncio.to_thread(_set_status, people, request.ctx.agent, status)
    await _tell(people, agent)
    return json({"me": agent.as_json()})


@routes.post("/me/assignment")
@signed_in()
async def set_assignment(request: Request) -> HTTPResponse:
    """Be given conversations, or claim them oneself."""
    people, auto = people_of(request), read_body(request, Assignment).auto_assign
    agent = await asyncio.to_thread(_set_assignment, people, request.ctx.agent, auto)
    await _tell(people, agent)
    return json({"me": agent.as_json()})


@routes.post("/password")
@signed_in(before_password_change=True)
async def set_password(request: Request) -> HTTPResponse:
    """Change the own password; other sessions of the account end."""
    people, body, agent = people_of(request), read_body(request, NewPassword), request.ctx.agent
    session: NewSession = await hashing(change_password, people, agent, body.old, body.new, address_of(request))
    changed: Optional[Agent] = await asyncio.to_thread(people.accounts.by_id, agent.id)
    answer = json(_me(changed or agent, session.csrf), headers=_NO_STORE)
    set_session(answer, people, session)
    return answer


def _me(agent: Agent, csrf: str) -> Dict[str, Any]:
    me = {**agent.as_json(), "desk_assigns": settings().desk_auto_assign}
    return {"me": me, "csrf": csrf, "must_change_password": agent.must_change_password}


async def _tell(people: People, agent: Agent) -> None:
    for listener in people.listeners:
        await listener(agent)


def _close(people: People, token: str) -> None:
    with people.database.writing() as connection:
        people.sessions.close(connection, token)


def _sign_out(people: People, agent: Agent, token: Optional[str]) -> Agent:
    with people.database.writing() as connection:
        people.sessions.close(connection, token or "")
        people.audit.write(connection, agent, "sign-out", agent.name)
        return people.accounts.change(connection, agent.id, status="away")


def _set_status(people: People, agent: Agent, status: str) -> Agent:
    with people.database.writing() as connection:
        people.audit.write(connection, agent, "status", status)
        return people.accounts.change(connection, agent.id, status=status)


def _set_assignment(people: People, agent: Agent, auto: bool) -> Agent:
    with people.database.writing() as connection:
        people.audit.write(connection, agent, "auto-assign", "on" if auto else "off")
        return people.accounts.change(connection, agent.id, auto_assign=auto)
