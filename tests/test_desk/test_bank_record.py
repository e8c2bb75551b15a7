"""The bank learns of each hand-over once, and how it ended."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, AsyncIterator, Callable, Dict, Iterator, List, Optional

import pytest
import sqlalchemy as sa

from bank.client import BankClient
from bank.errors import BankError, BankTimeout, IdempotencyConflict, IllegalMove, InvalidRequest, NotOffered
from bank.models import HandOverOutcome
from common.feed import EventFeed
from desk import acts
from desk.case import bank_record
from desk.case.bank_record import OUTCOMES, BankRecord
from desk.case.service import Cases
from desk.people.model import Agent
from desk.service import Desk
from desk.states import Move
from desk.tables import handovers
from tests.processes import Sandbox, start_sandbox
from tests.test_desk.floor import WEB, Floor

STATIC = Path(__file__).resolve().parents[2] / "desk" / "static" / "views" / "acts.js"


class Bank:
    """Keeps hand-overs by their idempotency keys, as banks do; or fails."""

    def __init__(self) -> None:
        self.fails: Optional[BankError] = None
        self.asked = 0
        self.opened: Dict[str, Dict[str, Any]] = {}
        self.closed: Dict[str, Any] = {}

    def hand_over(self, customer_id: str, *, idempotency_key: str, **wanted: Any) -> Any:
        self.asked += 1
        body = {"customer_id": customer_id, **wanted}
        kept = self.opened.setdefault(idempotency_key, body)
        if kept != body:
            raise IdempotencyConflict("POST", "idempotency-conflict", 409)
        reference = f"HO-{list(self.opened).index(idempotency_key)}"
        if self.fails:  # an answer may be lost after it was done
            raise self.fails
        return SimpleNamespace(reference=reference, **kept)

    def close_hand_over(self, customer_id: str, reference: str, *, outcome: Any, idempotency_key: str) -> Any:
        if self.fails:
            raise self.fails
        self.closed[reference] = outcome

    def __getattr__(self, name: str) -> Any:
        def no_answer(*_: Any, **__: Any) -> Any:
            raise BankTimeout(name, "the rest of this bank does not answer")

        return no_answer


async def until(happens: Callable[[], bool]) -> None:
    async def wait() -> None:
        while not happens():
            await asyncio.sleep(0.01)

    await asyncio.wait_for(wait(), 30)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bank_record, "_AGAIN", 0.02)


@pytest.fixture
def lin(floor: Floor) -> Agent:
    return floor.agent("lin")


@asynccontextmanager
async def telling(floor: Floor, bank: Any) -> AsyncIterator[None]:
    desk, feed = Desk(floor.database), EventFeed(floor.url)
    task = asyncio.create_task(BankRecord(desk, Cases(bank, feed), bank).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        desk.stop()
        feed.close()


def states(floor: Floor) -> List[Optional[str]]:
    with floor.database.reading() as connection:
        return list(connection.execute(sa.select(handovers.c.at_bank).order_by(handovers.c.id)).scalars())


async def test_the_bank_is_told_who_wants_a_person_why_and_how_it_ended(floor: Floor, lin: Agent) -> None:
    bank = Bank()
    async with telling(floor, bank):
        floor.ask(priority="urgent", trigger="care")
        await until(lambda: states(floor) == ["open"])
        (opened,) = bank.opened.values()
        assert (opened["customer_id"], opened["conversation_id"], opened["reason"]) == (
            "demo-m2",
            WEB,
            "report_hardship",
        )
        assert opened["priority"].value == "urgent"
        assert 0 < len(opened["summary"]) <= 2000
        floor.do(acts.claim, lin, WEB)
        await asyncio.sleep(0.1)
        assert bank.closed == {}
        floor.do(acts.close, lin, WEB, outcome="no_answer", reason="did not write again")
        await until(lambda: states(floor) == ["closed"])
    assert bank.closed == {"HO-0": HandOverOutcome.NOT_REACHED}


async def test_an_answer_that_was_lost_opens_nothing_twice(floor: Floor, lin: Agent) -> None:
    bank = Bank()
    bank.fails = BankTimeout("POST", "no answer")
    floor.ask()
    async with telling(floor, bank):
        await until(lambda: bank.asked > 2)
        floor.ask(priority="urgent", trigger="care")  # what is known of it changes meanwhile
        asked = bank.asked
        await until(lambda: bank.asked > asked + 1)
    bank.fails = None
    floor.do(acts.claim, lin, WEB)
    floor.do(acts.hand_back, lin, WEB)
    async with telling(floor, bank):  # after a restart, when it has ended meanwhile
        await until(lambda: states(floor) == ["closed"])
    assert len(bank.opened) == 1
    assert bank.closed == {"HO-0": HandOverOutcome.PASSED_ON}


async def test_a_visitor_is_nobody_the_bank_knows(floor: Floor, lin: Agent) -> None:
    bank = Bank()
    floor.ask(customer_id=None)
    floor.ask("web-2")
    async with telling(floor, bank):
        await until(lambda: states(floor) == ["due", "open"])
    assert [each["conversation_id"] for each in bank.opened.values()] == ["web-2"]


async def test_what_the_bank_refuses_holds_up_no_other(
    floor: Floor, lin: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank = Bank()
    known = bank.hand_over

    def picky(customer_id: str, **wanted: Any) -> Any:
        if wanted["conversation_id"] == WEB:
            raise InvalidRequest("POST", "invalid-request", 400)
        return known(customer_id, **wanted)

    monkeypatch.setattr(bank, "hand_over", picky)
    floor.ask()
    floor.ask("web-2")
    async with telling(floor, bank):
        await until(lambda: states(floor) == ["refused", "open"])


async def test_a_bank_that_keeps_no_such_record_is_not_asked_again(floor: Floor, lin: Agent) -> None:
    bank = Bank()
    bank.fails = NotOffered("POST", "not-offered", 501)
    floor.ask()
    async with telling(floor, bank):
        await until(lambda: bank.asked == 1)
        await asyncio.sleep(0.2)
    assert (bank.asked, states(floor)) == (1, ["due"])


def test_every_way_to_end_a_hand_over_has_an_outcome_at_the_bank() -> None:
    source = STATIC.read_text(encoding="utf-8")
    line = next(line for line in source.splitlines() if "export const OUTCOMES" in line)
    offered = set(line.split('"')[1::2])
    assert offered
    assert offered | {Move.HAND_BACK.value, Move.BACK_TO_BOT.value} <= set(OUTCOMES)
    assert set(OUTCOMES.values()) == set(HandOverOutcome)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = start_sandbox(tmp_path_factory.mktemp("bank"))
    yield running
    running.process.stop()


async def test_by_the_banks_own_contract(floor: Floor, lin: Agent, sandbox: Sandbox) -> None:
    bank = BankClient(sandbox.api_url, sandbox.token)
    async with telling(floor, bank):
        floor.ask(customer_id="demo-m2")
        await until(lambda: states(floor) == ["open"])
        floor.do(acts.claim, lin, WEB)
        floor.do(acts.close, lin, WEB, outcome="request_filed", reason="")
        await until(lambda: states(floor) == ["closed"])
    with floor.database.reading() as connection:
        reference = connection.execute(sa.select(handovers.c.bank_reference)).scalar_one()
    with pytest.raises(IllegalMove):  # it is closed there, too
        bank.close_hand_over("demo-m2", reference, outcome=HandOverOutcome.RESOLVED, idempotency_key=uuid.uuid4().hex)
