"""What a sentence means as a whole, as one dense sentence feature beside its n-grams."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.component import NluComponent
from nlu.embedder import embedder
from nlu.folding import fold
from nlu.normaliser import NORMALISED, normalise

EMBEDDER, WEIGHT = "embedder", "weight"
_READABLE = re.compile(r"[0-9a-z\u3400-\u4dbf\u4e00-\u9fff]")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEmbedding(NluComponent, DenseFeaturizer):
    """The embedding of the folded text; zeros where it says nothing in either language, so nothing is guessed of it.

    Settings: `embedder`: the class of an `nlu.embedder.Embedder`; `weight`: the length of its vector; those of the
    n-grams have length 1.
    """

    @classmethod
    def required_components(cls) -> List[Type[GraphComponent]]:
        """What must stand before it in the pipeline."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """The embedder that ships with this project."""
        return {FEATURIZER_CLASS_ALIAS: None, EMBEDDER: "nlu.embedder.UniversalSentenceEncoder", WEIGHT: 1.5}

    @classmethod
    def validate_config(cls, config: Dict[str, Any]) -> None:
        """Raises: InvalidConfigException for a weight that makes no sense."""
        if config[WEIGHT] <= 0:
            raise InvalidConfigException(f"{cls.__name__}: `{WEIGHT}` is above 0, not {config[WEIGHT]!r}")

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """What Rasa's training cache compares on top: this package's sources, and which model embeds."""
        path = config.get(EMBEDDER, cls.get_default_config()[EMBEDDER])
        return f"{super().fingerprint_addon(config)} {embedder(path).identity}"

    def __init__(self, config: Dict[str, Any], name: str) -> None:
        super().__init__(name, config)
        self._embedder = embedder(config[EMBEDDER])

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEmbedding:
        """Make the component, its model loaded so that the first message finds it."""
        made = cls(config, execution_context.node_name)
        made.process([Message({TEXT: "预热"})])
        return made

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the feature to the training sentences."""
        self.process([example for example in training_data.training_examples if example.get(TEXT)])
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the feature to each message."""
        texts = [_said(message) for message in messages]
        if texts:
            for message, text, vector in zip(messages, texts, self._vectors(texts), strict=True):
                self.add_features_to_message(None, vector[np.newaxis] * bool(text), TEXT, message)
        return messages

    def _vectors(self, texts: List[str]) -> np.ndarray:
        vectors = self._embedder.encode(texts)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors * (self._config[WEIGHT] / np.maximum(lengths, np.finfo(np.float32).tiny)))


def _said(message: Message) -> str:
    """What the message says, numbers and all; "" if nothing in it is Chinese, Latin, a digit or an emoji for a word."""
    folded = fold(message.get(TEXT) or "")
    if _READABLE.search(folded):
        return folded
    normalised: str = (message.get(NORMALISED) or normalise(folded)).text
    return normalised if _READABLE.search(normalised) else ""
