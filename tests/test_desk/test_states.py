"""The transition table: every move that can be made, and every one that cannot."""

from __future__ import annotations

from itertools import product
from typing import Dict, Set, Tuple

import pytest

from desk.states import AT_DESK, SILENT, TRANSITIONS, WITH_PEOPLE, IllegalMove, Move, State, after, allowed, request_of

#: As it was agreed, written down a second time: state → move → state.
AGREED: Dict[str, Dict[str, str]] = {
    "bot": {"request": "waiting", "request_later": "later", "go_elsewhere": "elsewhere"},
    "later": {
        "request": "waiting",
        "claim": "agent",
        "assign": "agent",
        "back_to_bot": "bot",
        "close": "wrapped_up",
        "go_elsewhere": "elsewhere",
    },
    "waiting": {
        "claim": "agent",
        "assign": "agent",
        "nobody_left": "later",
        "back_to_bot": "bot",
        "close": "wrapped_up",
    },
    "agent": {
        "transfer": "agent",
        "take_over": "agent",
        "requeue": "waiting",
        "agent_gone": "waiting",
        "back_to_bot": "bot",
        "hand_back": "bot",
        "close": "wrapped_up",
    },
    "wrapped_up": {
        "request": "waiting",
        "request_later": "later",
        "customer_writes": "bot",
        "go_elsewhere": "elsewhere",
    },
    "elsewhere": {"back_to_bot": "bot", "hand_back": "bot", "come_here": "waiting"},
}
LEGAL: Set[Tuple[str, str]] = {(state, move) for state, moves in AGREED.items() for move in moves}


@pytest.mark.parametrize(("state", "move"), sorted(LEGAL))
def test_a_legal_move_leads_where_it_was_agreed(state: str, move: str) -> None:
    assert after(State(state), Move(move)).value == AGREED[state][move]


@pytest.mark.parametrize(
    ("state", "move"),
    sorted({(s.value, m.value) for s, m in product(State, Move)} - LEGAL),
)
def test_any_other_move_is_illegal(state: str, move: str) -> None:
    with pytest.raises(IllegalMove, match=f"no {move} from {state}"):
        after(State(state), Move(move))


def test_every_state_can_be_reached_and_left() -> None:
    assert {becomes for (before, _), becomes in TRANSITIONS.items() if before is not becomes} == set(State)
    assert all(set(allowed(state).values()) - {state} for state in State)


def test_from_every_state_there_is_a_way_back_to_the_assistant() -> None:
    def reachable(state: State) -> Set[State]:
        found, new = {state}, {state}
        while new:
            new = {becomes for each in new for becomes in allowed(each).values()} - found
            found |= new
        return found

    assert all(State.BOT in reachable(state) for state in State)


def test_the_assistant_is_silent_exactly_while_a_person_is_expected_or_there() -> None:
    assert {state.value for state in SILENT} == {"waiting", "agent", "elsewhere"}
    assert {state.value for state in WITH_PEOPLE} == {"later", "waiting", "agent", "elsewhere"}
    assert {state.value for state in AT_DESK} == {"later", "waiting", "agent"}


@pytest.mark.parametrize(
    ("state", "staffed", "move"),
    [
        ("bot", True, "request"),
        ("bot", False, "request_later"),
        ("later", True, "request"),
        ("later", False, None),
        ("waiting", True, None),
        ("waiting", False, None),
        ("agent", True, None),
        ("wrapped_up", True, "request"),
        ("wrapped_up", False, "request_later"),
    ],
)
def test_what_a_wish_for_a_person_does(state: str, staffed: bool, move: str) -> None:
    made = request_of(State(state), staffed=staffed)
    assert (made.value if made else None) == move


@pytest.mark.parametrize(
    ("state", "open_now", "move"),
    [
        ("bot", True, "go_elsewhere"),
        ("bot", False, "request_later"),
        ("later", True, "go_elsewhere"),
        ("waiting", True, None),
        ("agent", True, None),
        ("elsewhere", True, None),
        ("elsewhere", False, None),
    ],
)
def test_a_wish_for_a_person_whom_the_service_itself_has_leads_there_unless_the_desk_has_it_already(
    state: str, open_now: bool, move: str
) -> None:
    made = request_of(State(state), staffed=open_now, elsewhere=True)
    assert (made.value if made else None) == move
