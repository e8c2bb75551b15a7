"""A conversation as a file for its customer to keep: plain text, which every device opens and every reader reads out,
or PDF.

    GET /transcript     with the identity token (`Bearer`) or the visitor's session id (`Session`); `?format=pdf`

Numbers of cards, identities and phones are hidden but for the last digits: files get forwarded.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any, Awaitable, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence

from rasa.shared.core.events import Event
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from channels.desk import Doors
from channels.messages import Message
from channels.transcript import transcript
from channels.transcript_pdf import printed
from common import clock
from common.masking import mask_numbers

#: Of a conversation the last messages, which is years of them.
MOST_MESSAGES = 10_000
_LINE = "\r\n"  # which every editor takes for the end of a line
_MARK = "\N{BYTE ORDER MARK}"  # by which old editors know the encoding

#: Responses of the domain: what stands above, and who spoke.
HEAD = "utter_transcript_head"
SPEAKERS = {"user": "utter_label_transcript_user", "bot": "utter_label_transcript_bot"}

#: The text of a conversation, or `None` if nothing was said in it.
Write = Callable[[str], Awaitable[Optional[str]]]
#: The text of a response of the domain in the conversation's language.
Words = Callable[..., Awaitable[str]]


async def written(events: Iterable[Event], words: Words) -> Optional[str]:
    """All messages with moment and speaker; `None` if there are none."""
    messages = transcript(events, MOST_MESSAGES)
    if not messages:
        return None
    speakers = {sender: await words(name) for sender, name in SPEAKERS.items()}
    head = await words(HEAD, written_at={"datetime": clock.now().isoformat()})
    blocks = [head, *("\n".join(lines(message, speakers)) for message in messages)]
    return _MARK + mask_numbers("\n\n".join(blocks)).replace("\n", _LINE) + _LINE


def lines(message: Message, speakers: Mapping[str, str]) -> List[str]:
    """One message: who said it and when, then what."""
    at = datetime.fromtimestamp(message["timestamp"], clock.BANK_ZONE)
    speaker = (message.get("agent") or {}).get("name") or speakers[message["sender"]]
    said = [message["text"]] if message.get("text") else []
    return [f"[{at:%Y-%m-%d %H:%M}] {speaker}", *said, *_card(message.get("card") or {})]


def _card(card: Mapping[str, Any]) -> Iterator[str]:
    for part in ("title", "subtitle"):
        if card.get(part):
            yield str(card[part])
    figure = card.get("figure")
    yield from _rows([figure] if figure else [])
    yield from _rows(card.get("rows") or [])
    yield from _table(card.get("table") or {})
    for detail in card.get("details") or []:
        yield str(detail.get("summary") or "")
        yield from _rows(detail.get("rows") or [])
        yield from _table(detail.get("table") or {})
    for option in card.get("options") or []:
        yield from _rows([{**option, "label": option.get("title") or ""}])
        yield from _rows(option.get("rows") or [])
    if card.get("note"):
        yield str(card["note"])


def _rows(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        note = f" ({row['note']})" if row.get("note") else ""
        yield f"  {row.get('label', '')}: {row.get('value', '')}{note}"


def _table(table: Mapping[str, Any]) -> Iterator[str]:
    if table.get("caption"):
        yield str(table["caption"])
    if table:
        columns = [str(column.get("label") or "") for column in table.get("columns") or []]
        yield from (f"  {' | '.join(map(str, row))}" for row in [columns, *(table.get("rows") or [])])


def serve(blueprint: Blueprint, doors: Doors, write: Write) -> None:
    """Add the route."""
    setting_pages = asyncio.Semaphore(1)  # it takes the processor: one after the other

    @blueprint.options("/transcript", name="may_have_transcript")
    async def may_have(request: Request) -> HTTPResponse:
        return doors.preflight(request)

    @blueprint.get("/transcript", name="transcript")
    async def give(request: Request) -> HTTPResponse:
        conversation_id = doors.conversation(request)
        if conversation_id is None:
            return doors.refuse(request)
        text = await write(conversation_id)
        headers: Dict[str, str] = doors.headers(request)
        if text is None:
            return response.empty(404, headers)
        headers["Content-Disposition"] = "attachment"
        if request.args.get("format") == "pdf":
            async with setting_pages:
                content = await asyncio.to_thread(printed, text)
            return response.raw(content, headers=headers, content_type="application/pdf")
        return response.raw(text.encode(), headers=headers, content_type="text/plain; charset=utf-8")
