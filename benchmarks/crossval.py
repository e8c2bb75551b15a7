"""How well sentences are understood that are worded unlike any in training, beside Rasa's default pipeline.

    python -m benchmarks.crossval [--folds N] [--diet-epochs N] [--share S] [--work FOLDER] [--out FOLDER]

Trains this project's pipeline N times, each time without one of N folds of the training sentences (`benchmarks.folds`),
and reads that fold; `rasa train` makes a model of the first, whose cost is measured while it reads 1,000 sentences. For
the learning curve, parts of the first fold's training are learnt from too, and tables of labelled sentences are read
that were written by others. Beside Rasa's default (DIET), and without sentence embeddings, the pipeline learns from the
share S of the first fold's training. FOLDER keeps what was trained and read: what stands in it, for the same sentences
and the same pipeline, is not made anew. Writes crossval.md and crossval.png.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

import numpy as np
import yaml

from benchmarks import system
from benchmarks.bench import Bench
from benchmarks.evaluate import WANTS, Reading, Sentence, read_table, scores
from benchmarks.folds import NEAR_COPY, SERIES, Folds, Split, read_sentences
from common import clock
from common.settings import ROOT

OURS, WITHOUT, DIET = "this project", "this project without sentence embeddings", "Rasa's default (DIET)"
PARTS = (0.125, 0.25, 0.5)
TESTED = 1000  # sentences of the first fold, for the comparison: an accuracy to within 2.5 points
BINS = 10
HERE = Path(__file__).parent
# Labelled sentences by others than the authors of the training sentences; what is not here is left out.
TABLES = {
    "real customers": ROOT.parent / "shared" / "nlu" / "dev.tsv",
    "second set": ROOT / "tests" / "test_nlu" / "data" / "second_set.tsv",
}
ACCURACY = "accuracy"


@dataclass
class Cost:
    """What understanding costs: milliseconds of one core for each message, resident memory, the archive, training."""

    milliseconds: List[float]
    resident_megabytes: float
    model_megabytes: float
    training_seconds: float


@dataclass
class Point:
    """Of the learning curve: the number of sentences learnt from, and accuracies by the name of what was read."""

    learnt_from: int
    accuracies: Dict[str, float]


@dataclass
class Run:
    """A system's readings, of one fold or of several after another."""

    name: str
    learnt_from: float
    sentences: List[Sentence]
    readings: List[Reading]
    cost: Optional[Cost] = None

    def scores(self) -> Dict[str, Any]:
        """The figures of `benchmarks.evaluate`, of all folds together."""
        return scores(self.sentences, self.readings)

    def confidences(self) -> np.ndarray:
        """How sure each reading was."""
        return np.array([reading.confidence for reading in self.readings])

    def right(self) -> np.ndarray:
        """Whether each reading was the sentence's own intent, the dialogue's intents told apart."""
        pairs = zip(self.sentences, self.readings, strict=True)
        return np.array([sentence.intent == reading.intent for sentence, reading in pairs])


def reliability(confidences: np.ndarray, right: np.ndarray) -> Iterator[Tuple[float, float, float]]:
    """Of each tenth of the scale that has readings: their share of all, mean confidence, share that is right."""
    tenth = np.minimum((confidences * BINS).astype(int), BINS - 1)
    for number in np.unique(tenth):
        within = tenth == number
        yield float(within.mean()), float(confidences[within].mean()), float(right[within].mean())


def calibration_error(confidences: np.ndarray, right: np.ndarray) -> float:
    """Expected calibration error over `BINS` bins of equal width."""
    return sum(share * abs(sure - correct) for share, sure, correct in reliability(confidences, right))


def fallback_table(run: Run) -> List[Tuple[float, int, float, float]]:
    """Of thresholds: how many sentences fall below, and how many of those are right at first and at second guess."""
    sure, right = run.confidences(), run.right()
    pairs = zip(run.sentences, run.readings, strict=True)
    second = np.array([sentence.intent == reading.runner_up for sentence, reading in pairs])
    rows = []
    for threshold in (0.2, 0.3, 0.4, 0.5):
        below = sure < threshold
        if below.any():
            rows.append((threshold, int(below.sum()), right[below].mean(), (right | second)[below].mean()))
    return rows


