"""The assistant under test, connected to a sandbox bank."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager
from typing import Callable, Dict, Iterator

import pytest

from bank import client
from bank.client import BankClient
from common.settings import settings
from desk.client import desk_client
from desk.store import HandoverStore
from tests.dialogue.harness import Assistant
from tests.dialogue.phone import Phones
from tests.processes import Sandbox, free_port, start_sandbox

Outage = Callable[[], "AbstractContextManager[None]"]


@pytest.fixture(scope="session")
def loaded_model() -> Iterator[Assistant]:
    """The trained model, loaded once."""
    running = Assistant()
    yield running
    running.close()


@pytest.fixture(scope="module")
def reading_seconds() -> int:
    """How long the bank has offers read before they are confirmed. A module that is about that asks for more."""
    return 0


@pytest.fixture(scope="module")
def bank_settings() -> Dict[str, str]:
    """Settings of the bank that a module needs otherwise."""
    return {}


@pytest.fixture(scope="module")
def sandbox(
    reading_seconds: int, bank_settings: Dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sandbox]:
    """A bank for one module alone: what its customers file, promise and dispute is no other module's history."""
    folder = tmp_path_factory.mktemp("sandbox")
    terms = settings().bank_policy_file.read_text(encoding="utf-8")
    assert "  reading_seconds: 5\n" in terms
    policy = folder / "policy.yml"
    policy.write_text(terms.replace("reading_seconds: 5", f"reading_seconds: {reading_seconds}"), encoding="utf-8")
    running = start_sandbox(folder, BANK_POLICY_FILE=str(policy), **bank_settings)
    yield running
    running.process.stop()


@pytest.fixture(scope="module")
def assistant(loaded_model: Assistant, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """The trained model; its actions ask the sandbox, and a desk of their own."""
    settings().var_dir = tmp_path_factory.mktemp("assistant")
    settings().bank_api_url = sandbox.api_url
    settings().bank_api_token = sandbox.token
    client.bank_client.cache_clear()
    desk_client.cache_clear()
    return loaded_model


@pytest.fixture(scope="module")
def bank(assistant: Assistant) -> BankClient:
    """The same bank that the actions ask, to compare what they say with what it says."""
    return client.bank_client()


@pytest.fixture(scope="module")
def desk(assistant: Assistant) -> HandoverStore:
    """The desk that the actions write to."""
    return HandoverStore(settings().store_url("desk"))


@pytest.fixture
def phones(sandbox: Sandbox, bank: BankClient) -> Iterator[Phones]:
    """The customers' phones; afterwards no request is open at the bank."""
    found = Phones(sandbox, bank)
    yield found
    found.clear()


@pytest.fixture
def bank_down(assistant: Assistant) -> Outage:
    """`with bank_down():` nobody listens where the bank was."""

    @contextmanager
    def outage() -> Iterator[None]:
        address = settings().bank_api_url
        settings().bank_api_url = f"http://127.0.0.1:{free_port()}/v1"
        client.bank_client.cache_clear()
        try:
            yield
        finally:
            settings().bank_api_url = address
            client.bank_client.cache_clear()

    return outage
