"""Fixtures of the bank's tests."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Iterator

import pytest

from bank.sandbox.service import Bank
from bank.sandbox.store import Store
from common import clock
from tests.processes import Sandbox, start_sandbox
from tests.test_bank.databases import run_postgresql
from tests.test_bank.ledger_cases import DEMONSTRATION
from tests.test_bank.visitor import SECRET, Clock, Visitor, open_bank, visitor

TODAY = "2026-11-24"


@pytest.fixture(scope="module")
def own_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A bank sandbox for one module alone, in which it is always the same day."""
    running = start_sandbox(tmp_path_factory.mktemp("sandbox"), TODAY=TODAY)
    yield running
    running.process.stop()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Path]:
    """The folder of the socket of a PostgreSQL server for the tests of this run."""
    yield from run_postgresql()


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The bank's time, which stands still until the test moves it."""
    moving = Clock()
    monkeypatch.setattr(clock, "now", moving.now)
    monkeypatch.setattr(clock, "today", moving.today)
    return moving


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which the stories are told as of the tests' day. To be copied: telling them takes a while."""
    path = tmp_path_factory.mktemp("told") / "bank.db"
    with pytest.MonkeyPatch.context() as patched:
        standing = Clock()
        patched.setattr(clock, "now", standing.now)
        patched.setattr(clock, "today", standing.today)
        database = Store(f"sqlite:///{path}")
        Bank(database, DEMONSTRATION, SECRET).cards("demo-m1-first")
        database.close()
    return path


@pytest.fixture
def bank(told: Path, tmp_path: Path, time: Clock) -> Bank:
    """A demonstration bank of the test's own, without HTTP, which decides by hand only."""
    shutil.copyfile(told, tmp_path / "bank.db")
    return open_bank(f"sqlite:///{tmp_path / 'bank.db'}", DEMONSTRATION)


@pytest.fixture
def chen(bank: Bank) -> Visitor:
    """A customer who is overdue for the first time."""
    return visitor(bank, "demo-m1-first")
