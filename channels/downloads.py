"""A document of the bank for the customer whom the token names, and for nobody else.

`GET /documents/<id>` with `Authorization: Bearer <identity token>`. The customer comes from the token alone, so
somebody else's id is as unknown as one that never was. The document itself comes from the action server, the one
place that talks to the bank.
"""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Awaitable, Callable, Tuple

import aiohttp
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from channels.pages import Pages
from common.settings import settings

logger = logging.getLogger(__name__)

_TIMEOUT = aiohttp.ClientTimeout(total=30.0)  # seconds
_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
_FROM_ACTIONS = {200: 200, 404: 404}  # anything else: not now

#: Answers a customer id and a document id with the status and, if it is 200, the PDF.
Fetch = Callable[[str, str], Awaitable[Tuple[int, bytes]]]


async def from_actions(customer_id: str, document_id: str) -> Tuple[int, bytes]:
    """Ask the action server for the document: 200, 404 if the customer has none of that id, 503."""
    values = settings()
    url = f"http://{values.action_host}:{values.action_port}/documents"
    asked = {"customer_id": customer_id, "document_id": document_id}
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as session,
            session.post(url, json=asked, params={"token": values.secret("action_token")}) as answer,
        ):
            return _FROM_ACTIONS.get(answer.status, 503), await answer.read()
    except (aiohttp.ClientError, asyncio.TimeoutError) as error:
        logger.warning("the action server gave no document: %s", type(error).__name__)
        return 503, b""


def serve(blueprint: Blueprint, pages: Pages, fetch: Fetch = from_actions) -> None:
    """Add the route."""

    @blueprint.options("/documents/<document_id:str>", name="may_download")
    async def may_download(request: Request, document_id: str) -> HTTPResponse:
        return pages.preflight(request)

    @blueprint.get("/documents/<document_id:str>", name="download")
    async def download(request: Request, document_id: str) -> HTTPResponse:
        customer_id = pages.customer(request)
        if customer_id is None:
            return pages.refuse(request)
        headers = pages.headers(request)
        status, content = await fetch(customer_id, document_id) if _ID.fullmatch(document_id) else (404, b"")
        if status != 200:
            return response.empty(status, headers)
        return response.raw(
            content, headers={**headers, "Content-Disposition": "attachment"}, content_type="application/pdf"
        )
