"""Fixtures for every room."""

from __future__ import annotations

import os
import shutil
from datetime import time
from pathlib import Path
from typing import Iterator, List, NoReturn

import pytest
from hypothesis import HealthCheck, settings

from common.settings import settings as product_settings
from tests.processes import AROUND_THE_CLOCK, Sandbox, start_sandbox

# Examples are the same in every run, so that a change is judged by what it changed; `HYPOTHESIS_PROFILE=explore` looks
# for new ones. A busy machine is no reason to fail.
settings.register_profile("same", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", settings.get_profile("same"), derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

# In this process and in those it starts, unless a test says otherwise.
os.environ.update(AROUND_THE_CLOCK)

#: Tests of browsers, sockets and several processes at once. On a busy machine one may miss its moment, so what fails is
#: tried once more, and the summary names it (RERUN): a race to be found, or a machine with too much to do.
_OF_SEVERAL_PROCESSES = tuple(
    Path(__file__).with_name(name) for name in ("browser", "test_channels", "test_desk", "test_live")
)


def pytest_collection_modifyitems(items: List[pytest.Item]) -> None:
    """Mark the tests that may be tried once more."""
    for item in items:
        if any(room in item.path.parents for room in _OF_SEVERAL_PROCESSES):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture
def nine_to_nine(monkeypatch: pytest.MonkeyPatch) -> None:
    """People answer from 9:00 to 21:00, as at a bank that leaves the settings alone."""
    monkeypatch.setattr(product_settings(), "service_opens", time(9))
    monkeypatch.setattr(product_settings(), "service_closes", time(21))


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A bank sandbox, shared by the tests of a run; use customers, not the whole bank, as your own."""
    running = start_sandbox(tmp_path_factory.mktemp("sandbox"))
    yield running
    running.process.stop()


def need_program(*names: str, package: str) -> str:
    """The path of the first of `names` that is installed; the test is `unavailable` if none is."""
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    unavailable(f"needs {names[0]}: apt-get install {package}")


def unavailable(hint: str) -> NoReturn:
    """Skip the test, saying what it needs; with `REQUIRE_ALL_TESTS` set, as in continuous integration, fail it."""
    if os.environ.get("REQUIRE_ALL_TESTS"):
        pytest.fail(hint)
    pytest.skip(hint)
