"""“I cannot pay.”"""

from __future__ import annotations

import pytest

from actions.hardship import ActionHardship
from bank.errors import NotEligibleReason
from bank.models import ReasonClass
from tests.test_actions.builders import StubBank, not_eligible
from tests.test_actions.talk import ask


@pytest.mark.parametrize(
    ("reason", "zh"),
    [
        (None, "谢谢您愿意说出来"),
        ("unemployment", "没了工作确实不容易"),
        ("illness", "身体要紧"),
        ("unstable_income", "收入时有时无"),
        ("other_debts", "同时要还几处"),
        ("dispute", "谢谢您愿意说出来"),
        ("x{y}", "谢谢您愿意说出来"),
    ],
)
def test_begins_with_understanding(reason: str, zh: str) -> None:
    entities = {"reason": reason} if reason else {}
    assert ask(ActionHardship, StubBank(), entities=entities).first.startswith(zh)


@pytest.mark.parametrize("reason", list(ReasonClass))
def test_every_reason_has_words_in_english(reason: ReasonClass) -> None:
    assert ask(ActionHardship, StubBank(), entities={"reason": reason.value}, language="en").first


def test_names_the_requests_that_can_be_made_here() -> None:
    assert "您可以在这里直接申请" in ask(ActionHardship, StubBank()).first


def test_sends_to_a_person_what_cannot_be_done_here() -> None:
    too_long = not_eligible(NotEligibleReason.TOO_LONG_OVERDUE)
    said = ask(ActionHardship, StubBank("overdue_long", instalment_quotes=too_long, deferral_options=too_long))
    assert "现在不能在这里申请分期或延期，人工可以和您商量" in said.first
    assert said.payloads == ['/declare_hardship{"card": "1234"}', "/request_human"]


def test_offers_the_agreement_where_the_bank_would_consider_one() -> None:
    offered = ask(ActionHardship, StubBank("overdue_long", agreement_quotes=["one"]))
    assert '/request_agreement{"card": "1234"}' in offered.payloads
    assert not [each for each in ask(ActionHardship, StubBank()).payloads if each.startswith("/request_agreement")]


def test_promises_no_approval() -> None:
    assert "能不能办由银行审核" in ask(ActionHardship, StubBank())
