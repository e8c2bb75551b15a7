"""“Make it 24 months” when no request runs: the request that it fits begins."""

from __future__ import annotations

import pytest

from tests.dialogue.harness import Assistant


@pytest.mark.parametrize(
    ("customer", "language", "text", "words"),
    [
        ("demo-m1-first", "zh", "不对，改成24期", "分 24 期"),
        ("demo-english", "en", "no wait, make it 24 months", "24 instalments"),
    ],
)
def test_a_number_of_months_asks_for_instalments(
    assistant: Assistant, customer: str, language: str, text: str, words: str
) -> None:
    talk = assistant.conversation(customer, language=language)
    talk("/compare_ways")
    said = talk(text)
    assert said.responses[-1] == "utter_instalment_summary"
    assert words in said
