"""Signs that a customer is in distress or danger, read beside what the classifier has learnt.

A classifier may miss a rare wording, and missing this one must not happen; so wordings that compliance wrote down
(`data/responses/care.yml`) decide beside it. Jokes with the same words are told apart in the same file.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Dict, Iterable, List, Optional, Pattern, Sequence, Tuple

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
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

from common.care import ANGER_ENTITY, CARE_ENTITY, CARE_INTENT, care_kinds, insults, not_signs
from nlu.component import NluComponent
from nlu.folding import fold

FALLBACK = "nlu_fallback"

_GROUP = re.compile(r"\(([^()]*)\)|(…)|([^()…]+)")
_ENGLISH_PART = re.compile(r"\([^()]*\)|[^\s()]+")
_ENGLISH_TOKEN = re.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)*|[.!?;。！？；\n]")
_SPACES = re.compile(r"\s+")
_CHINESE_GAP = "[^。！？!?\n]{0,8}"
_ENGLISH_GAP = "(?:[^ .]+ ){0,4}"
_CHINESE_STOP, _ENGLISH_STOP = "。", ". "


def care_kind_of(text: str) -> Optional[str]:
    """The kind of care that the message asks for, by its wording: a name of `care_kinds`, or `None`."""
    chinese, english = _readable(text)
    for kind, zh, en in _patterns():
        if zh.search(chinese) or en.search(english):
            return kind
    return None


def holds_joke(text: str) -> bool:
    """Whether the message holds a set phrase that only sounds like a sign."""
    chinese, english = _forms(text)
    zh, en = _jokes()
    return bool(zh.search(chinese) or en.search(english))


def is_insult(text: str) -> bool:
    """Whether the message holds an insult."""
    chinese, english = _forms(text)
    zh, en = _insults()
    return bool(zh.search(chinese) or en.search(english))


def _readable(text: str) -> Tuple[str, str]:
    """The message as Chinese and as English patterns read it, without the phrases that are no signs."""
    chinese, english = _forms(text)
    zh, en = _jokes()
    return zh.sub(_CHINESE_STOP, chinese), en.sub(_ENGLISH_STOP, english)


def _forms(text: str) -> Tuple[str, str]:
    """Without spaces; and as words with one space after each, a full stop for every end of a sentence."""
    folded = fold(text).replace("’", "'").replace("‘", "'")
    words = (word if word[0].isalnum() else "." for word in _ENGLISH_TOKEN.findall(folded))
    return _SPACES.sub("", folded), "".join(f"{word} " for word in words)


@lru_cache(maxsize=1)
def _patterns() -> List[Tuple[str, Pattern[str], Pattern[str]]]:
    return [(kind.name, _chinese(kind.signs["zh"]), _english(kind.signs["en"])) for kind in care_kinds().values()]


@lru_cache(maxsize=1)
def _jokes() -> Tuple[Pattern[str], Pattern[str]]:
    return _chinese(not_signs()["zh"]), _english(not_signs()["en"])


@lru_cache(maxsize=1)
def _insults() -> Tuple[Pattern[str], Pattern[str]]:
    return _chinese(insults()["zh"]), _english(insults()["en"])


def _chinese(signs: Iterable[str]) -> Pattern[str]:
    return re.compile("|".join(map(_chinese_sign, signs)))


def _chinese_sign(sign: str) -> str:
    parts = []
    for group, gap, literal in _GROUP.findall(sign):
        parts.append(_CHINESE_GAP if gap else re.escape(literal) if literal else _one_of(group.split("|"), re.escape))
    return "".join(parts)


def _english(signs: Iterable[str]) -> Pattern[str]:
    return re.compile("|".join(rf"(?<![^ ]){_english_sign(sign)}" for sign in signs))


def _english_sign(sign: str) -> str:
    parts = []
    for part in _ENGLISH_PART.findall(sign):
        parts.append(_one_of(part[1:-1].split("|"), _english_words) if part.startswith("(") else _english_words(part))
    return "".join(parts)


def _english_words(phrase: str) -> str:
    return "".join(_ENGLISH_GAP if word == "…" else f"{re.escape(word)} " for word in phrase.split())


def _one_of(alternatives: Sequence[str], pattern: Any) -> str:
    return f"(?:{'|'.join(pattern(each) for each in alternatives)})"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class CareSigns(NluComponent, IntentClassifier):
    """After the classifier: adds the entity `care` with the kind, or `anger`, whatever intent the message has.

    Which intent a sentence has stays the classifier's: "my mother has cancer and I cannot pay" reports a hardship, and
    care comes first all the same (`demands` in config.yml). Only a message in which the classifier saw distress, and
    which holds a joke and no sign, is not understood.
    """

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CareSigns:
        """Make the component, its patterns compiled."""
        care_kind_of("warm up 预热")
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Look for signs in each message."""
        for message in messages:
            text = message.get(TEXT) or ""
            kind = care_kind_of(text)
            if kind:
                _add(message, _entity(CARE_ENTITY, kind, text))
            elif is_insult(text):
                _add(message, _entity(ANGER_ENTITY, "insult", text))
            if not kind and _intent(message) == CARE_INTENT and holds_joke(text):
                _not_understood(message)
        return messages


def _intent(message: Message) -> Optional[str]:
    return (message.get(INTENT) or {}).get(INTENT_NAME_KEY)


def _add(message: Message, entity: Dict[str, Any]) -> None:
    message.set(ENTITIES, [*message.get(ENTITIES, []), entity], add_to_output=True)


def _not_understood(message: Message) -> None:
    """Make it so; the other intents keep their order and their confidence."""
    chosen = {INTENT_NAME_KEY: FALLBACK, PREDICTED_CONFIDENCE_KEY: 1.0}
    ranking = message.get(INTENT_RANKING_KEY) or []
    others = [each for each in ranking if each[INTENT_NAME_KEY] not in (FALLBACK, CARE_INTENT)]
    message.set(INTENT, chosen, add_to_output=True)
    message.set(INTENT_RANKING_KEY, [chosen, *others], add_to_output=True)


def _entity(name: str, value: str, text: str) -> Dict[str, Any]:
    return {
        ENTITY_ATTRIBUTE_TYPE: name,
        ENTITY_ATTRIBUTE_VALUE: value,
        ENTITY_ATTRIBUTE_START: 0,
        ENTITY_ATTRIBUTE_END: len(text),
        EXTRACTOR: CareSigns.__name__,
    }
