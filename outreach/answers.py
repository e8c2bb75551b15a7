"""What is done about replies and reports: preferences at the bank, the customer's conversation, another channel."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any, Dict, List, Optional, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bank.client import BankClient
from bank.errors import BankError, BankUnavailable, ChangedMeanwhile
from bank.models import ContactChannel, ContactDirection, ContactKind, ContactOutcome
from channels.conversations import Conversations
from common import clock, log
from common.database import Database
from outreach import journal, store
from outreach.dispatch import address_key
from outreach.inbound import Reply, Report
from outreach.journal import MessageState
from outreach.senders.base import Refused, SendingFailed
from outreach.store import Contact, insert_missing
from outreach.tables import contacts, messages, replies
from outreach.texts import Texts

logger = logging.getLogger(__name__)

_WAITING, _DONE, _REFUSED = "waiting", "done", "refused"
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=10), timedelta(minutes=10)
_AT_ONCE = 50
_LEASE = timedelta(minutes=10)
_GATEWAY = "the gateway"
_ARRIVED = (MessageState.SENT.value, MessageState.UNKNOWN.value, MessageState.SENDING.value)


class Assistant(Protocol):
    """Where conversations are."""

    def say(self, conversation_id: str, message_id: str, events: List[Dict[str, Any]]) -> None:
        """Put events into a conversation, once. Raises `SendingFailed`."""


class Answers:
    """Takes what gateways bring into the database at once, and works on it later: gateways wait for nobody."""

    def __init__(
        self,
        bank: BankClient,
        database: Database,
        texts: Texts,
        assistant: Assistant,
        conversations: Conversations,
        address_secret: str,
    ) -> None:
        self._bank = bank
        self._database = database
        self._texts = texts
        self._assistant = assistant
        self._conversations = conversations
        self._secret = address_secret

    def take_reply(self, reply: Reply) -> bool:
        """Keep a reply; `False` if nobody was written to at that address."""
        with self._database.writing() as connection:
            message = self._answered(connection, reply)
            if message is None:
                logger.warning("a reply by %s is to no message of ours", reply.channel.value)
                return False
            now = clock.now()
            row = {
                "id": reply.id,
                "channel": reply.channel.value,
                "customer_id": message.customer_id,
                "contact_id": message.contact_id,
                "card_id": message.card_id,
                "language": message.language,
                "text": reply.text,
                "stops": self._texts.asks_to_stop(reply.text),
                "state": _WAITING,
                "next_at": now,
                "at": now,
            }
            insert_missing(connection, replies, [row])
        return True

    def take_report(self, report: Report) -> bool:
        """Note what became of a message, and have the contact made another way if it did not arrive.

        `False` if the message is not ours.
        """
        with self._database.writing() as connection:
            ours = messages.c.id == report.message_id
            if report.message_id is None:
                ours = sa.and_(messages.c.gateway_id == report.gateway_id, messages.c.gateway_id.is_not(None))
            row = connection.execute(sa.select(messages).where(ours)).one_or_none()
            if row is None:
                return False
            if row.state in _ARRIVED:
                self._note(connection, row, report.delivered)
        return True

    def work(self) -> int:
        """Work on replies that wait; how many are done."""
        now = clock.now()
        with self._database.writing() as connection:
            waiting = sa.and_(replies.c.state == _WAITING, replies.c.next_at <= now)
            found = list(connection.execute(sa.select(replies).where(waiting).order_by(replies.c.at).limit(_AT_ONCE)))
            taken = sa.update(replies).where(replies.c.id.in_([row.id for row in found]), waiting)
            connection.execute(taken.values(next_at=now + _LEASE))  # other workers leave them alone meanwhile
        return sum(self._work_on(row) for row in found)

    def _answered(self, connection: Connection, reply: Reply) -> Optional[Row]:
        """The message that was replied to: the one that is named, or the latest to that address."""
        key = address_key(self._secret, reply.address)
        mine = sa.and_(messages.c.address_key == key, messages.c.channel == reply.channel.value)
        if reply.answers is not None:
            named = connection.execute(sa.select(messages).where(mine, messages.c.id == reply.answers)).one_or_none()
            if named is not None:
                return named
        latest = sa.select(messages).where(mine).order_by(messages.c.at.desc()).limit(1)
        return connection.execute(latest).one_or_none()

    def _note(self, connection: Connection, message: Row, delivered: bool) -> None:
        channel = ContactChannel(message.channel)
        journal.mark(connection, message.id, MessageState.DELIVERED if delivered else MessageState.FAILED)
        outcome = ContactOutcome.DELIVERED if delivered else ContactOutcome.FAILED
        kind = journal.kind_of(connection, message.contact_id)
        journal.record(
            connection,
            _contact(connection, message),
            kind=kind,
            channel=channel,
            outcome=outcome.value,
            rule="report",
            source=_GATEWAY,
            at=clock.now(),
            text_id=message.text_id,
        )
        if not delivered:
            store.reopen(connection, message.contact_id, channel, clock.now())

    def _work_on(self, reply: Row) -> bool:
        conversation_id = self._conversations.of_customer(reply.customer_id)
        log.conversation_id.set(conversation_id)
        try:
            if reply.stops:
                self._stop(reply)
            self._assistant.say(conversation_id, reply.id, self._events(reply))
        except Refused as error:
            logger.error("reply %s is lost to the conversation: %s", reply.id, error)
            self._settle(reply, _REFUSED)
            return False
        except (SendingFailed, BankUnavailable, ChangedMeanwhile) as error:
            logger.warning("reply %s waits: %s", reply.id, error)
            self._wait(reply)
            return False
        except BankError as error:
            logger.error("reply %s waits: %s", reply.id, error)
            self._wait(reply)
            return False
        self._settle(reply, _DONE)
        return True

    def _stop(self, reply: Row) -> None:
        """No more reminders, and nothing more by the way on which it was asked."""
        known = self._bank.contact_preferences(reply.customer_id)
        left = [channel for channel in known.channels if channel.value != reply.channel]
        if left == known.channels and not known.reminders:
            return  # done in an earlier attempt
        wanted = known.copy(update={"channels": left, "reminders": False})
        key = f"stop-{reply.id}-{known.version}"
        self._bank.set_contact_preferences(reply.customer_id, wanted, idempotency_key=key)

    def _events(self, reply: Row) -> List[Dict[str, Any]]:
        mark = {"message_id": reply.id, "outreach": {"contact_id": reply.contact_id, "channel": reply.channel}}
        sentence = self._texts.common.stopped if reply.stops else self._texts.common.reply_taken
        return [
            {"event": "user", "text": reply.text, "input_channel": reply.channel, "metadata": mark, "parse_data": {}},
            {"event": "bot", "text": sentence.in_(reply.language), "data": {}, "metadata": mark},
        ]

    def _settle(self, reply: Row, state: str) -> None:
        with self._database.writing() as connection:
            # What was written is in the conversation now, and nowhere else.
            values = {"state": state, **({"text": ""} if state == _DONE else {})}
            changed = sa.update(replies).where(replies.c.id == reply.id, replies.c.state == _WAITING).values(**values)
            if connection.execute(changed).rowcount:
                journal.record(
                    connection,
                    _contact(connection, reply),
                    kind=ContactKind.SERVICE,
                    channel=ContactChannel(reply.channel),
                    outcome=(ContactOutcome.REFUSED if reply.stops else ContactOutcome.ANSWERED).value,
                    rule="asked-to-stop" if reply.stops else "customer-replied",
                    source="the customer",
                    at=reply.at,
                    direction=ContactDirection.IN,
                )

    def _wait(self, reply: Row) -> None:
        wait = min(_FIRST_WAIT * 2 ** min(reply.attempts, 10), _LONGEST_WAIT)
        later = sa.update(replies).where(replies.c.id == reply.id)
        with self._database.writing() as connection:
            connection.execute(later.values(attempts=reply.attempts + 1, next_at=clock.now() + wait))


def _contact(connection: Connection, row: Row) -> Contact:
    found = connection.execute(sa.select(contacts).where(contacts.c.id == row.contact_id)).one()
    return Contact(found.id, found.customer_id, found.card_id, found.step, found.anchor, found.attempts, (), "")
