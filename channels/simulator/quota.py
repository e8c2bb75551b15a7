"""How many messages an account may send a customer, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Optional

from channels.simulator.times import Clock

MESSAGE_COUNT, MESSAGE_SECONDS = 5, 48 * 3600  # after a customer's message
PRESS_COUNT, PRESS_SECONDS = 3, 60  # after a press on a menu, and after following


class WindowClosed(Exception):
    """The customer has done nothing that lets the account write, or too long ago."""


class CountUsed(Exception):
    """As many messages as are allowed have been sent."""


@dataclass
class Grant:
    """What one act of the customer allows."""

    total: int
    left: int
    until: float


class Quota:
    """One customer's.

    The documents do not say how what two acts allow adds up. Here words end what an earlier press allowed, and a press
    adds to what words allowed, as it is said not to renew that.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._grants: Dict[str, Grant] = {}

    def after_message(self) -> None:
        """The customer wrote."""
        self._grants.pop("press", None)
        self._renew("message", MESSAGE_COUNT, MESSAGE_SECONDS)

    def after_press(self) -> None:
        """The customer pressed on a menu, or began to follow."""
        self._renew("press", PRESS_COUNT, PRESS_SECONDS)

    def _renew(self, kind: str, count: int, seconds: float) -> None:
        self._grants[kind] = Grant(count, count, self._clock.elapsed() + seconds)

    def close(self) -> None:
        """Nothing may be sent from now on."""
        self._grants.clear()

    def spend(self) -> None:
        """Count one message, from what ends first. Raises `WindowClosed` or `CountUsed`."""
        open_grants = self._open()
        if not open_grants:
            raise WindowClosed
        grant = next((grant for grant in open_grants if grant.left), None)
        if grant is None:
            raise CountUsed
        grant.left -= 1

    def _open(self) -> List[Grant]:
        now = self._clock.elapsed()
        return sorted((grant for grant in self._grants.values() if grant.until > now), key=lambda grant: grant.until)

    def is_open(self) -> bool:
        """Whether the customer's last act is recent enough, messages left or not."""
        return bool(self._open())

    def view(self) -> Dict[str, Any]:
        """`left` of `total` messages, and the `seconds` until the last of them must be sent."""
        grants = self._open()
        seconds: Optional[float] = grants[-1].until - self._clock.elapsed() if grants else None
        return {
            "left": sum(grant.left for grant in grants),
            "total": sum(grant.total for grant in grants),
            "seconds": None if seconds is None else int(seconds),
        }
