"""Cards by their names, and "the other one"."""

from __future__ import annotations

from typing import List, Optional

import pytest

from actions.card_names import card_named, card_with_digits, other_card_meant, says_only_other_card, speaks_of_card
from bank.models import Card
from tests.test_actions.builders import card

GOLD = card(id="g", last4="1111", name="悦享金卡")
PLATINUM = card(id="p", last4="2222", name="畅行白金卡")
STANDARD = card(id="s", last4="3333", name="标准信用卡")
TRAVEL = card(id="t", last4="4444", name="Travel Credit Card")
EVERYDAY = card(id="e", last4="5555", name="Everyday Credit Card")
GRADED = card(id="sg", last4="6666", name="标准信用卡金卡")
CHINESE = [GOLD, PLATINUM, STANDARD]
ENGLISH = [TRAVEL, EVERYDAY]


@pytest.mark.parametrize(
    ("cards", "text", "named"),
    [
        (CHINESE, "白金卡那张", PLATINUM),
        (CHINESE, "金卡那张欠多少", GOLD),
        (CHINESE, "我那张标准卡逾期了", STANDARD),
        (CHINESE, "畅行的那张", PLATINUM),
        (CHINESE, "悦享", GOLD),
        (CHINESE, "the platinum card please", PLATINUM),
        (CHINESE, "how much is due on my gold one", GOLD),
        (CHINESE, "普卡", STANDARD),
        (ENGLISH, "the travel one", TRAVEL),
        (ENGLISH, "my everyday card", EVERYDAY),
        (ENGLISH, "旅行卡", TRAVEL),
        ([STANDARD, GRADED], "金卡", GRADED),
        # nothing that tells one card from the others
        (CHINESE, "我的信用卡逾期了怎么办", None),
        (CHINESE, "这张卡", None),
        (CHINESE, "现金卡住了", None),
        (CHINESE, "交了多少金", None),
        (ENGLISH, "credit card", None),
        (ENGLISH, "I travel a lot for work", None),
        (ENGLISH, "everydayish card", None),
        (CHINESE, "", None),
        ([GOLD], "金卡", None),  # with one card there is nothing to choose
        ([GOLD, card(id="g2", last4="7777", name="悦享金卡")], "悦享金卡", None),
    ],
)
def test_the_card_whose_name_is_used(cards: List[Card], text: str, named: Optional[Card]) -> None:
    assert card_named(cards, text) == named


@pytest.mark.parametrize(
    "text", ["不对，是另一张", "另外一张卡", "另外那张", "no, the other card", "The other one!", "换张卡"]
)
def test_of_two_cards_the_other_one(text: str) -> None:
    assert other_card_meant(ENGLISH, text, "4444") == EVERYDAY


@pytest.mark.parametrize(
    ("cards", "text", "current"),
    [
        (CHINESE, "另一张", "1111"),  # which of two?
        (ENGLISH, "the other card", None),  # than which?
        (ENGLISH, "no", "4444"),
        (ENGLISH, "on the other hand", "4444"),
        ([TRAVEL], "the other card", "4444"),
    ],
)
def test_else_no_other_card_is_meant(cards: List[Card], text: str, current: Optional[str]) -> None:
    assert other_card_meant(cards, text, current) is None


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("不对，是另一张", True),
        ("不是这个，我说的是另外那张卡", True),
        ("换张卡吧", True),
        ("no, the other card", True),
        ("sorry I meant the other one", True),
        ("还有另一张卡要还", False),
        ("I have another card to pay", False),
        ("no", False),
    ],
)
def test_the_other_one_and_nothing_else(text: str, only: bool) -> None:
    assert says_only_other_card(text) is only


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("先处理2222", PLATINUM),
        ("3333自动扣款能开吗", STANDARD),
        ("what about 1111?", GOLD),
        ("分期2222元", None),
        ("¥2222", None),
        ("22222", None),
        ("2222.50", None),
        ("12222", None),
        ("9999那张", None),
        ("1111和2222", None),  # either
    ],
)
def test_bare_digits_name_a_card(text: str, named: Optional[Card]) -> None:
    assert card_with_digits(CHINESE, text) == named


def test_a_sum_is_no_reason_to_look_at_the_cards() -> None:
    assert not speaks_of_card("我先还3500元")
    assert speaks_of_card("先处理2222")
