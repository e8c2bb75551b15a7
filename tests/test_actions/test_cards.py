"""Which card is meant."""

from __future__ import annotations

from typing import Optional

import pytest

from actions.cards import UnknownCard, choose_card, last_four
from bank.models import AccountState
from tests.test_actions.builders import card

SETTLED = card(id="a", last4="1111")
DUE = card(id="b", last4="2222", state=AccountState.DUE, amount_due="900.00")
OVERDUE = card(id="c", last4="3333", state=AccountState.OVERDUE, days_past_due=3, amount_due="20.00")
LONGER = card(id="d", last4="4444", state=AccountState.OVERDUE, days_past_due=9, amount_due="10.00")
ALL = [SETTLED, DUE, OVERDUE, LONGER]


@pytest.mark.parametrize(
    ("named", "remembered", "chosen"),
    [
        (None, None, "4444"),
        (None, "2222", "2222"),
        ("1111", "2222", "1111"),
        ("尾号 1111", None, "1111"),
        ("6222 0000 0000 3333", None, "3333"),
        (None, "9999", "4444"),  # a card that is the customer's no longer
        ("Visa", "2222", "2222"),  # not a number
    ],
)
def test_named_before_remembered_before_most_urgent(
    named: Optional[str], remembered: Optional[str], chosen: str
) -> None:
    assert choose_card(ALL, named=named, remembered=remembered).card.last4 == chosen


def test_the_others_come_most_urgent_first() -> None:
    assert [other.last4 for other in choose_card(ALL, named="2222", remembered=None).others] == ["4444", "3333", "1111"]


def test_a_named_card_that_is_not_the_customers_is_never_replaced_by_another() -> None:
    with pytest.raises(UnknownCard):
        choose_card(ALL, named="9999", remembered="2222")


@pytest.mark.parametrize(("text", "digits"), [(None, None), ("", None), ("123", None), ("12345", "2345")])
def test_last_four(text: Optional[str], digits: Optional[str]) -> None:
    assert last_four(text) == digits
