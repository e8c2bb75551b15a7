"""A bank with one fault: a door between the kit and the sandbox that changes one thing on the way.

with standing_between(sandbox, Fault(...)) as api_url:
    ...
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Callable, Dict, Iterator
from urllib.parse import urlsplit

import requests

from tests.processes import Sandbox

_HOP_BY_HOP = {"connection", "content-length", "transfer-encoding", "content-encoding", "host", "keep-alive"}


@dataclass(frozen=True)
class Asked:
    """A request on its way to the sandbox."""

    method: str
    path: str  # after /v1, with the query
    headers: Dict[str, str]
    body: bytes

    def with_header(self, name: str, value: str) -> "Asked":
        """The same with another value of this header."""
        others = {key: known for key, known in self.headers.items() if key.lower() != name.lower()}
        return replace(self, headers={**others, name: value})

    def without_header(self, name: str) -> "Asked":
        """The same without this header."""
        return replace(self, headers={key: value for key, value in self.headers.items() if key.lower() != name.lower()})

    def header(self, name: str) -> str:
        """A header's value, empty if there is none."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")

    @property
    def route(self) -> str:
        """The path without its query."""
        return urlsplit(self.path).path


@dataclass(frozen=True)
class Answered:
    """The sandbox's answer on its way back."""

    status: int
    headers: Dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def saying(self, document: Any) -> "Answered":
        """The same with another body."""
        return replace(self, body=json.dumps(document, ensure_ascii=False).encode())


Forward = Callable[[Asked], Answered]


@dataclass(frozen=True)
class Fault:
    """What is broken: `answer` gets the request and the way to the sandbox."""

    answer: Callable[[Asked, Forward], Answered]


@contextmanager
def standing_between(sandbox: Sandbox, fault: Fault) -> Iterator[str]:
    """The address, with /v1, of the sandbox as it looks through the fault."""
    session = requests.Session()
    session.trust_env = False

    def forward(asked: Asked) -> Answered:
        came = session.request(
            asked.method, sandbox.api_url + asked.path, headers=asked.headers, data=asked.body, timeout=60
        )
        headers = {name: value for name, value in came.headers.items() if name.lower() not in _HOP_BY_HOP}
        return Answered(came.status_code, headers, came.content)

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
            asked = Asked(self.command, self.path.removeprefix("/v1"), headers, self.rfile.read(length))
            answered = fault.answer(asked, forward)
            self.send_response(answered.status)
            for name, value in answered.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answered.body)))
            self.end_headers()
            self.wfile.write(answered.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _pass_on  # the names that http.server looks for

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """A fault may hang up; nobody needs to read of it."""

    server = Server(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
