"""What can be paid and when, said outside any request."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Dict, List

import pytest

from actions.negotiation import ActionLooseInform, ActionNegotiate
from bank.errors import InvalidRequest, NotEligibleReason
from tests.test_actions.builders import DownBank, StubBank, agreement, deferral, not_eligible, quote
from tests.test_actions.talk import Said, ask

_PLAN = quote(pay_first=Decimal("0.00"))


def said_after(response: str) -> List[Dict[str, Any]]:
    return [{"event": "bot", "text": "", "data": {}, "metadata": {"utter_action": response}}]


def negotiate(bank: Any, **asked: Any) -> Said:
    return ask(ActionNegotiate, bank, **asked)


def test_a_sum_leads_to_the_way_that_fits_and_is_remembered() -> None:
    said = negotiate(StubBank("overdue_months", instalment_quotes=[_PLAN]), entities={"monthly": "450.00"})
    assert "分 12 期比较合适：每期 ¥402.00" in said.first
    assert said.payloads[0] == '/request_instalment{"card": "1234", "term": "12"}'
    assert said.slot("monthly_capacity") == "450.00"


def test_who_tells_of_a_hard_situation_with_the_sum_is_understood_and_may_declare_it() -> None:
    bank = StubBank("overdue_months", instalment_quotes=[_PLAN])
    said = negotiate(bank, entities={"monthly": "450.00", "reason": "unemployment"})
    assert said.responses == ["utter_comfort", "utter_negotiation"]
    assert "没了工作确实不容易" in said.first
    assert '/declare_hardship{"card": "1234"}' in said.payloads


@pytest.mark.parametrize("reason", [{}, {"reason": "forgot"}, {"reason": "made up"}])
def test_nobody_is_pitied_for_nothing(reason: Dict[str, str]) -> None:
    said = negotiate(StubBank("overdue_first"), entities={"monthly": "6000.00", **reason})
    assert said.responses == ["utter_negotiation"]


def test_a_sum_that_pays_everything_leads_to_paying() -> None:
    said = negotiate(StubBank("overdue_first"), entities={"monthly": "6000.00"})
    assert "够一次还清" in said.first
    assert said.payloads[0] == "/ask_repayment_channels"


def test_a_sum_within_an_agreement_leads_to_a_person_while_it_cannot_be_asked_for_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("actions.compare.STARTED_BY", {})
    said = negotiate(StubBank("overdue_months", agreement_quotes=[agreement()]), entities={"monthly": "100.00"})
    assert "个性化分期协议比较合适：6 期" in said.first
    assert said.payloads == ['/compare_ways{"card": "1234"}', "/request_human"]


def test_an_agreement_that_can_be_asked_for_here_has_its_button(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actions.compare.STARTED_BY", {"agreement_form": "request_agreement"})
    said = negotiate(StubBank("overdue_months", agreement_quotes=[agreement()]), entities={"monthly": "100.00"})
    assert said.payloads[0] == '/request_agreement{"card": "1234"}'


def test_a_sum_below_every_way_leads_to_a_person() -> None:
    assert "请人工和您商量" in negotiate(StubBank("overdue_first"), entities={"monthly": "50.00"}).first


def test_too_much_is_answered_by_asking_what_would_do() -> None:
    assert negotiate(StubBank(), entities={"burden": "too_much"}).responses == ["utter_capacity_ask"]


def test_too_much_from_who_said_it_before_is_not_asked_again() -> None:
    said = negotiate(StubBank(), entities={"burden": "too_much"}, slots={"monthly_capacity": "50.00"})
    assert said.responses == ["utter_negotiation"]


def test_a_bare_sum_answers_the_question_and_nothing_else() -> None:
    answered = ask(
        ActionLooseInform, StubBank(), entities={"amount": "600.00"}, before=said_after("utter_capacity_ask")
    )
    assert [event["name"] for event in answered.events] == ["action_negotiate"]
    assert ask(ActionLooseInform, StubBank(), entities={"amount": "600.00"}).responses == ["utter_loose_inform"]


def test_a_bare_day_answers_the_question_for_payday() -> None:
    answered = ask(
        ActionLooseInform, StubBank(), entities={"date": "2026-12-10"}, before=said_after("utter_payday_ask")
    )
    assert [event["name"] for event in answered.events] == ["action_negotiate"]


def test_negotiating_reads_the_bare_sum_and_the_bare_day() -> None:
    asked_sum, asked_day = said_after("utter_capacity_ask"), said_after("utter_payday_ask")
    assert negotiate(StubBank(), entities={"amount": "600.00"}, before=asked_sum).slot("monthly_capacity") == "600.00"
    assert negotiate(StubBank(), entities={"date": "2026-12-10"}, before=asked_day).responses == ["utter_payday"]


@pytest.mark.parametrize(
    ("entities", "before"),
    [({"monthly": "450.00"}, []), ({"amount": "450.00"}, said_after("utter_capacity_ask"))],
)
def test_a_sum_said_while_the_bank_is_down_is_remembered(entities: Any, before: Any) -> None:
    said = negotiate(DownBank(), entities=entities, before=before)
    assert said.responses == ["utter_bank_unavailable"]
    assert said.slot("monthly_capacity") == "450.00"
    assert said.slot("failed_action") == "action_negotiate"


def test_a_visitors_sum_is_not_kept() -> None:
    said = negotiate(DownBank(), entities={"monthly": "450.00"}, signed_in=False)
    assert not said.events


def test_payday_within_grace_is_in_time() -> None:
    said = negotiate(StubBank("in_grace"), entities={"payday": "2026-11-23"})
    assert "也算按时" in said.first
    assert "申请延期" not in said.titles


def test_payday_later_leads_to_a_deferral_with_the_banks_figures() -> None:
    said = negotiate(StubBank("overdue_first"), entities={"payday": "2026-12-10"})
    assert "¥5,188.10" in said.first
    assert "¥75.60" in said.first
    assert said.payloads[:2] == ['/request_deferral{"date": "2026-12-10"}', '/promise_to_pay{"date": "2026-12-10"}']


@pytest.mark.parametrize(
    "error", [not_eligible(NotEligibleReason.DATE_TOO_LATE), InvalidRequest("GET …", "invalid-request", 400)]
)
def test_payday_that_the_bank_does_not_wait_for_leads_to_a_promise_or_a_person(error: Exception) -> None:
    said = negotiate(StubBank("overdue_first", deferral_options=error), entities={"payday": "2027-12-10"})
    assert said.titles == ["约好那天还", "比较各种办法", "找人工"]


def test_the_deferral_shown_is_the_one_for_that_day() -> None:
    def options(*, until: date) -> List[Any]:
        return [deferral(new_due_date=until, amount_due_then=Decimal("5150.00"))]

    assert "¥5,150.00" in negotiate(StubBank(deferral_options=options), entities={"payday": "2026-12-10"}).first


def test_an_unknown_payday_is_asked_for() -> None:
    assert negotiate(StubBank(), entities={"payday": "unknown"}).responses == ["utter_payday_ask"]


@pytest.mark.parametrize("entities", [{"monthly": "800.00"}, {"payday": "2026-12-10"}])
def test_who_owes_nothing_has_nothing_to_talk_about(entities: Dict[str, str]) -> None:
    assert negotiate(StubBank("clear"), entities=entities).responses == ["utter_ways_nothing"]


@pytest.mark.parametrize("entities", [{"monthly": "800.00"}, {"payday": "2026-12-10"}])
def test_the_bank_being_down_is_said_plainly(entities: Dict[str, str]) -> None:
    assert negotiate(DownBank(), entities=entities).responses == ["utter_bank_unavailable"]


def test_nonsense_in_a_payload_is_no_sum_and_no_day() -> None:
    assert negotiate(StubBank(), entities={"monthly": "lots"}).responses == ["utter_capacity_ask"]
    assert negotiate(StubBank(), entities={"payday": "someday"}).responses == ["utter_payday_ask"]
