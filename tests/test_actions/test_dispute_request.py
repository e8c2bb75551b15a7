"""The dispute of a booking, turn by turn, with a bank in memory."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, List, Optional

import pytest

from actions.applications import ActionApplications, WithdrawalRequest
from actions.dispute_request import DisputeRequest
from bank.calls.capabilities import OPERATIONS
from bank.errors import NotEligible, NotEligibleReason, NotOffered
from bank.models import Capabilities, DisputeReason, DisputeStatus, Transaction, TransactionKind
from tests.test_actions.builders import dispute, summary, transaction
from tests.test_actions.form_talk import FormTalk
from tests.test_actions.request_bank import AnswerLost, RequestBank
from tests.test_actions.talk import Said, ask


def spent() -> List[Transaction]:
    return [
        transaction(),
        transaction(id="t-2", description="晨光咖啡", amount=Decimal("36.00"), posted_on=date(2026, 11, 9)),
        transaction(id="t-3", description="Metro Card Top-up", amount=Decimal("36.00")),
        transaction(id="t-4", description="星河影城", amount=Decimal("120.00"), disputed=True),
        transaction(id="t-5", description="违约金", amount=Decimal("25.00"), kind=TransactionKind.LATE_FEE),
    ]


def bank(**answers: Any) -> RequestBank:
    return RequestBank(**{"transactions": spent(), **answers})


def started(of: Optional[RequestBank] = None, language: str = "zh", **entities: Any) -> FormTalk:
    talk = FormTalk(DisputeRequest, of or bank(), language=language)
    talk.start(**entities)
    return talk


def at_confirmation(of: Optional[RequestBank] = None, language: str = "zh") -> FormTalk:
    talk = started(of, language, wrong="not_mine")
    talk("inform", transaction="t-1")
    assert talk.requested == "confirmed"
    return talk


class TestBooking:
    def test_the_latest_spending_is_shown_and_can_be_picked(self) -> None:
        talk = FormTalk(DisputeRequest, bank())
        said = talk.start()
        assert list(said.rows)[0] == "晨光咖啡"
        assert "违约金" not in said.rows
        assert '/inform{"transaction": "t-4"}' not in said.payloads  # is examined already
        talk("inform", transaction="t-2")
        assert (talk.slots["transaction"]["id"], talk.requested) == ("t-2", "wrong")

    def test_by_its_amount(self) -> None:
        talk = started()
        talk("inform", "268.4", amount="268.40")
        assert talk.slots["transaction"]["id"] == "t-1"

    @pytest.mark.parametrize(
        ("text", "wanted"), [("咖啡那笔", "t-2"), ("示范超市的", "t-1"), ("the metro one", "t-3"), ("METRO", "t-3")]
    )
    def test_by_words_of_its_description(self, text: str, wanted: str) -> None:
        talk = started()
        talk("nlu_fallback", text)
        assert talk.slots["transaction"]["id"] == wanted

    def test_of_several_with_that_amount_one_is_asked_for(self) -> None:
        talk = started()
        said = talk("inform", "36", amount="36.00")
        assert said.responses == ["utter_transaction_several", "utter_again_transaction"]
        assert said.payloads[:2] == ['/inform{"transaction": "t-2"}', '/inform{"transaction": "t-3"}']
        assert talk.slots["transaction"] is None

    def test_amount_and_words_together_tell_which(self) -> None:
        talk = started()
        talk("inform", "咖啡 36", amount="36.00")
        assert talk.slots["transaction"]["id"] == "t-2"

    def test_one_that_is_examined_already_is_said(self) -> None:
        talk = started()
        assert talk("inform", "120", amount="120.00").responses[0] == "utter_transaction_examined"
        assert talk.slots["transaction"] is None

    @pytest.mark.parametrize("of", ["t-5", "t-9"])
    def test_what_is_not_the_customers_spending_is_not_taken(self, of: str) -> None:
        talk = started()
        assert talk("inform", transaction=of).responses == ["utter_missed_transaction"]

    def test_named_with_the_complaint_it_is_not_asked_for(self) -> None:
        talk = started(amount="268.40", wrong="not_mine")
        assert (talk.slots["transaction"]["id"], talk.requested) == ("t-1", "confirmed")

    def test_a_shops_word_in_the_complaint_picks_nothing(self) -> None:
        talk = FormTalk(DisputeRequest, bank(), language="en")
        talk._hear("dispute_charge", 1.0, "There is a transaction on my metro card I did not make", {})
        talk._events.append({"event": "active_loop", "name": "dispute_form"})
        talk.active = "dispute_form"
        said = talk._run(talk._action(), loop="dispute_form")
        assert said.responses == ["utter_first_transaction"]

    def test_nothing_spent_says_so(self) -> None:
        talk = FormTalk(DisputeRequest, bank(transactions=[]))
        assert talk.start().responses == ["utter_dispute_nothing"]
        assert talk.active is None


class TestWhatIsWrong:
    @pytest.mark.parametrize("reason", list(DisputeReason))
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_every_class_is_filed_as_the_bank_names_it(self, reason: DisputeReason, language: str) -> None:
        of = bank()
        talk = started(of, language)
        talk("inform", transaction="t-1")
        talk("inform", "/inform", wrong=reason.value)
        said: Said = talk("affirm")
        assert said.responses == ["utter_dispute_filed"]
        assert of.calls[-1][1] == {"transaction_id": "t-1", "reason": reason, "statement": None}

    def test_own_words_are_filed_with_it(self) -> None:
        of = bank()
        talk = started(of)
        talk("inform", transaction="t-1")
        said = talk("nlu_fallback", "店家答应给我打折的")
        assert said.rows["您的说明"] == "店家答应给我打折的"
        talk("affirm")
        assert of.calls[-1][1]["reason"] is DisputeReason.OTHER
        assert of.calls[-1][1]["statement"] == "店家答应给我打折的"

    def test_a_class_that_the_bank_does_not_know_is_not_taken(self) -> None:
        talk = started()
        talk("inform", transaction="t-1")
        assert talk("inform", "/inform", wrong="aliens").responses == ["utter_missed_wrong"]


class TestFiling:
    def test_nothing_is_filed_before_the_yes_and_no_code_is_asked_for(self) -> None:
        of = bank()
        talk = at_confirmation(of)
        assert of.count("file_dispute") == 0
        said = talk("affirm")
        assert said.card["figure"]["value"] == of.disputed[0].reference
        assert "先不算进要还的钱里" in said.first
        assert "挂失" in said
        assert (of.count("file_dispute"), of.count("challenge")) == (1, 0)
        assert talk.entered == {}

    def test_only_a_stolen_card_is_told_to_block_it(self) -> None:
        talk = started(wrong="cancelled")
        talk("inform", transaction="t-1")
        assert "挂失" not in talk("affirm")

    def test_a_no_files_nothing(self) -> None:
        of = bank()
        assert at_confirmation(of)("deny").responses == ["utter_dispute_declined"]
        assert of.count("file_dispute") == 0

    def test_another_booking_at_the_confirmation_needs_another_yes(self) -> None:
        of = bank()
        talk = at_confirmation(of)
        said = talk("correct", "不对，是咖啡那笔")
        assert said.responses == ["utter_dispute_summary"]
        assert "晨光咖啡" in said
        talk("affirm")
        assert of.calls[-1][1]["transaction_id"] == "t-2"

    @pytest.mark.parametrize("reason", [NotEligibleReason.NOT_ALLOWED_NOW, NotEligibleReason.ALREADY_RUNNING])
    def test_a_refusal_leads_to_a_person(self, reason: NotEligibleReason) -> None:
        of = bank()
        of.fail("file_dispute", NotEligible("POST …", "not-eligible", 422, reason))
        talk = at_confirmation(of)
        said = talk("affirm")
        assert said.responses == ["utter_dispute_not_eligible"]
        assert "/request_human" in said.payloads
        assert talk.active is None

    def test_an_answer_that_got_lost_is_asked_for_again_with_the_same_key(self) -> None:
        of = bank()
        of.fail("file_dispute", AnswerLost())
        talk = at_confirmation(of)
        assert talk("affirm").responses == ["utter_filing_unclear"]
        assert talk("retry").responses == ["utter_dispute_filed"]
        assert len(of.disputed) == 1


class TestState:
    @pytest.mark.parametrize("status", list(DisputeStatus))
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_every_state_is_told(self, status: DisputeStatus, language: str) -> None:
        said = ask(ActionApplications, RequestBank(disputes=[dispute(status=status)]), language=language)
        assert said.card["figure"]["value"]
        assert "¥268.40" in said

    def test_is_withdrawn_without_a_code(self) -> None:
        of = bank(disputes=[dispute()])
        talk = FormTalk(WithdrawalRequest, of)
        assert "重新算进要还的" in talk.start()
        assert talk("affirm").responses == ["utter_withdrawn"]
        assert of.disputed[0].status is DisputeStatus.WITHDRAWN
        assert of.count("challenge") == 0


class TestBank:
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_down_at_the_start_and_up_again(self, language: str) -> None:
        of = bank()
        of.down = True
        talk = FormTalk(DisputeRequest, of, language=language)
        assert talk.start(wrong="not_mine").responses == ["utter_request_kept"]
        of.down = False
        assert talk("retry").responses == ["utter_first_transaction"]
        assert talk.slots["wrong"]["reason"] == "not_mine"

    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_that_takes_no_disputes_here_lists_the_spending_and_a_person(self, language: str) -> None:
        offered = [name for name in OPERATIONS if name != "file_dispute"]
        of = bank(capabilities=Capabilities(contract="1.1", operations=offered), overdue=summary())
        talk = FormTalk(DisputeRequest, of, language=language)
        said = talk.start()
        assert said.responses == ["utter_dispute"]
        assert said.payloads[0] == "/request_human"
        assert talk.active is None

    def test_that_does_not_say_what_it_lacks(self) -> None:
        of = bank()
        of.fail("file_dispute", NotOffered("POST …", "not-offered", 501))
        talk = at_confirmation(of)
        assert talk("affirm").responses == ["utter_dispute"]
        assert talk.active is None


def test_a_visitor_is_told_to_block_the_card_and_can_sign_in() -> None:
    talk = FormTalk(DisputeRequest, bank())
    talk.signed_in = False
    said = talk.start()
    assert said.responses == ["utter_general_dispute"]
    assert "挂失" in said
    assert talk.active is None
