"""The one-time code: sent once, checked by the bank, never kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from actions.instalment import InstalmentRequest
from bank.errors import InvalidRequest, NotFound, RateLimited, WrongCode
from tests.test_actions.form_talk import FormTalk
from tests.test_actions.request_bank import CODE, RequestBank

WRONG = "111111"


def at_code(**changes: Any) -> FormTalk:
    talk = FormTalk(InstalmentRequest, RequestBank(), **changes)
    talk.start(term="12")
    talk("affirm")
    assert talk.requested == "proof"
    return talk


def test_names_the_masked_phone_and_makes_the_widget_expect_a_code() -> None:
    talk = FormTalk(InstalmentRequest, RequestBank())
    talk.start(term="12")
    said = talk("affirm")
    assert "138****5678" in said
    assert said.messages[0]["custom"]["expects"] == "code"


@pytest.mark.parametrize("text", [CODE, f" {CODE} ", f"验证码是{CODE}", "204 815", "204-815", f"the code is {CODE}."])
def test_the_code_is_found_however_it_is_written(text: str) -> None:
    assert at_code()("inform", text).responses == ["utter_instalment_filed"]


def test_the_code_counts_even_if_the_message_was_not_understood_or_taken_for_an_amount() -> None:
    assert at_code()("nlu_fallback", CODE).responses == ["utter_instalment_filed"]
    assert at_code()("inform", CODE, amount=CODE).responses == ["utter_instalment_filed"]


def test_the_code_is_never_kept_in_a_slot() -> None:
    talk = at_code()
    talk.bank.fail("file_application", NotFound("POST …", "not-found", 404))
    talk("inform", CODE)
    assert CODE not in json.dumps(talk.slots)


@pytest.mark.parametrize("text", ["20481", "2048155", "12"])
def test_another_number_of_digits_costs_no_try(text: str) -> None:
    talk = at_code()
    assert talk("inform", text).responses == ["utter_code_malformed"]
    assert talk.bank.count("check_challenge") == 0


def test_digits_in_the_offer_of_a_button_are_no_code() -> None:
    talk = at_code()
    said = talk("affirm", '/affirm{"offer": "q-1f123456ab"}')
    assert said.responses == ["utter_again_proof"]
    assert talk.bank.count("check_challenge") == 0


def test_a_code_that_the_bank_finds_malformed_is_asked_for_again() -> None:
    talk = at_code()
    talk.bank.fail("check_challenge", InvalidRequest("POST …", "invalid-request", 400))
    assert talk("inform", CODE).responses == ["utter_code_malformed"]


def test_a_wrong_code_says_how_many_tries_are_left() -> None:
    talk = at_code()
    assert "还可以试 2 次" in talk("inform", WRONG)
    assert "还可以试 1 次" in talk("inform", WRONG)
    assert talk("inform", CODE).responses == ["utter_instalment_filed"]


def test_a_wrong_code_of_a_bank_that_does_not_count() -> None:
    talk = at_code()
    talk.bank.fail("check_challenge", WrongCode("POST …", "wrong-code", 422, None))
    assert talk("inform", WRONG).responses == ["utter_code_wrong"]


def test_too_many_wrong_codes_offer_a_person_and_send_nothing_by_themselves() -> None:
    talk = at_code()
    for _ in range(2):
        talk("inform", WRONG)
    said = talk("inform", WRONG)
    assert said.responses == ["utter_code_locked"]
    assert "/request_human" in said.payloads
    assert talk("inform", CODE).responses == ["utter_code_locked"]
    assert talk.bank.count("challenge") == 1
    assert talk("resend_code").responses == ["utter_code_resent"]
    assert talk("inform", CODE).responses == ["utter_instalment_filed"]


def test_sends_a_new_code_when_asked_and_the_old_one_no_longer_works() -> None:
    talk = at_code()
    before = talk.slots["challenge"]["id"]
    assert talk("resend_code").responses == ["utter_code_resent"]
    assert talk.slots["challenge"]["id"] != before
    assert before not in talk.bank.codes


def test_asking_too_often_keeps_the_code_that_was_sent() -> None:
    talk = at_code()
    before = talk.slots["challenge"]
    talk.bank.fail("challenge", RateLimited("POST …", "rate-limited", 429, 60))
    assert talk("resend_code").responses == ["utter_code_too_often"]
    assert talk.slots["challenge"] == before
    assert talk("inform", CODE).responses == ["utter_instalment_filed"]


def test_asking_too_often_before_the_first_code_can_be_tried_again() -> None:
    talk = FormTalk(InstalmentRequest, RequestBank())
    talk.start(term="12")
    talk.bank.fail("challenge", RateLimited("POST …", "rate-limited", 429, 60))
    assert talk("affirm").responses == ["utter_code_too_often"]
    assert talk.requested == "proof"
    assert talk("resend_code").responses == ["utter_code_resent"]


def test_an_old_code_is_replaced_by_a_new_one_and_said() -> None:
    talk = at_code()
    talk.bank.codes.clear()
    said = talk("inform", CODE)
    assert said.responses == ["utter_code_expired"]
    assert "138****5678" in said
    assert talk("inform", CODE).responses == ["utter_instalment_filed"]


def test_a_code_whose_challenge_the_bank_no_longer_knows_is_replaced() -> None:
    talk = at_code()
    talk.bank.fail("check_challenge", NotFound("POST …", "not-found", 404))
    assert talk("inform", CODE).responses == ["utter_code_expired"]


def test_coming_back_after_a_question_sends_no_second_code() -> None:
    talk = at_code()
    assert talk.interrupt().responses == ["utter_again_proof"]
    assert talk.bank.count("challenge") == 1


def test_anything_else_than_a_code_is_answered_with_help() -> None:
    said = at_code()("inform", "在哪里看")
    assert said.responses == ["utter_missed_proof"]
    assert "/resend_code" in said.payloads


def test_asking_for_a_code_where_none_is_due_sends_none() -> None:
    talk = FormTalk(InstalmentRequest, RequestBank())
    talk.start()
    talk("resend_code")
    assert talk.bank.count("challenge") == 0
    assert talk.requested == "term"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_bank_is_down(language: str) -> None:
    talk = at_code(language=language)
    talk.bank.down = True
    assert talk("resend_code").responses == ["utter_request_kept"]
    assert talk("inform", CODE).responses == ["utter_request_kept"]
    talk.bank.down = False
    assert talk("inform", CODE).responses == ["utter_instalment_filed"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_who_is_not_sure_yet_reads_that_nothing_was_filed_and_can_still_enter_the_code(language: str) -> None:
    talk = at_code(language=language)
    said = talk("deny")
    assert said.responses == ["utter_code_declined"]
    assert said.payloads[0] == "/stop"
    assert talk.bank.count("file_application") == 0
    assert talk("inform", CODE).responses == ["utter_instalment_filed"]
