"""The real desk with a scripted assistant beside it, for tests of the console: no model is loaded.

The assistant takes over what the desk sends, as Rasa does, and gives its events back through the feed, as the event
broker does.
"""

from __future__ import annotations

import json
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa

from common.feed import EventFeed
from desk.client import DeskClient, HandoverStore, Recorded, Wanted
from desk.people import passwords
from desk.people.service import People
from desk.people.tables import agents
from desk.staffing import seats
from desk.tables import conversations
from tests.processes import Process, free_port, until

PASSWORD = "correct horse battery"
_TOKEN = "test-token"


class ScriptedAssistant(ThreadingHTTPServer):
    """As much of the assistant's HTTP API as the desk uses."""

    daemon_threads = True

    def __init__(self, feed: EventFeed) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.feed = feed
        self.answers = True  # to what the desk sends
        self.events: Dict[str, List[Dict[str, Any]]] = {}
        self.signals: List[Dict[str, Any]] = []
        self.windows: Dict[str, Dict[str, Any]] = {}  # what may still be sent, by conversation
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def told(self, conversation_id: str) -> List[str]:
        """What the customer was told by agents and the desk, in order."""
        return [str(event["text"]) for event in self.events.get(conversation_id, []) if event["event"] == "bot"]

    def take(self, conversation_id: str, event: Dict[str, Any]) -> None:
        """Keep an event and tell the desk of it."""
        event = {"timestamp": time.time(), **event}
        self.events.setdefault(conversation_id, []).append(event)
        self.feed.append(conversation_id, event)


