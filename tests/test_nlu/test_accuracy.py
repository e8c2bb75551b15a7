"""How well the trained model reads sentences of real customers, which are kept beside the project, not in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.evaluate import known_intents, load_model, read_all, read_table, scores
from common.settings import ROOT

SENTENCES = ROOT.parent / "shared" / "nlu" / "dev.tsv"
MODEL = Path(os.environ.get("TEST_MODEL", ROOT / "models" / "assistant.tar.gz"))


@pytest.mark.skipif(not SENTENCES.is_file(), reason="the sentences of real customers are not here")
@pytest.mark.skipif(not MODEL.is_file(), reason="no trained model; `make train` makes one")
async def test_four_of_five_real_sentences_are_read_right() -> None:
    agent = load_model(MODEL)
    sentences = read_table(SENTENCES, known_intents(agent))

    figures = scores(sentences, await read_all(agent, sentences))

    assert figures["accuracy"] >= 0.8
    assert min(language["accuracy"] for language in figures["by_lang"].values()) >= 0.7
    assert figures["out_of_scope"]["precision"] >= 0.75
    assert figures["out_of_scope"]["recall"] >= 0.75
    assert figures["fallback_rate"] <= 0.15
