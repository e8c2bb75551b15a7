"""WeChat customers for tests: phones at a simulator of the platforms, and the simulator's own switches.

phone = simulator.phone("wechat").begin()
answer = phone.ask("怎么还款")
answer = phone.press("微信支付")
assert phone.quota["left"] == 4
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional

import requests

from channels.simulator.accounts import environment
from common.settings import Settings
from tests.processes import Process, free_port

_PATIENCE = 120.0  # seconds; a busy machine may take its time
_QUIET = 0.8  # seconds without a change, after which an answer is whole
_HTTP_SECONDS = 60


@dataclass
class Answer:
    """What arrived on the phone for one act of the customer."""

    entries: List[Dict[str, Any]]

    @property
    def text(self) -> str:
        """All words, choices included."""
        parts: List[str] = []
        for entry in self.entries:
            titles = [choice["title"] for choice in entry["choices"]]
            parts += [part for part in (entry["text"], *titles, entry["tail"]) if part]
        return "\n".join(parts)

    @property
    def choices(self) -> List[str]:
        """The titles of what can be pressed."""
        return [choice["title"] for entry in self.entries for choice in entry["choices"] if "id" in choice]

    def __contains__(self, words: str) -> bool:
        return words in self.text


class Phone:
    """One customer's phone."""

    def __init__(self, simulator: "Simulator", view: Mapping[str, Any]) -> None:
        self.simulator = simulator
        self.platform: str = view["platform"]
        self.subject: str = view["subject"]
        self._address = f"{simulator.origin}/phones/{self.platform}/{self.subject}"

    # What the customer does.

    def do(self, act: str, **values: Any) -> None:
        """Any act; raises `AssertionError` with the simulator's reason if it cannot be done."""
        answer = requests.post(f"{self._address}/{act}", json=values, timeout=_HTTP_SECONDS)
        assert answer.ok, answer.text

    def begin(self) -> "Phone":
        """Follow the account, or enter the conversation."""
        self.do("follow" if self.platform == "wechat" else "enter")
        return self

    def ask(self, text: str) -> Answer:
        """Write, and wait for the answer."""
        return self._answer("write", text=text)

    def press(self, title: str) -> Answer:
        """Press the latest choice with this title, and wait for the answer."""
        entry, choice = self._find(title)
        return self._answer("press", number=entry["number"], id=choice["id"])

    def press_menu(self, key: str) -> Answer:
        """Press an entry of the account's menu, and wait for the answer."""
        return self._answer("press_menu", key=key)

    def image(self, content: bytes, content_type: str = "image/png") -> Answer:
        """Send a picture, and wait for the answer."""
        return self._answer("image", media_id=self.simulator.keep(content, content_type))

    def voice(self, words: str) -> Answer:
        """Send a voice in which the platform recognises `words`, and wait for the answer."""
        return self._answer("voice", media_id=self.simulator.keep(b"#!AMR\n", "audio/amr"), text=words)

    def _find(self, title: str) -> Any:
        for entry in reversed(self.entries()):
            for choice in entry["choices"]:
                if choice["title"] == title and "id" in choice:
                    return entry, choice
        raise AssertionError(f"nobody offered {title!r}")

    def _answer(self, act: str, **values: Any) -> Answer:
        before = len(self.entries())
        self.do(act, **values)
        return self.answer(before)

    # What stands on it.

    def view(self, **wish: Any) -> Dict[str, Any]:
        """The phone as the simulator gives it."""
        answer = requests.get(self._address, params=wish, timeout=_HTTP_SECONDS)
        answer.raise_for_status()
        view: Dict[str, Any] = answer.json()
        return view

    def entries(self, after: int = 0) -> List[Dict[str, Any]]:
        """Everything on the screen beyond entry number `after`."""
        entries: List[Dict[str, Any]] = self.view(after=after)["entries"]
        return entries

    def received(self, after: int = 0) -> List[Dict[str, Any]]:
        """What the account sent."""
        return [entry for entry in self.entries(after) if entry["sender"] == "account"]

    def answer(self, after: int, count: int = 1) -> Answer:
        """Wait for `count` messages beyond entry `after`, and until no more follow."""
        deadline = time.monotonic() + _PATIENCE
        view = self.view()
        while time.monotonic() < deadline:
            enough = len(self.received(after)) >= count
            later = self.view(version=view["version"], seconds=_QUIET if enough else 5)
            if enough and later["version"] == view["version"]:
                return Answer(self.received(after))
            view = later
        raise AssertionError(f"no answer; on the phone: {self.entries()}; {self.simulator.state()}")

    @property
    def quota(self) -> Dict[str, Any]:
        """`left` of `total`, and the `seconds` that remain."""
        quota: Dict[str, Any] = self.view()["quota"]
        return quota

    @property
    def refusals(self) -> List[int]:
        """With which numbers the platform refused messages to this customer."""
        refusals: List[int] = self.view()["refusals"]
        return refusals


