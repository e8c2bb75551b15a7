"""“Do I have to sign anything?”, “what does the agreement say?”, “how long does the review take?”"""

from __future__ import annotations

from typing import Any, Dict, List

import pytest

from actions.about_request import ActionAboutRequest, ActionThirdParty
from bank.calls.capabilities import OPERATIONS
from bank.errors import NotEligibleReason
from bank.models import ApplicationStatus, Capabilities, PaymentStatus, PlanKind, PlanPart, PlanPartStatus
from tests.test_actions.builders import (
    TODAY,
    DownBank,
    StubBank,
    agreement,
    not_eligible,
    payment,
    plan,
    running_plan,
    settlement,
)
from tests.test_actions.talk import Said, ask


def said_after(response: str) -> List[Dict[str, Any]]:
    return [{"event": "bot", "text": "", "data": {}, "metadata": {"utter_action": response}}]


def about(asked: str, bank: Any = None, **more: Any) -> Said:
    return ask(ActionAboutRequest, bank or StubBank(agreement_quotes=[agreement()]), entities={"asked": asked}, **more)


AGREEMENT = said_after("utter_first_agreement_term")


@pytest.mark.parametrize(("language", "yes"), [("zh", "要的"), ("en", "Yes")])
def test_an_agreement_is_signed_and_the_bank_says_what_is_agreed(language: str, yes: str) -> None:
    said = about("signing", before=AGREEMENT, language=language)
    assert said.first.startswith(yes)
    assert len(said.rows) >= 3


def test_what_the_agreement_says_is_the_banks() -> None:
    banks = [StubBank(agreement_quotes=[agreement(interest_stops=stops)]) for stops in (True, False)]
    ends, runs = (about("content", bank, before=AGREEMENT) for bank in banks)
    assert ends.rows["利息"] != runs.rows["利息"]


@pytest.mark.parametrize(
    ("bank", "words"),
    [
        (StubBank(agreement_quotes=[agreement(collection_paused=True)]), "催收就会暂停"),
        (StubBank(agreement_quotes=[agreement(collection_paused=False)]), "不一定会暂停"),
        (StubBank(agreement_quotes=not_eligible(NotEligibleReason.NOTHING_DUE)), "由银行审核"),
    ],
)
def test_whether_collection_goes_on_is_the_banks_word(bank: StubBank, words: str) -> None:
    assert words in about("collection", bank).first


def test_a_bank_that_is_down_takes_the_conditions_and_not_the_answer() -> None:
    said = about("signing", DownBank(), before=AGREEMENT)
    assert said.first.startswith("要的")
    assert not said.rows


def test_each_instalment_plan_is_a_contract() -> None:
    assert about("signing", before=said_after("utter_first_term")).responses == ["utter_about_instalment_contract"]


def test_what_was_spoken_of_last_counts() -> None:
    before = [*AGREEMENT, *said_after("utter_instalment_summary")]
    assert about("signing", before=before).responses == ["utter_about_instalment_contract"]


@pytest.mark.parametrize("signed_in", [True, False])
def test_out_of_the_blue_both_contracts_are_named(signed_in: bool) -> None:
    said = about("signing", DownBank(), signed_in=signed_in)
    assert said.responses == ["utter_about_signing"]
    assert "/request_agreement" in said.payloads


def test_how_long_the_bank_takes_is_not_promised() -> None:
    said = about("review", StubBank(applications=[], promises=[], disputes=[]))
    assert said.responses == ["utter_review_time"]
    assert not any(character.isdigit() for character in said.text)


def test_who_has_filed_something_gets_its_state() -> None:
    said = about("review", StubBank(applications=[running_plan()], promises=[], disputes=[]))
    assert said.responses[0] == "utter_application_state"


def test_how_long_it_takes_fails_plainly_with_the_bank() -> None:
    said = about("review", DownBank())
    assert said.responses == ["utter_bank_unavailable"]


@pytest.mark.parametrize(("asked", "response"), [("refused", "utter_about_refusal"), ("papers", "utter_about_papers")])
def test_what_is_the_same_for_every_request(asked: str, response: str) -> None:
    assert about(asked, DownBank(), before=AGREEMENT).responses == [response]


