"""A real Rasa server with a small model and this channel, and customers who talk to it over real sockets."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, AsyncIterator, Awaitable, Callable, Dict, Iterator, List, Optional

import aiohttp
import jwt
import pytest
import socketio
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sanic import Sanic

from bank.client import BankClient
from desk.people import People
from tests.processes import ROOT, Process, free_port, start_system
from tests.test_channels.wechat_chat import Place
from tests.test_live.colleague import hire
from tests.wechat_phone import start_simulator

ISSUER = "demonstration-bank"
AUDIENCE = "overdue-card-assistant"
PAGE = "https://www.bank.example"
PROJECT = Path(__file__).with_name("assistant")
_PATIENCE = 20.0  # seconds until a test gives up waiting for something that has to happen


# Sanic rewrites its own methods when a server starts. In this mode it keeps the originals, so that a second server can
# start in the same process.
Sanic.test_mode = True


def pem(key: Any) -> bytes:
    """The public half of a private key."""
    public: bytes = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return public


def claims(customer: str = "demo-m2", **changes: Any) -> Dict[str, Any]:
    """What a good token says, with changes; `None` leaves a claim out."""
    now = time.time()
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": customer, "iat": int(now), "exp": int(now) + 600, "jti": "1"}
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


class _Actions(ThreadingHTTPServer):
    """An action server whose actions the tests hold and release."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _ActionCall)
        self.may_answer = threading.Event()
        self.calls: List[str] = []


