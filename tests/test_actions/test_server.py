"""The action server's doors, beside a sandbox bank: nothing without its token; documents for the channel."""

from __future__ import annotations

import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import pytest
import requests

from bank.client import BankClient
from bank.models import IssuedDocumentKind
from tests.processes import Process, Sandbox, free_port

TOKEN = "test-action-token"
MINE, OTHER = "demo-clear", "demo-m2"


@dataclass
class Actions:
    """The running action server."""

    url: str
    document_id: str  # a document of `MINE`

    def document(self, customer: str = MINE, token: str = TOKEN, path: str = "documents") -> requests.Response:
        """Ask for the document as that customer."""
        asked = {"customer_id": customer, "document_id": self.document_id, "next_action": "action_document"}
        return requests.post(f"{self.url}/{path}", params={"token": token}, json=asked, timeout=60)


@pytest.fixture(scope="module")
def actions(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Actions]:
    bank = BankClient(sandbox.api_url, sandbox.token, read_timeout=60.0)
    issued = bank.issue_document(
        MINE, bank.cards(MINE)[0].id, kind=IssuedDocumentKind.STATEMENT, idempotency_key=str(uuid.uuid4())
    )
    folder: Path = tmp_path_factory.mktemp("actions")
    port = free_port()
    environment = {
        "ACTION_PORT": str(port),
        "ACTION_TOKEN": TOKEN,
        "BANK_API_URL": sandbox.api_url,
        "BANK_API_TOKEN": sandbox.token,
        "VAR_DIR": str(folder),
    }
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-W", "ignore", "-m", "actions.server"]
    process = Process(command, f"{url}/health", environment, folder / "actions.log").start()
    yield Actions(url, issued.id)
    process.stop()


def test_a_document_for_the_customer_whom_the_channel_names(actions: Actions) -> None:
    answer = actions.document()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")


def test_another_customers_document_is_not_found(actions: Actions) -> None:
    answer = actions.document(OTHER)
    assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize("path", ["documents", "webhook"])
@pytest.mark.parametrize("token", ["", "wrong"])
def test_nothing_without_the_token(actions: Actions, path: str, token: str) -> None:
    answer = actions.document(token=token, path=path)
    assert answer.status_code == 401
    assert b"PDF" not in answer.content