_COSTS: Tuple[Tuple[str, Callable[[Cost], str]], ...] = (
    ("ms per message: median", lambda cost: f"{np.median(cost.milliseconds):.1f}"),
    ("ms per message: 95th percentile", lambda cost: f"{np.percentile(cost.milliseconds, 95):.1f}"),
    ("resident memory, MB", lambda cost: f"{cost.resident_megabytes:.0f}"),
    ("trained model, MB", lambda cost: f"{cost.model_megabytes:.1f}"),
    ("training, processor seconds", lambda cost: f"{cost.training_seconds:.0f}"),
)


def table(runs: Sequence[Run]) -> str:
    """The comparison in Markdown."""
    rows: List[Tuple[str, List[str]]] = [("", [run.name for run in runs]), ("---", ["---:"] * len(runs))]
    figures = [run.scores() for run in runs]
    rows += [
        ("tested sentences", [f"{one['n']:,}" for one in figures]),
        ("learnt from", [f"{run.learnt_from:,.0f}" for run in runs]),
        ("accuracy", [f"{one['accuracy']:.3f}" for one in figures]),
    ]
    for language, name in (("zh", "Chinese"), ("en", "English")):
        rows.append((f"accuracy, {name}", [f"{one['by_lang'][language]['accuracy']:.3f}" for one in figures]))
    rows += [
        ("macro F1", [f"{one['macro_f1']:.3f}" for one in figures]),
        ("out of scope: precision", [f"{one['out_of_scope']['precision']:.3f}" for one in figures]),
        ("out of scope: recall", [f"{one['out_of_scope']['recall']:.3f}" for one in figures]),
        ("asks back", [f"{one['fallback_rate']:.3f}" for one in figures]),
        ("calibration error", [f"{calibration_error(run.confidences(), run.right()):.3f}" for run in runs]),
    ]
    costs = [run.cost for run in runs]
    if any(costs):
        rows += [(head, [figure(cost) if cost else "" for cost in costs]) for head, figure in _COSTS]
    return "\n".join(f"| {head} | {' | '.join(cells)} |" for head, cells in rows)


def report(whole: Run, compared: Sequence[Run], curve: Sequence[Point], epochs: int) -> str:
    """The page that is kept in the project."""
    names = list(curve[0].accuracies)
    learning = "\n".join(
        f"| {point.learnt_from:,} | {' | '.join(f'{point.accuracies[name]:.3f}' for name in names)} |"
        for point in curve
    )
    asking = "\n".join(
        f"| {threshold} | {number:,} ({number / len(whole.readings):.1%}) | {first:.2f} | {either:.2f} |"
        for threshold, number, first, either in fallback_table(whole)
    )
    return f"""# Understanding, by cross-validation

Made by `make crossval` on {clock.today()}; do not edit. What was tried, and what did not help, is in
[README.md](README.md).

Sentences of {SERIES} written in a row stay in one fold; near-copies of a tested sentence (Jaccard of three-character
pieces from {NEAR_COPY}) are left out of its training. Accuracy counts the dialogue's own intents as `out_of_scope`, as
`make evaluate` does; calibration tells all intents apart. Milliseconds are of one core's time for the whole of
understanding, Rasa's graph included.

## All folds

The cost is that of the first fold's model.

{table([whole])}

## Fold 1, beside others that learnt from the same sentences

All learnt from the same part of the first fold's training and read the same of its sentences. DIET was trained for
{epochs} epochs (Rasa's default is 100).

{table(compared)}

## Learning curve, fold 1

"Real customers" and "second set" are sentences by others, which resemble what is asked more than what was taught.

| learnt from | {" | ".join(names)} |
| ---: |{" ---: |" * len(names)}
{learning}

## Asking back

Of all folds, the sentences whose likeliest intent is less sure than a threshold, and how often that intent, or one of
the two likeliest, is right.

| surer than | sentences below | first right | first or second right |
| ---: | ---: | ---: | ---: |
{asking}

![Accuracy, calibration and learning curve](crossval.png)
"""


