"""Fixtures of the desk's tests."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Iterator

import pytest
from argon2 import PasswordHasher

from common import clock
from common.database import Database
from desk.people import passwords
from desk.tables import metadata
from tests.test_bank.databases import DATABASES, fresh_url, run_postgresql
from tests.test_desk.floor import MONDAY, Floor


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Path]:
    """The folder of the socket of a PostgreSQL server for the tests of this run."""
    yield from run_postgresql()


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hashes that cost little: what they cost in the product is most of what these tests would take."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield


@pytest.fixture
def floor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nine_to_nine: None) -> Floor:
    """A desk without its server, on a Monday at ten; its time stands still until the test moves it."""
    return _floor(f"sqlite:///{tmp_path / 'desk.db'}", monkeypatch)


@pytest.fixture(params=DATABASES)
def any_floor(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Floor:
    """The same with each database."""
    return _floor(fresh_url(request, tmp_path), monkeypatch)


def _floor(url: str, monkeypatch: pytest.MonkeyPatch) -> Floor:
    database = Database(url, metadata)
    database.prepare()
    made = Floor(database, url, MONDAY)

    def now() -> datetime:
        return made.now

    monkeypatch.setattr(clock, "now", now)
    return made
