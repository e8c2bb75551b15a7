"""Questions to the bank asked at once: their answers, their errors, and whose conversation they are for."""

from __future__ import annotations

import threading

import pytest

from actions.together import ask
from bank.errors import BankUnavailable
from common.log import conversation_id


def test_questions_are_under_way_at_the_same_time() -> None:
    both = threading.Barrier(2)
    asked = [ask(both.wait, 30), ask(both.wait, 30)]  # either would fail if the other began only after it
    assert sorted(each.result() for each in asked) == [0, 1]


def test_each_carries_the_id_of_its_conversation() -> None:
    token = conversation_id.set("web-1")
    try:
        asked = ask(conversation_id.get)
    finally:
        conversation_id.reset(token)
    assert asked.result() == "web-1"


def test_what_a_question_raises_is_raised_where_its_answer_is_wanted() -> None:
    def fail() -> None:
        raise BankUnavailable("GET …", "connection refused")

    asked = ask(fail)
    with pytest.raises(BankUnavailable):
        asked.result()
