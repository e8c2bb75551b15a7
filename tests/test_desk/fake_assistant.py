"""An assistant that does what Rasa's HTTP API does with trackers, and fails as it is told to."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Deque, Dict, List, Optional, Tuple

from aiohttp import web

#: What may go wrong with the next request that appends events.
DROPS_ANSWER = "drops the answer after having done it"
DROPS_REQUEST = "drops the request before having done it"
FAILS_AFTER = "answers 500 after having done it"
FAILS_BEFORE = "answers 500 before having done it"
NOT_READY = "answers 409: no model yet"
REFUSES = "answers 400: the events are none"


@dataclass
class FakeAssistant:
    """What every conversation holds, and what was signalled."""

    token: str = "api-token"
    faults: Deque[str] = field(default_factory=deque)
    trackers: Dict[str, List[Dict[str, Any]]] = field(default_factory=dict)
    asked: List[Tuple[str, str]] = field(default_factory=list)  # method and conversation
    signals: List[Dict[str, Any]] = field(default_factory=list)
    port: int = 0
    _runner: Optional[web.AppRunner] = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def texts(self, conversation_id: str) -> List[str]:
        """What the customer was shown."""
        return [event["text"] for event in self.trackers.get(conversation_id, []) if event["event"] == "bot"]

    def kinds(self, conversation_id: str) -> List[str]:
        """The kinds of the events of a conversation."""
        return [event["event"] for event in self.trackers.get(conversation_id, [])]

    async def start(self) -> "FakeAssistant":
        """Listen; again at the same port after a stop."""
        app = web.Application()
        app.router.add_post("/conversations/{id}/tracker/events", self._append)
        app.router.add_get("/conversations/{id}/tracker", self._tracker)
        app.router.add_post("/webhooks/webchat/desk/signals", self._signal)
        self.routes(app)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        return self

    def routes(self, app: web.Application) -> None:
        """What else it answers."""

    async def stop(self) -> None:
        """Be down."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def _append(self, request: web.Request) -> web.StreamResponse:
        conversation_id = request.match_info["id"]
        self.asked.append(("POST", conversation_id))
        if request.query.get("token") != self.token:
            return web.Response(status=401)
        assert request.query["execute_side_effects"] == "true"
        assert request.query["output_channel"]
        events = await request.json()
        fault = self.faults.popleft() if self.faults else ""
        if fault == DROPS_REQUEST:
            return self._drop(request)
        if fault in (FAILS_BEFORE, NOT_READY, REFUSES):
            return web.Response(status={FAILS_BEFORE: 500, NOT_READY: 409, REFUSES: 400}[fault])
        self.trackers.setdefault(conversation_id, []).extend(events)
        if fault == DROPS_ANSWER:
            return self._drop(request)
        if fault == FAILS_AFTER:
            return web.Response(status=500)
        return web.json_response({})

    async def _tracker(self, request: web.Request) -> web.Response:
        conversation_id = request.match_info["id"]
        self.asked.append(("GET", conversation_id))
        assert request.query["include_events"] == "ALL"
        return web.json_response({"events": self.trackers.get(conversation_id, [])})

    async def _signal(self, request: web.Request) -> web.Response:
        self.signals.append(json.loads(await request.text()))
        return web.Response(status=204)

    @staticmethod
    def _drop(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()
        raise asyncio.CancelledError
