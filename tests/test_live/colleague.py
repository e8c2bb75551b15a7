"""An agent who works by the desk's HTTP API, with an open console as far as the desk can tell."""

from __future__ import annotations

import uuid
from typing import Any, Dict, List, Optional
from urllib.parse import quote

import requests
import socketio

from desk.people import People, passwords

PASSWORD = "a long enough sentence"


def hire(people: People, name: str, display_name: str) -> None:
    """Make an account for an agent who has changed the first password."""
    with people.database.writing() as connection:
        made = people.accounts.create(
            connection, name=name, display_name=display_name, role="agent", languages=("zh", "en"), password=None
        )
        people.accounts.change(
            connection,
            made.id,
            password_hash=passwords.hash_of(PASSWORD),
            must_change_password=False,
            status="available",
        )


class Colleague:
    """Signed in, available, with a console that is open until `leave`."""

    def __init__(self, origin: str, name: str) -> None:
        self.origin = origin
        self._http = requests.Session()
        self._csrf = self._http.post(
            f"{origin}/api/sign-in", json={"name": name, "password": PASSWORD}, timeout=30
        ).json()["csrf"]
        self.post("/api/me/status", status="available")
        self._console = socketio.Client()
        self.heard: List[Any] = []
        self._console.on("*", lambda event, *data: self.heard.append((event, data[0] if data else None)))
        self._open_console()

    def _open_console(self) -> None:
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._http.cookies)
        headers = {"Cookie": cookies, "Origin": self.origin}
        self._console.connect(self.origin, transports=["polling"], headers=headers)

    def leave(self) -> None:
        """Close the console."""
        self._console.eio.disconnect(abort=True)  # polling would wait for its pending request

    def post(self, path: str, **body: Any) -> Dict[str, Any]:
        """An act; fails the test if the desk does not allow it."""
        headers = {"X-CSRF-Token": self._csrf}
        answer = self._http.post(f"{self.origin}{path}", json=body, headers=headers, timeout=30)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else {}

    def send_file(self, conversation_id: str, name: str, content: bytes) -> Dict[str, Any]:
        """Send the customer a file."""
        answer = self._http.post(
            f"{self.origin}{_path(conversation_id)}/files",
            files={"file": (name, content)},
            data={"message_id": uuid.uuid4().hex},
            headers={"X-CSRF-Token": self._csrf},
            timeout=30,
        )
        assert answer.ok, answer.text
        sent: Dict[str, Any] = answer.json()
        return sent

    def act(self, conversation_id: str, act: str, **body: Any) -> Dict[str, Any]:
        """`claim`, `hand_back`, `close`, …"""
        return self.post(f"{_path(conversation_id)}/{act}", **body)

    def say(self, conversation_id: str, text: str) -> None:
        """Write to the customer."""
        self.act(conversation_id, "messages", message_id=uuid.uuid4().hex, text=text)

    def look_at(self, conversation_id: str) -> None:
        """Open the conversation in the console."""
        self._console.call("open", {"conversation_id": conversation_id}, timeout=30)

    def type(self, conversation_id: str) -> None:
        """Begin to write to the customer."""
        self._console.emit("typing", {"conversation_id": conversation_id, "typing": True})

    def queue(self) -> Dict[str, Any]:
        """What waits and what is theirs."""
        found: Dict[str, Any] = self._http.get(f"{self.origin}/api/queue", timeout=30).json()
        return found

    def conversation(self, conversation_id: str) -> Dict[str, Any]:
        """As the console shows it."""
        answer = self._http.get(f"{self.origin}{_path(conversation_id)}", timeout=30)
        return answer.json() if answer.ok else {"brief": {"state": None}, "messages": []}

    def state(self, conversation_id: str) -> Optional[str]:
        """Who has it."""
        state: Optional[str] = self.conversation(conversation_id)["brief"]["state"]
        return state

    def reads(self, conversation_id: str, sender: str = "user") -> List[str]:
        """What `sender` said, in order."""
        return [each["text"] for each in self.conversation(conversation_id)["messages"] if each["sender"] == sender]


def _path(conversation_id: str) -> str:
    return f"/api/conversations/{quote(conversation_id, safe='')}"
