"""People interrupt: their question is answered, then the request goes on where it was."""

from __future__ import annotations

from typing import Dict

import pytest

from desk.store import HandoverStore
from tests.dialogue.harness import Assistant, Conversation
from tests.dialogue.phone import Phones

ZH, EN = "demo-m1-partial", "demo-english"
AGAIN: Dict[str, str] = {
    "term": "utter_again_term",
    "confirmed": "utter_instalment_confirm",
    "proof": "utter_again_proof",
}


def at(step: str, assistant: Assistant, customer: str = ZH, language: str = "zh") -> Conversation:
    talk = assistant.conversation(customer, language=language)
    talk("/request_instalment")
    if step != "term":
        talk('/inform{"term": "12"}')
    if step == "proof":
        talk("/affirm")
    assert talk.tracker.get_slot("requested_slot") == step
    return talk


@pytest.mark.parametrize("step", AGAIN)
@pytest.mark.parametrize(
    ("question", "answer"),
    [("会上征信吗", "utter_credit"), ("违约金怎么算的", "utter_fees"), ("你是机器人吗", "utter_bot_challenge")],
)
def test_a_question_in_chinese(assistant: Assistant, step: str, question: str, answer: str) -> None:
    talk = at(step, assistant)
    assert talk(question).responses == [answer, AGAIN[step]]
    assert talk.tracker.get_slot("requested_slot") == step


@pytest.mark.parametrize("step", AGAIN)
def test_a_question_in_english(assistant: Assistant, step: str) -> None:
    talk = at(step, assistant, EN, "en")
    assert talk("will it affect my credit report?").responses == ["utter_credit", AGAIN[step]]


def test_two_questions_one_after_the_other_then_the_answer(assistant: Assistant) -> None:
    talk = at("term", assistant)
    talk("会上征信吗")
    talk("怎么还款")
    assert talk("12期").responses == ["utter_instalment_summary"]


def test_a_question_with_a_number_in_it_is_not_taken_for_the_answer(assistant: Assistant) -> None:
    talk = at("term", assistant)
    talk("逾期3个月会上征信吗")
    assert talk.tracker.get_slot("term") is None
    assert talk.last.responses[-1] == "utter_again_term"


