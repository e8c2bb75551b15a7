"""Sentences that were not understood, for the page and in the formats of training data; masked where they are kept.

The YAML is Rasa's: under a placeholder intent, to be put under the right ones. The TSV is what `make evaluate` reads,
once its placeholders are replaced.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping

import sqlalchemy as sa
import yaml
from sqlalchemy.engine import Connection

from desk.insights.figures import Rows, Selection
from desk.insights.tables import sentences, visits

PLACEHOLDER = "to_be_labelled"
MOST = 5000  # sentences of an export
COLUMNS = ("text", "language", "kind", "times", "last_day", "chosen")


def not_understood(connection: Connection, selection: Selection, limit: int) -> Rows:
    """Each sentence once, at most `limit`, those first that were said most often, then by their text.

    `chosen`: the intent of the reading that somebody pressed afterwards, none if nobody did.
    """
    query = (
        sa.select(
            sentences.c.text,
            sentences.c.language,
            sentences.c.kind,
            sa.func.count().label("times"),
            sa.func.max(visits.c.day).label("last_day"),
            sa.func.max(sentences.c.chosen).label("chosen"),
        )
        .select_from(sentences.join(visits, visits.c.id == sentences.c.visit_id))
        .where(selection.of(visits), sentences.c.text != "")
        .group_by(sentences.c.text, sentences.c.language, sentences.c.kind)
        .order_by(sa.desc("times"), sentences.c.text, sentences.c.language, sentences.c.kind)
        .limit(limit)
    )
    return [{**row._mapping, "last_day": row.last_day.isoformat()} for row in connection.execute(query)]


def as_yaml(rows: Rows) -> str:
    """Rasa's training format, version 3.1, one list of examples for each language."""
    nlu = [
        {"intent": PLACEHOLDER, "examples": [_example(row) for row in rows if row["language"] == language]}
        for language in sorted({row["language"] for row in rows})
    ]
    head = "# Not understood, masked. Put each example under its intent; delete what is nobody's business.\n"
    return head + yaml.safe_dump(
        {"version": "3.1", "nlu": nlu}, allow_unicode=True, sort_keys=False, width=10_000, default_style=None
    )


def as_tsv(rows: Rows) -> str:
    """The header `text intent lang`, and a line for each sentence."""
    lines = ["text\tintent\tlang", *(f"{row['text']}\t{PLACEHOLDER}\t{row['language']}" for row in rows)]
    return "\n".join(lines) + "\n"


def _example(row: Dict[str, Any]) -> Dict[str, Any]:
    told: Dict[str, Any] = {"language": row["language"], "kind": row["kind"], "times": row["times"]}
    if row["chosen"]:
        told["chosen"] = row["chosen"]
    return {"text": row["text"], "metadata": told}


#: By the ending of the file.
FORMATS: Mapping[str, Callable[[Rows], str]] = {"yml": as_yaml, "tsv": as_tsv}
