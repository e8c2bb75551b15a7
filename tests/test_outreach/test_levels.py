"""What outreach tells those who look after the system."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Tuple

import pytest
import sqlalchemy as sa

from outreach import levels
from outreach.plan import load_plan
from outreach.senders.base import Refused
from outreach.tables import events
from tests.counted import Counted
from tests.counted import levels as values
from tests.test_outreach.conftest import Outreach, VirtualClock, outreach_of
from tests.test_outreach.generated_bank import generate

CUSTOMERS = 60


@pytest.fixture
def system(tmp_path: Path, virtual: VirtualClock) -> Outreach:
    """Many customers, of whom some are due within the plan's days; it is seven in the morning."""
    virtual.forward(hours=7)
    lives = generate(CUSTOMERS, virtual.at.date(), 30)
    return outreach_of(lives, f"sqlite:///{tmp_path / 'outreach.db'}", f"sqlite:///{tmp_path / 'desk.db'}", virtual)


def seen(system: Outreach) -> Dict[str, Dict[Tuple[str, ...], float]]:
    return values(levels.of(system.database))


def of(system: Outreach, name: str) -> float:
    [value] = seen(system)[f"assistant_outreach_{name}"].values()
    return value


def test_how_far_the_days_run_is_and_what_is_due(system: Outreach) -> None:
    assert (of(system, "run_finished"), of(system, "run_accounts"), of(system, "run_planned")) == (0, 0, 0)
    worker = system.worker()
    planned = worker.plan_day()
    assert planned.contacts > 0
    assert of(system, "run_accounts") == planned.accounts > 0
    assert of(system, "run_planned") == of(system, "due") == planned.contacts
    assert of(system, "run_finished") == 1
    system.time.forward(minutes=2)
    assert of(system, "due_oldest_seconds") == 120
    worker.send_due()
    assert of(system, "due") < planned.contacts
    assert of(system, "untold") > 0
    worker.tell_bank()
    assert of(system, "untold") == 0
    system.time.forward(days=1)
    assert of(system, "run_finished") == 0  # that is another day's


def test_contacts_count_by_step_channel_outcome_and_rule_as_they_are_noted(system: Outreach) -> None:
    for gateway in system.gateways.values():
        gateway.faults = [Refused("no such address")]
    with Counted("assistant_contacts_total") as counted:
        system.run(hours=30)
    grouped = sa.select(events.c.step, events.c.channel, events.c.outcome, events.c.rule, sa.func.count()).group_by(
        events.c.step, events.c.channel, events.c.outcome, events.c.rule
    )
    with system.database.reading() as connection:
        noted = {tuple(row[:4]): row[4] for row in connection.execute(grouped)}
    assert counted.by("step", "channel", "outcome", "rule") == noted
    assert {outcome for _, _, outcome, _ in noted} >= {"sent", "failed", "postponed"}
    assert {step for step, *_ in noted} <= {step.id for step in load_plan().steps}
