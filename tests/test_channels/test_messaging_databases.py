"""Inbox, leases and outbox hold with each database: with SQLite and with PostgreSQL."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import AsyncIterator, Iterator

import pytest

from channels.messaging.platform import Address
from tests.test_bank.databases import DATABASES, fresh_url, run_postgresql
from tests.test_channels.messaging import LIMITS, LIN, FakePlatform, ScriptedAgent, World


@pytest.fixture(scope="module")
def postgresql_server() -> Iterator[Path]:
    """The folder of the socket of a PostgreSQL server for the tests of this module."""
    yield from run_postgresql()


@pytest.fixture(params=DATABASES)
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path, ScriptedAgent(tmp_path), FakePlatform(), url=fresh_url(request, tmp_path))
    yield made
    for process in made.processes:
        await process.end()


async def test_two_processes_answer_what_comes_three_times_once_and_in_order(world: World) -> None:
    one, two = await world.process(), await world.process()
    everybody = [Address("wechat", "wx-bank", f"openid-{number}") for number in range(5)]
    for number in range(3):
        for address in everybody:
            message = world.said(f"{number}", address)
            await asyncio.gather(*(process.inbox.take([message]) for process in (one, two, one)))
    await world.until(lambda: len(world.platform.taken) == 15)
    for address in everybody:
        assert world.platform.texts(address) == ["re: 0", "re: 1", "re: 2"]


async def test_what_a_dead_process_left_is_answered_by_the_next_one(world: World) -> None:
    for ends_at in (3, 6, 9):
        first = await world.process(ends_at, start=False)
        await world.until(lambda: True)
        heir = await world.process(start=False)
        await heir.inbox.take([world.said(f"after {ends_at}")])
        first.worker.start()
        await world.until(first.life.over.is_set)
        await first.end()
        world.later()
        heir.worker.start()
        await until_said(world, f"re: after {ends_at}")
        await heir.end()
    assert world.platform.texts(LIN) == ["re: after 3", "re: after 6", "re: after 9"]


async def until_said(world: World, text: str) -> None:
    await world.until(lambda: text in world.platform.texts(LIN))


async def test_what_is_held_goes_on_when_the_customer_writes(world: World) -> None:
    process = await world.process()
    world.agent.processor.says = lambda message: [{"text": f"{message.text} {'很长。' * 600}"}]
    await process.inbox.take([world.said("one"), world.said("two")])
    await world.until(lambda: not process.worker._busy and len(world.platform.taken) == LIMITS.messages)
    world.agent.processor.says = lambda message: [{"text": f"re: {message.text}"}]
    await process.inbox.take([world.said("three")])
    await world.until(lambda: world.platform.texts(LIN)[-1] == "re: three")
    assert len(world.platform.taken) == LIMITS.messages + 2
