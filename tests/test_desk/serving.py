"""A Sanic application on a free port of this process, and a browser that talks to it."""

from __future__ import annotations

import asyncio
import socket
import threading
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, Optional

import requests
from sanic import Sanic
from sanic.server import AsyncioServer

# Sanic rewrites its own methods when a server starts. In this mode it keeps the originals, so that a second server can
# start in the same process.
Sanic.test_mode = True


@contextmanager
def served(app: Sanic) -> Iterator[str]:
    """The application's address while it is served on a thread of its own."""
    loop = asyncio.new_event_loop()
    listening = socket.create_server(("127.0.0.1", 0))
    ready: "Future[AsyncioServer]" = Future()

    async def start() -> AsyncioServer:
        server = await app.create_server(sock=listening, return_asyncio_server=True)
        assert server is not None
        await server.startup()
        await server.start_serving()
        return server

    def serve() -> None:
        asyncio.set_event_loop(loop)
        try:
            ready.set_result(loop.run_until_complete(start()))
        except BaseException as error:
            ready.set_exception(error)
            raise
        loop.run_forever()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    server = ready.result(60)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    asyncio.run_coroutine_threadsafe(_close(server), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


async def _close(server: AsyncioServer) -> None:
    server.close()


@dataclass
class Browser:
    """One browser: its cookies, and the token that its page was given."""

    origin: str
    csrf: Optional[str] = None
    session: requests.Session = field(default_factory=requests.Session)

    def ask(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        """`body` as JSON; with the page's token unless `headers` are given."""
        headers: Dict[str, str] = options.pop("headers", None) or ({"X-CSRF-Token": self.csrf} if self.csrf else {})
        url = self.origin + path
        return self.session.request(
            method, url, json=body, headers=headers, timeout=30, allow_redirects=False, **options
        )

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.ask("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        return self.ask("POST", path, {} if body is None else body, **options)

    def patch(self, path: str, body: Any) -> requests.Response:
        return self.ask("PATCH", path, body)

    def sign_in(self, name: str, password: str) -> requests.Response:
        answer = self.post("/api/sign-in", {"name": name, "password": password})
        if answer.ok:
            self.csrf = answer.json()["csrf"]
        return answer


def problem(answer: requests.Response) -> str:
    """The name of the problem that was answered."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    return str(answer.json()["type"]).rpartition(":")[2]
