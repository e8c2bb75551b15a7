"""How well the trained model understands a table of labelled sentences.

    python -m benchmarks.evaluate FILE [--out FOLDER] [--model FILE]

FILE is UTF-8 with the header `text intent lang`, separated by tabs, without quoting. The last line printed is one JSON
object: n, accuracy, macro_f1 (over the labels that FILE has), by_lang, out_of_scope (precision, recall), fallback_rate.

The labels are what customers want; an intent of the dialogue's own (greet, affirm, inform, …), as a label or as a
prediction, counts as `out_of_scope`. A prediction is the likeliest real intent: where the assistant would rather ask
back (`nlu_fallback`), what it offers first counts, and `fallback_rate` says how often that is.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, FrozenSet, List, Optional, Sequence

import structlog
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.core.constants import DEFAULT_INTENTS
from rasa.shared.core.domain import Domain
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

from common.settings import ROOT

COLUMNS = ("text", "intent", "lang")
OUT_OF_SCOPE = "out_of_scope"
WANTS = frozenset(
    """overdue_help ask_amount_due ask_late_fee ask_credit_impact ask_due_date ask_grace_period ask_minimum_payment
    ask_repayment_channels ask_autopay report_payment_made request_instalment request_deferral request_fee_waiver
    report_hardship promise_to_pay ask_card_status ask_legal_consequence complain_collection dispute_charge
    request_human ask_application_status cancel_application manage_reminders request_document out_of_scope""".split()
)


class BadInput(Exception):
    """The table or the model cannot be used; the message says why."""


@dataclass(frozen=True)
class Sentence:
    """A row of the table."""

    text: str
    intent: str
    lang: str


@dataclass(frozen=True)
class Reading:
    """What the model made of a sentence: its likeliest real intents, and whether it would rather ask back."""

    intent: str
    confidence: float
    runner_up: Optional[str]
    asks_back: bool


def read_table(path: Path, known_intents: FrozenSet[str]) -> List[Sentence]:
    """The rows of the table at `path`. Raises: BadInput."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read {path}: {error}") from error
    header = tuple(lines[0].split("\t")) if lines else ()
    if header != COLUMNS:
        raise BadInput(f"{path}: the first line must be {' '.join(COLUMNS)}, separated by tabs; it is {header}")
    sentences = []
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) != len(COLUMNS):
            raise BadInput(f"{path}, line {number}: {len(cells)} cells instead of {len(COLUMNS)}")
        if cells[1] not in known_intents:
            raise BadInput(f"{path}, line {number}: the domain has no intent {cells[1]!r}")
        sentences.append(Sentence(*cells))
    if not sentences:
        raise BadInput(f"{path}: no sentences")
    return sentences


def load_model(path: Path) -> Agent:
    """The trained assistant, loaded as the server loads it. Raises: BadInput."""
    if not path.is_file():
        raise BadInput(f"no model at {path}; `make train` makes one")
    agent = Agent.load(str(path))
    if not agent.is_ready():
        raise BadInput(f"{path} holds no model that can be loaded")
    return agent


def known_intents(agent: Agent) -> FrozenSet[str]:
    """The intents of the model's domain; a model of understanding alone has none, then the project's."""
    own = frozenset(agent.domain.intents if agent.domain else ()) - frozenset(DEFAULT_INTENTS)
    return (own or frozenset(Domain.load(str(ROOT / "domain.yml")).intents) - frozenset(DEFAULT_INTENTS)) | WANTS


def counted(intent: str) -> str:
    """The label under which an intent counts."""
    return intent if intent in WANTS else OUT_OF_SCOPE


async def read_all(agent: Agent, sentences: Sequence[Sentence]) -> List[Reading]:
    """What the model makes of each sentence."""
    return [await read_one(agent, sentence.text) for sentence in sentences]


async def read_one(agent: Agent, text: str) -> Reading:
    """What the model makes of one sentence. Raises: BadInput."""
    if agent.processor is None:
        raise BadInput("the model is not loaded")
    parsed = await agent.processor.parse_message(UserMessage(text=text))
    real = [entry for entry in parsed["intent_ranking"] if entry["name"] != DEFAULT_NLU_FALLBACK_INTENT_NAME]
    return Reading(
        intent=real[0]["name"],
        confidence=real[0]["confidence"],
        runner_up=real[1]["name"] if len(real) > 1 else None,
        asks_back=parsed["intent"]["name"] == DEFAULT_NLU_FALLBACK_INTENT_NAME,
    )


