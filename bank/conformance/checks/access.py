"""Who may call: a bearer token, and its scopes."""

from __future__ import annotations

from typing import Dict, Optional, Tuple

from bank.conformance.bench import READ_TOKEN, Bench
from bank.conformance.contract import contract
from bank.conformance.registry import Failed, Skipped, check

_ALL = tuple(contract().operations)
_SCOPED = tuple(name for name, each in contract().operations.items() if each.scope not in (None, "accounts.read"))
_READS = tuple(name for name, each in contract().operations.items() if each.scope == "accounts.read")


def _ids(bench: Bench, operation: str) -> Dict[str, str]:
    """The contract's examples, with a real customer and card where there is one."""
    known = bench.accounts[0].ids() if bench.accounts else {}
    return {**bench.contract.example_ids(bench.contract.operations[operation]), **known}


def _refused(bench: Bench, operation: str, token: Optional[Tuple[str, str]]) -> None:
    body: Optional[Dict[str, str]] = {} if bench.contract.operations[operation].has_body else None
    came = bench.as_token(operation, _ids(bench, operation), token, body=body)
    if (came.status, came.problem) != (401, "unauthorised"):
        raise Failed(came, came.said(), "401 with the problem `unauthorised`, whatever else is wrong with the request")
    if not came.answer_headers.get("WWW-Authenticate", "").lower().startswith("bearer"):
        raise Failed(came, "401 without `WWW-Authenticate: Bearer`", "`WWW-Authenticate: Bearer` (RFC 6750)")


@check(rule="no bearer token, or an invalid one", each=_ALL, of_shapes=True)
def without_a_token_nothing_is_answered(bench: Bench, operation: str) -> None:
    """Without a token the answer is `unauthorised`."""
    _refused(bench, operation, None)


@check(rule="no bearer token, or an invalid one", each=_ALL, of_shapes=True)
def with_a_wrong_token_nothing_is_answered(bench: Bench, operation: str) -> None:
    """With a token that the bank did not issue the answer is `unauthorised`."""
    _refused(bench, operation, ("WRONG_TOKEN", "no-token-that-this-bank-has-issued"))


def _reader(bench: Bench) -> Tuple[str, str]:
    if not bench.options.read_token:
        raise Skipped("needs a token that may only read customers: READ_TOKEN=… (scope `accounts.read`)")
    return READ_TOKEN, bench.options.read_token


@check(rule="Without it the answer is `forbidden`, with the missing `scope`.", each=_SCOPED, of_shapes=True)
def a_token_that_may_only_read_does_nothing_else(bench: Bench, operation: str) -> None:
    """A token with the scope `accounts.read` alone is `forbidden` to do anything that needs another scope."""
    # Empty, so that nothing happens at a bank that does not look at the scope.
    body: Optional[Dict[str, str]] = {} if bench.contract.operations[operation].has_body else None
    came = bench.as_token(operation, _ids(bench, operation), _reader(bench), body=body)
    if (came.status, came.problem) != (403, "forbidden"):
        raise Failed(came, came.said(), "403 with the problem `forbidden`, before anything else of the request counts")
    scope = bench.contract.operations[operation].scope
    if came.document.get("scope") != scope:
        raise Failed(came, "403 `forbidden` that does not name the missing scope", f"the member `scope`: {scope}")


@check(rule="reading what belongs to one named customer", each=_READS, of_shapes=True)
def a_token_that_may_read_reads(bench: Bench, operation: str) -> None:
    """A token with the scope `accounts.read` alone may read customers and cards."""
    came = bench.as_token(operation, _ids(bench, operation), _reader(bench))
    if came.status in (401, 403):
        raise Failed(came, came.said(), "what the full token gets: READ_TOKEN has the scope `accounts.read`")
