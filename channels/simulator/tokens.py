"""Access tokens of one account: how they are given, renewed and checked."""

from __future__ import annotations

import secrets
from typing import Dict, Optional, Tuple

from channels.simulator.errors import ApiError
from channels.simulator.times import Clock

LIFETIME = 7200  # seconds
OVERLAP = 300  # seconds in which an old token still works beside the new one
_FORCED_PAUSE = 30  # seconds between two forced renewals; sooner ones renew nothing


class AccessTokens:
    """The tokens of one account. `superseded`: the error for one that is no longer the latest."""

    def __init__(self, clock: Clock, superseded: int) -> None:
        self._clock = clock
        self._superseded = superseded
        self._ends: Dict[str, float] = {}  # when each stops working
        self._replaced: Dict[str, float] = {}  # when those that were replaced stop being taken
        self._latest: Optional[str] = None
        self._forced = float("-inf")
        self.given = 0  # how many different ones there were

    def stable(self, force: bool = False) -> Tuple[str, int]:
        """The token and for how many seconds it works: the same one until its last five minutes, unless forced."""
        now = self._clock.elapsed()
        if force and now - self._forced >= _FORCED_PAUSE:
            self._forced = now
            return self._renew(now, overlap=0)
        if self._latest is None or self._ends[self._latest] - now < OVERLAP:
            return self._renew(now, overlap=OVERLAP)
        return self._latest, int(self._ends[self._latest] - now)

    def fresh(self) -> Tuple[str, int]:
        """A new token with each call, as the older of the Official Account's two ways gives."""
        return self._renew(self._clock.elapsed(), overlap=OVERLAP)

    def _renew(self, now: float, overlap: int) -> Tuple[str, int]:
        if self._latest is not None:
            self._replaced[self._latest] = now + overlap
        self._latest = f"{self.given + 1}_{secrets.token_urlsafe(96)}"
        self._ends[self._latest] = now + LIFETIME
        self.given += 1
        return self._latest, LIFETIME

    def check(self, token: Optional[str]) -> None:
        """Raises `ApiError` unless it works."""
        now = self._clock.elapsed()
        if not token:
            raise ApiError(41001)
        if token not in self._ends:
            raise ApiError(40014)
        if self._replaced.get(token, now + 1) <= now:
            raise ApiError(self._superseded)
        if self._ends[token] <= now:
            raise ApiError(42001)

    def expire(self) -> None:
        """Let the present token run out before its time."""
        if self._latest is not None:
            self._ends[self._latest] = self._clock.elapsed()

    def supersede(self) -> None:
        """As if somebody else had asked for a new token by force."""
        self._renew(self._clock.elapsed(), overlap=0)