def draw(path: Path, whole: Run, compared: Sequence[Run], curve: Sequence[Point]) -> None:
    """Accuracy by language, calibration, and the learning curve, side by side."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (bars, calibration, learning) = pyplot.subplots(1, 3, figsize=(15, 4.6), dpi=110)
    languages = (("zh", "Chinese"), ("en", "English"))
    for place, run in enumerate(compared):
        by_language = run.scores()["by_lang"]
        heights = [by_language[language]["accuracy"] for language, _ in languages]
        drawn = bars.bar(np.arange(2) + 0.27 * (place - 1), heights, width=0.25, label=run.name)
        bars.bar_label(drawn, fmt="%.2f", fontsize=8)
    bars.set_xticks(range(2), [name for _, name in languages])
    bars.set_ylim(0, 1)
    bars.set_title(f"Accuracy, learnt from {compared[0].learnt_from:,.0f}")
    bars.legend(fontsize=8, loc="upper right")

    calibration.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle="--")
    for run in (whole, compared[0], compared[-1]):
        _, sure, right = zip(*reliability(run.confidences(), run.right()), strict=True)
        calibration.plot(sure, right, marker="o", label=f"{run.name}, {run.learnt_from:,.0f}")
    calibration.set_xlabel("confidence")
    calibration.set_ylabel("share that is right")
    calibration.set_title("Calibration")
    calibration.legend(fontsize=8)

    numbers = [point.learnt_from for point in curve]
    for name in curve[0].accuracies:
        learning.plot(numbers, [point.accuracies[name] for point in curve], marker="o", label=name)
    learning.set_xlabel("training sentences")
    learning.set_title("Learning curve, fold 1")
    learning.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)


def without_embeddings(config: Dict[str, Any]) -> Dict[str, Any]:
    """The same pipeline on n-grams alone."""
    return {**config, "pipeline": [one for one in config["pipeline"] if not one["name"].endswith("SentenceEmbedding")]}


def rasa_default(epochs: int) -> Dict[str, Any]:
    """Rasa's default pipeline with fewer epochs."""
    config: Dict[str, Any] = yaml.safe_load((HERE / "rasa_default.yml").read_text(encoding="utf-8"))
    for component in config["pipeline"]:
        if "epochs" in component:
            component["epochs"] = epochs
    return config


_benches: List[Bench] = []  # of a worker, which inherits it by fork: sending 20,000 messages to each takes longer


def _job(split: Split) -> List[Reading]:
    readings = _benches[0].readings(split.training, split.test)
    right = np.mean([_benches[0].intents[row] == one.intent for row, one in zip(split.test, readings, strict=True)])
    print(f"learnt from {len(split.training):,}: {right:.3f} of {len(split.test):,} right", file=sys.stderr, flush=True)
    return readings


def on_the_bench(
    config: Dict[str, Any], sentences: Sequence[Sentence], splits: Sequence[Split], work: Path
) -> List[List[Reading]]:
    """The readings of each split's test sentences, on all cores; those that `work` keeps are not made again."""
    work.mkdir(parents=True, exist_ok=True)
    kept = [work / f"bench-{system.digest(config, *_tables(sentences, split))}.json" for split in splits]
    open_splits = [(split, path) for split, path in zip(splits, kept, strict=True) if not path.exists()]
    if open_splits:
        bench, workers = Bench(config, sentences), len(os.sched_getaffinity(0))
        with ProcessPoolExecutor(workers, get_context("fork"), _benches.append, (bench,)) as pool:
            made = pool.map(_job, [split for split, _ in open_splits])
            for (_, path), readings in zip(open_splits, made, strict=True):
                system.keep(path, [asdict(reading) for reading in readings])
    return [[Reading(**one) for one in json.loads(path.read_text(encoding="utf-8"))] for path in kept]


def _tables(sentences: Sequence[Sentence], split: Split) -> Tuple[List[Sentence], List[Sentence]]:
    return [sentences[row] for row in split.training], [sentences[row] for row in split.test]


