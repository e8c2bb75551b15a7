"""What no sentence for customers may do: stand in one language only, frighten, promise, state a figure, run on.

    python -m benchmarks.check_responses [--wording FILE] [FILE…]

FILEs are Rasa domain files, by default `domain.yml` and `data/responses/*.yml`; the words and lengths stand in
`data/wording.yml`, for compliance to read. Each finding is printed as `file:line: response: what is wrong`; with
findings the exit code is 1.
"""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Callable, Iterator, List, Mapping, NamedTuple, Optional, Pattern, Sequence, Tuple

import yaml

ROOT = Path(__file__).resolve().parents[1]
WORDING = ROOT / "data" / "wording.yml"
LANGUAGES = ["zh", "en"]

#: Keys whose text is not for the customer's eyes.
_HIDDEN = frozenset("condition payload action after each when align expects url content_type".split())
#: Keys whose text both languages share, as it steers and is not read.
_STEERING = frozenset("payload after each when action expects align".split())
_PLACEHOLDER = re.compile(r"{[a-z_][a-z0-9_]*}")
_HAN = re.compile(r"[\u3400-\u9fff]")
_SENTENCE_END = {"zh": re.compile(r"[。！？；!?\n]"), "en": re.compile(r"(?<=[.!?;])\s|\n")}
_DIGIT = re.compile(r"\d|[¥%]|[一二三四五六七八九十百千万]+元|百分之")


class Piece(NamedTuple):
    """One text that customers read."""

    key: str  # "text", "title", "label", …
    text: str
    language: str

    @property
    def plain(self) -> str:
        """The text without its placeholders."""
        return _PLACEHOLDER.sub(" ", self.text)


@dataclass(frozen=True)
class Response:
    """A response of the domain and where it stands."""

    name: str
    variations: List[Mapping[str, Any]]
    where: str  # file:line

    @cached_property
    def languages(self) -> List[Optional[str]]:
        """The language that each variation is for, in the order of the file; `None` if it is for no one language."""
        return [_language(variation) for variation in self.variations]

    @cached_property
    def pieces(self) -> List[Piece]:
        """All texts that customers read."""
        return [
            Piece(key, text, language)
            for language, variation in zip(self.languages, self.variations, strict=True)
            if language
            for key, text in _texts(variation)
        ]


@dataclass(frozen=True)
class Ban:
    """Words that are not said, and why."""

    words: Pattern[str]
    why: str
    exempt: Sequence[str] = ()  # names of responses


@dataclass(frozen=True)
class Wording:
    """`data/wording.yml`."""

    bans: List[Ban]
    figures: List[Pattern[str]]
    lengths: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path = WORDING) -> "Wording":
        """Raises `KeyError` if a part is missing."""
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        bans = [Ban(_any_of(each["words"]), each["why"], each.get("except") or ()) for each in content["forbidden"]]
        jargon = [Ban(_any_of(each["words"]), f"Jargon: say {each['say']}") for each in content["jargon"]]
        figures = [re.compile(each["pattern"], re.IGNORECASE) for each in content["figures"]]
        return cls([*bans, *jargon], figures, content["lengths"])


def _any_of(words: Sequence[str]) -> Pattern[str]:
    return re.compile("|".join(map(_word, words)), re.IGNORECASE)


def _word(word: str) -> str:
    if _HAN.search(word):
        return re.escape(word)
    ending = r"\w*" if word.endswith("*") else ""
    return rf"(?<![a-z0-9]){re.escape(word.rstrip('*'))}{ending}(?![a-z0-9])"


def read_responses(paths: Sequence[Path]) -> List[Response]:
    """All responses of these domain files."""
    found = []
    for path in paths:
        source = path.read_text(encoding="utf-8")
        shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
        for name, variations in (yaml.safe_load(source).get("responses") or {}).items():
            line = source[: source.index(f"\n  {name}:") + 1].count("\n") + 1 if f"\n  {name}:" in source else 1
            found.append(Response(name, variations or [], f"{shown}:{line}"))
    return found


def _language(variation: Mapping[str, Any]) -> Optional[str]:
    conditions = variation.get("condition") or []
    if len(conditions) != 1 or (conditions[0].get("type"), conditions[0].get("name")) != ("slot", "language"):
        return None
    return str(conditions[0].get("value"))


def _texts(value: Any, key: str = "") -> Iterator[Tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for inner, part in value.items():
            if inner not in _HIDDEN:
                yield from _texts(part, inner)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part, key)


def _shape(value: Any) -> Any:
    """What there is, without its words."""
    if isinstance(value, dict):
        return {k: v if k in _STEERING else _shape(v) for k, v in value.items() if k != "condition"}
    return [_shape(part) for part in value] if isinstance(value, list) else type(value).__name__


