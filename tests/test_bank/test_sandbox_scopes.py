"""What a service token may do is what its scopes say."""

from __future__ import annotations

import json
from typing import Iterator

import pytest

from bank.client import BankClient
from bank.errors import NotAuthorised, NotFound
from bank.models import Scope
from tests.processes import Sandbox, start_sandbox
from tests.test_bank.contract import CALLS, OPERATIONS
from tests.test_bank.witness import Witness, watched_session


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox that knows one further token for each scope."""
    tokens = {f"token-{scope.name.lower()}": scope.value for scope in Scope}
    running = start_sandbox(tmp_path_factory.mktemp("narrow"), TODAY="2026-11-24", SANDBOX_TOKENS=json.dumps(tokens))
    yield running
    running.process.stop()


@pytest.mark.parametrize("name", [name for name in CALLS if name != "capabilities"])
@pytest.mark.parametrize("scope", list(Scope), ids=lambda scope: scope.value)
def test_a_token_may_do_what_its_scope_says_and_nothing_else(narrow: Sandbox, name: str, scope: Scope) -> None:
    [needed] = OPERATIONS[name].spec["security"][0]["assistant"]
    witness = Witness(narrow.api_url)
    bank = BankClient(narrow.api_url, f"token-{scope.name.lower()}", session=watched_session(narrow.api_url, witness))
    if scope.value != needed:
        with pytest.raises(NotAuthorised) as caught:
            CALLS[name](bank)
        assert caught.value.scope is not None
        assert caught.value.scope.value == needed
    elif name == "accounts":
        CALLS[name](bank)
    else:
        with pytest.raises(NotFound):  # the contract's example customer is no customer of the sandbox
            CALLS[name](bank)
