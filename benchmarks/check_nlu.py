"""What a person would overlook in the training sentences of `data/nlu`: copies, imbalance, personal data, bad marks.

    python -m benchmarks.check_nlu [FOLDER]

FOLDER holds one folder for each language, and there one file for each intent. Each finding is printed as
`file:line: what is wrong`; with findings the exit code is 1. Two sentences resemble each other by the share of
3-character sequences that they have in common (Jaccard), after writing is folded as the assistant folds it.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import DefaultDict, Dict, FrozenSet, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from nlu.folding import fold

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ("zh", "en")
OUT_OF_SCOPE = "out_of_scope"
# The dialogue's own intents: few ways to say them, so their number is not compared with that of the customers' wants.
SMALL_TALK = frozenset(
    """greet goodbye thank affirm deny inform stop ask_help correct repeat retry explain_why start_over bot_challenge
    change_language resend_code wait in_distress back_to_bot""".split()
)

SAME_BUT_FOR_A_TYPO = 0.85  # two sentences; shorter ones of two meanings may differ by a "not"
ALIKE = 0.6  # one sentence among many of its intent
SHARE_OF_ALIKE = 0.12  # of an intent's sentences
EVERYBODY_SAYS = 5  # letters
TELLING_HAN, TELLING_LATIN = 8, 20  # characters; what is shorter resembles everything
MOST_TO_FEWEST = 3.5
OUT_OF_SCOPE_SHARE = 0.3
SMALL_TALK_AT_LEAST = 25

_NOT_LETTERS = re.compile(r"[\W_]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_PERSONAL = (
    ("a number as long as those of phones, cards and identities", re.compile(r"\d(?:[ -]?\d){8,}")),
    ("a phone number in words", re.compile(r"[零〇一二三四五六七八九幺]{8,}")),
    ("an e-mail address", re.compile(r"[\w.+-]+@[\w-]+\.\w")),
)
# The assistant reads which intent it is without looking at how much or how many.
_NUMBERS = re.compile(r"\d+|[零一二两三四五六七八九十百千]+(?=个月|期|号|日|块|元|万|天|周)")
_MARKS = re.compile(r"[\[\]{}]")
_EXAMPLE = re.compile(r"^    - (?P<text>\S.*?)$")


@dataclass(frozen=True)
class Sentence:
    """One training sentence and where it stands; `where` is `file:line`."""

    language: str
    intent: str
    text: str
    where: str

    @cached_property
    def folded(self) -> str:
        """The text as the assistant folds it."""
        return fold(self.text)

    @cached_property
    def core(self) -> str:
        """The folded text without punctuation and spaces."""
        return _NOT_LETTERS.sub("", self.folded)

    @cached_property
    def grams(self) -> FrozenSet[str]:
        """Its 3-character sequences."""
        return grams(self.core)

    @property
    def is_telling(self) -> bool:
        """Whether it is long enough for a resemblance to mean something."""
        return len(self.core) >= (TELLING_HAN if _HAN.search(self.core) else TELLING_LATIN)


class Pair(NamedTuple):
    """Two sentences and how much they resemble each other, 0 to 1."""

    one: Sentence
    other: Sentence
    jaccard: float


@dataclass
class Findings:
    """What is wrong, as lines to print."""

    lines: List[str] = field(default_factory=list)

    def add(self, where: str, what: str) -> None:
        """Note one finding."""
        self.lines.append(f"{where}: {what}")


def core(text: str) -> str:
    """`text` folded as the assistant folds it, letters and digits only."""
    return _NOT_LETTERS.sub("", fold(text))


def grams(letters: str) -> FrozenSet[str]:
    """The 3-character sequences of `letters`; of a shorter text, the text."""
    return frozenset(letters[start : start + 3] for start in range(max(1, len(letters) - 2)))


def resemblance(one: FrozenSet[str], other: FrozenSet[str]) -> float:
    """Jaccard: sequences in both, divided by sequences in either."""
    common = len(one & other)
    return common / (len(one) + len(other) - common)


def read(folder: Path, findings: Findings) -> List[Sentence]:
    """The sentences below `folder`; lines that Rasa would misread become findings."""
    return [
        sentence
        for language in LANGUAGES
        for path in sorted((folder / language).glob("*.yml"))
        for sentence in _read_file(path, language, findings)
    ]


def _read_file(path: Path, language: str, findings: Findings) -> Iterator[Sentence]:
    name = f"{language}/{path.name}"
    before_examples = True
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if before_examples:
            before_examples = line.strip() != "examples: |"
            if line.startswith("- ") and line != f"- intent: {path.stem}":
                findings.add(f"{name}:{number}", "the file is named after another intent")
        elif match := _EXAMPLE.match(line):
            yield Sentence(language, path.stem, match["text"], f"{name}:{number}")
        else:
            findings.add(f"{name}:{number}", "not a sentence: each stands on its own line after four spaces and `- `")
    if before_examples:
        findings.add(name, "no examples")


def check(sentences: Sequence[Sentence], findings: Findings) -> None:
    """Add everything that is wrong with `sentences` to `findings`."""
    _check_each(sentences, findings)
    _check_copies(sentences, findings)
    for language in LANGUAGES:
        spoken = [sentence for sentence in sentences if sentence.language == language]
        _check_resemblance(spoken, findings)
        _check_balance(language, Counter(sentence.intent for sentence in spoken), findings)


def _check_each(sentences: Sequence[Sentence], findings: Findings) -> None:
    for sentence in sentences:
        for what, pattern in _PERSONAL:
            if pattern.search(sentence.folded):
                findings.add(sentence.where, f"{what}: {sentence.text}")
        if _MARKS.search(sentence.text):
            findings.add(sentence.where, f"brackets mark entities, which the rules find: {sentence.text}")
        if not sentence.core:
            findings.add(sentence.where, f"neither letter nor digit: {sentence.text}")


def _check_copies(sentences: Sequence[Sentence], findings: Findings) -> None:
    first: Dict[Tuple[str, str], Sentence] = {}
    for sentence in sentences:
        written = sentence.text.lower()
        earlier = first.setdefault((sentence.language, _NOT_LETTERS.sub("", written)), sentence)
        if earlier is not sentence:
            findings.add(sentence.where, f"stands in {earlier.where} already: {sentence.text}")
    meanings: Dict[str, Sentence] = {}
    for sentence in sentences:
        earlier = meanings.setdefault(_NUMBERS.sub("0", sentence.core), sentence)
        if earlier.intent != sentence.intent:
            findings.add(sentence.where, f"means {earlier.intent} in {earlier.where}: {sentence.text}")


def _check_resemblance(sentences: Sequence[Sentence], findings: Findings) -> None:
    for one, other, _ in similar_pairs(sentences, SAME_BUT_FOR_A_TYPO):
        if one.intent != other.intent:
            findings.add(other.where, f"{other.text!r} is almost {one.text!r} of {one.intent} ({one.where})")
    of_intent: DefaultDict[str, List[Sentence]] = defaultdict(list)
    for sentence in sentences:
        of_intent[sentence.intent].append(sentence)
    for intent, own in sorted(of_intent.items()):
        alike = {sentence.where for pair in similar_pairs(own, ALIKE) for sentence in (pair.one, pair.other)}
        # Of few sentences, two that are alike are a large share.
        if len(alike) > max(6, SHARE_OF_ALIKE * len(own)):
            where = f"{own[0].language}/{intent}.yml"
            findings.add(where, f"{len(alike)} of {len(own)} sentences are almost copies: {_few(alike)}")


def similar_pairs(sentences: Sequence[Sentence], at_least: float) -> Iterator[Pair]:
    """Pairs of telling sentences that resemble each other by `at_least`.

    Sentences that share that much share one of their rarest sequences, so only those with one in common are compared.
    """
    telling = [sentence for sentence in sentences if sentence.is_telling]
    frequency = Counter(gram for sentence in telling for gram in sentence.grams)
    lengths = [len(sentence.grams) for sentence in telling]
    seen: DefaultDict[str, List[int]] = defaultdict(list)
    for own_number, sentence in enumerate(telling):
        rarest = sorted(sentence.grams, key=lambda gram: (frequency[gram], gram))
        prefix = rarest[: len(rarest) - int(at_least * len(rarest)) + 1]
        fewest, most = at_least * len(rarest), len(rarest) / at_least
        for number in {number for gram in prefix for number in seen[gram] if fewest <= lengths[number] <= most}:
            jaccard = resemblance(telling[number].grams, sentence.grams)
            if jaccard >= at_least:
                yield Pair(telling[number], sentence, jaccard)
        for gram in prefix:
            seen[gram].append(own_number)


def near_copies(texts: Sequence[str], sentences: Sequence[Sentence], above: float) -> List[Sentence]:
    """The sentences that equal one of `texts` or resemble it by more than `above`.

    Texts of five letters or fewer are left out: everybody says them alike.
    """
    seen: DefaultDict[str, Set[int]] = defaultdict(set)
    for number, sentence in enumerate(sentences):
        for gram in sentence.grams:
            seen[gram].add(number)
    copies: Set[int] = set()
    for letters in {core(text) for text in texts}:
        if len(letters) > EVERYBODY_SAYS:
            wanted = grams(letters)
            common = Counter(number for gram in wanted for number in seen[gram])
            copies |= {
                number
                for number, count in common.items()
                if count > above * (len(wanted) + len(sentences[number].grams) - count)
            }
    return [sentences[number] for number in sorted(copies)]


def _check_balance(language: str, counts: Counter[str], findings: Findings) -> None:
    wants = {intent: count for intent, count in counts.items() if intent not in SMALL_TALK | {OUT_OF_SCOPE}}
    if wants:
        fewest, most = min(wants, key=wants.__getitem__), max(wants, key=wants.__getitem__)
        if wants[most] > MOST_TO_FEWEST * wants[fewest]:
            what = f"{wants[most]} sentences, but {fewest} has {wants[fewest]}; at most {MOST_TO_FEWEST} times as many"
            findings.add(f"{language}/{most}.yml", what)
    if counts[OUT_OF_SCOPE] > OUT_OF_SCOPE_SHARE * counts.total():
        findings.add(f"{language}/{OUT_OF_SCOPE}.yml", f"more than {OUT_OF_SCOPE_SHARE:.0%} of all sentences")
    for intent in sorted(SMALL_TALK & counts.keys()):
        if counts[intent] < SMALL_TALK_AT_LEAST:
            findings.add(f"{language}/{intent}.yml", f"{counts[intent]} sentences; at least {SMALL_TALK_AT_LEAST}")


def _few(places: Set[str]) -> str:
    shown = sorted(places, key=lambda place: int(place.rpartition(":")[2]))
    lines = ", ".join(place.rpartition(":")[2] for place in shown[:12])
    return f"lines {lines}{' …' if len(shown) > 12 else ''}"


def main(arguments: Optional[Sequence[str]] = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.check_nlu", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "data" / "nlu")
    folder = parser.parse_args(arguments).folder
    findings = Findings()
    sentences = read(folder, findings)
    if not sentences:
        parser.exit(2, f"check_nlu: no sentences in {folder}\n")
    check(sentences, findings)
    for line in findings.lines:
        print(line)
    sys.exit(1 if findings.lines else 0)


if __name__ == "__main__":
    main()
