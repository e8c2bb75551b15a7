"""A pipeline trained on many parts of the same sentences, its components called one by one.

What a component learns and says is what it learns and says in Rasa's graph. The graph itself hashes every message after
each component, for its cache, which takes longer than the learning; here what depends on no training (normalising,
tokens, embeddings) is done once for all parts.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Dict, Iterator, List, Sequence, Tuple

from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import class_from_module_path

from benchmarks.evaluate import Reading, Sentence

Types = DefaultV1Recipe.ComponentType


class Bench:
    """The pipeline of `config` and all `sentences`, ready to learn from some and to read others."""

    def __init__(self, config: Dict[str, Any], sentences: Sequence[Sentence]) -> None:
        registered = [(_registered(entry["name"]), entry) for entry in config["pipeline"]]
        makers = {Types.MESSAGE_FEATURIZER, Types.MESSAGE_TOKENIZER}
        self.intents = [sentence.intent for sentence in sentences]
        self._messages = [Message({TEXT: sentence.text, INTENT: sentence.intent}) for sentence in sentences]
        self._learning: List[Tuple[Any, Dict[str, Any]]] = []
        self._judging: List[Tuple[Any, Dict[str, Any]]] = []
        with tempfile.TemporaryDirectory() as folder:
            for number, (component, entry) in enumerate(registered):
                if component.is_trainable:
                    self._learning.append((component.clazz, entry))
                elif makers & set(component.types):
                    _made(component.clazz, entry, Path(folder), number).process(self._messages)
                elif Types.INTENT_CLASSIFIER in component.types:
                    self._judging.append((component.clazz, entry))

    def readings(self, training: Sequence[int], test: Sequence[int]) -> List[Reading]:
        """What the pipeline makes of the sentences in rows `test` when it learnt from those in rows `training`."""
        learnt, tested = self._fresh(training), self._fresh(test)
        for message in tested:
            message.data.pop(INTENT)
        data = TrainingData()
        data.training_examples = learnt
        with tempfile.TemporaryDirectory() as folder:
            for number, (clazz, entry) in enumerate(self._learning):
                component = _made(clazz, entry, Path(folder), number)
                component.train(data)
                if hasattr(component, "process_training_data"):
                    component.process_training_data(data)
                component.process(tested)
            for number, (clazz, entry) in enumerate(self._judging, start=len(self._learning)):
                _made(clazz, entry, Path(folder), number).process(tested)
        return [_reading(message) for message in tested]

    def _fresh(self, rows: Sequence[int]) -> List[Message]:
        originals = (self._messages[row] for row in rows)
        return [Message(dict(original.data), features=list(original.features)) for original in originals]


def _registered(name: str) -> Any:
    if "." in name:
        name = class_from_module_path(name).__name__
    return DefaultV1Recipe._from_registry(name)


def _made(clazz: Any, entry: Dict[str, Any], folder: Path, number: int) -> Any:
    config = {**clazz.get_default_config(), **{key: value for key, value in entry.items() if key != "name"}}
    name = f"{clazz.__name__}{number}"
    context = ExecutionContext(GraphSchema({}), node_name=name)
    return clazz.create(config, LocalModelStorage(folder), Resource(name), context)


def _reading(message: Message) -> Reading:
    real = list(_likeliest(message))
    asks_back = message.get(INTENT)[INTENT_NAME_KEY] == DEFAULT_NLU_FALLBACK_INTENT_NAME
    return Reading(*real[0], runner_up=real[1][0], asks_back=asks_back)


def _likeliest(message: Message) -> Iterator[Tuple[str, float]]:
    for entry in message.get(INTENT_RANKING_KEY):
        if entry[INTENT_NAME_KEY] != DEFAULT_NLU_FALLBACK_INTENT_NAME:
            yield entry[INTENT_NAME_KEY], entry[PREDICTED_CONFIDENCE_KEY]
