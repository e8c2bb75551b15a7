"""What passes between the channel and the desk: who may come in, whose files are given, and what pages are shown."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Tuple

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from channels import desk
from channels.conversations import Conversations
from channels.identity import TokenVerifier
from common.settings import Settings
from tests.processes import free_port
from tests.test_channels.conftest import AUDIENCE, ISSUER, PAGE, claims, pem
from tests.test_desk.serving import served

PDF = b"%PDF-1.7 of demo-m2"
FILE_ID = "f" * 32
TOKEN = "desk-token-of-tests"
ELSEWHERE = "https://elsewhere.example"


class Kept(desk.Desk):
    """A desk with one file, in the conversation of `demo-m2`."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.kind = "application/pdf"
        self.is_down = False
        self.asked: List[Tuple[str, str]] = []

    async def file(self, conversation_id: str, file_id: str) -> Tuple[int, bytes, Mapping[str, str]]:
        self.asked.append((conversation_id, file_id))
        if self.is_down:
            return 503, b"", {}
        if (conversation_id, file_id) != (self.owner, FILE_ID):
            return 404, b"", {}
        return 200, PDF, {"Content-Type": self.kind, "Content-Disposition": "attachment; filename*=UTF-8''a.pdf"}


class Channel:
    """The routes, served, and what they showed to pages."""

    def __init__(self, folder: Path) -> None:
        self.key = Ed25519PrivateKey.generate()
        (folder / "public.pem").write_bytes(pem(self.key))
        verifier = TokenVerifier(folder / "public.pem", issuer=ISSUER, audience=AUDIENCE)
        self.conversations = Conversations("secret of tests")
        self.desk = Kept(self.conversations.of_customer("demo-m2"))
        self.shown: List[Tuple[str, str, Mapping[str, Any]]] = []
        self.app = Sanic("desk-routes-under-test", configure_logging=False)
        blueprint = Blueprint("desk-routes")
        desk.serve(blueprint, desk.Doors(verifier, [PAGE], self.conversations), self.desk, self._show)
        self.app.blueprint(blueprint)
        self.origin = ""

    async def _show(self, conversation_id: str, event: str, data: Mapping[str, Any]) -> None:
        self.shown.append((conversation_id, event, data))

    def token(self, customer: str = "demo-m2", *, key: Any = None, **changes: Any) -> str:
        return "Bearer " + jwt.encode(claims(customer, **changes), key or self.key, "EdDSA")

    def file(self, authorization: str, file_id: str = FILE_ID, origin: str = PAGE) -> requests.Response:
        headers = {"Authorization": authorization, "Origin": origin}
        return requests.get(f"{self.origin}/desk/files/{file_id}", headers=headers, timeout=10)

    def signal(self, body: Any, token: str = f"Bearer {TOKEN}") -> requests.Response:
        headers = {"Authorization": token}
        return requests.post(f"{self.origin}/desk/signals", json=body, headers=headers, timeout=10)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Channel]:
    channel = Channel(tmp_path_factory.mktemp("channel"))
    with served(channel.app) as channel.origin:
        yield channel


