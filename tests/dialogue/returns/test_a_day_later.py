"""Customers who disappear and come back: what was left is offered once, in a word, and nothing else is remembered."""

from __future__ import annotations

from typing import Any

import pytest

from bank.client import BankClient
from bank.errors import BankTimeout
from tests.dialogue.harness import Assistant, Conversation
from tests.dialogue.phone import Phones

ZH, EN = "demo-m1-partial", "demo-english"
OFFER = "utter_request_from_before"


def left_at_confirmation(assistant: Assistant, customer: str = ZH, language: str = "zh") -> Conversation:
    talk = assistant.conversation(customer, language=language)
    talk("/request_instalment")
    talk('/inform{"term": "12"}')
    assert talk.tracker.get_slot("requested_slot") == "confirmed"
    talk.a_day_passes()
    return talk


def test_the_answer_comes_first_then_what_was_left(assistant: Assistant, phones: Phones) -> None:
    talk = left_at_confirmation(assistant)
    said = talk("你好")
    assert said.responses == ["utter_greet", OFFER]
    assert "分期申请" in said
    assert "12 期" in said
    assert said.titles[-2:] == ["接着办", "不用了"]
    assert phones.applications(ZH) == []


def test_in_english(assistant: Assistant) -> None:
    talk = left_at_confirmation(assistant, EN, "en")
    said = talk("hello again")
    assert said.responses == ["utter_greet", OFFER]
    assert "not finished" in said
    assert said.titles[-2:] == ["Go on", "No, leave it"]


def test_it_is_offered_once(assistant: Assistant) -> None:
    talk = left_at_confirmation(assistant)
    talk("你好")
    assert OFFER not in talk("会上征信吗").responses


@pytest.mark.parametrize("yes", ["接着办", "好的"])
def test_going_on_fetches_a_new_quote_to_be_confirmed(assistant: Assistant, phones: Phones, yes: str) -> None:
    talk = left_at_confirmation(assistant)
    talk("你好")
    assert talk(yes).responses == ["utter_request_resumed", "utter_instalment_summary"]
    assert phones.applications(ZH) == []  # yesterday's quote is not today's offer
    assert talk.tracker.get_slot("term") == 12
    talk.press("确认提交")
    talk(phones.code(ZH))
    assert [each.terms for each in phones.applications(ZH)] == [12]


def test_a_no_forgets_it(assistant: Assistant) -> None:
    talk = left_at_confirmation(assistant)
    talk("你好")
    talk.press("不用了")
    assert talk.tracker.get_slot("parked") is None
    talk.a_day_passes()
    assert OFFER not in talk("你好").responses


def test_asking_for_the_same_request_goes_on_at_once(assistant: Assistant) -> None:
    talk = left_at_confirmation(assistant)
    assert talk("我想分期").responses == ["utter_request_resumed", "utter_instalment_summary"]
    talk("停，不办了")
    assert OFFER not in talk("你好").responses


def test_while_another_request_is_under_way_it_waits(assistant: Assistant) -> None:
    talk = left_at_confirmation(assistant)
    talk("我想延期")
    assert talk.tracker.active_loop_name == "deferral_form"
    assert OFFER not in talk.last.responses


def test_nothing_left_nothing_offered(assistant: Assistant) -> None:
    talk = assistant.conversation(ZH)
    talk("欠多少钱")
    talk.a_day_passes()
    assert talk("你好").responses == ["utter_greet"]


def test_yesterdays_confirmation_key_and_proof_are_gone(assistant: Assistant, phones: Phones) -> None:
    talk = left_at_confirmation(assistant)
    talk("你好")
    for slot in ("offer", "confirmed", "idempotency_key", "challenge", "proof", "requested_slot", "request_card"):
        assert talk.tracker.get_slot(slot) is None, slot
    assert talk("确认提交").responses != ["utter_instalment_filed"]
    assert phones.applications(ZH) == []


def test_the_language_and_the_card_are_remembered(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-two-cards")
    talk("please speak English with me")
    assert talk.tracker.get_slot("language") == "en"
    talk.a_day_passes()
    assert "You have 2 cards" in talk("/ask_amount_due")


def test_what_was_sent_without_an_answer_is_sent_again_and_filed_once(
    assistant: Assistant, phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_application = BankClient.file_application

    def its_answer_is_lost(self: BankClient, *args: Any, **given: Any) -> None:
        file_application(self, *args, **given)
        raise BankTimeout("POST …", "took too long")

    talk = assistant.conversation(ZH)
    talk("/request_instalment")
    talk('/inform{"term": "6"}')
    talk("/affirm")
    with monkeypatch.context() as losing:
        losing.setattr(BankClient, "file_application", its_answer_is_lost)
        assert talk(phones.code(ZH)).responses == ["utter_filing_unclear"]
    talk.a_day_passes()
    assert talk("你好").responses == ["utter_greet", "utter_request_from_before_unclear"]
    (filed,) = phones.applications(ZH)
    assert filed.reference in talk.press("现在确认")
    assert [each.reference for each in phones.applications(ZH)] == [filed.reference]


def test_after_a_sign_of_distress_nothing_of_money_comes_up_by_itself(assistant: Assistant) -> None:
    talk = left_at_confirmation(assistant)
    assert OFFER not in talk("我不想活了").responses
    assert OFFER not in talk("你好").responses
    assert talk("我想分期").responses[0] == "utter_request_resumed"


def test_a_visitor_whose_sign_in_ran_out_sees_no_figures(assistant: Assistant) -> None:
    talk = left_at_confirmation(assistant)
    talk.identity_expired = True
    said = talk("你好")
    assert OFFER in said.responses
    assert "尾号" not in said
    assert "12" not in said
