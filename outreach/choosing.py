"""Which way a contact goes now, if any: the plan's channels in the customer's order, each put to the contact rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import List, Optional, Sequence, Tuple, Union

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bank.client import BankClient
from bank.errors import NotOffered
from bank.models import ContactAddresses, ContactChannel, ContactDirection, ContactOutcome, ContactPreferences
from common import clock
from common.database import Database
from common.service_hours import is_public_holiday
from outreach.contact_rules import Decision, PastContact, Proposal, Rule, Terms, Verdict, decide, past_contacts
from outreach.facts import Facts
from outreach.journal import POSTPONED
from outreach.plan import Plan, Step
from outreach.senders.base import Sender, Senders
from outreach.store import Contact, State
from outreach.tables import events

LOOK_BACK = timedelta(days=8)  # longer than any limit counts
RECORDS, GATEWAY = "the bank's and the desk's records", "the gateway"

_LINES = sa.select(events).where(  # made once: the making takes longer than the query
    events.c.customer_id == sa.bindparam("customer"),
    events.c.at >= sa.bindparam("since"),
    events.c.outcome != POSTPONED,
)


@dataclass(frozen=True)
class Ready:
    """Everything about a contact that may be made."""

    contact: Contact
    step: Step
    preferences: ContactPreferences
    addresses: ContactAddresses
    facts: Facts


@dataclass(frozen=True)
class Way:
    """A channel that may be used now, by the rule."""

    channel: ContactChannel
    sender: Sender
    address: str
    rule: Rule


@dataclass(frozen=True)
class Wait:
    """Not now."""

    until: datetime
    rule: Rule


@dataclass(frozen=True)
class NoWay:
    """Not at all."""

    rule: str
    source: str
    state: State = State.STOPPED


class Chooser:
    """Asks the rules, with what was done before by anybody. Blocks; raises BankError."""

    def __init__(self, bank: BankClient, database: Database, plan: Plan, senders: Senders) -> None:
        self._bank = bank
        self._database = database
        self._senders = senders
        self._terms = terms_of(plan)

    def way(self, ready: Ready, channel: ContactChannel) -> Optional[Way]:
        """This channel, whether it is allowed or not; None if there is no such way to the customer."""
        sender = self._senders.get(channel)
        address = sender.address(ready.contact.customer_id, ready.addresses) if sender is not None else None
        return Way(channel, sender, address, Rule.ALLOWED) if sender is not None and address else None

    def decision(self, ready: Ready, channel: ContactChannel) -> Decision:
        """What the rules say of this channel now."""
        proposal = Proposal(ready.step.kind, channel, clock.now(), to_customer=True)
        return decide(proposal, ready.preferences, self._past(ready.contact.customer_id), self._terms)

    def choose(self, ready: Ready, first: Optional[ContactChannel] = None) -> Union[Way, Wait, NoWay]:
        """The first way that is allowed now. `first`: one that comes before the plan's."""
        past = self._past(ready.contact.customer_id)
        decisions: List[Decision] = []
        for channel in _channels(ready, first):
            proposal = Proposal(ready.step.kind, channel, clock.now(), to_customer=True)
            decision = decide(proposal, ready.preferences, past, self._terms)
            if decision.verdict is Verdict.NEVER:
                return NoWay(decision.rule.label, decision.rule.source)
            way = self.way(ready, channel)
            if way is None:
                continue
            if decision.verdict is Verdict.ALLOW:
                return Way(channel, way.sender, way.address, decision.rule)
            decisions.append(decision)
        return _wait(ready, decisions)

    def _past(self, customer_id: str) -> List[PastContact]:
        """By the bank's log, and by our own, which it may not have been told yet."""
        since = clock.now() - LOOK_BACK
        try:
            logged = self._bank.contacts(customer_id, since=since)
        except NotOffered:
            logged = []
        lines = [
            (each.direction, PastContact(each.channel, each.at, each.outcome, each.reference or each.id))
            for each in logged
        ]
        with self._database.reading() as connection:
            return past_contacts([*lines, *own_lines(connection, customer_id, since)])


def own_lines(connection: Connection, customer_id: str, since: datetime) -> List[Tuple[ContactDirection, PastContact]]:
    """The lines of our own journal on a customer since then."""
    return [
        (
            ContactDirection(row.direction),
            PastContact(ContactChannel(row.channel), row.at, ContactOutcome(row.outcome), row.contact_id),
        )
        for row in connection.execute(_LINES, {"customer": customer_id, "since": since})
    ]


def terms_of(plan: Plan) -> Terms:
    """What the plan and the calendar say."""
    return Terms(plan.all_channels, plan.limits, plan.holidays, is_public_holiday)


def _channels(ready: Ready, first: Optional[ContactChannel]) -> List[ContactChannel]:
    """What may be tried, in the order of the plan and then of the customer's choice."""
    step = ready.step
    order = [first, step.channel, *(each for each in ready.preferences.channels if each in step.otherwise)]
    found = dict.fromkeys(each for each in order if each is not None)
    return [each for each in found if each not in ready.contact.tried]


def _wait(ready: Ready, decisions: Sequence[Decision]) -> Union[Wait, NoWay]:
    """Until the soonest moment at which a way may open, unless the step is of no use by then."""
    last_day = ready.step.last_day(ready.contact.anchor)
    ends = datetime.combine(last_day, time.max, clock.BANK_ZONE)
    waits = [Wait(each.until, each.rule) for each in decisions if each.until is not None]
    soonest = min(waits, key=lambda wait: wait.until, default=None)
    if soonest is not None:
        return soonest if soonest.until <= ends else NoWay(soonest.rule.label, soonest.rule.source)
    if ready.contact.tried:
        return NoWay("no-way-worked", GATEWAY, State.FAILED)
    if decisions:
        return NoWay(decisions[0].rule.label, decisions[0].rule.source)
    return NoWay("no-way-to-the-customer", RECORDS)
