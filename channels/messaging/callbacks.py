"""The address that a platform's servers call, with a message or to see that it is ours.

    GET   proves that we know the token, when the address is entered at the platform
    POST  a message or an event; `success` once it is kept, whatever it leads to later

403: not from the platform, or too late. 400: genuine or not, it cannot be read. 503: it could not be kept, and the
platform delivers it again. What is logged holds nothing of the call.
"""

from __future__ import annotations

import functools
import logging
from typing import Any, Awaitable, Callable, Coroutine

from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.exc import SQLAlchemyError

from channels.messaging.crypto import Forged, Seal, Stamp
from channels.messaging.fields import Fields, Garbage, read

logger = logging.getLogger(__name__)

PATH = "/callback"

#: Keeps what a callback tells. May raise `Garbage`, or `SQLAlchemyError` if it cannot be kept.
Take = Callable[[Fields], Awaitable[None]]
_Handler = Callable[[Request], Coroutine[Any, Any, HTTPResponse]]


def serve(blueprint: Blueprint, seal: Seal, take: Take, *, sealed_echo: bool) -> None:
    """Add the routes. `sealed_echo`: whether the check of the address is encrypted, as at WeCom."""

    @blueprint.get(PATH, name="prove")
    @_refusing
    async def prove(request: Request) -> HTTPResponse:
        echo = _argument(request, "echostr")
        if not sealed_echo:
            seal.check(_stamp(request, "signature"))
            return response.text(echo)
        seal.check(_stamp(request, "msg_signature"), echo)
        return response.text(seal.open(echo).decode("utf-8", "replace"))

    @blueprint.post(PATH, name="callback")
    @_refusing
    async def callback(request: Request) -> HTTPResponse:
        await take(_opened(request, seal))
        return response.text("success")


def _opened(request: Request, seal: Seal) -> Fields:
    if not seal.encrypts:
        seal.check(_stamp(request, "signature"))
        return read(request.body)
    encrypted = read(request.body).get("Encrypt", "")
    seal.check(_stamp(request, "msg_signature"), encrypted)
    return read(seal.open(encrypted))


def _refusing(handler: _Handler) -> _Handler:
    @functools.wraps(handler)
    async def answer(request: Request) -> HTTPResponse:
        try:
            return await handler(request)
        except Forged as forged:
            logger.warning("a callback was refused: %s", forged)
            return response.empty(403)
        except Garbage as garbage:
            logger.warning("a callback cannot be read: %s", garbage)
            return response.empty(400)
        except SQLAlchemyError as error:
            logger.error("a callback could not be kept: %s", type(error).__name__)
            return response.empty(503)

    return answer


def _stamp(request: Request, signature: str) -> Stamp:
    return Stamp(*(_argument(request, name) for name in (signature, "timestamp", "nonce")))


def _argument(request: Request, name: str) -> str:
    return str(request.args.get(name) or "")
