"""Waiting for an event: until it is set, until the time is over, or until the task is cancelled."""

from __future__ import annotations

import asyncio

import pytest

from common.events import wait_at_most


async def test_it_ends_when_the_event_is_set() -> None:
    event = asyncio.Event()
    waiting = asyncio.create_task(wait_at_most(event, None))
    await asyncio.sleep(0)
    event.set()
    assert await waiting is True


async def test_it_ends_when_the_time_is_over() -> None:
    assert await wait_at_most(asyncio.Event(), 0.01) is False


async def test_a_cancellation_together_with_the_event_is_not_lost() -> None:
    event = asyncio.Event()
    waiting = asyncio.create_task(wait_at_most(event, 60))
    await asyncio.sleep(0)
    event.set()
    await asyncio.sleep(0)  # the event has ended the inner wait, and nobody has seen it yet
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
