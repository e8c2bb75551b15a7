"""Units of mixed Chinese and English writing: a Chinese character, an English word, a number, a mark.

Chinese is not cut into words: a dictionary's words (jieba) made the classifier no better on held-out sentences than the
n-grams of characters did, slightly worse in fact, and cost a second of start and 100 MB.
"""

from __future__ import annotations

import re
from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.component import NluComponent
from nlu.normaliser import NORMALISED, normalise

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_UNIT = re.compile(rf"[{_HAN}]|[^\W\d_{_HAN}]+(?:'[a-z]+)?|\d+|[^\w\s]|_")


class Unit(Token):
    """A token that tells quickly what it is: Rasa asks each for it many times over while it trains."""

    def fingerprint(self) -> str:
        """What the training cache compares."""
        return f"{self.start} {self.end} {self.text}"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class MixedTokeniser(NluComponent, Tokenizer):
    """Tokens of the normalised text; `start` and `end` of each point into what the customer wrote."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Rasa's settings for splitting intent names, which this assistant does not use."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_"}

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MixedTokeniser:
        """Make the component."""
        return cls(config)

    def tokenize(self, message: Message, attribute: str) -> List[Token]:
        """Split the text of `attribute`; that of the customer is taken as the normaliser left it."""
        normalised = message.get(NORMALISED) if attribute == TEXT else None
        if normalised is None:
            normalised = normalise(message.get(attribute))
        return [Unit(unit.group(), *normalised.original_span(*unit.span())) for unit in _UNIT.finditer(normalised.text)]
