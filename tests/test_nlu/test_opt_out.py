"""What reminders ask customers to answer switches reminders off; the words within other sentences do not."""

from __future__ import annotations

from datetime import date

import pytest

from nlu.entities.contact import find


@pytest.mark.parametrize("text", ["退订", "退订。", "退订吧", "td", "unsubscribe", "unsubscribe!"])
def test_the_answer_that_a_reminder_asks_for_switches_reminders_off(text: str) -> None:
    assert [found.value for found in find(text, None, date(2026, 11, 23))] == ["reminders_off"]


@pytest.mark.parametrize("text", ["怎么退订会员", "我没有退订", "how do i unsubscribe from netflix", "td 是什么"])
def test_other_sentences_with_these_words_do_not(text: str) -> None:
    assert "reminders_off" not in [found.value for found in find(text, None, date(2026, 11, 23))]
