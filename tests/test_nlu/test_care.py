"""Signs of distress and danger: found in many wordings, and not in jokes or in everyday hardship."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import pytest
import yaml
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from common.care import care_kinds
from nlu.care import CareSigns, care_kind_of, is_insult
from nlu.folding import fold

SENTENCES: Dict[str, Any] = yaml.safe_load(Path(__file__).with_name("care_sentences.yml").read_text(encoding="utf-8"))
SIGNS: List[Tuple[str, str]] = [(kind, text) for kind, texts in SENTENCES["signs"].items() for text in texts]


def test_there_are_sixty_of_each_in_both_languages() -> None:
    for texts in ([text for _, text in SIGNS], SENTENCES["not_signs"]):
        assert len(texts) >= 60
        english = [text for text in texts if text.isascii()]
        assert min(len(english), len(texts) - len(english)) >= 25
    assert SENTENCES["signs"].keys() == care_kinds().keys()


@pytest.mark.parametrize(("kind", "text"), SIGNS)
def test_a_sign_is_found_and_its_kind(kind: str, text: str) -> None:
    assert care_kind_of(text) == kind


@pytest.mark.parametrize("text", SENTENCES["not_signs"])
def test_a_joke_or_an_everyday_hardship_is_no_sign(text: str) -> None:
    assert care_kind_of(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "笑死我了，不过说真的，我不想活了",
        "烦死了。我想死",
        "this app is killing me. I want to kill myself",
        "the wait is killing me and I want to die",
    ],
)
def test_a_joke_does_not_hide_a_sign(text: str) -> None:
    assert care_kind_of(text) == "self_harm"


def test_the_most_pressing_of_two_kinds_decides() -> None:
    assert care_kind_of("我得了癌症，不想活了") == "self_harm"
    assert care_kind_of("我被骗了，快崩溃了，老公打我") == "violence"


def test_a_gap_ends_with_its_sentence() -> None:
    assert care_kind_of("活着。今天没意思") is None
    assert care_kind_of("I told the scammer. someone has a code") is None


@pytest.mark.parametrize("text", SENTENCES["insults"])
def test_an_insult_is_found(text: str) -> None:
    assert is_insult(text)


@pytest.mark.parametrize("text", [*SENTENCES["not_insults"], *SENTENCES["not_signs"][:1], *SENTENCES["not_signs"][-3:]])
def test_kind_words_are_no_insult(text: str) -> None:
    assert not is_insult(text)


@pytest.mark.parametrize("text", ["", " ", "。" * 5000, "活着" * 3000, "i was " * 3000, "(((((", "我" * 9000, "\ud800"])
def test_any_text_is_read_in_little_time(text: str) -> None:
    started = time.process_time()
    care_kind_of(text)
    is_insult(text)
    assert time.process_time() - started < 2.0  # seconds of this process's own work, however busy the machine


def test_every_kind_has_a_priority_and_signs_in_both_languages_as_the_assistant_reads_them() -> None:
    for kind in care_kinds().values():
        assert kind.priority == "urgent"
        for signs in kind.signs.values():
            assert signs
            assert [sign for sign in signs if sign.replace("…", "") != fold(sign).replace("…", "")] == []


def processed(text: str, intent: str, ranking: Optional[List[str]] = None) -> Message:
    message = Message({TEXT: text, INTENT: {"name": intent, "confidence": 0.9}})
    message.set(INTENT_RANKING_KEY, [{"name": name, "confidence": 0.5} for name in ranking or [intent]])
    (done,) = CareSigns().process([message])
    return done


def test_the_kind_is_an_entity_and_the_intent_stays() -> None:
    message = processed("我妈得了癌症，还不上", "report_hardship")
    assert message.get(INTENT)["name"] == "report_hardship"
    (entity,) = message.get(ENTITIES)
    assert (entity["entity"], entity["value"]) == ("care", "illness")


def test_an_insult_is_an_entity() -> None:
    (entity,) = processed("傻逼", "out_of_scope").get(ENTITIES)
    assert entity["entity"] == "anger"


def test_a_joke_that_the_classifier_took_for_distress_is_not_understood() -> None:
    message = processed("笑死我了", "in_distress", ["in_distress", "thank", "greet"])
    assert message.get(INTENT)["name"] == "nlu_fallback"
    assert [entry["name"] for entry in message.get(INTENT_RANKING_KEY)] == ["nlu_fallback", "thank", "greet"]


def test_distress_that_only_the_classifier_sees_stays() -> None:
    message = processed("家人没我会更好", "in_distress")
    assert message.get(INTENT)["name"] == "in_distress"
    assert not message.get(ENTITIES)
