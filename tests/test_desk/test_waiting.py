"""How long a customer will wait, and when an answer is late."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.waiting import USUAL_HANDLING, expected_minutes, mean_handling, service_level

TEN = timedelta(minutes=10)


@pytest.mark.parametrize(
    ("position", "room", "capacity", "minutes"),
    [
        (1, 1, 3, 1),  # somebody has room: at once
        (3, 3, 3, 1),
        (1, 0, 5, 2),  # one of five places becomes free every two minutes
        (5, 0, 5, 10),
        (6, 1, 5, 10),  # the first takes the room that there is
        (1, 0, 20, 1),  # less than a minute is a minute
        (1, 0, 0, 1),  # nobody is there: the rules take it out of the queue
    ],
)
def test_expected_minutes(position: int, room: int, capacity: int, minutes: int) -> None:
    assert expected_minutes(position, room=room, capacity=capacity, handling=TEN) == minutes


def test_who_stands_behind_waits_at_least_as_long() -> None:
    waits = [expected_minutes(position, room=2, capacity=6, handling=TEN) for position in range(1, 40)]
    assert waits == sorted(waits)


def test_handling_is_known_from_the_last_conversations_once_there_are_some() -> None:
    assert mean_handling([TEN] * 4) == USUAL_HANDLING
    assert mean_handling([TEN, TEN, TEN, TEN, timedelta(minutes=20)]) == timedelta(minutes=12)


@pytest.mark.parametrize(("waited", "level"), [(0, "ok"), (40, "ok"), (41, "soon"), (60, "soon"), (60.5, "late")])
def test_service_level(waited: float, level: str) -> None:
    assert service_level(waited, 60) == level
