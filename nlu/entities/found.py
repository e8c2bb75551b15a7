"""What a finder returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable


@dataclass(frozen=True)
class Found:
    """The characters `start` to `end` (excluded) of a message and what they mean."""

    start: int
    end: int
    value: str

    def overlaps(self, others: Iterable[Found]) -> bool:
        """Whether it shares a character with one of `others`."""
        return any(self.start < other.end and other.start < self.end for other in others)
