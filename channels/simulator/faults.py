"""Faults of the platforms' APIs, which tests switch on.

A fault meets the next `times` calls of a path, before the call takes effect or `after` it has: then only the answer is
lost, as when a connection breaks at the wrong moment.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional

from channels.simulator.errors import ApiError

KINDS = frozenset({"status", "errcode", "slow"})


@dataclass
class Fault:
    """What goes wrong. `kind`: `status` (an HTTP status), `errcode` (a refusal), `slow` (waits, then goes on)."""

    platform: str
    path: str  # below the API's base, e.g. /cgi-bin/message/custom/send
    kind: str
    times: int = 1
    status: int = 500
    errcode: int = -1
    seconds: float = 0.0
    after: bool = False


class Broken(Exception):
    """The server answers with this HTTP status instead of what was asked."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class Faults:
    """What is switched on now."""

    def __init__(self) -> None:
        self._faults: List[Fault] = []

    def add(self, values: Mapping[str, Any]) -> None:
        """Switch one on. Raises `TypeError` or `ValueError` if it is none."""
        fault = Fault(**values)
        if fault.kind not in KINDS:
            raise ValueError(f"no fault {fault.kind!r}")
        self._faults.append(fault)

    def clear(self) -> None:
        """Everything works again."""
        self._faults.clear()

    def view(self) -> List[Dict[str, Any]]:
        """What has not met its calls yet."""
        return [vars(fault).copy() for fault in self._faults]

    async def meet(self, platform: str, path: str, after: bool) -> None:
        """Suffer the first fault that is due here. Raises `ApiError` or `Broken`."""
        fault = self._due(platform, path, after)
        if fault is None:
            return
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        elif fault.kind == "errcode":
            raise ApiError(fault.errcode)
        else:
            raise Broken(fault.status)

    def _due(self, platform: str, path: str, after: bool) -> Optional[Fault]:
        for fault in self._faults:
            if (fault.platform, fault.path, fault.after) == (platform, path, after):
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
                return fault
        return None
