"""The demonstration bank's page that links a chat to the customer who signs in."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator

import pytest
import requests

from tests.processes import Sandbox, start_sandbox

ASSISTANT = "https://chat.bank.example"
BACK = f"{ASSISTANT}/webhooks/wechat/link/secret"


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder: Path = tmp_path_factory.mktemp("link-page")
    running = start_sandbox(folder, ASSISTANT_URL=ASSISTANT)
    yield running
    running.process.stop()


def test_customer_signs_in_on_the_way_and_comes_to_the_page_that_posts_to_the_assistant(bank: Sandbox) -> None:
    browser = requests.Session()
    first = browser.get(f"{bank.origin}/link", params={"return": BACK}, timeout=30)
    assert first.url == f"{bank.origin}/sign-in"
    page = browser.post(f"{bank.origin}/sign-in", data={"customer": "demo-m2"}, timeout=30)
    assert page.url.startswith(f"{bank.origin}/link?return=https%3A%2F%2Fchat.bank.example%2Fwebhooks%2Fwechat")
    assert 'name="identity_token"' in page.text
    assert f"form-action 'self' {ASSISTANT};" in page.headers["Content-Security-Policy"]
    again = browser.post(f"{bank.origin}/sign-in", data={"customer": "demo-m2"}, timeout=30)
    assert again.url == f"{bank.origin}/home"  # the way back is not kept for the next time


@pytest.mark.parametrize(
    "back", ["", "https://evil.example/webhooks/wechat/link/x", f"{ASSISTANT}.evil.example/webhooks/", ASSISTANT]
)
def test_identity_token_is_sent_to_nobody_but_the_assistant(bank: Sandbox, back: str) -> None:
    answer = requests.get(f"{bank.origin}/link", params={"return": back}, timeout=30)
    assert answer.status_code == 400
    assert "identity_token" not in answer.text
