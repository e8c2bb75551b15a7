"""What was not understood is never left unanswered."""

from __future__ import annotations

import pytest

from tests.dialogue.harness import Assistant, Conversation

_NEVER_MEANT = "/nlu_fallback"


_UNCLEAR = ["上次说的那个怎么弄", "那个东西弄一下", "卡的问题", "帮我处理一下", "卡", "利息 自动 人工"]


def not_understood(assistant: Assistant) -> Conversation:
    """A conversation in which the first of `_UNCLEAR` that is not understood was just said."""
    for text in _UNCLEAR:
        talk = assistant.conversation("demo-m2")
        if talk(text).responses == ["utter_fallback"]:
            return talk
    raise AssertionError("the understanding is sure of everything: find other sentences")


def test_the_two_likeliest_readings_are_offered_and_lead_to_their_answers(assistant: Assistant) -> None:
    talk = not_understood(assistant)
    first, second, neither = talk.last.titles
    assert neither in ("都不是", "None of these")
    for reading in (first, second):
        talk = not_understood(assistant)
        assert talk.press(reading).messages
        assert not talk.last.responses[0].startswith("utter_fallback")


def test_neither_of_them_leads_to_a_person(assistant: Assistant) -> None:
    talk = not_understood(assistant)
    assert talk.press(talk.last.titles[-1]).responses == ["utter_fallback_human"]


def test_a_person_is_at_hand_when_nothing_was_understood(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-m2")
    assert talk(_NEVER_MEANT).responses == ["utter_fallback_human"]
    assert talk.press("找人工").responses == ["utter_human_recorded"]


@pytest.mark.parametrize("text", ["😭😭😭", "？？？", "...", "🙏", "~~~", "!!!!"])
def test_a_message_without_words_gets_a_kind_answer(assistant: Assistant, text: str) -> None:
    said = assistant.conversation("demo-m2")(text)
    assert said.messages
    assert said.titles


@pytest.mark.parametrize(
    "text", ["我" * 4000, "help " * 1000, "啊", "\n\n", "<script>alert(1)</script>", '{"a": 1}', "{total}"]
)
def test_odd_messages_are_answered(assistant: Assistant, text: str) -> None:
    said = assistant.conversation("demo-m2")(text)
    assert said.messages


def test_a_turn_that_was_not_understood_is_not_forgotten(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-m2")
    talk(_NEVER_MEANT)
    talk(_NEVER_MEANT)
    kept = [event for event in talk.tracker.events if event.type_name == "user"]
    assert len(kept) == 2
    assert not any(event.type_name == "rewind" for event in talk.tracker.events)
