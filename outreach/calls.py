"""Calls that people make: which are to be made, who makes them, whether now is allowed, and what came of them.

A task is one agent's for as long as the lease lasts, and a customer is called by one agent at a time. Before an agent
gets a task everything is looked at anew: whether there is still a reason to call, and whether the contact rules allow
a call at this moment, by the customer's present wishes and by every contact that the bank and we know of.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, List, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bank.models import ContactChannel, ContactKind, ContactOutcome, ContactPreferences, ReasonClass
from common import clock
from common.database import Database
from outreach import journal
from outreach.choosing import LOOK_BACK, Chooser, NoWay, Ready, own_lines, terms_of
from outreach.contact_rules import Decision, Proposal, Verdict, decide, past_contacts
from outreach.dispatch import Dispatcher
from outreach.plan import Plan
from outreach.senders.base import Outgoing
from outreach.store import Contact
from outreach.tables import call_tasks, contacts

#: For how long an agent has a call: longer than one takes, with what is written down after it.
LEASE = timedelta(minutes=45)

_RESULTS = (ContactOutcome.ANSWERED, ContactOutcome.NO_ANSWER, ContactOutcome.REFUSED)
_SOURCE = "the agents' desk"
_NO_STEP = NoWay("not-in-the-plan", "outreach/plan.yml")


class NoSuchCall(LookupError):
    """There is no such task, or it is done."""


class Taken(Exception):
    """Somebody else has the task, or calls this customer. `holder`: who."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


class OneAtATime(Exception):
    """The agent has another call, which comes first."""


class NotHeld(Exception):
    """The agent does not have the task."""


