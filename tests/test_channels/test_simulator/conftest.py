"""A simulator whose messages go to a stub."""

from __future__ import annotations

from typing import Iterator

import pytest

from tests.test_channels.test_simulator.webhook_stub import WebhookStub
from tests.wechat_phone import Simulator, start_simulator


@pytest.fixture(scope="module")
def webhook() -> Iterator[WebhookStub]:
    stub = WebhookStub()
    yield stub
    stub.stop()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, webhook: WebhookStub) -> Iterator[Simulator]:
    simulator = start_simulator(tmp_path_factory.mktemp("simulator"), webhook.port)
    yield simulator
    simulator.process.stop()


@pytest.fixture
def simulator(running: Simulator, webhook: WebhookStub) -> Iterator[Simulator]:
    """Without what tests before this one did."""
    webhook.clear()
    yield running
    running.mend()
