"""“Is a day late all right?”"""

from __future__ import annotations

import pytest

from actions.grace import ActionGracePeriod
from tests.test_actions.builders import SITUATIONS, StubBank, summary
from tests.test_actions.talk import ask


@pytest.mark.parametrize(
    ("situation", "zh"),
    [
        ("clear", "这张卡有3天宽限"),
        ("minimum_paid", "这期的最低还款额您已经还够了"),
        ("due", "最后还款日是 11月27日 周五，晚到 11月30日 周一 还上也算按时"),
        ("in_grace", "最晚 11月23日 周一 还上 ¥320.00，算按时还款"),
        ("overdue_first", "宽限到 11月16日 周一 为止，已经过了，现在逾期8天"),
    ],
)
def test_gives_the_rule_and_this_cards_day(situation: str, zh: str) -> None:
    assert zh in ask(ActionGracePeriod, StubBank(situation)).first


@pytest.mark.parametrize("situation", [s for s in SITUATIONS if s != "in_grace"])
def test_says_plainly_that_there_is_no_grace(situation: str) -> None:
    told = summary(situation)
    strict = summary(situation, grace_days=0, grace_ends_on=told.due_date, shortfall_tolerance="0.00")
    said = ask(ActionGracePeriod, StubBank(situation, overdue=strict))
    assert said.first.startswith("这张卡没有宽限期")
    assert not {"宽限天数", "宽限到", "差一点也算还清"} & said.rows.keys()


def test_the_tolerated_shortfall_is_the_banks() -> None:
    said = ask(ActionGracePeriod, StubBank(overdue=summary(shortfall_tolerance="5.00")))
    assert said.rows["差一点也算还清"] == "¥5.00"
