"""Which of two cards is meant: by its name, or as the other one, when asked and as a correction."""

from __future__ import annotations

import pytest

from tests.dialogue.harness import Assistant, Conversation

TWO = "demo-two-cards"
OVERDUE, TRAVEL = "3306", "9520"


def asked_which(assistant: Assistant, language: str = "zh") -> Conversation:
    talk = assistant.conversation(TWO, language=language)
    talk("/request_instalment")
    assert talk.last.responses == ["utter_first_request_card"]
    return talk


def card_of(talk: Conversation) -> str:
    return str((talk.tracker.get_slot("request_card") or {}).get("last4"))


@pytest.mark.parametrize("text", ["旅行卡那张", "旅行信用卡", "旅行的那张吧", "旅行卡"])
def test_named_when_asked(assistant: Assistant, text: str) -> None:
    talk = asked_which(assistant)
    talk(text)
    assert card_of(talk) == TRAVEL
    assert talk.last.responses == ["utter_first_term"]


@pytest.mark.parametrize("text", ["the travel card", "the travel one please"])
def test_named_when_asked_in_english(assistant: Assistant, text: str) -> None:
    talk = asked_which(assistant, "en")
    talk(text)
    assert card_of(talk) == TRAVEL


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "不对，是另一张"),
        ("zh", "另外那张卡"),
        ("zh", "错了，是旅行卡"),
        ("en", "no, the other card"),
        ("en", "sorry, I meant the other one"),
        ("en", "no, the travel card"),
    ],
)
@pytest.mark.parametrize("at_confirmation", [False, True], ids=["at the term", "at the confirmation"])
def test_the_other_card_after_all(assistant: Assistant, language: str, text: str, at_confirmation: bool) -> None:
    talk = asked_which(assistant, language)
    talk('/inform{"card": "3306"}')
    if at_confirmation:
        talk('/inform{"term": "6"}')
        assert talk.last.responses == ["utter_instalment_summary"]
    assert card_of(talk) == OVERDUE
    talk(text)
    assert card_of(talk) == TRAVEL
    assert talk.last.responses == ["utter_instalment_summary" if at_confirmation else "utter_first_term"]
    assert talk.tracker.get_slot("term") == (6 if at_confirmation else None) or not at_confirmation


@pytest.mark.parametrize(("language", "text"), [("zh", "旅行卡欠多少"), ("en", "how much do I owe on my travel card")])
def test_an_answer_about_the_card_that_is_named(assistant: Assistant, language: str, text: str) -> None:
    talk = assistant.conversation(TWO, language=language)
    said = talk(text)
    assert said.responses == ["utter_amount_due"]
    assert TRAVEL in said
    assert OVERDUE not in said.text.split("\n")[0]


@pytest.mark.parametrize(
    ("language", "question", "named", "other"),
    [
        ("zh", "只还最低可以吗", "旅行卡那张呢", "另一张呢"),
        ("en", "what is the minimum payment", "and the travel card?", "and the other one?"),
    ],
)
def test_the_same_question_about_another_card(
    assistant: Assistant, language: str, question: str, named: str, other: str
) -> None:
    talk = assistant.conversation(TWO, language=language)
    assert OVERDUE in talk(question)
    assert TRAVEL in talk(named)
    said = talk(other)
    assert OVERDUE in said
    assert said.responses == ["utter_minimum"]


@pytest.mark.parametrize(
    ("language", "question", "text"),
    [
        ("zh", "旅行卡欠多少", "就是刚才说的那张"),
        ("en", "how much do I owe on the travel card", "the one we talked about"),
    ],
)
def test_the_card_that_was_spoken_of(assistant: Assistant, language: str, question: str, text: str) -> None:
    talk = assistant.conversation(TWO, language=language)
    talk(question)
    talk("/request_instalment")
    talk(text)
    assert card_of(talk) == TRAVEL


@pytest.mark.parametrize(("language", "text"), [("zh", "两张卡先还哪张好"), ("en", "which card should I pay first")])
def test_which_card_comes_first_is_the_overdue_one_whatever_was_spoken_of(
    assistant: Assistant, language: str, text: str
) -> None:
    talk = assistant.conversation(TWO, language=language)
    talk('/ask_amount_due{"card": "9520"}')
    said = talk(text)
    assert said.responses == ["utter_card_first", "utter_repayment"]
    assert OVERDUE in said.text.splitlines()[0]
