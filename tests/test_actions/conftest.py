"""What every action's test takes for granted."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def usual_hours(nine_to_nine: None) -> None:
    """A clock that a test sets decides whether people answer."""
