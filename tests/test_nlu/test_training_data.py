"""The training sentences: enough of them, one meaning each, our own, and free of personal data."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import DefaultDict, Dict, List, NamedTuple, Set

import pytest
from ruamel.yaml import YAML

from benchmarks.check_nlu import Findings, near_copies, read
from benchmarks.check_nlu import Sentence as TrainingSentence
from benchmarks.evaluate import OUT_OF_SCOPE
from benchmarks.evaluate import WANTS as LABELS

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "nlu"
LANGUAGES = ("zh", "en")

WANTS = tuple(sorted(LABELS - {OUT_OF_SCOPE}))
AT_LEAST = {"zh": 60, "en": 25}
# In words, an entity demands the forms of these; and stars are pressed.
BUTTONS_ONLY = {"declare_hardship", "request_agreement", "send_documents", "rate"}
OUT_OF_SCOPE_AT_LEAST = 200
DATA = ROOT / "data" / "nlu"
SECOND_SET = Path(__file__).parent / "data" / "second_set.tsv"
NEAR = 0.6  # share of 3-character sequences in common


class Sentence(NamedTuple):
    language: str
    intent: str
    text: str

    @property
    def core(self) -> str:
        return core(self.text)


def core(text: str) -> str:
    """What is left when case, punctuation and spaces are gone."""
    return re.sub(r"[\W_]+", "", text.lower())


def read_sentences(language: str) -> List[Sentence]:
    """Every training sentence of one language, entity annotations removed."""
    found: List[Sentence] = []
    for path in sorted((ROOT / "data" / "nlu" / language).glob("*.yml")):
        for item in YAML(typ="safe").load(path).get("nlu", []):
            for line in item["examples"].splitlines() if "intent" in item else []:
                text = re.sub(r"\[([^\]]+)\](\([^)]*\)|\{[^}]*\})", r"\1", line.strip()[2:].strip())
                found.append(Sentence(language, item["intent"], text))
    return found


@pytest.fixture(scope="module")
def sentences() -> List[Sentence]:
    return [sentence for language in LANGUAGES for sentence in read_sentences(language)]


@pytest.fixture(scope="module")
def counts(sentences: List[Sentence]) -> Dict[str, Counter[str]]:
    return {language: Counter(s.intent for s in sentences if s.language == language) for language in LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("want", WANTS)
def test_every_want_is_said_in_many_ways(counts: Dict[str, Counter[str]], want: str, language: str) -> None:
    assert counts[language][want] >= AT_LEAST[language]


def test_what_is_none_of_our_business_is_known_too(counts: Dict[str, Counter[str]]) -> None:
    assert sum(counts[language][OUT_OF_SCOPE] for language in LANGUAGES) >= OUT_OF_SCOPE_AT_LEAST


def test_training_data_and_domain_name_the_same_intents(counts: Dict[str, Counter[str]]) -> None:
    domain = YAML(typ="safe").load(ROOT / "domain.yml")
    named = {intent if isinstance(intent, str) else next(iter(intent)) for intent in domain["intents"]}
    for language in LANGUAGES:
        assert set(counts[language]) == named - BUTTONS_ONLY, language


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_file_for_each_intent_named_after_it(language: str) -> None:
    for path in sorted((ROOT / "data" / "nlu" / language).glob("*.yml")):
        assert [item["intent"] for item in YAML(typ="safe").load(path)["nlu"]] == [path.stem]


def test_no_sentence_is_empty(sentences: List[Sentence]) -> None:
    assert [sentence for sentence in sentences if not sentence.core] == []


def test_no_sentence_has_two_meanings(sentences: List[Sentence]) -> None:
    meanings: DefaultDict[str, Set[str]] = defaultdict(set)
    for sentence in sentences:
        meanings[sentence.core].add(sentence.intent)
    assert {text: intents for text, intents in meanings.items() if len(intents) > 1} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_there_twice(sentences: List[Sentence], language: str) -> None:
    seen = Counter(sentence.core for sentence in sentences if sentence.language == language)
    assert [text for text, times in seen.items() if times > 1] == []


def test_no_series_made_by_swapping_a_number(sentences: List[Sentence]) -> None:
    """Bare answers ("3500", "12期") may share a shape; whole sentences may not, but for one pair that contrasts."""
    shapes = Counter((s.intent, re.sub(r"\d+", "0", s.core)) for s in sentences if s.intent in LABELS)
    assert [shape for shape, times in shapes.items() if times > 2] == []


def test_no_number_as_long_as_a_phone_card_or_identity_number(sentences: List[Sentence]) -> None:
    long_number = re.compile(r"\d(?:[ -]?\d){10,}")
    assert [sentence for sentence in sentences if long_number.search(sentence.text)] == []


def test_entities_are_left_to_the_rules() -> None:
    annotation = re.compile(r"\]\s*[({]")
    for language in LANGUAGES:
        for path in sorted((ROOT / "data" / "nlu" / language).glob("*.yml")):
            assert not annotation.search(path.read_text(encoding="utf-8")), path.name


def first_column(path: Path) -> List[str]:
    return [line.split("\t")[0] for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def trained_on() -> List[TrainingSentence]:
    return read(DATA, Findings())


@pytest.mark.parametrize("name", ["dev.tsv", "unlabelled.txt"])
def test_no_sentence_is_taken_from_the_customers_whom_we_evaluate_with(
    trained_on: List[TrainingSentence], name: str
) -> None:
    if not (SHARED / name).is_file():
        pytest.skip("the customers' sentences are not on this machine")
    assert near_copies(first_column(SHARED / name), trained_on, above=NEAR) == []


def test_no_sentence_is_taken_from_the_second_set(trained_on: List[TrainingSentence]) -> None:
    assert near_copies(first_column(SECOND_SET), trained_on, above=NEAR) == []
