"""“That was not me.”"""

from __future__ import annotations

from datetime import date

from actions.dispute import ActionDispute
from bank.models import TransactionKind
from tests.test_actions.builders import StubBank, summary, transaction
from tests.test_actions.talk import ask


def test_lists_the_latest_spending_to_compare() -> None:
    spent = [transaction(id=f"t-{day}", description=f"第{day}笔", posted_on=date(2026, 11, day)) for day in range(1, 9)]
    fee = transaction(id="f", kind=TransactionKind.LATE_FEE, description="违约金", posted_on=date(2026, 11, 20))
    rows = ask(ActionDispute, StubBank(transactions=[*spent, fee])).rows
    assert list(rows)[:5] == ["第8笔", "第7笔", "第6笔", "第5笔", "第4笔"]
    assert "第3笔" not in rows
    assert "违约金" not in rows


def test_what_is_examined_already_is_said_first() -> None:
    disputed = transaction(disputed=True)
    said = ask(ActionDispute, StubBank(overdue=summary(disputed="268.40"), transactions=[disputed]))
    assert said.first.startswith("您有 ¥268.40 的交易正在核查")
    assert "11月2日 周一 入账，核查中" in said


def test_does_not_pretend_to_have_filed_it() -> None:
    said = ask(ActionDispute, StubBank())
    assert "这里不能直接提交" in said.first
    assert said.payloads[0] == "/request_human"


def test_warns_to_block_the_card() -> None:
    assert "挂失" in ask(ActionDispute, StubBank()).card["note"]