@dataclass
class Simulator:
    """A running simulator."""

    process: Process
    origin: str
    environment: Dict[str, str] = field(repr=False)  # what the assistant needs to know it as the platforms

    def phone(self, platform: str, name: str = "") -> Phone:
        """A new customer's."""
        answer = requests.post(
            f"{self.origin}/phones", json={"platform": platform, "name": name}, timeout=_HTTP_SECONDS
        )
        answer.raise_for_status()
        return Phone(self, answer.json())

    def keep(self, content: bytes, content_type: str) -> str:
        """Give the platform a file of a customer's; its media id."""
        answer = requests.post(
            f"{self.origin}/media", data=content, headers={"Content-Type": content_type}, timeout=_HTTP_SECONDS
        )
        return str(answer.json()["media_id"])

    def state(self) -> Dict[str, Any]:
        """Deliveries, faults, and how many access tokens there were."""
        state: Dict[str, Any] = requests.get(f"{self.origin}/control/", timeout=_HTTP_SECONDS).json()
        return state

    def control(self, name: str, **values: Any) -> None:
        """One of the switches: see `channels.simulator.control`."""
        requests.post(f"{self.origin}/control/{name}", json=values, timeout=_HTTP_SECONDS).raise_for_status()

    def fault(self, platform: str, path: str, kind: str, **more: Any) -> None:
        """What goes wrong at the next call of `path`: see `channels.simulator.faults.Fault`."""
        self.control("faults", platform=platform, path=path, kind=kind, **more)

    def mend(self) -> None:
        """No faults, one copy of each message, nothing held, one assistant."""
        requests.delete(f"{self.origin}/control/faults", timeout=_HTTP_SECONDS).raise_for_status()
        self.control("delivery", copies=1, answer_seconds=5, origins=[], release="forwards")
        self.control("reading", page_size=1000, empty_pages=0)

    def webhooks(self) -> Dict[str, bool]:
        """Whether the assistant's webhooks pass the platforms' check."""
        checks: Dict[str, bool] = requests.get(f"{self.origin}/control/webhooks", timeout=_HTTP_SECONDS).json()
        return checks


def start_simulator(var_dir: Path, assistant_port: int, settings: Optional[Mapping[str, str]] = None) -> Simulator:
    """Start it on a free port, for the assistant at `assistant_port`; the caller stops `.process`.

    `settings`: instead of some that it makes up, such as an empty `WECHAT_AES_KEY` for the plain mode.
    """
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    known = {**environment(Settings(simulator_port=port)), **(settings or {})}
    own = {"SIMULATOR_PORT": str(port), "ASSISTANT_PORT": str(assistant_port), "VAR_DIR": str(var_dir)}
    command = [sys.executable, "-W", "ignore", "-m", "channels.simulator.app"]
    process = Process(command, f"{origin}/health", {**own, **known}, var_dir / "simulator.log").start()
    return Simulator(process, origin, known)
