"""Writing that means the same made to look the same, character for character: offsets stay those of the original."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Dict, Pattern, Tuple

import yaml
from opencc import OpenCC

_HOMOPHONES_FILE = Path(__file__).with_name("homophones.yml")
_SENTENCE_MARKS = frozenset("，。！？；：（）、…")


@lru_cache(maxsize=16)  # each component of the pipeline folds the message anew
def fold(text: str) -> str:
    """Lower case, half width, Simplified characters, the domain's usual misspellings put right.

    The result has the length of `text`, so a span found in the one is a span of the other. Chinese sentence marks stay:
    "100，500" is two numbers, "100,500" is one.
    """
    folded = "".join(_folded_character(character) for character in text)
    return _with_homophones_put_right(_simplified(folded))


def _folded_character(character: str) -> str:
    if character in _SENTENCE_MARKS:
        return character
    if "\ud800" <= character <= "\udfff":  # half of a character, as a browser may cut it: nothing can encode it
        return "\N{REPLACEMENT CHARACTER}"
    folded = unicodedata.normalize("NFKC", character).lower()
    return folded if len(folded) == 1 else character


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


def _simplified(text: str) -> str:
    simplified = str(_converter().convert(text))
    if len(simplified) == len(text):
        return simplified
    return "".join(_simplified_character(character) for character in text)


@lru_cache(maxsize=4096)
def _simplified_character(character: str) -> str:
    simplified = str(_converter().convert(character))
    return simplified if len(simplified) == 1 else character


@lru_cache(maxsize=1)
def _homophones() -> Tuple[Pattern[str], Dict[str, str]]:
    right_by_wrong: Dict[str, str] = yaml.safe_load(_HOMOPHONES_FILE.read_text(encoding="utf-8"))
    for wrong, right in right_by_wrong.items():
        if len(wrong) != len(right):
            raise ValueError(f"{_HOMOPHONES_FILE.name}: {wrong} and {right} differ in length")
    longest_first = sorted(right_by_wrong, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))), right_by_wrong


def _with_homophones_put_right(text: str) -> str:
    pattern, right_by_wrong = _homophones()
    return pattern.sub(lambda match: right_by_wrong[match.group()], text)