def test_a_question_about_another_card_does_not_change_the_request(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-two-cards")
    talk("/request_instalment")
    talk('/inform{"card": "3306"}')
    talk("尾号9520欠多少")
    assert talk.tracker.get_slot("request_card")["last4"] == "3306"


@pytest.mark.parametrize("step", AGAIN)
def test_a_person_is_wished_for_and_the_request_kept(assistant: Assistant, desk: HandoverStore, step: str) -> None:
    talk = at(step, assistant)
    assert talk("转人工").responses == ["utter_human_recorded", AGAIN[step]]
    assert talk.tracker.active_loop_name == "instalment_form"


@pytest.mark.parametrize("step", AGAIN)
@pytest.mark.parametrize(("language", "text"), [("zh", "为什么要问这个"), ("en", "why do you ask?")])
def test_why(assistant: Assistant, step: str, language: str, text: str) -> None:
    talk = at(step, assistant, EN if language == "en" else ZH, language)
    assert talk(text).responses == [f"utter_why_{step}", AGAIN[step]]


def test_say_that_again(assistant: Assistant) -> None:
    assert at("term", assistant)("再说一遍").responses == ["utter_first_term"]
    assert at("confirmed", assistant)("再说一遍").responses == ["utter_instalment_summary"]
    assert at("proof", assistant)("再说一遍").responses == ["utter_first_proof"]


@pytest.mark.parametrize("text", ["等一下", "wait a moment"])
def test_a_moment_please_is_not_pressed(assistant: Assistant, text: str) -> None:
    talk = at("term", assistant)
    assert talk(text).responses == ["utter_wait"]
    assert talk("12期").responses == ["utter_instalment_summary"]


def test_another_language_is_used_from_then_on(assistant: Assistant) -> None:
    talk = at("term", assistant)
    assert "into how many" in talk("Can we speak English please?")
    assert "The whole cost" in talk("12")


def test_what_is_not_understood_is_answered_with_help_and_soon_a_person(assistant: Assistant) -> None:
    talk = at("term", assistant)
    assert talk("/nlu_fallback").responses == ["utter_missed_term"]
    assert "找人工" not in talk.last.titles
    assert "找人工" in talk("/nlu_fallback").titles


@pytest.mark.parametrize("step", AGAIN)
@pytest.mark.parametrize("text", ["算了不办了", "never mind"])
def test_stop_files_nothing_and_forgets(assistant: Assistant, phones: Phones, step: str, text: str) -> None:
    talk = at(step, assistant)
    assert talk(text).responses == ["utter_stopped"]
    assert talk.tracker.active_loop_name is None
    slots = talk.tracker.current_slot_values()
    kept = ("card", "language", "misses", "session_started_metadata")
    assert {name for name, value in slots.items() if value is not None and name not in kept} == set()
    assert phones.applications(ZH) == []
    assert talk("12期").responses == ["utter_loose_inform"]


def test_start_over_forgets_as_well(assistant: Assistant) -> None:
    talk = at("confirmed", assistant)
    talk("重新开始")
    assert talk.tracker.active_loop_name is None
    assert talk.tracker.get_slot("term") is None


class TestSwitching:
    def test_a_deferral_instead_leaves_the_instalments_and_offers_them_later(
        self, assistant: Assistant, phones: Phones
    ) -> None:
        talk = at("term", assistant)
        talk("只分3000")
        said = talk("我还是想申请延期")
        assert said.responses == ["utter_request_left", "utter_first_reason"]
        assert "分期申请先放在一边" in said
        talk("不方便说")
        talk("下个月15号")
        talk("确认")
        talk(phones.code(ZH))
        assert [filed.kind.value for filed in phones.applications(ZH)] == ["deferral"]
        assert talk.last.responses == ["utter_deferral_filed", "utter_request_waiting"]
        phones.clear()
        assert "¥3,000.00" in talk.press("接着办")

    def test_going_back_takes_up_what_was_entered(self, assistant: Assistant) -> None:
        talk = at("confirmed", assistant)
        talk("我想延期")
        said = talk("还是分期吧")
        assert said.responses == ["utter_request_left", "utter_request_resumed", "utter_instalment_summary"]
        assert "分 12 期" in said

    @pytest.mark.parametrize("text", ["接着办", "继续", "好的"])
    def test_a_yes_to_the_offer_goes_on(self, assistant: Assistant, phones: Phones, text: str) -> None:
        talk = at("term", assistant)
        talk("/cancel_application")
        assert talk.last.responses[-1] == "utter_request_waiting"
        assert "utter_request_resumed" in talk(text).responses

    @pytest.mark.parametrize("text", ["不用了", "算了"])
    def test_a_no_to_the_offer_forgets_it(self, assistant: Assistant, text: str) -> None:
        talk = at("term", assistant)
        talk("/cancel_application")
        talk(text)
        assert talk.tracker.get_slot("parked") is None

    def test_the_state_of_requests_is_a_question_and_no_switch(self, assistant: Assistant) -> None:
        talk = at("term", assistant)
        talk("我的申请怎么样了")
        assert talk.last.responses[0] in ("utter_no_applications", "utter_application_state")
        assert talk.last.responses[-1] == "utter_again_term"
        assert talk.tracker.active_loop_name == "instalment_form"


class TestNothingAsked:
    @pytest.mark.parametrize(
        ("text", "response"),
        [
            ("好的", "utter_loose_affirm"),
            ("不用了", "utter_loose_deny"),
            ("12期", "utter_loose_inform"),
            ("不对，我说错了", "utter_loose_correct"),
            ("没收到验证码", "utter_loose_resend_code"),
            ("为什么问这个", "utter_why_nothing"),
            ("再试一次", "utter_nothing_to_retry"),
            ("算了", "utter_nothing_to_stop"),
        ],
    )
    def test_is_answered_with_what_can_be_done(self, assistant: Assistant, text: str, response: str) -> None:
        said = assistant.conversation(ZH)(text)
        assert said.responses == [response]
        assert said.titles
