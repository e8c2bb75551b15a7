"""Carries conversations to Chatwoot: durably, in order, and each step once.

What is to be carried follows from the store, so that a desk or a Chatwoot that was down misses nothing. Each step is
kept as soon as Chatwoot has answered; where it is not known whether a message arrived, it is looked for first.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any, Callable, Dict, List, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from common.events import wait_at_most
from desk import sentences
from desk.case.service import Cases
from desk.case.summary import Case, summarise
from desk.chatwoot.client import ChatwootClient, ChatwootDoubtful, ChatwootRefused, ChatwootUnreachable
from desk.chatwoot.note import note
from desk.chatwoot.tables import links
from desk.conversations import INSERT, held, move
from desk.journal import DESK, Journal
from desk.messages import RESUME, say
from desk.service import Desk, News
from desk.states import AT_DESK, Move, State
from desk.tables import conversations, handovers, messages

logger = logging.getLogger(__name__)

_EVERY = 2.0  # seconds; news wake it earlier
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0  # seconds after a failure, doubled each time
_PATIENCE = 7  # failures, some two minutes, until a customer waits no longer for a Chatwoot that does not answer
_TRANSCRIPT = 300  # messages
_AT_ONCE = 50  # messages of one conversation in one go

OPEN, PENDING, RESOLVED = "open", "pending", "resolved"


class Bridge:
    """Carries from the desk's store to Chatwoot."""

    def __init__(self, desk: Desk, cases: Cases, client: ChatwootClient) -> None:
        self._desk = desk
        self._cases = cases
        self._client = client
        self._due = asyncio.Event()
        self._paused: Dict[int, float] = {}  # by hand-over: until when, by the monotonic clock
        self._failures: Dict[int, int] = {}
        desk.listen(self._heard)

    async def run(self) -> None:
        """Carry on for ever."""
        while True:
            self._due.clear()
            await self.carry_all()
            await wait_at_most(self._due, _EVERY)

    async def carry_all(self) -> None:
        """Carry what is to be carried now; of different conversations one after another."""
        for handover_id in await self._desk.read(_to_carry):
            if time.monotonic() < self._paused.get(handover_id, 0.0):
                continue
            try:
                await self._carry(handover_id)
            except ChatwootRefused as error:
                logger.error("Chatwoot refuses hand-over %s, which is given up: %s", handover_id, error)
                await self._desk.run(_set, handover_id, is_broken=True)
                await self._desk.run(_release, handover_id)
            except ChatwootUnreachable as error:
                await self._fail(handover_id, error)
            else:
                self._failures.pop(handover_id, None)

    async def _heard(self, news: News) -> None:
        self._due.set()

    async def _fail(self, handover_id: int, error: Exception) -> None:
        failures = self._failures[handover_id] = self._failures.get(handover_id, 0) + 1
        pause = min(_FIRST_PAUSE * 2 ** (failures - 1), _LONGEST_PAUSE)
        self._paused[handover_id] = time.monotonic() + pause
        logger.warning("Chatwoot did not take hand-over %s (%s), again in %s s", handover_id, error, round(pause))
        if failures >= _PATIENCE:
            await self._desk.run(_release, handover_id)

    async def _carry(self, handover_id: int) -> None:
        link = await self._desk.run(_link, handover_id)
        if not link.is_wanted:
            await self._end(link)
            return
        if link.number is None:
            link = await self._open(link)
        if not link.is_told:
            await self._tell(link)
        if not link.is_open:
            await self._ask(self._client.set_status, link.number, OPEN)
            await self._desk.run(_set, handover_id, is_open=True)
        await self._follow(handover_id)

    async def _open(self, link: Any) -> Any:
        """Contact and conversation. A second one after a doubtful answer stays empty and pending."""
        source_id = link.source_id
        if source_id is None:
            name = link.customer_name or link.customer_id or link.reference
            identifier = link.customer_id or link.conversation_id
            source_id = await self._ask(self._client.create_contact, identifier, name, link.language)
            await self._desk.run(_set, link.handover_id, source_id=source_id)
        attributes = {"reference": link.reference, "priority": link.priority, "trigger": link.trigger}
        number = await self._ask(self._client.create_conversation, source_id, attributes)
        await self._desk.run(_set, link.handover_id, number=number)
        return await self._desk.run(_link, link.handover_id)

    async def _tell(self, link: Any) -> None:
        transcript = await self._desk.read(_transcript, link.conversation_id)
        text = await self._desk.thread(self._note, link, transcript)
        await self._ask(self._client.note, link.number, text)
        until = transcript[-1].id if transcript else 0
        await self._desk.run(_set, link.handover_id, is_told=True, carried_until=until)

    def _note(self, link: Any, transcript: List[Row]) -> str:
        case = Case(link.conversation_id, link.customer_id, link.language, dict(link._mapping))
        summary = summarise(case, self._cases.told(case), self._cases.figures(case))
        return note(summary, [{"sender": each.sender, "text": each.text} for each in transcript], link.language)

    async def _follow(self, handover_id: int) -> None:
        """What the customer wrote since."""
        link = await self._desk.run(_link, handover_id)
        doubtful, last = link.is_doubtful, link.last_number
        for message in await self._desk.read(_written_since, link.conversation_id, link.carried_until):
            number = await self._found(link, message.text, last) if doubtful else None
            if number is None:
                number = await self._write(link, message)
            await self._desk.run(_set, handover_id, carried_until=message.id, last_number=number, is_doubtful=False)
            doubtful, last = False, number

    async def _write(self, link: Any, message: Row) -> int:
        try:
            echo_id = f"desk-{message.id}"
            number: int = await self._ask(self._client.write, link.source_id, link.number, message.text, echo_id)
        except ChatwootDoubtful:
            await self._desk.run(_set, link.handover_id, is_doubtful=True)
            raise
        return number

    async def _found(self, link: Any, text: str, last: int) -> Optional[int]:
        """The number of the customer's message after `last` if it arrived after all."""
        for each in await self._ask(self._client.written, link.source_id, link.number):
            number, content = each.get("id"), each.get("content")
            if isinstance(number, int) and number > last and content == text and _is_incoming(each):
                return number
        return None

    async def _end(self, link: Any) -> None:
        """The customer went on with the assistant, or somebody ended it here: agents see it no longer."""
        if link.number is not None:
            await self._ask(self._client.set_status, link.number, RESOLVED)
        await self._desk.run(_set, link.handover_id, is_open=False)

    async def _ask(self, call: Callable[..., Any], *args: Any) -> Any:
        return await self._desk.thread(call, *args)


