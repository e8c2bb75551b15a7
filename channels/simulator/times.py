"""The platforms' clock."""

from __future__ import annotations

import time


class Clock:
    """Tells the time, and lets tests make it pass.

    Only what expires follows `skip`. Times that leave with messages are the calendar's, whatever date the product's
    clock is fixed at: the platforms know nothing of it.
    """

    def __init__(self) -> None:
        self._skipped = 0.0

    def now(self) -> float:
        """Seconds since the epoch, as messages carry it."""
        return time.time()

    def elapsed(self) -> float:
        """Seconds since some moment, skipped ones included: for whatever expires."""
        return time.monotonic() + self._skipped

    def skip(self, seconds: float) -> None:
        """Let this much time pass at once."""
        self._skipped += seconds
