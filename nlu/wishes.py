"""Two wishes in one message: the second is remembered, so that it can be offered once the first is dealt with.

`Clauses` stands first in the pipeline and adds the parts of such a message as messages of their own, so that all that
follows reads them, too; `SecondWish` stands last and takes them out again. A message is cut only at its sentences' ends
and where a word says that something else follows, as a comma says nothing.
"""

from __future__ import annotations

import re
from typing import Any, Dict, List, Tuple

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    EXTRACTOR,
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message

from nlu.care import FALLBACK
from nlu.component import NluComponent

SECOND_WISH = "second_wish"
_WHOLE = "whole"  # the message that a part was cut from
_START = "start"
_PLAIN = "plain_parts"

_SENTENCE_ENDS = re.compile(r"[。！？!?；;\n]+|\.(?=\s)")
_SOMETHING_ELSE = re.compile(
    r"(?:另外|还有(?:就是|一个|个)?|顺便|再就是|再一个|其次|与此同时)"
    r"|\b(?:also|besides|by the way|another thing|one more thing|plus|secondly|as well as)\b",
    re.IGNORECASE,
)
_LETTERS_AT_LEAST = 3  # of a part: less holds no wish
_PARTS_AT_MOST = 4
_LONGEST = 300  # characters of a message that is cut: a long story has its wish wherever the whole of it points


def clauses(text: str) -> List[Tuple[int, str]]:
    """The parts of a message and where each starts; empty if it does not fall into two to four."""
    if text.startswith(INTENT_MESSAGE_PREFIX) or len(text) > _LONGEST:
        return []
    cuts = {0, len(text)}
    cuts.update(match.end() for match in _SENTENCE_ENDS.finditer(text))
    cuts.update(match.start() for match in _SOMETHING_ELSE.finditer(text))
    places = sorted(cuts)
    parts = [(start, text[start:end].strip()) for start, end in zip(places, places[1:], strict=False)]
    worth = [(start, part) for start, part in parts if sum(map(str.isalnum, part)) >= _LETTERS_AT_LEAST]
    return worth if 2 <= len(worth) <= _PARTS_AT_MOST else []


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class Clauses(NluComponent):
    """Adds the parts of a message that may hold two wishes."""

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Clauses:
        """Called by Rasa."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """The messages, then their parts."""
        parts = [
            Message(data={TEXT: part, _WHOLE: message, _START: start})
            for message in messages
            for start, part in clauses(message.get(TEXT) or "")
        ]
        return [*messages, *parts]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class SecondWish(NluComponent):
    """Notes what else a message wants as the entity `second_wish`, whose value is the intent, and drops the parts.

    Both wishes must be plain: each part's confidence reaches `threshold`, and the whole message was taken for one of
    them, or was not understood. Then the message is taken for the first, as the customer put it first.
    """

    def __init__(self, wishes: List[str], threshold: float) -> None:
        self._wishes = frozenset(wishes)
        self._threshold = threshold

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """`wishes`: the intents that can be remembered; `threshold`: how sure both must be, from 0 to 1."""
        return {"wishes": [], "threshold": 0.8}

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SecondWish:
        """Called by Rasa."""
        return cls(config["wishes"], config["threshold"])

    def process(self, messages: List[Message]) -> List[Message]:
        """The messages without their parts."""
        for part in messages:
            whole = part.get(_WHOLE)
            if whole is not None and self._is_plain(part):
                whole.set(_PLAIN, [*(whole.get(_PLAIN) or []), part])
        kept = [message for message in messages if message.get(_WHOLE) is None]
        for message in kept:
            self._note(message, message.get(_PLAIN) or [])
        return kept

    def _is_plain(self, part: Message) -> bool:
        intent = part.get(INTENT) or {}
        return intent.get(INTENT_NAME_KEY) in self._wishes and intent[PREDICTED_CONFIDENCE_KEY] >= self._threshold

    @staticmethod
    def _note(message: Message, parts: List[Message]) -> None:
        by_name: Dict[str, Message] = {}
        for part in parts:
            by_name.setdefault(_name(part), part)
        if len(by_name) < 2 or _name(message) not in (*by_name, FALLBACK):
            return
        first, second = list(by_name.values())[:2]
        for key in (INTENT, INTENT_RANKING_KEY):
            message.set(key, first.get(key), add_to_output=True)
        message.set(ENTITIES, [*message.get(ENTITIES, []), _entity(second)], add_to_output=True)


def _name(message: Message) -> str:
    return str((message.get(INTENT) or {}).get(INTENT_NAME_KEY) or "")


def _entity(part: Message) -> Dict[str, Any]:
    return {
        ENTITY_ATTRIBUTE_TYPE: SECOND_WISH,
        ENTITY_ATTRIBUTE_VALUE: _name(part),
        ENTITY_ATTRIBUTE_START: part.get(_START),
        ENTITY_ATTRIBUTE_END: part.get(_START) + len(part.get(TEXT)),
        EXTRACTOR: SecondWish.__name__,
    }
