"""The deferral request, turn by turn, with a bank in memory."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Optional

import pytest

from actions.deferral import DeferralRequest
from actions.instalment import InstalmentRequest
from bank.errors import InvalidRequest, NotEligible, NotEligibleReason, QuoteExpired
from bank.models import ReasonClass
from tests.test_actions.builders import card, deferral, not_eligible
from tests.test_actions.form_talk import FormTalk
from tests.test_actions.request_bank import CODE, RequestBank


def started(bank: Optional[RequestBank] = None, language: str = "zh", **entities: Any) -> FormTalk:
    talk = FormTalk(DeferralRequest, bank or RequestBank(), language=language)
    talk.start(**entities)
    return talk


def at_date(bank: Optional[RequestBank] = None, language: str = "zh") -> FormTalk:
    talk = started(bank, language)
    talk("deny")
    assert talk.requested == "date"
    return talk


class TestReason:
    def test_is_asked_for_kindly_and_may_be_left_out(self) -> None:
        talk = FormTalk(DeferralRequest, RequestBank())
        said = talk.start()
        assert "不说也完全可以" in said
        assert "/deny" in said.payloads
        talk("deny")
        assert talk.slots["reason"] == "withheld"
        assert talk.requested == "date"

    def test_is_asked_only_where_a_deferral_is_possible(self) -> None:
        talk = FormTalk(DeferralRequest, RequestBank(deferral_options=not_eligible(NotEligibleReason.TOO_OFTEN)))
        said = talk.start()
        assert said.responses == ["utter_deferral_not_eligible"]
        assert "次数已经到了上限" in said
        assert talk.active is None

    @pytest.mark.parametrize("reason", [*ReasonClass])
    def test_every_class_is_recorded_as_the_bank_names_it(self, reason: ReasonClass) -> None:
        bank = RequestBank()
        talk = started(bank)
        assert talk("inform", reason=reason.value).responses[0] == "utter_reason_noted"
        talk("inform", date="2026-12-22")
        talk("affirm")
        talk("inform", CODE)
        assert bank.calls[-1][1]["reason"] is reason

    def test_withheld_is_recorded_as_nothing(self) -> None:
        bank = RequestBank()
        talk = at_date(bank)
        talk("inform", date="2026-12-22")
        talk("affirm")
        talk("inform", CODE)
        assert bank.calls[-1][1]["reason"] is None

    @pytest.mark.parametrize(
        ("intent", "recorded"),
        [
            ("report_hardship", "other"),
            ("nlu_fallback", "other"),
            ("out_of_scope", "other"),
            ("manage_reminders", "no_reminder"),
            ("inform", "other"),
        ],
    )
    def test_what_is_told_in_own_words_is_recorded_by_class(self, intent: str, recorded: str) -> None:
        talk = started()
        talk(intent, "家里出了点事")
        assert talk.slots["reason"] == recorded

    def test_a_class_that_the_bank_does_not_know_is_not_taken(self) -> None:
        talk = started()
        talk("inform", reason="hacked")
        assert talk.slots["reason"] is None

    def test_told_with_the_request_it_is_not_asked_for(self) -> None:
        talk = started(reason="unemployment")
        assert talk.requested == "date"

    def test_a_date_in_its_place_is_kept_and_the_reason_still_asked(self) -> None:
        talk = started()
        said = talk("inform", date="2026-12-22")
        assert (talk.slots["date"], talk.requested) == ("2026-12-22", "reason")
        assert said.responses == ["utter_noted", "utter_again_reason"]


class TestDate:
    def test_the_banks_options_are_compared_and_can_be_chosen(self) -> None:
        talk = started()
        said = talk("deny")
        assert said.card["table"]["rows"][0] == ["12月22日 周二", "¥5,188.10", "¥75.60"]
        assert said.titles[0] == "12月22日 周二"
        assert said.payloads[0] == '/inform{"date": "2026-12-22"}'

    def test_a_day_of_the_customers_own_is_asked_of_the_bank(self) -> None:
        talk = at_date()
        said = talk("promise_to_pay", date="2026-12-15")
        assert said.card["figure"]["value"] == "12月15日 周二"
        assert talk.requested == "confirmed"

    def test_a_lone_number_is_the_day_and_nothing_else(self) -> None:
        talk = at_date()
        talk("inform", "15", amount="15.00", term="15", date="2026-12-15")
        assert (talk.slots["date"], talk.slots["amount"], talk.slots["term"]) == ("2026-12-15", None, None)

    def test_a_day_between_the_banks_options_is_said_and_the_nearest_shown(self) -> None:
        bank = RequestBank()
        bank.deferral_options = lambda *_, **__: [deferral()]  # type: ignore[method-assign]
        talk = at_date(bank)
        said = talk("inform", date="2026-12-01")
        assert "没有正好延到 12月1日 周二" in said
        assert said.titles == ["12月13日 周日"]
        assert talk.requested == "date"

    def test_too_late_a_day_is_said_and_those_that_are_possible_shown(self) -> None:
        talk = at_date()
        said = talk("inform", date="2027-06-01")
        assert "太晚" in said
        assert said.titles == ["12月22日 周二", "2027年1月21日", "2027年2月21日"]

    def test_a_day_that_is_past_is_said(self) -> None:
        bank = RequestBank()
        talk = at_date(bank)
        bank.fail("deferral_options", InvalidRequest("GET …", "invalid-request", 400))
        said = talk("inform", date="2026-11-01")
        assert "今天之后" in said
        assert talk.requested == "date"

    @pytest.mark.parametrize("value", ["soon", "2026-13-40", "", "20261222x"])
    def test_nonsense_is_not_understood(self, value: str) -> None:
        assert at_date()("inform", date=value).responses == ["utter_missed_date"]

    def test_the_new_one_of_two_days_is_meant(self) -> None:
        talk = at_date()
        talk("inform", date="2026-12-22")
        talk("correct", date=["2026-12-15", "2026-12-22"])
        assert talk.slots["date"] == "2026-12-15"


class TestOffer:
    def test_tells_what_is_due_then_the_cost_and_what_goes_on(self) -> None:
        said = at_date()("inform", date="2026-12-22")
        assert said.card["figure"] == {"label": "新的还款日", "value": "12月22日 周二"}
        assert said.rows == {
            "到时要还": "¥5,188.10",
            "其中多付的利息": "¥75.60",
            "延期期间的利息": "照常计算",
            "延期期间的违约金": "仍可能产生",
            "年化利率（单利）": "18.25%",
        }

    def test_in_english(self) -> None:
        said = at_date(language="en")("inform", date="2026-12-22")
        assert said.rows["Interest meanwhile"] == "goes on"
        assert "Change the date" in said.titles

    def test_a_no_offers_another_date_and_files_nothing(self) -> None:
        bank = RequestBank()
        talk = at_date(bank)
        talk("inform", date="2026-12-22")
        assert talk("deny").payloads[0] == '/correct{"field": "date"}'
        assert talk("correct", field="date").responses == ["utter_first_date"]
        assert bank.count("challenge") == 0

    def test_is_filed_once_with_reason_and_told(self) -> None:
        bank = RequestBank()
        talk = started(bank, reason="illness", date="2026-12-22")
        talk("affirm")
        said = talk("inform", CODE)
        assert said.card["figure"]["value"] == bank.filed[0].reference
        assert bank.count("file_application") == 1
        assert talk.entered == {}

    def test_an_option_that_ran_out_is_replaced_for_the_same_day(self) -> None:
        bank = RequestBank()
        bank.fail("challenge", QuoteExpired("POST …", "quote-expired", 409))
        talk = started(bank, reason="illness", date="2026-12-22")
        said = talk("affirm")
        assert said.responses == ["utter_offer_expired", "utter_deferral_summary"]
        assert talk.slots["date"] == "2026-12-22"

    def test_a_refusal_in_the_middle_ends_it_with_the_reason(self) -> None:
        bank = RequestBank()
        talk = at_date(bank)
        bank.fail("deferral_options", NotEligible("GET …", "not-eligible", 422, NotEligibleReason.ALREADY_RUNNING))
        said = talk("inform", date="2026-12-22")
        assert "utter_deferral_not_eligible" in said.responses
        assert talk.active is None


class TestBankDown:
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_at_the_start(self, language: str) -> None:
        bank = RequestBank()
        bank.down = True
        talk = FormTalk(DeferralRequest, bank, language=language)
        assert talk.start(reason="illness").responses == ["utter_request_kept"]
        bank.down = False
        assert talk("retry").responses == ["utter_first_date"]
        assert talk.slots["reason"] == "illness"

    def test_while_the_day_is_looked_up_keeps_the_day(self) -> None:
        bank = RequestBank()
        talk = at_date(bank)
        bank.down = True
        assert talk("inform", date="2026-12-22").responses == ["utter_request_kept"]
        bank.down = False
        assert talk("retry").responses == ["utter_deferral_summary"]


def test_switching_back_and_forth_keeps_what_was_entered_in_both() -> None:
    talk = FormTalk(InstalmentRequest, RequestBank())
    talk.start(amount="3000")
    talk.start(DeferralRequest, reason="illness")
    said = talk.start(InstalmentRequest)
    assert said.responses == ["utter_request_left", "utter_request_resumed", "utter_first_term"]
    assert talk.slots["amount"] == "3000.00"
    said = talk.start(DeferralRequest)
    assert said.responses == ["utter_request_left", "utter_request_resumed", "utter_first_date"]
    assert [entry["form"] for entry in talk.slots["parked"]] == ["instalment_form"]


def test_a_card_that_is_not_possible_leads_to_the_others() -> None:
    bank = RequestBank(
        cards=[card(amount_due=Decimal("5.00")), card(id="card-2", last4="5678", amount_due=Decimal("900.00"))],
        deferral_options=not_eligible(NotEligibleReason.AMOUNT_TOO_SMALL),
    )
    talk = FormTalk(DeferralRequest, bank)
    assert "换一张卡" in talk.start(card="1234").titles


def test_a_sum_that_comes_with_the_day_can_be_noted_as_a_promise() -> None:
    talk = FormTalk(DeferralRequest, RequestBank())
    talk.start()
    said = talk("promise_to_pay", "那就15号还3500", date="2026-12-15", amount="3500.00")
    assert said.responses == ["utter_sum_in_deferral", "utter_again_reason"]
    assert said.payloads[0] == '/promise_to_pay{"amount": "3500.00", "date": "2026-12-15"}'
    assert talk.slots["date"] == "2026-12-15"


def test_a_sum_by_itself_is_no_promise() -> None:
    talk = FormTalk(DeferralRequest, RequestBank())
    talk.start()
    assert "utter_sum_in_deferral" not in talk("inform", "3500", amount="3500.00").responses


def test_what_is_refused_for_the_same_cause_is_not_offered() -> None:
    long, now = (
        FormTalk(DeferralRequest, RequestBank(deferral_options=not_eligible(reason))).start().payloads
        for reason in (NotEligibleReason.TOO_LONG_OVERDUE, NotEligibleReason.NOT_ALLOWED_NOW)
    )
    assert "/request_agreement" in long
    assert "/request_instalment" not in long
    assert "/request_instalment" in now
    assert "/request_agreement" not in now
