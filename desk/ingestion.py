"""Reads the feed of conversation events on from where it stopped: each event once, in order, whatever ends when.

How far it has read is kept in the transaction that keeps what was read.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any, Callable, Dict, Mapping, Optional

from sqlalchemy.engine import Row

from common import clock
from common.feed import EventFeed, FedEvent
from desk import messages
from desk.conversations import change, known, move
from desk.journal import CUSTOMER, DESK, By, Journal
from desk.messages import PAUSE, RESUME
from desk.positions import held, read_to
from desk.states import AT_DESK, SILENT, TRANSITIONS, WITH_PEOPLE, Move, State

logger = logging.getLogger(__name__)

BATCH = 200  # events in one transaction
FEED = "conversation_events"
_BACK_TO_BOT = "back_to_bot"
_LONGEST_NAME = 64  # characters
_LANGUAGES = ("zh", "en")

Event = Mapping[str, Any]


def take_next(journal: Journal, feed: EventFeed) -> int:
    """Take over the next events of the feed, at most `BATCH`; the number until which it has been read then."""
    position = held(journal.connection, FEED)
    found = feed.read(position, BATCH)
    for fed in found:
        take(journal, fed)
    if not found:
        return position
    read_to(journal.connection, FEED, found[-1].id)
    return found[-1].id


def take(journal: Journal, fed: FedEvent) -> None:
    """Take over one event."""
    handle = _HANDLERS.get(str(fed.event.get("event")))
    if handle is not None:
        handle(journal, fed.conversation_id, fed.event)


def _user(journal: Journal, conversation_id: str, event: Event) -> None:
    metadata = event.get("metadata") or {}
    if metadata.get("is_external"):  # a reminder or the like, which nobody said
        return
    conversation = _brought_up_to_date(journal, conversation_id, event)
    number = event.get("message_id")
    if number and messages.find(journal, conversation_id, str(number)):
        return
    text = metadata.get("shown_as")
    text = event.get("text") if text is None else text
    moment = _moment(event)
    if text:
        messages.add(journal, conversation_id, messages.USER, str(text), at=moment, message_id=_number(number))
    if _intent(event) == _BACK_TO_BOT and State(conversation.state) in WITH_PEOPLE:
        _back_to_bot(journal, conversation, moment)
    elif text and conversation.state == State.WRAPPED_UP.value and moment >= conversation.since:
        move(journal, conversation, Move.CUSTOMER_WRITES, CUSTOMER)
    elif text and State(conversation.state) in AT_DESK:
        asked = {} if conversation.asked_at or conversation.state == State.LATER.value else {"asked_at": moment}
        change(journal, conversation_id, unread=conversation.unread + 1, **asked)


def _brought_up_to_date(journal: Journal, conversation_id: str, event: Event) -> Row:
    """The conversation with what the customer's message tells: who, by which channel, in which language."""
    metadata = event.get("metadata") or {}
    conversation = known(journal, conversation_id)
    told = {
        "customer_id": (metadata.get("identity") or {}).get("customer_id"),
        "channel": event.get("input_channel"),
        "language": _language((event.get("parse_data") or {}).get("language") or metadata.get("language")),
    }
    new = {name: value for name, value in told.items() if value and value != conversation._mapping[name]}
    if not new:
        return conversation
    change(journal, conversation_id, **new)
    return known(journal, conversation_id)


def _back_to_bot(journal: Journal, conversation: Row, moment: datetime) -> None:
    """The customer goes on with the assistant, which is awake already and has said so.

    The assistant's actions have made the move by then, unless the desk's database could not be reached. What was
    written before the conversation came into its state is about an earlier wish.
    """
    if moment < conversation.since:
        return
    silent = State(conversation.state) in SILENT
    move(journal, conversation, Move.BACK_TO_BOT, CUSTOMER)
    if silent:
        messages.command(journal, conversation, [RESUME])


