"""A customer's page of the web chat as the widget behaves, without a browser."""

from __future__ import annotations

import time
import uuid
from typing import Any, Dict, List, Optional

import jwt
import requests
import socketio
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from channels.conversations import Conversations
from common.settings import Settings
from tests.processes import System, until


class Page:
    """A customer's page, as the widget behaves: it connects again, and sends again what it does not know of."""

    def __init__(self, live: System, customer: str, language: str = "zh") -> None:
        self.live = live
        self.customer = customer
        self.language = language
        self.heard: List[Any] = []
        self.messages: List[Dict[str, Any]] = []  # as shown
        self._socket = socketio.Client(reconnection_delay=0.2, reconnection_delay_max=0.5)
        _in_order(self._socket)
        self._socket.on("connect", self._begin)
        self._socket.on("*", self._hear)
        self._socket.connect(live.assistant_origin, transports=["polling"], headers={"Origin": live.bank_origin})
        until(lambda: self.messages)  # the transcript, or the greeting

    @property
    def conversation_id(self) -> str:
        secret = (self.live.var_dir / "webchat_secret.secret").read_text().strip()
        return Conversations(secret).of_customer(self.customer)

    def token(self) -> str:
        """As the bank's page gets it."""
        key = load_pem_private_key((self.live.var_dir / "identity-private.pem").read_bytes(), None)
        now, known = int(time.time()), Settings()
        claims = {"iss": known.identity_issuer, "aud": known.identity_audience, "sub": self.customer}
        return jwt.encode({**claims, "iat": now, "exp": now + 600, "jti": uuid.uuid4().hex}, key, "EdDSA")  # type: ignore[arg-type]

    def _begin(self) -> None:
        self._socket.emit("session_request", {"token": self.token(), "language": self.language})

    def _hear(self, event: str, data: Any = None) -> None:
        if event == "history":
            self.messages = list(data["messages"])
        elif event in ("bot_uttered", "user_uttered") and data["id"] not in {each["id"] for each in self.messages}:
            self.messages.append(data)
        self.heard.append((event, data))

    def of(self, event: str) -> List[Any]:
        """The data of all events with this name."""
        return [data for name, data in self.heard if name == event]

    def send(self, text: str, message_id: Optional[str] = None) -> str:
        """Send a message and wait until it was handled; its id."""
        number = message_id or uuid.uuid4().hex
        before = len(self._handled(number))
        if number not in {each["id"] for each in self.messages}:
            self.messages.append({"id": number, "sender": "user", "text": text})
        self._socket.emit("user_uttered", {"message": text, "message_id": number})
        until(lambda: len(self._handled(number)) > before)
        return number

    def _handled(self, number: str) -> List[Any]:
        return [each for each in self.of("message_handled") if each["message_id"] == number]

    def emit(self, event: str, data: Any) -> Any:
        """Any other event, with the answer."""
        return self._socket.call(event, data, timeout=30)

    def ask(self, text: str) -> List[Dict[str, Any]]:
        """Send a message; what was answered to it."""
        seen = {each["id"] for each in self.messages}
        number = self.send(text)
        return [each for each in self.messages if each["id"] not in seen and each["id"] != number]

    def texts(self, sender: str) -> List[str]:
        """What `sender` said: `user`, `bot`, `agent`."""
        return [each.get("text", "") for each in self.messages if each["sender"] == sender]

    def state(self) -> Dict[str, Any]:
        """Who has the conversation, as the page was told last."""
        told: List[Dict[str, Any]] = self.of("desk_state")
        return told[-1] if told else {}

    def reload_state(self) -> str:
        """Who has the conversation, as a page that is opened now is told."""
        page = Page(self.live, self.customer, self.language)
        try:
            return str(until(page.state)["state"])
        finally:
            page.close()

    def reload(self) -> "Page":
        """The same customer with a new page."""
        self.close()
        return Page(self.live, self.customer, self.language)

    def get(self, path: str, token: Optional[str] = None) -> requests.Response:
        """From the channel's HTTP routes, as this customer unless another's token is given."""
        headers = {"Authorization": f"Bearer {token or self.token()}"}
        return requests.get(f"{self.live.assistant_origin}/webhooks/webchat{path}", headers=headers, timeout=30)

    def close(self) -> None:
        """Leave."""
        self._socket.eio.disconnect(abort=True)  # polling would wait for its pending request


def _in_order(client: socketio.Client) -> None:
    """Handle what comes in the order in which it comes, as browsers do; the client has a thread for each event."""
    trigger = client.eio._trigger_event

    def at_once(event: str, *data: Any, **options: Any) -> Any:
        return trigger(event, *data, **{**options, "run_async": False})

    client.eio._trigger_event = at_once
