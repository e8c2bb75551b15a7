"""Makes one contact: looks at the facts, asks the rules, sends by the first way that they allow.

A contact is safe at every moment. Before a message is given to its gateway it is noted as being sent; whoever finds it
so after a failure asks the gateway. What came of it is committed together with the line for the bank's contact log.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from datetime import datetime, timedelta
from typing import Optional, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection, Row

from bank.errors import BankError, BankUnavailable, NotFound
from bank.models import ContactChannel, ContactOutcome
from common import clock
from common.database import Database
from desk.store import DeskError
from outreach import journal, store
from outreach.choosing import GATEWAY, RECORDS, Chooser, NoWay, Ready, Wait, Way
from outreach.facts import FactFinder
from outreach.journal import POSTPONED, Message, MessageState
from outreach.plan import Anchor, Plan, Step
from outreach.senders.base import Doubtful, NotThisWay, Outgoing, Refused, Sent, TryLater, masked
from outreach.store import Contact, LeaseLost, State, Watch, Watched
from outreach.texts import Texts

logger = logging.getLogger(__name__)

_MOST_ATTEMPTS = 5  # by one channel
_FIRST_WAIT = timedelta(minutes=1)  # before another attempt; it doubles
_BANK_WAIT = timedelta(minutes=2)
_MISTAKE_WAIT = timedelta(minutes=30)  # for what people have to mend
_WRITTEN_TO = (ContactChannel.EMAIL, ContactChannel.SMS)  # their addresses may be shown, masked
_UNCERTAIN = "not-known-whether-it-arrived"


class Dispatcher:
    """Makes contacts for one worker; its methods block and may run on several threads, one for each customer."""

    def __init__(
        self, database: Database, plan: Plan, texts: Texts, facts: FactFinder, chooser: Chooser, address_secret: str
    ) -> None:
        self._database = database
        self._plan = plan
        self._texts = texts
        self._facts = facts
        self._chooser = chooser
        self._secret = address_secret

    def make(self, contacts: Sequence[Contact]) -> None:
        """Make the contacts of one customer, one after the other."""
        for contact in contacts:
            try:
                self._make(contact)
            except LeaseLost:
                logger.warning("contact %s is another worker's by now", contact.id)
            except (BankUnavailable, DeskError) as error:
                logger.warning("contact %s waits: %s", contact.id, error)
                self._wait(contact, _BANK_WAIT)
            except BankError as error:
                logger.error("contact %s waits: %s", contact.id, error)
                self._wait(contact, _MISTAKE_WAIT)

    def ready(self, contact: Contact, step: Step) -> "Ready | NoWay":
        """What is known of the contact, or why it is not to be made at all. Raises BankError and `DeskError`."""
        try:
            preferences = self._facts.preferences(contact.customer_id)
            if preferences is None:
                return NoWay("preferences-unknown", RECORDS)
            facts = self._facts.of(contact, step, preferences.language)
            addresses = self._facts.addresses(contact.customer_id)
        except NotFound:
            return NoWay("unknown-at-the-bank", RECORDS)
        return Ready(contact, step, preferences, addresses, facts)

    def reason_to_stop(self, ready: Ready) -> Optional[NoWay]:
        """Why there is no reason for the contact any longer, if so."""
        stops = [stop for stop in self._plan.stops[ready.step.kind] if stop in ready.facts.stops]
        if ready.facts.over is not None or stops:
            return NoWay(ready.facts.over or stops[0].value, RECORDS)
        if clock.today() > ready.step.last_day(ready.contact.anchor):
            return NoWay("too-late", "outreach/plan.yml")
        return None

    def _make(self, contact: Contact) -> None:
        step = self._plan.step(contact.step)
        if step is None:
            with self._database.writing() as connection:
                store.settle(connection, contact, State.STOPPED)
            return
        ready = self.ready(contact, step)
        if isinstance(ready, NoWay):
            self._stop(contact, step, ready)
            return
        with self._database.reading() as connection:
            unsettled = journal.sending_of(connection, contact.id)
        if unsettled is not None and self._is_settled(ready, unsettled):
            return
        first = ContactChannel(unsettled.channel) if unsettled is not None else None
        chosen = self.reason_to_stop(ready) or self._chooser.choose(ready, first)
        if isinstance(chosen, Way):
            self._send(ready, chosen)
        elif isinstance(chosen, Wait):
            with self._database.writing() as connection:
                store.postpone(connection, contact, chosen.until)
                rule = chosen.rule
                _record(connection, contact, step, _named(step), POSTPONED, rule.label, rule.source)
        else:
            self._stop(contact, step, chosen)

    def _send(self, ready: Ready, way: Way) -> None:
        outgoing = self.outgoing(ready, way)
        with self._database.writing() as connection:
            store.renew(connection, ready.contact, clock.now())
            journal.begin(connection, self._message(outgoing, way))
        try:
            sent = way.sender.send(outgoing)
        except TryLater as error:
            logger.warning("message %s waits: %s", outgoing.id, error)
            self._not_sent(ready, way, final=ready.contact.attempts + 1 >= _MOST_ATTEMPTS)
        except Refused as error:
            logger.warning("message %s is refused: %s", outgoing.id, error)
            self._not_sent(ready, way, final=True)
        except NotThisWay as error:
            logger.info("message %s goes another way: %s", outgoing.id, error)
            with self._database.writing() as connection:
                journal.forget(connection, outgoing.id)
                store.next_channel(connection, ready.contact, way.channel, clock.now())
        except Doubtful as error:
            logger.warning("it is not known whether message %s went out: %s", outgoing.id, error)
            with self._database.writing() as connection:
                store.retry(connection, ready.contact, clock.now() + _FIRST_WAIT)
        else:
            self._sent(ready, way.channel, sent, way.rule.label, way.rule.source, outgoing.at)

    def _is_settled(self, ready: Ready, row: Row) -> bool:
        """Whether nothing more is to be done about a message that was on its way when something failed."""
        channel = ContactChannel(row.channel)
        way = self._chooser.way(ready, channel)
        if way is None:
            return False
        try:
            found = way.sender.find(row.id, way.address, row.at)
        except TryLater as error:
            logger.warning("it cannot be asked for message %s: %s", row.id, error)
            with self._database.writing() as connection:
                store.postpone(connection, ready.contact, clock.now() + _FIRST_WAIT)
            return True
        sent = Sent(outcome=ContactOutcome.PLANNED if channel is ContactChannel.PHONE else ContactOutcome.SENT)
        if found:
            self._sent(ready, channel, sent, way.rule.label, way.rule.source, row.at)
        elif found is None and not way.sender.repeatable:
            # Once too few is better than twice: it counts as made, and people see that it is not certain.
            self._sent(ready, channel, sent, _UNCERTAIN, GATEWAY, row.at)
        else:
            return False
        return True

    def _sent(self, ready: Ready, channel: ContactChannel, sent: Sent, rule: str, source: str, at: datetime) -> None:
        contact, step = ready.contact, ready.step
        state = MessageState.UNKNOWN if rule == _UNCERTAIN else MessageState.SENT
        with self._database.writing() as connection:
            store.settle(connection, contact, State.SENT)
            journal.mark(connection, message_id(contact, channel), state, sent.gateway_id)
            _record(connection, contact, step, channel, sent.outcome.value, rule, source, _text_id(ready), at)
            if step.anchor is Anchor.OVERDUE:
                today = clock.today()
                watched = Watched(contact.customer_id, contact.card_id, Watch.OVERDUE, contact.anchor, today)
                store.watch(connection, [watched])

    def _not_sent(self, ready: Ready, way: Way, *, final: bool) -> None:
        contact, now = ready.contact, clock.now()
        with self._database.writing() as connection:
            journal.mark(connection, message_id(contact, way.channel), MessageState.FAILED)
            if not final:
                store.retry(connection, contact, now + _FIRST_WAIT * 2**contact.attempts)
                return
            store.next_channel(connection, contact, way.channel, now)
            failed, rule = ContactOutcome.FAILED.value, "not-delivered"
            _record(connection, contact, ready.step, way.channel, failed, rule, GATEWAY, _text_id(ready))

    def _stop(self, contact: Contact, step: Step, why: NoWay) -> None:
        outcome = ContactOutcome.FAILED if why.state is State.FAILED else ContactOutcome.STOPPED
        with self._database.writing() as connection:
            store.settle(connection, contact, why.state)
            unsettled = journal.sending_of(connection, contact.id)
            if unsettled is not None:
                journal.mark(connection, unsettled.id, MessageState.UNKNOWN)
            _record(connection, contact, step, _named(step), outcome.value, why.rule, why.source)

    def _wait(self, contact: Contact, wait: timedelta) -> None:
        try:
            with self._database.writing() as connection:
                store.postpone(connection, contact, clock.now() + wait)
        except LeaseLost:
            logger.warning("contact %s is another worker's by now", contact.id)

    def outgoing(self, ready: Ready, way: Way) -> Outgoing:
        """The message as it would go out now."""
        contact, step, preferences, now = ready.contact, ready.step, ready.preferences, clock.now()
        zone = ZoneInfo(preferences.time_zone)
        return Outgoing(
            id=message_id(contact, way.channel),
            contact_id=contact.id,
            customer_id=contact.customer_id,
            card_id=contact.card_id,
            last4=ready.facts.values["last4"],
            step=step.id,
            address=way.address,
            rendered=self._texts.render(step.text, way.channel, preferences.language, ready.facts.values),
            at=now,
            kind=step.kind,
            preferences=preferences,
            call_until=datetime.combine(step.last_day(contact.anchor), preferences.contact_until, zone),
        )

    def _message(self, outgoing: Outgoing, way: Way) -> Message:
        rendered = outgoing.rendered
        return Message(
            outgoing.id,
            outgoing.contact_id,
            outgoing.customer_id,
            outgoing.card_id,
            way.channel,
            rendered.text_id,
            rendered.language,
            rendered.subject,
            rendered.text,
            masked(way.address) if way.channel in _WRITTEN_TO else "",
            address_key(self._secret, way.address),
            outgoing.at,
        )


def message_id(contact: Contact, channel: ContactChannel) -> str:
    """The same for each attempt to make a contact by a channel."""
    return f"{contact.id}.{channel.value}"


def address_key(secret: str, address: str) -> str:
    """An address as it is kept: it can be looked for, not read."""
    return hmac.new(secret.encode(), address.strip().lower().encode(), hashlib.sha256).hexdigest()


def _named(step: Step) -> ContactChannel:
    """The channel under which a contact that used none is logged."""
    return step.channel or step.otherwise[0]


def _text_id(ready: Ready) -> str:
    return f"{ready.step.text}.{ready.preferences.language}"


def _record(
    connection: Connection,
    contact: Contact,
    step: Step,
    channel: ContactChannel,
    outcome: str,
    rule: str,
    source: str,
    text_id: Optional[str] = None,
    at: Optional[datetime] = None,
) -> None:
    journal.record(
        connection,
        contact,
        kind=step.kind,
        channel=channel,
        outcome=outcome,
        rule=rule,
        source=source,
        at=at or clock.now(),
        text_id=text_id,
    )
