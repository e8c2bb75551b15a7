"""A file is taken from the customer whom the token names, and passed on as it comes in."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from pathlib import Path
from typing import Any, AsyncIterator, Dict, Iterator, List, Mapping, Tuple

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sanic import Blueprint, Sanic

from channels import tickets, uploads
from channels.identity import TokenExpired, TokenVerifier
from channels.pages import Pages
from channels.tickets import Tickets
from channels.uploads import LARGEST_FILE, Answer
from tests.processes import free_port
from tests.test_channels.conftest import AUDIENCE, ISSUER, PAGE, claims, pem

PDF = b"%PDF-1.7\nof demo-m2\n%%EOF"


class Memory:
    """Where files end up: what came, whole, and as whom."""

    def __init__(self) -> None:
        self.came: List[Tuple[Mapping[str, str], bytes]] = []
        self.begun = 0
        self.asked: List[Tuple[str, Mapping[str, str]]] = []

    async def send(self, headers: Mapping[str, str], body: AsyncIterator[bytes]) -> Answer:
        self.begun += 1
        content = b"".join([chunk async for chunk in body])
        self.came.append((headers, content))
        return 201, {"id": "doc-1", "name": "a.pdf", "kind": headers["X-Document-Kind"], "size": len(content)}

    async def ask(self, what: str, asked: Mapping[str, str]) -> Answer:
        self.asked.append((what, asked))
        return (200, {"items": []}) if what == "list" else (204, {})


class Door:
    """The routes, served."""

    def __init__(self, folder: Path) -> None:
        self.key = Ed25519PrivateKey.generate()
        (folder / "public.pem").write_bytes(pem(self.key))
        self.verifier = TokenVerifier(folder / "public.pem", issuer=ISSUER, audience=AUDIENCE)
        self.tickets = Tickets("secret")
        self.memory = Memory()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def bearer(self, customer: str = "demo-m2", **changes: Any) -> str:
        return f"Bearer {jwt.encode(claims(customer, **changes), self.key, 'EdDSA')}"

    def send(self, content: bytes = PDF, authorization: str = "", **headers: str) -> requests.Response:
        sent = {
            "Authorization": authorization or self.bearer(),
            "Origin": PAGE,
            "X-File-Name": "%E7%A6%BB%E8%81%8C.pdf",
            "X-Upload-Id": "u-12345678",
            **headers,
        }
        return requests.post(f"{self.url}/uploads?kind=unemployment", data=content, headers=sent, timeout=30)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    door = Door(tmp_path_factory.mktemp("uploads"))
    app = Sanic("uploads-under-test", configure_logging=False)
    blueprint = Blueprint("uploads")
    uploads.serve(blueprint, Pages(door.verifier, [PAGE]), door.tickets, door.memory)
    app.blueprint(blueprint)
    loop = asyncio.new_event_loop()

    def run() -> None:
        asyncio.set_event_loop(loop)
        server = loop.run_until_complete(app.create_server("127.0.0.1", door.port, return_asyncio_server=True))
        assert server is not None
        loop.run_until_complete(server.startup())
        loop.run_until_complete(server.start_serving())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    for _ in range(200):
        try:
            requests.get(f"{door.url}/uploads", timeout=10)
            break
        except requests.ConnectionError:
            time.sleep(0.05)
    yield door
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


@pytest.fixture
def door(served: Door) -> Door:
    served.memory.__init__()  # type: ignore[misc]
    return served


def test_a_file_is_passed_on_whole_for_the_customer_whom_the_token_names(door: Door) -> None:
    content = PDF * 50_000
    answer = door.send(content)
    assert (answer.status_code, answer.json()["id"]) == (201, "doc-1")
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    assert answer.headers["Cache-Control"] == "no-store"
    ((headers, came),) = door.memory.came
    assert came == content
    assert (headers["X-Customer-Id"], headers["X-Document-Kind"]) == ("demo-m2", "unemployment")
    assert headers["X-File-Name"] == "%E7%A6%BB%E8%81%8C.pdf"


def test_a_customer_in_a_header_or_in_the_address_counts_for_nothing(door: Door) -> None:
    headers = {"X-Customer-Id": "demo-m4", "Authorization": door.bearer(), "X-Upload-Id": "u-12345678"}
    url = f"{door.url}/uploads?kind=other&customer_id=demo-m4"
    assert requests.post(url, data=PDF, headers=headers, timeout=30).status_code == 201
    assert door.memory.came[0][0]["X-Customer-Id"] == "demo-m2"


@pytest.mark.parametrize("authorization", ["Bearer", "Bearer nonsense", "Basic ZGVtby1tMg==", "Upload nonsense"])
def test_without_a_good_token_nothing_is_passed_on(door: Door, authorization: str) -> None:
    answer = door.send(authorization=authorization)
    assert (answer.status_code, answer.json()) == (401, {"problem": "sign_in"})
    assert door.memory.begun == 0


@pytest.mark.parametrize("changes", [{"exp": 1}, {"aud": "somebody-else"}, {"iss": "evil"}, {"sub": None}])
def test_a_token_that_is_over_or_for_something_else_is_refused(door: Door, changes: Dict[str, Any]) -> None:
    assert door.send(authorization=door.bearer(**changes)).status_code == 401
    assert door.memory.begun == 0


def test_what_is_announced_too_large_is_refused_before_it_is_sent(door: Door) -> None:
    with socket.create_connection(("127.0.0.1", door.port), timeout=30) as line:
        head = (
            f"POST /uploads?kind=other HTTP/1.1\r\nHost: x\r\nAuthorization: {door.bearer()}\r\n"
            f"X-Upload-Id: u-12345678\r\nContent-Length: {LARGEST_FILE + 1}\r\n\r\n"
        )
        line.sendall(head.encode())
        assert line.recv(4096).startswith(b"HTTP/1.1 413")
    assert door.memory.begun == 0


def test_a_body_of_unknown_length_is_refused(door: Door) -> None:
    headers = {"Authorization": door.bearer(), "X-Upload-Id": "u-12345678"}
    answer = requests.post(f"{door.url}/uploads?kind=other", data=iter([PDF]), headers=headers, timeout=30)
    assert answer.status_code == 411
    assert door.memory.begun == 0


def test_a_connection_that_is_cut_leaves_nothing(door: Door) -> None:
    with socket.create_connection(("127.0.0.1", door.port), timeout=30) as line:
        head = (
            f"POST /uploads?kind=other HTTP/1.1\r\nHost: x\r\nAuthorization: {door.bearer()}\r\n"
            f"X-Upload-Id: u-12345678\r\nContent-Length: 1000\r\n\r\n%PDF-half"
        )
        line.sendall(head.encode())
        for _ in range(200):
            if door.memory.begun:
                break
            time.sleep(0.05)
    assert door.send().status_code == 201  # the server goes on
    assert (door.memory.begun, [came for _, came in door.memory.came]) == (2, [PDF])


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("", {}),
        ("?kind=../x", {}),
        ("?kind=other", {"X-Upload-Id": "a b"}),
        ("?kind=other", {"X-Upload-Id": ""}),
        ("?kind=other", {"X-File-Name": "x" * 601}),
    ],
)
def test_what_cannot_be_meant_is_refused(door: Door, query: str, headers: Dict[str, str]) -> None:
    sent = {"Authorization": door.bearer(), "X-Upload-Id": "u-12345678", **headers}
    assert requests.post(f"{door.url}/uploads{query}", data=PDF, headers=sent, timeout=30).status_code == 400
    assert door.memory.begun == 0


class TestTicket:
    def ticket(self, door: Door) -> str:
        answer = requests.post(f"{door.url}/uploads/ticket", headers={"Authorization": door.bearer()}, timeout=30)
        assert answer.status_code == 200
        assert 0 < answer.json()["ends_at"] - time.time() <= tickets.LIFETIME_SECONDS
        return f"Upload {answer.json()['ticket']}"

    def test_sends_for_the_customer_who_asked_for_it(self, door: Door) -> None:
        assert door.send(authorization=self.ticket(door)).status_code == 201
        assert door.memory.came[0][0]["X-Customer-Id"] == "demo-m2"

    def test_shows_and_removes_nothing_and_makes_no_other(self, door: Door) -> None:
        headers = {"Authorization": self.ticket(door)}
        answers = [
            requests.get(f"{door.url}/uploads", headers=headers, timeout=30),
            requests.delete(f"{door.url}/uploads/doc-1", headers=headers, timeout=30),
            requests.post(f"{door.url}/uploads/ticket", headers=headers, timeout=30),
        ]
        assert [answer.status_code for answer in answers] == [401, 401, 401]
        assert door.memory.asked == []

    def test_is_over_after_its_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tickets, "LIFETIME_SECONDS", -1)
        made = Tickets("secret")
        with pytest.raises(TokenExpired):
            made.customer(made.issue("demo-m2")[0])

    def test_of_another_server_is_worth_nothing(self, door: Door) -> None:
        assert door.send(authorization=f"Upload {Tickets('other').issue('demo-m2')[0]}").status_code == 401

    def test_is_no_identity_token_and_the_other_way_round(self, door: Door) -> None:
        ticket = self.ticket(door).partition(" ")[2]
        assert door.send(authorization=f"Bearer {ticket}").status_code == 401
        assert door.send(authorization=f"Upload {door.bearer().partition(' ')[2]}").status_code == 401


def test_files_are_listed_and_removed_for_the_customer_whom_the_token_names(door: Door) -> None:
    headers = {"Authorization": door.bearer("demo-m4")}
    assert requests.get(f"{door.url}/uploads", headers=headers, timeout=30).json() == {"items": []}
    assert requests.delete(f"{door.url}/uploads/doc-1", headers=headers, timeout=30).status_code == 204
    assert requests.delete(f"{door.url}/uploads/a.b", headers=headers, timeout=30).status_code == 404
    assert door.memory.asked == [
        ("list", {"customer_id": "demo-m4"}),
        ("delete", {"customer_id": "demo-m4", "document_id": "doc-1"}),
    ]


def test_the_banks_page_may_send_files_and_no_other_page(door: Door) -> None:
    def may(origin: str, path: str = "uploads") -> requests.Response:
        return requests.options(f"{door.url}/{path}", headers={"Origin": origin}, timeout=30)

    for path in ("uploads", "uploads/ticket"):
        allowed = may(PAGE, path)
        assert allowed.headers["Access-Control-Allow-Origin"] == PAGE
        assert "X-Upload-Id" in allowed.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Origin" not in may("https://evil.example").headers
