"""Who asks: the session of a request, and what it may do."""

from __future__ import annotations

import asyncio
from functools import wraps
from typing import Any, Awaitable, Callable, Optional, TypeVar

from sanic.request import Request
from sanic.response import BaseHTTPResponse

from desk.people.model import ROLES, Agent
from desk.people.service import People
from desk.people.sessions import LONGEST, NewSession
from desk.problems import Problem

CSRF_HEADER = "X-CSRF-Token"
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
Handler = Callable[..., Awaitable[BaseHTTPResponse]]
H = TypeVar("H", bound=Handler)


def people_of(request: Request) -> People:
    """The people of the application that serves the request."""
    found: People = request.app.ctx.people
    return found


def signed_in(
    role: str = "agent", *, before_password_change: bool = False, is_heartbeat: bool = False
) -> Callable[[H], H]:
    """Let a handler run only for an agent of `role` or more, whom it finds as `request.ctx.agent`.

    Raises `Problem` unauthorised without a session, csrf for a write without its session's token, forbidden for a
    lesser role, password-change-required until the first password was changed (unless `before_password_change`).
    `is_heartbeat`: the browser asks by itself, which does not keep a session from ending.
    """
    if role not in ROLES:
        raise ValueError(f"{role} is none of {', '.join(ROLES)}")

    def decorate(handler: H) -> H:
        @wraps(handler)
        async def guarded(request: Request, *args: Any, **kwargs: Any) -> BaseHTTPResponse:
            agent = await _agent(request, uses=not is_heartbeat)
            if agent.must_change_password and not before_password_change:
                raise Problem("password-change-required")
            if not agent.may(role):
                raise Problem("forbidden", f"needs the role {role}")
            request.ctx.agent = agent
            return await handler(request, *args, **kwargs)

        return guarded  # type: ignore[return-value]

    return decorate


async def _agent(request: Request, *, uses: bool) -> Agent:
    people, token = people_of(request), session_token(request)
    agent = await asyncio.to_thread(people.sessions.agent, token, uses=uses)
    if agent is None or token is None:
        raise Problem("unauthorised")
    if request.method not in _READS and not people.sessions.csrf_fits(token, request.headers.get(CSRF_HEADER)):
        raise Problem("csrf")
    return agent


def session_token(request: Request) -> Optional[str]:
    """The cookie's value."""
    found: Optional[str] = request.cookies.get(people_of(request).cookie)
    return found


def set_session(answer: BaseHTTPResponse, people: People, session: NewSession) -> None:
    """Give the browser the session's cookie: scripts cannot read it, other sites cannot send it."""
    _set_cookie(answer, people, session.token, int(LONGEST.total_seconds()))


def end_session(answer: BaseHTTPResponse, people: People) -> None:
    """Take the cookie from the browser."""
    _set_cookie(answer, people, "", 0)


def _set_cookie(answer: BaseHTTPResponse, people: People, value: str, seconds: int) -> None:
    answer.cookies[people.cookie] = value
    cookie = answer.cookies[people.cookie]
    cookie["path"] = "/"
    cookie["max-age"] = seconds
    cookie["httponly"] = True
    cookie["samesite"] = "Strict"
    if people.secure:
        cookie["secure"] = True


def address_of(request: Request) -> str:
    """Whence the request came; behind proxies as `SANIC_PROXIES_COUNT` or `SANIC_REAL_IP_HEADER` says."""
    return str(request.remote_addr or request.ip)
