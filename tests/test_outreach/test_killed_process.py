"""A real outreach process that is killed (SIGKILL) in the middle of sending: nothing is lost, nothing is doubled."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import Dict, List, Optional

import sqlalchemy as sa
from aiohttp import web

from bank.client import BankClient
from bank.models import ConsentPurpose, ContactOutcome
from common import clock
from common.database import Database
from outreach.tables import contacts, messages, metadata
from tests.processes import ROOT, Sandbox, start_sandbox
from tests.test_desk.fake_assistant import FakeAssistant

TUESDAY = "2026-11-24"  # no holiday, whatever day it is
BEFORE, AFTER = "before the assistant has it", "after the assistant has it"


@dataclass
class Deadly(FakeAssistant):
    """Kills who writes into a conversation, before or after it has what is written."""

    victim: Optional["asyncio.subprocess.Process"] = None
    kills: List[str] = field(default_factory=list)  # what is to be done with the next ones

    async def _append(self, request: web.Request) -> web.StreamResponse:
        kill = self.kills.pop(0) if self.kills else ""
        if kill == BEFORE:
            self._kill()
            return web.Response(status=500)
        answer = await super()._append(request)
        if kill == AFTER:
            self._kill()
        return answer

    def _kill(self) -> None:
        assert self.victim is not None
        self.victim.kill()


def reachable_at_any_hour(bank: BankClient) -> None:
    """Every customer of the sandbox wants the chat alone, and has agreed to be contacted by night."""
    cursor, customers = None, set()
    while True:
        page = bank.accounts(cursor=cursor, limit=200)
        customers |= {account.customer_id for account in page.items}
        cursor = page.next_cursor
        if cursor is None:
            break
    for number, customer_id in enumerate(sorted(customers)):
        bank.record_consent(
            customer_id, purpose=ConsentPurpose.NIGHT_CONTACT, given=True, text_version="tests", language="zh",
            idempotency_key=f"night-{number:012}",
        )  # fmt: skip
        wishes = bank.contact_preferences(customer_id)
        hours = {"contact_from": time(0), "contact_until": time(23, 59), "night_consent": True}
        wanted = wishes.copy(update={**hours, "channels": ["webchat"], "reminders": True, "time_zone": "Asia/Shanghai"})
        bank.set_contact_preferences(customer_id, wanted, idempotency_key=f"any-hour-{number:012}")


async def one_worker(assistant: Deadly, env: Dict[str, str]) -> int:
    """Run a worker to its end; its exit status."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.test_outreach.one_worker"]
    assistant.victim = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env={**os.environ, **env})
    return await assistant.victim.wait()


def ten_minutes_go_by(database: Database) -> None:
    """The leases of the dead end."""
    past = clock.now() - timedelta(days=2)  # the workers' clock stands on another day
    with database.writing() as connection:
        leased = sa.update(contacts).where(contacts.c.lease_until.is_not(None))
        connection.execute(leased.values(lease_until=past))


async def test_killed_in_the_middle_of_sending_every_message_arrives_once(tmp_path: Path) -> None:
    (tmp_path / "bank").mkdir()
    sandbox: Sandbox = await asyncio.to_thread(start_sandbox, tmp_path / "bank", TODAY=TUESDAY)
    assistant = Deadly(kills=["", BEFORE])
    await assistant.start()
    bank = BankClient(sandbox.api_url, sandbox.token)
    try:
        await asyncio.to_thread(reachable_at_any_hour, bank)
        env = {
            "VAR_DIR": str(tmp_path),
            "TODAY": TUESDAY,
            "BANK_API_URL": sandbox.api_url,
            "BANK_API_TOKEN": sandbox.token,
            "ASSISTANT_API_TOKEN": assistant.token,
            "ASSISTANT_PORT": str(assistant.port),
        }
        database = Database(f"sqlite:///{tmp_path / 'outreach.db'}", metadata)
        assert await one_worker(assistant, env) == -9
        ten_minutes_go_by(database)
        assistant.kills = [AFTER]
        assert await one_worker(assistant, env) == -9
        ten_minutes_go_by(database)
        assert await one_worker(assistant, env) == 0
        with database.reading() as connection:
            planned = connection.execute(sa.select(contacts)).all()
            sent = connection.execute(sa.select(messages)).all()
        assert {row.state for row in planned} <= {"sent", "stopped"}
        ids = [row.id for row in planned if row.state == "sent"]
        assert len(ids) > 3  # the two that were killed at are not all
        assert sorted(row.contact_id for row in sent) == sorted(ids)
        shown = Counter(
            event["metadata"]["outreach"]["contact_id"]
            for events in assistant.trackers.values()
            for event in events
            if event["event"] == "bot"
        )
        assert shown == Counter(ids)
        lines = [
            line.reference
            for customer_id in {row.customer_id for row in planned}
            for line in bank.contacts(customer_id)
            if line.outcome is ContactOutcome.SENT
        ]
        assert Counter(lines) == Counter(ids)
    finally:
        await assistant.stop()
        await asyncio.to_thread(sandbox.process.stop)
