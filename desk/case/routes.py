"""/api/conversations/<id>: the summary of a case, replies with its figures, and hidden numbers on demand."""

from __future__ import annotations

from typing import Any, Literal, Optional

from pydantic import Field
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from common.log import conversation_id as log_conversation_id
from desk.api.web import agent_of, answer, conversation_of, desk_of
from desk.bodies import Body, read_body
from desk.case import canned
from desk.case.service import Cases
from desk.case.store import case_of, own_case, unmasked
from desk.case.summary import Case, facts, summarise
from desk.journal import Journal
from desk.people import signed_in
from desk.people.audit import AuditLog
from desk.people.model import Agent
from desk.people.web import people_of
from desk.problems import Problem

routes = Blueprint("case", url_prefix="/api/conversations")


class Unmask(Body):
    """Which numbers to show, and why. Of one message, or of all in which numbers are hidden."""

    what: Literal["messages"] = "messages"
    message_id: Optional[int]
    reason: str = Field(min_length=4, max_length=500)


@routes.get("/<conversation_id:str>/summary")
@signed_in()
async def summary(request: Request, conversation_id: str) -> HTTPResponse:
    """The summary, as `desk.case.summary` explains it. It stands also when the bank does not answer."""
    case = await _case(request, conversation_id)
    return answer(await desk_of(request).thread(_summary, cases_of(request), case))


@routes.get("/<conversation_id:str>/canned")
@signed_in()
async def replies(request: Request, conversation_id: str) -> HTTPResponse:
    """`{items: [{id, group, title, text}]}`, in the customer's language or in `?language=`."""
    case = await _case(request, conversation_id)
    language = request.args.get("language") or case.language
    if language not in canned.LANGUAGES:
        raise Problem("invalid-request", "language")
    name = agent_of(request).display_name
    return answer({"items": await desk_of(request).thread(_replies, cases_of(request), case, language, name)})


@routes.post("/<conversation_id:str>/unmask")
@signed_in()
async def unmask(request: Request, conversation_id: str) -> HTTPResponse:
    """`{messages: [{id, text}]}` as they were written, for who has the conversation; the act is on record."""
    body, found = read_body(request, Unmask), conversation_of(conversation_id)
    audit = people_of(request).audit
    shown = await desk_of(request).run(_unmask, agent_of(request), found, body, audit)
    return answer({"messages": shown})


def cases_of(request: Request) -> Cases:
    """What the application reads cases by."""
    found: Cases = request.app.ctx.cases
    return found


async def _case(request: Request, conversation_id: str) -> Case:
    found = conversation_of(conversation_id)
    log_conversation_id.set(found)
    case: Case = await desk_of(request).read(case_of, agent_of(request), found)
    return case


def _summary(cases: Cases, case: Case) -> Any:
    return summarise(case, cases.told(case), cases.figures(case))


def _replies(cases: Cases, case: Case, language: str, agent: str) -> Any:
    told, figures = cases.told(case), cases.figures(case)
    values = canned.values_of(agent, told, figures, language)
    return canned.offered(language, facts(case, told, figures), values)


def _unmask(journal: Journal, agent: Agent, conversation_id: str, body: Unmask, audit: AuditLog) -> Any:
    own_case(journal.connection, agent, conversation_id)
    which = f"message {body.message_id}: " if body.message_id else ""
    audit.write(journal.connection, agent, "unmask", conversation_id, which + body.reason)
    return unmasked(journal.connection, conversation_id, body.message_id)
