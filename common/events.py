"""Waiting for an `asyncio.Event`, but not for ever."""

from __future__ import annotations

import asyncio
from typing import Optional


async def wait_at_most(event: asyncio.Event, seconds: Optional[float]) -> bool:
    """Whether the event is set within `seconds` (`None`: however long it takes).

    Unlike `asyncio.wait_for`, which until Python 3.12 may lose a cancellation that comes together with the event: a
    loop that waits so would not end when its server stops (https://github.com/python/cpython/issues/86296).
    """
    waiting = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait([waiting], timeout=seconds)
    finally:
        waiting.cancel()
    return event.is_set()