def _is_incoming(message: Dict[str, Any]) -> bool:
    return message.get("message_type") in (0, "incoming")


def _to_carry(connection: Connection) -> List[int]:
    """Hand-overs that agents at Chatwoot do not have as they are."""
    newest = (
        sa.select(sa.func.max(messages.c.id))
        .where(messages.c.conversation_id == conversations.c.conversation_id, messages.c.sender == "user")
        .scalar_subquery()
    )
    wanted_there = conversations.c.state.in_([state.value for state in AT_DESK])
    behind = sa.or_(links.c.handover_id.is_(None), ~links.c.is_open, newest > links.c.carried_until)
    is_current = handovers.c.id == conversations.c.handover_id
    wanted = (
        sa.select(handovers.c.id)
        .join(conversations, conversations.c.conversation_id == handovers.c.conversation_id)
        .outerjoin(links, links.c.handover_id == handovers.c.id)
        .where(
            sa.or_(
                sa.and_(is_current, wanted_there, behind),
                sa.and_(links.c.is_open, sa.or_(~is_current, ~wanted_there)),
            ),
            sa.func.coalesce(links.c.is_broken, sa.false()).is_(False),
        )
        .order_by(handovers.c.id)
    )
    return [int(row.id) for row in connection.execute(wanted)]


def _link(journal: Journal, handover_id: int) -> Row:
    """The link of a hand-over, made if there is none, with its conversation and why it is."""
    connection = journal.connection
    owner = sa.select(handovers.c.conversation_id).where(handovers.c.id == handover_id).scalar_subquery()
    first = INSERT[connection.dialect.name](links).values(handover_id=handover_id, conversation_id=owner)
    connection.execute(first.on_conflict_do_nothing())
    is_wanted = sa.and_(
        conversations.c.state.in_([state.value for state in AT_DESK]), conversations.c.handover_id == handover_id
    )
    wanted = (
        sa.select(
            links,
            conversations.c.state,
            is_wanted.label("is_wanted"),
            conversations.c.customer_id,
            conversations.c.customer_name,
            conversations.c.language,
            *(handovers.c[name] for name in ("reason", "trigger", "priority", "reference", "created_at", "notes")),
            handovers.c.callback_from,
            handovers.c.callback_until,
        )
        .join(conversations, conversations.c.conversation_id == links.c.conversation_id)
        .join(handovers, handovers.c.id == links.c.handover_id)
        .where(links.c.handover_id == handover_id)
    )
    return connection.execute(wanted).one()


def _release(journal: Journal, handover_id: int) -> None:
    """Let the assistant go on with a customer who waits for a Chatwoot that does not take it; the wish stays."""
    found = held(journal.connection, _link(journal, handover_id).conversation_id)
    if found is not None and found.state == State.WAITING.value and found.handover_id == handover_id:
        move(journal, found, Move.NOBODY_LEFT, DESK, "Chatwoot does not answer")
        say(journal, found, sentences.NOBODY_NOW, before=[RESUME])


def _set(journal: Journal, handover_id: int, **values: Any) -> None:
    journal.connection.execute(sa.update(links).where(links.c.handover_id == handover_id).values(**values))


def _transcript(connection: Connection, conversation_id: str) -> List[Row]:
    wanted = sa.select(messages).where(messages.c.conversation_id == conversation_id)
    return list(reversed(connection.execute(wanted.order_by(messages.c.id.desc()).limit(_TRANSCRIPT)).all()))


def _written_since(connection: Connection, conversation_id: str, after: int) -> List[Row]:
    wanted = sa.select(messages).where(
        messages.c.conversation_id == conversation_id, messages.c.sender == "user", messages.c.id > after
    )
    return list(connection.execute(wanted.order_by(messages.c.id).limit(_AT_ONCE)))
