"""The checks: what one is, how it says no, and the list of all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Callable, List, Optional, Sequence

if TYPE_CHECKING:
    from bank.conformance.bench import Bench
    from bank.conformance.caller import Exchange


class Outcome(str, Enum):
    """How a check ended."""

    PASS = "PASS"
    FAIL = "FAIL"
    SKIPPED = "SKIPPED"
    STUMBLED = "STUMBLED"  # the kit itself failed: neither the bank's fault nor its merit


class Failed(Exception):
    """The bank does not do what the contract says. `came` holds no customer's data."""

    def __init__(self, exchange: "Exchange", came: str, expected: Optional[str] = None) -> None:
        """`expected`: more exactly than the check's rule says it."""
        super().__init__(came)
        self.exchange = exchange
        self.came = came
        self.expected = expected


class Skipped(Exception):
    """The check cannot be made here; its text says why and, where something can be done, what."""


class NotOffered(Skipped):
    """The bank does not have the operation, and need not."""


@dataclass(frozen=True)
class Check:
    """One thing that the contract demands."""

    name: str  # room.what_is_so, and after a colon the operation if there is one for each
    sentence: str
    rule: str  # as it stands in the contract, white space apart
    run: Callable[["Bench"], None]
    needs: Sequence[str] = ()  # operations, all of which the bank must offer
    of_shapes: bool = False  # runs also where answers of these do not fit the contract

    @property
    def room(self) -> str:
        """The module that it stands in."""
        return self.name.partition(".")[0]


@dataclass(frozen=True)
class Result:
    """What became of a check."""

    check: Check
    outcome: Outcome
    why: str = ""  # skipped or stumbled: why
    offered: bool = True  # skipped: whether the bank offers what the check is about
    operation: str = ""  # failed: method and path
    expected: str = ""
    came: str = ""
    repeat: str = ""  # the curl line


@dataclass
class Registry:
    """Every check, in the order in which they run."""

    checks: List[Check] = field(default_factory=list)

    def check(
        self, *, rule: str, needs: Sequence[str] = (), each: Sequence[str] = (), of_shapes: bool = False
    ) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Register a function as a check: its name is the check's, the first line of its docstring the sentence.

        With `each`, one check for each of these operations, which the function is given by name and which joins
        what the check `needs`.
        """

        def register(function: Callable[..., None]) -> Callable[..., None]:
            name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
            sentence = (function.__doc__ or "").partition("\n")[0]
            if not each:
                self.checks.append(Check(name, sentence, rule, function, tuple(needs), of_shapes))
            for operation in each:
                run = _for(function, operation)
                self.checks.append(Check(f"{name}:{operation}", sentence, rule, run, (*needs, operation), of_shapes))
            return function

        return register


def _for(function: Callable[..., None], operation: str) -> Callable[["Bench"], None]:
    return lambda bench: function(bench, operation)


REGISTRY = Registry()
check = REGISTRY.check