class TestSchedule:
    @pytest.mark.parametrize(
        ("paid", "language", "words"),
        [
            (3, "zh", "下一期是第 4 期：12月16日 周三 前还 ¥536.00"),
            (2, "zh", "第 3 期 ¥536.00 出在账单里，还款日 11月16日 周一 已经过了"),
            (12, "zh", "每一期都已经还了"),
            (3, "en", "instalment 4: ¥536.00, due by Wed 16 Dec"),
            (2, "en", "Instalment 3 of ¥536.00 stands on your bill; its due date, Mon 16 Nov, has passed"),
            (12, "en", "Every instalment has been paid"),
        ],
    )
    def test_next_is_what_is_not_paid_yet(self, paid: int, language: str, words: str) -> None:
        said = about("schedule", StubBank(plans=[plan(paid)]), language=language)
        assert words in said.first

    @pytest.mark.parametrize(
        ("language", "words"),
        [("zh", "已经出在账单里，还款日是 11月21日"), ("en", "stands on your bill, due by Sat 21 Nov")],
    )
    def test_a_part_on_the_bill_that_is_not_due_yet(self, language: str, words: str) -> None:
        on_bill = PlanPart(**{**plan().schedule[2].dict(), "status": PlanPartStatus.BILLED, "due_on": TODAY})
        said = about("schedule", StubBank(plans=[plan(schedule=[on_bill])]), language=language)
        assert words in said.first

    def test_the_rest_is_the_banks_word(self) -> None:
        rows = about("schedule", StubBank(plans=[plan()])).rows
        assert rows["期数"] == "共 12 期，已出账 3 期"
        assert rows["未出账的本金"] == "¥4,500.00"
        assert rows["未出账的利息"] == "¥324.00"
        assert rows["最后一期还款日"] == "2027年8月16日"

    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_each_plan_is_told(self, language: str) -> None:
        both = [plan(), plan(reference="AGR-20260901-0008", kind=PlanKind.AGREEMENT)]
        said = about("schedule", StubBank(plans=both), language=language)
        assert said.responses == ["utter_plan", "utter_plan"]

    def test_what_is_not_approved_has_no_dates(self) -> None:
        waiting = running_plan(status=ApplicationStatus.IN_REVIEW, withdrawable=True)
        said = about("schedule", StubBank(applications=[waiting]))
        assert said.responses == ["utter_plan_in_review"]
        assert waiting.reference in said.first

    def test_nothing_runs(self) -> None:
        assert about("schedule", StubBank()).responses == ["utter_no_plan"]

    def test_a_bank_that_does_not_tell_of_plans(self) -> None:
        without = Capabilities(contract="1.1", operations=[each for each in OPERATIONS if each != "plans"])
        said = about("schedule", StubBank(capabilities=without, applications=[running_plan()]))
        assert said.responses == ["utter_application_state", "utter_after_applications"]

    def test_it_fails_plainly_with_the_bank(self) -> None:
        assert about("schedule", DownBank()).responses == ["utter_bank_unavailable"]

    def test_it_is_for_who_signed_in(self) -> None:
        assert about("schedule", DownBank(), signed_in=False).responses == ["utter_sign_in_needed"]


class TestEarlySettlement:
    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("zh", "一共 ¥4,641.00；往后的利息 ¥318.00 就不用付了"),
            ("en", "¥4,641.00 in all, and ¥318.00 of later interest"),
        ],
    )
    def test_the_bank_says_what_it_costs_today(self, language: str, words: str) -> None:
        said = about(
            "early",
            StubBank(plans=[plan()], early_settlement=lambda reference: settlement(reference=reference)),
            language=language,
        )
        assert said.responses == ["utter_early_settlement"]
        assert words in said.first
        assert [value for value in said.rows.values() if value == "¥135.00"] == ["¥135.00"]

    def test_a_plan_that_cannot_end_early_is_left_out(self) -> None:
        bank = StubBank(plans=[plan()], early_settlement=not_eligible(NotEligibleReason.NOT_ALLOWED_NOW))
        assert about("early", bank).responses == ["utter_about_early_settlement"]

    @pytest.mark.parametrize(
        ("words", "answer"),
        [
            ("我想提前还款", "utter_repayment"),
            ("分期了提前还收手续费吗", "utter_about_early_settlement"),
            ("can I pay early", "utter_repayment"),
            ("can I settle the plan early", "utter_about_early_settlement"),
        ],
    )
    def test_who_has_no_plan_and_speaks_of_none_wishes_to_pay_the_bill(self, words: str, answer: str) -> None:
        assert about("early", StubBank(), text=words).responses == [answer]

    def test_who_has_not_signed_in_is_told_in_general(self) -> None:
        said = about("early", DownBank(), signed_in=False)
        assert said.responses == ["utter_about_early_settlement"]
        assert "¥" not in said.first

    def test_it_fails_plainly_with_the_bank(self) -> None:
        assert about("early", DownBank()).responses == ["utter_bank_unavailable"]


@pytest.mark.parametrize(
    ("words", "before", "answer"),
    [
        ("多久到账", "utter_repayment", "utter_repayment"),
        ("我昨天还的，啥时候到账", "utter_overdue_overdue", "utter_payments_none"),
        ("那一般多久到账", "utter_payments_none", "utter_repayment"),
        ("how long does a transfer take", "utter_repayment", "utter_repayment"),
        ("I paid this morning, when will it arrive", "utter_repayment", "utter_payments_none"),
    ],
)
def test_how_soon_a_payment_is_booked(words: str, before: str, answer: str) -> None:
    assert about("posting", StubBank(), text=words, before=said_after(before)).responses == [answer]


def test_of_payments_that_came_in_it_is_told_when_they_are_booked() -> None:
    bank = StubBank(payments=[payment(status=PaymentStatus.PENDING)])
    said = about("posting", bank, text="多久到账", before=said_after("utter_payments"))
    assert said.responses == ["utter_payments"]


def test_who_waits_for_no_person_asks_about_the_review() -> None:
    assert about("wait", before=said_after("utter_overdue_overdue")).responses == ["utter_review_time"]


@pytest.mark.parametrize(
    ("party", "response"), [("other_person", "utter_own_card_only"), ("agency", "utter_about_agencies")]
)
@pytest.mark.parametrize("signed_in", [True, False])
def test_nobody_else_has_a_place_in_it(party: str, response: str, signed_in: bool) -> None:
    said = ask(ActionThirdParty, DownBank(), entities={"party": party}, signed_in=signed_in)
    assert said.responses == [response]
