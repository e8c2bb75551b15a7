"""Starts parts of the product as real processes on free ports, for tests."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

import requests

ROOT = Path(__file__).resolve().parent.parent
#: Settings with which people answer at any hour, so that nothing depends on the hour at which it runs.
AROUND_THE_CLOCK = {
    "SERVICE_OPENS": "00:00", "SERVICE_CLOSES": "00:00", "SERVICE_WEEKENDS": "true", "SERVICE_PUBLIC_HOLIDAYS": "true"
}  # fmt: skip
_START_SECONDS = 300  # on a machine that does much else
_PATIENCE = 60.0  # seconds until a test gives up waiting for something that has to happen
_BY_HAND = {"SANDBOX_REVIEW_SECONDS": "8640000"}  # the bank decides when a test says so, however slow the test is


def free_port() -> int:
    """A port of the loopback address that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Process:
    """A server that can be stopped and started again at the same address."""

    command: List[str]
    health_url: str
    env: Dict[str, str]
    log: Path
    _running: Optional["subprocess.Popen[bytes]"] = field(default=None, repr=False)

    def start(self) -> "Process":
        """Start and wait until it is healthy; raises `RuntimeError` with the log's end if it is not."""
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                self.command, cwd=ROOT, env={**os.environ, **self.env}, stdout=log, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self._running.poll() is None:
            try:
                if requests.get(self.health_url, timeout=2).ok:
                    return self
            except requests.RequestException:
                pass
            time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"{self.command} did not start:\n{self.log.read_text(errors='replace')[-3000:]}")

    def cpu_seconds(self) -> float:
        """Processor time that it has used, as Linux counts it."""
        assert self._running is not None
        fields = Path(f"/proc/{self._running.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        """End it as a failure would: at once, whatever it is doing."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._running = None

    def stop(self) -> None:
        """Stop it as Ctrl-C would and wait for its end."""
        if self._running is None:
            return
        if self._running.poll() is None:
            self._running.send_signal(signal.SIGTERM)
            try:
                self._running.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._running.kill()
                self._running.wait()
        self._running = None


@dataclass
class Sandbox:
    """A running bank sandbox."""

    process: Process
    origin: str  # http://127.0.0.1:PORT
    api_url: str  # with /v1
    token: str
    var_dir: Path


def start_sandbox(var_dir: Path, **env: str) -> Sandbox:
    """Start the bank sandbox on a free port with its data under `var_dir`; the caller stops `.process`."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    token = "test-bank-token"
    process = Process(
        [sys.executable, "-W", "ignore", "-m", "bank.sandbox.app"],
        f"{origin}/v1/health",
        {"BANK_PORT": str(port), "BANK_API_TOKEN": token, "VAR_DIR": str(var_dir), **_BY_HAND, **env},
        var_dir / "sandbox.log",
    ).start()
    return Sandbox(process, origin, f"{origin}/v1", token, var_dir)


@dataclass
class System:
    """The whole product, as `make run` starts it, with its processes in reach."""

    bank: Process
    actions: Process
    assistant: Process
    desk: Process
    bank_origin: str
    assistant_origin: str
    desk_origin: str
    var_dir: Path

    def stop(self) -> None:
        """Stop everything."""
        for process in (self.desk, self.assistant, self.actions, self.bank):
            process.stop()


def start_system(var_dir: Path, **env: str) -> System:
    """Start bank sandbox, action server, assistant and desk; the caller stops the result.

    Each is on a free port, unless `env` names one.
    """
    names = ("BANK_PORT", "ACTION_PORT", "ASSISTANT_PORT", "DESK_PORT")
    ports = {name: int(env.get(name) or free_port()) for name in names}
    common = {**{name: str(port) for name, port in ports.items()}, "VAR_DIR": str(var_dir), **_BY_HAND, **env}
    # Tests write faster than people.
    common.update(
        WEBCHAT_BURST="1000", RASA_TELEMETRY_ENABLED="false", PYTHONWARNINGS="ignore", TF_CPP_MIN_LOG_LEVEL="3"
    )
    bank_origin = f"http://127.0.0.1:{ports['BANK_PORT']}"
    assistant_origin = f"http://127.0.0.1:{ports['ASSISTANT_PORT']}"
    desk_origin = f"http://127.0.0.1:{ports['DESK_PORT']}"

    def process(module: str, health_url: str) -> Process:
        return Process([sys.executable, "-m", module], health_url, common, var_dir / f"{module}.log")

    system = System(
        process("bank.sandbox.app", f"{bank_origin}/v1/health"),
        process("actions.server", f"http://127.0.0.1:{ports['ACTION_PORT']}/health"),
        process("ops.assistant", f"{assistant_origin}/webhooks/webchat/health"),
        process("desk.app", f"{desk_origin}/health"),
        bank_origin,
        assistant_origin,
        desk_origin,
        var_dir,
    )
    try:
        for part in (system.bank, system.actions, system.assistant, system.desk):
            part.start()
    except RuntimeError:
        system.stop()
        raise
    return system


def until(what: Callable[[], Any]) -> Any:
    """Wait until `what()` is true and return it."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"did not happen: {what()!r}")
