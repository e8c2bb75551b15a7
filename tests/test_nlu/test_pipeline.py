"""The pipeline of `config.yml` as Rasa trains, stores and runs it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Dict, List, Sequence

import numpy as np
import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException, RasaException
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from nlu import component
from nlu.classifier import LinearIntentClassifier
from nlu.featuriser import NgramFeaturiser, Ngrams, SparseRow


@pytest.fixture(scope="module")
def agent(small_model: Path) -> Agent:
    return Agent.load(str(small_model))


async def _parse(agent: Agent, text: str) -> Dict[str, Any]:
    assert agent.processor is not None
    parsed: Dict[str, Any] = await agent.processor.parse_message(UserMessage(text=text))
    return parsed


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("能不能给我分期还款", "request_instalment"),
        ("這個影響徵信嗎", "ask_credit_impact"),
        ("please let me talk to a human", "request_human"),
        ("您好您好", "greet"),
    ],
)
async def test_a_stored_model_understands_what_it_was_taught(agent: Agent, text: str, intent: str) -> None:
    assert (await _parse(agent, text))["intent"]["name"] == intent


async def test_the_result_has_language_entities_and_a_ranking_of_real_intents(agent: Agent) -> None:
    parsed = await _parse(agent, "我想分期还款，分12期")

    assert parsed["text"] == "我想分期还款，分12期"
    assert parsed["language"] == "zh"
    assert [(entity["entity"], entity["value"], entity["start"]) for entity in parsed["entities"]] == [
        ("term", "12", 8)
    ]
    confidences = [entry["confidence"] for entry in parsed["intent_ranking"]]
    assert confidences == sorted(confidences, reverse=True)
    assert math.isclose(sum(confidences), 1, abs_tol=1e-6)
    assert all(type(confidence) is float for confidence in confidences)


@pytest.mark.parametrize("text", ["", "   ", "😀", "ㅋㅋ", "。。。"])
async def test_writing_without_anything_known_asks_back_and_keeps_the_likeliest_readings(
    agent: Agent, text: str
) -> None:
    parsed = await _parse(agent, text)

    assert parsed["intent"]["name"] == "nlu_fallback"
    assert [entry["name"] for entry in parsed["intent_ranking"]][0] == "nlu_fallback"
    assert len(parsed["intent_ranking"]) > 2


async def test_a_button_payload_has_its_own_intent_and_no_language(agent: Agent) -> None:
    parsed = await _parse(agent, "/request_human")

    assert parsed["intent"]["name"] == "request_human"
    assert "language" not in parsed


def _context() -> ExecutionContext:
    return ExecutionContext(GraphSchema({}), node_name="node")


def _featuriser(folder: Path, **settings: Any) -> NgramFeaturiser:
    config = {**NgramFeaturiser.get_default_config(), **settings}
    return NgramFeaturiser.create(config, LocalModelStorage(folder), Resource("featuriser"), _context())


@pytest.mark.parametrize("settings", [{"unit": "word"}, {"min_ngram": 3, "max_ngram": 2}, {"min_ngram": 0}])
def test_settings_that_make_no_sense_are_refused(tmp_path: Path, settings: Dict[str, Any]) -> None:
    with pytest.raises(InvalidConfigException):
        _featuriser(tmp_path, **settings)


def test_a_featuriser_that_finds_nothing_to_learn_says_so(tmp_path: Path) -> None:
    with pytest.raises(RasaException, match="no n-gram"):
        _featuriser(tmp_path).train(TrainingData([]))


def _matrix(ngrams: Ngrams, document: Sequence[str]) -> sparse.csr_matrix:
    columns, values = ngrams.row(document)
    return SparseRow(columns, values, len(ngrams.columns), "featuriser").features


def test_weights_are_those_of_tf_idf() -> None:
    documents = [list("逾期了怎么办"), list("逾期逾期了"), list("怎么分期"), list("分期")]
    reference = TfidfVectorizer(analyzer=list, min_df=2, sublinear_tf=True)
    expected = reference.fit_transform(documents).toarray()

    ngrams = Ngrams.learn(documents, seen_at_least=2)

    assert list(ngrams.columns) == list(reference.get_feature_names_out())
    assert np.allclose(np.vstack([_matrix(ngrams, document).toarray() for document in documents]), expected, atol=1e-6)


def test_an_unknown_document_is_a_vector_of_zeros() -> None:
    ngrams = Ngrams.learn([["a"], ["a", "b"]], seen_at_least=1)

    assert _matrix(ngrams, ["c"]).nnz == 0
    assert _matrix(ngrams, []).shape == (1, 2)


def test_a_row_that_rasa_combines_with_another_holds_both() -> None:
    row = SparseRow(np.array([1]), np.array([0.5]), 3, "one")

    row.combine_with_features(SparseRow(np.array([0]), np.array([0.25]), 2, "other"))

    assert row.is_sparse()
    assert row.features.toarray().tolist() == [[0, 0.5, 0, 0.25, 0]]
    assert row.columns.tolist() == [1, 3]


def _dense_example(vector: List[float], intent: str = "") -> Message:
    message = Message({TEXT: "x", **({INTENT: intent} if intent else {})})
    message.add_features(Features(np.array([vector]), "sentence", TEXT, "an embedding"))
    return message


def _classifier(folder: Path) -> LinearIntentClassifier:
    config = LinearIntentClassifier.get_default_config()
    return LinearIntentClassifier.create(config, LocalModelStorage(folder), Resource("classifier"), _context())


def test_the_classifier_takes_dense_features_of_any_featuriser_and_survives_storage(tmp_path: Path) -> None:
    examples = [
        _dense_example([float(row == column) for column in range(3)], intent)
        for row, intent in enumerate("abc")
        for _ in range(4)
    ]
    trained = _classifier(tmp_path)
    trained.train(TrainingData(examples))
    loaded = LinearIntentClassifier.load(
        LinearIntentClassifier.get_default_config(), LocalModelStorage(tmp_path), Resource("classifier"), _context()
    )

    fresh, restored = _dense_example([0, 1, 0]), _dense_example([0, 1, 0])
    trained.process([fresh])
    loaded.process([restored])

    assert restored.get(INTENT)["name"] == "b"
    assert restored.get("intent_ranking") == fresh.get("intent_ranking")


def test_the_classifier_says_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(RasaException, match="three intents"):
        _classifier(tmp_path).train(TrainingData([_dense_example([1.0], "a"), _dense_example([0.0], "b")]))
    with pytest.raises(RasaException, match="not trained"):
        _classifier(tmp_path).process([_dense_example([1.0])])


def test_a_changed_word_list_makes_rasa_train_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "words.yml").write_text("a: b")
    monkeypatch.setattr(component, "_FOLDER", tmp_path)
    component._fingerprint_of_sources.cache_clear()
    before = NgramFeaturiser.fingerprint_addon({})
    (tmp_path / "words.yml").write_text("a: c")
    component._fingerprint_of_sources.cache_clear()

    assert NgramFeaturiser.fingerprint_addon({}) != before

    component._fingerprint_of_sources.cache_clear()
