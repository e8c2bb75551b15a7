"""Answers one message: who wrote it, what it means, what the assistant says, and how that is sent."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import Callable, List, Optional, Sequence

from sqlalchemy.engine import Connection

from bank.errors import BankError
from channels.connections import Sender
from channels.messages import Message
from channels.messaging import inbox, links, outbox, people, reading, templates
from channels.messaging.compose import Composed, compose
from channels.messaging.dialogue import Dialogue
from channels.messaging.identity import Identities, Known
from channels.messaging.inbox import Kept
from channels.messaging.links import Issued, Links
from channels.messaging.papers import Papers
from channels.messaging.people import Person
from channels.messaging.platform import PEOPLE, Platform
from channels.messaging.reading import Entry, Pressable, Reading
from channels.messaging.store import Store
from common import log
from common.settings import settings

logger = logging.getLogger(__name__)

_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0  # seconds before another attempt; it doubles
_MOST_ATTEMPTS = 12  # some nine minutes; what fails for longer must not stand in the way of what comes after it
_MORE = "utter_label_messaging_more"
_SORRY = "utter_technical_problem"
_PASSED = ("taken", "ended")


class Answering:
    """Answers the messages of one service. `entry`: what is behind a key of the account's menu."""

    def __init__(
        self,
        store: Store,
        dialogue: Dialogue,
        identities: Identities,
        links: Links,
        platform: Platform,
        papers: Papers,
        entry: Callable[[str], Optional[Entry]],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._dialogue = dialogue
        self._identities = identities
        self._links = links
        self._platform = platform
        self._papers = papers
        self._limits = platform.limits
        self._entry = entry
        self._now = now

    def is_ready(self) -> bool:
        """Whether there is a model that can answer."""
        return self._dialogue.is_ready()

    async def answer(self, owner: str, person: Person, kept: Kept) -> None:
        """Answer a message, and put the answer into the outbox. Raises `LeaseLost`, `SQLAlchemyError`."""
        try:
            await self._answer(owner, person, kept)
        except people.LeaseLost:
            raise
        except Exception:  # of Rasa, anything: the message stays in the inbox, and other people's are not held up
            logger.exception("a message could not be answered, attempt %s", kept.attempts + 1)
            await self._store.write(self._failed, owner, person, kept)

    async def _answer(self, owner: str, person: Person, kept: Kept) -> None:
        if kept.kind in _PASSED and self._platform.passes and person.conversation_id:
            await self._pass(owner, person, kept, person.conversation_id)
            return
        if kept.kind == "said":
            await self._put_on_record(owner, person, kept)
            return
        pressed = kept.text if kept.kind == "choice" else None
        pressables: List[Pressable] = await self._store.read(reading.recent, person.id, pressed)
        read = reading.read(kept, pressables, self._entry)
        if read is None:
            await self._store.write(self._noted, owner, person, kept)
            return
        sender, known = await self._identities.sender(person, kept.conversation_id)
        log.conversation_id.set(sender.conversation_id)
        await self._store.write(self._begin, owner, person, kept, sender)
        begun = kept.conversation_id is not None
        read = await self._done(read, sender, person, kept)
        said = await self._dialogue.answer(sender, person.address, read, begun=begun)
        proven = sender.identity.customer_id if sender.identity is not None else None
        resolved = await self._links.resolve(
            said, person, sender.conversation_id, known, kept.id, self._now(), proven=proven
        )
        composed = await self.composed(resolved.messages, kept.message_id, sender.conversation_id)
        passes = await self._dialogue.passed_by(sender.conversation_id, kept.message_id) if composed.sendables else ""
        elsewhere = passes == PEOPLE and self._platform.own_people if passes else None
        finished = (owner, person, kept, sender.conversation_id, composed.passing(passes), resolved.issued)
        await self._store.write(self._finish, *finished, elsewhere)

    async def _done(self, read: Reading, sender: Sender, person: Person, kept: Kept) -> Reading:
        """What the message wants of others than the assistant, done; with what is said to it then."""
        if read.unlinks:
            try:
                await self._identities.unlink(person, f"unlink-{kept.message_id}")
            except BankError as error:
                logger.warning("the bank ended no link: %s", type(error).__name__)
                return replace(read, response=_SORRY)
        elif sender.identity is not None and self._papers.is_one(kept):
            upload = await self._dialogue.upload(sender.conversation_id)
            if upload is not None:
                return replace(read, response=await self._papers.take(sender.identity.customer_id, kept, upload))
        return read

    async def _pass(self, owner: str, person: Person, kept: Kept, conversation_id: str) -> None:
        """People of the service's own have begun to talk with the customer, or are done."""
        log.conversation_id.set(conversation_id)
        composed, elsewhere = Composed((), ()), False
        if kept.kind == "taken":
            elsewhere = await self._dialogue.taken(conversation_id) or person.elsewhere
        elif person.elsewhere:  # else the assistant is silent for people of the desk, or has gone on already
            said = await self._dialogue.given_back(conversation_id, person.address)
            composed = await self.composed(said, kept.message_id, conversation_id)
        await self._store.write(self._finish, owner, person, kept, conversation_id, composed, (), elsewhere)

    async def _put_on_record(self, owner: str, person: Person, kept: Kept) -> None:
        """One of those people has said something: it is part of the conversation, and asks for no answer."""
        sender, _ = await self._identities.sender(person, kept.conversation_id)
        log.conversation_id.set(sender.conversation_id)
        await self._store.write(self._begin, owner, person, kept, sender)
        await self._dialogue.record(sender, person.address, kept)
        await self._store.write(self._finish, owner, person, kept, sender.conversation_id, Composed((), ()), (), None)

    async def composed(self, messages: Sequence[Message], key: str, conversation_id: str) -> Composed:
        """Messages as they are sent; if they are too long, with the address of the page that has all of it."""
        composed = compose(messages, key, self._limits)
        if composed.shortened:
            title = await self._dialogue.words(conversation_id, _MORE)
            composed = compose(messages, key, self._limits, more=f"{title}\n{settings().chat_page_url()}")
        return composed

    async def push(
        self, person: Person, conversation_id: str, message: Message, key: str, *, only_now: bool = False
    ) -> None:
        """Have a message sent that answers none. `only_now`: if it cannot be sent now it is dropped."""
        known = Known(person.customer_id, 0.0)
        resolved = await self._links.resolve([message], person, conversation_id, known, 0, self._now())
        composed = await self.composed(resolved.messages, key, conversation_id)
        await self._store.write(self._put, person, conversation_id, composed, resolved.issued, only_now)

    def _noted(self, connection: Connection, owner: str, person: Person, kept: Kept) -> None:
        """What asks for no answer."""
        people.hold(connection, person.id, owner)
        if kept.kind == "left":
            outbox.dropped_all(connection, person.id, "left")
        elif kept.kind in templates.RESULTS:
            known = templates.told(connection, person.id, kept.text, kept.kind)
            if kept.kind == "failed" and not known:
                logger.error("the service says that a message of ours did not arrive")
        inbox.answered(connection, kept.id)

    @staticmethod
    def _begin(connection: Connection, owner: str, person: Person, kept: Kept, sender: Sender) -> None:
        people.hold(connection, person.id, owner)
        people.talks_in(connection, person.id, sender.conversation_id)
        inbox.begin(connection, kept.id, sender.conversation_id)

    def _finish(
        self,
        connection: Connection,
        owner: str,
        person: Person,
        kept: Kept,
        conversation_id: str,
        composed: Composed,
        issued: Sequence[Issued],
        elsewhere: Optional[bool],
    ) -> None:
        """`elsewhere`: whether people of the service's own have the conversation from now on; `None`: as before."""
        people.hold(connection, person.id, owner)
        if inbox.answered(connection, kept.id):
            if elsewhere is not None:
                people.passed(connection, person.id, elsewhere)
            self._put(connection, person, conversation_id, composed, issued)

    def _put(
        self,
        connection: Connection,
        person: Person,
        conversation_id: str,
        composed: Composed,
        issued: Sequence[Issued],
        only_now: bool = False,
    ) -> None:
        links.keep(connection, issued)
        now, sendables = self._now(), composed.sendables
        outbox.put(connection, person.id, conversation_id, sendables, composed.offered, now, only_now=only_now)

    def _failed(self, connection: Connection, owner: str, person: Person, kept: Kept) -> None:
        people.hold(connection, person.id, owner)
        if kept.attempts + 1 >= _MOST_ATTEMPTS:
            logger.error("a message is given up without an answer")
            inbox.answered(connection, kept.id)
            return
        wait = min(_FIRST_WAIT * 2.0**kept.attempts, _LONGEST_WAIT)
        inbox.failed(connection, kept.id, self._now() + wait)
