"""“Is it debited automatically?”"""

from __future__ import annotations

from datetime import date
from typing import Any, Dict, Set

import pytest

from actions.autopay import ActionAutopay
from bank.calls.capabilities import OPERATIONS
from bank.models import AutoDebitAmount, AutoDebitResult, Capabilities
from tests.test_actions.builders import StubBank, auto_debit
from tests.test_actions.talk import Said, ask

OFF: Dict[str, Any] = {
    "enabled": False,
    "amount": None,
    "account_bank": None,
    "account_last4": None,
    "next_debit_on": None,
    "next_debit_amount": None,
}


def autopay(language: str = "zh", situation: str = "due", **changes: Any) -> Said:
    return ask(ActionAutopay, StubBank(situation, auto_debit=auto_debit(**changes)), language=language)


@pytest.mark.parametrize(
    ("changes", "zh", "en"),
    [
        ({}, "12月13日 周日 会扣 ¥640.00", "¥640.00 will be taken on Sun 13 Dec"),
        ({"next_debit_on": None}, "现在没有安排扣款", "no debit is planned"),
        ({"next_debit_amount": "0.00"}, "现在没有安排扣款", "no debit is planned"),
        (
            {"last_result": AutoDebitResult.INSUFFICIENT_FUNDS, "last_attempt_on": date(2026, 11, 13)},
            "上次扣款因为余额不足没有成功",
            "did not go through",
        ),
        (OFF, "没有开通自动还款，到期不会自动扣钱", "nothing is taken on the due date"),
    ],
)
def test_the_first_sentence_says_how_it_stands(changes: dict, zh: str, en: str) -> None:
    assert zh in autopay(**changes).first
    assert en in autopay("en", **changes).first


def test_the_last_attempt_is_shown_with_its_day() -> None:
    said = autopay(last_result=AutoDebitResult.INSUFFICIENT_FUNDS, last_attempt_on=date(2026, 11, 13))
    assert said.rows["上次扣款（11月13日 周五）"] == "余额不足，没扣成"


def test_an_attempt_without_a_day_leaves_no_gap() -> None:
    said = autopay(last_result=AutoDebitResult.PAID, last_attempt_on=None)
    assert not any(label.startswith("上次扣款") for label in said.rows)


def test_account_and_sum_are_shown() -> None:
    rows = autopay(amount=AutoDebitAmount.FULL).rows
    assert rows["扣款账户"] == "示范银行（尾号 8888）"
    assert rows["每次扣"] == "全额"


@pytest.mark.parametrize(("situation", "offered"), [("overdue_first", True), ("in_grace", True), ("due", False)])
def test_paying_at_once_is_offered_where_it_cannot_wait_for_the_debit(situation: str, offered: bool) -> None:
    assert ("现在还款" in autopay(situation=situation).titles) is offered


@pytest.mark.parametrize(
    ("changes", "buttons"), [({}, {"改扣多少", "关闭自动还款"}), (OFF, {"开通自动还款"})], ids=["on", "off"]
)
def test_setting_it_is_offered_only_where_the_bank_takes_it(changes: dict, buttons: Set[str]) -> None:
    assert buttons <= set(autopay(**changes).titles)
    bank = StubBank("due", auto_debit=auto_debit(**changes), capabilities=_reading_only())
    said = ask(ActionAutopay, bank)
    assert buttons.isdisjoint(said.titles)
    assert "银行的手机App" in said


def _reading_only() -> Capabilities:
    offered = [each for each in OPERATIONS if each != "set_auto_debit"]
    return Capabilities(contract="1.1", operations=offered)


def test_a_debit_whose_sum_is_not_known_yet_is_told_with_its_day() -> None:
    said = autopay(next_debit_amount=None)
    assert "下次 12月13日 周日 扣款" in said.first
    assert said.rows["下次扣款日"] == "12月13日 周日"


def test_a_debit_of_nothing_is_not_announced() -> None:
    said = autopay(next_debit_amount="0.00")
    assert "¥0.00" not in said
    assert "下次扣款日" not in said.rows
