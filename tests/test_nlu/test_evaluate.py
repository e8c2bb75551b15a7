from __future__ import annotations

import json
from pathlib import Path
from typing import List

import pytest

from benchmarks.evaluate import BadInput, Reading, Sentence, main, read_table, scores, write_errors

HEADER = "text\tintent\tlang\n"
KNOWN = frozenset({"request_human", "greet", "out_of_scope"})


def _table(folder: Path, content: str) -> Path:
    path = folder / "table.tsv"
    path.write_text(content, encoding="utf-8")
    return path


def _reading(intent: str, asks_back: bool = False) -> Reading:
    return Reading(intent, 0.7, "overdue_help", asks_back)


def test_a_table_is_read_without_quoting(tmp_path: Path) -> None:
    table = _table(tmp_path, "\ufeff" + HEADER + '我说"人工"\trequest_human\tzh\r\n\n"hi\tgreet\ten\n')

    assert read_table(table, KNOWN) == [
        Sentence('我说"人工"', "request_human", "zh"),
        Sentence('"hi', "greet", "en"),
    ]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "first line"),
        ("text,intent,lang\na,greet,en\n", "first line"),
        ("intent\ttext\tlang\ngreet\ta\ten\n", "first line"),
        (HEADER, "no sentences"),
        (HEADER + "hi\tgreet\n", "line 2: 2 cells"),
        (HEADER + "hi\tgreet\ten\nbye\tfarewell\ten\n", "line 3: the domain has no intent 'farewell'"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_the_reason(tmp_path: Path, content: str, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        read_table(_table(tmp_path, content), KNOWN)


def test_intents_of_the_dialogue_count_as_out_of_scope_on_both_sides() -> None:
    sentences = [
        Sentence("a", "out_of_scope", "zh"),
        Sentence("b", "greet", "zh"),
        Sentence("c", "request_human", "en"),
    ]

    figures = scores(sentences, [_reading("affirm"), _reading("out_of_scope"), _reading("request_human")])

    assert figures["accuracy"] == 1
    assert figures["out_of_scope"] == {"precision": 1, "recall": 1}


def test_figures_are_those_of_the_definition() -> None:
    labels = ["overdue_help", "overdue_help", "ask_grace_period", "out_of_scope", "out_of_scope"]
    sentences = [Sentence(str(row), label, "zh" if row < 3 else "en") for row, label in enumerate(labels)]
    readings = [
        _reading("overdue_help"),
        _reading("ask_grace_period", asks_back=True),
        _reading("ask_grace_period"),
        _reading("out_of_scope"),
        _reading("request_human"),
    ]

    figures = scores(sentences, readings)

    assert figures["n"] == 5
    assert figures["accuracy"] == 0.6
    assert figures["macro_f1"] == 0.6667  # three labels present, each 2/3
    assert figures["by_lang"] == {"en": {"n": 2, "accuracy": 0.5}, "zh": {"n": 3, "accuracy": 0.6667}}
    assert figures["out_of_scope"] == {"precision": 1, "recall": 0.5}
    assert figures["fallback_rate"] == 0.2


def test_errors_are_listed_the_surest_first(tmp_path: Path) -> None:
    sentences = [
        Sentence("a", "greet", "zh"),
        Sentence("b", "request_human", "zh"),
        Sentence("c", "request_human", "zh"),
    ]
    readings = [
        _reading("overdue_help"),
        Reading("ask_autopay", 0.9, None, False),
        Reading("request_human", 0.99, None, False),
    ]

    write_errors(tmp_path / "errors.tsv", sentences, readings)

    rows = [line.split("\t") for line in (tmp_path / "errors.tsv").read_text(encoding="utf-8").splitlines()]
    assert [row[0] for row in rows] == ["text", "b", "a"]
    assert rows[1] == ["b", "zh", "request_human", "ask_autopay", "0.900", "", "0"]


def _run(arguments: List[str], capsys: pytest.CaptureFixture[str]) -> List[str]:
    capsys.readouterr()
    main(arguments)
    return capsys.readouterr().out.splitlines()


def test_a_model_is_evaluated_and_its_errors_drawn(
    small_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = _table(tmp_path, HEADER + "我想要分期还款\trequest_instalment\tzh\ntalk to a human\task_grace_period\ten\n")
    out = tmp_path / "report"

    lines = _run([str(table), "--model", str(small_model), "--out", str(out)], capsys)

    assert len(lines) == 1
    figures = json.loads(lines[-1])
    assert figures["n"] == 2
    assert figures["by_lang"] == {"en": {"n": 1, "accuracy": 0.0}, "zh": {"n": 1, "accuracy": 1.0}}
    assert (out / "confusion.png").read_bytes().startswith(b"\x89PNG")
    assert "talk to a human\ten\task_grace_period\trequest_human" in (out / "errors.tsv").read_text(encoding="utf-8")


def test_a_missing_model_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = _table(tmp_path, HEADER + "hi\tgreet\ten\n")

    with pytest.raises(SystemExit) as stopped:
        main([str(table), "--model", str(tmp_path / "none.tar.gz")])

    assert stopped.value.code == 2
    assert "no model at" in capsys.readouterr().err
