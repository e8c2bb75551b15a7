"""/api/calls: calls to be made, for agents. Everything but looking is audited.

GET  /api/calls                     {calls: [call]}: the agent's own first; another's script is not shown
POST /api/calls/<id>/claim          → {call}: if the contact rules allow a call now
POST /api/calls/<id>/release        the call is left to others
POST /api/calls/<id>/number         → {number}: the customer's, for who has the call; that it was shown is on record
POST /api/calls/<id>/result         {attempt, outcome, note, reason?}
"""

from __future__ import annotations

import logging
from typing import Any, Dict, Literal, Mapping, Optional

from pydantic import Field
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bank.client import BankClient
from bank.errors import BankError
from bank.models import ReasonClass
from common.log import conversation_id as log_conversation_id
from desk.api.web import agent_of, answer, desk_of
from desk.bodies import Body, read_body
from desk.calling import store
from desk.calling.outreach import Outreach
from desk.case.refusals import told
from desk.case.routes import cases_of
from desk.journal import Journal
from desk.people import signed_in
from desk.people.audit import AuditLog
from desk.people.model import Agent
from desk.people.web import people_of
from desk.problems import Problem

logger = logging.getLogger(__name__)

routes = Blueprint("calling", url_prefix="/api/calls")


class Result(Body):
    """What came of an attempt. `attempt`: how many there were before."""

    attempt: int = Field(ge=0)
    outcome: Literal["answered", "no_answer", "refused"]
    note: str = Field(default="", max_length=2000)
    reason: Optional[ReasonClass]


@routes.get("")
@signed_in()
async def open_calls(request: Request) -> HTTPResponse:
    """Those that may be made now."""
    agent = agent_of(request)
    found = await desk_of(request).thread(outreach_of(request).calls, agent.name)
    known = await desk_of(request).read(store.names, {task["customer_id"] for task in found})
    return answer({"calls": [_shown(task, known, agent) for task in found]})


@routes.post("/<task_id:str>/claim")
@signed_in()
async def claim(request: Request, task_id: str) -> HTTPResponse:
    """Have a call, with today's script."""
    agent = agent_of(request)
    task = await desk_of(request).thread(outreach_of(request).claim, task_id, agent.name)
    log_conversation_id.set(task["conversation_id"])
    cases_of(request).forget(task["customer_id"])
    name = await desk_of(request).thread(_name, cases_of(request).bank, task["customer_id"])
    await desk_of(request).run(_take, agent, task, name, people_of(request).audit)
    return answer({"call": _shown(task, {task["customer_id"]: name} if name else {}, agent)})


@routes.post("/<task_id:str>/release")
@signed_in()
async def release(request: Request, task_id: str) -> HTTPResponse:
    """Leave a call to others."""
    agent = agent_of(request)
    await desk_of(request).read(store.held, agent, task_id)
    await desk_of(request).thread(outreach_of(request).release, task_id, agent.name)
    await desk_of(request).run(_left, agent, task_id, "call-released", "", people_of(request).audit)
    return answer({})


@routes.post("/<task_id:str>/number")
@signed_in()
async def number(request: Request, task_id: str) -> HTTPResponse:
    """The number to dial, from the bank and kept nowhere."""
    shown = await desk_of(request).thread(
        _number, desk_of(request), request.app.ctx.cases.bank, agent_of(request), task_id, people_of(request).audit
    )
    return answer({"number": shown})


@routes.post("/<task_id:str>/result")
@signed_in()
async def result(request: Request, task_id: str) -> HTTPResponse:
    """Say what came of an attempt; the call is the agent's no longer."""
    agent, body = agent_of(request), read_body(request, Result)
    said = {**vars(body), "reason": body.reason.value if body.reason else None}
    await desk_of(request).thread(lambda: outreach_of(request).result(task_id, agent.name, **said))
    why = body.outcome if body.reason is None else f"{body.outcome}, {body.reason.value}"
    await desk_of(request).run(_left, agent, task_id, "call-made", why, people_of(request).audit)
    return answer({})


def outreach_of(request: Request) -> Outreach:
    """What the application asks for calls."""
    found: Outreach = request.app.ctx.outreach
    return found


def _shown(task: Mapping[str, Any], known: Mapping[str, str], agent: Agent) -> Dict[str, Any]:
    found = {**task, "customer_name": known.get(task["customer_id"]), "mine": task["holder"] == agent.name}
    if not found["mine"]:
        found.pop("script")
    return found


def _name(bank: BankClient, customer_id: str) -> Optional[str]:
    try:
        return bank.customer(customer_id).name
    except BankError as error:
        logger.warning("a customer's name is not known: %s", error)
        return None


def _take(
    journal: Journal, agent: Agent, task: Mapping[str, Any], customer_name: Optional[str], audit: AuditLog
) -> None:
    store.take(journal, agent, task, customer_name)
    audit.write(journal.connection, agent, "call-claimed", task["conversation_id"], task["id"])


def _left(journal: Journal, agent: Agent, task_id: str, act: str, why: str, audit: AuditLog) -> None:
    try:
        about = store.held(journal.connection, agent, task_id).conversation_id
    except Problem:
        about = task_id  # told once more, or after the lease
    store.leave(journal.connection, task_id)
    audit.write(journal.connection, agent, act, about, f"{task_id}: {why}" if why else task_id)


def _number(desk: Any, bank: BankClient, agent: Agent, task_id: str, audit: AuditLog) -> str:
    with desk.database.reading() as connection:
        call = store.held(connection, agent, task_id)
    with told():
        found = bank.contact_addresses(call.customer_id).phone
    if found is None:
        raise Problem("no-number")
    # Shown only once that it was is on record.
    audit.write(None, agent, "number-shown", call.conversation_id, task_id)
    return found