def buttons(variation: Mapping[str, Any]) -> List[Mapping[str, Any]]:
    """The buttons of a variation, static and dynamic; one that is repeated counts once."""
    custom = variation.get("custom") or {}
    return [
        button.get("item", button) for button in [*(variation.get("buttons") or []), *(custom.get("buttons") or [])]
    ]


def check_languages(response: Response, wording: Wording) -> Iterator[str]:
    """Both languages, Chinese first; no Chinese character in English."""
    if response.languages != LANGUAGES:
        yield f"has variations for {response.languages}; it needs one for zh, then one for en"
    for piece in response.pieces:
        if piece.language == "en" and _HAN.search(piece.text):
            yield f"English holds Chinese: {piece.text!r}"


def check_sameness(response: Response, wording: Wording) -> Iterator[str]:
    """Both languages hold the same values, buttons and parts."""
    if response.languages != LANGUAGES:
        return
    zh, en = response.variations
    named = [{*_PLACEHOLDER.findall(str(variation))} for variation in (zh, en)]
    if named[0] != named[1]:
        yield f"the languages differ in their placeholders: {', '.join(sorted(named[0] ^ named[1]))}"
    elif _shape(zh) != _shape(en):
        yield "the languages differ in their buttons, rows or other parts"


def check_words(response: Response, wording: Wording) -> Iterator[str]:
    """No forbidden word, no jargon."""
    for ban in wording.bans:
        for piece in response.pieces:
            found = ban.words.search(piece.plain)
            if found and response.name not in ban.exempt:
                yield f"says {found.group()!r} in {piece.text!r}. {ban.why}"


def check_figures(response: Response, wording: Wording) -> Iterator[str]:
    """No figure is written out but the listed ones."""
    for piece in response.pieces:
        rest = piece.plain
        for allowed in wording.figures:
            rest = allowed.sub("", rest)
        if _DIGIT.search(rest):
            yield f"writes out a figure that should be a value: {piece.text!r}"


def check_lengths(response: Response, wording: Wording) -> Iterator[str]:
    """No sentence, message or button is too long, and not too many buttons."""
    for piece in response.pieces:
        if piece.key == "title":
            continue  # of buttons below; of cards and links a line may be longer
        for sentence in _SENTENCE_END[piece.language].split(piece.text):
            length = sentence_length(sentence, piece.language)
            if length > wording.lengths["sentence"][piece.language]:
                yield f"a sentence of {length} {'words' if piece.language == 'en' else 'characters'}: {sentence!r}"
        if piece.key == "text" and len(piece.text) > wording.lengths["text"][piece.language]:
            yield f"a text of {len(piece.text)} characters: {piece.text!r}"
    for language, variation in zip(response.languages, response.variations, strict=True):
        if language in LANGUAGES:
            yield from _long_buttons(buttons(variation), str(language), wording)


def sentence_length(sentence: str, language: str) -> int:
    """Characters of a Chinese sentence, words of an English one."""
    if language == "en":
        return len(_PLACEHOLDER.sub("x", sentence).split())
    return len(_PLACEHOLDER.sub("00", sentence).strip())


def _long_buttons(found: Sequence[Mapping[str, Any]], language: str, wording: Wording) -> Iterator[str]:
    if len(found) > wording.lengths["buttons"]:
        yield f"{len(found)} buttons in {language}"
    for button in found:
        shown = re.sub(r"{[a-z0-9_]*last4}", "0000", button["title"])
        if not _PLACEHOLDER.search(shown) and len(shown) > wording.lengths["button"][language]:
            yield f"a button of {len(shown)} characters: {shown!r}"


CHECKS: List[Callable[[Response, Wording], Iterator[str]]] = [
    check_languages,
    check_sameness,
    check_words,
    check_figures,
    check_lengths,
]


def findings(responses: Sequence[Response], wording: Wording) -> List[str]:
    """All that is wrong, in the order of the files."""
    names = {response.name for response in responses}
    lost = sorted({name for ban in wording.bans for name in ban.exempt} - names)
    found = [f"data/wording.yml: exempts {name}, which is no response" for name in lost]
    for response in responses:
        found += [
            f"{response.where}: {response.name}: {wrong}" for check in CHECKS for wrong in check(response, wording)
        ]
    return found


def default_files() -> List[Path]:
    """Where the sentences stand."""
    return [ROOT / "domain.yml", *sorted((ROOT / "data" / "responses").glob("*.yml"))]


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Print the findings; how many there are decides the exit code."""
    assert __doc__
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, help="domain files")
    parser.add_argument("--wording", type=Path, default=WORDING)
    given = parser.parse_args(arguments)
    found = findings(read_responses(given.files or default_files()), Wording.read(given.wording))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
