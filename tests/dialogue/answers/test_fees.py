"""Interest and late fee, item by item, and in the bank's figures."""

from __future__ import annotations

import pytest

from bank.client import BankClient
from tests.dialogue.figures import rate, yuan
from tests.dialogue.harness import Assistant


@pytest.mark.parametrize("customer", ["demo-m1-first", "demo-m2", "demo-m4", "demo-instalment"])
def test_each_item_is_listed_with_its_basis(assistant: Assistant, bank: BankClient, customer: str) -> None:
    (card,) = bank.cards(customer)
    owed = bank.overdue(customer, card.id)
    card_shown = assistant.conversation(customer)("利息和违约金怎么算的").messages[0]["card"]
    folded = [row for details in card_shown["details"] for row in details["rows"]]
    rows = folded or card_shown["rows"]
    explained = {
        (row["value"], row["note"].split(" ×")[0].removeprefix("没还够的最低还款额 ")) for row in rows if "note" in row
    }
    own = [item for item in owed.items if item.kind.value in ("interest", "late_fee")]
    assert own
    assert {(yuan(item.amount), yuan(item.basis)) for item in own} <= explained


def test_the_annual_rate_stands_before_the_daily_one(assistant: Assistant, bank: BankClient) -> None:
    (card,) = bank.cards("demo-m2")
    owed = bank.overdue("demo-m2", card.id)
    rows = assistant.conversation("demo-m2")("/ask_late_fee").messages[0]["card"]["rows"]
    strong = [row for row in rows if row.get("strong")]
    assert [row["value"] for row in strong] == [rate(owed.annual_interest_rate)]
    values = [row["value"] for row in rows]
    assert values.index(rate(owed.annual_interest_rate)) < values.index(rate(owed.daily_interest_rate))
