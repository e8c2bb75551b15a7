"""The training data as it reaches the pipeline."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import List

import numpy as np
import pytest
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message

from nlu.importer import Example
from nlu.normaliser import Normaliser
from nlu.tokeniser import MixedTokeniser

FILES = {
    "zh.yml": "- intent: greet\n  examples: |\n    - 你好\n    - 您好呀\n",
    "en.yml": "- intent: greet\n  examples: |\n    - hi\n    - 你好\n- intent: goodbye\n  examples: |\n    - bye\n",
}


def _read(folder: Path, config: str) -> TrainingDataImporter:
    (folder / "config.yml").write_text(config)
    (folder / "domain.yml").write_text("intents: [greet, goodbye]\n")
    for name, content in FILES.items():
        (folder / name).write_text(f'version: "3.1"\nnlu:\n{content}', encoding="utf-8")
    files = [str(folder / name) for name in FILES]
    return TrainingDataImporter.load_from_config(str(folder / "config.yml"), str(folder / "domain.yml"), files)


def _spoken(importer: TrainingDataImporter, language: str) -> List[Message]:
    return [one for one in importer.get_nlu_data(language).training_examples if one.get("text")]


def test_the_sentences_are_those_that_rasa_reads(tmp_path: Path) -> None:
    own = _spoken(_read(tmp_path, "importers: [{name: nlu.importer.TrainingFiles}]"), "zh")
    rasas = _spoken(_read(tmp_path, "language: zh"), "zh")

    assert [one.data for one in own] == [one.data for one in rasas]
    assert len(own) == 4  # one stands in both files
    assert all(isinstance(one, Example) for one in own)


def test_whoever_changes_the_sentences_changes_a_copy(tmp_path: Path) -> None:
    importer = _read(tmp_path, "importers: [{name: nlu.importer.TrainingFiles}]")

    _spoken(importer, "zh")[0].set("text", "changed")

    assert "changed" not in [one.get("text") for one in _spoken(importer, "en")]


def _example() -> Example:
    example = Example({"text": "分期12期", "intent": "request_instalment"})
    Normaliser().process([example])
    MixedTokeniser({"intent_tokenization_flag": False, "intent_split_symbol": "_"}).process([example])
    example.add_features(Features(np.array([[1.0, 2.0]]), "sentence", "text", "one"))
    return example


def test_a_copy_equals_and_does_not_change_with_the_other() -> None:
    example = _example()
    before = example.fingerprint()

    copied = copy.deepcopy(example)
    assert copied == example
    copied.set("intent", "greet")
    copied.add_features(Features(np.array([[3.0]]), "sentence", "text", "other"))

    assert (example.fingerprint(), len(example.features)) == (before, 1)
    assert copied != example


@pytest.mark.parametrize("change", ["text", "intent", "token", "feature", "origin"])
def test_whatever_differs_makes_the_fingerprint_differ(change: str) -> None:
    example, other = _example(), _example()
    assert example.fingerprint() == other.fingerprint()

    if change == "token":
        other.set("text_tokens", other.get("text_tokens")[:-1])
    elif change == "feature":
        other.features = [Features(np.array([[1.0, 2.5]]), "sentence", "text", "one")]
    elif change == "origin":
        other.features = [Features(np.array([[1.0, 2.0]]), "sentence", "text", "other")]
    else:
        other.set(change, "else")
    other._cached_fingerprint = None

    assert example.fingerprint() != other.fingerprint()
