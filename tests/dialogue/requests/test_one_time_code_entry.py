"""Entering the code from the phone."""

from __future__ import annotations

import pytest

from tests.dialogue.harness import Assistant, Conversation
from tests.dialogue.phone import Phones

ZH, EN = "demo-m1-first", "demo-english"


def at_code(assistant: Assistant, customer: str = ZH, language: str = "zh") -> Conversation:
    talk = assistant.conversation(customer, language=language)
    talk("/request_instalment")
    talk('/inform{"term": "12"}')
    talk("/affirm")
    assert talk.last.responses == ["utter_first_proof"]
    return talk


def test_a_wrong_code_then_the_right_one(assistant: Assistant, phones: Phones) -> None:
    talk = at_code(assistant)
    said = talk(phones.another_code(ZH))
    assert "还可以试 4 次" in said
    assert phones.applications(ZH) == []
    talk(f"验证码是{phones.code(ZH)}")
    assert len(phones.applications(ZH)) == 1


def test_in_english(assistant: Assistant, phones: Phones) -> None:
    talk = at_code(assistant, EN, "en")
    assert "Tries left: 4" in talk(phones.another_code(EN))
    code = phones.code(EN)
    talk(f"{code[:3]} {code[3:]}")
    assert len(phones.applications(EN)) == 1


def test_too_many_wrong_codes(assistant: Assistant, phones: Phones) -> None:
    talk = at_code(assistant)
    for _ in range(5):
        talk(phones.another_code(ZH))
    assert talk.last.responses == ["utter_code_locked"]
    assert "找人工" in talk.last.titles
    assert talk(phones.code(ZH)).responses == ["utter_code_locked"]
    assert phones.applications(ZH) == []
    talk.press("重新发送")
    talk(phones.code(ZH))
    assert len(phones.applications(ZH)) == 1


@pytest.mark.parametrize("text", ["没收到验证码", "重新发送", "再发一次"])
def test_a_new_code_on_demand(assistant: Assistant, phones: Phones, text: str) -> None:
    talk = at_code(assistant)
    before = len(phones.messages(ZH))
    old = phones.code(ZH)
    assert talk(text).responses == ["utter_code_resent"]
    assert len(phones.messages(ZH)) == before + 1
    if old != phones.code(ZH):
        assert talk(old).responses == ["utter_code_wrong_counted"]
    talk(phones.code(ZH))
    assert len(phones.applications(ZH)) == 1


@pytest.mark.parametrize("text", ["1234", "12345", "1234567"])
def test_another_number_of_digits(assistant: Assistant, text: str) -> None:
    assert at_code(assistant)(text).responses == ["utter_code_malformed"]
