"""How soon a burst of WeChat messages is acknowledged: `python -m benchmarks.wechat_burst [--messages 300]`.

The whole product with the simulated platforms beside it; customers of both write for ten seconds, while the assistant
answers. One line of JSON: how many were acknowledged at the first attempt, and milliseconds until they were, of the
median, the 95th of a hundred, and the slowest; with how many answers arrived, and the processor's load at the end.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Dict, List, Optional, Sequence

from tests.processes import AROUND_THE_CLOCK, free_port, start_system
from tests.wechat_phone import Phone, Simulator, start_simulator

_SECONDS = 10.0
_CUSTOMERS = 60
_WORDS = ("怎么还款", "会影响征信吗", "转人工", "不用了，继续聊", "自动还款怎么办")
_PATIENCE = 900.0  # seconds until all answers have to be there


def main(arguments: Optional[Sequence[str]] = None) -> None:
    """Start everything, write, wait for the answers, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=300)
    messages: int = parser.parse_args(arguments).messages
    os.environ.update(AROUND_THE_CLOCK)
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        simulator = start_simulator(Path(folder), port)
        try:
            system = start_system(Path(folder), ASSISTANT_PORT=str(port), **simulator.environment)
            try:
                print(json.dumps(measure(simulator, messages)))
            finally:
                system.stop()
        finally:
            simulator.process.stop()


def measure(simulator: Simulator, messages: int) -> Dict[str, object]:
    """Write so many messages in ten seconds, evenly."""
    phones = [simulator.phone(platform) for platform in ("wechat", "wecom") for _ in range(_CUSTOMERS // 2)]
    for phone in phones:  # one by one: the burst is of customers who write, not of followers
        phone.begin().answer(0)
    greeted = len(simulator.state()["attempts"])
    _write(phones, messages)
    answered = _answers(phones, messages)
    attempts = simulator.state()["attempts"][greeted:]
    milliseconds = sorted(1000 * float(one["seconds"]) for one in attempts if one["taken"])
    return {
        "messages": messages,
        "acknowledged_at_once": sum(one["taken"] and one["number"] == 1 for one in attempts),
        "median_ms": round(statistics.median(milliseconds)),
        "p95_ms": round(milliseconds[int(0.95 * len(milliseconds)) - 1]),
        "slowest_ms": round(milliseconds[-1]),
        "answers": answered,
        "load": os.getloadavg()[0],
    }


def _write(phones: Sequence[Phone], messages: int) -> None:
    begin = time.monotonic()
    with ThreadPoolExecutor(16) as threads:
        for number, phone in zip(range(messages), itertools.cycle(phones)):
            time.sleep(max(0.0, begin + number * _SECONDS / messages - time.monotonic()))
            threads.submit(phone.do, "write", text=_WORDS[number // len(phones) % len(_WORDS)])


def _answers(phones: Sequence[Phone], messages: int) -> int:
    """How many of the customers' messages were answered, after the greeting, once nothing more comes."""
    deadline = time.monotonic() + _PATIENCE
    counted: List[int] = [-1]
    while time.monotonic() < deadline and counted[-1] < messages:
        counted.append(sum(len(phone.received()) - 1 for phone in phones))
        time.sleep(1)
    return counted[-1]


if __name__ == "__main__":
    main()
