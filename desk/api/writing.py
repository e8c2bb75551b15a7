"""/api/conversations/<id>/…: what agents write to customers, to each other, and about a conversation."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, List, Optional

import sqlalchemy as sa
from pydantic import Field
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection

from common import clock
from common.settings import settings
from desk import acts, files, views, writing
from desk.api.web import agent_of, answer, answer_brief, as_download, conversation_of, desk_of
from desk.bodies import Body, read_body
from desk.conversations import find
from desk.journal import Journal
from desk.people import signed_in
from desk.people.model import Agent
from desk.problems import Problem
from desk.tables import messages

routes = Blueprint("writing", url_prefix="/api/conversations")

_FORM = 64 * 1024  # bytes of a form beside its file
#: The largest body that the application has to let in.
LARGEST_BODY = files.LARGEST + _FORM


class Reply(Body):
    """To the customer."""

    message_id: str = Field(regex=r"^[A-Za-z0-9_.:-]{1,64}$")
    text: str


class Text(Body):
    """To colleagues."""

    text: str


class Tags(Body):
    """All of a conversation's tags."""

    tags: List[str]


class Call(Body):
    """When the customer is to be called; or, with `done`, that nothing is open any longer."""

    earliest: Optional[datetime] = Field(default=None, alias="from")
    latest: Optional[datetime] = Field(default=None, alias="until")
    note: str = Field(default="", max_length=1000)
    done: bool = False


@routes.post("/<conversation_id:str>/messages")
@signed_in()
async def reply(request: Request, conversation_id: str) -> HTTPResponse:
    """Write to the customer. The same `message_id` again is the same message."""
    body = read_body(request, Reply)
    return await _write(request, conversation_id, writing.reply, body.message_id, body.text)


@routes.post("/<conversation_id:str>/files")
@signed_in()
async def send_file(request: Request, conversation_id: str) -> HTTPResponse:
    """Send the customer a file: multipart with `file` and `message_id`."""
    file = request.files.get("file") if request.files else None
    if file is None:
        raise Problem("invalid-request", "file is missing")
    message_id = request.form.get("message_id", "") if request.form else ""
    url = f"{settings().public_assistant_url()}/webhooks/webchat/desk/files"
    return await _write(
        request, conversation_id, writing.send_file, message_id, name=file.name or "", content=file.body, url=url
    )


@routes.get("/<conversation_id:str>/files/<file_id:str>")
@signed_in()
async def file(request: Request, conversation_id: str, file_id: str) -> HTTPResponse:
    """A file that was sent in this conversation, for who may see it."""
    found = await desk_of(request).read(_file, agent_of(request), conversation_of(conversation_id), file_id)
    return as_download(found)


@routes.post("/<conversation_id:str>/notes")
@signed_in()
async def note(request: Request, conversation_id: str) -> HTTPResponse:
    """Write what only colleagues read."""
    body = read_body(request, Text)
    return await _write(request, conversation_id, _visible_note, body.text)


@routes.post("/<conversation_id:str>/whisper")
@signed_in("supervisor")
async def whisper(request: Request, conversation_id: str) -> HTTPResponse:
    """Write to whoever has the conversation."""
    body = read_body(request, Text)
    return await _write(request, conversation_id, writing.whisper, body.text)


@routes.post("/<conversation_id:str>/tags")
@signed_in()
async def tags(request: Request, conversation_id: str) -> HTTPResponse:
    """Set the tags."""
    body, found = read_body(request, Tags), conversation_of(conversation_id)
    await desk_of(request).run(_tagged, agent_of(request), found, body.tags)
    brief = await desk_of(request).read(views.brief, found)
    return answer({"brief": brief, "tags": brief["tags"] if brief else []})


@routes.post("/<conversation_id:str>/callback")
@signed_in()
async def callback(request: Request, conversation_id: str) -> HTTPResponse:
    """Arrange a call, or note that it was made."""
    body, found = read_body(request, Call), conversation_of(conversation_id)
    await desk_of(request).run(_call, agent_of(request), found, body)
    return await answer_brief(request, found)


def _file(connection: Connection, agent: Agent, conversation_id: str, file_id: str) -> files.File:
    conversation = find(connection, conversation_id)
    if conversation is not None:
        views.check_may_see(connection, agent, conversation)
    found = files.find(connection, conversation_id, file_id)
    if found is None:
        raise Problem("not-found", "no such file in this conversation")
    return found


def _visible(journal: Journal, agent: Agent, conversation_id: str) -> None:
    views.check_may_see(journal.connection, agent, acts.conversation(journal, conversation_id))


def _visible_note(journal: Journal, agent: Agent, conversation_id: str, text: str) -> int:
    _visible(journal, agent, conversation_id)
    return writing.note(journal, agent, conversation_id, text)


def _tagged(journal: Journal, agent: Agent, conversation_id: str, given: List[str]) -> None:
    _visible(journal, agent, conversation_id)
    writing.set_tags(journal, conversation_id, given)


def _call(journal: Journal, agent: Agent, conversation_id: str, body: Call) -> None:
    _visible(journal, agent, conversation_id)
    if body.done:
        writing.call_made(journal, conversation_id)
        return
    if body.earliest is None or body.latest is None:
        raise Problem("invalid-request", "from and until are missing")
    earliest, latest = (_zoned(each) for each in (body.earliest, body.latest))
    writing.schedule_call(journal, agent, conversation_id, earliest, latest, body.note)


def _zoned(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.BANK_ZONE)


async def _write(request: Request, conversation_id: str, write: Any, *args: Any, **kwargs: Any) -> HTTPResponse:
    key = await desk_of(request).run(write, agent_of(request), conversation_of(conversation_id), *args, **kwargs)
    return answer({"message": await desk_of(request).read(_message, key)}, status=201)


def _message(connection: Connection, key: int) -> Dict[str, Any]:
    return views.message(connection.execute(sa.select(messages).where(messages.c.id == key)).one())
