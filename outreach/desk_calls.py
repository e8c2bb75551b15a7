"""What the agents' desk asks of outreach: the calls, over HTTP, with `Authorization: Bearer <DESK_TOKEN>`.

    GET  /desk/calls?agent=                 {items: [task]}, the agent's own first
    POST /desk/calls/<id>/claim             {agent} → {task}
    POST /desk/calls/<id>/release           {agent}
    POST /desk/calls/<id>/result            {agent, attempt, outcome, note?, reason?}

A task also names the customer's conversation. What is refused is a problem+json: `not-found`; `call-taken` with its
`holder`; `call-open`, the agent has another one; `call-over` and `call-later` with the `rule`, the latter with `until`;
`call-not-held`; `bank-unavailable`, without the bank nobody can say whether a call is allowed.
"""

from __future__ import annotations

import asyncio
import functools
import hmac
import json
import logging
from typing import Any, Callable, Dict, Optional

from pydantic import BaseModel, Extra, Field, ValidationError
from sanic import Blueprint
from sanic.exceptions import InvalidUsage
from sanic.request import Request
from sanic.response import HTTPResponse

from bank.errors import BankError
from bank.models import ContactOutcome, ReasonClass
from channels.conversations import Conversations
from common.problems import Problem as AnyProblem
from desk.store import DeskError
from outreach.calls import Calls, CallTask, NoReason, NoSuchCall, NotHeld, NotNow, OneAtATime, Taken

logger = logging.getLogger(__name__)

_NO_STORE = {"Cache-Control": "no-store"}


class Problem(AnyProblem):
    """A problem of these addresses."""

    statuses = {
        "unauthorised": 401,
        "invalid-request": 400,
        "not-found": 404,
        "call-taken": 409,
        "call-open": 409,
        "call-over": 409,
        "call-later": 409,
        "call-not-held": 409,
        "bank-unavailable": 503,
    }


class _Asked(BaseModel):
    agent: str = Field(min_length=1, max_length=64)

    class Config:
        extra = Extra.forbid


class _Result(_Asked):
    attempt: int = Field(ge=0)
    outcome: ContactOutcome
    note: str = Field(default="", max_length=2000)
    reason: Optional[ReasonClass]


def blueprint(calls: Calls, conversations: Conversations, desk_token: str) -> Blueprint:
    """The routes."""
    routes = Blueprint("desk_calls", url_prefix="/desk/calls")
    authorization = f"Bearer {desk_token}".encode()

    def shown(task: CallTask) -> Dict[str, Any]:
        moments = {name: value.isoformat() if value else None for name, value in _moments(task).items()}
        return {**vars(task), **moments, "conversation_id": conversations.of_customer(task.customer_id)}

    async def told(work: Callable[[], Any]) -> HTTPResponse:
        try:
            return _json(await _thread(work))
        except AnyProblem as problem:
            return _json(problem.body(), problem.status, "application/problem+json")

    @routes.on_request
    async def check(request: Request) -> Optional[HTTPResponse]:
        if hmac.compare_digest(request.headers.get("authorization", "").encode(), authorization):
            return None
        problem = Problem("unauthorised")
        return _json(problem.body(), problem.status, "application/problem+json")

    @routes.get("", name="open")
    async def open_calls(request: Request) -> HTTPResponse:
        agent = request.args.get("agent") or ""
        return await told(lambda: {"items": [shown(task) for task in calls.open(agent)]})

    @routes.post("/<task_id:str>/claim", name="claim")
    async def claim(request: Request, task_id: str) -> HTTPResponse:
        return await told(lambda: {"task": shown(_refused(calls.claim, task_id, _body(request, _Asked).agent))})

    @routes.post("/<task_id:str>/release", name="release")
    async def release(request: Request, task_id: str) -> HTTPResponse:
        return await told(lambda: _refused(calls.release, task_id, _body(request, _Asked).agent) or {})

    @routes.post("/<task_id:str>/result", name="result")
    async def result(request: Request, task_id: str) -> HTTPResponse:
        def work() -> Dict[str, Any]:
            _refused(calls.result, task_id, **vars(_body(request, _Result)))
            return {}

        return await told(work)

    return routes


def _moments(task: CallTask) -> Dict[str, Any]:
    return {"call_until": task.call_until, "last_at": task.last_at, "held_until": task.held_until}


def _refused(work: Callable[..., Any], *args: Any, **named: Any) -> Any:
    """The result of `work`. Raises its refusals as problems."""
    try:
        return work(*args, **named)
    except NoSuchCall:
        raise Problem("not-found") from None
    except Taken as taken:
        raise Problem("call-taken", holder=taken.holder) from None
    except OneAtATime:
        raise Problem("call-open") from None
    except NotHeld:
        raise Problem("call-not-held") from None
    except NoReason as over:
        raise Problem("call-over", rule=over.rule) from None
    except NotNow as later:
        raise Problem("call-later", rule=later.rule, until=later.until and later.until.isoformat()) from None
    except ValueError as error:
        raise Problem("invalid-request", str(error)) from None
    except (BankError, DeskError) as error:
        logger.warning("a call cannot be looked at: %s", error)
        raise Problem("bank-unavailable") from error


def _body(request: Request, model: Any) -> Any:
    try:
        return model.parse_obj(request.json)
    except InvalidUsage:
        raise Problem("invalid-request", "not JSON") from None
    except ValidationError as error:
        places = ", ".join(".".join(str(part) for part in each["loc"]) for each in error.errors())
        raise Problem("invalid-request", places) from None


def _json(content: Any, status: int = 200, content_type: str = "application/json") -> HTTPResponse:
    return HTTPResponse(
        json.dumps(content, ensure_ascii=False), status=status, content_type=content_type, headers=_NO_STORE
    )


async def _thread(work: Callable[[], Any]) -> Any:
    return await asyncio.get_running_loop().run_in_executor(None, functools.partial(work))
