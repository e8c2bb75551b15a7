"""Requests that nobody thought of: made from the contract, good and bad ones, held against it (schemathesis)."""

from __future__ import annotations

from bank.conformance.bench import Bench
from bank.conformance.contract import contract
from bank.conformance.fuzz import FUZZ
from bank.conformance.registry import check


@check(
    rule="Every error is `application/problem+json` (RFC 9457).",
    each=tuple(contract().operations),
    of_shapes=True,
)
def whatever_comes_is_answered_as_the_contract_says(bench: Bench, operation: str) -> None:
    """Requests made from the contract, well-formed ones and others, are answered as it says."""
    FUZZ.look_at(bench, operation)