@pytest.fixture
def channel(running: Channel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Channel:
    values = Settings(var_dir=tmp_path, desk_token=TOKEN)
    monkeypatch.setattr(desk, "settings", lambda: values)
    running.shown.clear()
    running.desk.asked.clear()
    running.desk.kind, running.desk.is_down = "application/pdf", False
    return running


# Files


def test_the_customer_gets_the_file_to_keep_and_nothing_else_keeps_it(channel: Channel) -> None:
    answer = channel.file(channel.token())
    assert (answer.status_code, answer.content) == (200, PDF)
    expected = {
        "Content-Type": "application/pdf",
        "Content-Disposition": "attachment",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Access-Control-Allow-Origin": PAGE,
    }
    assert {name: answer.headers[name] for name in expected} == expected


def test_a_visitor_gets_the_file_of_the_own_conversation(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    session = channel.conversations.new_session()
    monkeypatch.setattr(channel.desk, "owner", channel.conversations.of_session(session))
    assert channel.file(f"Session {session}").content == PDF
    assert channel.file(f"Session {channel.conversations.new_session()}").status_code == 404


def test_the_file_of_another_is_as_unknown_as_one_that_never_was(channel: Channel) -> None:
    others, never = channel.file(channel.token("demo-m4")), channel.file(channel.token(), "0" * 32)
    assert (others.status_code, others.content) == (never.status_code, never.content) == (404, b"")
    assert channel.desk.asked[0] == (channel.conversations.of_customer("demo-m4"), FILE_ID)


def test_a_forged_or_outdated_token_opens_nothing_and_the_desk_is_not_asked(channel: Channel) -> None:
    forged = [
        channel.token(key=Ed25519PrivateKey.generate()),
        channel.token(exp=1),
        channel.token(iss="somebody-else"),
        channel.token(aud="another-service"),
        "Bearer " + jwt.encode(claims(), "", "none"),
        "Bearer nonsense",
        "Session nonsense",
        f"Session {Conversations('another secret').new_session()}",
        f"Bearer {TOKEN}",
        "Basic ZGVtby1tMjo=",
        "",
    ]
    for authorization in forged:
        answer = channel.file(authorization)
        assert (answer.status_code, answer.content) == (401, b""), authorization
    assert channel.desk.asked == []


@pytest.mark.parametrize("file_id", ["..%2F..%2Fsecret", "a.b", "a%00", "x" * 65, "文件"])
def test_an_id_that_is_none_is_not_passed_on(channel: Channel, file_id: str) -> None:
    assert channel.file(channel.token(), file_id).status_code == 404
    assert channel.desk.asked == []


def test_pages_from_elsewhere_are_not_allowed_to_read_the_answer(channel: Channel) -> None:
    answer = channel.file(channel.token(), origin=ELSEWHERE)
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["Vary"] == "Origin"
    for origin, allowed in ((PAGE, PAGE), (ELSEWHERE, None)):
        asked = requests.options(f"{channel.origin}/desk/files/{FILE_ID}", headers={"Origin": origin}, timeout=10)
        assert asked.headers.get("Access-Control-Allow-Origin") == allowed
        assert "Access-Control-Allow-Credentials" not in asked.headers


def test_a_file_of_a_kind_that_browsers_run_is_given_as_bytes(channel: Channel) -> None:
    channel.desk.kind = "text/html"
    assert channel.file(channel.token()).headers["Content-Type"] == "application/octet-stream"


def test_while_the_desk_is_down_the_page_may_try_again(channel: Channel) -> None:
    channel.desk.is_down = True
    answer = channel.file(channel.token())
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (503, PAGE)


# Signals


def test_only_the_desk_shows_something_to_pages(channel: Channel) -> None:
    told = {"conversation_id": "web-1", "typing": {"name": "林"}}
    for token in ("", "Bearer ", "Bearer wrong", TOKEN, channel.token(), f"Bearer {TOKEN}x"):
        assert channel.signal(told, token).status_code == 401, token
    assert channel.shown == []
    assert channel.signal(told).status_code == 204
    assert channel.shown == [("web-1", "desk_typing", {"name": "林"})]


def test_typing_ends_and_states_are_shown_without_what_pages_need_not_know(channel: Channel) -> None:
    channel.signal({"conversation_id": "web-1", "typing": None})
    state = {"state": "agent", "agent": {"name": "林", "id": 7}, "position": "first", "note": "internal"}
    channel.signal({"conversation_id": "web-1", "state": state})
    channel.signal({"conversation_id": "web-1", "state": {"state": "waiting", "position": 2, "expected_minutes": 3}})
    assert channel.shown == [
        ("web-1", "desk_typing", {}),
        ("web-1", "desk_state", {"state": "agent", "agent": {"name": "林"}}),
        ("web-1", "desk_state", {"state": "waiting", "position": 2, "expected_minutes": 3}),
    ]


@pytest.mark.parametrize("body", [[], {}, {"conversation_id": ""}, {"conversation_id": 7}, "text", None])
def test_a_signal_of_no_conversation_is_refused(channel: Channel, body: Any) -> None:
    assert channel.signal(body).status_code == 400
    assert channel.shown == []


@pytest.mark.parametrize("state", [None, "agent", {"state": "root"}, {"agent": {"name": "x"}}])
def test_a_state_that_is_none_is_not_shown(channel: Channel, state: Any) -> None:
    assert channel.signal({"conversation_id": "web-1", "state": state}).status_code == 204
    assert channel.shown == []


# The desk as the channel asks it


@pytest.fixture
def far_desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[List[Tuple[str, str, Dict[str, str]]]]:
    """A desk that notes what it is asked; of each request method, path and headers."""
    asked: List[Tuple[str, str, Dict[str, str]]] = []
    app = Sanic(f"far-desk-{free_port()}", configure_logging=False)

    @app.route("/<path:path>", methods=["GET", "POST"])
    async def any_path(request: Request, path: str) -> HTTPResponse:
        asked.append((request.method, request.path, dict(request.headers)))
        if path.endswith("/files/there"):
            return response.raw(PDF, content_type="application/pdf")
        if path.endswith("/broken"):
            return response.text("not json", content_type="application/json")
        return response.json({"state": "waiting", "position": 1}) if "/files/" not in path else response.empty(404)

    with served(app) as origin:
        port = int(origin.rsplit(":", 1)[1])
        values = Settings(var_dir=tmp_path, desk_token=TOKEN, desk_port=port)
        monkeypatch.setattr(desk, "settings", lambda: values)
        yield asked


def test_the_desk_is_asked_with_its_token_and_the_conversations_name_as_one_part_of_the_path(far_desk: Any) -> None:
    assert asyncio.run(desk.Desk().state("web-1/../x")) == {"state": "waiting", "position": 1}
    method, path, headers = far_desk[0]
    assert (method, path) == ("GET", "/internal/conversations/web-1%2F..%2Fx")
    assert headers["authorization"] == f"Bearer {TOKEN}"


def test_a_file_comes_with_its_status(far_desk: Any) -> None:
    status, content, described = asyncio.run(desk.Desk().file("web-1", "there"))
    assert (status, content, described["Content-Type"]) == (200, PDF, "application/pdf")
    assert asyncio.run(desk.Desk().file("web-1", "not-there"))[0] == 404


def test_an_answer_that_is_no_json_counts_as_none(far_desk: Any) -> None:
    assert asyncio.run(desk.Desk().state("broken")) is None


def test_a_desk_that_is_down_raises_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    values = Settings(var_dir=tmp_path, desk_token=TOKEN, desk_port=free_port())
    monkeypatch.setattr(desk, "settings", lambda: values)
    nobody = desk.Desk()
    assert asyncio.run(nobody.state("web-1")) is None
    assert asyncio.run(nobody.rate("web-1", 5, "")) is False
    assert asyncio.run(nobody.file("web-1", FILE_ID)) == (503, b"", {})
    asyncio.run(nobody.typing("web-1", True))
