"""“Please waive the fee.”"""

from __future__ import annotations

from actions.waiver import ActionFeeWaiver
from tests.test_actions.builders import StubBank
from tests.test_actions.talk import ask


def test_shows_what_was_charged_and_who_decides() -> None:
    said = ask(ActionFeeWaiver, StubBank("overdue_first"))
    assert said.rows == {"利息": "¥87.50", "违约金": "¥25.00"}
    assert "由银行审核，我这里还不能提交" in said.first
    assert said.payloads[0] == "/request_human"


def test_a_first_time_is_worth_mentioning() -> None:
    assert "您之前没有逾期过" in ask(ActionFeeWaiver, StubBank("overdue_first")).first
    assert "您之前没有逾期过" not in ask(ActionFeeWaiver, StubBank("overdue_again")).first


def test_nothing_charged_nothing_to_waive() -> None:
    said = ask(ActionFeeWaiver, StubBank("due"))
    assert said.responses == ["utter_waiver_nothing"]
