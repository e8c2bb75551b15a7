"""Databases for tests: an SQLite file, and a PostgreSQL server of the tests' own where its programs are installed."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Iterator, Optional

import pytest
import sqlalchemy as sa

from tests.conftest import unavailable

DATABASES = ["sqlite", "postgresql"]


def fresh_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of the kind in `request.param`; skips if there is no PostgreSQL here."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    server: Path = request.getfixturevalue("postgresql_server")
    name = f"test_{uuid.uuid4().hex}"
    engine = sa.create_engine(_url(server, "postgres"), isolation_level="AUTOCOMMIT", future=True)
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return _url(server, name)


def _url(server: Path, database: str) -> str:
    return f"postgresql://postgres@/{database}?host={server}"


def run_postgresql() -> Iterator[Path]:
    """A server that listens on a socket in the folder that is given, and on no port."""
    programs = _programs()
    as_user = _unprivileged()
    if programs is None or as_user is None:
        unavailable("needs PostgreSQL's server programs: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # a short path: a socket's has at most 107 bytes
    if as_user:
        shutil.chown(folder, as_user["user"])
    data = folder / "data"
    quiet: Dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, **as_user}
    initdb = f"{programs}/initdb -D {data} -U postgres --auth=trust --no-sync -E UTF8".split()
    subprocess.run(initdb, check=True, **quiet)
    command = f"{programs}/postgres -D {data} -k {folder} -c listen_addresses= -c fsync=off".split()
    server = subprocess.Popen(command, **quiet)
    ready = f"{programs}/pg_isready -q -h {folder} -t 1".split()
    try:
        while server.poll() is None and subprocess.run(ready, check=False, **quiet).returncode != 0:
            time.sleep(0.1)
        assert server.poll() is None, "PostgreSQL did not start"
        yield folder
    finally:
        server.send_signal(signal.SIGINT)  # ends at once, in order
        server.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


@lru_cache(maxsize=None)
def _programs() -> Optional[Path]:
    """The folder of initdb and postgres: Debian keeps it out of the path."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(folders) if (folder / "postgres").exists()), None)


def _unprivileged() -> Optional[Dict[str, Any]]:
    """How to start PostgreSQL, which refuses root: as its own user. None if it has none."""
    if os.geteuid() != 0:
        return {}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        return None
    return {"user": user.pw_name, "group": user.pw_gid, "extra_groups": []}
