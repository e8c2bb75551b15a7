"""One pipeline, trained by Rasa on given sentences and then asked about others, each step in a process of its own.

    python -m benchmarks.system MODEL TABLE OUT

reads the sentences of TABLE with the model and writes OUT, a `Measured` as JSON. It is run on one core.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Dict, List, Sequence

import yaml

from benchmarks.evaluate import Reading, Sentence, keep_logs_off_stdout, load_model, read_one
from common.settings import ROOT
from nlu.component import NluComponent

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"), "1")
WARMING_UP = 20


@dataclass(frozen=True)
class Measured:
    """What a model made of the tested sentences. `milliseconds`: of one core's time, for each sentence."""

    readings: List[Reading]
    milliseconds: List[float]
    resident_megabytes: float


@dataclass(frozen=True)
class Trained:
    """A model's archive and the seconds of processor time that training took, on all cores together."""

    model: Path
    processor_seconds: float

    @property
    def megabytes(self) -> float:
        """Size of the archive."""
        return self.model.stat().st_size / 1e6


def digest(config: Dict[str, Any], *tables: Sequence[Sentence]) -> str:
    """A name for a result that is kept, by all that it depends on: pipeline, sources of our components, sentences."""
    ours = any(component["name"].startswith("nlu.") for component in config["pipeline"])
    sources = NluComponent.fingerprint_addon({}) if ours else None
    rows = [[(one.text, one.intent, one.lang) for one in table] for table in tables]
    return hashlib.sha256(json.dumps([config, sources, rows]).encode()).hexdigest()[:16]


def train(config: Dict[str, Any], sentences: Sequence[Sentence], folder: Path) -> Trained:
    """`rasa train nlu` with `config`, in a folder within `folder`, unless the same was done there before.

    Raises: subprocess.CalledProcessError.
    """
    folder = folder / digest(config, sentences)
    folder.mkdir(parents=True, exist_ok=True)
    model, took = folder / "model.tar.gz", folder / "trained.json"
    if not took.exists():
        examples: Dict[str, List[str]] = {}
        for sentence in sentences:
            examples.setdefault(sentence.intent, []).append(f"- {sentence.text}\n")
        nlu = [{"intent": intent, "examples": "".join(lines)} for intent, lines in examples.items()]
        _write_yaml(folder / "nlu.yml", {"version": "3.1", "nlu": nlu})
        _write_yaml(folder / "config.yml", config)
        before = _processor_seconds_of_children()
        _run(
            folder / "train.log",
            ["rasa", "train", "nlu", "--config", str(folder / "config.yml"), "--nlu", str(folder / "nlu.yml")]
            + ["--out", str(folder), "--fixed-model-name", "model"],
            {"RASA_CACHE_DIRECTORY": str(folder / "cache"), "RASA_MAX_CACHE_SIZE": "0"},
        )
        keep(took, {"processor_seconds": _processor_seconds_of_children() - before})
    return Trained(model, **json.loads(took.read_text(encoding="utf-8")))


def read(trained: Trained, sentences: Sequence[Sentence]) -> Measured:
    """What a model makes of `sentences`, on one core, unless that was done before.

    Raises: subprocess.CalledProcessError.
    """
    folder = trained.model.parent
    number = digest({"pipeline": []}, sentences)
    table, out = folder / f"test-{number}.json", folder / f"measured-{number}.json"
    if not out.exists():
        table.write_text(json.dumps([asdict(one) for one in sentences], ensure_ascii=False), encoding="utf-8")
        _run(folder / "read.log", ["benchmarks.system", str(trained.model), str(table), str(out)], ONE_THREAD)
    measured = json.loads(out.read_text(encoding="utf-8"))
    return Measured(**{**measured, "readings": [Reading(**reading) for reading in measured["readings"]]})


def keep(path: Path, content: Any) -> None:
    """Write `content` as JSON, wholly or not at all: an interruption leaves nothing that looks done."""
    passing = path.with_suffix(".passing")
    passing.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    passing.replace(path)


def _write_yaml(path: Path, content: Dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _run(log: Path, module_and_arguments: List[str], environment: Dict[str, str]) -> None:
    with log.open("w", encoding="utf-8") as output:
        subprocess.run(
            [sys.executable, "-m", *module_and_arguments],
            check=True,
            cwd=ROOT,
            env={**os.environ, "RASA_TELEMETRY_ENABLED": "false", **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def _processor_seconds_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


async def _measure(model: Path, sentences: List[Sentence]) -> Measured:
    agent = load_model(model)
    for sentence in sentences[:WARMING_UP]:
        await read_one(agent, sentence.text)
    readings, milliseconds = [], []
    for sentence in sentences:
        start = time.process_time()
        readings.append(await read_one(agent, sentence.text))
        milliseconds.append(1000 * (time.process_time() - start))
    return Measured(readings, milliseconds, resident_megabytes())


def resident_megabytes() -> float:
    """Memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """The command line."""
    model, table, out = map(Path, sys.argv[1:])
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    keep_logs_off_stdout()
    sentences = [Sentence(**row) for row in json.loads(table.read_text(encoding="utf-8"))]
    measured = asyncio.run(_measure(model, sentences))
    keep(out, asdict(measured))


if __name__ == "__main__":
    main()
