"""The whole cost is read before it is confirmed: the yes counts when the bank's reading time is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Dict, List

import pytest

from bank.client import BankClient
from common import clock
from tests.dialogue.figures import rate
from tests.dialogue.harness import Assistant, Conversation
from tests.dialogue.phone import Phones

SECONDS = 120
CASES = pytest.mark.parametrize(
    ("customer", "language", "wish", "yes", "filed"),
    [
        ("demo-m1-first", "zh", "我要分12期", "确认", "分期申请已经提交"),
        ("demo-english", "en", "split my bill into 12 instalments please", "yes, I confirm", "is filed"),
    ],
)


@pytest.fixture(scope="module")
def reading_seconds() -> int:
    return SECONDS


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Moves the assistant's clock by seconds."""
    real, ahead = clock.now, [0.0]
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(seconds=ahead[0]))

    def move(seconds: float) -> None:
        ahead[0] += seconds

    return move


def buttons(talk: Conversation) -> List[Dict[str, Any]]:
    return [button for message in talk.last.messages for button in message.get("buttons", [])]


@CASES
def test_too_soon_then_in_time(
    assistant: Assistant,
    phones: Phones,
    later: Any,
    customer: str,
    language: str,
    wish: str,
    yes: str,
    filed: str,
) -> None:
    talk = assistant.conversation(customer, language=language)
    talk(wish)
    assert 0 < int(buttons(talk)[0]["after"]) <= SECONDS
    talk(yes)
    assert talk.last.responses == ["utter_read_first"]
    assert talk.tracker.get_slot("confirmed") is None
    assert phones.messages(customer) == []
    later(SECONDS)
    talk(yes)
    assert talk.last.responses == ["utter_first_proof"]
    talk(phones.code(customer))
    assert filed in talk.last
    assert talk.tracker.active_loop_name is None


@CASES
def test_the_table_says_the_effective_rate_and_that_nothing_else_is_charged(
    assistant: Assistant, bank: BankClient, customer: str, language: str, wish: str, yes: str, filed: str
) -> None:
    talk = assistant.conversation(customer, language=language)
    talk(wish)
    quote = next(q for q in bank.instalment_quotes(customer, bank.cards(customer)[0].id) if q.terms == 12)
    (rows,) = [message["card"]["rows"] for message in talk.last.messages if "rows" in message.get("card", {})]
    shown = {row["label"]: row["value"] for row in rows}
    labels = ("实际年化利率", "其他费用") if language == "zh" else ("Effective rate a year", "Other costs")
    assert [shown[label] for label in labels] == [rate(quote.effective_rate), "没有" if language == "zh" else "none"]
