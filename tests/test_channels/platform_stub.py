"""A stub of a platform's HTTP API: answers what a test lays out, and keeps what it was asked."""

from __future__ import annotations

import asyncio
import json
import socket
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Union

from aiohttp import web

Reply = Union[Mapping[str, Any], Callable[["Call"], Any]]


def free_socket() -> socket.socket:
    """A socket that is bound to a port of this machine that nobody uses. Sanic takes port 0 for its default."""
    found = socket.socket()
    found.bind(("127.0.0.1", 0))
    return found


@dataclass(frozen=True)
class Call:
    path: str
    query: Dict[str, str]
    body: Any
    raw: bytes


@dataclass
class Stub:
    """Per path a reply, or a list of replies of which the last one stays."""

    replies: Dict[str, Union[Reply, List[Reply]]] = field(default_factory=dict)
    calls: List[Call] = field(default_factory=list)
    url: str = ""
    tokens: int = 0  # given out

    def of(self, path: str) -> List[Call]:
        return [call for call in self.calls if call.path == path]

    async def start(self) -> "Stub":
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def stop(self) -> None:
        await self._runner.cleanup()

    def give_token(self, call: Call) -> Mapping[str, Any]:
        """As a service that gives out another token each time."""
        self.tokens += 1
        return {"errcode": 0, "errmsg": "ok", "access_token": f"token-{self.tokens}", "expires_in": 7200}

    async def _answer(self, request: web.Request) -> web.Response:
        raw = await request.read()
        is_json = not request.content_type.startswith("multipart/")
        call = Call(request.path, dict(request.query), json.loads(raw) if raw and is_json else None, raw)
        self.calls.append(call)
        reply = self.replies.get(request.path, {"errcode": 0, "errmsg": "ok"})
        if isinstance(reply, list):
            reply = reply.pop(0) if len(reply) > 1 else reply[0]
        found = reply(call) if callable(reply) else reply
        if asyncio.iscoroutine(found):
            found = await found
        return found if isinstance(found, web.Response) else web.json_response(found)
