"""The instalment request, turn by turn, with a bank in memory."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Optional

import pytest

from actions.deferral import DeferralRequest
from actions.instalment import InstalmentRequest
from actions.repairs import ActionStop
from bank.errors import (
    BankUnavailable,
    InvalidRequest,
    NotEligible,
    NotEligibleReason,
    ProofRequired,
    QuoteExpired,
)
from bank.models import ReasonClass
from tests.test_actions.builders import card, not_eligible
from tests.test_actions.form_talk import FormTalk
from tests.test_actions.request_bank import CARD, CODE, AnswerLost, RequestBank


def started(bank: Optional[RequestBank] = None, language: str = "zh", **entities: Any) -> FormTalk:
    talk = FormTalk(InstalmentRequest, bank or RequestBank(), language=language)
    talk.start(**entities)
    return talk


def at_confirmation(bank: Optional[RequestBank] = None) -> FormTalk:
    talk = started(bank)
    talk("inform", term="12")
    assert talk.requested == "confirmed"
    return talk


def at_code(bank: Optional[RequestBank] = None) -> FormTalk:
    talk = at_confirmation(bank)
    talk("affirm")
    assert talk.requested == "proof"
    return talk


def two_owing() -> RequestBank:
    cards = [
        card(amount_due=Decimal("5112.50")),
        card(id="card-2", last4="5678", name="畅行白金卡", amount_due=Decimal("800.00")),
        card(id="card-3", last4="9012"),
    ]
    return RequestBank(cards=cards)


class TestWhichCard:
    def test_a_single_card_with_something_to_pay_is_taken_without_asking(self) -> None:
        talk = started(RequestBank(cards=[card(id="card-0", last4="0000"), card(amount_due=Decimal("10.00"))]))
        assert talk.slots["request_card"]["last4"] == "1234"
        assert talk.requested == "term"

    def test_of_several_the_customer_chooses_by_button(self) -> None:
        talk = FormTalk(InstalmentRequest, two_owing())
        said = talk.start()
        assert talk.requested == "request_card"
        assert said.titles == ["尾号 1234", "尾号 5678"]
        assert said.rows == {"悦享金卡（尾号 1234）": "¥5,112.50", "畅行白金卡（尾号 5678）": "¥800.00"}
        talk("inform", card="5678")
        assert talk.slots["request_card"]["id"] == "card-2"

    def test_a_card_named_at_the_start_is_not_asked_for(self) -> None:
        talk = started(two_owing(), card="尾号5678")
        assert (talk.requested, talk.slots["request_card"]["id"]) == ("term", "card-2")

    def test_an_unknown_card_is_said_and_asked_for_again(self) -> None:
        talk = started(two_owing())
        said = talk("inform", card="4444")
        assert "没有查到" in said
        assert talk.requested == "request_card"
        assert said.titles == ["尾号 1234", "尾号 5678"]

    def test_another_card_later_keeps_the_term_and_quotes_anew(self) -> None:
        talk = started(two_owing(), card="1234")
        talk("inform", term="6")
        before = talk.slots["offer"]["id"]
        said = talk("correct", card="5678")
        assert talk.slots["request_card"]["id"] == "card-2"
        assert talk.slots["offer"]["id"] != before
        assert "5678，¥4,500.00 分 6 期" in said

    def test_owing_nothing_ends_the_request(self) -> None:
        talk = FormTalk(InstalmentRequest, RequestBank("clear"))
        said = talk.start()
        assert said.responses == ["utter_request_nothing_due"]
        assert talk.active is None


class TestQuotes:
    def test_every_term_is_compared_and_can_be_chosen(self) -> None:
        talk = FormTalk(InstalmentRequest, RequestBank())
        said = talk.start()
        rows = said.card["table"]["rows"]
        assert rows[2] == ["12期", "¥402.00", "¥324.00", "¥4,824.00", "13.03%"]
        assert [row[0] for row in rows] == said.titles == ["3期", "6期", "12期"]
        assert said.payloads[0] == '/inform{"term": "3"}'

    def test_what_must_be_paid_first_is_told(self) -> None:
        talk = FormTalk(InstalmentRequest, RequestBank())
        assert talk.start().rows == {"不在分期内、要先还的": "¥612.50"}

    def test_a_term_named_at_the_start_goes_straight_to_the_whole_cost(self) -> None:
        assert started(term="6").requested == "confirmed"

    def test_a_term_that_the_bank_lacks_is_said_with_those_it_has(self) -> None:
        talk = started()
        said = talk("inform", term="7")
        assert "没有 7 期" in said
        assert "3, 6, 12" in said
        assert talk.requested == "term"
        assert talk.slots["term"] is None
        assert said.titles == ["3期", "6期", "12期"]

    @pytest.mark.parametrize("value", ["abc", "-3", "0", "12.5", "99999", ""])
    def test_nonsense_for_a_term_is_not_understood(self, value: str) -> None:
        talk = started()
        said = talk("inform", term=value)
        assert said.responses == ["utter_missed_term"]

    def test_a_part_of_the_amount_is_quoted_by_the_bank(self) -> None:
        bank = RequestBank()
        talk = started(bank)
        said = talk("inform", amount="3000")
        assert bank.calls[-1] == ("instalment_quotes", {"card_id": CARD, "amount": Decimal("3000.00")})
        assert "可以分期 ¥3,000.00" in said
        assert said.responses == ["utter_first_term"]

    def test_amount_and_term_together_are_both_taken(self) -> None:
        talk = started()
        said = talk("inform", amount="3000", term="6")
        assert "¥3,000.00 分 6 期" in said

    def test_an_amount_that_is_too_small_is_said_and_the_whole_is_quoted(self) -> None:
        talk = started()
        said = talk("inform", amount="100")
        assert "¥100.00 不能单独办理分期：金额低于银行的最低要求" in said
        assert talk.slots["amount"] is None
        assert talk.requested == "term"

    def test_an_amount_that_the_bank_cannot_read_is_said_and_the_whole_is_quoted(self) -> None:
        bank = RequestBank()
        talk = started(bank)
        bank.fail("instalment_quotes", InvalidRequest("GET …", "invalid-request", 400))
        said = talk("inform", amount="99999999999999")
        assert said.responses == ["utter_amount_not_possible", "utter_again_term"]

    @pytest.mark.parametrize("value", ["NaN", "-5", "0", "abc"])
    def test_nonsense_for_an_amount_is_not_understood(self, value: str) -> None:
        talk = started()
        talk("inform", amount=value)
        assert talk.slots["amount"] is None
        assert talk.requested == "term"

    @pytest.mark.parametrize("reason", list(NotEligibleReason))
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_not_eligible_says_why_and_which_other_ways_there_are(
        self, reason: NotEligibleReason, language: str
    ) -> None:
        talk = FormTalk(InstalmentRequest, RequestBank(instalment_quotes=not_eligible(reason)), language=language)
        said = talk.start()
        assert "/request_deferral" in said.payloads
        assert "/request_human" in said.payloads
        assert talk.active is None
        assert talk.entered == {}

    def test_a_card_with_a_plan_under_way_leads_to_its_state(self) -> None:
        running = not_eligible(NotEligibleReason.ALREADY_RUNNING)
        assert "申请进度" in FormTalk(InstalmentRequest, RequestBank(instalment_quotes=running)).start().titles


class TestLoneNumbers:
    """`12` may be a term, a sum or a day, `3000` a sum or a card: the question decides."""

    def test_is_the_term_where_the_term_is_asked_for(self) -> None:
        talk = started()
        talk("inform", "12", amount="12.00", term="12", date="2026-12-12")
        assert (talk.slots["term"], talk.slots["amount"]) == (12, None)

    def test_is_the_term_at_the_confirmation_as_well(self) -> None:
        talk = at_confirmation()
        talk("correct", "6", amount="6.00", term="6", date="2026-12-06")
        assert (talk.slots["term"], talk.slots["amount"]) == (6, None)

    def test_is_the_amount_if_no_card_ends_like_that(self) -> None:
        talk = started()
        talk("inform", "3000", amount="3000.00", card="3000")
        assert talk.slots["amount"] == "3000.00"
        assert talk.slots["request_card"]["last4"] == "1234"

    def test_is_the_card_where_the_card_is_asked_for(self) -> None:
        talk = started(two_owing())
        talk("inform", "5678", amount="5678.00", card="5678")
        assert (talk.slots["request_card"]["last4"], talk.slots["amount"]) == ("5678", None)

    def test_is_another_card_if_one_ends_like_that(self) -> None:
        talk = started(two_owing(), card="1234")
        talk("inform", "5678", amount="5678.00", card="5678")
        assert (talk.slots["request_card"]["last4"], talk.slots["amount"]) == ("5678", None)

    def test_the_entities_of_one_button_are_all_meant(self) -> None:
        talk = started()
        said = talk("inform", '/inform{"amount": "3000", "term": "6"}', amount="3000", term="6")
        assert "¥3,000.00 分 6 期" in said


class TestAmountsInWords:
    def test_all_is_the_whole_amount(self) -> None:
        talk = started(amount="3000")
        talk("inform", "全部", amount="all")
        assert talk.slots["amount"] is None
        assert talk.requested == "term"

    def test_a_share_is_asked_for_in_figures(self) -> None:
        said = started()("request_instalment", "分一半", amount="half")
        assert said.responses == ["utter_amount_in_figures", "utter_again_term"]

    @pytest.mark.parametrize("text", ["每个月还800行吗", "I can pay 800 a month", "每月最多800"])
    def test_what_can_be_paid_each_month_is_not_what_is_split(self, text: str) -> None:
        talk = started()
        said = talk("request_instalment", text, amount="800.00")
        assert said.responses == ["utter_terms_within"]
        assert (talk.slots["amount"], talk.slots["monthly_capacity"]) == (None, "800.00")

    def test_a_sum_a_month_can_be_put_right(self) -> None:
        talk = started()
        talk("inform", "每月最多1000", monthly="1000.00")
        said = talk("correct", "不是1000，我说错了，2500", amount="2500.00")
        assert said.responses == ["utter_terms_within"]
        assert (talk.slots["amount"], talk.slots["monthly_capacity"]) == (None, "2500.00")

    def test_the_sum_to_be_split_is_still_one_to_be_split(self) -> None:
        talk = started()
        talk("inform", "每月最多1000", monthly="1000.00")
        talk("correct", "不对，只分3000", amount="3000.00")
        assert (talk.slots["amount"], talk.slots["monthly_capacity"]) == ("3000.00", "1000.00")


class TestWhatCanBePaid:
    def test_who_can_pay_it_all_at_once_is_told_so(self) -> None:
        said = started()("inform", "每月能还9000", amount="9000.00", monthly="9000.00")
        assert said.first.startswith("您说的数够一次还清")
        assert "怎么还款" in said.titles

    def test_too_much_at_the_start_shows_every_term(self) -> None:
        talk = FormTalk(InstalmentRequest, RequestBank())
        assert talk.start(burden="too_much").responses == ["utter_first_term"]

    def test_too_much_of_the_largest_term_asks_what_would_do(self) -> None:
        talk = started()
        talk("inform", term="12")
        said = talk("deny", "太贵了", burden="too_much")
        assert said.responses == ["utter_none_within_declined"]
        assert talk.slots["term"] is None
        assert "这已经是每期最低的了" in said.first


class TestWholeCost:
    def test_shows_each_cost_how_it_is_charged_and_to_whom(self) -> None:
        said = started()("inform", term="12")
        assert said.card["title"] == "综合融资成本明示表"
        assert said.card["table"]["rows"] == [["分期利息", "每期", "0.60%", "¥324.00", "银行"]]
        assert said.rows["年化利率（单利）"] == "13.03%"
        assert said.rows["总共要还"] == "¥4,824.00"
        assert said.rows["不在分期内、要先还的"] == "¥612.50"
        assert [row["value"] for row in said.card["rows"] if row["label"] == "其他费用"] == ["没有"]

    def test_shows_what_may_arise_when_a_payment_is_late(self) -> None:
        late = started()("inform", term="12").card["details"][0]
        assert late["table"]["rows"] == [["违约金", "一次", "5.00%", "银行"], ["逾期利息", "每天", "0.05%", "银行"]]

    def test_shows_every_instalment(self) -> None:
        plan = started()("inform", term="12").card["details"][1]
        assert len(plan["table"]["rows"]) == 12
        assert plan["table"]["rows"][0] == ["1", "12月21日 周一", "¥375.00", "¥27.00", "¥402.00"]

    def test_in_english(self) -> None:
        said = started(language="en")("inform", term="12")
        assert said.card["table"]["rows"] == [["Interest", "each term", "0.60%", "¥324.00", "the bank"]]
        assert said.titles == ["Yes, file it", "Change the number", "Don't file it"]

    def test_nothing_is_paid_first_where_the_bank_asks_for_nothing(self) -> None:
        bank = RequestBank()
        original = bank._quote
        bank._quote = lambda *a: original(*a).copy(update={"pay_first": Decimal("0.00")})  # type: ignore[method-assign]
        assert "不在分期内、要先还的" not in started(bank)("inform", term="12").rows


class TestConfirmation:
    def test_nothing_is_sent_to_the_bank_before_the_yes(self) -> None:
        bank = RequestBank()
        at_confirmation(bank)
        assert {name for name, _ in bank.calls} == {"cards", "instalment_quotes"}

    def test_the_yes_makes_the_key_and_sends_one_code_for_this_quote(self) -> None:
        bank = RequestBank()
        talk = at_code(bank)
        assert talk.slots["idempotency_key"]
        assert [arguments["subject"] for name, arguments in bank.calls if name == "challenge"] == [
            talk.slots["offer"]["id"]
        ]

    def test_an_unsure_yes_files_nothing_and_asks_plainly(self) -> None:
        talk = at_confirmation()
        said = talk("affirm", confidence=0.4)
        assert said.responses == ["utter_confirm_plainly"]
        assert talk.slots["confirmed"] is None

    def test_a_button_of_an_earlier_quote_confirms_nothing(self) -> None:
        talk = at_confirmation()
        old = talk.slots["offer"]["id"]
        talk("correct", term="6")
        said = talk("affirm", offer=old)
        assert said.responses == ["utter_instalment_confirm"]
        assert talk.slots["confirmed"] is None

    def test_a_yes_with_another_term_is_a_correction(self) -> None:
        talk = at_confirmation()
        said = talk("affirm", term="6")
        assert said.responses == ["utter_instalment_summary"]
        assert "分 6 期" in said
        assert talk.slots["confirmed"] is None

    def test_a_no_files_nothing_and_offers_to_change_or_stop(self) -> None:
        talk = at_confirmation()
        said = talk("deny")
        assert "没有提交" in said
        assert "/stop" in said.payloads
        assert talk.requested == "confirmed"

    def test_change_the_number_compares_the_terms_again(self) -> None:
        talk = at_confirmation()
        said = talk("correct", field="term")
        assert said.responses == ["utter_first_term"]
        assert talk.slots["offer"] is None

    @pytest.mark.parametrize("named", [["6", "12"], ["12", "6"], ["6"]])
    def test_corrects_the_term_with_the_old_value_first_or_last(self, named: Any) -> None:
        talk = at_confirmation()
        talk("correct", term=named)
        assert talk.slots["term"] == 6
        assert talk.requested == "confirmed"

    def test_a_correction_without_a_value_asks_what_to_change(self) -> None:
        said = at_confirmation()("correct")
        assert said.responses == ["utter_instalment_declined"]

    def test_repeat_shows_the_whole_cost_again(self) -> None:
        assert at_confirmation()("repeat").responses == ["utter_instalment_summary"]


class TestFiling:
    def test_files_and_tells_reference_state_and_when_the_answer_comes(self) -> None:
        bank = RequestBank()
        said = at_code(bank)("inform", CODE)
        assert said.card["figure"]["value"] == bank.filed[0].reference
        assert said.rows["状态"] == "银行审核中"
        assert said.rows["预计答复"] == "11月24日 周二 前"
        assert "通过了才生效" in said.first

    def test_everything_entered_is_forgotten_afterwards(self) -> None:
        talk = at_code()
        talk("inform", CODE)
        assert talk.entered == {}
        assert talk.active is None

    def test_a_reason_that_was_told_in_passing_is_recorded(self) -> None:
        bank = RequestBank()
        talk = started(bank, reason="illness", term="12")
        talk("affirm")
        talk("inform", CODE)
        assert bank.calls[-1][1]["reason"] is ReasonClass.ILLNESS

    def test_a_yes_twice_sends_one_code_and_keeps_the_key(self) -> None:
        bank = RequestBank()
        talk = at_code(bank)
        key = talk.slots["idempotency_key"]
        said = talk("affirm", offer=talk.slots["offer"]["id"])
        assert said.responses == ["utter_again_proof"]
        assert bank.count("challenge") == 1
        assert talk.slots["idempotency_key"] == key

    def test_another_term_while_the_code_is_awaited_voids_yes_and_code(self) -> None:
        talk = at_code()
        said = talk("correct", term="6")
        assert said.responses == ["utter_instalment_summary"]
        assert [talk.slots[slot] for slot in ("confirmed", "challenge", "idempotency_key")] == [None] * 3

    def test_a_lost_answer_is_said_and_the_same_key_gives_the_same_reference(self) -> None:
        bank = RequestBank()
        bank.fail("file_application", AnswerLost())
        talk = at_code(bank)
        said = talk("inform", CODE)
        assert said.responses == ["utter_filing_unclear"]
        assert said.payloads == ["/retry", "/request_human"]
        again = talk("retry")
        assert again.card["figure"]["value"] == bank.filed[0].reference
        keys = {arguments["idempotency_key"] for name, arguments in bank.calls if name == "file_application"}
        assert (len(bank.filed), len(keys)) == (1, 1)

    def test_while_the_answer_is_missing_nothing_can_change(self) -> None:
        bank = RequestBank()
        bank.fail("file_application", AnswerLost())
        talk = at_code(bank)
        talk("inform", CODE)
        offer = talk.slots["offer"]
        bank.fail("file_application", AnswerLost())
        talk("correct", term="6")
        assert talk.slots["offer"] == offer
        talk("inform", term="3")
        assert [application.terms for application in bank.filed] == [12]

    def test_a_question_or_a_no_while_the_answer_is_missing_sends_nothing(self) -> None:
        bank = RequestBank()
        bank.fail("file_application", AnswerLost())
        talk = at_code(bank)
        talk("inform", CODE)
        for said in (talk.interrupt(), talk("deny")):
            assert said.responses == ["utter_filing_unclear"]
        assert bank.count("file_application") == 1

    def test_a_quote_that_ran_out_is_replaced_shown_and_confirmed_again(self) -> None:
        bank = RequestBank()
        bank.fail("file_application", QuoteExpired("POST …", "quote-expired", 409))
        talk = at_code(bank)
        old = talk.slots["offer"]["id"]
        said = talk("inform", CODE)
        assert said.responses == ["utter_offer_expired", "utter_instalment_summary"]
        assert talk.slots["offer"]["id"] != old
        assert talk.slots["term"] == 12
        talk("affirm")
        assert talk("inform", CODE).responses == ["utter_instalment_filed"]

    def test_a_quote_that_ran_out_while_the_customer_thought_sends_no_code(self) -> None:
        bank = RequestBank()
        bank.fail("challenge", QuoteExpired("POST …", "quote-expired", 409))
        said = at_confirmation(bank)("affirm")
        assert said.responses == ["utter_offer_expired", "utter_instalment_summary"]

    def test_a_card_that_got_a_plan_while_the_customer_thought_gets_no_code(self) -> None:
        bank = RequestBank()
        refused = NotEligible("POST …", "not-eligible", 422, NotEligibleReason.ALREADY_RUNNING)
        bank.fail("challenge", refused)
        talk = at_confirmation(bank)
        assert talk("affirm").responses == ["utter_instalment_not_eligible"]
        assert talk.active is None

    def test_a_proof_that_ran_out_needs_a_new_code_and_keeps_the_key(self) -> None:
        bank = RequestBank()
        bank.fail("file_application", ProofRequired("POST …", "proof-required", 403))
        talk = at_code(bank)
        key = talk.slots["idempotency_key"]
        said = talk("inform", CODE)
        assert said.responses == ["utter_proof_expired", "utter_first_proof"]
        assert talk.slots["idempotency_key"] == key
        assert talk("inform", CODE).responses == ["utter_instalment_filed"]

    def test_a_bank_that_refuses_in_the_end_says_why(self) -> None:
        bank = RequestBank()
        refused = NotEligible("POST …", "not-eligible", 422, NotEligibleReason.ALREADY_RUNNING)
        bank.fail("file_application", refused)
        said = at_code(bank)("inform", CODE)
        assert "已经有一份申请或计划在进行" in said


class TestBankDown:
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_at_the_start(self, language: str) -> None:
        bank = RequestBank()
        bank.down = True
        talk = FormTalk(InstalmentRequest, bank, language=language)
        said = talk.start()
        assert said.responses == ["utter_request_kept"]
        assert said.payloads == ["/retry", "/request_human", "/stop"]
        bank.down = False
        assert talk("retry").responses == ["utter_first_term"]

    def test_at_the_start_with_a_card_named(self) -> None:
        bank = two_owing()
        bank.down = True
        talk = FormTalk(InstalmentRequest, bank)
        assert talk.start(card="5678").responses == ["utter_request_kept"]
        assert talk.active == "instalment_form"
        bank.down = False
        assert talk("retry").responses == ["utter_first_request_card"]

    def test_what_was_entered_in_the_same_message_is_kept(self) -> None:
        bank = RequestBank()
        talk = started(bank)
        bank.down = True
        assert talk("inform", term="12").responses == ["utter_request_kept"]
        bank.down = False
        assert talk("retry").responses == ["utter_instalment_summary"]

    def test_at_the_confirmation(self) -> None:
        bank = RequestBank()
        talk = at_confirmation(bank)
        bank.down = True
        talk("affirm")
        key = talk.slots["idempotency_key"]
        bank.down = False
        assert talk("retry").responses == ["utter_first_proof"]
        assert key
        assert talk.slots["idempotency_key"] == key

    def test_at_the_code(self) -> None:
        bank = RequestBank()
        talk = at_code(bank)
        bank.down = True
        assert talk("inform", CODE).responses == ["utter_request_kept"]
        bank.down = False
        assert talk("retry").responses == ["utter_first_proof"]
        assert talk("inform", CODE).responses == ["utter_instalment_filed"]

    def test_a_question_that_the_bank_did_not_answer_is_not_followed_by_the_same_again(self) -> None:
        bank = RequestBank()
        talk = started(bank)
        bank.down = True
        failed = {"event": "slot", "name": "failed_action", "value": "action_late_fee"}
        assert talk.interrupt("ask_late_fee", "action_late_fee", failed).responses == []
        assert talk.requested == "term"


class TestInterruptions:
    def test_after_a_question_it_asks_again_in_short(self) -> None:
        assert started().interrupt().responses == ["utter_again_term"]
        assert at_confirmation().interrupt().responses == ["utter_instalment_confirm"]

    def test_who_asks_one_thing_after_another_is_not_pressed(self) -> None:
        talk = started()
        asked = [bool(talk.interrupt().responses) for _ in range(8)]
        assert asked == [True, True, False, True, False, False, False, True]
        assert talk("inform", term="12").responses == ["utter_instalment_summary"]
        assert talk.interrupt().responses == ["utter_instalment_confirm"]  # counted anew

    def test_a_question_about_another_card_changes_nothing(self) -> None:
        talk = at_confirmation(RequestBank())
        focus = {"event": "slot", "name": "card", "value": "5678"}
        talk.interrupt("ask_amount_due", "action_amount_due", focus)
        assert talk.slots["request_card"]["last4"] == "1234"

    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_says_why_it_asks(self, language: str) -> None:
        assert started(language=language)("explain_why").responses == ["utter_why_term", "utter_again_term"]
        assert at_code()("explain_why").responses == ["utter_why_proof", "utter_again_proof"]

    def test_help_after_an_answer_that_was_not_understood_and_a_person_after_two(self) -> None:
        talk = started()
        assert "找人工" not in talk("nlu_fallback", "呃").titles
        assert "找人工" in talk("nlu_fallback", "呃呃").titles
        talk("inform", term="7")
        assert "找人工" not in talk("nlu_fallback", "呃").titles

    def test_what_may_have_been_wanted_instead_is_offered(self) -> None:
        talk = started()
        said = talk("nlu_fallback", "会不会上那个", ranking=["nlu_fallback", "ask_credit_impact", "inform"])
        assert "/ask_credit_impact" in said.payloads
        for ranking in (["nlu_fallback", "inform", "ask_credit_impact"], ["nlu_fallback", "request_instalment"]):
            said = talk("nlu_fallback", "呃", ranking=ranking)
            assert "/ask_credit_impact" not in said.payloads
            assert "/request_instalment" not in said.payloads

    def test_another_request_puts_this_one_aside_and_offers_it_afterwards(self) -> None:
        bank = RequestBank()
        talk = started(bank, amount="3000")
        said = talk.start(DeferralRequest)
        assert said.responses == ["utter_request_left", "utter_first_reason"]
        assert talk.slots["amount"] is None
        talk("deny")
        talk("inform", date="2026-12-22")
        talk("affirm")
        done = talk("inform", CODE)
        assert done.responses == ["utter_deferral_filed", "utter_request_waiting"]
        assert done.payloads[-2:] == ["/request_instalment", "/stop"]
        said = talk.start(InstalmentRequest)
        assert said.responses == ["utter_request_resumed", "utter_first_term"]
        assert "¥3,000.00" in said
        assert talk.slots["parked"] is None

    def test_a_request_whose_answer_is_missing_keeps_its_key_while_it_is_aside(self) -> None:
        bank = RequestBank()
        bank.fail("file_application", AnswerLost())
        talk = at_code(bank)
        talk("inform", CODE)
        assert talk.start(DeferralRequest).responses[0] == "utter_request_left_unclear"
        said = talk.start(InstalmentRequest)
        assert said.responses[1:3] == ["utter_request_resumed", "utter_instalment_filed"]
        assert len(bank.filed) == 1

    def test_the_values_of_a_request_that_ended_long_ago_are_not_taken_up(self) -> None:
        talk = FormTalk(InstalmentRequest, RequestBank())
        talk.slots.update({"term": 12, "confirmed": True, "proof": "old", "idempotency_key": "old"})
        talk.start()
        assert talk.requested == "term"
        assert [talk.slots[slot] for slot in ("confirmed", "proof", "idempotency_key")] == [None] * 3

    def test_stop_files_nothing_and_forgets(self) -> None:
        bank = RequestBank()
        talk = at_code(bank)
        said = talk.act(ActionStop, "stop")
        assert "没有提交" in said
        assert talk.entered == {}
        assert talk.active is None
        assert bank.count("file_application") == 0

    def test_stop_while_the_answer_is_missing_does_not_say_that_nothing_was_filed(self) -> None:
        bank = RequestBank()
        bank.fail("file_application", AnswerLost())
        talk = at_code(bank)
        talk("inform", CODE)
        said = talk.act(ActionStop, "stop")
        assert said.responses == ["utter_stopped_unclear"]


class TestSignIn:
    def test_a_visitor_is_invited_and_no_request_begins(self) -> None:
        talk = FormTalk(InstalmentRequest, RequestBank())
        talk.signed_in = False
        said = talk.start()
        assert said.responses == ["utter_sign_in_needed"]
        assert talk.active is None

    def test_a_sign_in_that_ran_out_keeps_the_request_where_it_was(self) -> None:
        bank = RequestBank()
        talk = at_confirmation(bank)
        talk.identity_problem = "expired"
        asked = len(bank.calls)
        said = talk("affirm")
        assert said.responses == ["utter_sign_in_to_go_on"]
        assert said.payloads == ["/retry", "/stop"]
        assert len(bank.calls) == asked
        talk.identity_problem = None
        assert talk("retry").responses == ["utter_instalment_summary"]
        assert talk.slots["term"] == 12

    def test_asks_nothing_after_a_question_while_signed_out(self) -> None:
        talk = at_confirmation()
        talk.identity_problem = "expired"
        assert talk.interrupt().responses == []

    def test_another_error_of_the_bank_is_a_failure_and_not_an_answer(self) -> None:
        bank = RequestBank()
        bank.fail("instalment_quotes", BankUnavailable("GET …", "answered 500"))
        assert FormTalk(InstalmentRequest, bank).start().responses == ["utter_request_kept"]
