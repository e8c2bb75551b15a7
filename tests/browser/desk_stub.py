"""As much of the desk's internal API as the channel uses, and the signals that the desk would send."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Dict, List, Tuple

import requests

TOKEN = "test-desk-token"
PDF = b"%PDF-1.7 from an agent %%EOF"


class DeskStub(ThreadingHTTPServer):
    """Answers, and remembers what it was told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.state: Dict[str, Any] = {"state": "bot"}
        self.told: List[Tuple[str, Any]] = []  # path below the conversation, body
        self.takes_ratings = True
        self.files: Dict[str, bytes] = {}  # by the path of the conversation's file
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def settings(self) -> Dict[str, str]:
        """The environment of an assistant that has this desk."""
        return {"DESK_HOST": "127.0.0.1", "DESK_PORT": str(self.server_port), "DESK_TOKEN": TOKEN}


class _Door(BaseHTTPRequestHandler):
    server: DeskStub

    def do_GET(self) -> None:
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            self._answer(401, b"")
        elif self.path in self.server.files:
            self._answer(200, self.server.files[self.path], "application/pdf")
        elif "/files/" in self.path:
            self._answer(404, b"")
        else:
            self._answer(200, json.dumps(self.server.state).encode(), "application/json")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        allowed = self.headers["Authorization"] == f"Bearer {TOKEN}"
        if allowed:
            self.server.told.append((self.path.rsplit("/", 1)[-1], body))
        refused = self.path.endswith("/rating") and not self.server.takes_ratings
        self._answer(401 if not allowed else 503 if refused else 204, b"")

    def _answer(self, status: int, body: bytes, kind: str = "") -> None:
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def signal(assistant: str, conversation_id: str, **told: Any) -> None:
    """Tell the channel what the desk would."""
    answer = requests.post(
        f"{assistant}/webhooks/webchat/desk/signals",
        json={"conversation_id": conversation_id, **told},
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=30,
    )
    answer.raise_for_status()
