"""Customers who are to be called, and the agents who reach for the calls."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, List

from bank.models import ContactChannel, ContactOutcome, ContactPreferences
from common import clock
from outreach.calls import Calls, CallTask
from tests.test_outreach.conftest import Outreach
from tests.test_outreach.generated_bank import Life, generate

TUESDAY_NOON = datetime(2026, 9, 15, 12, 0, tzinfo=clock.BANK_ZONE)
DUE = date(2026, 9, 17)


def owing(number: int, **preferences: Any) -> Life:
    """A customer who is called on that Tuesday: the bill is due in two days."""
    (life,) = generate(1, date(2026, 9, 1), 60, seed=number)
    life.id, life.card_id = f"c-{number}", f"k-{number:04}"
    life.due_dates, life.pays_on = [DUE], [None]
    life.auto_debit, life.promise, life.agreement_from = False, None, None
    life.disputed = life.complains = life.paused = None
    life.email, life.phone = None, f"+8613800000{number:03}"
    wishes = {"channels": [ContactChannel.PHONE], "reminders": True, "time_zone": "Asia/Shanghai", **preferences}
    life.preferences = ContactPreferences(
        contact_from=time(9), contact_until=time(21), night_consent=False, language="en", paused_until=None,
        version=1, **wishes,
    )  # fmt: skip
    return life


class Floor:
    """Outreach with calls to be made, and the agents who make them."""

    def __init__(self, system: Outreach) -> None:
        self.system, worker = system, system.worker()
        worker.tick()
        self.worker = worker
        self.calls = Calls(system.database, system.plan, worker.dispatcher, worker.chooser)

    def task(self, number: int = 0) -> CallTask:
        return next(each for each in self.calls.open() if each.customer_id == f"c-{number}")

    def lines(self, number: int = 0) -> List[str]:
        """What the bank was told of a customer's calls."""
        self.worker.tell_bank()
        of_customer = (line for name, line in self.system.bank.log.values() if name == f"c-{number}")
        told = [line for line in of_customer if line.channel is ContactChannel.PHONE]
        return [line.outcome.value for line in sorted(told, key=lambda line: line.at)]

    def attempt(self, agent: str = "lin", outcome: ContactOutcome = ContactOutcome.NO_ANSWER, number: int = 0) -> None:
        task = self.calls.claim(self.task(number).id, agent)
        self.calls.result(task.id, outcome, agent=agent, attempt=task.attempts)
