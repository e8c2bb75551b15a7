"""Ninety days of a bank of 500 customers: every contact that is due is made once, none against the rules."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Dict, Iterator, List, Tuple

import pytest
import sqlalchemy as sa

from bank.models import ContactChannel
from common import clock
from desk.store import Wanted
from outreach.report import Report
from outreach.tables import call_tasks, contacts, events, messages
from tests.test_outreach.checker import LIMITS, Findings, Made, check_rules, expected
from tests.test_outreach.conftest import START, Outreach, VirtualClock, outreach_of
from tests.test_outreach.generated_bank import Life, generate

DAYS, CUSTOMERS = 90, 500
FIRST = START.date()
LAST = FIRST + timedelta(days=DAYS - 1)


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outreach]:
    """The system after the ninety days."""
    with pytest.MonkeyPatch.context() as patch:
        virtual = VirtualClock()
        patch.setattr(clock, "now", virtual)
        folder = tmp_path_factory.mktemp("quarter")
        lives = generate(CUSTOMERS, FIRST, DAYS)
        made = outreach_of(lives, f"sqlite:///{folder / 'outreach.db'}", f"sqlite:///{folder / 'desk.db'}", virtual)
        _live(made, lives)
        yield made


def _live(system: Outreach, lives: List[Life]) -> None:
    """Let the days go by. The worker looks when a contact is due, and in each of some hours of every day."""
    worker = system.worker()
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        _complain(system, lives, day)
        for hour in (6, 8, 9, 10, 11, 12, 13, 15, 17, 20, 21, 23):
            system.time.at = datetime.combine(day, time(hour, 30), clock.BANK_ZONE)
            worker.tick()


def _complain(system: Outreach, lives: List[Life], day: date) -> None:
    """Customers complain to people, and people settle it."""
    system.time.at = datetime.combine(day, time(0, 5), clock.BANK_ZONE)
    for life in lives:
        if life.complains is not None and life.complains[0] == day:
            wanted = Wanted("complain_collection", "complaint", "high")
            system.desk.record(f"web-{life.id}", customer_id=life.id, language="zh", wanted=wanted)
        if life.complains is not None and life.complains[1] + timedelta(days=1) == day:
            system.desk.close(f"web-{life.id}")


def _steps(system: Outreach) -> Dict[str, str]:
    with system.database.reading() as connection:
        return {row.id: row.step for row in connection.execute(sa.select(contacts.c.id, contacts.c.step))}


def _made(system: Outreach) -> Dict[str, List[Made]]:
    """What the bank was told that went out, by customer."""
    steps = _steps(system)
    found: Dict[str, List[Made]] = {}
    for customer_id, line in system.bank.log.values():
        if line.outcome.value in ("sent", "planned"):
            assert line.reference is not None
            found.setdefault(customer_id, []).append(Made(customer_id, line, steps[line.reference]))
    return found


def test_no_contact_breaks_a_rule(quarter: Outreach) -> None:
    findings = Findings()
    for customer_id, made in _made(quarter).items():
        check_rules(quarter.bank.lives[customer_id], made, findings)
    assert findings.wrong == []
    assert findings.checked > 10_000


def test_every_contact_that_nothing_speaks_against_is_made(quarter: Outreach) -> None:
    asked_for = (line for _, line in quarter.bank.log.values() if line.rule != "not-made")  # a call, to nobody's hand
    lines = {line.reference: line for line in asked_for}
    with quarter.database.reading() as connection:
        rows = {(row.customer_id, row.step, row.anchor): row.id for row in connection.execute(sa.select(contacts))}
    missing, found, limited = [], 0, 0
    for life in quarter.bank.lives.values():
        for (step, anchor), why in expected(life, FIRST, LAST).items():
            line = lines.get(rows.get((life.id, step, anchor), ""))
            if line is not None and line.outcome.value in ("sent", "planned"):
                found += 1
            elif line is not None and line.rule in LIMITS:
                limited += 1
            elif line is not None and line.rule in ("customers-hours", "night") and anchor is not None:
                # The customer's day ends before the bank's: checked by the hours of the rules' own tests.
                limited += life.preferences.time_zone != "Asia/Shanghai"
            else:
                missing.append(f"{life.id} {step} {anchor} {why}: {line and (line.outcome.value, line.rule)}")
    assert missing == []
    assert found > 1000
    assert limited < found / 10


def test_each_contact_is_made_once_and_arrives_once(quarter: Outreach) -> None:
    ids = [each.contact_id for gateway in quarter.gateways.values() for each in gateway.got]
    with quarter.database.reading() as connection:
        calls = [row.contact_id for row in connection.execute(sa.select(call_tasks))]
        sent = connection.execute(sa.select(contacts.c.id).where(contacts.c.state == "sent")).scalars().all()
        written = connection.execute(sa.select(sa.func.count()).select_from(messages)).scalar_one()
    counted = Counter([*ids, *calls])
    assert set(counted.values()) == {1}
    assert sorted(counted) == sorted(sent)
    assert written == len(sent)
    told = Counter(line.reference for _, line in quarter.bank.log.values() if line.outcome.value in ("sent", "planned"))
    assert told == counted


def test_what_was_agreed_is_followed_up(quarter: Outreach) -> None:
    steps = Counter(each.step for made in _made(quarter).values() for each in made)
    for step in ("promise-tomorrow", "promise-today", "promise-broken", "instalment-in-3-days", "instalment-today"):
        assert steps[step] > 0, step
    for made in _made(quarter).values():
        for each in made:
            life = quarter.bank.lives[each.customer_id]
            if each.step == "promise-broken":
                assert life.promise is not None
                assert not life.promise[2]
            if each.step.startswith("instalment"):
                assert life.agreement_from is not None
                assert any(0 <= (day - each.day).days <= 3 for day in life.agreement_days)


def test_who_has_paid_is_asked_how_it_was_once_for_each_delay(quarter: Outreach) -> None:
    asked: Counter[Tuple[str]] = Counter()
    for customer_id, made in _made(quarter).items():
        for each in made:
            if each.step == "how-was-it":
                asked[(customer_id,)] += 1
                assert quarter.bank.lives[customer_id].unpaid_since(each.day) is None
                assert any(other.step.startswith("overdue") and other.day < each.day for other in made)
    assert asked
    assert set(asked.values()) == {1}


def test_every_call_that_was_asked_for_ends_as_not_made(quarter: Outreach) -> None:
    told = [(str(line.reference), line.outcome.value, line.rule) for _, line in quarter.bank.log.values()
            if line.channel is ContactChannel.PHONE]  # fmt: skip
    wanted = {reference for reference, outcome, _ in told if outcome == "planned"}
    ended = [reference for reference, outcome, rule in told if (outcome, rule) == ("stopped", "not-made")]
    with quarter.database.reading() as connection:
        tasks = connection.execute(sa.select(call_tasks)).all()
    still_open = {task.contact_id for task in tasks if task.call_until > quarter.time.at}
    assert len(ended) > 100
    assert sorted(ended) == sorted(wanted - still_open)


def test_every_line_names_its_rule_and_source(quarter: Outreach) -> None:
    with quarter.database.reading() as connection:
        rows = connection.execute(sa.select(events)).all()
    assert all(row.rule and row.source for row in rows)
    assert all(row.told for row in rows)


def test_the_report_adds_up(quarter: Outreach) -> None:
    report = Report(quarter.database)
    lines = list(report.lines(FIRST, LAST + timedelta(days=1)))
    by_day = report.by_day(FIRST, LAST + timedelta(days=1))
    by_customer = report.by_customer(FIRST, LAST + timedelta(days=1))
    assert sum(each["count"] for each in by_day) == len(lines)
    assert sum(each["count"] for each in by_customer) == len(lines)
    rows = list(report.csv(FIRST, LAST + timedelta(days=1)))
    assert len(rows) == len(lines) + 1
    told = [line for line in lines if line["outcome"] != "postponed"]
    assert len(told) == len(quarter.bank.log)
    assert Counter(line["rule"] for line in told) == Counter(line.rule for _, line in quarter.bank.log.values())


def test_gateways_got_no_wish_of_wechat(quarter: Outreach) -> None:
    assert ContactChannel.WECHAT not in {ContactChannel(line.channel) for _, line in quarter.bank.log.values()
                                         if line.outcome.value == "sent"}  # fmt: skip


def test_the_checker_finds_a_contact_at_night_and_one_too_many(quarter: Outreach) -> None:
    customer_id, made = next((name, made) for name, made in _made(quarter).items() if len(made) > 2)
    life = quarter.bank.lives[customer_id]
    at_night = made[0].line.copy(update={"at": made[0].line.at.replace(hour=3)})
    findings = Findings()
    check_rules(life, [Made(customer_id, at_night, made[0].step)], findings)
    assert findings.wrong
    findings = Findings()
    check_rules(life, [made[0]] * 7, findings)
    assert any("contacts" in each for each in findings.wrong)
