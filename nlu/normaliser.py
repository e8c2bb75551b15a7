"""Writing made regular for the features, while every character still knows where it stood in the message."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, List, Pattern, Sequence, Tuple

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.component import NluComponent
from nlu.folding import fold

NORMALISED = "normalised"

_MARKS = str.maketrans("，。！？；：（）、…～“”‘’【】", ",.!?;:(),.~\"\"''[]")
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
_NUMERAL = "零一二两三四五六七八九十百千"

# In this order. Every number becomes 0: which number it is, the entities tell.
_STEPS: Tuple[Tuple[Pattern[str], str], ...] = (
    (re.compile(r"\*{2,}"), "0"),  # masks stand for digits
    (re.compile(r"\d+(?:[,.]\d+)*"), "0"),
    (re.compile(rf"(?<![{_NUMERAL}])[{_NUMERAL}]+(?=个月|个星期|期|号|日|块|元|万|天|周)"), "0"),
    (re.compile(r"([!?,.;:~\"')(\-_=#*&])\s*(?:\1\s*)+"), r"\1"),
    (re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]"), ""),  # an emoji's colour and skin
    (re.compile(r"([\u2600-\u27bf\U0001f300-\U0001faff])\s*(?:\1\s*)+"), r"\1"),
    (re.compile(r"([^\W\d_])\1{2,}"), r"\1\1"),
    (re.compile(rf"(?<=[{_HAN}0])\s+(?=[{_HAN}0])"), ""),
    (re.compile(r"\s+"), " "),
)


# Sent alone, for the word it stands for. Within a sentence the words tell.
_EMOJI_ALONE = {"👍": "ok", "👌": "ok", "✅": "ok", "🙏": "谢谢", "👋": "hi", "👎": "no"}


@dataclass(frozen=True)
class Normalised:
    """A normalised text; its character `i` stands for the original's characters `starts[i]` to `ends[i]`."""

    text: str
    starts: Tuple[int, ...]
    ends: Tuple[int, ...]

    def original_span(self, start: int, end: int) -> Tuple[int, int]:
        """Where the non-empty span `start` to `end` of the normalised text stands in the original."""
        return self.starts[start], self.ends[end - 1]

    def fingerprint(self) -> str:
        """What Rasa's training cache compares: the spans follow from the text that the message holds beside."""
        return self.text


def normalise(text: str) -> Normalised:
    """Fold `text` (`nlu.folding`), then: numbers and masks to 0, one mark for many, one space at most."""
    folded = fold(text).translate(_MARKS)
    positions = range(len(folded))
    normalised = Normalised(folded, tuple(positions), tuple(position + 1 for position in positions))
    for pattern, replacement in _STEPS:
        normalised = _replaced(normalised, pattern, replacement)
    normalised = _stripped(normalised)
    word = _EMOJI_ALONE.get(normalised.text)
    return Normalised(word, normalised.starts * len(word), normalised.ends * len(word)) if word else normalised


def _replaced(normalised: Normalised, pattern: Pattern[str], replacement: str) -> Normalised:
    pieces: List[str] = []
    starts: List[int] = []
    ends: List[int] = []
    done = 0

    def keep(until: int) -> None:
        pieces.append(normalised.text[done:until])
        starts.extend(normalised.starts[done:until])
        ends.extend(normalised.ends[done:until])

    for match in pattern.finditer(normalised.text):
        keep(match.start())
        done = match.end()
        new = match.expand(replacement)
        pieces.append(new)
        start, end = normalised.original_span(*match.span())
        starts.extend([start] * len(new))
        ends.extend([end] * len(new))
    if not done:
        return normalised
    keep(len(normalised.text))
    return Normalised("".join(pieces), tuple(starts), tuple(ends))


def _stripped(normalised: Normalised) -> Normalised:
    kept = [position for position, character in enumerate(normalised.text) if not character.isspace()]
    if not kept:
        return Normalised("", (), ())
    within = slice(kept[0], kept[-1] + 1)
    return Normalised(normalised.text[within], normalised.starts[within], normalised.ends[within])


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class Normaliser(NluComponent):
    """Sets `normalised` on each message, for the tokeniser; the message's text stays as the customer wrote it."""

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Normaliser:
        """Make the component, with its tables loaded so that the first message finds them."""
        normalise("預熱")
        return cls()

    def process(self, messages: Sequence[Message]) -> List[Message]:
        """Normalise each message."""
        for message in messages:
            message.set(NORMALISED, normalise(message.get(TEXT) or ""))
        return list(messages)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Normalise the training sentences."""
        self.process([example for example in training_data.training_examples if example.get(TEXT)])
        return training_data
