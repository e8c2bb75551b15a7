"""The ways out compared, and which of them is recommended: in words and by buttons, in both languages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Dict

import pytest
from dateutil.relativedelta import relativedelta

from bank.client import BankClient
from bank.models import ProjectedPayment
from common import clock
from tests.dialogue.conftest import Outage
from tests.dialogue.figures import on, yuan
from tests.dialogue.harness import Assistant, Conversation
from tests.dialogue.phone import Phones

ZH, EN = "demo-m1-first", "demo-english"


def card(talk: Conversation) -> Dict[str, Any]:
    found: Dict[str, Any] = next(message["card"] for message in talk.last.messages if "card" in message)
    return found


def option(talk: Conversation, title: str) -> Dict[str, Any]:
    found: Dict[str, Any] = next(each for each in card(talk)["options"] if each["title"] == title)
    return found


def in_a_month() -> date:
    return clock.today() + relativedelta(months=1)


@pytest.mark.parametrize(
    ("customer", "language", "text"),
    [
        (ZH, "zh", "哪种最划算"),
        (ZH, "zh", "帮我比较一下这几种办法，哪个花钱最少"),
        (ZH, "zh", "我这种情况你推荐哪个"),
        (EN, "en", "which is cheapest"),
        (EN, "en", "can you put my options side by side"),
        (EN, "en", "what would you recommend in my case"),
    ],
)
def test_asked_for_in_words(assistant: Assistant, customer: str, language: str, text: str) -> None:
    talk = assistant.conversation(customer, language=language)
    assert talk(text).responses == ["utter_ways"]


def test_from_the_overview_every_way_has_the_banks_figures(assistant: Assistant, bank: BankClient) -> None:
    talk = assistant.conversation(ZH)
    talk("/overdue_help")
    talk.press("比较各种办法")
    mine = bank.cards(ZH)[0].id
    owed = bank.overdue(ZH, mine)
    assert option(talk, "今天全部还清")["value"] == yuan(owed.total)
    assert option(talk, "今天先还最低")["value"] == yuan(owed.remaining_minimum)
    later = bank.projection(ZH, mine, on=in_a_month(), pay=ProjectedPayment.MINIMUM)
    assert f"到 {on(in_a_month())} 还欠" in talk.last
    assert yuan(later.total) in str(option(talk, "今天先还最低"))
    for quote in bank.instalment_quotes(ZH, mine):
        assert yuan(quote.total_cost) in str(option(talk, "账单分期"))
    for deferral in bank.deferral_options(ZH, mine):
        assert yuan(deferral.amount_due_then) in str(option(talk, "延期还款"))
    assert yuan(owed.total) in talk.last.messages[0]["text"]


def test_each_line_of_the_chart_is_in_its_table(assistant: Assistant) -> None:
    talk = assistant.conversation(EN, language="en")
    talk("/compare_ways")
    chart = card(talk)["chart"]
    assert [line["style"] for line in chart["lines"]] == ["nothing", "minimum", "full", "instalment", "deferral"]
    assert {row[0] for row in chart["details"]["table"]["rows"]} == {line["name"] for line in chart["lines"]}
    assert chart["lines"][0]["points"][0]["owed"] == chart["lines"][4]["points"][0]["owed"]


def test_a_way_that_the_bank_refuses_is_said_with_its_reason(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-m4")
    talk("/compare_ways")
    assert {row["label"] for row in card(talk)["rows"]} == {"账单分期", "延期还款"}
    assert "申请分期" not in talk.last.titles


def test_what_can_be_paid_each_month_chooses_and_leads_to_the_request(
    assistant: Assistant, bank: BankClient, phones: Phones
) -> None:
    talk = assistant.conversation(ZH)
    talk("我每月能拿出800，哪种办法最划算")
    fitting = [q for q in bank.instalment_quotes(ZH, bank.cards(ZH)[0].id) if q.per_term <= Decimal(800)]
    assert f"分 {fitting[0].terms} 期比较合适：每期 {yuan(fitting[0].per_term)}" in talk.last
    assert option(talk, "账单分期")["badge"] == "推荐"
    assert talk.tracker.get_slot("monthly_capacity") == "800.00"
    talk.press("申请分期")
    assert talk.last.responses == ["utter_instalment_summary"]
    assert f"分 {fitting[0].terms} 期" in talk.last
    assert phones.applications(ZH) == []


def test_asked_in_the_middle_of_a_request_the_request_waits(assistant: Assistant) -> None:
    talk = assistant.conversation(ZH)
    talk("/request_deferral")
    talk("还是先比较一下各种办法吧")
    assert talk.last.responses[0] == "utter_ways"
    assert talk.tracker.active_loop_name == "deferral_form"


def test_who_owes_nothing_has_nothing_to_choose(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-clear")
    assert talk("哪种办法最省钱").responses == ["utter_ways_nothing"]


@pytest.mark.parametrize(("language", "text"), [("zh", "哪种办法最省钱"), ("en", "compare my options")])
def test_a_visitor_learns_the_ways_and_is_invited_to_sign_in(assistant: Assistant, language: str, text: str) -> None:
    talk = assistant.conversation(None, language=language)
    assert talk(text).responses == ["utter_general_ways"]
    assert talk.last.messages[0]["link"]["action"] == "sign_in"


def test_while_the_bank_is_down_it_can_be_tried_again(assistant: Assistant, bank_down: Outage) -> None:
    talk = assistant.conversation(ZH)
    with bank_down():
        assert talk("/compare_ways").responses == ["utter_bank_unavailable"]
    assert talk.press("再试一次").responses == ["utter_ways"]
