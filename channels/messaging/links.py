"""What a chat of a messaging service can only point at: signing in, sending papers, fetching files, the web chat.

A link that leads to signing in holds a secret, works once and for ten minutes, and is kept by its hash. It names the
customer's message that it answers, so that this is answered again once it is known who wrote it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Dict, List, Mapping, Optional, Sequence
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from channels.messages import Message
from channels.messaging import people
from channels.messaging.identity import Known
from channels.messaging.people import Person
from channels.messaging.platform import Document
from channels.messaging.reading import UNLINK_PAYLOAD
from channels.messaging.tables import inbox, links
from channels.tickets import Tickets
from common.database import insert_into
from common.settings import settings

LIFETIME_SECONDS = 600.0
_SECRET_BYTES = 24
_UPLOAD_LABEL = "utter_label_messaging_upload"
_UNLINK_LABEL = "utter_label_messaging_unlink"
_SENT = "utter_label_messaging_document"
_UNNAMED = "document.pdf"
_AGAIN = ("text", "choice", "menu")  # what a customer may have wanted when the assistant asked to sign in

#: The text of a response of the domain, in the conversation's language.
Words = Callable[[str, str], Awaitable[str]]


class LinkOver(Exception):
    """Nobody issued this link, it was used, or its time is over."""


@dataclass(frozen=True)
class Issued:
    """A link's row, before it is written."""

    secret: str
    person_id: int
    inbox_id: int  # 0: it answers no message
    expires_at: float


@dataclass(frozen=True)
class Resolved:
    """Messages whose links are lines of text, and the secrets that have to be kept for them."""

    messages: List[Message]
    issued: List[Issued]


class Links:
    """Makes links for one service. `figures`: whether the bank allows account data there; `files`: whether the service
    takes files.
    """

    def __init__(self, name: str, tickets: Tickets, words: Words, *, figures: bool, files: bool = False) -> None:
        self._name = name
        self._tickets = tickets
        self._words = words
        self._figures = figures
        self._files = files

    async def resolve(
        self,
        messages: Sequence[Message],
        person: Person,
        conversation_id: str,
        known: Known,
        inbox_id: int,
        now: float,
        *,
        proven: Optional[str] = None,
    ) -> Resolved:
        """Put links into words. `proven`: the customer as whom the person's identity is verified now."""
        issued: List[Issued] = []
        resolved: List[Message] = []
        for message in messages:
            lines: List[str] = []
            document = self._document(message.get("link") or {}, proven)
            if document is not None:
                line = _line(message["link"].get("title"), settings().chat_page_url())
                message = {
                    **message,
                    "text": await self._words(conversation_id, _SENT),
                    "documents": [(line, document)],
                }
            elif message.get("link"):
                lines.append(self._line(message["link"], person, known, inbox_id, now, issued))
            if message.get("upload"):
                lines.append(await self._upload(message["upload"], conversation_id, known))
            if message.get("linking") and known.customer_id is not None:
                message = await self._with_way_out(message, conversation_id)
            resolved.append({**message, "lines": lines} if lines else message)
        return Resolved(resolved, issued)

    def _document(self, link: Mapping[str, Any], proven: Optional[str]) -> Optional[Document]:
        """What is sent as a file: where the bank allows account data, to whom it is known to be."""
        if not (self._files and self._figures and proven) or link.get("action") != "download" or link.get("url"):
            return None
        if not link.get("document"):
            return None
        return Document(proven, str(link["document"]), str(link.get("file") or _UNNAMED))

    def _line(
        self, link: Mapping[str, Any], person: Person, known: Known, inbox_id: int, now: float, issued: List[Issued]
    ) -> str:
        if link.get("url") and link.get("action") != "download":
            return _line(link.get("title"), str(link["url"]))
        if link.get("action") == "sign_in" and self._figures and known.customer_id is None and not known.problem:
            one = Issued(secrets.token_urlsafe(_SECRET_BYTES), person.id, inbox_id, now + LIFETIME_SECONDS)
            issued.append(one)
            return _line(link.get("title"), self.address(one.secret))
        # A file is the signed-in customer's alone, and a link in a chat can be passed on.
        return _line(link.get("title"), settings().chat_page_url())

    async def _with_way_out(self, message: Message, conversation_id: str) -> Message:
        """The message with a button that ends the link between the chat and the customer."""
        title = await self._words(conversation_id, _UNLINK_LABEL)
        button = {"content_type": "text", "title": title, "payload": UNLINK_PAYLOAD}
        return {**message, "quick_replies": [*(message.get("quick_replies") or []), button]}

    def address(self, secret: str) -> str:
        """Where the link leads."""
        return f"{settings().public_assistant_url()}/webhooks/{self._name}/link/{secret}"

    async def _upload(self, upload: Mapping[str, Any], conversation_id: str, known: Known) -> str:
        title = await self._words(conversation_id, _UPLOAD_LABEL)
        if known.customer_id is None:
            return _line(title, settings().chat_page_url())
        ticket, _ = self._tickets.issue(known.customer_id)
        kinds = json.dumps(upload.get("kinds") or [], ensure_ascii=False, separators=(",", ":"))
        given = urlencode({"t": ticket, "m": upload.get("largest") or "", "k": kinds})
        return _line(title, f"{settings().public_assistant_url()}/webhooks/webchat/upload.html#{given}")


def _line(title: Any, address: str) -> str:
    return f"{title}\n{address}" if title else address


def keep(connection: Connection, issued: Sequence[Issued]) -> None:
    """Remember links that are about to be sent."""
    for each in issued:
        row = {
            "id": _digest(each.secret),
            "person_id": each.person_id,
            "inbox_id": each.inbox_id,
            "expires_at": each.expires_at,
        }
        connection.execute(sa.insert(links).values(**row))


def whose(connection: Connection, secret: str, now: float) -> Person:
    """Who was sent this link. Raises `LinkOver`."""
    return people.person(connection, _open(connection, secret, now).person_id)


def key(secret: str) -> str:
    """Under which the bank links once, however often the page is sent."""
    return _digest(f"link\n{secret}")[:40]


def use(connection: Connection, secret: str, customer_id: str, now: float) -> None:
    """The link has led to this customer: it is over, and what its message wanted is wanted again, or else a greeting.

    Raises `LinkOver`.
    """
    row = _open(connection, secret, now)
    used = sa.update(links).where(links.c.id == row.id, links.c.used_at == 0).values(used_at=now)
    if not connection.execute(used).rowcount:
        raise LinkOver
    people.identified(connection, row.person_id, customer_id, now)
    wanted = connection.execute(sa.select(inbox).where(inbox.c.id == row.inbox_id)).first()
    kind, text = (wanted.kind, wanted.text) if wanted is not None and wanted.kind in _AGAIN else ("entered", "")
    person = people.person(connection, row.person_id)
    welcome: Dict[str, Any] = {
        "person_id": person.id,
        "platform": person.address.platform,
        "account": person.address.account,
        "key": f"linked-{row.id[:40]}",
        "kind": kind,
        "text": text,
        "extra": {},
        "sent_at": now,
        "received_at": now,
    }
    connection.execute(insert_into(connection, inbox).values(**welcome))


def _open(connection: Connection, secret: str, now: float) -> sa.engine.Row:
    row: Optional[sa.engine.Row] = connection.execute(sa.select(links).where(links.c.id == _digest(secret))).first()
    if row is None or row.used_at or row.expires_at <= now:
        raise LinkOver
    return row


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
