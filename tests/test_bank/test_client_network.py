"""The client over real sockets: a bank that is dead, silent, slow, breaks off, comes back; many threads at once."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Dict, Iterator, List, Optional

import pytest

from bank import exchange
from bank.client import BankClient
from bank.errors import BankTimeout, BankUnavailable
from bank.models import Purpose
from tests.processes import free_port

CUSTOMER = {"id": "c-1", "name": "王女士", "language": "zh", "masked_phone": "138****5678"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Bank"

    def handle(self) -> None:
        self.server.connections.append(self.connection)
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        self.server.headers.append(dict(self.headers))
        customer = self.path.rpartition("/")[2]
        behaviour = self.server.behaviours.pop(0) if self.server.behaviours else "answer"
        if behaviour == "silent":
            self.server.over.wait()
        elif behaviour == "drip":
            self._begin(length=1000)
            for _ in range(200):  # then it breaks off
                if self.server.over.wait(0.01):
                    break
                self.wfile.write(b" ")
                self.wfile.flush()
        elif behaviour == "half":
            self._begin(length=1000)
            self.wfile.write(b'{"id":')
        elif behaviour == "answer":
            self._answer({**CUSTOMER, "id": customer})
            return
        self.close_connection = True  # "break": without an answer

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def _answer(self, body: Dict[str, str]) -> None:
        content = json.dumps(body).encode()
        if "gzip" in self.server.style:
            content = gzip.compress(content)
        self._begin(length=None if "chunked" in self.server.style else len(content))
        if "chunked" in self.server.style:
            middle = len(content) // 2
            parts = [content[:middle], content[middle:], b""]
            content = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
        self.wfile.write(content)

    def _begin(self, length: Optional[int]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        if length is None:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(length))
        if "gzip" in self.server.style:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Set-Cookie", f"session={self.path}; Path=/")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Keeps quiet."""


class Bank(ThreadingHTTPServer):
    """A bank that behaves for each request as told, in order, and then well."""

    daemon_threads = True

    def __init__(self, *behaviours: str, port: int = 0, style: str = "") -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.behaviours = list(behaviours)
        self.style = style
        self.connections: List[socket.socket] = []
        self.paths: List[str] = []
        self.headers: List[Dict[str, str]] = []
        self.over = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def client(self, read_timeout: float = 5.0) -> BankClient:
        return BankClient(f"http://127.0.0.1:{self.server_port}/v1", "token", read_timeout=read_timeout)

    def stop(self) -> None:
        self.over.set()
        self.shutdown()
        for connection in self.connections:
            with suppress(OSError):  # closed already
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()
        self._thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is part of the tests."""


@pytest.fixture(name="start")
def start_banks() -> Iterator[Any]:
    running: List[Bank] = []

    def start(*behaviours: str, **options: Any) -> Bank:
        running.append(Bank(*behaviours, **options))
        return running[-1]

    yield start
    for bank in running:
        bank.stop()


def test_nothing_listens() -> None:
    bank = BankClient(f"http://127.0.0.1:{free_port()}/v1", "token")
    with pytest.raises(BankUnavailable):
        bank.customer("c-1")


def test_a_connection_that_breaks_off_is_tried_again(start: Any) -> None:
    bank = start("break", "break")
    assert bank.client().customer("c-1").id == "c-1"
    assert len(bank.paths) == 3


def test_a_code_is_not_asked_for_again_when_the_connection_breaks_off(start: Any) -> None:
    bank = start("break")
    with pytest.raises(BankUnavailable):
        bank.client().challenge("c-1", Purpose.FILE_APPLICATION, "q-1")
    assert len(bank.paths) == 1


def test_a_code_is_not_asked_for_again_when_no_answer_comes(start: Any) -> None:
    bank = start("silent")
    with pytest.raises(BankTimeout):
        bank.client(read_timeout=0.05).challenge("c-1", Purpose.FILE_APPLICATION, "q-1")
    assert len(bank.paths) == 1


def test_silence_is_a_timeout(start: Any) -> None:
    bank = start("silent", "silent", "silent")
    with pytest.raises(BankTimeout):
        bank.client(read_timeout=0.05).customer("c-1")
    assert len(bank.paths) == 3


def test_an_answer_that_drips_is_a_timeout_although_each_byte_is_in_time(
    start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "PATIENCE", 0.4)
    bank = start("drip", "drip", "drip")
    with pytest.raises(BankTimeout):
        bank.client().customer("c-1")


def test_half_an_answer_is_none(start: Any) -> None:
    bank = start("half", "half", "half")
    with pytest.raises(BankUnavailable):
        bank.client().customer("c-1")
    assert len(bank.paths) == 3


@pytest.mark.parametrize("style", ["plain", "chunked", "gzip", "chunked gzip"])
def test_a_connection_is_kept_for_the_next_call(start: Any, style: str) -> None:
    bank = start(style=style)
    client = bank.client()
    for number in range(5):
        assert client.customer(f"c-{number}").id == f"c-{number}"
    assert len(bank.connections) == 1


def test_works_again_when_the_bank_is_back(start: Any) -> None:
    bank = start()
    client = bank.client()
    client.customer("c-1")
    bank.stop()
    with pytest.raises(BankUnavailable):
        client.customer("c-1")
    start(port=bank.server_port)
    assert client.customer("c-1").id == "c-1"


def test_serves_many_threads_and_gives_each_its_own_answer(start: Any) -> None:
    client = start().client()
    wanted = [f"c-{number}" for number in range(200)]
    with ThreadPoolExecutor(16) as pool:
        assert [customer.id for customer in pool.map(client.customer, wanted)] == wanted


def test_a_cookie_of_one_call_does_not_go_out_with_the_next(start: Any) -> None:
    bank = start()
    client = bank.client()
    client.customer("c-1")
    client.customer("c-2")
    assert [headers.get("Cookie") for headers in bank.headers] == [None, None]


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_bank_on_this_machine_is_reached_without_the_environments_proxy(
    start: Any, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv(variable, f"http://127.0.0.1:{free_port()}")
    assert start().client().customer("c-1").id == "c-1"
