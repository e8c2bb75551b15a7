"""A webhook that writes down what it is sent, and answers as it is told."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Callable, Dict, List, Tuple
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree

_PATIENCE = 60.0  # seconds


@dataclass(frozen=True)
class Delivery:
    """One call of the webhook."""

    path: str
    parameters: Dict[str, str]
    body: str

    def fields(self) -> Dict[str, str]:
        """Of the body's XML."""
        return fields_of(self.body)


def fields_of(text: str) -> Dict[str, str]:
    """The fields of flat XML."""
    return {child.tag: child.text or "" for child in ElementTree.fromstring(text)}


class WebhookStub:
    """Listens on a free port until `stop`. `answers`: status and text of the next calls; then `success`."""

    def __init__(self) -> None:
        self.deliveries: List[Delivery] = []
        self.answers: List[Tuple[int, str]] = []
        self.echo: Callable[[Dict[str, str]], str] = lambda parameters: parameters.get("echostr", "")
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def wait(self, count: int) -> List[Delivery]:
        """The first `count` deliveries, once they are there."""
        deadline = time.monotonic() + _PATIENCE
        while len(self.deliveries) < count:
            assert time.monotonic() < deadline, f"{len(self.deliveries)} of {count} deliveries"
            time.sleep(0.02)
        return self.deliveries[:count]

    def clear(self) -> None:
        """Forget everything."""
        self.deliveries.clear()
        self.answers.clear()

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                _, parameters = _parts(self.path)
                self._give(200, stub.echo(parameters))

            def do_POST(self) -> None:
                path, parameters = _parts(self.path)
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                stub.deliveries.append(Delivery(path, parameters, body))
                self._give(*(stub.answers.pop(0) if stub.answers else (200, "success")))

            def _give(self, status: int, text: str) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


def _parts(path: str) -> Tuple[str, Dict[str, str]]:
    address = urlsplit(path)
    return address.path, dict(parse_qsl(address.query))
