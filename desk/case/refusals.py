"""How the bank's refusals are told to the console."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Dict, Iterator, Tuple, Type

from bank import errors
from desk.problems import Problem, rate_limited

_NAMES: Dict[Type[errors.BankError], Tuple[str, int]] = {
    errors.NotFound: ("not-found", 404),
    errors.InvalidRequest: ("invalid-request", 400),
    errors.NotOffered: ("not-offered", 501),
    errors.QuoteExpired: ("quote-expired", 409),
    errors.ProofRequired: ("proof-required", 409),
    errors.CodeExpired: ("code-expired", 409),
    errors.TooManyAttempts: ("too-many-attempts", 409),
    errors.NotWithdrawable: ("not-withdrawable", 409),
    errors.IllegalMove: ("illegal-move", 409),
    errors.ChangedMeanwhile: ("changed-meanwhile", 409),
    errors.ConsentRequired: ("consent-required", 409),
    errors.IdempotencyConflict: ("idempotency-conflict", 409),
}


@contextmanager
def told() -> Iterator[None]:
    """Turns the bank's errors into the desk's problems; the bank's own faults are `bank-unavailable`."""
    try:
        yield
    except errors.NotEligible as error:
        raise Problem("not-eligible", reason=error.reason.value, status=422) from error
    except errors.WrongCode as error:
        raise Problem("wrong-code", attempts_left=error.attempts_left, status=422) from error
    except errors.RateLimited as error:
        raise rate_limited(error.retry_after or 60) from error
    except errors.BankError as error:
        name, status = _NAMES.get(type(error), ("bank-unavailable", 503))
        raise Problem(name, status=status) from error
