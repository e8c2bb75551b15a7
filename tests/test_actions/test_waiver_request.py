"""The waiver request, turn by turn, with a bank in memory."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Optional

import pytest

from actions.waiver import WaiverRequest
from bank.calls.capabilities import OPERATIONS
from bank.errors import NotEligible, NotEligibleReason, NotOffered, QuoteExpired
from bank.models import ApplicationKind, Capabilities, ReasonClass, WaiverKind
from tests.test_actions.builders import card, not_eligible, waiver
from tests.test_actions.form_talk import FormTalk
from tests.test_actions.request_bank import CODE, AnswerLost, RequestBank


def started(bank: Optional[RequestBank] = None, language: str = "zh", **entities: Any) -> FormTalk:
    talk = FormTalk(WaiverRequest, bank or RequestBank(), language=language)
    talk.start(**entities)
    return talk


def at_confirmation(bank: Optional[RequestBank] = None, language: str = "zh") -> FormTalk:
    talk = started(bank, language, charge="late_fee", reason="forgot")
    assert talk.requested == "confirmed"
    return talk


class TestCharge:
    def test_what_the_bank_would_review_is_shown_and_can_be_chosen(self) -> None:
        talk = FormTalk(WaiverRequest, RequestBank())
        said = talk.start()
        assert said.rows == {"违约金": "¥25.00", "利息": "¥87.50"}
        assert said.payloads == ['/inform{"charge": "late_fee"}', '/inform{"charge": "interest"}']
        talk("inform", charge="interest")
        assert (talk.slots["charge"], talk.requested) == ("interest", "reason")

    def test_named_with_the_wish_it_is_not_asked_for(self) -> None:
        assert started(charge="late_fee").requested == "reason"

    def test_the_only_one_is_not_asked_for(self) -> None:
        talk = started(RequestBank(waiver_options=[waiver(WaiverKind.INTEREST)]))
        assert (talk.slots["charge"], talk.requested) == ("interest", "reason")

    def test_of_both_one_is_asked_for_first(self) -> None:
        talk = FormTalk(WaiverRequest, RequestBank())
        said = talk.start(charge=["late_fee", "interest"])
        assert said.responses == ["utter_charge_one_at_a_time", "utter_first_charge"]
        assert talk.slots["charge"] is None

    def test_one_that_the_bank_would_not_review_is_said(self) -> None:
        talk = FormTalk(WaiverRequest, RequestBank(waiver_options=[waiver(WaiverKind.LATE_FEE)]))
        said = talk.start(charge="interest")
        assert said.responses == ["utter_charge_not_offered", "utter_first_reason"]
        assert talk.slots["charge"] == "late_fee"

    def test_one_that_ran_out_meanwhile_is_said_too(self) -> None:
        options = [waiver(WaiverKind.LATE_FEE), waiver(WaiverKind.INTEREST)]
        talk = started(RequestBank(waiver_options=options), charge="interest")
        options.pop()
        assert talk("deny").responses[0] == "utter_charge_not_offered"

    def test_nonsense_is_not_understood(self) -> None:
        assert started()("inform", charge="principal").responses == ["utter_missed_charge"]


class TestEligibility:
    @pytest.mark.parametrize("reason", [NotEligibleReason.NOTHING_TO_WAIVE, NotEligibleReason.TOO_OFTEN])
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_a_refusal_is_told_before_anything_is_asked(self, reason: NotEligibleReason, language: str) -> None:
        talk = FormTalk(WaiverRequest, RequestBank(waiver_options=not_eligible(reason)), language=language)
        said = talk.start(charge="late_fee")
        assert said.responses == ["utter_waiver_not_eligible"]
        assert "/request_human" in said.payloads
        assert talk.active is None

    def test_charges_already_paid_count_so_a_card_without_debt_is_taken(self) -> None:
        talk = started(RequestBank(cards=[card(amount_due=Decimal("0.00"))]))
        assert talk.requested == "charge"

    def test_of_several_cards_one_is_asked_for(self) -> None:
        cards = [card(amount_due=Decimal("0.00")), card(id="card-2", last4="5678")]
        talk = started(RequestBank(cards=cards))
        assert talk.requested == "request_card"
        talk("inform", card="5678")
        assert talk.slots["request_card"]["id"] == "card-2"


class TestOffer:
    def test_each_charge_is_shown_before_the_yes(self) -> None:
        talk = started(charge="late_fee")
        said = talk("deny")
        assert said.card["figure"] == {"label": "申请减免的违约金", "value": "¥25.00"}
        assert said.rows == {"违约金": "¥25.00"}
        assert "审核" in said.first

    def test_in_english(self) -> None:
        talk = started(language="en", charge="interest")
        said = talk("deny")
        assert said.card["figure"] == {"label": "Interest to be waived", "value": "¥87.50"}
        assert "The other charge" in said.titles

    def test_the_other_one_can_be_chosen_at_the_confirmation(self) -> None:
        talk = at_confirmation()
        said = talk("correct", charge="interest")
        assert said.responses == ["utter_waiver_summary"]
        assert "¥87.50" in said

    def test_a_no_files_nothing(self) -> None:
        bank = RequestBank()
        assert at_confirmation(bank)("deny").responses == ["utter_waiver_declined"]
        assert bank.count("challenge") == bank.count("file_application") == 0

    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_is_filed_once_with_reason_and_told(self, language: str) -> None:
        bank = RequestBank()
        talk = at_confirmation(bank, language)
        talk("affirm")
        assert bank.count("file_application") == 0
        said = talk("inform", CODE)
        (filed,) = bank.filed
        assert said.responses == ["utter_waiver_filed"]
        assert said.card["figure"]["value"] == filed.reference
        assert (filed.kind, filed.reason) == (ApplicationKind.WAIVER, ReasonClass.FORGOT)
        assert bank.calls[-1][1]["quote_id"] == "w-late_fee"
        assert talk.entered == {}

    def test_an_answer_that_got_lost_is_asked_for_again_with_the_same_key(self) -> None:
        bank = RequestBank()
        bank.fail("file_application", AnswerLost())
        talk = at_confirmation(bank)
        talk("affirm")
        assert talk("inform", CODE).responses == ["utter_filing_unclear"]
        assert talk("retry").responses == ["utter_waiver_filed"]
        assert len(bank.filed) == 1

    def test_an_option_that_ran_out_is_shown_anew(self) -> None:
        bank = RequestBank()
        bank.fail("challenge", QuoteExpired("POST …", "quote-expired", 409))
        assert at_confirmation(bank)("affirm").responses == ["utter_offer_expired", "utter_waiver_summary"]

    def test_a_refusal_at_the_end_is_told(self) -> None:
        bank = RequestBank()
        bank.fail("file_application", NotEligible("POST …", "not-eligible", 422, NotEligibleReason.ALREADY_RUNNING))
        talk = at_confirmation(bank)
        talk("affirm")
        assert talk("inform", CODE).responses == ["utter_waiver_not_eligible"]
        assert talk.active is None


class TestBank:
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_down_at_the_start_and_up_again(self, language: str) -> None:
        bank = RequestBank()
        bank.down = True
        talk = FormTalk(WaiverRequest, bank, language=language)
        assert talk.start(charge="late_fee").responses == ["utter_request_kept"]
        bank.down = False
        assert talk("retry").responses == ["utter_first_reason"]
        assert talk.slots["charge"] == "late_fee"

    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_without_such_requests_shows_the_fees_and_a_person(self, language: str) -> None:
        offered = [name for name in OPERATIONS if name != "waiver_options"]
        bank = RequestBank(capabilities=Capabilities(contract="1.1", operations=offered))
        talk = FormTalk(WaiverRequest, bank, language=language)
        said = talk.start()
        assert said.responses == ["utter_waiver"]
        assert said.payloads[0] == "/request_human"
        assert talk.active is None

    def test_that_does_not_say_what_it_lacks(self) -> None:
        bank = RequestBank()
        bank.fail("waiver_options", NotOffered("GET …", "not-offered", 501))
        talk = FormTalk(WaiverRequest, bank)
        assert talk.start().responses == ["utter_waiver"]
        assert talk.active is None


def test_a_visitor_reads_how_it_goes_and_can_sign_in() -> None:
    talk = FormTalk(WaiverRequest, RequestBank())
    talk.signed_in = False
    said = talk.start()
    assert said.responses == ["utter_general_waiver"]
    assert said.link == {"title": "登录查看费用", "action": "sign_in"}
    assert talk.active is None
