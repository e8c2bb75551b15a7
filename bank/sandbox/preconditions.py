"""What a write was told about the state that it means to change (RFC 9110, If-Match)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Tuple

from bank.sandbox.problems import Problem


@dataclass(frozen=True)
class IfMatch:
    """The ETags of which one must be the present one; None: whatever it is."""

    tags: Optional[Tuple[str, ...]] = None

    def check(self, version: int) -> None:
        """Raises Problem `changed-meanwhile`. A weak tag never matches, as the RFC asks for here."""
        if self.tags is not None and f'"{version}"' not in self.tags:
            raise Problem("changed-meanwhile", "read it again")


ANY = IfMatch()
