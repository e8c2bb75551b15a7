"""Two wishes in one message: the first is taken care of, the second is remembered and offered then."""

from __future__ import annotations

import pytest

from tests.dialogue.harness import Assistant
from tests.dialogue.phone import Phones

ZH, EN = "demo-m1-partial", "demo-english"
OFFER = "utter_second_wish"


def test_the_second_question_is_offered_after_the_first_answer(assistant: Assistant) -> None:
    talk = assistant.conversation(ZH)
    said = talk("我现在一共欠多少钱？另外会不会上征信？")
    assert said.responses == ["utter_amount_due", OFFER]
    assert "征信" in said.messages[-1]["text"]
    assert talk.tracker.get_slot("second_wish") is None
    assert talk.press("看看").responses == ["utter_credit"]


def test_a_plain_yes_is_enough(assistant: Assistant) -> None:
    talk = assistant.conversation(EN, language="en")
    said = talk("How much do I owe right now? Also, will this hurt my credit report?")
    assert said.responses == ["utter_amount_due", OFFER]
    assert talk("yes please").responses == ["utter_credit"]


def test_a_no_leaves_it(assistant: Assistant) -> None:
    talk = assistant.conversation(ZH)
    talk("我现在一共欠多少钱？另外会不会上征信？")
    talk("不用了")
    assert OFFER not in talk("你好").responses


def test_a_request_comes_to_its_end_first(assistant: Assistant, phones: Phones) -> None:
    talk = assistant.conversation(ZH)
    talk("我想申请分期还款。还有违约金能不能帮我减免一点？")
    assert talk.tracker.active_loop_name == "instalment_form"
    assert OFFER not in talk.last.responses
    talk("12期")
    talk("确认")
    said = talk(phones.code(ZH))
    assert said.responses == ["utter_instalment_filed", OFFER]
    assert [each.terms for each in phones.applications(ZH)] == [12]
    assert talk("好的").responses == ["utter_waiver_not_eligible"]  # the bank takes one request for a card at a time


def test_what_came_up_by_itself_meanwhile_is_not_offered(assistant: Assistant) -> None:
    talk = assistant.conversation(ZH)
    talk("我想申请分期还款。另外会不会上征信？")
    assert talk.tracker.active_loop_name == "instalment_form"
    talk("会不会上征信")
    assert OFFER not in talk("算了，不办了").responses


@pytest.mark.parametrize(
    "text", ["我失业了，没有收入。另外想问问怎么办", "我想分期，不想延期", "好的，我明白了。谢谢你"]
)
def test_stories_and_denials_are_no_second_wish(assistant: Assistant, text: str) -> None:
    talk = assistant.conversation(ZH)
    assert OFFER not in talk(text).responses


def test_nothing_is_offered_after_a_sign_of_distress(assistant: Assistant) -> None:
    talk = assistant.conversation(ZH)
    assert OFFER not in talk("我现在欠多少钱？另外会不会上征信？我不想活了").responses
    assert OFFER not in talk("你好").responses
