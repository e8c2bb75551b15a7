"""What a message costs: `python -m benchmarks.answering [--messages 300] [--rounds 5]`.

With the trained model, on one core: understanding alone, Rasa's graph included, for every so many-th sentence of the
training; and whole turns of a signed-in customer's conversation (a question, another, an instalment begun, answered,
interrupted, stopped) with the actions in the same process and a sandbox bank in another. One line of JSON: processor
milliseconds of this process, in the median and at the 95th percentile, and megabytes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Callable, Dict, List, Optional, Sequence

from benchmarks.evaluate import keep_logs_off_stdout, load_model, read_one
from benchmarks.folds import read_sentences
from benchmarks.system import WARMING_UP, resident_megabytes
from common.settings import ROOT, settings
from tests.dialogue.harness import MODEL, Assistant
from tests.processes import start_sandbox

_CUSTOMER = "demo-m1-first"
_SAID = ("现在要还多少", "会影响征信吗", "我想分期还", "12期吧", "违约金怎么算的", "算了")


def main(arguments: Optional[Sequence[str]] = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args(arguments)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    keep_logs_off_stdout()
    read = understanding(asked.messages)
    with tempfile.TemporaryDirectory() as folder:
        answered = turns(asked.rounds, Path(folder))
    print(
        json.dumps(
            {
                "messages": len(read),
                **_figures("understanding", read),
                "turns": len(answered),
                **_figures("turn", answered),
                "model_mb": round(MODEL.stat().st_size / 1e6, 1),
                "resident_mb": round(resident_megabytes()),
            }
        )
    )


def understanding(messages: int) -> List[float]:
    """Milliseconds for each of so many sentences."""
    sentences = read_sentences(ROOT / "data" / "nlu")
    texts = [one.text for one in sentences[:: max(1, len(sentences) // (messages + WARMING_UP))]]
    agent = load_model(MODEL)
    loop = asyncio.new_event_loop()
    try:
        taken = [_milliseconds(lambda said: loop.run_until_complete(read_one(agent, said)), text) for text in texts]
    finally:
        loop.close()
    return taken[WARMING_UP:][:messages]


def turns(rounds: int, folder: Path) -> List[float]:
    """Milliseconds for each turn of so many conversations; one goes before, unmeasured."""
    bank = start_sandbox(folder)
    settings().var_dir = folder
    settings().bank_api_url, settings().bank_api_token = bank.api_url, bank.token
    assistant = Assistant()
    try:
        taken: List[float] = []
        for _ in range(rounds + 1):
            talk = assistant.conversation(customer=_CUSTOMER)
            taken += [_milliseconds(talk, text) for text in _SAID]
        return taken[len(_SAID) :]
    finally:
        assistant.close()
        bank.process.stop()


def _milliseconds(work: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    work(text)
    return 1000 * (time.process_time() - began)


def _figures(name: str, times: Sequence[float]) -> Dict[str, float]:
    return {
        f"{name}_median_ms": round(statistics.median(times), 1),
        f"{name}_p95_ms": round(statistics.quantiles(times, n=20)[-1], 1),
    }


if __name__ == "__main__":
    main()
