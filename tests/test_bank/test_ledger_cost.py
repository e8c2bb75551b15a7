"""How the ledger's work grows with a card's age: counted in steps, so that it is the same on every machine."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import pytest

from bank.sandbox.ledger.position import position
from bank.sandbox.ledger.replay import replay
from bank.sandbox.policy import Policy
from benchmarks.ledger import busy_card, end_of
from tests.test_bank.ledger_cases import ISSUERS


def steps(years: float, policy: Policy, *, pays_in_full: bool) -> int:
    """Calls and resumed generators while a statement is made."""
    history, counted = busy_card(years, pays_in_full=pays_in_full), 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        position(replay(history, policy, end_of(years)))
    finally:
        sys.setprofile(before)
    return counted


@pytest.mark.parametrize("policy", ISSUERS.values(), ids=ISSUERS)
def test_a_card_paid_in_full_costs_in_proportion_to_its_age(policy: Policy) -> None:
    assert steps(5, policy, pays_in_full=True) < 5.5 * steps(1, policy, pays_in_full=True)


@pytest.mark.parametrize("policy", ISSUERS.values(), ids=ISSUERS)
def test_on_a_card_never_paid_in_full_an_event_costs_at_most_twice_as_much_after_five_years(policy: Policy) -> None:
    """Its charges pile up, and each bill goes through them."""
    assert steps(5, policy, pays_in_full=False) < 5 * 2 * steps(1, policy, pays_in_full=False)


def test_the_benchmarks_cards_are_what_they_are_called() -> None:
    policy = ISSUERS["full_balance"]
    in_full, never = (position(replay(busy_card(2, pays_in_full=each), policy, end_of(2))) for each in (True, False))
    assert in_full.interest == 0
    assert never.interest > 0
    assert never.total > in_full.total