class NoReason(Exception):
    """There is nothing to call about any longer; the task is withdrawn. `rule`: why, as the contact log has it."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


class NotNow(Exception):
    """The contact rules allow no call at this moment. `rule` names the one; `until`: when to ask again, if ever."""

    def __init__(self, rule: str, until: Optional[datetime]) -> None:
        super().__init__(rule)
        self.rule = rule
        self.until = until


@dataclass(frozen=True)
class CallTask:
    """A call that somebody is to make. `attempts` counts those that nobody answered."""

    id: str
    customer_id: str
    card_id: str
    kind: str  # of `ContactKind`
    language: str
    script: str
    call_until: datetime
    attempts: int
    last_at: Optional[datetime]  # of the latest attempt
    note: str  # on it
    holder: Optional[str]  # the agent who has it
    held_until: Optional[datetime]


class Calls:
    """Methods block. Agents go by their names at the desk."""

    def __init__(self, database: Database, plan: Plan, dispatcher: Dispatcher, chooser: Chooser) -> None:
        self._database = database
        self._plan = plan
        self._terms = terms_of(plan)
        self._dispatcher = dispatcher
        self._chooser = chooser

    def open(self, agent: str = "", limit: int = 100) -> List[CallTask]:
        """The agent's own, then those that may be made now by what we know ourselves, the most pressing first.

        Attempts that nobody answered count, too: a task whose day is full comes back the day after.
        """
        now = clock.now()
        own = _is_held(agent, now)
        due = sa.and_(call_tasks.c.result.is_(None), sa.or_(call_tasks.c.call_until > now, own))
        query = sa.select(call_tasks).where(due).order_by(sa.case((own, 0), else_=1), call_tasks.c.call_until)
        found: List[CallTask] = []
        with self._database.reading() as connection:
            for row in connection.execute(query):
                if _holder(row, now) == agent or self._is_allowed(connection, row, now):
                    found.append(_task(row, now))
                if len(found) == limit:
                    break
        return found

    def claim(self, task_id: str, agent: str) -> CallTask:
        """Have the call, with the script as it reads today.

        Raises `NoSuchCall`, `Taken`, `OneAtATime`, `NoReason`, `NotNow`, BankError and `desk.store.DeskError`.
        """
        row = self._take(task_id, agent)
        try:
            outgoing = self._checked(row)
        except BaseException:
            self._give_back(task_id, agent)
            raise
        values = {
            "language": outgoing.rendered.language,
            "script": outgoing.rendered.text,
            "preferences": outgoing.preferences.json(),
            "call_until": outgoing.call_until,
        }
        with self._database.writing() as connection:
            connection.execute(sa.update(call_tasks).where(call_tasks.c.id == task_id).values(**values))
            return _task(_row(connection, task_id), clock.now())

    def release(self, task_id: str, agent: str) -> None:
        """Leave the call to others; nothing happens if the agent does not have it."""
        self._give_back(task_id, agent)

    def result(
        self,
        task_id: str,
        outcome: ContactOutcome,
        *,
        agent: str,
        attempt: int,
        note: str = "",
        reason: Optional[ReasonClass] = None,
    ) -> None:
        """What came of an attempt; nobody there leaves the task open.

        `attempt`: how many there were before this one, so that a repetition is known as such. Every attempt is told to
        the bank: attempts of a day are limited, whoever makes them. Raises `NoSuchCall`, `NotHeld`, `ValueError`.
        """
        if outcome not in _RESULTS:
            raise ValueError(f"{outcome.value} is no result of a call")
        now, done = clock.now(), outcome is not ContactOutcome.NO_ANSWER
        values = {
            "attempts": attempt + 1,
            "agent": agent,
            "note": note,
            "reason": reason.value if reason else None,
            "result": outcome.value if done else None,
            "done_at": now if done else None,
            "last_at": now,
            "holder": None,
            "held_until": None,
        }
        open_one = sa.and_(call_tasks.c.id == task_id, call_tasks.c.result.is_(None))
        mine = sa.and_(open_one, call_tasks.c.holder == agent, call_tasks.c.attempts == attempt)
        with self._database.writing() as connection:
            if connection.execute(sa.update(call_tasks).where(mine).values(**values)).rowcount:
                _record(connection, task_id, outcome, "called", _SOURCE)
                return
            row = _row(connection, task_id)
            if (row.attempts, row.agent) == (attempt + 1, agent):
                return  # told once more
            if row.result is not None:
                raise NoSuchCall(task_id)
            raise NotHeld(task_id)

    def _is_allowed(self, connection: Connection, row: Row, now: datetime) -> bool:
        preferences = ContactPreferences.parse_raw(row.preferences)
        past = past_contacts(own_lines(connection, row.customer_id, now - LOOK_BACK))
        proposal = Proposal(ContactKind(row.kind), ContactChannel.PHONE, now, to_customer=True)
        return decide(proposal, preferences, past, self._terms).verdict is Verdict.ALLOW

    def _take(self, task_id: str, agent: str) -> Row:
        now = clock.now()
        with self._database.writing() as connection:
            if connection.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
                lock = zlib.crc32(b"outreach calls")
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))
            row = _row(connection, task_id)
            if row.result is not None or (row.call_until <= now and _holder(row, now) != agent):
                raise NoSuchCall(task_id)
            held = sa.and_(call_tasks.c.result.is_(None), call_tasks.c.held_until > now)
            of_customer = sa.and_(held, call_tasks.c.customer_id == row.customer_id, call_tasks.c.holder != agent)
            other = connection.execute(sa.select(call_tasks.c.holder).where(of_customer)).scalar()
            if other is not None:
                raise Taken(other)
            another = sa.and_(held, call_tasks.c.holder == agent, call_tasks.c.id != task_id)
            if connection.execute(sa.select(call_tasks.c.id).where(another)).first() is not None:
                raise OneAtATime(agent)
            taken = sa.update(call_tasks).where(call_tasks.c.id == task_id)
            connection.execute(taken.values(holder=agent, held_until=now + LEASE))
        return row

    def _give_back(self, task_id: str, agent: str) -> None:
        mine = sa.and_(call_tasks.c.id == task_id, call_tasks.c.holder == agent)
        with self._database.writing() as connection:
            connection.execute(sa.update(call_tasks).where(mine).values(holder=None, held_until=None))

    def _checked(self, task: Row) -> Outgoing:
        """The call as it is to be made now. Raises `NoReason`, `NotNow`, BankError and `DeskError`."""
        with self._database.reading() as connection:
            row = connection.execute(sa.select(contacts).where(contacts.c.id == task.contact_id)).one()
        contact, step = _contact(row), self._plan.step(row.step)
        ready = self._dispatcher.ready(contact, step) if step is not None else _NO_STEP
        over = ready if isinstance(ready, NoWay) else self._dispatcher.reason_to_stop(ready)
        if over is not None:
            raise self._withdraw(task.id, over)
        assert isinstance(ready, Ready)
        decision = self._chooser.decision(ready, ContactChannel.PHONE)
        way = self._chooser.way(ready, ContactChannel.PHONE)
        if decision.verdict is Verdict.ALLOW and way is not None:
            return self._dispatcher.outgoing(ready, way)
        if decision.verdict in (Verdict.NEVER, Verdict.NOT_BY_THIS):
            raise self._withdraw(task.id, NoWay(decision.rule.label, decision.rule.source))
        raise self._later(task.id, ready, decision)

    def _withdraw(self, task_id: str, why: NoWay) -> NoReason:
        withdrawn = {"result": ContactOutcome.STOPPED.value, "done_at": clock.now(), "holder": None, "held_until": None}
        with self._database.writing() as connection:
            still_open = sa.and_(call_tasks.c.id == task_id, call_tasks.c.result.is_(None))
            if connection.execute(sa.update(call_tasks).where(still_open).values(**withdrawn)).rowcount:
                _record(connection, task_id, ContactOutcome.STOPPED, why.rule, why.source)
        return NoReason(why.rule)

    def _later(self, task_id: str, ready: Ready, decision: Decision) -> NotNow:
        """The list is to know the customer's present wishes, too."""
        with self._database.writing() as connection:
            known = sa.update(call_tasks).where(call_tasks.c.id == task_id)
            connection.execute(known.values(preferences=ready.preferences.json()))
        return NotNow(decision.rule.label, decision.until)


def _is_held(agent: str, now: datetime) -> Any:
    return sa.and_(call_tasks.c.holder == agent, call_tasks.c.held_until > now)


def _holder(row: Row, now: datetime) -> Optional[str]:
    """Who has the task; nobody once the lease is over."""
    return str(row.holder) if row.holder and row.held_until > now else None


def _task(row: Row, now: datetime) -> CallTask:
    holder = _holder(row, now)
    return CallTask(
        row.id,
        row.customer_id,
        row.card_id,
        row.kind,
        row.language,
        row.script,
        row.call_until,
        row.attempts,
        row.last_at,
        row.note,
        holder,
        row.held_until if holder else None,
    )


def _row(connection: Connection, task_id: str) -> Row:
    row = connection.execute(sa.select(call_tasks).where(call_tasks.c.id == task_id)).one_or_none()
    if row is None:
        raise NoSuchCall(task_id)
    return row


def _contact(row: Row) -> Contact:
    return Contact(row.id, row.customer_id, row.card_id, row.step, row.anchor, row.attempts, (), "")


def _record(connection: Connection, task_id: str, outcome: ContactOutcome, rule: str, source: str) -> None:
    task = _row(connection, task_id)
    row = connection.execute(sa.select(contacts).where(contacts.c.id == task.contact_id)).one()
    journal.record(
        connection,
        _contact(row),
        kind=ContactKind(task.kind),
        channel=ContactChannel.PHONE,
        outcome=outcome.value,
        rule=rule,
        source=source,
        at=clock.now(),
    )
