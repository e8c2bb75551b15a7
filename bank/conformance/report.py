"""The report: on the terminal as the run goes, and as a file of HTML, Markdown or JSON."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Callable, Dict, List

from bank.conformance.registry import Outcome, Result


@dataclass(frozen=True)
class Report:
    """What a run found, and about what."""

    url: str
    contract_version: str
    made_at: datetime
    customers: List[str]
    absent: Dict[str, str]  # operations that the bank does not offer, and how that is known
    results: List[Result]

    def count(self, outcome: Outcome) -> int:
        """How many checks ended so."""
        return Counter(result.outcome for result in self.results)[outcome]

    @property
    def told(self) -> List[Result]:
        """The results worth a line: what is not offered is named once for all."""
        return [result for result in self.results if result.offered]

    @property
    def verdict(self) -> str:
        """One sentence."""
        failed, passed, skipped = (self.count(each) for each in (Outcome.FAIL, Outcome.PASS, Outcome.SKIPPED))
        not_offered = len(self.results) - len(self.told)
        what = f"{passed} passed, {failed} failed, {skipped - not_offered} skipped"
        if not_offered:
            what += f", {not_offered} of operations that are not offered"
        if stumbled := self.count(Outcome.STUMBLED):
            what += f", {stumbled} could not be made for a fault of the kit"
        return f"{what}: {'this is not yet the contract' if failed else 'nothing contradicts the contract'}"


def line(result: Result) -> str:
    """A check's outcome on one line."""
    return f"{result.outcome.value:<9}{result.check.name}"


def text(result: Result) -> str:
    """A check's outcome for the terminal, with all that is needed to act on it."""
    if result.outcome in (Outcome.SKIPPED, Outcome.STUMBLED):
        return f"{line(result)}\n          {result.why}"
    if result.outcome is Outcome.PASS:
        return line(result)
    return "\n".join(
        [
            line(result),
            f"          {result.check.sentence}",
            f"          operation  {result.operation}",
            f"          expected   {result.expected}",
            f"          rule       {' '.join(result.check.rule.split())}",
            f"          came       {result.came}",
            f"          repeat     {result.repeat}",
        ]
    )


def as_json(report: Report) -> str:
    """For machines."""
    document = {
        "bank": report.url,
        "contract": report.contract_version,
        "made_at": report.made_at.isoformat(timespec="seconds"),
        "customers": report.customers,
        "not_offered": report.absent,
        "verdict": report.verdict,
        "counts": {outcome.value: report.count(outcome) for outcome in Outcome},
        "checks": [
            {
                "name": result.check.name,
                "sentence": result.check.sentence,
                "rule": " ".join(result.check.rule.split()),
                "outcome": result.outcome.value,
                **{
                    name: value
                    for name in ("why", "operation", "expected", "came", "repeat")
                    if (value := getattr(result, name))
                },
            }
            for result in report.results
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def as_markdown(report: Report) -> str:
    """For a ticket."""
    parts = [
        f"# Conformance of {report.url}",
        "",
        f"Contract {report.contract_version}, {report.made_at:%Y-%m-%d %H:%M}. {report.verdict}.",
    ]
    for result in _of(report, Outcome.FAIL):
        parts += [
            "",
            f"## {result.check.name}",
            "",
            result.check.sentence,
            "",
            f"- operation: `{result.operation}`",
            f"- expected: {result.expected}",
            f"- rule: {' '.join(result.check.rule.split())}",
            f"- came: {result.came}",
            "",
            "```sh",
            result.repeat,
            "```",
        ]
    if report.absent:
        parts += ["", f"Not offered: {', '.join(sorted(report.absent))}."]
    parts += ["", "| check | outcome | |", "| --- | --- | --- |"]
    for result in report.told:
        why = result.why.replace("|", "\\|")
        parts.append(f"| {result.check.name} | {result.outcome.value} | {why} |")
    return "\n".join(parts) + "\n"


_STYLE = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font: .875rem/1.5 ui-monospace, monospace; }
pre { padding: .75rem; overflow-x: auto; border: 1px solid GrayText; border-radius: .25rem; }
dt { font-weight: 600; } dd { margin: 0 0 .5rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: start; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid GrayText; }
td { overflow-wrap: anywhere; } section { margin-block: 2rem; }
"""


def as_html(report: Report) -> str:
    """For reading: one page that needs nothing else."""
    failures = "".join(_failure(result) for result in _of(report, Outcome.FAIL))
    rows = "".join(
        f"<tr><td>{result.outcome.value}<td><code>{escape(result.check.name)}</code>"
        f"<td>{escape(result.check.sentence)}{' – ' + escape(result.why) if result.why else ''}"
        for result in report.told
    )
    absent = f"<p>Not offered: {escape(', '.join(sorted(report.absent)))}." if report.absent else ""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Conformance</title>'
        f"<style>{_STYLE}</style><h1>Conformance of {escape(report.url)}</h1>"
        f"<p>Contract {escape(report.contract_version)}, {report.made_at:%Y-%m-%d %H:%M}. {escape(report.verdict)}."
        f"{absent}{failures}<section><h2>Every check</h2><table><tr><th>Outcome<th>Check<th>What it says{rows}</table>"
        "</section></html>\n"
    )


def _failure(result: Result) -> str:
    told = {
        "operation": result.operation,
        "expected": result.expected,
        "rule": " ".join(result.check.rule.split()),
        "came": result.came,
    }
    terms = "".join(f"<dt>{name}<dd>{escape(value)}" for name, value in told.items())
    return (
        f"<section><h2>{escape(result.check.name)}</h2><p>{escape(result.check.sentence)}</p>"
        f"<dl>{terms}</dl><pre>{escape(result.repeat)}</pre></section>"
    )


def _of(report: Report, outcome: Outcome) -> List[Result]:
    return [result for result in report.results if result.outcome is outcome]


WRITERS: Dict[str, Callable[[Report], str]] = {".html": as_html, ".md": as_markdown, ".json": as_json}


def write(report: Report, path: Path) -> None:
    """As the ending of the file's name says: .html, .md or .json."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(WRITERS[path.suffix](report), encoding="utf-8")