class _Handler(BaseHTTPRequestHandler):
    server: ScriptedAssistant

    def do_GET(self) -> None:
        if "/desk/windows/" in self.path:
            window = self.server.windows.get(unquote(self.path.rpartition("/")[2]))
            allowed = self.headers["Authorization"] == f"Bearer {_TOKEN}"
            self._answer(200 if window and allowed else 404, window or {})
            return
        conversation_id = unquote(urlsplit(self.path).path.split("/")[2])
        self._answer(200, {"events": self.server.events.get(conversation_id, [])})

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if path.endswith("/desk/signals"):
            self.server.signals.append(body)
            self._answer(200, {})
        elif not self.server.answers:
            self._answer(503, {})
        else:
            for event in body if isinstance(body, list) else [body]:
                self.server.take(unquote(path.split("/")[2]), event)
            self._answer(200, {})

    def _answer(self, status: int, content: Mapping[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: tests say what they need."""


class DeskPlace:
    """A running desk, with what tests do to it beside the console."""

    def __init__(self, var_dir: Path, **env: str) -> None:
        self.var_dir = var_dir
        store = f"sqlite:///{var_dir / 'desk.db'}"
        self.feed = EventFeed(f"sqlite:///{var_dir / 'events.db'}")
        self.assistant = ScriptedAssistant(self.feed)
        self.people = People(store, _TOKEN, secure=False)
        self.people.prepare()
        self.client = DeskClient(HandoverStore(store))
        port = free_port()
        self.origin = f"http://127.0.0.1:{port}"
        where = urlsplit(self.assistant.url)
        self.process = Process(
            [sys.executable, "-W", "ignore", "-m", "desk.app"],
            f"{self.origin}/health",
            {
                "VAR_DIR": str(var_dir),
                "DESK_PORT": str(port),
                "DESK_TOKEN": _TOKEN,
                "DESK_SESSION_SECRET": _TOKEN,
                "ASSISTANT_API_TOKEN": _TOKEN,
                "ASSISTANT_HOST": str(where.hostname),
                "ASSISTANT_PORT": str(where.port),
                "DESK_AUTO_ASSIGN": "false",  # who waits stays until a test says otherwise
                "BANK_API_URL": "http://127.0.0.1:9/v1",  # nobody is there
                **env,
            },
            var_dir / "desk.log",
        ).start()

    def stop(self) -> None:
        """End the desk and the assistant."""
        self.process.stop()
        self.assistant.shutdown()

    def agent(self, name: str, display_name: str = "", role: str = "agent", **values: Any) -> int:
        """An account that has chosen its password: `PASSWORD`; its id."""
        return hire(self.people, name, display_name or name, role, **values)

    def new_account(self, name: str) -> str:
        """An account that an administrator has just made; its one-time password."""
        password = passwords.one_time_password()
        with self.people.database.writing() as connection:
            self.people.accounts.create(connection, name=name, display_name=name, password=password)
        return password

    def says(
        self,
        conversation_id: str,
        text: str,
        *,
        customer_id: Optional[str] = None,
        language: str = "zh",
        channel: str = "webchat",
    ) -> str:
        """Let the customer write; the number of the message."""
        number = uuid.uuid4().hex
        metadata: Dict[str, Any] = {"language": language}
        if customer_id:
            metadata["identity"] = {"customer_id": customer_id, "expires_at": time.time() + 600}
        event = {
            "event": "user",
            "text": text,
            "message_id": number,
            "input_channel": channel,
            "parse_data": {"intent": {"name": "overdue_help"}, "language": language},
            "metadata": metadata,
        }
        self.assistant.take(conversation_id, event)
        return number

    def bot_says(self, conversation_id: str, text: str, **data: Any) -> None:
        """Let the assistant answer."""
        self.assistant.take(conversation_id, {"event": "bot", "text": text, "data": data, "metadata": {}})

    def waiting(
        self, name: str, *, text: str = "我想找人工", language: str = "zh", channel: str = "webchat", **wish: Any
    ) -> str:
        """A customer of this name who has written and waits for a person; the conversation's id."""
        conversation_id, customer_id = f"web-{uuid.uuid4().hex}", f"customer-{uuid.uuid4().hex[:8]}"
        until(self._somebody_is_there)  # whose console has just been opened
        self.says(conversation_id, text, customer_id=customer_id, language=language, channel=channel)
        recorded = self.wants_a_person(conversation_id, customer_id=customer_id, language=language, **wish)
        assert recorded.staffed
        self.name(conversation_id, name)
        return conversation_id

    def _somebody_is_there(self) -> bool:
        with self.people.database.reading() as connection:
            return bool(seats(connection))

    def everyone_is_available(self) -> None:
        """Every agent takes conversations, as soon as a console is open."""
        with self.people.database.writing() as connection:
            connection.execute(sa.update(agents).values(status="available"))

    def everyone_leaves(self) -> None:
        """No conversation is open any longer."""
        everyone_leaves(self.people)

    def wants_a_person(
        self,
        conversation_id: str,
        *,
        customer_id: Optional[str] = None,
        language: str = "zh",
        reason: str = "request_instalment",
        trigger: str = "asked_for",
        priority: str = "normal",
    ) -> Recorded:
        """Let the customer ask for a person, as an action does."""
        wanted = Wanted(reason, trigger, priority)
        return self.client.request_human(conversation_id, customer_id=customer_id, language=language, wanted=wanted)

    def name(self, conversation_id: str, name: str) -> None:
        """Let the desk know the customer's name, as it does once the bank has told it."""
        self.change(conversation_id, customer_name=name)

    def change(self, conversation_id: str, **values: Any) -> None:
        """Change what the desk's store says of a conversation."""
        with self.people.database.writing() as connection:
            connection.execute(
                sa.update(conversations).where(conversations.c.conversation_id == conversation_id).values(**values)
            )


def hire(people: People, name: str, display_name: str, role: str = "agent", **values: Any) -> int:
    """An account that has chosen its password, `PASSWORD`, and takes conversations; its id."""
    with people.database.writing() as connection:
        made = people.accounts.create(
            connection,
            name=name,
            display_name=display_name,
            role=role,
            languages=values.pop("languages", ("zh", "en")),
            **values,
        )
        people.accounts.set_password(connection, made.id, PASSWORD, must_change=False)
        people.accounts.change(connection, made.id, status="available")
        return made.id


def everyone_leaves(people: People) -> None:
    """No conversation is open any longer; the assistant is told nothing."""
    with people.database.writing() as connection:
        connection.execute(sa.update(conversations).values(state="wrapped_up", agent_id=None, asked_at=None))
