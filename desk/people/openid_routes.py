"""The two addresses of signing in at the identity provider: browsers leave by one and come back by the other.

An account is found by the provider's subject. One that an administrator made for OpenID Connect is linked with its
subject at the first sign-in, by user name or verified e-mail; an account with a password never is.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Optional

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, redirect

from desk.people.model import Agent
from desk.people.openid import JOURNEY_SECONDS, OpenID, OpenIDRefused, OpenIDUnavailable, Subject
from desk.people.service import People
from desk.people.sessions import NewSession
from desk.people.web import people_of, set_session
from desk.problems import Problem

logger = logging.getLogger(__name__)

_PATH = "/sign-in/oidc"
_COOKIE = "desk_openid"
_UNKNOWN = "(unknown)"

routes = Blueprint("people_openid", url_prefix=_PATH)


@routes.get("")
async def leave(request: Request) -> HTTPResponse:
    """To the provider."""
    try:
        address, kept = await asyncio.to_thread(_provider(request).leave)
    except OpenIDUnavailable as error:
        logger.warning("the OpenID provider cannot be used: %s", error)
        return redirect("/?sign_in=unavailable")
    answer = redirect(address, headers={"Cache-Control": "no-store"})
    _keep(answer, people_of(request), kept, JOURNEY_SECONDS)
    return answer


@routes.get("/callback")
async def come_back(request: Request) -> HTTPResponse:
    """From the provider: a session, or back to the sign-in page, which says that it did not work."""
    people = people_of(request)
    given = {name: request.args.get(name) for name in ("state", "code", "iss")}
    session: Optional[NewSession] = None
    try:
        subject = await asyncio.to_thread(_provider(request).come_back, request.cookies.get(_COOKIE), given)
        session = await asyncio.to_thread(_sign_in, people, subject)
        answer = redirect("/", headers={"Cache-Control": "no-store"})
    except OpenIDRefused as error:
        logger.warning("a sign-in by OpenID Connect was refused: %s", error)
        answer = redirect("/?sign_in=refused", headers={"Cache-Control": "no-store"})
    except OpenIDUnavailable as error:
        logger.warning("the OpenID provider cannot be used: %s", error)
        answer = redirect("/?sign_in=unavailable", headers={"Cache-Control": "no-store"})
    _keep(answer, people, "", 0)
    if session:
        set_session(answer, people, session)
    return answer


def _provider(request: Request) -> OpenID:
    found: Optional[OpenID] = request.app.ctx.openid
    if found is None:
        raise Problem("not-found")
    return found


def _sign_in(people: People, subject: Subject) -> NewSession:
    agent = people.accounts.by_subject(subject.subject) or _link(people, subject)
    if agent is None or not agent.active:
        people.audit.write(None, agent or _UNKNOWN, "sign-in-failed", agent.name if agent else _UNKNOWN, "OpenID")
        raise OpenIDRefused("no account for this subject")
    with people.database.writing() as connection:
        people.audit.write(connection, agent, "sign-in", agent.name, "OpenID")
        return people.sessions.open(connection, agent.id)


def _link(people: People, subject: Subject) -> Optional[Agent]:
    for name in subject.names:
        with people.database.writing() as connection:
            agent = people.accounts.link(connection, name, subject.subject)
            if agent:
                people.audit.write(connection, agent, "openid-linked", agent.name)
                return agent
    return None


def _keep(answer: HTTPResponse, people: People, value: str, seconds: int) -> None:
    """A cookie for the way there and back. Lax: it has to come along from the provider's site."""
    answer.cookies[_COOKIE] = value
    cookie = answer.cookies[_COOKIE]
    cookie["path"] = _PATH
    cookie["max-age"] = seconds
    cookie["httponly"] = True
    cookie["samesite"] = "Lax"
    if people.secure:
        cookie["secure"] = True
