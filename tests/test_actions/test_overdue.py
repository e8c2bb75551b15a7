"""“My card is overdue, what now?”"""

from __future__ import annotations

from datetime import date

import pytest

from actions.overdue import ActionOverdueHelp
from bank.errors import NotEligibleReason
from bank.models import ApplicationKind, ApplicationStatus
from tests.test_actions.builders import StubBank, credit_report, not_eligible, running_plan, summary, two_cards
from tests.test_actions.talk import Said, ask


def overdue_help(bank: StubBank, language: str = "zh") -> Said:
    return ask(ActionOverdueHelp, bank, language=language)


@pytest.mark.parametrize(
    ("situation", "zh", "en"),
    [
        ("clear", "您没有逾期，这张卡现在没有要还的钱", "there is nothing to pay"),
        ("minimum_paid", "最低还款额已经还够了。剩下的 ¥2,880.00", "the minimum has been paid"),
        ("due", "还来得及：最晚 11月27日 周五 还", "pay by Fri 27 Nov"),
        (
            "in_grace",
            "最晚 11月23日 周一 还上 ¥320.00，就算按时还款",
            "pay ¥320.00 by Mon 23 Nov",
        ),
        (
            "overdue_first",
            "还上 ¥612.50，这张卡就不再逾期。偶尔一次",
            "pay ¥612.50 and this card",
        ),
        ("overdue_again", "还上 ¥612.50，这张卡就不再逾期。手头紧", "If money is tight"),
        ("overdue_months", "现在逾期44天", "overdue for 44 days"),
        ("overdue_long", "人工可以和您商量一份适合您的还款协议，由银行审核", "which the bank then reviews"),
    ],
)
def test_the_first_sentence_says_what_to_do(situation: str, zh: str, en: str) -> None:
    assert zh in overdue_help(StubBank(situation)).first
    assert en in overdue_help(StubBank(situation), "en").first


def test_the_card_shows_the_banks_figures() -> None:
    said = overdue_help(StubBank("overdue_first"))
    assert said.card["title"] == "悦享金卡（尾号 1234）"
    assert said.card["figure"]["value"] == "¥612.50"
    assert said.rows == {
        "全部还清要还": "¥5,112.50",
        "其中：本金": "¥5,000.00",
        "利息": "¥87.50",
        "违约金": "¥25.00",
        "最后还款日": "11月13日 周五",
        "已逾期": "8天",
        "征信": "未报送，11月30日 周一 可能报送",
    }


def test_the_ways_out_are_buttons() -> None:
    assert overdue_help(StubBank("overdue_first")).payloads == [
        "/ask_repayment_channels",
        '/request_instalment{"card": "1234"}',
        '/request_deferral{"card": "1234"}',
        '/compare_ways{"card": "1234"}',
        "/request_human",
    ]


def test_a_debt_too_old_for_instalments_is_for_a_person_whatever_the_bucket() -> None:
    too_long = not_eligible(NotEligibleReason.TOO_LONG_OVERDUE)
    said = overdue_help(StubBank("overdue_months", instalment_quotes=too_long, deferral_options=too_long))
    assert "人工可以和您商量" in said.first
    assert said.payloads == ["/ask_repayment_channels", '/compare_ways{"card": "1234"}', "/request_human"]


def test_a_payment_on_its_way_is_mentioned_at_once() -> None:
    said = overdue_help(StubBank(overdue=summary(pending_payments="300.00")))
    assert "还上 ¥612.50" in said.first
    assert "您有 ¥300.00 的还款正在入账" in said.first
    assert said.rows["正在入账的还款"] == "¥300.00"


@pytest.mark.parametrize(
    ("situation", "pending"), [("overdue_first", "612.50"), ("overdue_long", "30000.00"), ("due", "320.00")]
)
def test_who_has_paid_enough_already_is_told_to_wait_not_to_pay(situation: str, pending: str) -> None:
    said = overdue_help(StubBank(situation, overdue=summary(situation, pending_payments=pending)))
    assert said.first.endswith("可以先等一等；入账后要还的数字由银行更新。")
    assert "还上" not in said.first


def test_a_disputed_sum_is_shown_as_set_aside() -> None:
    said = overdue_help(StubBank(overdue=summary(disputed="88.00")))
    assert said.rows["有争议、核查中"] == "¥88.00"
    assert "暂时没有算进要还的钱里" in said


def test_what_was_paid_since_the_statement_is_shown() -> None:
    assert overdue_help(StubBank(overdue=summary(paid_since="200.00"))).rows["出账单后已还"] == "¥200.00"


def test_a_running_instalment_is_shown() -> None:
    said = overdue_help(StubBank(applications=[running_plan()]))
    assert said.rows["正在分期"] == "¥6,000.00"
    assert "每期 ¥536.00，编号 INS-20260901-0007" in said


@pytest.mark.parametrize(
    "other",
    [
        running_plan(card_id="card-2"),
        running_plan(status=ApplicationStatus.WITHDRAWN),
        running_plan(kind=ApplicationKind.DEFERRAL, per_term=None, new_due_date=date(2026, 12, 1)),
    ],
    ids=["another card's", "withdrawn", "a deferral"],
)
def test_other_requests_are_not_taken_for_a_running_instalment(other: object) -> None:
    assert "正在分期" not in overdue_help(StubBank(applications=[other])).rows


@pytest.mark.parametrize(
    ("report", "line"),
    [
        (credit_report(reported=True, reports_on=None), "已报送"),
        (credit_report(pay_by=date(2026, 11, 28)), "未报送，11月28日 周六 前还上一般不受影响"),
        (credit_report(), "未报送，11月30日 周一 可能报送"),
        (credit_report(reports_on=None), "没有要报送的逾期"),
    ],
)
def test_the_credit_report_in_one_line(report: object, line: str) -> None:
    assert overdue_help(StubBank(credit_report=report)).rows["征信"] == line


def test_two_cards_are_both_shown_the_overdue_one_first() -> None:
    said = overdue_help(two_cards("due", "overdue_again"))
    assert said.card["title"] == "畅行白金卡（尾号 5678）"
    assert said.rows["悦享金卡（尾号 1234）"] == "¥3,200.00"
    assert '/overdue_help{"card": "1234"}' in said.payloads


def test_nothing_is_asked_about_requests_where_nothing_is_due() -> None:
    refusing = RuntimeError("must not be asked")
    said = overdue_help(StubBank("clear", instalment_quotes=refusing, deferral_options=refusing))
    assert said.responses == ["utter_overdue_clear"]
