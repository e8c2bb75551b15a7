"""A Chatwoot of its public documentation, in memory: the client API of an API channel, and an agent bot's part of the
application API. It can be down, and can lose an answer after it did what was asked.

Shapes: https://developers.chatwoot.com/api-reference (Contacts API, Conversations API and Messages API of the client,
Messages and Conversations of the application), and of webhooks
https://www.chatwoot.com/hc/user-guide/articles/1677693021-how-to-use-webhooks.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Dict, Iterator, List, Optional

import requests

ACCOUNT, INBOX, BOT_TOKEN, SECRET = 3, "inbox-identifier", "bot-token", "webhook-secret"


class ChatwootStub(ThreadingHTTPServer):
    """The server and what it holds."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Call)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.contacts: Dict[str, Dict[str, Any]] = {}  # by source id
        self.conversations: Dict[int, Dict[str, Any]] = {}
        self.messages: List[Dict[str, Any]] = []
        self.answers: List[str] = []  # how the next requests are answered: "down", "lost", "refused"

    def of(self, conversation: int) -> List[Dict[str, Any]]:
        """The messages of a conversation, oldest first."""
        return [each for each in self.messages if each["conversation_id"] == conversation]

    def incoming(self, conversation: int) -> List[str]:
        """What the customer wrote there."""
        return [each["content"] for each in self.of(conversation) if each["message_type"] == 0]

    def notes(self, conversation: int) -> List[str]:
        """What only agents see."""
        return [each["content"] for each in self.of(conversation) if each["private"]]

    def add(self, conversation: int, content: str, message_type: int, private: bool = False) -> Dict[str, Any]:
        """Keep a message."""
        message = {
            "id": 1000 + len(self.messages),
            "content": content,
            "message_type": message_type,
            "private": private,
            "content_type": "text",
            "created_at": int(time.time()),
            "conversation_id": conversation,
        }
        self.messages.append(message)
        return message

    def reply(self, conversation: int, text: str, name: str = "Alice") -> Dict[str, Any]:
        """An agent answers; the webhook's payload."""
        message = self.add(conversation, text, 1)
        return {
            "event": "message_created",
            "id": message["id"],
            "content": text,
            "message_type": "outgoing",
            "content_type": "text",
            "private": False,
            "content_attributes": {},
            "sender": {"id": 1, "name": name, "type": "user"},
            "inbox": {"id": 1, "name": "Overdue cards"},
            "conversation": {"id": conversation, "status": "open", "channel": "Channel::Api"},
            "account": {"id": ACCOUNT, "name": "Bank"},
        }

    def status(self, conversation: int, status: str, event: str = "conversation_status_changed") -> Dict[str, Any]:
        """An agent changes the status; the webhook's payload."""
        self.conversations[conversation]["status"] = status
        return {
            "event": event,
            "id": conversation,
            "status": status,
            "inbox_id": 1,
            "channel": "Channel::Api",
            "meta": {"assignee": {"id": 1, "name": "Alice", "type": "user"}},
        }


class _Call(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ChatwootStub

    def log_message(self, format: str, *args: Any) -> None:
        return

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, body: Dict[str, Any]) -> None:
        how = self.server.answers.pop(0) if self.server.answers else ""
        if how == "down":
            return self._send(503, {"error": "unavailable"})
        if how == "refused":
            return self._send(404, {"error": "not found"})
        status, content = self._do(body)
        if how == "lost":  # done, and the connection breaks
            self.close_connection = True
            return None
        return self._send(status, content)

    def _do(self, body: Dict[str, Any]) -> Any:
        for pattern, handler in _ROUTES:
            match = re.fullmatch(pattern, f"{self.command} {self.path}")
            if match:
                return handler(self, body, *match.groups())
        return 404, {"error": "no such route"}

    def _create_contact(self, body: Dict[str, Any]) -> Any:
        for source_id, contact in self.server.contacts.items():
            if contact["identifier"] == body["identifier"]:
                return 200, {"source_id": source_id, **contact}
        source_id = f"source-{len(self.server.contacts)}"
        self.server.contacts[source_id] = body
        return 200, {"source_id": source_id, "pubsub_token": "x", **body}

    def _create_conversation(self, body: Dict[str, Any], source_id: str) -> Any:
        number = len(self.server.conversations) + 1
        self.server.conversations[number] = {"source_id": source_id, "status": "pending", **body}
        return 200, {"id": number, "inbox_id": 1, "messages": [], "contact": {}}

    def _write(self, body: Dict[str, Any], source_id: str, number: str) -> Any:
        if self.server.conversations[int(number)]["source_id"] != source_id:
            return 404, {}
        return 200, self.server.add(int(number), body["content"], 0)

    def _list(self, body: Dict[str, Any], source_id: str, number: str) -> Any:
        return 200, [each for each in self.server.of(int(number)) if not each["private"]]

    def _note(self, body: Dict[str, Any], number: str) -> Any:
        if self.headers.get("api_access_token") != BOT_TOKEN:
            return 401, {"error": "Invalid Access Token"}
        if int(number) not in self.server.conversations:
            return 404, {}
        return 200, self.server.add(int(number), body["content"], 1, body["private"])

    def _toggle(self, body: Dict[str, Any], number: str) -> Any:
        if self.headers.get("api_access_token") != BOT_TOKEN:
            return 401, {"error": "Invalid Access Token"}
        self.server.conversations[int(number)]["status"] = body["status"]
        payload = {"success": True, "current_status": body["status"], "conversation_id": int(number)}
        return 200, {"meta": {}, "payload": payload}

    def _send(self, status: int, content: Any) -> None:
        written = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(written)))
        self.end_headers()
        self.wfile.write(written)


_CLIENT = f"/public/api/v1/inboxes/{INBOX}/contacts"
_APPLICATION = f"/api/v1/accounts/{ACCOUNT}/conversations"
_ROUTES: Any = [
    (f"POST {_CLIENT}", _Call._create_contact),
    (f"POST {_CLIENT}/([^/]+)/conversations", _Call._create_conversation),
    (rf"POST {_CLIENT}/([^/]+)/conversations/(\d+)/messages", _Call._write),
    (rf"GET {_CLIENT}/([^/]+)/conversations/(\d+)/messages", _Call._list),
    (rf"POST {_APPLICATION}/(\d+)/messages", _Call._note),
    (rf"POST {_APPLICATION}/(\d+)/toggle_status", _Call._toggle),
]


@contextmanager
def chatwoot() -> Iterator[ChatwootStub]:
    """A running one."""
    stub = ChatwootStub()
    thread = Thread(target=stub.serve_forever, daemon=True)
    thread.start()
    yield stub
    stub.shutdown()
    stub.server_close()
    thread.join(10)


def deliver(
    origin: str, payload: Dict[str, Any], *, secret: str = SECRET, at: Optional[float] = None, sign: bool = True
) -> requests.Response:
    """Chatwoot calls the webhook."""
    body, stamp = json.dumps(payload).encode(), str(int(at or time.time()))
    signature = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json"}
    if sign:
        headers.update({"X-Chatwoot-Timestamp": stamp, "X-Chatwoot-Signature": f"sha256={signature}"})
    return requests.post(f"{origin}/chatwoot/webhook", data=body, headers=headers, timeout=30)
