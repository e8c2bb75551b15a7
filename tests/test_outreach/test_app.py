"""The process: healthy, its pages show what was sent, gateways reach it under the secret, a dry run changes nothing."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Dict, Iterator

import pytest
import requests
import sqlalchemy as sa

from common.database import Database
from outreach.tables import contacts, metadata
from tests.processes import ROOT, Process, Sandbox, free_port, start_sandbox


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox of our own: outreach contacts every customer."""
    running = start_sandbox(tmp_path_factory.mktemp("bank"))
    yield running
    running.process.stop()


def environment(bank: Sandbox, var_dir: Path) -> Dict[str, str]:
    return {
        "VAR_DIR": str(var_dir),
        "BANK_API_URL": bank.api_url,
        "BANK_API_TOKEN": bank.token,
        "OUTREACH_PORT": str(free_port()),
        "OUTREACH_INBOUND_SECRET": "gateways-only",
        "DESK_TOKEN": "desk-and-outreach",
        "OUTREACH_LINK": "https://www.bank.example/help",
        "ASSISTANT_PORT": str(free_port()),
    }


def planned(var_dir: Path) -> int:
    database = Database(f"sqlite:///{var_dir / 'outreach.db'}", metadata)
    database.prepare()
    with database.reading() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(contacts)).scalar_one())


@pytest.fixture(scope="module")
def process(bank: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the process listens."""
    var_dir = tmp_path_factory.mktemp("outreach")
    env = environment(bank, var_dir)
    url = f"http://127.0.0.1:{env['OUTREACH_PORT']}"
    running = Process([sys.executable, "-W", "ignore", "-m", "outreach.app"], f"{url}/health", env, var_dir / "log")
    running.start()
    yield url
    running.stop()


def test_the_page_and_its_files_are_there_and_run_nothing_else(process: str) -> None:
    page = requests.get(f"{process}/", timeout=10)
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    for name in ("outreach.js", "outreach.css", "colours.css"):
        assert requests.get(f"{process}/files/{name}", timeout=10).ok


def test_the_report_is_a_page_and_a_csv(process: str) -> None:
    counts = requests.get(f"{process}/api/report", {"by": "customer"}, timeout=10).json()["items"]
    answer = requests.get(f"{process}/report.csv", timeout=10)
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert sum(each["count"] for each in counts) <= len(rows)
    assert requests.get(f"{process}/api/report", {"from": "yesterday"}, timeout=10).status_code == 400
    assert requests.get(f"{process}/api/report", {"from": "2020-01-01"}, timeout=10).status_code == 400


def test_gateways_need_the_secret(process: str) -> None:
    url = f"{process}/inbound/{{}}/aliyun/reports"
    assert requests.post(url.format("guess"), json=[], timeout=10).status_code == 404
    assert requests.post(url.format("gateways-only"), json=[], timeout=10).json() == {"code": 0, "msg": "OK"}
    assert requests.post(url.format("gateways-only"), json={}, timeout=10).status_code == 400
    own = f"{process}/inbound/gateways-only/webhook"
    told = requests.post(f"{own}/reports", json=[{"id": "of-nobody", "delivered": True}], timeout=10)
    assert (told.status_code, told.json()) == (200, {"taken": True})
    assert requests.post(f"{own}/replies", json=[{}], timeout=10).status_code == 400
    unknown = f"{process}/inbound/gateways-only/another/reports"
    assert requests.post(unknown, json=[], timeout=10).status_code == 404
    assert requests.post(f"{process}/inbound/gateways-only/mail", data=b"", timeout=10).status_code in (204, 400)


def test_the_desk_shows_its_token(process: str) -> None:
    url = f"{process}/desk/calls"
    assert requests.get(url, timeout=10).status_code == 401
    assert requests.get(url, headers={"Authorization": "Bearer guess"}, timeout=10).status_code == 401
    own = {"Authorization": "Bearer desk-and-outreach"}
    assert requests.get(url, headers=own, timeout=10).json() == {"items": []}
    refused = requests.post(f"{url}/none/claim", json={"agent": "lin"}, headers=own, timeout=10)
    assert (refused.status_code, refused.json()["title"]) == (404, "Not found")
    wrong = {"agent": "lin", "attempt": 0, "outcome": "eaten"}
    assert requests.post(f"{url}/none/result", json=wrong, headers=own, timeout=10).status_code == 400


def test_a_dry_run_says_what_would_go_out_and_changes_nothing(bank: Sandbox, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-m", "outreach.app", "--dry-run"]
    env = {**os.environ, **environment(bank, tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert lines[-1].startswith(f"{len(lines) - 1} contacts on ")
    assert len(lines) > 1
    assert any("demo-due-soon k-2046-1 due-in-2-days: " in line for line in lines)
    assert planned(tmp_path) == 0
    assert requests.get(
        f"{bank.api_url}/customers/demo-due-soon/contacts",
        headers={"Authorization": f"Bearer {bank.token}"},
        timeout=10,
    ).json() == {"items": []}


def test_settings_of_which_nothing_can_be_sent_are_told_at_the_start(bank: Sandbox, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-m", "outreach.app", "--dry-run"]
    own = {"OUTREACH_WEBHOOK_URL": "https://messages.bank.example/", "OUTREACH_WEBHOOK_SECRET": "whsec_c2hvcnQ="}
    env = {**os.environ, **environment(bank, tmp_path), **own}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("the webhook's secret must be whsec_")
    assert "c2hvcnQ" not in done.stderr


def test_beyond_this_machine_the_pages_ask_for_the_token(bank: Sandbox, tmp_path: Path) -> None:
    env = {**environment(bank, tmp_path), "OUTREACH_HOST": "0.0.0.0", "OUTREACH_TOKEN": "a-token"}
    url = f"http://127.0.0.1:{env['OUTREACH_PORT']}"
    command = [sys.executable, "-W", "ignore", "-m", "outreach.app"]
    running = Process(command, f"{url}/health", env, tmp_path / "log").start()
    try:
        for path in ("/", "/api/messages", "/report.csv", "/api/calls"):
            assert requests.get(f"{url}{path}", timeout=10).status_code == 401, path
            assert requests.get(f"{url}{path}", auth=("anyone", "guess"), timeout=10).status_code == 401, path
            assert requests.get(f"{url}{path}", auth=("anyone", "a-token"), timeout=10).ok, path
    finally:
        running.stop()
