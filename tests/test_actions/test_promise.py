"""“I will pay.”"""

from __future__ import annotations

from typing import Optional

import pytest

from actions.promise import ActionPromiseToPay
from bank.errors import NotEligibleReason
from tests.test_actions.builders import SITUATIONS, StubBank, not_eligible
from tests.test_actions.talk import Said, ask


def promise(situation: str, on: Optional[str] = None, bank: Optional[StubBank] = None, language: str = "zh") -> Said:
    return ask(ActionPromiseToPay, bank or StubBank(situation), entities={"date": on} if on else {}, language=language)


@pytest.mark.parametrize(
    ("situation", "on", "zh"),
    [
        ("due", None, "最晚 11月27日 周五 还 ¥3,200.00，最低还 ¥320.00"),
        ("due", "2026-11-30", "11月30日 周一 还来得及"),
        ("due", "2026-12-01", "12月1日 周二 有点晚：最晚 11月30日 周一 还上 ¥320.00 才算按时"),
        ("in_grace", "2026-11-23", "11月23日 周一 还来得及"),
        ("in_grace", "2026-11-24", "有点晚"),
        ("overdue_first", None, "还上 ¥612.50，这张卡就不再逾期；越早还"),
        ("overdue_first", "2026-11-25", "到 11月25日 周三 之前利息还会按天算"),
        ("minimum_paid", "2026-11-25", "11月25日 周三 还之前会继续计利息"),
        ("clear", "2026-11-25", "现在没有要还的钱"),
    ],
)
def test_says_whether_that_day_is_in_time(situation: str, on: Optional[str], zh: str) -> None:
    assert zh in promise(situation, on).first


@pytest.mark.parametrize("on", ["2026-11-20", "tomorrow", "", "2026-13-45"])
def test_a_day_that_is_past_or_no_date_is_not_repeated(on: str) -> None:
    assert promise("due", on).first == promise("due").first


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("on", [None, "2026-11-22", "2027-01-15"])
def test_in_english_too(situation: str, on: Optional[str]) -> None:
    assert promise(situation, on, language="en").first.startswith("Thank you")


def test_does_not_pretend_to_have_noted_it() -> None:
    assert "这里不能替您登记还款的日子" in promise("overdue_first", "2026-11-25")


def test_a_later_date_can_be_asked_for_if_the_bank_would_take_it() -> None:
    wanted = '/request_deferral{"card": "1234"}'
    assert wanted in promise("due", "2026-12-01").payloads
    refusing = StubBank("due", deferral_options=not_eligible(NotEligibleReason.TOO_OFTEN))
    assert wanted not in promise("due", "2026-12-01", refusing).payloads
