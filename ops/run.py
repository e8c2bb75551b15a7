"""`make run`: starts the processes of the `Procfile`, waits until each is healthy, prints where to go.

Their output goes to `VAR_DIR/log/run.log`. Ctrl-C stops all of them; when one ends, all end.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Deque, Dict, List, Mapping, TextIO

import requests
from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Message, Printer

from channels.simulator.accounts import environment as simulated_accounts
from common.settings import ROOT, Settings, settings
from desk.people import people_from

_TAIL_LINES = 25


@dataclass(frozen=True)
class Service:
    """One process of the Procfile and where it listens."""

    name: str
    host: str
    port: int
    health_path: str
    port_setting: str

    @property
    def health_url(self) -> str:
        """Answers 200 once the process can work."""
        return f"http://{self.host}:{self.port}{self.health_path}"


def services(values: Settings) -> List[Service]:
    """What has to run here: the bank unless a real one is connected, the simulator of WeChat if it is wished for."""
    bank = Service("bank", values.bank_host, values.bank_port, "/v1/health", "BANK_PORT")
    own = [
        Service("actions", values.action_host, values.action_port, "/health", "ACTION_PORT"),
        Service(
            "assistant", values.assistant_host, values.assistant_port, "/webhooks/webchat/health", "ASSISTANT_PORT"
        ),
        Service("desk", values.desk_host, values.desk_port, "/health", "DESK_PORT"),
        Service("outreach", values.outreach_host, values.outreach_port, "/health", "OUTREACH_PORT"),
    ]
    simulator = Service("simulator", values.simulator_host, values.simulator_port, "/health", "SIMULATOR_PORT")
    return [
        *([] if values.bank_api_url else [bank]),
        *own,
        *([simulator] if values.wechat == "simulator" else []),
    ]


def taken_port(wanted: List[Service]) -> str:
    """One line on the first port that something else listens on; empty if all are free."""
    for service in wanted:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((service.host, service.port))
            except OSError as error:
                return (
                    f"Port {service.port} on {service.host}, which the {service.name} needs, cannot be used "
                    f"({error.strerror}): stop what uses it, or set {service.port_setting} to another port."
                )
    return ""


class _LogPrinter(Printer):
    """Writes every line of every process to the log and remembers the last ones of each."""

    def __init__(self, output: TextIO) -> None:
        super().__init__(output)
        self.tails: Dict[str, Deque[str]] = {}
        self.first_stopped = ""

    def write(self, message: Message) -> None:
        super().write(message)
        text = message.data.decode("utf-8", "replace") if isinstance(message.data, bytes) else message.data
        tail = self.tails.setdefault(message.name, deque(maxlen=_TAIL_LINES))
        tail.append(text.rstrip())
        if message.name == "system" and " stopped " in text and not self.first_stopped:
            self.first_stopped = text.split(" ", 1)[0]


def _publish_menu(environment: Mapping[str, str]) -> None:
    """Give the simulated Official Account its menu, as `make wechat-menu` does with a real one."""
    command = [sys.executable, "-m", "channels.wechat.menu"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        print(f"The Official Account has no menu: {done.stderr.strip()}", file=sys.stderr)


def _announce(values: Settings, wanted: List[Service], environment: Mapping[str, str], ready: threading.Event) -> None:
    """Wait for all to be healthy, then print the addresses."""
    waiting = {service.name: service.health_url for service in wanted}
    while waiting:
        for name, url in list(waiting.items()):
            try:
                if requests.get(url, timeout=2).ok:
                    del waiting[name]
            except requests.RequestException:
                pass
        time.sleep(0.2)
    if values.wechat == "simulator":
        _publish_menu(environment)
    ready.set()
    lines = ["", "Ready. Open in a browser:"]
    if not values.bank_api_url:
        bank = f"http://{values.bank_host}:{values.bank_port}"
        lines += [
            f"  {bank}/      the demonstration bank: sign in as one of its customers and open the chat",
            f"  {bank}/sms   the customers' phones: one-time codes arrive here",
        ]
    if values.wechat == "simulator":
        lines.append(f"  {values.simulator_url()}/      phones with WeChat: an Official Account and a customer service")
    lines += [
        f"  {values.public_desk_url()}/      the agents' desk",
        f"  {values.local_outreach_url()}/      reminders and follow-up: the outbox, where everything sent can be read",
        f"  {values.public_assistant_url()}/webhooks/webchat/widget.js   the widget, to put on a page",
        f"The log is {values.var_dir / 'log' / 'run.log'}. Ctrl-C stops everything.",
    ]
    print("\n".join(lines), flush=True)


def main() -> int:
    """Run until stopped; returns the exit status."""
    values = settings()
    wanted = services(values)
    problem = taken_port(wanted)
    if problem:
        print(problem, file=sys.stderr)
        return 1
    # Here, as it prints how the first administrator signs in: what the desk prints goes to the log.
    people_from(values).start(values.public_desk_url())
    log_path = values.var_dir / "log" / "run.log"
    log_path.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    environment.update(RASA_TELEMETRY_ENABLED="false", PYTHONUNBUFFERED="1", VAR_DIR=str(values.var_dir))
    if values.wechat == "simulator":
        environment.update(simulated_accounts(values))
    commands = parse_procfile((ROOT / "Procfile").read_text(encoding="utf-8")).processes
    ready = threading.Event()
    with log_path.open("w", encoding="utf-8") as log:
        printer = _LogPrinter(log)
        manager = Manager(printer)
        for service in wanted:
            manager.add_process(service.name, f"exec {commands[service.name]}", env=environment, cwd=str(ROOT))
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        print(f"Starting {', '.join(service.name for service in wanted)} …", flush=True)
        threading.Thread(target=_announce, args=(values, wanted, environment, ready), daemon=True).start()
        manager.loop()
    stopped_by_hand = manager.returncode in (130, 143)
    if not stopped_by_hand:
        print(f"{printer.first_stopped} ended by itself; its last words:", file=sys.stderr)
        print("\n".join(printer.tails.get(printer.first_stopped, [])), file=sys.stderr)
        return 1
    print("Stopped.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
