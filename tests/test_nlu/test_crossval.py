"""How sentences are cut into folds, and what is counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import List

import numpy as np
import pytest

from benchmarks import crossval
from benchmarks.crossval import (
    DIET,
    OURS,
    WITHOUT,
    Cost,
    Point,
    Run,
    calibration_error,
    draw,
    fallback_table,
    learning_curve,
    on_the_bench,
    rasa_default,
    report,
    table,
    without_embeddings,
)
from benchmarks.evaluate import Reading, Sentence
from benchmarks.folds import NEAR_COPY, SERIES, Folds, Split, pieces, read_sentences
from benchmarks.system import digest
from nlu import component

WORDS = "amber birch cedar daisy elder ferret gorse hazel iris juniper kestrel larch maple nettle oak poppy".split()


def _sentences(count: int) -> List[Sentence]:
    """No two of them alike: each has two words, and no other has the same."""
    return [
        Sentence(f"{WORDS[row % 16]}{row} {row * 7919 % 1009}{WORDS[row // 16]}", f"intent {row % 2}", "en")
        for row in sorted(range(count), key=lambda row: row % 2)
    ]


def test_every_sentence_is_tested_once_and_never_by_who_learnt_from_it() -> None:
    folds = Folds(_sentences(200), 5)

    splits = [folds.split(number) for number in range(5)]

    assert sorted(row for split in splits for row in split.test) == list(range(200))
    assert all(not set(split.training) & set(split.test) for split in splits)
    assert all(len(split.test) >= 30 for split in splits)


def test_sentences_written_in_a_row_stay_together() -> None:
    folds = Folds(_sentences(200), 5)

    for number in range(5):
        test = set(folds.split(number).test)
        for start in range(0, 200, SERIES):
            assert len(test & set(range(start, start + SERIES))) in (0, SERIES)


def test_a_near_copy_written_elsewhere_is_not_learnt_from() -> None:
    sentences = _sentences(100)
    sentences[5] = Sentence("can I pay the whole bill later please", "intent 0", "en")
    sentences[95] = Sentence("Can I pay the whole bill LATER?", "intent 1", "en")
    folds = Folds(sentences, 2)

    for number in range(2):
        split = folds.split(number)
        if 5 in split.test:
            assert 95 not in split.training
        if 95 in split.test:
            assert 5 not in split.training


def test_no_tested_sentence_of_the_project_resembles_what_was_learnt_from() -> None:
    sentences = read_sentences(Path(__file__).parents[2] / "data" / "nlu")[::7]
    split = Folds(sentences, 5).split(0)
    learnt = [pieces(sentences[row].text) for row in split.training]

    for row in split.test[::10]:
        tested = pieces(sentences[row].text)
        assert max(len(tested & other) / len(tested | other) for other in learnt) < NEAR_COPY


def test_a_part_is_smaller_and_is_tested_on_the_same() -> None:
    folds = Folds(_sentences(200), 5)
    whole = folds.split(0)

    part = folds.part(whole, 0.5)

    assert set(part.training) < set(whole.training)
    assert len(part.training) == pytest.approx(len(whole.training) / 2, abs=SERIES)
    assert part.test == whole.test


def test_calibration_error_is_the_mean_gap_between_being_sure_and_being_right() -> None:
    sure = np.array([0.95] * 10 + [0.55] * 10)
    right = np.array([True] * 9 + [False] + [True] * 3 + [False] * 7)

    assert calibration_error(sure, right) == pytest.approx(0.5 * 0.05 + 0.5 * 0.25)
    assert calibration_error(np.ones(4), np.ones(4, dtype=bool)) == 0


def _run() -> Run:
    sentences = [Sentence("a", "greet", "zh"), Sentence("b", "request_human", "en"), Sentence("c", "affirm", "en")]
    readings = [
        Reading("greet", 0.9, "deny", False),
        Reading("overdue_help", 0.25, "request_human", True),
        Reading("deny", 0.35, "greet", True),
    ]
    return Run(OURS, 1000, sentences, readings, Cost([1.0, 3.0, 9.0], 500, 5.5, 60))


def test_the_table_holds_what_was_measured() -> None:
    lines = table([_run()]).splitlines()

    assert "| accuracy | 0.667 |" in lines  # the dialogue's own intents count as one
    assert "| accuracy, English | 0.500 |" in lines
    assert "| ms per message: median | 3.0 |" in lines
    assert "| trained model, MB | 5.5 |" in lines


def test_a_cost_that_was_not_measured_is_left_open() -> None:
    lines = table([_run(), replace(_run(), cost=None)]).splitlines()

    assert "| resident memory, MB | 500 |  |" in lines


def test_a_bench_learns_from_some_and_reads_others_and_keeps_what_it_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {"a": ["aa ab", "aa ac", "ab ac"], "b": ["ba bb", "ba bc", "bb bc"], "c": ["ca cb", "ca cc", "cb cc"]}
    sentences = [Sentence(text, intent, "en") for intent, three in texts.items() for text in three]
    config = {
        "pipeline": [
            {"name": "nlu.normaliser.Normaliser"},
            {"name": "nlu.tokeniser.MixedTokeniser"},
            {"name": "nlu.featuriser.NgramFeaturiser", "unit": "token", "max_ngram": 1, "min_df": 1},
            {"name": "nlu.classifier.LinearIntentClassifier"},
            {"name": "FallbackClassifier", "threshold": 0.99},
        ]
    }

    split = Split((0, 1, 3, 4, 6, 7), (2, 5, 8))
    (readings,) = on_the_bench(config, sentences, [split], tmp_path)

    assert [reading.intent for reading in readings] == ["a", "b", "c"]
    assert all(reading.asks_back for reading in readings)

    def made_again(*_: object) -> None:
        raise AssertionError("made again")

    monkeypatch.setattr(crossval, "Bench", made_again)
    assert on_the_bench(config, sentences, [split], tmp_path) == [readings]
    with pytest.raises(AssertionError, match="made again"):
        on_the_bench(config, [*sentences[:-1], Sentence("cx cy", "c", "en")], [split], tmp_path)


def test_what_is_kept_is_kept_under_all_it_depends_on(monkeypatch: pytest.MonkeyPatch) -> None:
    some, other = [Sentence("a", "greet", "zh")], [Sentence("a", "goodbye", "zh")]
    ours, rasas = {"pipeline": [{"name": "nlu.x.Y"}]}, {"pipeline": [{"name": "DIETClassifier"}]}
    before = [digest(ours, some), digest(rasas, some), digest(ours, other), digest(ours, some, other)]

    assert len(set(before)) == 4

    monkeypatch.setattr(component, "_fingerprint_of_sources", lambda: "changed")
    assert digest(ours, some) != before[0]
    assert digest(rasas, some) == before[1]


def test_the_learning_curve_tells_apart_what_was_read() -> None:
    sentences = [Sentence("a", "request_human", "zh"), Sentence("b", "overdue_help", "en"), Sentence("c", "wait", "en")]
    right, wrong = Reading("request_human", 0.9, None, False), Reading("ask_autopay", 0.9, None, False)

    (point,) = learning_curve(sentences, {"one": (0,), "others": (0, 1)}, [Split((2,), (0, 1))], [[right, wrong]])

    assert (point.learnt_from, point.accuracies) == (1, {"one": 1.0, "others": 0.5})


def test_the_table_for_asking_back_counts_what_lies_below_and_its_second_guess() -> None:
    rows = {threshold: row for threshold, *row in fallback_table(_run())}

    assert rows[0.3] == [1, 0.0, 1.0]
    assert rows[0.4] == [2, 0.0, 0.5]
    assert 0.2 not in rows


def test_the_compared_pipelines_differ_in_what_they_say() -> None:
    config = {"pipeline": [{"name": "nlu.embedding.SentenceEmbedding"}, {"name": "FallbackClassifier"}]}

    assert [one["name"] for one in without_embeddings(config)["pipeline"]] == ["FallbackClassifier"]
    (diet,) = (one for one in rasa_default(7)["pipeline"] if one["name"] == "DIETClassifier")
    assert diet["epochs"] == 7


def test_the_page_and_the_picture_hold_all_that_was_measured(tmp_path: Path) -> None:
    compared = [replace(_run(), name=name) for name in (OURS, WITHOUT, DIET)]
    curve = [Point(number, {"fold 1": 0.7, "second set": share}) for number, share in ((500, 0.6), (1000, 0.875))]

    page = report(_run(), compared, curve, 7)
    draw(tmp_path / "crossval.png", _run(), compared, curve)

    assert "| learnt from | fold 1 | second set |" in page
    assert "| 1,000 | 0.700 | 0.875 |" in page
    assert "7 epochs" in page.replace("\n", " ")
    assert all(name in page for name in (OURS, WITHOUT, DIET))
    assert (tmp_path / "crossval.png").stat().st_size > 10_000
