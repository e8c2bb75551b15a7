"""What administrators do with accounts, and what supervisors may read of the audit log."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any, Dict, List, Literal, Optional, Tuple

from pydantic import Field, constr
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from desk.bodies import Body, read_body
from desk.people import passwords
from desk.people.model import Agent
from desk.people.service import People
from desk.people.sign_in import hashing
from desk.people.web import people_of, signed_in
from desk.problems import Problem

_NO_STORE = {"Cache-Control": "no-store"}
_MOST_ENTRIES = 200
_MOST_AT_ONCE = 50

Role = Literal["agent", "supervisor", "administrator"]
Language = Literal["zh", "en"]
Skill = constr(regex=r"^[a-z][a-z0-9_]{0,63}$")
DisplayName = constr(min_length=1, max_length=64)

routes = Blueprint("people_administration", url_prefix="/api")


class NewAgent(Body):
    """An account to add. `oidc`: it signs in at the OpenID provider, where `name` is its user name or e-mail."""

    name: constr(regex=r"^[A-Za-z0-9][A-Za-z0-9._@+-]{1,63}$")  # type: ignore[valid-type]
    display_name: DisplayName  # type: ignore[valid-type]
    role: Role = "agent"
    languages: List[Language] = Field(default=["zh"], min_items=1, max_items=2)
    skills: List[Skill] = Field(default=[], max_items=64)  # type: ignore[valid-type]
    capacity: int = Field(default=3, ge=1, le=_MOST_AT_ONCE)
    oidc: bool = False


class Changes(Body):
    """What is to change of an account."""

    display_name: Optional[DisplayName]  # type: ignore[valid-type]
    role: Optional[Role]
    languages: Optional[List[Language]] = Field(min_items=1, max_items=2)
    skills: Optional[List[Skill]] = Field(max_items=64)  # type: ignore[valid-type]
    capacity: Optional[int] = Field(ge=1, le=_MOST_AT_ONCE)
    active: Optional[bool]


@routes.get("/agents")
@signed_in("supervisor")
async def list_agents(request: Request) -> HTTPResponse:
    """Every account."""
    found = await asyncio.to_thread(people_of(request).accounts.all)
    return json({"agents": [_account(agent) for agent in found]}, headers=_NO_STORE)


@routes.post("/agents")
@signed_in("administrator")
async def add_agent(request: Request) -> HTTPResponse:
    """Add an account; its one-time password is in this answer and nowhere else."""
    body = read_body(request, NewAgent)
    agent, password = await hashing(_add, people_of(request), request.ctx.agent, body)
    return json({"agent": _account(agent), "one_time_password": password}, status=201, headers=_NO_STORE)


@routes.patch("/agents/<agent_id:int>")
@signed_in("administrator")
async def change_agent(request: Request, agent_id: int) -> HTTPResponse:
    """Change an account, or end it (`active: false`)."""
    people, body = people_of(request), read_body(request, Changes)
    agent = await asyncio.to_thread(_change, people, request.ctx.agent, agent_id, body.dict(exclude_none=True))
    for listener in people.listeners:
        await listener(agent)
    return json({"agent": _account(agent)}, headers=_NO_STORE)


@routes.post("/agents/<agent_id:int>/password")
@signed_in("administrator")
async def reset_password(request: Request, agent_id: int) -> HTTPResponse:
    """Give an account a one-time password and end its sessions; after too many failures it may try again at once."""
    password = await hashing(reset, people_of(request), request.ctx.agent, agent_id)
    agent = await asyncio.to_thread(people_of(request).accounts.by_id, agent_id)
    assert agent is not None
    return json({"agent": _account(agent), "one_time_password": password}, headers=_NO_STORE)


@routes.get("/audit")
@signed_in("supervisor")
async def read_audit(request: Request) -> HTTPResponse:
    """Entries, the latest first: `?agent_id=&act=&what=&before=`; `next` is the `before` of those that follow."""
    given = {name: request.args.get(name) for name in ("act", "what")}
    numbers = {name: _number(request, name) for name in ("agent_id", "before")}
    found = await asyncio.to_thread(people_of(request).audit.read, **given, **numbers, limit=_MOST_ENTRIES)  # type: ignore[arg-type]
    following = found[-1]["id"] if len(found) == _MOST_ENTRIES else None
    return json({"entries": found, "next": following}, headers=_NO_STORE)


def reset(people: People, who: Agent | str, agent_id: int) -> str:
    """A new one-time password for the account. Raises `Problem` not-found."""
    password = passwords.one_time_password()
    with people.database.writing() as connection:
        agent = people.accounts.change(connection, agent_id)
        people.accounts.set_password(connection, agent_id, password, must_change=True)
        people.attempts.forget(connection, agent.name)
        people.audit.write(connection, who, "password-reset", agent.name)
    return password


def _add(people: People, who: Agent, body: NewAgent) -> Tuple[Agent, Optional[str]]:
    password = None if body.oidc else passwords.one_time_password()
    with people.database.writing() as connection:
        created = people.accounts.create(
            connection,
            name=body.name,
            display_name=body.display_name,
            role=body.role,
            languages=tuple(body.languages),
            skills=tuple(body.skills),
            capacity=body.capacity,
            password=password,
        )
        people.audit.write(connection, who, "account-created", created.name, f"role {created.role}")
    return created, password


def _change(people: People, who: Agent, agent_id: int, changes: Dict[str, Any]) -> Agent:
    with people.database.writing() as connection:
        before = people.accounts.change(connection, agent_id)
        ends = changes.get("active") is False or changes.get("role", "administrator") != "administrator"
        if ends and before.role == "administrator" and not people.accounts.other_administrators(connection, agent_id):
            raise Problem("last-administrator")
        after = people.accounts.change(connection, agent_id, **changes)
        said = "; ".join(f"{name}: {getattr(before, name)} → {getattr(after, name)}" for name in sorted(changes))
        people.audit.write(connection, who, "account-changed", after.name, said)
        return after


def _account(agent: Agent) -> Dict[str, Any]:
    return {
        **agent.as_json(),
        "last_seen_at": _iso(agent.last_seen_at),
        "must_change_password": agent.must_change_password,
        "password_expires_at": _iso(agent.password_expires_at),
    }


def _iso(moment: Optional[datetime]) -> Optional[str]:
    return moment.isoformat() if moment else None


def _number(request: Request, name: str) -> Optional[int]:
    given = request.args.get(name)
    if given is None:
        return None
    if not given.isascii() or not given.isdigit() or len(given) > 18:
        raise Problem("invalid-request", f"{name}: not a number")
    return int(given)
