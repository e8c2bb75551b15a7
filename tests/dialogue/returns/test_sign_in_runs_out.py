"""The sign-in runs out in the middle: nothing more is shown or done, and after signing in the request goes on."""

from __future__ import annotations

import pytest

from tests.dialogue.harness import Assistant, Conversation
from tests.dialogue.phone import Phones

ZH, EN = "demo-pending", "demo-english"


def at_confirmation(assistant: Assistant, customer: str, language: str) -> Conversation:
    talk = assistant.conversation(customer, language=language)
    talk("/request_instalment")
    talk('/inform{"term": "12"}')
    assert talk.last.responses == ["utter_instalment_summary"]
    return talk


@pytest.mark.parametrize(("customer", "language"), [(ZH, "zh"), (EN, "en")])
def test_the_request_goes_on_after_signing_in(
    assistant: Assistant, phones: Phones, customer: str, language: str
) -> None:
    talk = at_confirmation(assistant, customer, language)
    before = len(phones.messages(customer))
    talk.identity_expired = True
    said = talk("/affirm")
    assert said.responses == ["utter_sign_in_to_go_on"]
    assert said.messages[0]["link"]["action"] == "sign_in"
    assert "¥" not in said
    assert len(phones.messages(customer)) == before
    talk.identity_expired = False
    assert talk.press(said.titles[0]).responses == ["utter_instalment_summary"]
    talk("/affirm")
    talk(phones.code(customer))
    assert len(phones.applications(customer)) == 1


def test_a_code_entered_without_sign_in_files_nothing(assistant: Assistant, phones: Phones) -> None:
    talk = at_confirmation(assistant, ZH, "zh")
    talk("/affirm")
    talk.identity_expired = True
    talk(phones.code(ZH))
    assert phones.applications(ZH) == []
    assert talk.last.responses == ["utter_sign_in_to_go_on"]


def test_general_questions_are_still_answered(assistant: Assistant) -> None:
    talk = at_confirmation(assistant, ZH, "zh")
    talk.identity_expired = True
    said = talk("你是机器人吗")
    assert said.responses == ["utter_bot_challenge"]


def test_a_wish_after_it_ran_out_begins_after_signing_in(assistant: Assistant) -> None:
    talk = assistant.conversation(ZH)
    talk.identity_expired = True
    assert talk("我要分期").responses == ["utter_sign_in_to_go_on"]
    talk.identity_expired = False
    assert talk("/retry").responses == ["utter_first_term"]
