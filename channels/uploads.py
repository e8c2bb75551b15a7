"""A customer's files, from the browser to the bank; none of it is kept on the way.

    POST   /uploads?kind=…       the file as the body; `X-File-Name` (percent-encoded), `X-Upload-Id`
    GET    /uploads              what has come for the request that is being made
    DELETE /uploads/<id>         take one back
    POST   /uploads/ticket       a link's secret for another device, which may send files and nothing else

The customer is whoever `Authorization: Bearer <identity token>` names, or `Upload <ticket>`, which only sends. A body
is passed on as it comes in, to the action server, the one place that talks to the bank. What is refused is answered
with `{problem}`.
"""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass
from typing import Any, AsyncIterator, Dict, Mapping, Optional, Protocol, Tuple
from urllib.parse import quote

import aiohttp
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from channels.identity import TokenRejected
from channels.pages import Pages, proof
from channels.tickets import Tickets
from common.settings import settings

logger = logging.getLogger(__name__)

LARGEST_FILE = 10 * 1024 * 1024  # bytes, by the bank's contract
_TIMEOUT = aiohttp.ClientTimeout(total=120.0, sock_read=60.0)  # seconds; phones upload slowly
_SLOWEST_SECONDS = 30.0  # without a byte
_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
_KIND = re.compile(r"[a-z_]{1,32}")
_NAME = re.compile(r"[\x21-\x7e]{0,600}")  # percent-encoded
_ANSWERS = {200, 201, 204, 400, 403, 404, 409, 413, 415}  # of the action server; anything else is: not now

_ALLOWED = {
    "methods": "GET, POST, DELETE",
    "headers": "Authorization, Content-Type, X-File-Name, X-Upload-Id",
}

Answer = Tuple[int, Dict[str, Any]]


class Carrier(Protocol):
    """Brings files to the bank and back."""

    async def send(self, headers: Mapping[str, str], body: AsyncIterator[bytes]) -> Answer:
        """A file, as it comes in."""

    async def ask(self, what: str, asked: Mapping[str, str]) -> Answer:
        """`list` or `delete`."""


class ByActions:
    """Over the action server."""

    async def send(self, headers: Mapping[str, str], body: AsyncIterator[bytes]) -> Answer:
        """A file, as it comes in; 503 if it does not come in whole."""
        return await self._post("uploads", headers=dict(headers), data=body)

    async def ask(self, what: str, asked: Mapping[str, str]) -> Answer:
        """`list` or `delete`; 503 if nobody answers."""
        return await self._post(f"uploads/{what}", json=dict(asked))

    @staticmethod
    async def _post(path: str, **sent: Any) -> Answer:
        values = settings()
        url = f"http://{values.action_host}:{values.action_port}/{path}"
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT) as session,
                session.post(url, params={"token": values.secret("action_token")}, **sent) as answer,
            ):
                content = await answer.json() if answer.content_type == "application/json" else {}
                return (answer.status, content) if answer.status in _ANSWERS else (503, {"problem": "later"})
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            logger.warning("the action server took no file: %s", type(error).__name__)
            return 503, {"problem": "later"}


@dataclass(frozen=True)
class Doors(Pages):
    """Pages that may also prove whose they are with a ticket, and where what they send goes."""

    tickets: Tickets
    carrier: Carrier

    def sender(self, request: Request) -> Optional[str]:
        """Whom the request's token or ticket names; `None` for nobody."""
        scheme, secret = proof(request)
        if scheme != "upload":
            return self.customer(request)
        try:
            return self.tickets.customer(secret)
        except TokenRejected as rejected:
            logger.warning("a file was not taken: %s", rejected)
            return None

    def answer(self, request: Request, status: int, content: Mapping[str, Any]) -> HTTPResponse:
        """As JSON, or without a body."""
        headers = self.headers(request)
        return response.empty(204, headers) if status == 204 else response.json(dict(content), status, headers)

    def refuse(self, request: Request) -> HTTPResponse:
        """To whoever is not signed in."""
        headers = {**self.headers(request), "WWW-Authenticate": "Bearer"}
        return response.json({"problem": "sign_in"}, 401, headers)


