"""Files that agents send: kept by the desk, fetched through the chat by the conversation that they were sent in."""

from __future__ import annotations

import re
import unicodedata
import uuid
from dataclasses import dataclass
from typing import Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from common import clock
from desk.journal import Journal
from desk.people.model import Agent
from desk.problems import Problem
from desk.tables import files

LARGEST = 10 * 1024 * 1024  # bytes
_LONGEST_NAME = 100  # characters
#: How files begin (ISO 32000-1, 7.5.2; ISO/IEC 10918-1, B.1; W3C PNG, 5.2), and what must not be missing at their end.
_TYPES = {
    "application/pdf": (b"%PDF-", b"%%EOF", ".pdf"),
    "image/jpeg": (b"\xff\xd8\xff", b"\xff\xd9", ".jpg"),
    "image/png": (b"\x89PNG\r\n\x1a\n", b"IEND", ".png"),
}
_TAIL = 2048  # bytes, in which the end has to be: some programs write a little behind it


@dataclass(frozen=True)
class File:
    """A file that is kept."""

    id: str
    conversation_id: str
    name: str
    content_type: str
    content: bytes


def keep(journal: Journal, agent: Agent, conversation_id: str, name: str, content: bytes) -> File:
    """Keep a file that an agent sends. Its type is what its content is, whatever it is called.

    Raises `Problem` file-too-large, file-type, invalid-request.
    """
    kind = content_type(content)
    file = File(uuid.uuid4().hex, conversation_id, clean_name(name, kind), kind, content)
    journal.connection.execute(
        sa.insert(files).values(
            id=file.id,
            conversation_id=conversation_id,
            agent_id=agent.id,
            name=file.name,
            content_type=kind,
            size=len(content),
            content=content,
            at=clock.now(),
        )
    )
    return file


def find(connection: Connection, conversation_id: str, file_id: str) -> Optional[File]:
    """The file, if it was sent in this conversation."""
    wanted = sa.select(files).where(files.c.id == file_id, files.c.conversation_id == conversation_id)
    row = connection.execute(wanted).one_or_none()
    return File(row.id, row.conversation_id, row.name, row.content_type, row.content) if row else None


def content_type(content: bytes) -> str:
    """What the content is. Raises `Problem` file-too-large, file-type, invalid-request (empty, or cut off)."""
    if not content:
        raise Problem("invalid-request", "the file is empty")
    if len(content) > LARGEST:
        raise Problem("file-too-large", largest=LARGEST)
    for kind, (beginning, end, _) in _TYPES.items():
        if content.startswith(beginning):
            if end not in content[-_TAIL:]:
                raise Problem("invalid-request", "the end of the file is missing")
            return kind
    raise Problem("file-type", types=list(_TYPES))


def clean_name(name: str, kind: str) -> str:
    """A file's name without its folders and without what cannot be shown, with the ending of its type."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(each for each in last if unicodedata.category(each)[0] != "C").strip()
    ending = _TYPES[kind][2]
    stem, dot, given = shown.rpartition(".")
    same = dot and f".{given.lower()}" in (ending, ending.replace("jpg", "jpeg"))
    base = stem if same else shown
    return f"{base[:_LONGEST_NAME].strip('. ') or 'file'}{ending}"
