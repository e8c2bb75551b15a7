"""Figures as the customer reads them."""

from __future__ import annotations

from datetime import date
from typing import Iterator

import pytest

from common import clock
from dialogue.formats import FORMATS, day, days, moment, money, percent


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    clock.set_today(date(2026, 11, 21))
    yield
    clock.set_today(None)


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "¥0.00"),
        ("5.5", "¥5.50"),
        ("1234.5", "¥1,234.50"),
        ("1234567.89", "¥1,234,567.89"),
        ("-40.00", "-¥40.00"),
        ("-0.00", "¥0.00"),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_money_has_two_decimals_and_thousands(amount: str, shown: str, language: str) -> None:
    assert money(amount, language) == shown


def test_dates_are_as_people_say_them() -> None:
    assert day("2026-11-25", "zh") == "11月25日 周三"
    assert day("2026-11-25", "en") == "Wed 25 Nov"


def test_dates_of_another_year_name_it() -> None:
    assert day("2027-01-05", "zh") == "2027年1月5日"
    assert day("2025-12-31", "en") == "31 Dec 2025"


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [
        ("0.1825", "18.25%"),
        ("0.05", "5.00%"),
        ("0.0005", "0.05%"),
        ("0.00035", "0.035%"),
        ("0.006", "0.60%"),
        ("0", "0.00%"),
        ("0.125564", "12.56%"),
        ("1", "100.00%"),
    ],
)
def test_rates_keep_what_matters(fraction: str, shown: str) -> None:
    assert percent(fraction, "zh") == shown


@pytest.mark.parametrize(
    ("count", "chinese", "english"), [(0, "0天", "0 days"), (1, "1天", "1 day"), (40, "40天", "40 days")]
)
def test_days_are_counted_in_both_languages(count: int, chinese: str, english: str) -> None:
    assert days(count, "zh") == chinese
    assert days(count, "en") == english


def test_moments_are_the_banks_whatever_zone_they_come_in() -> None:
    assert moment("2026-11-21T12:30:00+00:00", "zh") == "11月21日 周六 20:30"
    assert moment("2026-11-21T23:30:00-05:00", "en") == "Sun 22 Nov 12:30"
    assert moment("2026-11-21T18:30:00+08:00", "en") == "Sat 21 Nov 18:30"


def test_every_kind_of_value_that_actions_make_has_a_format() -> None:
    assert set(FORMATS) == {"money", "date", "datetime", "percent", "days"}