def serve(blueprint: Blueprint, pages: Pages, tickets: Tickets, carrier: Optional[Carrier] = None) -> None:
    """Add the routes, for these pages and the server's own page for other devices."""
    doors = Doors(pages.verifier, pages.origins, tickets, carrier or ByActions())

    @blueprint.options("/uploads", name="may_upload")
    async def may_upload(request: Request) -> HTTPResponse:
        return doors.preflight(request, **_ALLOWED)

    @blueprint.options("/uploads/ticket", name="may_have_ticket")
    async def may_have_ticket(request: Request) -> HTTPResponse:
        return doors.preflight(request, **_ALLOWED)

    @blueprint.options("/uploads/<name:str>", name="may_change_uploads")
    async def may_change(request: Request, name: str) -> HTTPResponse:
        return doors.preflight(request, **_ALLOWED)

    @blueprint.post("/uploads", name="upload", stream=True)
    async def upload(request: Request) -> HTTPResponse:
        customer_id = doors.sender(request)
        if customer_id is None:
            return doors.refuse(request)
        return doors.answer(request, *await _carried(request, customer_id, doors.carrier))

    @blueprint.get("/uploads", name="uploads")
    async def uploads(request: Request) -> HTTPResponse:
        customer_id = doors.customer(request)
        if customer_id is None:
            return doors.refuse(request)
        return doors.answer(request, *await doors.carrier.ask("list", {"customer_id": customer_id}))

    @blueprint.delete("/uploads/<document_id:str>", name="delete_upload")
    async def delete(request: Request, document_id: str) -> HTTPResponse:
        customer_id = doors.customer(request)
        if customer_id is None:
            return doors.refuse(request)
        if not _ID.fullmatch(document_id):
            return doors.answer(request, 404, {"problem": "gone"})
        asked = {"customer_id": customer_id, "document_id": document_id}
        return doors.answer(request, *await doors.carrier.ask("delete", asked))

    @blueprint.post("/uploads/ticket", name="upload_ticket")
    async def ticket(request: Request) -> HTTPResponse:
        customer_id = doors.customer(request)
        if customer_id is None:
            return doors.refuse(request)
        secret, ends_at = doors.tickets.issue(customer_id)
        return doors.answer(request, 200, {"ticket": secret, "ends_at": ends_at})


async def _carried(request: Request, customer_id: str, carrier: Carrier) -> Answer:
    kind, upload_id = request.args.get("kind", ""), request.headers.get("x-upload-id", "")
    name = request.headers.get("x-file-name", "")
    if not (_KIND.fullmatch(kind) and _ID.fullmatch(upload_id) and _NAME.fullmatch(name)):
        return 400, {"problem": "kind"}
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        return 411, {"problem": "empty"}  # what was sent whole is known by it
    if int(length) > LARGEST_FILE:
        return 413, {"problem": "too_large"}
    return await carrier.send(headers_of(customer_id, kind, name, upload_id, int(length)), _chunks(request))


def headers_of(customer_id: str, kind: str, name: str, upload_id: str, length: int) -> Dict[str, str]:
    """What a carrier is told of a file: `name` is percent-encoded, `length` in bytes."""
    return {
        "X-Customer-Id": quote(customer_id, safe=""),
        "X-Document-Kind": kind,
        "X-File-Name": name,
        "X-Upload-Id": upload_id,
        "Content-Type": "application/octet-stream",
        "Content-Length": str(length),
    }


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    """The body as it comes in. HTTP ends it at its announced length; raises `TimeoutError` if it stands still."""
    assert request.stream is not None
    while chunk := await asyncio.wait_for(request.stream.read(), _SLOWEST_SECONDS):
        yield chunk
