"""A personalised instalment agreement, from the wish to the reference number and back, in both languages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Dict, List

import pytest

from bank.client import BankClient
from bank.models import AgreementQuote, ApplicationKind, ApplicationStatus
from tests.dialogue.conftest import Outage
from tests.dialogue.figures import rate, yuan
from tests.dialogue.harness import Assistant, Conversation
from tests.dialogue.phone import Phones

LATE, LATER = "demo-m2", "demo-m4"  # 40 days, more than 100 days


def quotes(bank: BankClient, customer: str, **asked: Any) -> List[AgreementQuote]:
    return bank.agreement_quotes(customer, bank.cards(customer)[0].id, **asked)


def cards(talk: Conversation) -> List[Dict[str, Any]]:
    return [message["card"] for message in talk.last.messages if "card" in message]


def left_over(talk: Conversation) -> Dict[str, Any]:
    """What is still in the slots, the language and the known facts apart."""
    apart = {"language", "card", "monthly_capacity", "misses", "session_started_metadata"}
    values = talk.tracker.current_slot_values()
    return {name: value for name, value in values.items() if value is not None and name not in apart}


@pytest.mark.parametrize(
    "wish", ["我想申请停息挂账", "能不能和银行协商分期", "我想做个性化分期", "真的还不上了，可以停息挂账吗"]
)
def test_words_of_it_lead_to_the_banks_plans(assistant: Assistant, bank: BankClient, wish: str) -> None:
    talk = assistant.conversation(LATE)
    talk(wish)
    assert talk.last.responses == ["utter_first_agreement_term"]
    assert [row[1:] for row in cards(talk)[0]["table"]["rows"]] == [
        [yuan(q.per_term), yuan(q.total_cost), rate(q.annualised_rate)] for q in quotes(bank, LATE)
    ]


def test_by_what_a_month_may_cost_and_withdrawn(assistant: Assistant, bank: BankClient, phones: Phones) -> None:
    talk = assistant.conversation(LATER)
    talk("我想申请个性化分期")
    longest = quotes(bank, LATER)[-1]
    monthly = (longest.per_term + 1).quantize(Decimal(1))
    fitting = quotes(bank, LATER, monthly=monthly)[0]
    talk(f"每个月最多还{monthly}")
    assert talk.last.responses == ["utter_agreement_fits", "utter_first_reason"]
    assert f"{fitting.terms} 期，每期 {yuan(fitting.per_term)}" in talk.last
    talk("失业了")
    assert talk.last.responses == ["utter_reason_noted", "utter_agreement_conditions", "utter_agreement_summary"]
    conditions, costs = cards(talk)
    assert {row["label"] for row in conditions["rows"]} >= {"新的信用卡", "没有按约定还款", "催收", "征信记录"}
    assert [row[-1] for row in costs["details"][1]["table"]["rows"]] == [yuan(i.total) for i in fitting.schedule]
    shown = {row["label"]: row["value"] for row in costs["rows"]}
    assert (shown["全部欠款"], shown["总共要还"]) == (yuan(fitting.balance), yuan(fitting.total_cost))
    assert shown["实际年化利率"] == rate(fitting.effective_rate)
    assert phones.applications(LATER) == []
    talk("确认")
    talk(phones.code(LATER))
    (filed,) = phones.applications(LATER)
    assert filed.reference in talk.last
    assert (filed.kind, filed.terms, filed.amount) == (ApplicationKind.AGREEMENT, fitting.terms, fitting.balance)
    assert left_over(talk) == {}
    assert talk.tracker.active_loop_name is None
    assert "个性化分期协议" in talk("我的申请怎么样了")
    talk("我要撤回申请")
    talk.press("确认撤回")
    talk(phones.code(LATER))
    assert bank.application(LATER, filed.reference).status is ApplicationStatus.WITHDRAWN


def test_in_english_by_a_number_of_terms(assistant: Assistant, bank: BankClient, phones: Phones) -> None:
    talk = assistant.conversation(LATE, language="en")
    talk("I cannot pay this, can we make a personalised repayment plan?")
    assert talk.last.responses == ["utter_first_agreement_term"]
    talk("24 instalments")
    assert talk.last.responses == ["utter_first_reason"]
    talk("I'd rather not say")
    assert talk.last.responses[-2:] == ["utter_agreement_conditions", "utter_agreement_summary"]
    assert "What is agreed" in talk.last
    talk("yes, I confirm")
    talk(phones.code(LATE))
    (filed,) = phones.applications(LATE)
    assert (filed.kind, filed.terms, filed.reason) == (ApplicationKind.AGREEMENT, 24, None)
    assert filed.reference in talk.last


def test_less_a_month_than_the_bank_can_do_is_said_with_the_least(assistant: Assistant, bank: BankClient) -> None:
    talk = assistant.conversation(LATE)
    talk("/request_agreement")
    talk("每月只能还10块")
    assert talk.last.responses == ["utter_agreement_month_too_small", "utter_first_agreement_term"]
    assert yuan(quotes(bank, LATE)[-1].per_term) in talk.last
    assert "找人工商量" in talk.last.titles


def test_another_month_at_the_confirmation_brings_another_offer(assistant: Assistant, bank: BankClient) -> None:
    talk = assistant.conversation(LATE)
    talk("/request_agreement")
    talk("12期")
    talk.press("不方便说")
    before = talk.tracker.get_slot("offer")["values"]["terms"]
    longest = quotes(bank, LATE)[-1]
    talk(f"太高了，每个月只能还{longest.per_term + 1:.0f}")
    assert talk.last.responses[-1] == "utter_agreement_summary"
    assert before == 12 < talk.tracker.get_slot("offer")["values"]["terms"]


def test_asking_for_instalments_with_a_number_stays_with_the_agreement(assistant: Assistant) -> None:
    talk = assistant.conversation(LATE)
    talk("/request_agreement")
    talk("我想分36期")
    assert talk.tracker.active_loop_name == "agreement_form"
    assert talk.tracker.get_slot("agreement_term") == 36


def test_plain_instalments_that_come_too_late_offer_the_agreement(assistant: Assistant) -> None:
    talk = assistant.conversation(LATER)
    talk("我要分期")
    assert talk.last.responses == ["utter_instalment_not_eligible"]
    talk.press("个性化分期")
    assert talk.last.responses == ["utter_first_agreement_term"]


@pytest.mark.parametrize(("language", "wish"), [("zh", "我要停息挂账"), ("en", "I want a repayment agreement")])
def test_before_it_is_possible_the_reason_is_said_with_other_ways(
    assistant: Assistant, language: str, wish: str
) -> None:
    talk = assistant.conversation("demo-m1-first", language=language)
    talk(wish)
    assert talk.last.responses == ["utter_agreement_not_eligible"]
    assert len(talk.last.titles) >= 3
    assert talk.tracker.active_loop_name is None


def test_a_visitor_is_asked_to_sign_in(assistant: Assistant) -> None:
    talk = assistant.conversation()
    assert talk("我想停息挂账").responses == ["utter_sign_in_needed"]
    assert talk.tracker.active_loop_name is None


def test_while_the_bank_is_away_nothing_entered_is_lost(assistant: Assistant, bank_down: Outage) -> None:
    talk = assistant.conversation(LATE)
    talk("/request_agreement")
    talk("24期")
    with bank_down():
        talk("不方便说")
        assert talk.last.responses == ["utter_request_kept"]
    talk("再试一次")
    assert talk.last.responses[-1] == "utter_agreement_summary"
    assert talk.tracker.get_slot("agreement_term") == 24


def test_distress_comes_before_any_agreement(assistant: Assistant) -> None:
    talk = assistant.conversation(LATE)
    talk("停息挂账也没用，我不想活了")
    assert talk.tracker.active_loop_name is None
    assert talk.last.responses[0].startswith("utter_care")
