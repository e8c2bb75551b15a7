"""Noting a promise to pay, turn by turn, with a bank in memory."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, List, Optional

import pytest

from actions.applications import ActionApplications, WithdrawalRequest
from actions.promise_request import PromiseRequest
from bank.calls.capabilities import OPERATIONS
from bank.errors import ChangedMeanwhile, IllegalMove, NotEligible, NotEligibleReason, NotOffered
from bank.models import Capabilities, PromiseStatus
from tests.test_actions.builders import card, promise
from tests.test_actions.form_talk import FormTalk
from tests.test_actions.request_bank import AnswerLost, RequestBank
from tests.test_actions.talk import ask


def started(bank: Optional[RequestBank] = None, language: str = "zh", **entities: Any) -> FormTalk:
    talk = FormTalk(PromiseRequest, bank or RequestBank(), language=language)
    talk.start(**entities)
    return talk


def at_confirmation(bank: Optional[RequestBank] = None, language: str = "zh") -> FormTalk:
    talk = started(bank, language, amount="3500.00", date="2026-12-05")
    assert talk.requested == "confirmed"
    return talk


class TestAmountAndDay:
    def test_both_in_one_message_lead_to_the_confirmation(self) -> None:
        talk = at_confirmation()
        assert (talk.slots["amount"], talk.slots["pay_on"]) == ("3500.00", "2026-12-05")

    def test_one_after_the_other(self) -> None:
        talk = FormTalk(PromiseRequest, RequestBank())
        said = talk.start()
        assert "还上 ¥612.50，这张卡就不再逾期" in said
        assert said.titles[:2] == ["最低 ¥612.50", "全部 ¥5,112.50"]
        said = talk("inform", amount="3500.00")
        assert said.responses == ["utter_first_pay_on"]
        assert "¥3,500.00" in said
        assert talk("inform", date="2026-12-05").responses == ["utter_promise_summary"]

    def test_a_lone_number_is_the_sum_first_and_then_the_day(self) -> None:
        talk = started()
        talk("inform", "20", amount="20.00", term="20", date="2026-12-20")
        assert (talk.slots["amount"], talk.slots["pay_on"]) == ("20.00", None)
        talk("inform", "20", amount="20.00", term="20", date="2026-12-20")
        assert (talk.slots["amount"], talk.slots["pay_on"]) == ("20.00", "2026-12-20")

    @pytest.mark.parametrize(
        ("entities", "amount"),
        [({"amount": "all"}, "5112.50"), ({"share": "full"}, "5112.50"), ({"share": "minimum"}, "612.50")],
    )
    def test_words_for_a_sum_become_the_banks_figure(self, entities: Any, amount: str) -> None:
        talk = started(date="2026-12-05", **entities)
        assert talk.slots["amount"] == amount
        assert talk.slots["offer"]["values"]["amount"] == {"money": amount}

    @pytest.mark.parametrize(
        ("text", "language"),
        [("我先还三千五剩下下个月15号", "zh"), ("3500 now and the rest on the 15th of next month", "en")],
    )
    def test_of_two_payments_the_first_is_taken(self, text: str, language: str) -> None:
        talk = FormTalk(PromiseRequest, RequestBank(), language=language)
        talk._hear("promise_to_pay", 1.0, text, {})
        rest = text.index("剩" if language == "zh" else "rest")
        talk._message["entities"] = [
            {"entity": "amount", "value": "3500.00", "start": 0, "end": 4},
            {"entity": "date", "value": "2026-12-15", "start": rest + 2, "end": rest + 8},
        ]
        talk._events.append({"event": "active_loop", "name": "promise_form"})
        talk.active = "promise_form"
        talk._run(talk._action(), loop="promise_form")
        assert (talk.slots["amount"], talk.slots["pay_on"], talk.requested) == ("3500.00", None, "pay_on")

    def test_a_day_that_is_past_is_said_and_asked_for_again(self) -> None:
        talk = started(amount="500.00")
        said = talk("inform", date="2026-11-01")
        assert said.responses == ["utter_pay_on_past", "utter_again_pay_on"]

    def test_today_counts(self) -> None:
        assert started(amount="500.00", date="2026-11-21").requested == "confirmed"

    def test_nonsense_is_not_understood(self) -> None:
        assert started()("inform", amount="much").responses == ["utter_missed_amount"]

    def test_of_several_cards_one_is_asked_for_and_what_was_said_is_kept(self) -> None:
        cards = [card(amount_due=Decimal("10")), card(id="card-2", last4="5678", amount_due=Decimal("9"))]
        talk = started(RequestBank(cards=cards), amount="all", date="2026-12-05")
        assert talk.requested == "request_card"
        talk("inform", card="1234")
        assert (talk.slots["amount"], talk.requested) == ("5112.50", "confirmed")


class TestConfirmation:
    def test_shows_the_sum_the_day_and_what_it_changes(self) -> None:
        talk = started(amount="3500.00")
        said = talk("inform", date="2026-12-05")
        assert said.card["figure"]["value"] == "¥3,500.00"
        assert said.rows["哪天之前"] == "12月5日 周六"
        assert "不改变账单和还款日" in said

    def test_a_day_after_the_due_date_is_told_with_the_way_to_more_time(self) -> None:
        talk = FormTalk(PromiseRequest, RequestBank("due"))
        said = talk.start(amount="320.00", date="2026-12-05")
        assert "到时会算逾期" in said
        assert '/request_deferral{"card": "1234"}' in said.payloads

    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_is_noted_once_without_a_code(self, language: str) -> None:
        bank = RequestBank()
        talk = at_confirmation(bank, language)
        assert bank.count("make_promise") == 0
        said = talk("affirm")
        assert said.responses == ["utter_promise_filed"]
        assert said.card["figure"]["value"] == bank.promised[0].reference
        assert (bank.promised[0].amount, bank.promised[0].pay_on) == (Decimal("3500.00"), date(2026, 12, 5))
        assert bank.count("challenge") == 0
        assert talk.entered == {}

    def test_a_no_notes_nothing(self) -> None:
        bank = RequestBank()
        assert at_confirmation(bank)("deny").responses == ["utter_promise_declined"]
        assert bank.promised == []

    def test_a_hesitating_yes_notes_nothing(self) -> None:
        bank = RequestBank()
        assert at_confirmation(bank)("affirm", "应该可以吧").responses == ["utter_confirm_plainly"]
        assert bank.promised == []

    def test_sum_and_day_can_be_changed(self) -> None:
        talk = at_confirmation()
        assert talk("correct", amount="1000.00").card["figure"]["value"] == "¥1,000.00"
        assert talk("correct", field="pay_on").responses == ["utter_first_pay_on"]

    @pytest.mark.parametrize(
        ("reason", "asked"),
        [
            (NotEligibleReason.AMOUNT_TOO_SMALL, "amount"),
            (NotEligibleReason.AMOUNT_TOO_LARGE, "amount"),
            (NotEligibleReason.DATE_TOO_LATE, "pay_on"),
        ],
    )
    def test_what_the_bank_does_not_note_can_be_entered_anew(self, reason: NotEligibleReason, asked: str) -> None:
        bank = RequestBank()
        bank.fail("make_promise", NotEligible("POST …", "not-eligible", 422, reason))
        talk = at_confirmation(bank)
        said = talk("affirm")
        assert said.responses == ["utter_promise_not_possible", f"utter_first_{asked}"]
        assert talk.requested == asked
        assert talk.slots["confirmed"] is None

    def test_a_refusal_for_another_reason_ends_it(self) -> None:
        bank = RequestBank()
        bank.fail("make_promise", NotEligible("POST …", "not-eligible", 422, NotEligibleReason.NOTHING_DUE))
        talk = at_confirmation(bank)
        assert talk("affirm").responses == ["utter_promise_not_eligible"]
        assert talk.active is None

    def test_an_answer_that_got_lost_is_asked_for_again_with_the_same_key(self) -> None:
        bank = RequestBank()
        bank.fail("make_promise", AnswerLost())
        talk = at_confirmation(bank)
        assert talk("affirm").responses == ["utter_filing_unclear"]
        assert talk("retry").responses == ["utter_promise_filed"]
        assert len(bank.promised) == 1


class TestChanging:
    def test_what_is_noted_is_said_first_and_can_be_withdrawn(self) -> None:
        talk = FormTalk(PromiseRequest, RequestBank(promises=[promise()]))
        said = talk.start()
        assert "11月28日 周六 前还 ¥612.50" in said
        assert '/cancel_application{"reference": "PTP-20261120-0002"}' in said.payloads

    def test_another_day_for_the_same_sum(self) -> None:
        bank = RequestBank(promises=[promise()])
        talk = FormTalk(PromiseRequest, bank)
        said = talk.start(date="2026-12-05")
        assert said.rows["原来约的"] == "11月28日 周六 还 ¥612.50"
        assert talk("affirm").responses == ["utter_promise_changed"]
        assert bank.calls[-1][1]["version"] == 3
        assert (bank.promised[0].amount, bank.promised[0].pay_on) == (Decimal("612.50"), date(2026, 12, 5))
        assert bank.count("make_promise") == 0

    def test_one_for_another_card_is_left_alone(self) -> None:
        bank = RequestBank(promises=[promise(card_id="card-2")])
        at_confirmation(bank)("affirm")
        assert bank.count("make_promise") == 1

    @pytest.mark.parametrize("status", [PromiseStatus.KEPT, PromiseStatus.BROKEN, PromiseStatus.WITHDRAWN])
    def test_one_that_is_over_is_followed_by_a_new_one(self, status: PromiseStatus) -> None:
        bank = RequestBank(promises=[promise(status=status, changeable=False)])
        at_confirmation(bank)("affirm")
        assert bank.count("make_promise") == 1

    def test_the_same_again_is_not_sent(self) -> None:
        bank = RequestBank(promises=[promise()])
        talk = FormTalk(PromiseRequest, bank)
        assert talk.start(amount="612.50", date="2026-11-28").responses == ["utter_promise_as_before"]
        assert talk.active is None

    def test_changed_too_often_offers_to_withdraw_or_a_person(self) -> None:
        talk = FormTalk(PromiseRequest, RequestBank(promises=[promise(changeable=False)]))
        said = talk.start()
        assert said.responses == ["utter_promise_not_changeable"]
        assert "/request_human" in said.payloads
        assert talk.active is None

    @pytest.mark.parametrize(
        "error",
        [
            ChangedMeanwhile("PUT …", "changed-meanwhile", 412),
            IllegalMove("PUT …", "illegal-move", 409, "kept", "open"),
        ],
    )
    def test_changed_elsewhere_meanwhile_is_shown_anew(self, error: Any) -> None:
        bank = RequestBank(promises=[promise()])
        bank.fail("change_promise", error)
        talk = FormTalk(PromiseRequest, bank)
        talk.start(date="2026-12-05")
        assert talk("affirm").responses == ["utter_changed_meanwhile", "utter_promise_summary"]
        assert talk.slots["confirmed"] is None


class TestState:
    @pytest.mark.parametrize("status", list(PromiseStatus))
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_every_state_is_told(self, status: PromiseStatus, language: str) -> None:
        bank = RequestBank(promises=[promise(status=status, paid=Decimal("100.00"))])
        said = ask(ActionApplications, bank, language=language)
        assert said.card["figure"]["value"]
        assert "¥100.00" in said

    def test_kept_and_broken_are_told_apart(self) -> None:
        figures: List[str] = []
        for status in (PromiseStatus.KEPT, PromiseStatus.BROKEN):
            figures.append(
                ask(ActionApplications, RequestBank(promises=[promise(status=status)])).card["figure"]["value"]
            )
        assert figures == ["已按约定还上", "到日子还没还够"]

    def test_is_withdrawn_without_a_code(self) -> None:
        bank = RequestBank(promises=[promise()])
        talk = FormTalk(WithdrawalRequest, bank)
        said = talk.start()
        assert "这份约定不再算数" in said
        assert talk("affirm").responses == ["utter_withdrawn"]
        assert bank.promised[0].status is PromiseStatus.WITHDRAWN
        assert bank.count("challenge") == 0

    def test_a_bank_without_promises_shows_the_applications(self) -> None:
        offered = [name for name in OPERATIONS if name not in ("promises", "disputes")]
        bank = RequestBank(capabilities=Capabilities(contract="1.1", operations=offered))
        assert ask(ActionApplications, bank).responses == ["utter_no_applications"]
        assert bank.count("promises") == 0


class TestBank:
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_down_at_the_start_and_up_again(self, language: str) -> None:
        bank = RequestBank()
        bank.down = True
        talk = FormTalk(PromiseRequest, bank, language=language)
        assert talk.start(amount="3500.00").responses == ["utter_request_kept"]
        bank.down = False
        assert talk("retry").responses == ["utter_first_pay_on"]

    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_that_notes_no_promises_still_says_what_counts(self, language: str) -> None:
        offered = [name for name in OPERATIONS if name != "make_promise"]
        bank = RequestBank(capabilities=Capabilities(contract="1.1", operations=offered))
        talk = FormTalk(PromiseRequest, bank, language=language)
        said = talk.start(date="2026-11-25")
        assert said.responses == ["utter_promise"]
        assert "¥612.50" in said
        assert talk.active is None

    def test_that_does_not_say_what_it_lacks(self) -> None:
        bank = RequestBank()
        bank.fail("promises", NotOffered("GET …", "not-offered", 501))
        talk = FormTalk(PromiseRequest, bank)
        assert talk.start().responses == ["utter_promise"]
        assert talk.active is None


def test_a_visitor_is_invited_to_sign_in() -> None:
    talk = FormTalk(PromiseRequest, RequestBank())
    talk.signed_in = False
    assert talk.start().responses == ["utter_sign_in_needed"]
    assert talk.active is None


def test_where_nothing_is_owed_there_is_nothing_to_promise() -> None:
    talk = FormTalk(PromiseRequest, RequestBank("clear", cards=[card(amount_due=Decimal("0.00"))]))
    assert talk.start().responses == ["utter_request_nothing_due"]
    assert talk.active is None
