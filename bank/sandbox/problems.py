"""What the sandbox answers instead of what was asked: problem+json by the names of the contract."""

from __future__ import annotations

from http import HTTPStatus

from bank.errors import NotEligibleReason
from common import problems

_STATUS = {
    "invalid-request": 400,
    "unauthorised": 401,
    "forbidden": 403,
    "proof-required": 403,
    "not-found": 404,
    "quote-expired": 409,
    "code-expired": 409,
    "too-many-attempts": 409,
    "not-withdrawable": 409,
    "idempotency-conflict": 409,
    "illegal-move": 409,
    "changed-meanwhile": 412,
    "file-too-large": 413,
    "file-type": 415,
    "not-eligible": 422,
    "consent-required": 422,
    "wrong-code": 422,
    "rate-limited": 429,
    "internal": 500,
    "not-offered": 501,
    "unavailable": 503,
}
# Statuses that mean the same wherever they come from.
_OF_ANY_OPERATION = frozenset({400, 401, 404, 429, 500, 503})


class Problem(problems.Problem):
    """A problem of the contract."""

    statuses = _STATUS


def not_found(what: str) -> Problem:
    """No such thing, or not this customer's: the answer does not tell which."""
    return Problem("not-found", f"no such {what}")


def invalid(where: str, what: str) -> Problem:
    """The value at `where` (a parameter, a header, a property) cannot be used."""
    return Problem("invalid-request", f"{where}: {what}")


def not_eligible(reason: NotEligibleReason) -> Problem:
    """The policy does not allow it."""
    return Problem("not-eligible", reason=reason.value)


def illegal_move(at: str, to: str) -> Problem:
    """The state machine has no such move."""
    problem = Problem("illegal-move")
    problem.members.update({"from": at, "to": to})
    return problem


def rate_limited(seconds: int) -> Problem:
    """Asked too often; possible again after `seconds`."""
    problem = Problem("rate-limited")
    problem.headers["Retry-After"] = str(max(seconds, 1))
    return problem


def of_the_framework(status: int) -> Problem:
    """For a request that no operation of the contract answers, or that is no proper HTTP."""
    if status in _OF_ANY_OPERATION:
        name = next(name for name, its in _STATUS.items() if its == status)
        return Problem(name)
    return Problem("invalid-request" if status < 500 else "internal", HTTPStatus(status).phrase, status=status)
