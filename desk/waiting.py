"""How long a customer will wait, and whether an agent answers in time. Pure."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Sequence

#: How long a conversation takes as long as too few have ended to know better.
USUAL_HANDLING = timedelta(minutes=8)
_ENOUGH = 5  # conversations, to go by their mean
_SOON = 2 / 3  # of the time that is allowed


def mean_handling(lasted: Sequence[timedelta]) -> timedelta:
    """How long a conversation with an agent takes, by how long the last ones lasted."""
    if len(lasted) < _ENOUGH:
        return USUAL_HANDLING
    return sum(lasted, timedelta()) / len(lasted)


def expected_minutes(position: int, *, room: int, capacity: int, handling: timedelta) -> int:
    """Minutes, at least 1, until whoever is at `position` (1 is next) has an agent.

    `room`: conversations that agents could take now; `capacity`: that they can have in all. When all places are taken
    one becomes free every `handling / capacity` on average (Little's law: throughput = work in progress / time).
    """
    behind = position - room
    if behind <= 0 or capacity <= 0:
        return 1
    return max(1, math.ceil(behind * handling.total_seconds() / 60 / capacity))


def service_level(waited_seconds: float, allowed_seconds: float) -> str:
    """`ok`, `soon` when two thirds of the time are over, or `late`."""
    if waited_seconds > allowed_seconds:
        return "late"
    return "soon" if waited_seconds > allowed_seconds * _SOON else "ok"