class _ActionCall(BaseHTTPRequestHandler):
    server: _Actions

    def do_POST(self) -> None:
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = call["next_action"]
        self.server.calls.append(name)
        if name == "action_slow":
            self.server.may_answer.wait(_PATIENCE)
        user = [event for event in call["tracker"]["events"] if event["event"] == "user"][-1]
        texts = {"action_who": json.dumps(user["metadata"]), "action_slow": "slow answer", "action_pause": "pausing"}
        text = texts.get(name)
        events = [{"event": "pause"}] if name == "action_pause" else []
        body = json.dumps({"events": events, "responses": [{"text": text}] if text else []}).encode()
        self.send_response(500 if name == "action_broken" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@dataclass
class Server:
    """A running assistant."""

    url: str
    process: Process
    actions: _Actions
    key: Ed25519PrivateKey
    log: Path
    var_dir: Path

    def token(self, customer: str = "demo-m2", **changes: Any) -> str:
        """A token as the bank would sign it, unless changed."""
        return jwt.encode(claims(customer, **changes), self.key, "EdDSA")


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of a few rules, with the product's own system responses."""
    folder = tmp_path_factory.mktemp("channel-model")
    domain = folder / "domain"
    domain.mkdir()
    shutil.copy(PROJECT / "domain.yml", domain)
    shutil.copy(ROOT / "data/responses/system.yml", domain)
    command = [str(Path(sys.executable).with_name("rasa")), "train", "--quiet", "--domain", str(domain)]
    command += ["--config", str(PROJECT / "config.yml"), "--data", str(PROJECT / "data.yml")]
    command += ["--out", str(folder), "--fixed-model-name", "channel"]
    environment = {"PATH": "/usr/bin:/bin", "RASA_TELEMETRY_ENABLED": "false", "HOME": str(folder)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "channel.tar.gz"


@pytest.fixture(scope="session")
def server(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The assistant, started once for all tests; each test talks as customers of its own."""
    var_dir = tmp_path_factory.mktemp("channel-var")
    key = Ed25519PrivateKey.generate()
    (var_dir / "identity-public.pem").write_bytes(pem(key))
    actions = _Actions()
    threading.Thread(target=actions.serve_forever, daemon=True).start()
    port = free_port()
    endpoints = {
        "action_endpoint": {"url": f"http://127.0.0.1:{actions.server_port}/"},
        "nlg": {"type": "dialogue.nlg.BilingualResponses"},
        "tracker_store": {"type": "sql", "dialect": "sqlite", "db": str(var_dir / "assistant.db")},
    }
    (var_dir / "endpoints.yml").write_text(yaml.safe_dump(endpoints))
    command = [str(Path(sys.executable).with_name("rasa")), "run", "--model", str(small_model), "--port", str(port)]
    command += ["--endpoints", str(var_dir / "endpoints.yml"), "--credentials", str(ROOT / "credentials.yml")]
    command += ["--interface", "127.0.0.1"]
    environment = {
        "VAR_DIR": str(var_dir),
        "WEBCHAT_ALLOWED_ORIGINS": PAGE,
        "ASSISTANT_URL": "https://chat.bank.example",
        "RASA_TELEMETRY_ENABLED": "false",
    }
    url = f"http://127.0.0.1:{port}"
    process = Process(command, f"{url}/webhooks/webchat/health", environment, var_dir / "rasa.log").start()
    yield Server(url, process, actions, key, var_dir / "rasa.log", var_dir)
    actions.may_answer.set()
    process.stop()
    actions.shutdown()


@dataclass
class Browser:
    """One open socket and all that came through it, in order."""

    socket: socketio.AsyncClient
    received: List[Any] = field(default_factory=list)  # (event name, data)

    async def send(self, event: str, data: Any = None) -> Dict[str, Any]:
        """Emit and wait for the acknowledgement."""
        answer: Dict[str, Any] = await self.socket.call(event, data, timeout=_PATIENCE)
        return answer

    async def say(self, text: str, message_id: Optional[str] = None) -> Dict[str, Any]:
        """Send a message."""
        data = {"message": text, **({"message_id": message_id} if message_id else {})}
        return await self.send("user_uttered", data)

    def of(self, event: str) -> List[Any]:
        """The data of all events with this name."""
        return [data for name, data in self.received if name == event]

    def texts(self) -> List[str]:
        """What the bot said, live."""
        return [message.get("text", "") for message in self.of("bot_uttered")]

    async def until(self, what: Callable[[], Any]) -> Any:
        """Wait until `what()` is true and return it."""
        for _ in range(int(_PATIENCE / 0.02)):
            found = what()
            if found:
                return found
            await asyncio.sleep(0.02)
        raise AssertionError(f"did not happen; received {self.received}")

    async def start(self, **request: Any) -> Dict[str, Any]:
        """Ask for a session and wait for its transcript; returns the confirmation."""
        seen = len(self.of("history"))
        await self.send("session_request", request)
        await self.until(lambda: len(self.of("history")) > seen)
        confirmation: Dict[str, Any] = self.of("session_confirm")[-1]
        return confirmation

    async def answered(self, text: str, message_id: str) -> List[str]:
        """Say something, wait until it was handled; what the bot said to it."""
        before = len(self.texts())
        assert (await self.say(text, message_id)) == {"accepted": True}
        await self.until(lambda: any(done["message_id"] == message_id for done in self.of("message_handled")))
        return self.texts()[before:]

    async def greeted(self, **request: Any) -> Dict[str, Any]:
        """Start a session with an empty transcript and wait for the greeting."""
        confirmation = await self.start(**request)
        await self.until(self.texts)
        await self.until(lambda: {"typing": False} in self.of("bot_typing"))
        return confirmation

    def shown(self) -> List[str]:
        """The last transcript that was sent, as `sender: text`."""
        return [f"{m['sender']}: {m.get('text', '')}" for m in self.of("history")[-1]["messages"]]


OpenBrowser = Callable[..., Awaitable[Browser]]


@pytest.fixture
async def browser(server: Server, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OpenBrowser]:
    """Opens sockets, as many as a test needs; closes them in the end."""
    # The client wants a newer aiohttp than Rasa allows, for this one name; the older one takes the number itself.
    monkeypatch.setattr(aiohttp, "ClientWSTimeout", lambda ws_close: ws_close, raising=False)
    opened: List[socketio.AsyncClient] = []

    async def open_browser(transport: str = "websocket") -> Browser:
        client = socketio.AsyncClient(reconnection=False)
        page = Browser(client)
        client.on("*", lambda event, *data: page.received.append((event, data[0] if data else None)))
        await client.connect(server.url, transports=[transport], headers={"Origin": PAGE})
        opened.append(client)
        return page

    yield open_browser
    for client in opened:
        await client.eio.disconnect(abort=True)  # polling would wait for its pending request


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Everything that `make run WECHAT=simulator` starts, shared by the tests of a run; the quota is never exceeded."""
    var_dir = tmp_path_factory.mktemp("wechat")
    port = free_port()
    simulator = start_simulator(var_dir, port)
    try:
        system = start_system(var_dir, ASSISTANT_PORT=str(port), DESK_AUTO_ASSIGN="false", **simulator.environment)
    except RuntimeError:
        simulator.process.stop()
        raise
    token = (var_dir / "bank_api_token.secret").read_text().strip()
    people = People(f"sqlite:///{var_dir / 'desk.db'}", "unused", secure=False)
    hire(people, "lin", "林")
    yield Place(system, simulator, BankClient(f"{system.bank_origin}/v1", token))
    system.stop()
    simulator.process.stop()
