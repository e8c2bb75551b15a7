"""What the desk answers instead of what was asked: problem+json (RFC 7807)."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus

from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from common import problems

logger = logging.getLogger(__name__)

_STATUS = {
    "invalid-request": 400,
    "unauthorised": 401,
    "wrong-sign-in": 401,  # name or password; the answer does not tell which
    "forbidden": 403,
    "csrf": 403,
    "password-change-required": 403,
    "password-expired": 403,
    "not-found": 404,
    "no-number": 404,
    "already-claimed": 409,
    "not-yours": 409,
    "illegal-move": 409,
    "exists-already": 409,
    "last-administrator": 409,
    "call-taken": 409,
    "call-open": 409,
    "call-over": 409,
    "call-later": 409,
    "call-not-held": 409,
    "file-too-large": 413,
    "file-type": 415,
    "weak-password": 422,
    "call-time": 422,
    "call-hours": 422,
    "rate-limited": 429,
    "internal": 500,
    "bank-unavailable": 503,
    "unavailable": 503,
}


class Problem(problems.Problem):
    """A problem of the desk."""

    statuses = _STATUS


def rate_limited(seconds: float) -> Problem:
    """Asked too often; possible again after `seconds`."""
    problem = Problem("rate-limited", retry_after=max(round(seconds), 1))
    problem.headers["Retry-After"] = str(problem.members["retry_after"])
    return problem


async def answer_error(request: Request, error: Exception) -> HTTPResponse:
    """The application's handler of every error: `app.error_handler.add(Exception, answer_error)`."""
    if isinstance(error, Problem):
        problem = error
    elif isinstance(error, SanicException):
        problem = _of_the_framework(error.status_code)
        problem.headers.update(getattr(error, "headers", None) or {})
    else:
        logger.error("a fault of the desk itself", exc_info=error)
        problem = Problem("internal")
    return HTTPResponse(
        json.dumps(problem.body(), ensure_ascii=False),
        status=problem.status,
        content_type="application/problem+json",
        headers={"Cache-Control": "no-store", **problem.headers},
    )


def _of_the_framework(status: int) -> Problem:
    known = {400: "invalid-request", 404: "not-found", 413: "file-too-large", 503: "unavailable"}
    if status in known:
        return Problem(known[status])
    return Problem("invalid-request" if status < 500 else "internal", HTTPStatus(status).phrase, status=status)
