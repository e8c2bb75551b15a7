"""A document is given to the customer whom the token names, and to nobody else."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sanic import Blueprint, Sanic

from channels import downloads
from channels.identity import TokenVerifier
from channels.pages import Pages
from tests.processes import free_port
from tests.test_channels.conftest import AUDIENCE, ISSUER, PAGE, claims, pem

PDF = b"%PDF-1.7 of demo-m2"


class Door:
    """The route, served, with documents in memory: `demo-m2` has `doc-1`."""

    def __init__(self, folder: Path) -> None:
        self.key = Ed25519PrivateKey.generate()
        (folder / "public.pem").write_bytes(pem(self.key))
        self.verifier = TokenVerifier(folder / "public.pem", issuer=ISSUER, audience=AUDIENCE)
        self.asked: List[Tuple[str, str]] = []
        self.bank_down = False
        self.url = f"http://127.0.0.1:{free_port()}"

    async def fetch(self, customer_id: str, document_id: str) -> Tuple[int, bytes]:
        self.asked.append((customer_id, document_id))
        if self.bank_down:
            return 503, b""
        return (200, PDF) if (customer_id, document_id) == ("demo-m2", "doc-1") else (404, b"")

    def get(self, document: str = "doc-1", customer: str = "demo-m2", **changes: Any) -> requests.Response:
        token = jwt.encode(claims(customer, **changes), self.key, "EdDSA")
        return self.open(document, Authorization=f"Bearer {token}", Origin=PAGE)

    def open(self, document: str = "doc-1", **headers: str) -> requests.Response:
        return requests.get(f"{self.url}/documents/{document}", headers=headers, timeout=10)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    door = Door(tmp_path_factory.mktemp("downloads"))
    app = Sanic("downloads-under-test", configure_logging=False)
    blueprint = Blueprint("downloads")
    downloads.serve(blueprint, Pages(door.verifier, [PAGE]), door.fetch)
    app.blueprint(blueprint)
    loop = asyncio.new_event_loop()
    port = int(door.url.rsplit(":", 1)[1])

    def run() -> None:
        asyncio.set_event_loop(loop)
        server = loop.run_until_complete(app.create_server("127.0.0.1", port, return_asyncio_server=True))
        assert server is not None
        loop.run_until_complete(server.startup())
        loop.run_until_complete(server.start_serving())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    _wait_for(door)
    yield door
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


def _wait_for(door: Door) -> None:
    for _ in range(200):
        try:
            door.open()
            return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise AssertionError("the route is not served")


@pytest.fixture
def door(served: Door) -> Door:
    served.asked.clear()
    served.bank_down = False
    return served


def test_the_customer_gets_the_document_to_keep_and_nothing_else_keeps_it(door: Door) -> None:
    answer = door.get()
    assert (answer.status_code, answer.content) == (200, PDF)
    expected: Dict[str, str] = {
        "Content-Type": "application/pdf",
        "Content-Disposition": "attachment",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Access-Control-Allow-Origin": PAGE,
    }
    assert {name: answer.headers[name] for name in expected} == expected


def test_another_customer_is_told_that_there_is_none(door: Door) -> None:
    answer = door.get(customer="demo-m4")
    assert (answer.status_code, answer.content) == (404, b"")
    assert door.asked == [("demo-m4", "doc-1")]  # the bank is asked as the one whom the token names


def test_a_customer_in_the_address_or_in_a_header_counts_for_nothing(door: Door) -> None:
    token = jwt.encode(claims("demo-m4"), door.key, "EdDSA")
    url = f"{door.url}/documents/doc-1?customer_id=demo-m2"
    headers = {"Authorization": f"Bearer {token}", "X-Customer-Id": "demo-m2"}
    assert requests.get(url, headers=headers, timeout=10).status_code == 404
    assert door.asked == [("demo-m4", "doc-1")]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic ZGVtby1tMg=="])
def test_without_a_good_token_nothing_is_asked_of_the_bank(door: Door, header: str) -> None:
    answer = door.open(Authorization=header)
    assert (answer.status_code, answer.content) == (401, b"")
    assert door.asked == []


@pytest.mark.parametrize("changes", [{"exp": 1}, {"aud": "somebody-else"}, {"iss": "evil"}, {"sub": None}])
def test_a_token_that_is_over_or_for_something_else_is_refused(door: Door, changes: Dict[str, Any]) -> None:
    assert door.get(**changes).status_code == 401
    assert door.asked == []


def test_a_forged_token_is_refused(door: Door) -> None:
    token = jwt.encode(claims(), Ed25519PrivateKey.generate(), "EdDSA")
    assert door.open(Authorization=f"Bearer {token}").status_code == 401
    assert door.asked == []


@pytest.mark.parametrize("document", ["doc%2F..%2F..%2Fcustomers", "a" * 65, "doc 1", "%E6%96%87"])
def test_what_cannot_be_an_id_never_reaches_the_bank(door: Door, document: str) -> None:
    assert door.get(document).status_code == 404
    assert door.asked == []


def test_while_the_bank_is_down_it_is_to_be_tried_again(door: Door) -> None:
    door.bank_down = True
    assert door.get().status_code == 503


def test_the_banks_page_may_ask_with_a_token_and_no_other_page(door: Door) -> None:
    def may(origin: str) -> requests.Response:
        headers = {"Origin": origin, "Access-Control-Request-Headers": "authorization"}
        return requests.options(f"{door.url}/documents/doc-1", headers=headers, timeout=10)

    allowed = may(PAGE)
    assert allowed.status_code == 204
    assert allowed.headers["Access-Control-Allow-Origin"] == PAGE
    assert allowed.headers["Access-Control-Allow-Headers"] == "Authorization"
    assert "Access-Control-Allow-Origin" not in may("https://evil.example").headers
