"""n-grams of characters or of tokens, weighted by how telling they are, as one sentence feature."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS, TOKENS_NAMES
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.exceptions import InvalidConfigException, RasaException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy import sparse

from nlu.component import NluComponent
from nlu.normaliser import NORMALISED

UNIT, SHORTEST, LONGEST, SEEN_AT_LEAST = "unit", "min_ngram", "max_ngram", "min_df"
CHARACTER, TOKEN = "character", "token"


@dataclass(frozen=True)
class Ngrams:
    """The n-grams that were learnt and their inverse document frequencies."""

    columns: Dict[str, int]
    weights: np.ndarray

    @classmethod
    def learn(cls, documents: Sequence[Sequence[str]], seen_at_least: int) -> Ngrams:
        """From the n-grams of each sentence; those in fewer than `seen_at_least` sentences are left out."""
        frequencies = Counter(ngram for document in documents for ngram in set(document))
        kept = sorted(ngram for ngram, frequency in frequencies.items() if frequency >= seen_at_least)
        seen = np.array([frequencies[ngram] for ngram in kept])
        weights = np.log((1 + len(documents)) / (1 + seen)) + 1
        return cls({ngram: column for column, ngram in enumerate(kept)}, weights.astype(np.float32))

    def row(self, document: Sequence[str]) -> Tuple[np.ndarray, np.ndarray]:
        """Columns, rising, and values: (1 + ln count) × weight, of unit length; both empty if no n-gram is known."""
        known = [column for column in map(self.columns.get, document) if column is not None]
        columns, counts = np.unique(np.array(known, dtype=np.int32), return_counts=True)
        values = (1 + np.log(counts)).astype(np.float32) * self.weights[columns]
        if len(values):
            values /= np.linalg.norm(values)
        return columns, values


class SparseRow(Features):
    """One row of a sparse feature, which becomes a matrix only for who asks for `features`.

    To make a matrix of each message's row costs more than all the rest of understanding it, without the embedding. And
    Rasa writes every number of a matrix out as text, for its training cache; the row tells quickly what it is.
    """

    def __init__(self, columns: np.ndarray, values: np.ndarray, width: int, origin: str) -> None:
        self.columns = columns
        self.values = values
        self.width = width
        super().__init__(None, FEATURE_TYPE_SENTENCE, TEXT, origin)

    @property
    def features(self) -> sparse.csr_matrix:
        """The row as a matrix of 1 × `width`."""
        ends = [0, len(self.values)]
        return sparse.csr_matrix((self.values, self.columns, ends), shape=(1, self.width), dtype=np.float32)

    @features.setter
    def features(self, matrix: Optional[sparse.spmatrix]) -> None:
        """Take over the row of `matrix`, as when Rasa combines two features; nothing if it is `None`."""
        if matrix is not None:
            row = matrix.tocsr()
            self.columns, self.values, self.width = row.indices, row.data, row.shape[1]

    def is_sparse(self) -> bool:
        """Always."""
        return True

    def fingerprint(self) -> str:
        """What the training cache compares."""
        content = hashlib.sha256(self.columns.tobytes() + self.values.tobytes())
        return f"{self.origin} {self.width} {content.hexdigest()}"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class NgramFeaturiser(NluComponent, SparseFeaturizer):
    """tf-idf (sublinear, unit length) over n-grams of characters of the normalised text, or of tokens.

    Settings: `unit` "character" or "token"; `min_ngram`, `max_ngram`: lengths in units; `min_df`: the number of
    training sentences that an n-gram must stand in. Unlike those of Rasa's CountVectorsFeaturizer the n-grams of
    characters run across Chinese words, whose borders a tokeniser only guesses.
    """

    @classmethod
    def required_components(cls) -> List[Type[GraphComponent]]:
        """What must stand before it in the pipeline."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Single to four characters, seen at least twice."""
        return {FEATURIZER_CLASS_ALIAS: None, UNIT: CHARACTER, SHORTEST: 1, LONGEST: 4, SEEN_AT_LEAST: 2}

    @classmethod
    def validate_config(cls, config: Dict[str, Any]) -> None:
        """Raises: InvalidConfigException for a unit or lengths that make no sense."""
        if config[UNIT] not in (CHARACTER, TOKEN):
            raise InvalidConfigException(f"{cls.__name__}: `{UNIT}` is {CHARACTER} or {TOKEN}, not {config[UNIT]!r}")
        if not 1 <= config[SHORTEST] <= config[LONGEST]:
            raise InvalidConfigException(f"{cls.__name__}: 1 ≤ `{SHORTEST}` ≤ `{LONGEST}` does not hold")

    def __init__(
        self,
        config: Dict[str, Any],
        name: str,
        model_storage: ModelStorage,
        resource: Resource,
        ngrams: Optional[Ngrams] = None,
    ) -> None:
        super().__init__(name, config)
        self._model_storage = model_storage
        self._resource = resource
        self._ngrams = ngrams

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NgramFeaturiser:
        """Make the component, untrained."""
        return cls(config, execution_context.node_name, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the n-grams and their weights from the training sentences."""
        documents = [self._ngrams_of(example) for example in training_data.training_examples if example.get(TEXT)]
        self._ngrams = Ngrams.learn(documents, self._config[SEEN_AT_LEAST])
        if not self._ngrams.columns:
            raise RasaException(f"{type(self).__name__}: no n-gram stands in {self._config[SEEN_AT_LEAST]} sentences.")
        self._persist(self._ngrams)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the feature to the training sentences."""
        self.process([example for example in training_data.training_examples if example.get(TEXT)])
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the feature to each message."""
        if self._ngrams is None:
            raise RasaException(f"{type(self).__name__} is not trained.")
        for message in messages:
            columns, values = self._ngrams.row(self._ngrams_of(message))
            message.add_features(SparseRow(columns, values, len(self._ngrams.columns), self._identifier))
        return messages

    def _ngrams_of(self, message: Message) -> List[str]:
        shortest, longest = self._config[SHORTEST], self._config[LONGEST]
        if self._config[UNIT] == TOKEN:
            tokens = [token.text for token in message.get(TOKENS_NAMES[TEXT], [])]
            return [" ".join(tokens[start:end]) for start, end in _spans(len(tokens), shortest, longest)]
        text = message.get(NORMALISED).text
        return [text[start:end] for start, end in _spans(len(text), shortest, longest)]

    def _persist(self, ngrams: Ngrams) -> None:
        with self._model_storage.write_to(self._resource) as folder:
            in_order = json.dumps(list(ngrams.columns), ensure_ascii=False)
            (folder / "ngrams.json").write_text(in_order, encoding="utf-8")
            np.save(folder / "weights.npy", ngrams.weights, allow_pickle=False)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> NgramFeaturiser:
        """Make the component as it was trained."""
        with model_storage.read_from(resource) as folder:
            in_order = json.loads((folder / "ngrams.json").read_text(encoding="utf-8"))
            weights = np.load(folder / "weights.npy", allow_pickle=False)
        ngrams = Ngrams({ngram: column for column, ngram in enumerate(in_order)}, weights)
        return cls(config, execution_context.node_name, model_storage, resource, ngrams)


def _spans(length: int, shortest: int, longest: int) -> Iterator[Tuple[int, int]]:
    return ((start, start + size) for size in range(shortest, longest + 1) for start in range(length - size + 1))
