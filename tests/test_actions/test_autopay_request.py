"""Setting the automatic repayment, turn by turn, with a bank in memory."""

from __future__ import annotations

from typing import Any, Optional

import pytest

from actions.autopay_request import AutopayRequest
from actions.instalment import InstalmentRequest
from bank.calls.capabilities import OPERATIONS
from bank.errors import ChangedMeanwhile
from bank.models import AutoDebitAmount, Capabilities
from tests.test_actions.builders import auto_debit, card, two_cards
from tests.test_actions.form_talk import FormTalk
from tests.test_actions.request_bank import CODE, AnswerLost, RequestBank

OFF = auto_debit(
    enabled=False, amount=None, account_bank=None, account_last4=None, next_debit_on=None, next_debit_amount=None
)


def off_bank() -> RequestBank:
    return RequestBank("due", auto_debit=OFF)


def started(bank: Optional[RequestBank] = None, language: str = "zh", **entities: Any) -> FormTalk:
    talk = FormTalk(AutopayRequest, bank or RequestBank("due"), language=language)
    talk.start(**entities)
    return talk


def last_set(bank: RequestBank) -> Any:
    return [arguments for operation, arguments in bank.calls if operation == "set_auto_debit"][-1]


class TestSwitchingOn:
    def test_asks_how_much_and_from_where_then_shows_both_and_sets_them_with_the_code(self) -> None:
        bank = off_bank()
        talk = started(bank, order="on")
        assert talk.requested == "share"
        assert talk("inform", share="full").responses == ["utter_first_account"]
        said = talk("inform", account="da-2")
        assert said.rows == {"每次扣": "全额", "扣款账户": "邻城银行（尾号 3307）"}
        talk("affirm", "确认")
        assert talk.requested == "proof"
        assert bank.count("set_auto_debit") == 0
        said = talk("inform", CODE, code=CODE)
        assert said.responses == ["utter_autopay_set"]
        assert last_set(bank) == {
            "enabled": True,
            "amount": AutoDebitAmount.FULL,
            "account_id": "da-2",
            "version": 1,
        }
        assert (talk.active, talk.entered) == (None, {})

    def test_everything_in_one_sentence(self) -> None:
        talk = started(off_bank(), order="on", share="minimum", card="3307")
        assert talk.requested == "confirmed"
        assert (talk.slots["share"], talk.slots["account"]) == ("minimum", "da-2")

    def test_the_only_account_is_not_asked_for(self) -> None:
        bank = off_bank()
        del bank.accounts[1]
        assert started(bank, order="on", share="full").requested == "confirmed"

    def test_without_any_account_it_says_where_to_link_one(self) -> None:
        bank = off_bank()
        bank.accounts.clear()
        talk = FormTalk(AutopayRequest, bank)
        said = talk.start(order="on", share="full")
        assert said.responses == ["utter_autopay_no_account"]
        assert (talk.active, talk.entered) == (None, {})

    def test_a_question_between_full_and_minimum_chooses_neither(self) -> None:
        talk = started(off_bank(), order="on")
        assert talk("inform", "全额还是最低", share=["full", "minimum"]).responses == ["utter_missed_share"]

    def test_an_account_is_taken_by_its_lone_digits_and_by_its_bank(self) -> None:
        talk = started(off_bank(), order="on", share="full")
        talk("inform", "3307", amount="3307.00", card="3307")
        assert talk.slots["account"] == "da-2"
        talk = started(off_bank(), order="on", share="full")
        talk("inform", "邻城银行那个")
        assert talk.slots["account"] == "da-2"


class TestChanging:
    def test_what_is_not_named_stays(self) -> None:
        bank = RequestBank("due")
        talk = started(bank, order="amount", share="full")
        assert talk.requested == "confirmed"
        talk("affirm", "确认")
        talk("inform", CODE, code=CODE)
        assert last_set(bank) == {
            "enabled": True,
            "amount": AutoDebitAmount.FULL,
            "account_id": None,
            "version": 1,
        }

    def test_from_the_one_to_the_other_means_the_new_one(self) -> None:
        talk = started(order="amount", share=["minimum", "full"])
        assert (talk.slots["share"], talk.requested) == ("full", "confirmed")

    def test_the_only_other_account_is_shown_beside_the_present_one(self) -> None:
        talk = FormTalk(AutopayRequest, RequestBank("due"))
        said = talk.start(order="account")
        assert said.rows["扣款账户"] == "邻城银行（尾号 3307）"
        assert said.rows["现在的账户"] == "示范银行（尾号 8888）"

    def test_another_wish_at_the_confirmation_changes_only_that(self) -> None:
        talk = started(order="account")
        talk("ask_autopay", order="amount", share="full")
        assert talk.requested == "confirmed"
        assert (talk.slots["share"], talk.slots["account"]) == ("full", "da-2")

    @pytest.mark.parametrize("entities", [{"order": "on"}, {"order": "amount", "share": "minimum"}])
    def test_what_is_so_already_is_said_and_nothing_set(self, entities: Any) -> None:
        talk = FormTalk(AutopayRequest, RequestBank("due"))
        said = talk.start(**entities)
        assert said.responses == ["utter_autopay_as_before"]
        assert "示范银行（尾号 8888）" in said
        assert (talk.active, talk.entered) == (None, {})

    def test_changed_under_ones_feet_is_said_and_shown_anew(self) -> None:
        bank = RequestBank("due")
        talk = started(bank, order="amount", share="full")
        talk("affirm", "确认")
        bank.debit = bank.debit.copy(update={"account_bank": "邻城银行", "account_last4": "3307", "version": 2})
        said = talk("inform", CODE, code=CODE)
        assert said.responses == ["utter_changed_meanwhile", "utter_autopay_summary"]
        assert "邻城银行（尾号 3307）" in said
        assert bank.debit.amount is AutoDebitAmount.MINIMUM
        assert talk.slots["offer"]["version"] == 2

    def test_switched_off_under_ones_feet_asks_for_what_is_missing_now(self) -> None:
        bank = RequestBank("due")
        talk = started(bank, order="amount", share="full")
        talk("affirm", "确认")
        bank.debit = OFF.copy(update={"version": 2})
        said = talk("inform", CODE, code=CODE)
        assert said.responses == ["utter_changed_meanwhile", "utter_first_account"]


