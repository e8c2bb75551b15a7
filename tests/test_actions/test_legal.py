"""“What if I simply do not pay?”"""

from __future__ import annotations

import pytest

from actions.legal import ActionLegalConsequence
from tests.test_actions.builders import SITUATIONS, StubBank
from tests.test_actions.talk import ask


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("signed_in", [True, False])
def test_states_the_facts_calmly_and_what_protects(situation: str, signed_in: bool) -> None:
    said = ask(ActionLegalConsequence, StubBank(situation), signed_in=signed_in)
    assert "银行可以按合同要求还款" in said.first
    assert "商量好还款安排就能解决" in said.first
    assert said.rows == {"夜里不打扰": "22:00–08:00", "只联系您本人": "不找家人同事", "说话要文明": "不许辱骂、威胁"}
    assert "/complain_collection" in said.payloads


def test_who_is_overdue_learns_what_settles_it() -> None:
    assert "还上 ¥612.50 就不再逾期" in ask(ActionLegalConsequence, StubBank("overdue_first")).first


def test_who_is_not_overdue_is_reassured_first() -> None:
    assert ask(ActionLegalConsequence, StubBank("due")).first.startswith("尾号 1234 的卡没有逾期，不用担心")
