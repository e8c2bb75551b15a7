"""“When is it due, and how many days am I over?”"""

from __future__ import annotations

import pytest

from actions.dates import ActionDueDate
from tests.test_actions.builders import StubBank, summary
from tests.test_actions.talk import ask


@pytest.mark.parametrize(
    ("situation", "zh", "en"),
    [
        ("clear", "最近一期的最后还款日是 11月27日 周五", "The latest due date was Fri 27 Nov"),
        ("minimum_paid", "最后还款日是 11月13日 周五；最低还款额已经还够", "you are not overdue"),
        ("due", "最后还款日是 11月27日 周五，没有逾期", "The due date is Fri 27 Nov"),
        ("in_grace", "宽限到 11月23日 周一", "you have grace until Mon 23 Nov"),
        ("overdue_again", "最后还款日是 11月13日 周五，到今天逾期8天", "overdue for 8 days"),
    ],
)
def test_the_first_sentence_gives_the_date(situation: str, zh: str, en: str) -> None:
    assert zh in ask(ActionDueDate, StubBank(situation)).first
    assert en in ask(ActionDueDate, StubBank(situation), language="en").first


def test_statement_date_and_grace_are_shown() -> None:
    rows = ask(ActionDueDate, StubBank("due")).rows
    assert rows["账单日"] == "11月7日 周六"
    assert rows["宽限到"] == "11月30日 周一"


def test_no_grace_is_mentioned_where_the_bank_gives_none() -> None:
    told = summary("due")
    rows = ask(ActionDueDate, StubBank(overdue=summary("due", grace_ends_on=told.due_date, grace_days=0))).rows
    assert "宽限到" not in rows
