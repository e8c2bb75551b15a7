"""The state of what was filed, and withdrawing it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, List

import pytest

from actions.applications import ActionApplications, WithdrawalRequest
from bank.errors import BankError, BankUnavailable, NotOffered, NotWithdrawable
from bank.models import Application, ApplicationKind, ApplicationStatus, DocumentKind
from tests.test_actions.builders import TODAY, DownBank, StubBank, plan, running_plan
from tests.test_actions.form_talk import FormTalk
from tests.test_actions.request_bank import CODE, AnswerLost, RequestBank
from tests.test_actions.talk import ask


def in_review(**changes: Any) -> Application:
    return running_plan(
        **{
            "reference": "INS-20261120-0003",
            "status": ApplicationStatus.IN_REVIEW,
            "withdrawable": True,
            "answer_by": TODAY + timedelta(days=2),
            **changes,
        }
    )


def deferred(**changes: Any) -> Application:
    return in_review(
        **{
            "reference": "DEF-20261121-0004",
            "kind": ApplicationKind.DEFERRAL,
            "terms": None,
            "per_term": None,
            "new_due_date": TODAY + timedelta(days=31),
            **changes,
        }
    )


def withdrawing(*applications: Application, **entities: Any) -> FormTalk:
    talk = FormTalk(WithdrawalRequest, RequestBank(applications=list(applications)))
    talk.start(**entities)
    return talk


class TestState:
    def test_each_is_a_card_with_all_that_the_bank_says(self) -> None:
        said = ask(ActionApplications, StubBank(applications=[in_review(note="请保持电话畅通")]))
        assert said.card["figure"]["value"] == "银行审核中"
        assert said.rows == {
            "预计答复": "11月23日 周一 前",
            "卡": "尾号 1234",
            "分期金额": "¥6,000.00",
            "期数": "12期",
            "每期": "¥536.00",
            "年化利率（单利）": "13.03%",
            "提交时间": "11月21日 周六 20:00",
            "银行留言": "请保持电话畅通",
        }

    def test_a_plan_that_runs_says_what_comes_next(self) -> None:
        rows = ask(ActionApplications, StubBank(applications=[running_plan()], plans=[plan()])).rows
        assert rows["第 4 期"] == "12月16日 周三 前还 ¥536.00"
        assert rows["最后一期"] == "2027年8月16日"

    @pytest.mark.parametrize("plans", [BankUnavailable("GET …", "down"), NotOffered("GET …", "not-implemented", 501)])
    def test_what_is_next_may_stay_unsaid(self, plans: BankError) -> None:
        said = ask(ActionApplications, StubBank(applications=[running_plan()], plans=plans))
        assert said.responses == ["utter_application_state", "utter_after_applications"]
        assert said.rows["期数"] == "12期"

    def test_what_does_not_apply_is_left_out(self) -> None:
        rows = ask(ActionApplications, StubBank(applications=[deferred(answer_by=None)])).rows
        assert rows["新的还款日"] == "12月22日 周二"
        assert not {"期数", "每期", "预计答复", "银行留言"} & set(rows)

    @pytest.mark.parametrize("status", list(ApplicationStatus))
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_every_state_has_its_words(self, status: ApplicationStatus, language: str) -> None:
        said = ask(ActionApplications, StubBank(applications=[in_review(status=status)]), language=language)
        assert said.card["figure"]["value"]

    @pytest.mark.parametrize("kind", list(ApplicationKind))
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_every_kind_has_its_name_and_says_what_its_amount_is(self, kind: ApplicationKind, language: str) -> None:
        said = ask(ActionApplications, StubBank(applications=[in_review(kind=kind)]), language=language)
        assert said.card["title"]
        assert [value for value in said.rows.values() if "6,000.00" in value] != []

    @pytest.mark.parametrize(
        ("kind", "title", "amount_means"),
        [
            (ApplicationKind.WAIVER, "减免申请", "申请减免"),
            (ApplicationKind.AGREEMENT, "个性化分期协议", "协议金额"),
            (ApplicationKind.HARDSHIP, "困难情况说明", "提交时欠款"),
            (ApplicationKind.EARLY_SETTLEMENT, "提前结清申请", "结清金额"),
        ],
    )
    def test_an_amount_is_not_taken_for_another_thing(
        self, kind: ApplicationKind, title: str, amount_means: str
    ) -> None:
        said = ask(ActionApplications, StubBank(applications=[in_review(kind=kind)]))
        assert said.card["title"] == title
        assert said.rows[amount_means] == "¥6,000.00"

    @pytest.mark.parametrize("kind", list(DocumentKind))
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_what_the_bank_still_needs_is_named(self, kind: DocumentKind, language: str) -> None:
        waiting = in_review(status=ApplicationStatus.NEEDS_DOCUMENTS, documents_needed=[kind])
        said = ask(ActionApplications, StubBank(applications=[waiting]), language=language)
        assert said.rows["请您补充" if language == "zh" else "Please send"]

    def test_each_document_of_which_one_is_needed_has_a_line(self) -> None:
        needed = [DocumentKind.IDENTITY, DocumentKind.BANK_STATEMENT]
        waiting = in_review(status=ApplicationStatus.NEEDS_DOCUMENTS, documents_needed=needed)
        rows = ask(ActionApplications, StubBank(applications=[waiting])).card["rows"]
        asked = [row["value"] for row in rows if row["label"] == "请补充其中一种"]
        assert asked == ["身份证明", "近几个月的银行流水"]

    @pytest.mark.parametrize("paused", [True, False])
    def test_a_pause_of_collection_is_told_and_nothing_about_it_else(self, paused: bool) -> None:
        said = ask(ActionApplications, StubBank(applications=[in_review(collection_paused=paused)]))
        assert (said.rows.get("催收") == "暂停") is paused
        assert ("催收" in said.rows) is paused

    def test_the_newest_come_first_and_the_others_in_a_table(self) -> None:
        many: List[Application] = [in_review(reference=f"INS-20261120-000{number}") for number in range(9, 4, -1)]
        said = ask(ActionApplications, StubBank(applications=many))
        cards = [message["custom"]["card"] for message in said.messages if "card" in (message.get("custom") or {})]
        assert [card.get("subtitle") for card in cards[:3]] == [
            f"编号 INS-20261120-000{number}" for number in (9, 8, 7)
        ]
        assert [row[0] for row in cards[3]["table"]["rows"]] == ["INS-20261120-0006", "INS-20261120-0005"]

    @pytest.mark.parametrize(("application", "offered"), [(in_review(), True), (running_plan(), False)])
    def test_withdrawing_is_offered_where_it_is_possible(self, application: Application, offered: bool) -> None:
        said = ask(ActionApplications, StubBank(applications=[application]))
        assert ("/cancel_application" in said.payloads) is offered

    def test_none_says_so_and_offers_the_ways(self) -> None:
        said = ask(ActionApplications, StubBank())
        assert "没有提交过申请" in said
        assert "/request_instalment" in said.payloads

    def test_the_bank_is_down(self) -> None:
        said = ask(ActionApplications, DownBank())
        assert said.responses == ["utter_bank_unavailable"]
        assert said.slot("failed_action") == "action_applications"

    def test_a_visitor_is_invited_to_sign_in(self) -> None:
        assert ask(ActionApplications, StubBank(), signed_in=False).responses == ["utter_sign_in_needed"]


class TestWithdrawing:
    def test_the_only_one_is_confirmed_proved_and_withdrawn(self) -> None:
        talk = FormTalk(WithdrawalRequest, RequestBank(applications=[in_review(), running_plan()]))
        said = talk.start()
        assert said.titles == ["确认撤回", "不撤回"]
        assert "INS-20261120-0003" in said
        assert talk("affirm").responses == ["utter_first_proof"]
        done = talk("inform", CODE)
        assert "INS-20261120-0003 已经撤回" in done
        assert talk.bank.filed[0].status is ApplicationStatus.WITHDRAWN
        assert talk.entered == {}

    def test_of_several_the_customer_chooses(self) -> None:
        talk = FormTalk(WithdrawalRequest, RequestBank(applications=[deferred(), in_review()]))
        said = talk.start()
        assert said.titles == ["DEF-20261121-0004", "INS-20261120-0003", "都不撤回"]
        said = talk("inform", reference="ins-20261120-0003")
        assert talk.requested == "confirmed"
        assert said.card["subtitle"] == "编号 INS-20261120-0003"

    def test_an_unknown_reference_is_said_and_asked_for_again(self) -> None:
        talk = withdrawing(deferred(), in_review())
        said = talk("inform", reference="INS-1")
        assert said.responses == ["utter_reference_unknown", "utter_again_withdrawal"]

    def test_one_that_is_decided_cannot_be_withdrawn_and_a_person_is_offered(self) -> None:
        talk = FormTalk(WithdrawalRequest, RequestBank(applications=[running_plan()]))
        said = talk.start(reference="INS-20260901-0007")
        assert "不能在这里撤回" in said or "没有可以撤回" in said
        assert "/request_human" in said.payloads
        assert talk.active is None

    def test_one_that_is_decided_is_said_although_another_could_be_withdrawn(self) -> None:
        talk = FormTalk(WithdrawalRequest, RequestBank(applications=[in_review(), running_plan()]))
        said = talk.start(reference="INS-20260901-0007")
        assert said.responses == ["utter_not_withdrawable"]

    def test_one_that_was_decided_meanwhile(self) -> None:
        talk = withdrawing(in_review())
        talk.bank.fail("challenge", NotWithdrawable("POST …", "not-withdrawable", 409))
        assert talk("affirm").responses == ["utter_not_withdrawable"]
        assert talk.active is None

    def test_nothing_filed_is_said(self) -> None:
        talk = FormTalk(WithdrawalRequest, RequestBank())
        assert talk.start().responses == ["utter_no_applications"]

    def test_a_no_leaves_everything_as_it_is(self) -> None:
        talk = withdrawing(in_review())
        assert "保持不变" in talk("deny")
        assert talk.bank.count("challenge") == 0

    def test_a_lost_answer_is_asked_for_with_the_same_key(self) -> None:
        talk = withdrawing(in_review())
        talk("affirm")
        talk.bank.fail("withdraw_application", AnswerLost())
        assert talk("inform", CODE).responses == ["utter_filing_unclear"]
        assert talk("retry").responses == ["utter_withdrawn"]
        keys = {given["idempotency_key"] for name, given in talk.bank.calls if name == "withdraw_application"}
        assert len(keys) == 1

    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_the_bank_is_down(self, language: str) -> None:
        bank = RequestBank(applications=[in_review()])
        bank.down = True
        talk = FormTalk(WithdrawalRequest, bank, language=language)
        assert talk.start().responses == ["utter_request_kept"]
        bank.down = False
        assert talk("retry").responses == ["utter_withdrawal_summary"]
