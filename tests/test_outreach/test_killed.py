"""A worker that is killed at any point loses no contact and doubles none; nor do several that work at once."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import List, Optional

import pytest
import sqlalchemy as sa

from bank.models import ContactChannel
from desk.store import HandoverStore
from outreach.plan import plan_from
from outreach.senders.base import Outgoing, Sent
from outreach.store import LEASE
from outreach.tables import call_tasks, contacts, events, messages, metadata
from tests.test_outreach.conftest import Gateway, Outreach, VirtualClock, outreach_of
from tests.test_outreach.generated_bank import GeneratedBank, generate
from tests.test_outreach.mortal import Killed, MortalBank, MortalDatabase, MortalGateway, Reaper

KILLS = 50
DAYS, HOURS = 10, (7, 10, 14, 18)
CUSTOMERS = 80


def mortal(virtual: VirtualClock, url: str, desk_url: str, reaper: Reaper) -> Outreach:
    """A system each part of which may be the last that its process did."""
    database = MortalDatabase(url, metadata)
    database.reaper = reaper
    database.prepare()
    bank = MortalBank(generate(CUSTOMERS, virtual.at.date(), 30))
    bank.reaper = reaper
    ways = (ContactChannel.EMAIL, ContactChannel.SMS, ContactChannel.WEBCHAT)
    gateways = {channel: MortalGateway(channel, reaper=reaper) for channel in ways}
    return Outreach(bank, database, url, HandoverStore(desk_url), plan_from(), virtual, {**gateways})


@dataclass
class LastWords(Gateway):
    """Gets a message and answers nobody: the process that sent it is gone."""

    last: Optional[Outgoing] = None

    def send(self, outgoing: Outgoing) -> Sent:
        sent = super().send(outgoing)
        if self.last is None:
            self.last = outgoing
            raise Killed
        return sent


def live(system: Outreach, reaper: Optional[Reaper] = None, chance: Optional[random.Random] = None) -> int:
    """Let the days go by; how often the process was killed, and another one started ten minutes later."""
    first = system.time.at
    worker, kills = system.worker(), 0
    for day in range(DAYS):
        for hour in HOURS:
            system.time.at = max(system.time.at, first + timedelta(days=day, hours=hour))
            while True:
                try:
                    worker.tick()
                    break
                except Killed:
                    assert reaper is not None
                    assert chance is not None
                    kills += 1
                    reaper.start_another(chance.randrange(1, 7) if kills < KILLS else None)
                    worker = system.worker()
                    system.time.at += LEASE + timedelta(seconds=1)
    return kills


def arrived(system: Outreach) -> List[str]:
    """The contacts that reached a gateway or became a call, as often as they did."""
    with system.database.reading() as connection:
        calls = connection.execute(sa.select(call_tasks.c.contact_id)).scalars().all()
    return sorted([*calls, *(each.contact_id for gateway in system.gateways.values() for each in gateway.got)])


def outcomes(system: Outreach) -> Counter[str]:
    """What the bank was told of each contact."""
    return Counter(f"{line.reference} {line.outcome.value}" for _, line in system.bank.log.values())


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_fifty_times_it_makes_the_same_contacts_once(virtual: VirtualClock, tmp_path: Path, seed: int) -> None:
    begins = virtual.at
    untroubled = mortal(virtual, f"sqlite:///{tmp_path / 'a.db'}", f"sqlite:///{tmp_path / 'c.db'}", Reaper())
    live(untroubled)
    virtual.at = begins
    reaper, chance = Reaper(), random.Random(seed)
    troubled = mortal(virtual, f"sqlite:///{tmp_path / 'b.db'}", f"sqlite:///{tmp_path / 'd.db'}", reaper)
    reaper.start_another(chance.randrange(1, 7))
    assert live(troubled, reaper, chance) == KILLS
    assert len(arrived(untroubled)) > 12
    assert arrived(troubled) == arrived(untroubled)
    assert outcomes(troubled) == outcomes(untroubled)


@pytest.mark.parametrize(("knows", "rule"), [(False, "not-known-whether-it-arrived"), (True, "within-rules")])
def test_killed_just_after_the_gateway_got_a_message_it_is_not_sent_again(
    virtual: VirtualClock, tmp_path: Path, knows: bool, rule: str
) -> None:
    lives = generate(60, virtual.at.date(), 30)
    system = outreach_of(lives, f"sqlite:///{tmp_path / 'a.db'}", f"sqlite:///{tmp_path / 'd.db'}", virtual)
    gateway = LastWords(ContactChannel.SMS, knows=knows)
    system.gateways = {ContactChannel.SMS: gateway}
    virtual.forward(hours=12)
    while gateway.last is None:
        with contextlib.suppress(Killed):
            system.worker().tick()
            virtual.forward(days=1)
    last = gateway.last  # contacts that were being made beside it may have been made
    virtual.at += LEASE + timedelta(seconds=1)
    system.worker().tick()
    assert [each.id for each in gateway.got].count(last.id) == 1
    lines = [line for _, line in system.bank.log.values() if line.reference == last.contact_id]
    assert [(line.outcome.value, line.rule) for line in lines] == [("sent", rule)]


def test_several_workers_at_once_make_each_contact_once(virtual: VirtualClock, any_url: str, tmp_path: Path) -> None:
    system = outreach_of(generate(300, virtual.at.date(), 30), any_url, f"sqlite:///{tmp_path / 'd.db'}", virtual)
    virtual.forward(hours=12)
    for _ in range(2):
        threads = [Thread(target=system.worker(threads=2).tick) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        virtual.forward(days=1)
    ids = arrived(system)
    assert len(ids) > 5
    assert len(ids) == len(set(ids))
    with system.database.reading() as connection:
        left = connection.execute(sa.select(contacts).where(contacts.c.state == "planned")).all()
        told = Counter(row.contact_id for row in connection.execute(sa.select(events)) if row.outcome == "sent")
        assert all(row.lease_until is None for row in left)
        assert connection.execute(sa.select(sa.func.count()).select_from(messages)).scalar_one() == len(ids)
    assert set(told.values()) <= {1}


def test_planning_goes_on_where_it_was_left(virtual: VirtualClock, tmp_path: Path) -> None:
    lives = generate(1200, virtual.at.date(), 30)
    system = outreach_of(lives, f"sqlite:///{tmp_path / 'a.db'}", f"sqlite:///{tmp_path / 'd.db'}", virtual)
    virtual.forward(hours=7)
    asked: List[str] = []

    def third_page_fails(operation: str) -> None:
        asked.append(operation)
        if asked.count("accounts") == 3:
            raise Killed

    system.bank.before = third_page_fails
    with pytest.raises(Killed):
        system.worker().plan_day()
    asked.clear()
    system.bank.before = asked.append
    virtual.at += LEASE + timedelta(seconds=1)
    planned = system.worker().plan_day()
    pages = asked.count("accounts")
    other = outreach_of(lives, f"sqlite:///{tmp_path / 'b.db'}", f"sqlite:///{tmp_path / 'd.db'}", virtual)
    whole = other.worker().plan_day()
    assert planned == whole
    assert planned.finished
    assert pages == -(-whole.accounts // 100) - 2


def test_a_bank_that_is_down_loses_nothing(virtual: VirtualClock, tmp_path: Path) -> None:
    def system(name: str) -> Outreach:
        lives = generate(40, virtual.at.date(), 30)
        url = f"sqlite:///{tmp_path / name}.db"
        return outreach_of(lives, url, f"sqlite:///{tmp_path / 'desk.db'}", virtual)

    begins = virtual.at
    healthy = system("healthy")
    virtual.forward(hours=9)
    healthy.worker().tick()
    virtual.at = begins + timedelta(hours=9)
    failing = system("failing")
    chance = random.Random(4)

    def fails_often(operation: str) -> None:
        if chance.random() < 0.2:
            GeneratedBank.fail(operation)

    failing.bank.before = fails_often
    for _ in range(40):
        failing.worker().tick()
        virtual.forward(minutes=3)
    assert arrived(failing) == arrived(healthy)
    assert outcomes(failing) == outcomes(healthy)
