"""Why somebody fell behind is asked once: what was told before a request is not asked again in it."""

from __future__ import annotations

import pytest

from tests.dialogue.harness import Assistant

TOLD = [("zh", "我失业了，实在还不上", "失业"), ("en", "I lost my job and cannot pay", "loss of work")]


@pytest.mark.parametrize(("language", "text", "reason"), TOLD)
@pytest.mark.parametrize("wish", ["/request_deferral", "/request_fee_waiver"])
def test_a_reason_told_before_is_taken(assistant: Assistant, language: str, text: str, reason: str, wish: str) -> None:
    talk = assistant.conversation("demo-m1-first", language=language)
    talk(text)
    said = talk(wish)
    assert "utter_reason_remembered" in said.responses
    assert "utter_first_reason" not in said.responses
    assert reason in said
    assert talk.tracker.get_slot("reason") == "unemployment"


@pytest.mark.parametrize(("language", "text", "reason"), TOLD)
def test_another_request_does_not_ask_again(assistant: Assistant, language: str, text: str, reason: str) -> None:
    talk = assistant.conversation("demo-m1-first", language=language)
    assert talk("/request_fee_waiver").responses == ["utter_first_reason"]
    talk(text)
    assert "utter_reason_remembered" in talk("/request_deferral").responses


def test_what_was_entered_in_a_request_that_was_stopped_is_asked_again(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-m1-first")
    talk("/request_deferral")
    talk('/inform{"reason": "illness"}')
    talk("算了，不办了")
    assert talk("/request_deferral").responses == ["utter_first_reason"]


@pytest.mark.parametrize(("language", "text"), [("zh", "先还一半"), ("en", "I will pay half of it first")])
def test_a_wish_is_no_reason(assistant: Assistant, language: str, text: str) -> None:
    talk = assistant.conversation("demo-m1-first", language=language)
    talk("/request_deferral")
    talk(text)
    assert talk.tracker.get_slot("reason") is None
