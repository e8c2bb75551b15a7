"""Customers' names in the queue come from the bank."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, AsyncIterator, Callable, List, Optional

import pytest

from bank.errors import BankUnavailable, NotFound
from desk.case import names
from desk.case.names import Names
from desk.service import Desk
from tests.test_desk.floor import Floor


@dataclass
class Bank:
    """Answers with a name, or does not."""

    name: Optional[str] = "王女士"
    answers: bool = True
    asked: List[str] = field(default_factory=list)

    def customer(self, customer_id: str) -> Any:
        self.asked.append(customer_id)
        if not self.answers:
            raise BankUnavailable("GET …", "down")
        if self.name is None:
            raise NotFound("GET …", "not-found", 404)
        return SimpleNamespace(name=self.name)


async def until(happens: Callable[[], bool]) -> None:
    async def wait() -> None:
        while not happens():
            await asyncio.sleep(0.01)

    await asyncio.wait_for(wait(), 30)


@pytest.fixture
async def desk(floor: Floor) -> AsyncIterator[Desk]:
    floor.agent()
    running = Desk(floor.database)
    yield running
    running.stop()


@asynccontextmanager
async def asking(desk: Desk, bank: Bank) -> AsyncIterator[None]:
    task = asyncio.create_task(Names(desk, bank).run())  # type: ignore[arg-type]
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_who_wants_a_person_stands_in_the_queue_by_name(floor: Floor, desk: Desk) -> None:
    bank = Bank()
    async with asking(desk, bank):
        floor.ask()
        await desk.run(lambda journal: journal.touch("web-1"))  # as the feed does
        await until(lambda: floor.brief()["customer_name"] == "王女士")
    assert bank.asked == ["demo-m2"]


async def test_bank_that_does_not_answer_is_asked_again(
    floor: Floor, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "_AGAIN", 0.02)
    bank = Bank(answers=False)
    floor.ask()
    async with asking(desk, bank):
        await until(lambda: len(bank.asked) > 1)
        assert floor.brief()["customer_name"] is None
        bank.answers = True
        await until(lambda: floor.brief()["customer_name"] == "王女士")


async def test_customer_of_whom_the_bank_has_no_name_is_asked_for_once(
    floor: Floor, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank = Bank(name=None)
    floor.ask()
    async with asking(desk, bank):
        await until(lambda: bank.asked == ["demo-m2"])
        bank.name = "赵先生"
        floor.ask("web-2", customer_id="demo-other")
        await desk.run(lambda journal: journal.touch("web-2"))
        await until(lambda: floor.brief("web-2")["customer_name"] == "赵先生")
    assert bank.asked == ["demo-m2", "demo-other"]


async def test_visitor_whom_nobody_knows_is_not_asked_for(floor: Floor, desk: Desk) -> None:
    bank = Bank()
    floor.ask(customer_id=None)
    floor.ask("web-2")
    async with asking(desk, bank):
        await until(lambda: floor.brief("web-2")["customer_name"] == "王女士")
    assert bank.asked == ["demo-m2"]
