"""The ways out compared: the bank's figures, what is left out, and what the text says alone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Dict, List

import pytest

from actions.compare import ActionCompareWays
from bank.calls.capabilities import OPERATIONS
from bank.errors import BankUnavailable, NotEligibleReason, NotOffered
from bank.models import Capabilities, Instalment, ProjectedPayment
from tests.test_actions.builders import (
    DownBank,
    StubBank,
    agreement,
    deferral,
    not_eligible,
    projection_of,
    quote,
    summary,
)
from tests.test_actions.talk import Said, ask

DOWN = BankUnavailable("GET …", "connection refused")


def compared(bank: Any, **asked: Any) -> Said:
    return ask(ActionCompareWays, bank, **asked)


def option(said: Said, title: str) -> Dict[str, Any]:
    found: Dict[str, Any] = next(each for each in said.card["options"] if each["title"] == title)
    return found


def titles(said: Said) -> List[str]:
    return [each["title"] for each in said.card["options"]]


def test_every_way_that_is_open_is_shown_with_the_banks_figures() -> None:
    said = compared(StubBank("overdue_first", agreement_quotes=[agreement()]))
    assert titles(said) == ["今天全部还清", "今天先还最低", "账单分期", "个性化分期协议", "延期还款", "申请减免"]
    assert option(said, "今天全部还清")["value"] == "¥5,112.50"
    assert option(said, "今天先还最低")["value"] == "¥612.50"
    assert {"label": "12期，每期 ¥402.00", "value": "¥4,824.00", "note": "利息 ¥324.00，年化利率 13.03%"} in option(
        said, "账单分期"
    )["rows"]
    assert "¥5,188.10" in str(option(said, "延期还款"))
    assert "¥25.00" in str(option(said, "申请减免"))


def test_what_stays_owed_and_what_it_means_for_the_credit_report_are_the_banks_projection() -> None:
    rows = {row["label"]: row for row in option(compared(StubBank("overdue_first")), "今天先还最低")["rows"]}
    assert rows["到 12月21日 周一 还欠"]["value"] == "¥4,575.00"
    assert "¥75.00" in rows["到 12月21日 周一 还欠"]["note"]
    assert rows["剩下部分的年化利率"]["value"] == "18.25%"
    assert rows["征信"]["value"] == "今天还上，就不再是逾期"
    full = {row["label"]: row["value"] for row in option(compared(StubBank("overdue_first")), "今天全部还清")["rows"]}
    assert full["明天起的利息"] == "不再产生"
    assert full["征信"] == "今天还上，就不再是逾期"


def test_interest_that_is_still_billed_after_paying_in_full_is_said() -> None:
    def project(*, on: date, pay: ProjectedPayment) -> Any:
        found = projection_of(summary("due"))(on=on, pay=pay)
        return found.copy(update={"total": Decimal("3.20")}) if pay is ProjectedPayment.FULL else found

    rows = option(compared(StubBank("due", projection=project)), "今天全部还清")["rows"]
    assert {"label": "明天起的利息", "value": "到 12月21日 周一 还会出账 ¥3.20，也要记得还"} in rows


def test_what_the_bank_refuses_is_said_with_its_reason_in_one_line() -> None:
    too_long = not_eligible(NotEligibleReason.TOO_LONG_OVERDUE)
    said = compared(StubBank("overdue_first", instalment_quotes=too_long))
    assert "账单分期" not in titles(said)
    assert "申请分期" not in said.titles
    assert {
        "label": "账单分期",
        "value": "现在办不了",
        "note": "逾期的时间较长，要由人工和您一起商量",
    } in said.card["rows"]


def test_nothing_to_waive_is_no_refusal() -> None:
    said = compared(StubBank("due", waiver_options=not_eligible(NotEligibleReason.NOTHING_TO_WAIVE)))
    assert "费用减免" not in said


@pytest.mark.parametrize("operation", ["instalment_quotes", "deferral_options", "waiver_options", "agreement_quotes"])
def test_a_way_whose_question_fails_is_left_out_with_a_remark(operation: str) -> None:
    said = compared(StubBank("overdue_first", **{operation: DOWN}))
    assert said.responses == ["utter_ways"]
    assert [row["value"] for row in said.card["rows"]].count("暂时查不到") == 1


def test_without_the_projection_the_chart_is_left_out_and_the_rest_stays() -> None:
    said = compared(StubBank("overdue_first", projection=DOWN))
    assert said.card["chart"]["lines"] == []
    assert option(said, "今天先还最低")["value"] == "¥612.50"
    assert "暂时查不到" in said


def test_what_this_bank_does_not_offer_is_not_mentioned() -> None:
    minimal = Capabilities(
        contract="1.1", operations=[o for o in OPERATIONS if "quotes" not in o and o != "projection"]
    )
    said = compared(StubBank("overdue_first", capabilities=minimal))
    assert titles(said) == ["今天全部还清", "今天先还最低", "延期还款", "申请减免"]
    assert said.card.get("rows", []) == []


def test_an_operation_that_turns_out_not_to_be_offered_is_not_mentioned_either() -> None:
    said = compared(StubBank("overdue_first", deferral_options=NotOffered("GET …", "not-offered", 501)))
    assert "延期还款" not in said


def test_the_bank_being_down_is_said_plainly() -> None:
    said = compared(DownBank())
    assert said.responses == ["utter_bank_unavailable"]
    assert said.slot("failed_action") == "action_compare_ways"


def test_what_is_owed_today_failing_fails_the_whole_answer() -> None:
    assert compared(StubBank(overdue=DOWN)).responses == ["utter_bank_unavailable"]


def test_a_card_with_nothing_to_pay_has_nothing_to_choose() -> None:
    assert compared(StubBank("clear")).responses == ["utter_ways_nothing"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_visitor_learns_the_ways_in_general(language: str) -> None:
    said = compared(StubBank(), signed_in=False, language=language)
    assert said.responses == ["utter_general_ways"]
    assert (said.link or {})["action"] == "sign_in"


@pytest.mark.parametrize(
    ("language", "owed", "reason"),
    [("zh", "一共欠 ¥5,112.50", "今天先还 ¥612.50，就不再逾期"), ("en", "You owe ¥5,112.50", "pay ¥612.50 today")],
)
def test_the_text_alone_says_what_is_owed_and_what_is_recommended(language: str, owed: str, reason: str) -> None:
    said = compared(StubBank("overdue_first"), language=language)
    assert owed in said.first
    assert reason in said.first


def test_the_recommended_way_is_marked_and_no_other() -> None:
    said = compared(StubBank("overdue_first"))
    assert [each["title"] for each in said.card["options"] if each["badge"]] == ["今天先还最低"]


def test_what_the_customer_can_pay_decides_and_is_remembered() -> None:
    said = compared(
        StubBank("overdue_months", instalment_quotes=[quote(pay_first=Decimal("0.00"))]), entities={"monthly": "500.00"}
    )
    assert "按您每月 ¥500.00，分 12 期比较合适：每期 ¥402.00" in said.first
    assert said.slot("monthly_capacity") == "500.00"
    assert '/request_instalment{"card": "1234", "term": "12"}' in said.payloads


def test_a_plan_is_drawn_from_the_banks_schedule() -> None:
    part = Instalment(
        number=1,
        due_on=date(2026, 12, 13),
        principal=Decimal("375.00"),
        interest=Decimal("27.00"),
        total=Decimal("402.00"),
    )
    said = compared(StubBank("overdue_first", instalment_quotes=[quote(schedule=[part])]))
    line = next(each for each in said.card["chart"]["lines"] if each["style"] == "instalment")
    assert line["points"] == [{"on": "2026-11-21", "owed": "4824.00"}]
    assert line["payments"] == [{"on": "2026-12-13", "pays": "402.00"}]
    assert ["分 12 期", "12月13日 周日", "要还 ¥402.00"] in said.card["chart"]["details"]["table"]["rows"]


def test_a_deferral_is_drawn_until_its_new_due_date() -> None:
    said = compared(StubBank("overdue_first", deferral_options=[deferral()]))
    line = next(each for each in said.card["chart"]["lines"] if each["style"] == "deferral")
    assert line["points"][-1] == {"on": "2026-12-13", "owed": "5188.10"}
