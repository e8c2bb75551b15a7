"""“May I still use the card?”"""

from __future__ import annotations

import pytest

from actions.card_status import ActionCardStatus
from bank.models import CardStatus
from tests.test_actions.builders import StubBank, card, summary
from tests.test_actions.talk import Said, ask


def status(which: CardStatus, situation: str, language: str = "zh") -> Said:
    told = summary(situation)
    mine = card(status=which, state=told.state, days_past_due=told.days_past_due)
    return ask(ActionCardStatus, StubBank(situation, cards=[mine]), language=language)


@pytest.mark.parametrize(
    ("which", "situation", "zh"),
    [
        (CardStatus.ACTIVE, "due", "这张卡可以正常使用"),
        (CardStatus.RESTRICTED, "overdue_first", "因为逾期暂停新的消费。还上 ¥612.50 后不再逾期"),
        (CardStatus.RESTRICTED, "clear", "暂停新的消费，但没有逾期"),
        (CardStatus.FROZEN, "overdue_long", "已经停用，同时还有逾期。先还上 ¥22,042.45"),
        (CardStatus.FROZEN, "due", "停用了，但没有逾期"),
    ],
)
def test_says_how_the_card_stands_and_what_brings_it_back(which: CardStatus, situation: str, zh: str) -> None:
    assert zh in status(which, situation).first


@pytest.mark.parametrize("which", [CardStatus.RESTRICTED, CardStatus.FROZEN])
def test_promises_no_unblocking(which: CardStatus) -> None:
    said = status(which, "overdue_first").first
    assert "以银行通知为准" in said or "由银行审核" in said


@pytest.mark.parametrize("which", list(CardStatus))
@pytest.mark.parametrize("situation", ["overdue_first", "clear"])
def test_in_english_too(which: CardStatus, situation: str) -> None:
    assert status(which, situation, "en").rows["Card"] in ("In use", "New purchases paused", "Blocked")
