"""What a request must not take for an answer."""

from __future__ import annotations

import pytest

from tests.dialogue.harness import Assistant

ZH, EN = "demo-m1-first", "demo-english"


@pytest.mark.parametrize(
    ("customer", "language", "start", "said", "next_step", "amount"),
    [
        (ZH, "zh", "我想分期还", "我先还三千五剩下下个月15号", "记下还款约定", "3500.00"),
        (
            EN,
            "en",
            "I want to pay in instalments",
            "I'll pay 300 now and the rest next month",
            "Note this payment",
            "300.00",
        ),
    ],
)
def test_what_is_paid_first_is_not_the_sum_to_be_split(
    assistant: Assistant, customer: str, language: str, start: str, said: str, next_step: str, amount: str
) -> None:
    talk = assistant.conversation(customer, language)
    talk(start)
    talk(said)
    assert talk.tracker.get_slot("amount") is None
    assert talk.last.responses == ["utter_paid_first", "utter_again_term"]
    talk.press(next_step)
    assert talk.tracker.active_loop_name == "promise_form"
    assert talk.tracker.get_slot("amount") == amount


@pytest.mark.parametrize(
    ("customer", "language", "start", "said"),
    [
        (ZH, "zh", "我想延期", "我下个月15号还三千五"),
        (EN, "en", "I need more time to pay", "I will pay 300 on the 15th"),
    ],
)
def test_a_sum_said_in_a_deferral_can_be_noted_as_a_promise(
    assistant: Assistant, customer: str, language: str, start: str, said: str
) -> None:
    talk = assistant.conversation(customer, language)
    talk(start)
    talk(said)
    assert talk.last.responses[0] == "utter_sum_in_deferral"
    talk.press(talk.last.titles[0])
    assert talk.tracker.active_loop_name == "promise_form"


@pytest.mark.parametrize(
    ("customer", "language", "start", "question", "skip"),
    [
        (ZH, "zh", "我想申请延期", "你们银行几点下班", "不方便说"),
        (ZH, "zh", "我想申请延期", "今天天气咋样", "不方便说"),
        (EN, "en", "I need more time to pay", "what time does your branch close", "Rather not say"),
    ],
)
def test_another_question_is_no_reason(
    assistant: Assistant, customer: str, language: str, start: str, question: str, skip: str
) -> None:
    talk = assistant.conversation(customer, language)
    assert talk(start).responses[-1] == "utter_first_reason"
    said = talk(question)
    assert talk.tracker.get_slot("reason") is None
    assert said.responses == ["utter_out_of_scope_in_request", "utter_again_reason"]
    talk("/deny")
    assert talk.tracker.get_slot("reason") == "withheld"


def test_words_of_ones_own_are_still_a_reason(assistant: Assistant) -> None:
    talk = assistant.conversation(ZH)
    talk("我想申请延期")
    talk("家里出了点事")
    assert talk.tracker.get_slot("reason") == "other"