class TestSwitchingOff:
    def test_shows_what_follows_and_does_it_with_the_code(self) -> None:
        bank = RequestBank("due")
        talk = FormTalk(AutopayRequest, bank)
        said = talk.start(order="off")
        assert "要您自己还" in said
        assert "每次扣" not in said.rows
        talk("affirm", "确认")
        assert talk("inform", CODE, code=CODE).responses == ["utter_autopay_switched_off"]
        assert not bank.debit.enabled

    def test_what_is_off_is_said_to_be_off(self) -> None:
        talk = FormTalk(AutopayRequest, off_bank())
        assert talk.start(order="off").responses == ["utter_autopay_is_off"]
        assert talk.active is None

    def test_a_no_changes_nothing(self) -> None:
        bank = RequestBank("due")
        talk = started(bank, order="off")
        assert talk("deny").responses == ["utter_autopay_declined"]
        assert bank.count("challenge") == bank.count("set_auto_debit") == 0


class TestCards:
    def test_with_two_cards_it_asks_which(self) -> None:
        cards = two_cards().cards("c-1")
        talk = started(RequestBank("due", cards=cards), order="off")
        assert talk.requested == "request_card"
        talk("inform", card="5678")
        assert talk.slots["request_card"]["last4"] == "5678"

    def test_a_card_with_nothing_to_pay_can_be_set(self) -> None:
        talk = started(RequestBank("clear", cards=[card(amount_due="0.00")]), order="off")
        assert talk.requested == "confirmed"


class TestFailures:
    def test_an_answer_that_is_lost_sets_it_once(self) -> None:
        bank = RequestBank("due")
        talk = started(bank, order="off")
        talk("affirm", "确认")
        bank.fail("set_auto_debit", AnswerLost())
        assert talk("inform", CODE, code=CODE).responses == ["utter_filing_unclear"]
        assert talk("retry").responses == ["utter_autopay_switched_off"]
        assert bank.debit.version == 2

    def test_the_bank_is_down_and_comes_back(self) -> None:
        bank = off_bank()
        talk = started(bank, order="on")
        bank.down = True
        assert talk("inform", share="full").responses == ["utter_request_kept"]
        bank.down = False
        assert talk("retry").responses == ["utter_first_account"]
        assert talk.slots["share"] == "full"

    def test_changed_again_and_again_never_sets_what_was_not_seen(self) -> None:
        bank = RequestBank("due")
        talk = started(bank, order="off")
        talk("affirm", "确认")
        bank.fail("set_auto_debit", ChangedMeanwhile("PUT …", "changed-meanwhile", 412))
        talk("inform", CODE, code=CODE)
        assert talk.requested == "confirmed"
        assert bank.debit.enabled

    def test_a_bank_that_only_shows_it_gets_the_answer_instead(self) -> None:
        offered = [each for each in OPERATIONS if each != "set_auto_debit"]
        talk = FormTalk(
            AutopayRequest, RequestBank("due", capabilities=Capabilities(contract="1.1", operations=offered))
        )
        assert talk.start(order="off").responses == ["utter_autopay_on"]
        assert talk.active is None

    def test_a_visitor_gets_the_general_answer(self) -> None:
        talk = FormTalk(AutopayRequest, RequestBank("due"))
        talk.signed_in = False
        assert talk.start(order="on").responses == ["utter_general_autopay"]
        assert talk.active is None

    def test_made_up_values_are_not_taken(self) -> None:
        talk = started(off_bank(), order="on")
        talk("inform", share="everything", account="da-99", proof="pf-card-1")
        assert talk.entered.keys() == {"request_card", "order"}


def test_in_english() -> None:
    bank = off_bank()
    talk = started(bank, "en", order="on")
    talk("inform", share="minimum")
    said = talk("inform", account="da-1")
    assert said.rows == {"Each time": "The minimum", "From account": "示范银行 (ending 8888)"}
    talk("affirm", "yes")
    said = talk("inform", CODE, code=CODE)
    assert said.responses == ["utter_autopay_set"]
    assert bank.debit.amount is AutoDebitAmount.MINIMUM


def test_put_aside_and_taken_up_again_by_its_button() -> None:
    talk = started(off_bank(), order="on", share="full")
    talk.start(InstalmentRequest)
    assert talk.slots["parked"][0]["form"] == "autopay_form"
    said = talk.start(AutopayRequest, order="go_on")
    assert "utter_request_resumed" in said.responses
    assert (talk.slots["order"], talk.slots["share"]) == ("on", "full")
