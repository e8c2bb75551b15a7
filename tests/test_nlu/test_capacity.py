"""What a customer can pay and when: so much a month, too much, not before payday."""

from __future__ import annotations

from datetime import date
from typing import Dict

import pytest

from nlu.entities.extraction import extract

TODAY = date(2026, 11, 22)


def found(text: str) -> Dict[str, str]:
    names = ("monthly", "burden", "payday")
    return {entity.name: entity.value for entity in extract(text, None, TODAY) if entity.name in names}


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("我每月最多还800", "800.00"),
        ("一个月只拿得出五百块", "500.00"),
        ("每个月一千以内我能承受", "1000.00"),
        ("月供控制在600左右行吗", "600.00"),
        ("预算每月1500", "1500.00"),
        ("每期最多一千二", "1200.00"),
        ("1000块每月可以", "1000.00"),
        ("I can pay 800 a month", "800.00"),
        ("I could only manage 450 per month", "450.00"),
        ("each month I can pay 600", "600.00"),
        ("my budget is 1000 per month", "1000.00"),
        ("up to 700 yuan a month please", "700.00"),
        ("800 a month", "800.00"),
    ],
)
def test_a_sum_that_can_be_paid_each_month(text: str, yuan: str) -> None:
    assert found(text) == {"monthly": yuan}


@pytest.mark.parametrize(
    "text",
    [
        "我一个月工资5000",
        "每个月要还1300吗",
        "每月利息800怎么算的",
        "房租每月2000",
        "我10号还800",
        "分12期每期还多少",
        "I earn 5000 a month",
        "I make 3000 per month",
        "how come it is 800 a month",
        "do I have to pay 900 a month",
        "I can pay 800 tomorrow",
    ],
)
def test_what_is_earned_asked_or_paid_once_is_no_such_sum(text: str) -> None:
    assert "monthly" not in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "一个月太多了",
        "每月还1300太多了",
        "每期有点高",
        "月供压力太大",
        "每期能不能少一点",
        "期数能再长一点吗",
        "太多了",
        "还是太贵了",
        "有点多诶 再低一点",
        "3 months is a lot each time",
        "that is too much a month",
        "the instalment is too high",
        "I can't afford 800 a month",
        "more than I can pay each month",
        "could I have smaller instalments",
        "too expensive",
    ],
)
def test_an_instalment_that_is_too_much(text: str) -> None:
    assert found(text) == {"burden": "too_much"}


@pytest.mark.parametrize(
    "text",
    [
        "每个月利息太高了",
        "电话一个月太多了",
        "违约金太高了",
        "too many calls a month",
        "the interest is too high a month",
        "太好了",
    ],
)
def test_what_is_too_much_of_something_else(text: str) -> None:
    assert found(text) == {}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("10号发工资以后才行", "2026-12-10"),
        ("要等10号发工资", "2026-12-10"),
        ("下个月15号发了工资才有钱还", "2026-12-15"),
        ("要等发工资才能还", "unknown"),
        ("15号才发", "2026-12-15"),
        ("货款25号才结账", "2026-11-25"),
        ("not before my salary on the 10th", "2026-12-10"),
        ("only after payday", "unknown"),
    ],
)
def test_no_money_before_payday(text: str, day: str) -> None:
    assert found(text) == {"payday": day}


@pytest.mark.parametrize(
    "text", ["工资卡可以自动扣款吗", "I paid on the 10th", "我10号还", "公司没发工资", "10号才发短信", "10号才发现"]
)
def test_wages_and_days_that_keep_nobody_waiting(text: str) -> None:
    assert "payday" not in found(text)
