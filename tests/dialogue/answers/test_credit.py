"""What the credit report says, or may say."""

from __future__ import annotations

import pytest

from bank.client import BankClient
from tests.dialogue.figures import on
from tests.dialogue.harness import Assistant


@pytest.mark.parametrize(
    "customer", ["demo-due-soon", "demo-grace", "demo-m1-first", "demo-m2", "demo-m4", "demo-clear"]
)
def test_it_says_what_the_bank_says(assistant: Assistant, bank: BankClient, customer: str) -> None:
    (card,) = bank.cards(customer)
    report = bank.credit_report(customer, card.id)
    said = assistant.conversation(customer)("逾期会不会影响征信")
    assert ("已经报送征信" in said) == report.reported
    for day in (report.pay_by, report.reports_on):
        assert day is None or on(day) in said
    assert f"{report.retention_years}年" in said
    months = said.messages[0]["card"]["details"][0]["rows"]
    assert [row["label"] for row in months] == [month.month for month in report.months]
