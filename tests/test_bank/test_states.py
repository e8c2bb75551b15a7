"""The tables of states: what they allow, and that everything else is refused and says so."""

from __future__ import annotations

from enum import Enum
from typing import Any, Dict, List, Set, Tuple

import pytest

from bank.sandbox.problems import Problem
from bank.sandbox.states import APPLICATION, DISPUTE, PROMISE, Machine

#: As the contract draws them, written anew so that a slip in either place shows.
DRAWN: Dict[str, Tuple[Machine[Any], Set[str]]] = {
    "application": (
        APPLICATION,
        set(
            "submitted>in_review submitted>withdrawn submitted>expired in_review>approved in_review>declined "
            "in_review>needs_documents in_review>withdrawn in_review>expired needs_documents>in_review "
            "needs_documents>withdrawn needs_documents>expired approved>active approved>completed approved>expired "
            "active>completed active>broken".split()
        ),
    ),
    "promise": (PROMISE, set("open>open open>kept open>broken open>withdrawn".split())),
    "dispute": (
        DISPUTE,
        set(
            "submitted>in_review submitted>withdrawn in_review>needs_documents in_review>upheld in_review>declined "
            "in_review>withdrawn needs_documents>in_review needs_documents>declined needs_documents>withdrawn".split()
        ),
    ),
}
EVERY_MOVE: List[Tuple[str, Enum, Enum]] = [
    (name, at, to) for name, (machine, _) in DRAWN.items() for at in machine.states for to in machine.states
]


@pytest.mark.parametrize(("name", "at", "to"), EVERY_MOVE, ids=lambda each: getattr(each, "value", each))
def test_every_move_is_allowed_as_drawn_or_refused_by_name(name: str, at: Any, to: Any) -> None:
    machine, drawn = DRAWN[name]
    if f"{at.value}>{to.value}" in drawn:
        machine.check(at.value, to)
        return
    with pytest.raises(Problem) as caught:
        machine.check(at.value, to)
    assert (caught.value.name, caught.value.status) == ("illegal-move", 409)
    assert caught.value.members == {"from": at.value, "to": to.value}


def test_what_is_over_is_over() -> None:
    over = {
        "application": {"declined", "withdrawn", "expired", "completed", "broken"},
        "promise": {"kept", "broken", "withdrawn"},
        "dispute": {"upheld", "declined", "withdrawn"},
    }
    for name, (machine, _) in DRAWN.items():
        ends = {at for other, at, _ in EVERY_MOVE if other == name and machine.is_over(at)}
        assert {each.value for each in ends} == over[name]
