"""Fixtures of outreach's tests: a clock that stands still until it is moved, and a worker over a generated bank."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Sequence

import pytest

from bank.models import ContactAddresses, ContactChannel
from common import clock
from common.database import Database
from desk.store import HandoverStore
from outreach.plan import Plan, plan_from
from outreach.senders.base import Outgoing, Sender, SendingFailed, Sent
from outreach.senders.call_task import CallTaskSender
from outreach.tables import metadata
from outreach.texts import texts_from
from outreach.worker import Worker
from tests.test_bank.databases import DATABASES, fresh_url, run_postgresql
from tests.test_outreach.generated_bank import GeneratedBank, Life

START = datetime(2026, 9, 1, 0, 0, tzinfo=clock.BANK_ZONE)


@dataclass
class VirtualClock:
    """The bank's time."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **time: float) -> None:
        self.at += timedelta(**time)


@dataclass
class Gateway:
    """A gateway that keeps what it got, and fails as it is told to."""

    channel: ContactChannel
    repeatable: bool = False
    faults: List[SendingFailed] = field(default_factory=list)
    got: List[Outgoing] = field(default_factory=list)
    knows: bool = True  # whether it can be asked

    def address(self, customer_id: str, addresses: ContactAddresses) -> Optional[str]:
        if self.channel is ContactChannel.WEBCHAT:
            return f"web-{customer_id}"
        return addresses.email if self.channel is ContactChannel.EMAIL else addresses.phone

    def send(self, outgoing: Outgoing) -> Sent:
        if self.faults:
            raise self.faults.pop(0)
        self.got.append(outgoing)
        return Sent(f"gw-{outgoing.id}")

    def find(self, message_id: str, address: str, at: datetime) -> Optional[bool]:
        return any(each.id == message_id for each in self.got) if self.knows else None


@dataclass
class Outreach:
    """A worker and everything around it."""

    bank: GeneratedBank
    database: Database
    url: str
    desk: HandoverStore
    plan: Plan
    time: VirtualClock
    gateways: Dict[ContactChannel, Gateway]

    def worker(self, threads: int = 1) -> Worker:
        senders: Dict[ContactChannel, Sender] = {**self.gateways}
        senders[ContactChannel.PHONE] = CallTaskSender(self.database)
        return Worker(
            self.bank,
            self.database,
            self.desk,
            self.plan,
            texts_from(),
            senders,
            link="https://www.bank.example/help",
            address_secret="secret",
            threads=threads,
        )

    def run(self, hours: int) -> None:
        """Let hours go by; the worker works at the beginning of each."""
        worker = self.worker()
        for _ in range(hours):
            worker.tick()
            self.time.forward(hours=1)


def outreach_of(lives: Sequence[Life], url: str, desk_url: str, time: VirtualClock) -> Outreach:
    database = Database(url, metadata)
    database.prepare()
    ways = (ContactChannel.EMAIL, ContactChannel.SMS, ContactChannel.WEBCHAT)
    gateways = {channel: Gateway(channel) for channel in ways}
    return Outreach(GeneratedBank(lives), database, url, HandoverStore(desk_url), plan_from(), time, gateways)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Path]:
    """The folder of the socket of a PostgreSQL server for the tests of this run."""
    yield from run_postgresql()


@pytest.fixture(params=DATABASES)
def any_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    return fresh_url(request, tmp_path)


@pytest.fixture
def virtual(monkeypatch: pytest.MonkeyPatch) -> VirtualClock:
    """The clock of everything, standing at the beginning of a Tuesday."""
    made = VirtualClock()
    monkeypatch.setattr(clock, "now", made)
    return made
