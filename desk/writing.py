"""What an agent writes: to the customer, to colleagues, about the conversation. In a journal; raises `Problem`."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, time
from typing import Any, Dict, Optional, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Row

from common import clock
from desk import files, messages, sentences, wishes
from desk.acts import conversation, own
from desk.conversations import change
from desk.journal import Journal, by
from desk.people.model import Agent
from desk.problems import Problem
from desk.tables import callbacks, handovers, tags

LONGEST_TEXT = 4000  # characters
_LONGEST_TAG, _MOST_TAGS = 32, 12
_MESSAGE_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)
#: No contact between 22:00 and 8:00 (guideline of the China Banking Association, 2026).
_CALLS_FROM, _CALLS_UNTIL = time(8), time(22)


def reply(journal: Journal, agent: Agent, conversation_id: str, message_id: str, text: str) -> int:
    """Write to the customer, and return the message's id; the same `message_id` again is the same message."""
    said = written(text)
    found = own(journal, agent, conversation_id)
    known = _known(journal, agent, conversation_id, message_id)
    if known is not None:
        return int(known.id)
    messages.tell(journal, found, said, by=by(agent), message_id=message_id)
    return _answered(journal, found, conversation_id, message_id)


def send_file(
    journal: Journal, agent: Agent, conversation_id: str, message_id: str, *, name: str, content: bytes, url: str
) -> int:
    """Send the customer a file, and return the message's id. `url`: where files of the desk are fetched.

    Raises `Problem` file-too-large, file-type, invalid-request.
    """
    found = own(journal, agent, conversation_id)
    known = _known(journal, agent, conversation_id, message_id)
    if known is not None:
        return int(known.id)
    file = files.keep(journal, agent, conversation_id, name, content)
    said = sentences.say(sentences.FILE_SENT, found.language, file=file.name)
    said["data"]["custom"]["link"].update(url=f"{url}/{file.id}", file=file.name)
    messages.tell(journal, found, said["text"], by=by(agent), data=said["data"], message_id=message_id)
    return _answered(journal, found, conversation_id, message_id)


def note(journal: Journal, agent: Agent, conversation_id: str, text: str) -> int:
    """Write what only colleagues read."""
    conversation(journal, conversation_id)
    return messages.add(journal, conversation_id, messages.NOTE, written(text), by=by(agent))


def whisper(journal: Journal, agent: Agent, conversation_id: str, text: str) -> int:
    """Write to whoever has the conversation, as a supervisor; the customer does not see it."""
    found = conversation(journal, conversation_id)
    if found.agent_id is None:
        raise Problem("illegal-move", "nobody has it", state=found.state)
    return messages.add(journal, conversation_id, messages.WHISPER, written(text), by=by(agent))


def set_tags(journal: Journal, conversation_id: str, given: Sequence[Any]) -> None:
    """These tags and no others."""
    conversation(journal, conversation_id)
    names = sorted({_tag(each) for each in given})
    if len(names) > _MOST_TAGS:
        raise Problem("invalid-request", f"more than {_MOST_TAGS} tags")
    journal.connection.execute(sa.delete(tags).where(tags.c.conversation_id == conversation_id))
    if names:
        rows = [{"conversation_id": conversation_id, "tag": name} for name in names]
        journal.connection.execute(sa.insert(tags), rows)
    journal.touch(conversation_id)


def schedule_call(
    journal: Journal, agent: Agent, conversation_id: str, earliest: datetime, latest: datetime, why: str
) -> None:
    """Arrange to call the customer; takes the place of a call that was arranged before."""
    conversation(journal, conversation_id)
    _check_window(earliest, latest)
    call_made(journal, conversation_id)
    values: Dict[str, Any] = {
        "conversation_id": conversation_id,
        "earliest": earliest,
        "latest": latest,
        "note": why,
        "agent_id": agent.id,
        "agent_name": agent.display_name,
        "at": clock.now(),
    }
    journal.connection.execute(sa.insert(callbacks).values(**values))
    wishes.call_back(journal.connection, conversation_id, earliest, latest)
    journal.touch(conversation_id)


def call_made(journal: Journal, conversation_id: str) -> None:
    """The customer was called: nothing of it is open any longer."""
    conversation(journal, conversation_id)
    open_ones = sa.and_(callbacks.c.conversation_id == conversation_id, callbacks.c.done_at.is_(None))
    journal.connection.execute(sa.update(callbacks).where(open_ones).values(done_at=clock.now()))
    wished = sa.and_(handovers.c.conversation_id == conversation_id, handovers.c.closed_at.is_(None))
    journal.connection.execute(sa.update(handovers).where(wished).values(callback_from=None, callback_until=None))
    journal.touch(conversation_id)


def seen(journal: Journal, agent: Agent, conversation_id: str) -> None:
    """Who has the conversation has read it."""
    found = conversation(journal, conversation_id)
    if found.agent_id == agent.id and found.unread:
        change(journal, conversation_id, unread=0)


def written(text: Any) -> str:
    """What was written, without what no keyboard types. Raises `Problem` invalid-request: empty, or too long."""
    if not isinstance(text, str):
        raise Problem("invalid-request", "text is missing")
    whole = text.encode("utf-8", "ignore").decode("utf-8").replace("\r\n", "\n")
    clean = "".join(each for each in whole if each in "\n\t" or unicodedata.category(each) != "Cc").strip()
    if not clean or len(clean) > LONGEST_TEXT:
        raise Problem("invalid-request", f"text has 1 to {LONGEST_TEXT} characters")
    return clean


def _known(journal: Journal, agent: Agent, conversation_id: str, message_id: str) -> Optional[Row]:
    """The message if it was sent before. Raises `Problem` if its number is not well-formed or is another's."""
    if not isinstance(message_id, str) or not _MESSAGE_ID.fullmatch(message_id):
        raise Problem("invalid-request", "message_id is missing")
    found = messages.find(journal, conversation_id, message_id)
    if found is not None and (found.sender, found.agent_id) != (messages.AGENT, agent.id):
        raise Problem("exists-already", "another message has this message_id")
    return found


def _answered(journal: Journal, found: Row, conversation_id: str, message_id: str) -> int:
    change(journal, conversation_id, asked_at=None, unread=0)
    first = sa.and_(handovers.c.id == found.handover_id, handovers.c.answered_at.is_(None))
    journal.connection.execute(sa.update(handovers).where(first).values(answered_at=clock.now()))
    new = messages.find(journal, conversation_id, message_id)
    assert new is not None
    return int(new.id)


def _tag(given: Any) -> str:
    name = given.strip() if isinstance(given, str) else ""
    if not 0 < len(name) <= _LONGEST_TAG or any(unicodedata.category(each)[0] == "C" for each in name):
        raise Problem("invalid-request", f"a tag has 1 to {_LONGEST_TAG} characters")
    return name


def _check_window(earliest: datetime, latest: datetime) -> None:
    start, end = earliest.astimezone(clock.BANK_ZONE), latest.astimezone(clock.BANK_ZONE)
    if not clock.now() < latest or not earliest < latest:
        raise Problem("call-time", "the time of a call is in the future, and ends after it begins")
    if start.date() != end.date() or start.time() < _CALLS_FROM or end.time() > _CALLS_UNTIL:
        raise Problem("call-hours", "customers are called between 8:00 and 22:00")