def _bot(journal: Journal, conversation_id: str, event: Event) -> None:
    metadata, data = event.get("metadata") or {}, event.get("data") or {}
    known(journal, conversation_id)
    number = _number(metadata.get("message_id"))
    if number and messages.find(journal, conversation_id, number):
        messages.delivered(journal, conversation_id, number, messages.SENT)  # our own, coming back
        return
    shown = messages.shown_of(data)
    if not (event.get("text") or shown):
        return
    agent = metadata.get("agent") or {}
    messages.add(
        journal,
        conversation_id,
        messages.AGENT if agent else messages.BOT,
        str(event.get("text") or ""),
        by=_by(agent) if agent else None,
        shown=shown,
        at=_moment(event),
        message_id=number,
    )


def _by(agent: Mapping[str, Any]) -> By:
    """Who spoke: one of the desk's agents, or one of a messaging service's own, who has an id only there."""
    return By(str(agent.get("servicer") or agent.get("name"))[:_LONGEST_NAME], agent.get("id"))


def _session(journal: Journal, conversation_id: str, event: Event) -> None:
    """A session that begins, or a conversation that starts over: Rasa forgets then that it was paused.

    After a session that began before the conversation came into its state the assistant was paused.
    """
    conversation = known(journal, conversation_id)
    if State(conversation.state) in SILENT and _moment(event) >= conversation.since:
        messages.command(journal, conversation, [PAUSE])


def _resumed(journal: Journal, conversation_id: str, event: Event) -> None:
    """The assistant goes on. People elsewhere end their talk without the desk.

    The desk's own commands may arrive late, when somebody has the conversation again: silence is put right then.
    """
    conversation = known(journal, conversation_id)
    state = State(conversation.state)
    if state is State.ELSEWHERE and _moment(event) >= conversation.since:
        move(journal, conversation, Move.HAND_BACK, DESK)
    elif state in AT_DESK & SILENT:
        messages.command(journal, conversation, [PAUSE])


def _paused(journal: Journal, conversation_id: str, event: Event) -> None:
    """The assistant is silent. People elsewhere may take a conversation up by themselves.

    Where nobody has the conversation any longer the customer would hear nothing from anybody: the assistant goes on.
    """
    conversation = known(journal, conversation_id)
    if not (event.get("metadata") or {}).get("elsewhere"):
        if State(conversation.state) not in SILENT:
            messages.command(journal, conversation, [RESUME])
        return
    is_news = _moment(event) >= conversation.since
    if is_news and (State(conversation.state), Move.GO_ELSEWHERE) in TRANSITIONS:
        move(journal, conversation, Move.GO_ELSEWHERE, DESK)


def _slot(journal: Journal, conversation_id: str, event: Event) -> None:
    conversation = known(journal, conversation_id)
    name, value = str(event.get("name")), event.get("value")
    if name == "language":
        if _language(value) and value != conversation.language:
            change(journal, conversation_id, language=value)
        return
    facts = dict(conversation.facts or {})
    if value is None:
        facts.pop(name, None)
    else:
        facts[name] = value
    change(journal, conversation_id, facts=facts or None)


_HANDLERS: Dict[str, Callable[[Journal, str, Event], None]] = {
    "user": _user,
    "bot": _bot,
    "slot": _slot,
    "session_started": _session,
    "restart": _session,
    "pause": _paused,
    "resume": _resumed,
}


def _moment(event: Event) -> datetime:
    """When it happened, by the assistant's clock; on the fixed day if one is set."""
    stamp = event.get("timestamp")
    if not isinstance(stamp, (int, float)):
        return clock.now()
    return datetime.fromtimestamp(stamp, clock.BANK_ZONE)


def _intent(event: Event) -> Optional[str]:
    intent = (event.get("parse_data") or {}).get("intent") or {}
    name: Optional[str] = intent.get("name")
    return name


def _language(value: Any) -> Optional[str]:
    return value if value in _LANGUAGES else None


def _number(value: Any) -> Optional[str]:
    return str(value)[:64] if value else None
