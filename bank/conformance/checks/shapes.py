"""Whether answers have the shape of the contract. Runs last: every call of the other checks was looked at."""

from __future__ import annotations

from bank.conformance.bench import Bench
from bank.conformance.contract import contract
from bank.conformance.registry import Failed, Skipped, check

_BANK = "The bank implements this; the assistant calls it."
_MINIMAL = [name for name, operation in contract().operations.items() if operation.minimal and operation.id_names]


@check(rule=_BANK, each=tuple(contract().operations), of_shapes=True)
def answers_fit(bench: Bench, operation: str) -> None:
    """Status, content type and every property of each answer are as the contract has them."""
    if operation in bench.violations:
        raise bench.violations[operation]
    if operation not in bench.asked:
        raise Skipped("no check of this run could ask for it")


@check(rule="are enough to begin with.", each=_MINIMAL)
def the_minimal_set_is_there(bench: Bench, operation: str) -> None:
    """Without these operations the assistant cannot help anybody."""
    came = bench.call(operation, bench.cards[0].ids())
    if not came.good:
        raise Failed(came, came.said(), "200 for a card that the bank itself has named")


@check(rule="What else a bank offers it names in", of_shapes=True)
def what_is_offered_is_known(bench: Bench) -> None:
    """`capabilities` names operations of the contract, the minimal set among them."""
    came = bench.capabilities
    if came is None or "capabilities" in bench.absent:
        raise Skipped("the bank does not say what it offers: the assistant will try every operation")
    if not came.good:
        raise Failed(came, came.said(), "200 and the operations, for any valid token")
    offered = came.document.get("operations") if isinstance(came.document, dict) else None
    if not isinstance(offered, list):
        raise Failed(came, "no list `operations`")
    unknown = sorted(name for name in offered if name not in bench.contract.operations)
    if unknown:
        raise Failed(came, f"unknown operations: {', '.join(map(str, unknown))[:200]}", "operationIds of the contract")
    missing = [name for name in _MINIMAL if name not in offered]
    if missing:
        raise Failed(came, f"without {', '.join(missing)}", f"at least {', '.join(_MINIMAL)}")
