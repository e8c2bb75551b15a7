"""What passes between the channel and the agents' desk, and is neither a message nor a command.

    POST /desk/signals          from the desk: an agent is typing, who has the conversation; shown to its open pages
    GET  /desk/files/<id>       a file that an agent sent, for the conversation that it was sent in and for no other

The desk proves itself with `Authorization: Bearer <DESK_TOKEN>`, and so does the channel to the desk. A page proves
whose conversation it has with its identity token (`Bearer`), or as a visitor with its session id (`Session`). What is
lost on the way is no loss: messages go over Rasa's events, and the state of a conversation is asked for again whenever
a page opens it.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Dict, Mapping, Optional, Tuple
from urllib.parse import quote

import aiohttp
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from channels.conversations import Conversations
from channels.pages import Pages, proof
from common.settings import settings

logger = logging.getLogger(__name__)

#: States in which a person has the conversation or is on the way; then the assistant is silent.
WITH_PEOPLE = frozenset({"waiting", "agent"})
_STATES = frozenset({"bot", "later", "wrapped_up", *WITH_PEOPLE})

_QUICKLY = aiohttp.ClientTimeout(total=2.0)  # seconds; a page waits for it
_FILES = aiohttp.ClientTimeout(total=30.0)
_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
_MOST_TYPES = frozenset({"application/pdf", "image/jpeg", "image/png"})

State = Dict[str, Any]
Show = Callable[[str, str, Mapping[str, Any]], Awaitable[None]]  # conversation id, event, data


class Desk:
    """The desk as the channel reaches it. No call raises; a desk that does not answer is logged."""

    async def state(self, conversation_id: str) -> Optional[State]:
        """Who has the conversation, as pages are shown it; `None` if the desk does not answer or does not know it."""
        status, found = await self._call("GET", conversation_id, "")
        return state_of(found) if status == 200 else None

    async def rate(self, conversation_id: str, stars: int, comment: str, asked_at: Optional[float] = None) -> bool:
        """Hand the customer's rating over; whether the desk has it.

        `asked_at`: when the assistant asked how it was itself, in seconds since 1970; else it is about an agent.
        """
        about = {} if asked_at is None else {"asked_at": asked_at}
        status, _ = await self._call("POST", conversation_id, "/rating", {"stars": stars, "comment": comment, **about})
        return 200 <= status < 300

    async def come_here(self, conversation_id: str) -> bool:
        """People of a messaging service's own cannot be had: ask for those of the desk. Whether the desk knows now."""
        status, _ = await self._call("POST", conversation_id, "/come-here")
        return 200 <= status < 300

    async def typing(self, conversation_id: str, typing: bool) -> None:
        """Tell that the customer is typing, or no longer."""
        body = {"conversation_id": conversation_id, "typing": typing}
        await self._request("POST", "/internal/signals", body)

    async def file(self, conversation_id: str, file_id: str) -> Tuple[int, bytes, Mapping[str, str]]:
        """A file of this conversation: 200 with its content and headers, 404 if it has none of that id, 503."""
        url = f"{settings().local_desk_url()}{_path(conversation_id)}/files/{quote(file_id, safe='')}"
        try:
            async with (
                aiohttp.ClientSession(timeout=_FILES) as session,
                session.get(url, headers=_authorization()) as answer,
            ):
                if answer.status != 200:
                    return (404 if answer.status == 404 else 503), b"", {}
                return 200, await answer.read(), dict(answer.headers)
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            logger.warning("the desk gave no file: %s", type(error).__name__)
            return 503, b"", {}

    async def _call(
        self, method: str, conversation_id: str, path: str, body: Optional[Mapping[str, Any]] = None
    ) -> Tuple[int, Mapping[str, Any]]:
        return await self._request(method, f"{_path(conversation_id)}{path}", body)

    @staticmethod
    async def _request(method: str, path: str, body: Optional[Mapping[str, Any]]) -> Tuple[int, Mapping[str, Any]]:
        """The status and the JSON object of the answer; 0 if there is none."""
        url = f"{settings().local_desk_url()}{path}"
        try:
            async with (
                aiohttp.ClientSession(timeout=_QUICKLY) as session,
                session.request(method, url, json=body, headers=_authorization()) as answer,
            ):
                content = await answer.json() if answer.content_type == "application/json" else {}
                return answer.status, content if isinstance(content, dict) else {}
        except (aiohttp.ClientError, asyncio.TimeoutError, ValueError) as error:
            logger.info("the desk does not answer: %s", type(error).__name__)
            return 0, {}


def _path(conversation_id: str) -> str:
    return f"/internal/conversations/{quote(conversation_id, safe='')}"


def _authorization() -> Dict[str, str]:
    return {"Authorization": f"Bearer {settings().secret('desk_token')}"}


def state_of(told: Any) -> Optional[State]:
    """What pages are shown of a state that the desk tells; `None` if it is none. An agent has a name and no more."""
    if not isinstance(told, Mapping) or told.get("state") not in _STATES:
        return None
    shown: State = {"state": told["state"]}
    for part in ("position", "expected_minutes"):
        if isinstance(told.get(part), int):
            shown[part] = told[part]
    name = _name(told.get("agent"))
    return {**shown, "agent": {"name": name}} if name else shown


def _name(person: Any) -> str:
    return str(person.get("name") or "") if isinstance(person, Mapping) else ""


@dataclass(frozen=True)
class Doors(Pages):
    """Pages that may also be a visitor's, proven by a session id."""

    conversations: Conversations

    def conversation(self, request: Request) -> Optional[str]:
        """The conversation of whoever asks: of the customer whom the token names, or of the visitor's session."""
        scheme, secret = proof(request)
        if scheme == "session":
            return self.conversations.of_session(secret)
        customer_id = self.customer(request)
        return self.conversations.of_customer(customer_id) if customer_id is not None else None


def serve(blueprint: Blueprint, doors: Doors, desk: Desk, show: Show) -> None:
    """Add the routes; `show` sends an event to every open page of a conversation."""

    @blueprint.post("/desk/signals", name="desk_signals")
    async def signals(request: Request) -> HTTPResponse:
        if not hmac.compare_digest(
            request.headers.get("authorization", "").encode(), _authorization()["Authorization"].encode()
        ):
            return response.empty(401)
        told = request.json
        conversation_id = told.get("conversation_id") if isinstance(told, dict) else None
        if not isinstance(conversation_id, str) or not conversation_id:
            return response.empty(400)
        if "typing" in told:
            name = _name(told["typing"])
            await show(conversation_id, "desk_typing", {"name": name} if name else {})
        state = state_of(told.get("state"))
        if state:
            await show(conversation_id, "desk_state", state)
        return response.empty(204)

    @blueprint.options("/desk/files/<file_id:str>", name="may_have_file")
    async def may_have_file(request: Request, file_id: str) -> HTTPResponse:
        return doors.preflight(request)

    @blueprint.get("/desk/files/<file_id:str>", name="desk_file")
    async def file(request: Request, file_id: str) -> HTTPResponse:
        conversation_id = doors.conversation(request)
        if conversation_id is None:
            return doors.refuse(request)
        if not _ID.fullmatch(file_id):
            return response.empty(404, doors.headers(request))
        status, content, described = await desk.file(conversation_id, file_id)
        if status != 200:
            return response.empty(status, doors.headers(request))
        kind = described.get("Content-Type", "")
        return response.raw(
            content,
            headers={**doors.headers(request), "Content-Disposition": "attachment"},
            content_type=kind if kind in _MOST_TYPES else "application/octet-stream",
        )
