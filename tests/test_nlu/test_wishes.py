"""Messages with two wishes: where they are cut, and what is remembered."""

from __future__ import annotations

from typing import Dict, List, Optional, Tuple

import pytest
from rasa.shared.nlu.training_data.message import Message

from nlu.wishes import Clauses, SecondWish, clauses

WISHES = ["ask_late_fee", "ask_credit_impact", "request_instalment"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("我想分期，另外违约金能不能免掉", ["我想分期，", "另外违约金能不能免掉"]),
        ("欠多少钱？会不会上征信？", ["欠多少钱？", "会不会上征信？"]),
        ("帮我分12期。还有别再打电话了", ["帮我分12期。", "还有别再打电话了"]),
        ("I want instalments, also will it hurt my credit", ["I want instalments,", "also will it hurt my credit"]),
        ("How much do I owe? And what is the late fee?", ["How much do I owe?", "And what is the late fee?"]),
        ("好的。", []),
        ("嗯！欠多少", []),  # what comes before holds no wish
        ("我上个月没钱，现在有了，想分期还", []),  # commas tell nothing
        ('/inform{"amount": "3.50"}; also /deny', []),
        ("I owe 3,500.50 in total", []),
        ("一。" * 3, []),
        ("我要分期。" * 9, []),
        ("我想分期，另外" + "很" * 300, []),
    ],
)
def test_where_a_message_falls_into_parts(text: str, parts: List[str]) -> None:
    found = clauses(text)
    assert [part for _, part in found] == parts
    for start, part in found:
        assert text[start:].lstrip().startswith(part)


Reading = Tuple[str, float]


def second_wish(whole: Reading, readings: Dict[str, Reading]) -> Tuple[Optional[str], str]:
    """What is remembered of a message, and what the message itself was taken for in the end."""
    messages = Clauses().process([Message.build("想分期。另外会上征信吗。违约金多少")])
    for message in messages:
        text = message.get("text")
        name, confidence = whole if message is messages[0] else readings.get(text, ("out_of_scope", 0.9))
        message.set("intent", {"name": name, "confidence": confidence})
        message.set("intent_ranking", [{"name": name, "confidence": confidence}])
    (kept,) = SecondWish(WISHES, 0.8).process(messages)
    found = [entity for entity in kept.get("entities") or [] if entity["entity"] == "second_wish"]
    assert len(found) <= 1
    if found:
        marked = kept.get("text")[found[0]["start"] : found[0]["end"]]
        assert readings[marked][0] == found[0]["value"]
    return (found[0]["value"] if found else None), kept.get("intent")["name"]


INSTALMENT, CREDIT, FEE = "想分期。", "另外会上征信吗。", "违约金多少"


@pytest.mark.parametrize("whole", ["request_instalment", "ask_credit_impact"])
def test_the_first_comes_first_and_the_second_is_remembered(whole: str) -> None:
    readings = {INSTALMENT: ("request_instalment", 0.95), CREDIT: ("ask_credit_impact", 0.9)}
    assert second_wish((whole, 0.7), readings) == ("ask_credit_impact", "request_instalment")


def test_of_three_the_first_that_is_another() -> None:
    readings = {
        INSTALMENT: ("request_instalment", 0.95),
        CREDIT: ("ask_credit_impact", 0.9),
        FEE: ("ask_late_fee", 0.9),
    }
    assert second_wish(("request_instalment", 0.7), readings)[0] == "ask_credit_impact"


def test_one_wish_in_two_parts_is_one() -> None:
    readings = {INSTALMENT: ("request_instalment", 0.95), FEE: ("request_instalment", 0.9)}
    assert second_wish(("request_instalment", 0.7), readings)[0] is None


@pytest.mark.parametrize("unsure", [("ask_credit_impact", 0.79), ("overdue_help", 0.99)])
def test_what_is_not_plain_or_no_wish_is_not_remembered(unsure: Reading) -> None:
    readings = {INSTALMENT: ("request_instalment", 0.95), CREDIT: unsure}
    assert second_wish(("request_instalment", 0.7), readings)[0] is None


def test_parts_that_say_something_else_than_the_whole_are_no_evidence() -> None:
    readings = {CREDIT: ("ask_credit_impact", 0.9), FEE: ("ask_late_fee", 0.9)}
    assert second_wish(("request_instalment", 0.9), readings) == (None, "request_instalment")


def test_a_message_that_was_not_understood_as_a_whole_is_taken_for_its_first_part() -> None:
    readings = {INSTALMENT: ("request_instalment", 0.95), CREDIT: ("ask_credit_impact", 0.9)}
    assert second_wish(("nlu_fallback", 0.9), readings) == ("ask_credit_impact", "request_instalment")
    assert second_wish(("nlu_fallback", 0.9), {INSTALMENT: ("request_instalment", 0.95)}) == (None, "nlu_fallback")


def test_other_messages_stay_as_they_are() -> None:
    messages = [Message.build("会上征信吗"), Message.build("想分期。另外会上征信吗")]
    for message in messages:
        message.set("intent", {"name": "ask_credit_impact", "confidence": 0.9})
    parts = Clauses().process(messages)
    assert parts[:2] == messages
    assert len(parts) == 4
    for part in parts[2:]:
        part.set("intent", {"name": "ask_credit_impact", "confidence": 0.9})
    assert SecondWish(WISHES, 0.8).process(parts) == messages
