"""The bank stops in the middle of a request and comes back: nothing entered is lost, and it goes on from there."""

from __future__ import annotations

from typing import List

import pytest

from tests.dialogue.conftest import Outage
from tests.dialogue.harness import Assistant, Conversation
from tests.dialogue.phone import Phones

ZH, EN = "demo-due-soon", "demo-english"


def kept(talk: Conversation) -> None:
    """A plain sentence and a next step."""
    assert talk.last.responses in (["utter_request_kept"], ["utter_request_kept_again"])
    assert len(talk.last.titles) == 3


@pytest.mark.parametrize(
    ("customer", "language", "want", "again"),
    [
        (ZH, "zh", "我要分期", "utter_first_term"),
        (ZH, "zh", "我想延期", "utter_first_reason"),
        (EN, "en", "I'd like to pay by instalments", "utter_first_term"),
        (EN, "en", "Could I have more time to pay?", "utter_first_reason"),
        (ZH, "zh", "撤回我的申请", "utter_no_applications"),
    ],
)
def test_at_the_start(
    assistant: Assistant, bank_down: Outage, customer: str, language: str, want: str, again: str
) -> None:
    talk = assistant.conversation(customer, language=language)
    with bank_down():
        talk(want)
        kept(talk)
    assert talk("/retry").responses == [again]


def test_the_term_is_kept(assistant: Assistant, bank_down: Outage) -> None:
    talk = assistant.conversation(ZH)
    talk("我要分期")
    with bank_down():
        talk("12期")
        kept(talk)
        talk.press("再试一次")
        kept(talk)
    assert "分 12 期" in talk.press("再试一次")


def test_the_confirmation_is_kept_and_its_key(assistant: Assistant, bank_down: Outage, phones: Phones) -> None:
    talk = assistant.conversation(ZH)
    talk("我要分期，12期")
    confirm = talk.last.payload("确认提交")
    with bank_down():
        talk(confirm)
        kept(talk)
    key = talk.tracker.get_slot("idempotency_key")
    assert talk.press("再试一次").responses == ["utter_first_proof"]
    assert talk.tracker.get_slot("idempotency_key") == key
    talk(phones.code(ZH))
    assert len(phones.applications(ZH)) == 1


def test_the_code_is_asked_for_again(assistant: Assistant, bank_down: Outage, phones: Phones) -> None:
    talk = assistant.conversation(ZH)
    talk("我要分期，12期")
    talk.press("确认提交")
    with bank_down():
        talk(phones.code(ZH))
        kept(talk)
    talk.press("再试一次")
    talk(phones.code(ZH))
    assert len(phones.applications(ZH)) == 1


def test_a_question_meanwhile_says_so_once_and_is_answered_when_it_is_back(
    assistant: Assistant, bank_down: Outage
) -> None:
    talk = assistant.conversation(ZH)
    talk("我要分期")
    with bank_down():
        assert talk("我欠多少钱").responses == ["utter_bank_unavailable"]
    said = talk("/retry")
    assert said.responses[0].startswith("utter_amount_")
    assert said.responses[-1] == "utter_again_term"
    assert talk("12期").responses == ["utter_instalment_summary"]


def test_the_state_of_requests(assistant: Assistant, bank_down: Outage) -> None:
    talk = assistant.conversation(ZH)
    with bank_down():
        assert talk("我的申请进度").responses == ["utter_bank_unavailable"]
        assert talk("/retry").responses == ["utter_bank_unavailable_again"]
    assert talk("/retry").responses[-1] in ("utter_no_applications", "utter_after_applications")


def test_stopping_while_the_bank_is_down(assistant: Assistant, bank_down: Outage) -> None:
    talk = assistant.conversation(ZH)
    with bank_down():
        talk("我要分期")
        assert talk.press("先停下").responses == ["utter_stopped"]
    assert talk.tracker.active_loop_name is None


def test_a_person_while_the_bank_is_down(assistant: Assistant, bank_down: Outage) -> None:
    talk = assistant.conversation(ZH)
    talk("我要分期")
    with bank_down():
        assert "utter_human_recorded" in talk("转人工").responses


@pytest.mark.parametrize(
    ("customer", "language", "sums", "again"),
    [
        ("demo-m1-partial", "zh", ["还不起了", "800"], "再试一次"),
        (EN, "en", ["i can pay about 800 a month"], "try again"),
    ],
)
def test_a_sum_said_outside_of_a_request_is_remembered(
    assistant: Assistant, bank_down: Outage, customer: str, language: str, sums: List[str], again: str
) -> None:
    talk = assistant.conversation(customer, language=language)
    for text in sums[:-1]:
        talk(text)
    with bank_down():
        assert talk(sums[-1]).responses == ["utter_bank_unavailable"]
    assert talk.tracker.get_slot("monthly_capacity") == "800.00"
    assert talk(again).responses == ["utter_negotiation"]
    assert "¥800.00" in talk.last