def scores(sentences: Sequence[Sentence], readings: Sequence[Reading]) -> Dict[str, Any]:
    """The figures, as printed. Shares are fractions, rounded to four decimals."""
    expected = [counted(sentence.intent) for sentence in sentences]
    predicted = [counted(reading.intent) for reading in readings]
    present = sorted(set(expected))
    outside = {"labels": [OUT_OF_SCOPE], "average": "micro", "zero_division": 0}
    return {
        "n": len(sentences),
        "accuracy": _rounded(accuracy_score(expected, predicted)),
        "macro_f1": _rounded(f1_score(expected, predicted, labels=present, average="macro", zero_division=0)),
        "by_lang": {
            lang: _of_language(lang, sentences, expected, predicted)
            for lang in sorted({sentence.lang for sentence in sentences})
        },
        "out_of_scope": {
            "precision": _rounded(precision_score(expected, predicted, **outside)),
            "recall": _rounded(recall_score(expected, predicted, **outside)),
        },
        "fallback_rate": _rounded(sum(reading.asks_back for reading in readings) / len(readings)),
    }


def _of_language(lang: str, sentences: Sequence[Sentence], expected: List[str], predicted: List[str]) -> Dict[str, Any]:
    rows = [row for row, sentence in enumerate(sentences) if sentence.lang == lang]
    right = sum(expected[row] == predicted[row] for row in rows)
    return {"n": len(rows), "accuracy": _rounded(right / len(rows))}


def _rounded(share: float) -> float:
    return round(float(share), 4)


def write_errors(path: Path, sentences: Sequence[Sentence], readings: Sequence[Reading]) -> None:
    """The sentences that were misread, as a table; the surest mistakes first."""
    wrong = [
        (sentence, reading)
        for sentence, reading in zip(sentences, readings, strict=True)
        if counted(sentence.intent) != counted(reading.intent)
    ]
    wrong.sort(key=lambda pair: -pair[1].confidence)
    lines = ["text\tlang\tintent\tpredicted\tconfidence\trunner_up\tasks_back"]
    for sentence, reading in wrong:
        figures = f"{reading.intent}\t{reading.confidence:.3f}\t{reading.runner_up or ''}\t{int(reading.asks_back)}"
        lines.append(f"{sentence.text}\t{sentence.lang}\t{sentence.intent}\t{figures}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def draw_confusion(path: Path, sentences: Sequence[Sentence], readings: Sequence[Reading]) -> None:
    """The confusion matrix as a picture: shares of each label's sentences in colour, counts as numbers."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from sklearn.metrics import confusion_matrix

    expected = [counted(sentence.intent) for sentence in sentences]
    predicted = [counted(reading.intent) for reading in readings]
    labels = sorted(set(expected) | set(predicted))
    counts = confusion_matrix(expected, predicted, labels=labels)
    shares = counts / counts.sum(axis=1, keepdims=True).clip(min=1)
    side = 3 + 0.42 * len(labels)
    figure, axes = pyplot.subplots(figsize=(side, side), dpi=120)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in zip(*counts.nonzero(), strict=True):
        colour = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, counts[row, column], ha="center", va="center", color=colour, fontsize=8)
    axes.set_xticks(range(len(labels)), labels, rotation=90)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("predicted")
    axes.set_ylabel("labelled")
    axes.set_title(f"{len(sentences)} sentences, {counts.trace() / len(sentences):.1%} right")
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)


def main(arguments: Optional[Sequence[str]] = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluate", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("file", type=Path, help="table with the header text, intent, lang, separated by tabs")
    parser.add_argument("--out", type=Path, help="folder for confusion.png and errors.tsv")
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "assistant.tar.gz")
    options = parser.parse_args(arguments)
    keep_logs_off_stdout()
    try:
        agent = load_model(options.model)
        sentences = read_table(options.file, known_intents(agent))
    except BadInput as error:
        parser.exit(2, f"evaluate: {error}\n")
    readings = asyncio.run(read_all(agent, sentences))
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        write_errors(options.out / "errors.tsv", sentences, readings)
        draw_confusion(options.out / "confusion.png", sentences, readings)
    print(json.dumps(scores(sentences, readings), ensure_ascii=False))


def keep_logs_off_stdout() -> None:
    """Errors alone are logged, and not to standard output, which holds figures."""
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


if __name__ == "__main__":
    main()
