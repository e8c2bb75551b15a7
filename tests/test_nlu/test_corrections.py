"""A correction names its new value as a bare answer would."""

from __future__ import annotations

from datetime import date

import pytest

from nlu.entities.extraction import extract

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("no, 6 months", "6"),
        ("no, I meant 12", "12"),
        ("make it 6", "6"),
        ("6 instead of 12", "6"),
        ("not 12 but 6", "6"),
        ("不对，12", "12"),
        ("不是12，是6", "6"),
        ("改成6", "6"),
        ("不对，是12期", "12"),
        ("不要了 还是6个月吧", "6"),
        ("半年的", "6"),
        ("12 👍", "12"),
        ("改成6🙏🙏", "6"),
    ],
)
def test_the_new_number_is_found_and_the_old_one_is_not(text: str, term: str) -> None:
    assert [found.value for found in extract(text, None, TODAY) if found.name == "term"] == [term]


@pytest.mark.parametrize("text", ["no", "no way", "不是", "还是算了", "actually never mind", "wait"])
def test_a_correction_without_a_number_names_nothing(text: str) -> None:
    assert extract(text, None, TODAY) == []
