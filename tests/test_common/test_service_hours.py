"""When people answer: hours, weekends, China's holidays and made-up working days, the bank's own lists."""

from __future__ import annotations

import logging
from datetime import date, datetime, time
from typing import Iterator

import pytest

from common import clock, service_hours
from common.service_hours import hours_of_the_day, is_open, is_working_day, next_opening
from common.settings import settings


def moment(day: str, hour: str = "12:00") -> datetime:
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(hour), clock.BANK_ZONE)


pytestmark = pytest.mark.usefixtures("nine_to_nine")


@pytest.fixture
def office_days(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """People rest at weekends and on holidays."""
    monkeypatch.setattr(settings(), "service_weekends", False)
    monkeypatch.setattr(settings(), "service_public_holidays", False)
    service_hours._is_known.cache_clear()
    yield
    service_hours._is_known.cache_clear()


@pytest.mark.parametrize(
    ("opens", "closes", "at", "served"),
    [
        (time(9), time(21), "08:59", False),
        (time(9), time(21), "09:00", True),
        (time(9), time(21), "21:00", False),
        (time(20), time(4), "23:00", True),
        (time(20), time(4), "03:59", True),
        (time(20), time(4), "12:00", False),
        (time(0), time(0), "00:00", True),
        (time(0), time(0), "23:59:59", True),
    ],
)
def test_service_hours(opens: time, closes: time, at: str, served: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "service_opens", opens)
    monkeypatch.setattr(settings(), "service_closes", closes)
    assert is_open(moment("2026-11-21", at)) is served


HOLIDAYS = [
    ("2026-01-01", False, "New Year's Day"),
    ("2026-02-17", False, "Spring Festival, a Tuesday"),
    ("2026-02-14", True, "a Saturday that makes up for it"),
    ("2026-09-20", True, "a Sunday that makes up for National Day"),
    ("2026-10-01", False, "National Day"),
    ("2026-10-03", False, "a Saturday within the holiday"),
    ("2026-10-10", True, "a Saturday that makes up for it"),
    ("2026-11-20", True, "a Friday"),
    ("2026-11-21", False, "a Saturday"),
    ("2026-11-22", False, "a Sunday"),
]


@pytest.mark.parametrize(("day", "works", "what"), HOLIDAYS)
@pytest.mark.usefixtures("office_days")
def test_holidays_and_made_up_days(day: str, works: bool, what: str) -> None:
    assert is_working_day(date.fromisoformat(day)) is works, what


@pytest.mark.parametrize("day", [day for day, _, _ in HOLIDAYS])
def test_by_default_people_answer_every_day(day: str) -> None:
    assert is_working_day(date.fromisoformat(day))


def test_who_rests_on_holidays_may_work_at_weekends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "service_public_holidays", False)
    assert is_working_day(date(2026, 11, 21))
    assert not is_working_day(date(2026, 10, 3))


@pytest.mark.usefixtures("office_days")
def test_beyond_the_known_years_weekdays_count_and_a_warning_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert not is_working_day(date(2031, 10, 4))  # a Saturday
        assert is_working_day(date(2031, 10, 1))  # National Day, but who knows
        assert is_working_day(date(2031, 10, 2))
    assert [record.getMessage().count("2031") for record in caplog.records] == [1]


@pytest.mark.usefixtures("office_days")
def test_the_banks_own_lists_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "service_closed_days", [date(2031, 10, 1), date(2026, 11, 20)])
    monkeypatch.setattr(settings(), "service_open_days", [date(2031, 10, 4), date(2026, 10, 1)])
    assert not is_working_day(date(2031, 10, 1))
    assert not is_working_day(date(2026, 11, 20))
    assert is_working_day(date(2031, 10, 4))
    assert is_working_day(date(2026, 10, 1))


@pytest.mark.usefixtures("office_days")
def test_the_next_opening_skips_the_days_off() -> None:
    assert next_opening(moment("2026-11-20", "08:00")) == moment("2026-11-20", "09:00")
    assert next_opening(moment("2026-11-20", "10:00")) == moment("2026-11-23", "09:00")
    assert next_opening(moment("2026-09-30", "22:00")) == moment("2026-10-08", "09:00")


def test_people_answer_again_today_or_tomorrow() -> None:
    assert next_opening(moment("2026-11-21", "03:00")) == moment("2026-11-21", "09:00")
    assert next_opening(moment("2026-11-21", "22:00")) == moment("2026-11-22", "09:00")


@pytest.mark.usefixtures("office_days")
def test_a_night_belongs_to_the_day_on_which_it_began(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "service_opens", time(20))
    monkeypatch.setattr(settings(), "service_closes", time(4))
    assert is_open(moment("2026-11-21", "03:00"))  # Saturday, of the shift that began on Friday
    assert not is_open(moment("2026-11-21", "21:00"))
    assert not is_open(moment("2026-11-23", "03:00"))  # Monday, of Sunday


def test_hours_as_people_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hours_of_the_day() == ("09:00", "21:00")
    monkeypatch.setattr(settings(), "service_closes", time(9))
    assert hours_of_the_day() == ("00:00", "24:00")


def test_a_year_without_service_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_hours, "is_working_day", lambda day: False)
    with pytest.raises(ValueError, match="SERVICE_CLOSED_DAYS"):
        next_opening(moment("2026-11-21"))
