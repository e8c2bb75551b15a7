"""What was entered can be corrected until it is filed; nothing is filed without a plain yes to what is shown."""

from __future__ import annotations

import pytest

from tests.dialogue.harness import Assistant, Conversation
from tests.dialogue.phone import Phones

ZH, EN = "demo-m2", "demo-english"


def at_confirmation(assistant: Assistant, customer: str = ZH, language: str = "zh") -> Conversation:
    talk = assistant.conversation(customer, language=language)
    talk("/request_instalment")
    talk('/inform{"term": "12"}')
    assert talk.last.responses == ["utter_instalment_summary"]
    return talk


@pytest.mark.parametrize(
    "text", ["不对，是6期", "改成6期", "不是12期，是6期", "6期，不是12期", "能改成6期吗", "半年的", "还是分6期吧", "6"]
)
def test_another_term_in_chinese(assistant: Assistant, text: str) -> None:
    talk = at_confirmation(assistant)
    said = talk(text)
    assert said.responses == ["utter_instalment_summary"]
    assert "分 6 期" in said


@pytest.mark.parametrize(
    "text",
    [
        "no, 6 months",
        "make it 6",
        "I meant 6 instalments",
        "change it to 6 instalments",
        "6",
        "and if I take 6 instead?",
    ],
)
def test_another_term_in_english(assistant: Assistant, text: str) -> None:
    talk = at_confirmation(assistant, EN, "en")
    said = talk(text)
    assert said.responses == ["utter_instalment_summary"]
    assert "in 6 instalments" in said


def test_another_amount(assistant: Assistant) -> None:
    talk = at_confirmation(assistant)
    assert "¥2,000.00 分 12 期" in talk("只分2000")


def test_all_of_it_after_all(assistant: Assistant) -> None:
    talk = at_confirmation(assistant)
    whole = talk.last.text
    talk("只分2000")
    talk("还是全部吧")
    assert talk.tracker.get_slot("amount") is None
    assert talk.last.responses == ["utter_instalment_summary"]
    assert talk.last.text.split("在 ")[0] == whole.split("在 ")[0]


@pytest.mark.parametrize("text", ["不提交", "不要", "先不提交了"])
def test_no_files_nothing_and_offers_what_next(assistant: Assistant, phones: Phones, text: str) -> None:
    talk = at_confirmation(assistant)
    said = talk(text)
    assert said.responses in (["utter_instalment_declined"], ["utter_stopped"])
    assert "没有提交" in said
    assert phones.applications(ZH) == []


def test_after_a_no_another_term_can_be_chosen(assistant: Assistant) -> None:
    talk = at_confirmation(assistant)
    talk("/deny")
    talk.press("换个期数")
    assert talk.last.responses == ["utter_first_term"]
    assert "分 6 期" in talk.press("6期")


@pytest.mark.parametrize(
    "text", ["嗯那个什么来着", "应该吧", "也许可以考虑", "我再想想", "hmm", "maybe later", "再说吧"]
)
def test_the_yes_must_be_plain(assistant: Assistant, text: str) -> None:
    talk = at_confirmation(assistant)
    talk(text)
    assert talk.tracker.get_slot("confirmed") is None
    assert "utter_first_proof" not in talk.last.responses


def test_a_button_of_a_quote_that_was_replaced_confirms_nothing(assistant: Assistant) -> None:
    talk = at_confirmation(assistant)
    old = talk.last.payload("确认提交")
    talk("改成6期")
    assert talk(old).responses == ["utter_instalment_confirm"]
    assert talk.tracker.get_slot("confirmed") is None


def test_another_term_while_the_code_is_awaited_needs_a_new_yes_and_a_new_code(
    assistant: Assistant, phones: Phones
) -> None:
    talk = at_confirmation(assistant)
    talk.press("确认提交")
    old = phones.code(ZH)
    assert "分 6 期" in talk("等等，改成6期")
    talk.press("确认提交")
    assert talk(old).responses == ["utter_code_wrong_counted"]
    talk(phones.code(ZH))
    assert [filed.terms for filed in phones.applications(ZH)] == [6]


def test_someone_elses_payload_sets_nothing_that_matters(assistant: Assistant, phones: Phones) -> None:
    talk = assistant.conversation(ZH)
    talk("/request_instalment")
    for slot in ("confirmed", "proof", "offer", "idempotency_key", "challenge", "receipt"):
        talk(f'/inform{{"{slot}": "x"}}')
        assert talk.tracker.get_slot(slot) is None
    assert phones.applications(ZH) == []
