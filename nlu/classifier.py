"""Which intent a message has, and how sure that is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import (
    FEATURE_TYPE_SENTENCE,
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.utils.tensorflow.constants import RANKING_LENGTH
from scipy import sparse
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from nlu.component import NluComponent
from nlu.featuriser import SparseRow

COST = "C"


@dataclass(frozen=True)
class Weights:
    """What was learnt: one column of `coefficients` (features × intents) and one `intercept` for each intent."""

    intents: List[str]
    coefficients: np.ndarray
    intercepts: np.ndarray

    def probabilities(self, messages: Sequence[Message]) -> np.ndarray:
        """Messages × intents, each row adding up to 1: each intent's own probability, divided by their sum."""
        scores = np.array([self._scores(message) for message in messages], dtype=np.float64)
        apart = expit(scores + self.intercepts)
        return np.asarray(apart / apart.sum(axis=1, keepdims=True))

    def _scores(self, message: Message) -> np.ndarray:
        # Gathering the few rows of a message's features; a product with the matrix would copy all of it each time.
        scores, start = np.zeros(len(self.intents), dtype=np.float32), 0
        for columns, values, width in _rows(message):
            own = self.coefficients[start : start + width]
            scores += values @ (own if columns is None else own[columns])
            start += width
        return scores


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(NluComponent, IntentClassifier):
    """Logistic regression, one intent against the rest, over all sentence features before it, sparse and dense.

    Settings: `C`: inverse strength of the L2 penalty; `ranking_length`: how many intents the result lists, 0 for all.
    """

    @classmethod
    def required_components(cls) -> List[Type[GraphComponent]]:
        """What must stand before it in the pipeline."""
        return [Featurizer]

    @staticmethod
    def required_packages() -> List[str]:
        """Packages whose version decides what it learns."""
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """A weak penalty, the ten likeliest intents."""
        return {COST: 20.0, RANKING_LENGTH: 10}

    def __init__(
        self, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource, weights: Optional[Weights] = None
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._weights = weights

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearIntentClassifier:
        """Make the component, untrained."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the training sentences that have an intent."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        intents = [example.get(INTENT) for example in examples]
        if len(set(intents)) < 3:
            raise RasaException(f"{type(self).__name__} needs training sentences of at least three intents.")
        # The dual, coarsely: a tenth of the primal's time, and better calibrated than what is learnt to the end.
        learner = LogisticRegression(C=self._config[COST], solver="liblinear", dual=True, tol=5.0, random_state=0)
        learner.fit(_feature_matrix(examples), intents)
        self._weights = Weights(
            intents=[str(intent) for intent in learner.classes_],
            coefficients=np.ascontiguousarray(learner.coef_.T, dtype=np.float32),
            intercepts=learner.intercept_.astype(np.float32),
        )
        self._persist(self._weights)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Add intent and ranking to each message."""
        if self._weights is None:
            raise RasaException(f"{type(self).__name__} is not trained.")
        if messages:
            probabilities = self._weights.probabilities(messages)
            for message, row in zip(messages, probabilities, strict=True):
                ranking = self._ranking(self._weights.intents, row)
                message.set(INTENT, ranking[0], add_to_output=True)
                message.set(INTENT_RANKING_KEY, ranking[: self._config[RANKING_LENGTH] or None], add_to_output=True)
        return messages

    @staticmethod
    def _ranking(intents: List[str], probabilities: np.ndarray) -> List[Dict[str, Any]]:
        order = np.argsort(-probabilities, kind="stable")
        return [
            {INTENT_NAME_KEY: intents[column], PREDICTED_CONFIDENCE_KEY: float(probabilities[column])}
            for column in order
        ]

    def _persist(self, weights: Weights) -> None:
        with self._model_storage.write_to(self._resource) as folder:
            (folder / "intents.json").write_text(json.dumps(weights.intents), encoding="utf-8")
            np.save(folder / "coefficients.npy", weights.coefficients, allow_pickle=False)
            np.save(folder / "intercepts.npy", weights.intercepts, allow_pickle=False)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LinearIntentClassifier:
        """Make the component as it was trained."""
        with model_storage.read_from(resource) as folder:
            weights = Weights(
                intents=json.loads((folder / "intents.json").read_text(encoding="utf-8")),
                coefficients=np.load(folder / "coefficients.npy", allow_pickle=False),
                intercepts=np.load(folder / "intercepts.npy", allow_pickle=False),
            )
        return cls(config, model_storage, resource, weights)


def _rows(message: Message) -> Iterator[Tuple[Optional[np.ndarray], np.ndarray, int]]:
    """Of each sentence feature, in the pipeline's order: columns (`None` for all), values, number of columns."""
    for features in message.features:
        if features.attribute != TEXT or features.type != FEATURE_TYPE_SENTENCE:
            continue
        if isinstance(features, SparseRow):
            yield features.columns, features.values, features.width
        elif features.is_sparse():
            row = features.features.tocsr()
            yield row.indices, row.data, row.shape[1]
        else:
            (values,) = features.features
            yield None, values, len(values)


def _feature_matrix(messages: Sequence[Message]) -> sparse.csr_matrix:
    """Messages × features: the sentence features of all featurisers side by side, in the pipeline's order."""
    columns: List[np.ndarray] = []
    values: List[np.ndarray] = []
    ends, width = [0], 0
    for message in messages:
        start, end = 0, ends[-1]
        for at, row, size in _rows(message):
            columns.append(start + (np.arange(size, dtype=np.int32) if at is None else at))
            values.append(row)
            start, end = start + size, end + len(row)
        width = max(width, start)
        ends.append(end)
    return sparse.csr_matrix((np.concatenate(values), np.concatenate(columns), ends), shape=(len(messages), width))
