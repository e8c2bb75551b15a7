"""What an agent sees of a case: the summary, suggestions, replies with figures, and numbers that were hidden."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest

from bank.client import BankClient
from bank.models import Card, OverdueSummary
from desk.case import canned
from desk.case.suggestions import FACTS, MOST, Rule, rules, suggestions
from desk.journal import Journal
from desk.messages import USER, add
from desk.people import Agent
from tests.processes import Sandbox, free_port
from tests.test_desk.desk_case import CaseDesk, by_id, case_desk
from tests.test_desk.desk_people import PASSWORD, account
from tests.test_desk.serving import Browser, problem, served

Place = Tuple[CaseDesk, str]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Iterator[Place]:
    bank = BankClient(sandbox.api_url, sandbox.token)
    desk = case_desk(tmp_path_factory.mktemp("desk"), bank, sandbox.origin)
    account(desk.people, "wang")
    account(desk.people, "other")
    account(desk.people, "boss", "supervisor")
    with served(desk.app) as origin:
        yield desk, origin


@pytest.fixture(scope="module")
def bank(sandbox: Sandbox) -> BankClient:
    return BankClient(sandbox.api_url, sandbox.token)


@pytest.fixture(scope="module")
def agent(place: Place) -> Browser:
    return signed_in(place, "wang")


def signed_in(place: Place, name: str) -> Browser:
    browser = Browser(place[1])
    assert browser.sign_in(name, PASSWORD).ok
    return browser


def wang(place: Place) -> Agent:
    found = place[0].people.accounts.by_name("wang")
    assert found is not None
    return found


def summary(browser: Browser, conversation_id: str) -> Dict[str, Any]:
    answer = browser.get(f"/api/conversations/{conversation_id}/summary")
    assert answer.ok, answer.text
    found: Dict[str, Any] = answer.json()
    return found


def first_card(bank: BankClient, customer_id: str) -> Tuple[Card, OverdueSummary]:
    card = bank.cards(customer_id)[0]
    return card, bank.overdue(customer_id, card.id)


def test_the_figures_are_the_banks_own(place: Place, agent: Browser, bank: BankClient) -> None:
    conversation = place[0].case("demo-m1-first")
    shown = summary(agent, conversation)
    card, overdue = first_card(bank, "demo-m1-first")
    [account_shown] = shown["accounts"]
    assert shown["bank"] == "ok"
    assert shown["missing"] == []
    assert account_shown["last4"] == card.last4
    for name in ("total", "principal", "interest", "late_fee", "remaining_minimum"):
        assert account_shown[name] == f"{getattr(overdue, name):.2f}"
    assert account_shown["days_past_due"] == overdue.days_past_due > 0
    assert account_shown["bucket"] == "M1"
    assert shown["who"]["name"] == bank.customer("demo-m1-first").name
    assert shown["who"]["masked_phone"] == bank.customer("demo-m1-first").masked_phone
    assert shown["who"]["verified"]["how"] == "bank_sign_in"
    assert shown["who"]["verified"]["holds"] is True


def test_every_card_has_its_account(place: Place, agent: Browser, bank: BankClient) -> None:
    conversation = place[0].case("demo-two-cards")
    last4 = [each["last4"] for each in summary(agent, conversation)["accounts"]]
    assert last4 == [card.last4 for card in bank.cards("demo-two-cards")]
    assert len(last4) == 2


def test_of_a_visitor_who_did_not_sign_in_there_is_no_figure(place: Place, agent: Browser) -> None:
    conversation = place[0].case(None)
    place[0].says(conversation, "我欠多少")
    shown = summary(agent, conversation)
    assert shown["bank"] == "not_verified"
    assert (shown["accounts"], shown["contacts"], shown["promises"], shown["open_requests"]) == ([], [], [], [])
    assert shown["who"] == {
        "customer_id": None,
        "name": None,
        "masked_phone": None,
        "language": "zh",
        "verified": {"how": "none", "at": None, "until": None, "holds": False},
    }
    assert shown["suggestions"][0]["id"] == "sign_in"
    items = agent.get(f"/api/conversations/{conversation}/canned").json()["items"]
    assert "amount_now" not in by_id(items)
    assert "hello" in by_id(items)


def test_a_sign_in_that_has_run_out_is_told(place: Place, agent: Browser) -> None:
    conversation = place[0].case("demo-m1-partial")
    place[0].says(conversation, "在吗", "demo-m1-partial", for_seconds=-1)
    shown = summary(agent, conversation)
    assert shown["who"]["verified"]["holds"] is False
    assert shown["suggestions"][0]["id"] == "sign_in_again"


def test_what_another_customer_wrote_verifies_nobody(place: Place, agent: Browser) -> None:
    conversation = place[0].case(None)
    place[0].says(conversation, "hi", "demo-m2")
    assert summary(agent, conversation)["who"]["verified"]["how"] == "none"


def test_the_talk_tells_reason_offers_mood_and_topics(place: Place, agent: Browser) -> None:
    desk = place[0]
    conversation = desk.case(
        "demo-m1-first",
        trigger="negotiation_failed",
        priority="high",
        notes={"monthly_capacity": "500.00", "turned_down": [{"request": "instalment", "amount": "1000.00"}]},
    )
    desk.says(conversation, "x", "demo-m1-first", intent={"name": "request_instalment"})
    desk.says(conversation, "x", "demo-m1-first", entities=[{"entity": "anger", "value": "混蛋"}])
    desk.says(
        conversation,
        "x",
        "demo-m1-first",
        intent={"name": "ask_late_fee"},
        entities=[{"entity": "care", "value": "illness"}],
    )
    desk.says(conversation, "x", "demo-m1-first", intent={"name": "affirm"})
    desk.event(conversation, event="active_loop", name="instalment_form")
    offer = {"id": "q-1", "values": {"amount": {"money": "1000.00"}, "terms": 6, "schedule": [1, 2]}}
    desk.event(conversation, event="slot", name="offer", value=offer)
    desk.event(conversation, event="slot", name="offer", value=offer)
    desk.event(conversation, event="slot", name="offer", value=None)
    desk.event(conversation, event="slot", name="reason", value="unemployment")
    desk.event(conversation, event="slot", name="reason", value=None)
    shown = summary(agent, conversation)
    assert shown["reason"]["class"] == "unemployment"
    assert shown["reason"]["monthly_capacity"] == "500.00"
    assert shown["reason"]["topics"] == ["ask_late_fee", "request_instalment"]
    assert [each["kind"] for each in shown["mood"]] == ["anger", "illness"]
    [offered] = shown["offered"]
    assert (offered["request"], offered["values"]) == ("instalment", {"amount": "1000.00", "terms": 6})
    assert shown["refused"] == [{"request": "instalment", "amount": "1000.00"}]
    assert (shown["why"]["trigger"], shown["why"]["priority"]) == ("negotiation_failed", "high")
    suggested = by_id(shown["suggestions"])
    assert {"calm_down", "illness"} <= set(suggested)
    assert "instalment" not in suggested


def test_with_the_bank_down_the_rest_stands(tmp_path: Path) -> None:
    nowhere = BankClient(f"http://127.0.0.1:{free_port()}/v1", "token")
    desk = case_desk(tmp_path, nowhere, None)
    account(desk.people, "wang")
    with served(desk.app) as origin:
        browser = signed_in((desk, origin), "wang")
        conversation = desk.case("demo-m2", trigger="complaint")
        desk.event(conversation, event="slot", name="reason", value="forgot")
        shown = summary(browser, conversation)
        items = by_id(browser.get(f"/api/conversations/{conversation}/canned").json()["items"])
    assert shown["bank"] == "unavailable"
    assert "cards" in shown["missing"]
    assert shown["accounts"] == []
    assert shown["reason"]["class"] == "forgot"
    assert shown["why"]["trigger"] == "complaint"
    assert [each["id"] for each in shown["suggestions"]][:2] == ["bank_down", "complaint"]
    assert "system_down" in items
    assert "amount_now" not in items


@pytest.mark.parametrize("language", canned.LANGUAGES)
def test_replies_hold_the_banks_figures(place: Place, agent: Browser, bank: BankClient, language: str) -> None:
    conversation = place[0].case("demo-m1-first")
    items = by_id(agent.get(f"/api/conversations/{conversation}/canned?language={language}").json()["items"])
    card, overdue = first_card(bank, "demo-m1-first")
    assert f"¥{overdue.total:,.2f}" in items["amount_now"]["text"]
    assert card.last4 in items["amount_now"]["text"]
    assert f"¥{overdue.late_fee:,.2f}" in items["charges"]["text"]
    assert "Wang" in items["hello"]["text"]
    assert bank.customer("demo-m1-first").name in items["hello_named"]["text"]
    assert not [each for each in items.values() if "{" in each["text"]]


def test_a_reply_that_lacks_a_figure_or_does_not_fit_is_not_offered(place: Place, agent: Browser) -> None:
    due_soon = by_id(agent.get(f"/api/conversations/{place[0].case('demo-due-soon')}/canned").json()["items"])
    assert "amount_now" in due_soon
    assert not {"days_overdue", "charges", "grace_until", "payment_on_way", "promise_confirm"} & set(due_soon)
    grace = by_id(agent.get(f"/api/conversations/{place[0].case('demo-grace')}/canned").json()["items"])
    assert "grace_until" in grace
    pending = by_id(agent.get(f"/api/conversations/{place[0].case('demo-pending')}/canned").json()["items"])
    assert "¥" in pending["payment_on_way"]["text"]


def test_the_customers_language_is_the_replies(place: Place, agent: Browser) -> None:
    conversation = place[0].case("demo-english", language="en")
    items = by_id(agent.get(f"/api/conversations/{conversation}/canned").json()["items"])
    assert items["listening"]["group"] == "Care"
    assert problem(agent.get(f"/api/conversations/{conversation}/canned?language=fr")) == "invalid-request"


def test_replies_are_whole_and_in_the_house_style() -> None:
    found = canned.replies()
    assert len({reply.id for reply in found.replies}) == len(found.replies)
    assert {reply.group for reply in found.replies} == set(found.groups)
    for reply in found.replies:
        assert "滞纳金" not in reply.text["zh"], reply.id
        assert len(reply.text["zh"]) <= 120, reply.id
        assert len(reply.text["en"]) <= 320, reply.id
        for word in ("坐牢", "犯罪", "限制出境", "保证通过", "一定批"):
            assert word not in reply.text["zh"], reply.id
        assert set(canned._PLACEHOLDER.findall(reply.text["zh"])) == set(canned._PLACEHOLDER.findall(reply.text["en"]))


def test_suggestions_name_replies_and_facts_that_exist() -> None:
    known = {reply.id for reply in canned.replies().replies}
    for rule in rules():
        assert set(rule.canned) <= known, rule.id
        assert set(rule.when) <= FACTS
        assert rule.zh
        assert rule.en
        assert rule.when, rule.id


CONDITIONS: List[Tuple[Dict[str, Any], Dict[str, Any], bool]] = [
    ({"state": "overdue"}, {"state": "overdue"}, True),
    ({"state": "overdue"}, {"state": "due"}, False),
    ({"state": ["due", "overdue"]}, {"state": "due"}, True),
    ({"mood": "anger"}, {"mood": ["anger", "illness"]}, True),
    ({"mood": "anger"}, {"mood": []}, False),
    ({"open": ["instalment", "waiver"]}, {"open": ["waiver", "in_review"]}, True),
    ({"days": {"at_least": 31}}, {"days": 31}, True),
    ({"days": {"at_least": 31}}, {"days": 30}, False),
    ({"days": {"at_most": 90}}, {"days": None}, False),
    ({"days": {"at_least": 1, "at_most": 5}}, {"days": 6}, False),
    ({"refused": {"without": "waiver"}}, {"refused": ["deferral"]}, True),
    ({"refused": {"without": "waiver"}}, {"refused": ["waiver"]}, False),
    ({"verified": False}, {"verified": 0}, False),
    ({"reason": None}, {}, True),
    ({"reason": None}, {"reason": "forgot"}, False),
]


@pytest.mark.parametrize(("when", "facts", "holds"), CONDITIONS)
def test_a_rule_holds_when_all_its_conditions_do(when: Dict[str, Any], facts: Dict[str, Any], holds: bool) -> None:
    assert Rule("r", when, "", "").holds(facts) is holds


def test_who_may_be_in_danger_comes_before_any_money() -> None:
    facts = {"mood": ["self_harm"], "verified": True, "signed_in": True, "state": "overdue", "days": 40, "refused": []}
    found = [each["id"] for each in suggestions(facts)]
    assert found[0] == "danger"
    assert len(found) <= MOST


def test_numbers_are_shown_only_to_who_has_the_conversation_and_it_is_on_record(place: Place, agent: Browser) -> None:
    desk = place[0]
    conversation = desk.case("demo-m1-first")
    with desk.people.database.writing() as connection:
        journal = Journal(connection)
        number = add(journal, conversation, USER, "我的卡 6222021234567890123，电话 13800138000")
        add(journal, conversation, USER, "没有号码")
    path = f"/api/conversations/{conversation}"
    shown = str(agent.get(path).json()["messages"])
    assert "6222021234567890123" not in shown
    assert "****0123" in shown

    reason = {"reason": "customer asked to check the number"}
    assert problem(agent.post(f"{path}/unmask", reason)) == "not-yours"
    desk.claim(wang(place), conversation)
    assert problem(signed_in(place, "other").post(f"{path}/unmask", reason)) == "forbidden"
    assert problem(agent.post(f"{path}/unmask", {"reason": ""})) == "invalid-request"
    assert problem(agent.post(f"{path}/unmask", {})) == "invalid-request"
    found = agent.post(f"{path}/unmask", reason)
    assert found.json()["messages"] == [{"id": number, "text": "我的卡 6222021234567890123，电话 13800138000"}]
    assert found.headers["Cache-Control"] == "no-store"
    assert agent.post(f"{path}/unmask", {**reason, "message_id": number + 1}).json()["messages"] == []
    entries = desk.people.audit.read(act="unmask", what=conversation)
    assert [entry["who"] for entry in entries] == ["wang", "wang"]
    assert "customer asked to check the number" in entries[0]["why"]


@pytest.mark.parametrize("path", ["summary", "canned"])
def test_cases_are_for_who_may_see_them(place: Place, agent: Browser, path: str) -> None:
    desk = place[0]
    conversation = desk.case("demo-m1-first")
    desk.claim(wang(place), conversation)
    assert problem(signed_in(place, "other").get(f"/api/conversations/{conversation}/{path}")) == "forbidden"
    assert signed_in(place, "boss").get(f"/api/conversations/{conversation}/{path}").ok
    assert problem(agent.get(f"/api/conversations/web-unknown/{path}")) == "not-found"
    assert problem(Browser(place[1]).get(f"/api/conversations/{conversation}/{path}")) == "unauthorised"
