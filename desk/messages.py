"""The transcript: what is said, and what of it goes to the customer. In the transaction of a journal."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Dict, List, Mapping, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Row

from common import clock
from desk import sentences
from desk.conversations import change
from desk.journal import By, Journal
from desk.tables import messages, outbox

USER, BOT, AGENT, SYSTEM, NOTE, WHISPER = "user", "bot", "agent", "system", "note", "whisper"
#: What only those who work at the desk see.
INTERNAL = frozenset({NOTE, WHISPER})
SENDING, SENT, FAILED, REFUSED = "sending", "sent", "failed", "refused"
_LAST_TEXT = 200  # characters, of what the queue shows

PAUSE: Mapping[str, Any] = {"event": "pause"}
RESUME: Mapping[str, Any] = {"event": "resume"}


def find(journal: Journal, conversation_id: str, message_id: str) -> Optional[Row]:
    """The message of this number, if it is there."""
    wanted = sa.select(messages).where(
        messages.c.conversation_id == conversation_id, messages.c.message_id == message_id
    )
    return journal.connection.execute(wanted).one_or_none()


def add(
    journal: Journal,
    conversation_id: str,
    sender: str,
    text: str,
    *,
    by: Optional[By] = None,
    shown: Optional[Mapping[str, Any]] = None,
    at: Optional[datetime] = None,
    message_id: Optional[str] = None,
    delivery: Optional[str] = None,
) -> int:
    """Put a message into the transcript and return its id. `shown`: what it has beside its text."""
    moment = at or clock.now()
    values = {
        "conversation_id": conversation_id,
        "sender": sender,
        "agent_id": by.agent_id if by else None,
        "agent_name": by.name if by else None,
        "text": text,
        "shown": dict(shown) if shown else None,
        "at": moment,
        "message_id": message_id,
        "delivery": delivery,
    }
    key = int(journal.connection.execute(sa.insert(messages).values(**values)).inserted_primary_key[0])
    journal.messages.append(key)
    journal.touch(conversation_id)
    if sender not in INTERNAL:
        said = {"last_text": text[:_LAST_TEXT], "last_sender": sender} if sender in (USER, AGENT) else {}
        change(journal, conversation_id, last_at=moment, **said)
    return key


def tell(
    journal: Journal,
    conversation: Row,
    text: str,
    *,
    by: Optional[By] = None,
    data: Optional[Mapping[str, Any]] = None,
    message_id: Optional[str] = None,
    before: Optional[List[Mapping[str, Any]]] = None,
) -> None:
    """Say something to the customer: an agent's words with `by`, else the desk's own.

    `before`: events for the assistant that come with it, all at once: `PAUSE` or `RESUME`.
    """
    number = message_id or uuid.uuid4().hex
    metadata: Dict[str, Any] = {"message_id": number}
    if by is not None:
        metadata["agent"] = {"id": by.agent_id, "name": by.name}
    bot = {"event": "bot", "text": text, "data": dict(data or {}), "metadata": metadata}
    add(
        journal,
        conversation.conversation_id,
        AGENT if by else SYSTEM,
        text,
        by=by,
        shown=shown_of(data or {}),
        message_id=number,
        delivery=SENDING,
    )
    command(journal, conversation, [*(before or []), bot], number)


def say(
    journal: Journal,
    conversation: Row,
    sentence: str,
    *,
    before: Optional[List[Mapping[str, Any]]] = None,
    **values: Any,
) -> None:
    """Say one of the desk's own sentences, in the language of the conversation."""
    said = sentences.say(sentence, conversation.language, **values)
    tell(journal, conversation, said["text"], data=said["data"], before=before)


def command(
    journal: Journal, conversation: Row, events: List[Mapping[str, Any]], message_id: Optional[str] = None
) -> None:
    """Have the assistant take over events of its conversation, after all those that were to come before."""
    number, now = message_id or uuid.uuid4().hex, clock.now()
    marked = [{**event, "metadata": {**event.get("metadata", {}), "message_id": number}} for event in events]
    journal.connection.execute(
        sa.insert(outbox).values(
            conversation_id=conversation.conversation_id,
            message_id=number,
            channel=conversation.channel,
            events=marked,
            state="waiting",
            next_at=now,
            created_at=now,
        )
    )
    journal.sends = True


def delivered(journal: Journal, conversation_id: str, message_id: str, delivery: str) -> None:
    """Note what became of a message on its way to the customer; what arrived stays so."""
    found = find(journal, conversation_id, message_id)
    if found is not None and found.delivery not in (delivery, SENT):
        journal.connection.execute(sa.update(messages).where(messages.c.id == found.id).values(delivery=delivery))
        journal.messages.append(found.id)


def shown_of(data: Mapping[str, Any]) -> Dict[str, Any]:
    """What a bot event's `data` shows beside the text: `buttons`, `card`, `link`."""
    custom = data.get("custom") or {}
    shown: Dict[str, Any] = {name: custom[name] for name in ("card", "link") if custom.get(name)}
    buttons = [*(data.get("buttons") or []), *(data.get("quick_replies") or [])]
    if buttons:
        shown["buttons"] = [{"title": str(button.get("title", ""))} for button in buttons]
    return shown
