"""What each step says, from `texts/*.yml`, checked when it is loaded; figures are the bank's, formatted here."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Iterable, Mapping, Optional, Tuple, Type

from pydantic import Field, validator
from pydantic.fields import ModelField

from bank.models import ContactChannel, RepaymentChannelKind
from common.checked_yaml import FileError, Section, load_checked
from outreach.plan import Plan

TEXTS = Path(__file__).with_name("texts")
_COMMON = "common.yml"
_LANGUAGES = ("zh", "en")
#: What may stand in braces; `outreach.facts` fills it in.
PLACEHOLDERS = frozenset(
    "name last4 amount minimum due_date days ways link promised promised_on instalment instalment_on".split()
)
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class TextsError(FileError):
    """The texts cannot be used. Each place is named as `file:line: key: what is wrong`."""


class Sentence(Section):
    """The same in both languages."""

    zh: str
    en: str

    @validator("zh", "en")
    def _knows_what_it_asks_for(cls, value: str) -> str:
        unknown = sorted(set(_PLACEHOLDER.findall(value)) - PLACEHOLDERS)
        if unknown:
            raise ValueError(f"unknown in braces: {', '.join(unknown)}")
        return value

    def in_(self, language: str) -> str:
        """In Chinese (`zh`) or English (anything else)."""
        return self.zh if language == "zh" else self.en

    @property
    def asks_for(self) -> Tuple[str, ...]:
        """The placeholders of both languages."""
        return tuple(sorted(set(_PLACEHOLDER.findall(self.zh + self.en))))


class Button(Section):
    """What may be tapped in the chat."""

    payload: str = Field(regex=r"^/[a-z_]+$")
    title: Sentence


class Text(Section):
    """One text: `text` for mail and calls, and for every way that has none of its own."""

    subject: Sentence
    text: Sentence
    chat: Optional[Sentence] = None
    sms: Optional[Sentence] = None
    buttons: Tuple[Button, ...] = ()
    asks_for_rating: bool = False  # the web chat shows stars under it

    def for_(self, channel: ContactChannel) -> Sentence:
        """What is said by this channel."""
        own = {ContactChannel.WEBCHAT: self.chat, ContactChannel.SMS: self.sms}.get(channel)
        return own or self.text


class Topic(Section):
    """One file of texts."""

    texts: Dict[str, Text]


class Common(Section):
    """What comes with every message."""

    endings: Dict[ContactChannel, Sentence]
    payment_ways: Dict[RepaymentChannelKind, Sentence]
    between_ways: Sentence
    before_last_way: Sentence
    stop_words: Tuple[str, ...]
    reply_taken: Sentence
    stopped: Sentence

    @validator("endings", "payment_ways")
    def _is_complete(cls, value: Dict[Any, Sentence], field: ModelField) -> Dict[Any, Sentence]:
        kind: Type[Enum] = ContactChannel if field.name == "endings" else RepaymentChannelKind
        missing = sorted(each.value for each in kind if each not in value)
        if missing:
            raise ValueError(f"lacks {', '.join(missing)}")
        return value


@dataclass(frozen=True)
class Rendered:
    """A message as it goes out."""

    text_id: str
    language: str
    subject: str
    text: str
    buttons: Tuple[Dict[str, str], ...]  # title and payload, for the chat
    values: Mapping[str, str]  # for gateways that hold the text themselves
    asks_for_rating: bool = False  # in the chat


class Texts:
    """All texts of a folder."""

    def __init__(self, common: Common, texts: Mapping[str, Text]) -> None:
        self.common = common
        self._texts = texts

    def render(self, name: str, channel: ContactChannel, language: str, values: Mapping[str, str]) -> Rendered:
        """The text `name` for a channel. Raises `KeyError` for a text or a value that is not there."""
        text = self._texts[name]
        sentence = text.for_(channel)
        parts = [_filled(sentence.in_(language), values), self.common.endings[channel].in_(language)]
        separator = "\n\n" if channel is ContactChannel.EMAIL else " "
        return Rendered(
            f"{name}.{language}",
            language,
            _filled(text.subject.in_(language), values),
            separator.join(part for part in parts if part),
            tuple({"title": each.title.in_(language), "payload": each.payload} for each in text.buttons),
            {asked: values[asked] for asked in sentence.asks_for},
            text.asks_for_rating,
        )

    def ways(self, kinds: Iterable[RepaymentChannelKind], language: str) -> str:
        """The ways to pay, as a list in a sentence."""
        *first, last = [self.common.payment_ways[kind].in_(language) for kind in kinds] or [""]
        listed = self.common.between_ways.in_(language).join(first)
        return self.common.before_last_way.in_(language).join(part for part in (listed, last) if part)

    def asks_to_stop(self, reply: str) -> bool:
        """Whether the whole reply is one of the words that ask us to stop."""
        return _plain(reply) in {_plain(word) for word in self.common.stop_words}

    def check_values(self, text_id: str, channel: ContactChannel, names: Iterable[str]) -> None:
        """Raises `TextsError` unless `text_id` (as `due_soon.zh`) is a text with all these values by the channel."""
        name, _, language = text_id.rpartition(".")
        text = self._texts.get(name)
        if text is None or language not in _LANGUAGES:
            raise TextsError(f"there is no text {text_id}")
        missing = sorted(set(names) - set(text.for_(channel).asks_for))
        if missing:
            raise TextsError(f"the text {text_id} does not have {', '.join(missing)}")

    def check(self, plan: Plan) -> None:
        """Raises `TextsError` if the plan names a text that is not there."""
        missing = sorted({step.text for step in plan.steps} - set(self._texts))
        if missing:
            raise TextsError(f"the plan names texts that are not there: {', '.join(missing)}")


def load_texts(folder: Path = TEXTS) -> Texts:
    """The texts in `folder`. Raises `TextsError` that names every line and key that is wrong."""
    found: Dict[str, Text] = {}
    for path in sorted(folder.glob("*.yml")):
        if path.name == _COMMON:
            continue
        for name, text in load_checked(path, Topic, TextsError).texts.items():
            if name in found:
                raise TextsError(f"{path}:1: texts.{name}: another file has it, too")
            found[name] = text
    return Texts(load_checked(folder / _COMMON, Common, TextsError), found)


@lru_cache(maxsize=None)
def texts_from(folder: Path = TEXTS) -> Texts:
    """`load_texts`, once for each folder."""
    return load_texts(folder)


def _plain(words: str) -> str:
    """Without capitals, blanks and punctuation; full-width letters as ordinary ones."""
    return "".join(each for each in unicodedata.normalize("NFKC", words).casefold() if each.isalnum())


def _filled(sentence: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: values[match.group(1)], sentence)