def learning_curve(
    sentences: Sequence[Sentence], named: Dict[str, Sequence[int]], splits: Sequence[Split], read: List[List[Reading]]
) -> List[Point]:
    """Accuracies on the rows that `named` gives, of which each split's test holds all."""
    points = []
    for split, readings in zip(splits, read, strict=True):
        reading_of = dict(zip(split.test, readings, strict=True))
        accuracies = {
            name: scores([sentences[row] for row in rows], [reading_of[row] for row in rows])[ACCURACY]
            for name, rows in named.items()
        }
        points.append(Point(len(split.training), accuracies))
    return points


def trained_by_rasa(name: str, config: Dict[str, Any], folds: Folds, split: Split, folder: Path) -> Run:
    """A model as it is served, its readings of the split's test sentences and its cost."""
    print(f"{name}: training by Rasa", file=sys.stderr, flush=True)
    test = [folds.sentences[row] for row in split.test]
    model = system.train(config, [folds.sentences[row] for row in split.training], folder)
    measured = system.read(model, test)
    cost = Cost(measured.milliseconds, measured.resident_megabytes, model.megabytes, model.processor_seconds)
    return Run(name, len(split.training), test, measured.readings, cost)


def _measured(options: argparse.Namespace, work: Path) -> Tuple[Run, List[Run], List[Point]]:
    config = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
    folds = Folds(read_sentences(ROOT / "data" / "nlu"), options.folds)
    splits = [folds.split(number) for number in range(options.folds)]
    tested = Split(splits[0].training, tuple(Random(0).sample(splits[0].test, min(TESTED, len(splits[0].test)))))
    part = folds.part(tested, options.share)

    diet = trained_by_rasa(DIET, rasa_default(options.diet_epochs), folds, part, work)
    ours = trained_by_rasa(OURS, config, folds, part, work)
    (without,) = on_the_bench(without_embeddings(config), folds.sentences, [part], work)
    cost = trained_by_rasa(OURS, config, folds, tested, work).cost

    sentences, named = _with_tables(folds, splits[0])
    others = tuple(row for rows in named.values() for row in rows)
    curve_splits = [Split(one.training, others) for one in (*(folds.part(splits[0], p) for p in PARTS), splits[0])]
    read = on_the_bench(config, sentences, [*curve_splits, *splits[1:]], work)
    first_fold = read[len(PARTS)][: len(splits[0].test)]
    readings = [one for fold in (first_fold, *read[len(curve_splits) :]) for one in fold]
    learnt_from = float(np.mean([len(split.training) for split in splits]))
    rows = [folds.sentences[row] for split in splits for row in split.test]
    plain = Run(WITHOUT, len(part.training), ours.sentences, without)
    curve = learning_curve(sentences, named, curve_splits, read[: len(curve_splits)])
    return Run(OURS, learnt_from, rows, readings, cost), [ours, plain, diet], curve


def _with_tables(folds: Folds, split: Split) -> Tuple[List[Sentence], Dict[str, Sequence[int]]]:
    """The project's sentences and those of the tables, and the rows of what the learning curve is measured on."""
    sentences = list(folds.sentences)
    named: Dict[str, Sequence[int]] = {"fold 1": split.test}
    for name, path in TABLES.items():
        if path.is_file():
            start = len(sentences)
            sentences += read_table(path, WANTS)
            named[name] = tuple(range(start, len(sentences)))
    return sentences, named


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crossval", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--diet-epochs", type=int, default=20)
    parser.add_argument("--share", type=float, default=1.0, help="of the training that the compared learn from")
    parser.add_argument("--work", type=Path, help="where what is made is kept; a passing place if not given")
    parser.add_argument("--out", type=Path, default=HERE)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        whole, compared, curve = _measured(options, options.work or Path(passing))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "crossval.md").write_text(report(whole, compared, curve, options.diet_epochs), encoding="utf-8")
    draw(options.out / "crossval.png", whole, compared, curve)
    print(table([whole]))
    print(table(compared))


if __name__ == "__main__":
    main()
