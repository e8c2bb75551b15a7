"""Somebody else's card, and those who want money for what the bank does itself."""

from __future__ import annotations

import pytest

from tests.dialogue.harness import Assistant


@pytest.mark.parametrize("customer", ["demo-m2", None])
@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("zh", "帮我老公看下他的卡欠多少"),
        ("zh", "我弟弟的卡逾期了，我替他问问"),
        ("en", "can you tell me what's owed on my wife's card"),
    ],
)
def test_nothing_is_looked_up_for_somebody_else(
    assistant: Assistant, customer: str, language: str, message: str
) -> None:
    said = assistant.conversation(customer, language=language)(message)
    assert said.responses == ["utter_own_card_only"]
    assert "¥" not in said


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("zh", "听说有中介能代办停息挂账，靠谱吗"),
        ("zh", "网上有人做征信修复，要收费的"),
        ("en", "a debt settlement company wants a fee, should I pay"),
    ],
)
def test_who_is_offered_paid_help_hears_that_none_is_needed(assistant: Assistant, language: str, message: str) -> None:
    said = assistant.conversation("demo-m2", language=language)(message)
    assert said.responses == ["utter_about_agencies"]
    assert said.titles


def test_relatives_who_are_called_are_still_a_complaint(assistant: Assistant) -> None:
    said = assistant.conversation("demo-m2")("你们怎么打给我老公了，我要投诉")
    assert said.responses[0].startswith("utter_complaint")
