"""What people read has no card, identity or phone number in it, and all else unchanged."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.masking import mask_numbers

HIDDEN = [
    ("卡号6222021234567890123谢谢", "卡号****0123谢谢"),  # UnionPay, 19 digits
    ("4111111111111111", "****1111"),
    ("6222 0212 3456 7890", "****7890"),
    ("6222-0212-3456-7890-123", "****0123"),
    ("4111.1111.1111.1111", "****1111"),
    ("622202 1234567890123", "****0123"),
    ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "****1111"),
    ("4111 1111\n1111 1111", "****1111"),
    ("4111\u200b1111\u200b1111\u200b1111", "****1111"),
    ("６２２２０２１２３４５６７８９０", "****７８９０"),
    ("378282246310005", "****0005"),  # American Express
    ("20261121000712345", "****2345"),  # what it is does not matter
    ("123456789012345678901234567890", "****7890"),
    ("11010519491231002X", "****002X"),
    ("身份证110105194912310021。", "身份证****0021。"),
    ("110105 19491231 002x", "****002x"),
    ("手机13800138000，谢谢", "手机****8000，谢谢"),
    ("138 0013 8000", "****8000"),
    ("138-0013-8000", "****8000"),
    ("+86 138 0013 8000", "+****8000"),
    ("8613800138000", "****8000"),
    ("13800138000 13900139000", "****8000 ****9000"),
    ("卡 6222 0212 3456 7890 123 手机 13800138000", "卡 ****0123 手机 ****8000"),
]
SHOWN = [
    "尾号 1234",
    "应还 ¥12,345.67，最低 1,234.50",
    "1234.56 2345.67 3456.78 4567.89",
    "123456789012.34",
    "2026-11-21 2026-12-25",
    "2026-11-21 到 2026/12/25，2026.12.31 前",
    "2026年11月21日 09:00-21:00",
    "INS-20261121-0007 和 H-2345ABCD",
    "1763812345678",  # a moment in milliseconds
    "400-820-8820",
    "010-65001234",
    "分12期，每期 500 元",
    "验证码 123456",
    "3x 12X",
    "11012345678",  # no mobile range begins with 110
]


@pytest.mark.parametrize(("text", "shown"), HIDDEN)
def test_a_number_is_hidden_but_for_its_end(text: str, shown: str) -> None:
    assert mask_numbers(text) == shown


@pytest.mark.parametrize("text", SHOWN)
def test_what_is_no_such_number_stays(text: str) -> None:
    assert mask_numbers(text) == text


@given(st.text(alphabet="0123456789 -.,xX年/:元\n６", max_size=120))
def test_no_run_of_sixteen_digits_survives_and_masking_twice_changes_nothing(text: str) -> None:
    masked = mask_numbers(text)
    assert not re.search(r"\d{16}", masked)
    assert mask_numbers(masked) == masked


def with_check_digit(digits: str) -> str:
    """`digits` and Luhn's check digit."""
    for last in "0123456789":
        doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits + last))]
        if sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0:
            return digits + last
    raise AssertionError


CARDS = st.builds(
    lambda first, rest: with_check_digit(first + rest),
    st.sampled_from(["62", "4", "51", "9558", "35", "2221"]),
    st.text(alphabet="0123456789", min_size=14, max_size=14),
)


@given(CARDS, st.lists(st.sampled_from(["", " ", "-", " -", "\u00a0", "·"]), min_size=19, max_size=19))
def test_of_a_card_no_more_than_four_digits_survive_however_it_is_written(card: str, between: list[str]) -> None:
    written = "".join(digit + gap for digit, gap in zip(card, between, strict=False))
    left = re.sub(r"\D", "", mask_numbers(f"我的卡是{written}请查"))
    assert left == card[-4:]


@given(st.from_regex(r"1[3-9]\d{9}", fullmatch=True), st.sampled_from(["", " ", "-"]))
def test_of_a_mobile_number_only_the_end_survives(phone: str, gap: str) -> None:
    written = gap.join([phone[:3], phone[3:7], phone[7:]])
    assert mask_numbers(f"打{written}吧") == f"打****{phone[-4:]}吧"
