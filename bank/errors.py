"""What can go wrong between the assistant and the bank.

The whole tree:

BankError
├── BankUnavailable          no answer, a broken connection, or an answer 5xx: try again later
│   └── BankTimeout          connecting or reading took too long
├── BankContractBroken       the bank answered something that `openapi.yml` does not allow
└── BankRejected             the bank answered, and the answer is no (problem, status)
    ├── NotFound             no such customer, card, challenge, application or the like
    ├── NotEligible          the policy does not allow it (reason)
    ├── InvalidRequest       a value in the request is malformed or out of range
    ├── NotAuthorised        the assistant's own token is missing, wrong, or not allowed to do this (scope)
    ├── NotOffered           this bank does not have the operation: do without it
    ├── QuoteExpired         the quote or option is older than its `valid_until`; ask for a new one
    ├── ProofRequired        the proof is missing, spent, expired, or was given for something else
    ├── WrongCode            the one-time code is wrong (attempts_left)
    ├── CodeExpired          the one-time code is too old; ask for a new one
    ├── TooManyAttempts      the challenge is locked; ask for a new code
    ├── NotWithdrawable      the application is decided, running or withdrawn already
    ├── IllegalMove          it is in a state from which this cannot be done (from_state, to_state)
    ├── ChangedMeanwhile     it is no longer the version that was read; read it again
    ├── ConsentRequired      the customer has not consented to this, or no longer does
    ├── FileRefused          the file is too large, or not of a kind that is taken (problem)
    ├── IdempotencyConflict  the key was used before with other content
    └── RateLimited          too many requests (retry_after)

No error holds a customer's data, a token, or an address with a customer id in it: all may be logged as they are.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Any, Dict, FrozenSet, Mapping, Optional, Type

from bank.models.service import Scope
from common.problems import PREFIX


class BankError(Exception):
    """Base of everything that `bank.client` raises.

    `operation` is the method and the route template, e.g. `GET /customers/{customer_id}/cards`.
    """

    def __init__(self, operation: str, detail: str) -> None:
        super().__init__(f"{operation}: {detail}")
        self.operation = operation
        self.detail = detail


class BankUnavailable(BankError):
    """The bank cannot be reached, broke off, or answered 5xx. Nothing is known of what became of a write."""


class BankTimeout(BankUnavailable):
    """Connecting or reading took longer than the settings allow."""


class BankContractBroken(BankError):
    """The answer does not fit `openapi.yml`. `detail` names the places, never the values."""


class BankRejected(BankError):
    """The bank answered that it will not do it.

    `problem` is the name at the end of `urn:overdue-card:problem:<name>`, or None if the answer named none;
    `status` is the HTTP status. An unknown problem is a plain `BankRejected`.
    """

    def __init__(self, operation: str, problem: Optional[str], status: int, more: str = "") -> None:
        super().__init__(operation, f"rejected with {status} {problem or '(no problem type)'}{more}")
        self.problem = problem
        self.status = status


class NotFound(BankRejected):
    """No such customer, card, challenge, application or the like, or it belongs to someone else."""


class NotEligibleReason(str, Enum):
    """Why the policy does not allow it."""

    NOTHING_DUE = "nothing_due"
    TOO_LONG_OVERDUE = "too_long_overdue"
    AMOUNT_TOO_SMALL = "amount_too_small"
    AMOUNT_TOO_LARGE = "amount_too_large"
    ALREADY_RUNNING = "already_running"
    NOT_ALLOWED_NOW = "not_allowed_now"
    TOO_OFTEN = "too_often"
    DATE_TOO_LATE = "date_too_late"
    NOTHING_TO_WAIVE = "nothing_to_waive"
    NOT_OVERDUE = "not_overdue"


class NotEligible(BankRejected):
    """The bank's policy does not allow this for this card now.

    `reason` is a `NotEligibleReason`; a reason that a newer bank adds is read as `NOT_ALLOWED_NOW`.
    """

    def __init__(self, operation: str, problem: Optional[str], status: int, reason: NotEligibleReason) -> None:
        super().__init__(operation, problem, status)
        self.reason = reason


class InvalidRequest(BankRejected):
    """A value in the request is malformed or out of range, e.g. a number of terms that the bank does not offer."""


class NotAuthorised(BankRejected):
    """The assistant's own access token is wrong, or may not do this. Never the customer's fault.

    `scope` is the one that the token lacks; None if the token is wrong altogether or the bank does not say.
    """

    def __init__(self, operation: str, problem: Optional[str], status: int, scope: Optional[Scope] = None) -> None:
        super().__init__(operation, problem, status, f", the token lacks {scope.value}" if scope else "")
        self.scope = scope


class NotOffered(BankRejected):
    """This bank has not implemented the operation, which is outside the minimal set. Do without it."""


class QuoteExpired(BankRejected):
    """The instalment quote or deferral option is no longer valid."""


class ProofRequired(BankRejected):
    """The proof of a one-time code is missing, spent, expired, or was given for another purpose or subject."""


class WrongCode(BankRejected):
    """The one-time code is wrong. `attempts_left` counts the further tries; None if the bank does not say."""

    def __init__(self, operation: str, problem: Optional[str], status: int, attempts_left: Optional[int]) -> None:
        super().__init__(operation, problem, status)
        self.attempts_left = attempts_left


class CodeExpired(BankRejected):
    """The one-time code is too old."""


class TooManyAttempts(BankRejected):
    """Too many wrong codes: the challenge is locked."""


class NotWithdrawable(BankRejected):
    """The application can no longer be withdrawn."""


class IllegalMove(BankRejected):
    """The application, promise, dispute or the like cannot go from the state in which it is to the one asked for.

    `from_state` and `to_state` are words of the contract's state tables; None if the bank does not say.
    """

    def __init__(
        self, operation: str, problem: Optional[str], status: int, from_state: Optional[str], to_state: Optional[str]
    ) -> None:
        super().__init__(operation, problem, status)
        self.from_state = from_state
        self.to_state = to_state


class ChangedMeanwhile(BankRejected):
    """What was to be changed is no longer the version that was read. Read it again and show the customer."""


class ConsentRequired(BankRejected):
    """The customer has not given the consent that this needs, or has taken it back."""


class FileRefused(BankRejected):
    """The bank does not take the file: `problem` is `file-too-large` or `file-type`."""


class IdempotencyConflict(BankRejected):
    """The idempotency key was used before for another request."""


class RateLimited(BankRejected):
    """Too many requests. `retry_after`: seconds to wait; None if the bank does not say."""

    def __init__(self, operation: str, problem: Optional[str], status: int, retry_after: Optional[int]) -> None:
        super().__init__(operation, problem, status)
        self.retry_after = retry_after


_PLAIN: Dict[str, Type[BankRejected]] = {
    "not-found": NotFound,
    "invalid-request": InvalidRequest,
    "unauthorised": NotAuthorised,
    "not-offered": NotOffered,
    "quote-expired": QuoteExpired,
    "proof-required": ProofRequired,
    "code-expired": CodeExpired,
    "too-many-attempts": TooManyAttempts,
    "not-withdrawable": NotWithdrawable,
    "changed-meanwhile": ChangedMeanwhile,
    "consent-required": ConsentRequired,
    "file-too-large": FileRefused,
    "file-type": FileRefused,
    "idempotency-conflict": IdempotencyConflict,
}
_WITH_MEMBERS = ("forbidden", "illegal-move", "not-eligible", "wrong-code", "rate-limited")
_SERVER_SIDE = ("internal", "unavailable")
PROBLEM_NAMES = tuple(sorted([*_PLAIN, *_WITH_MEMBERS, *_SERVER_SIDE]))

# What a gateway or a framework means by a status, when the answer names no problem.
_WITHOUT_PROBLEM: Dict[int, str] = {
    401: "unauthorised",
    403: "forbidden",
    412: "changed-meanwhile",
    413: "file-too-large",
    429: "rate-limited",
}
_NO_SUCH_OPERATION: FrozenSet[int] = frozenset({404, 405, 501})
_STATE = re.compile(r"[a-z][a-z_]{0,39}")


def error_for(
    operation: str, status: int, body: Mapping[str, Any], retry_after: Optional[int], *, may_be_missing: bool = False
) -> BankError:
    """The error for an answer with `status` ≥ 400. `body` is the problem document, empty if it could not be read.

    `retry_after` is the Retry-After header in seconds, if the answer had one. Without a problem type only what any
    gateway means by its status is taken for it: its 404 would not say that a customer does not exist. Where the
    operation `may_be_missing` at a bank, 404, 405 and 501 say that it is.
    """
    kind = body.get("type")
    named = kind[len(PREFIX) :] if isinstance(kind, str) and kind.startswith(PREFIX) else None
    if named == "not-offered" or (named is None and may_be_missing and status in _NO_SUCH_OPERATION):
        return NotOffered(operation, named, status)
    if status >= 500:
        return BankUnavailable(operation, f"answered {status}")
    # What an unknown problem calls itself is the sender's text: it does not go on into logs.
    problem = named if named in PROBLEM_NAMES else None
    meant = problem or (_WITHOUT_PROBLEM.get(status) if named is None else None)
    if meant == "not-eligible":
        return NotEligible(operation, problem, status, _reason(body.get("reason")))
    if meant == "wrong-code":
        return WrongCode(operation, problem, status, _count(body.get("attempts_left")))
    if meant == "rate-limited":
        return RateLimited(operation, problem, status, retry_after)
    if meant == "forbidden":
        return NotAuthorised(operation, problem, status, _scope(body.get("scope")))
    if meant == "illegal-move":
        return IllegalMove(operation, problem, status, _state(body.get("from")), _state(body.get("to")))
    if meant == "file-too-large":
        return FileRefused(operation, meant, status)
    return _PLAIN.get(meant or "", BankRejected)(operation, problem, status)


def _reason(value: object) -> NotEligibleReason:
    try:
        return NotEligibleReason(value)
    except ValueError:
        return NotEligibleReason.NOT_ALLOWED_NOW


def _scope(value: object) -> Optional[Scope]:
    try:
        return Scope(value)
    except ValueError:
        return None


def _state(value: object) -> Optional[str]:
    return value if isinstance(value, str) and _STATE.fullmatch(value) else None


def _count(value: object) -> Optional[int]:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
