"""Questions of a customer who is signed in: in Chinese on a phone, in English on a desktop.

Every answer is held against what the bank's API gives for the customer (`Talk`); the tests add what the answer
to their question must hold.
"""

from __future__ import annotations

from typing import Iterator

import pytest
from playwright.sync_api import Browser

from bank.client import BankClient
from bank.models import FeeKind
from tests.browser.chat import DESKTOP, PHONE
from tests.browser.conftest import OpenBrowser, bank_api_of
from tests.browser.journeys import Talk, Visitor
from tests.browser.patience import open_context
from tests.processes import System, start_system


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """One in which no customer has said or filed anything before."""
    running = start_system(tmp_path_factory.mktemp("system"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def bank_api(system: System) -> BankClient:
    """Its bank's API."""
    return bank_api_of(system)


@pytest.fixture(
    scope="module",
    params=[("zh", PHONE, "demo-m1-first"), ("en", DESKTOP, "demo-english")],
    ids=["zh-phone", "en-desktop"],
)
def talk(request: pytest.FixtureRequest, chromium: Browser, system: System, bank_api: BankClient) -> Iterator[Talk]:
    """A conversation that goes on from question to question, as people's do."""
    language, size, customer = request.param
    context = open_context(chromium, locale="zh-CN", reduced_motion="reduce", **size)
    visitor = Visitor(context, system.bank_origin).sign_in(customer, language).open_chat()
    yield Talk(visitor, language, customer, bank_api)
    context.close()
    assert visitor.errors == []


def test_new_customer_is_greeted_and_offered_where_to_begin(talk: Talk) -> None:
    greeting = talk.check(talk.visitor.answer())
    assert talk.word(zh="还款助手", en="repayment") in greeting
    assert talk.word(zh="逾期了怎么办", en="My card is overdue") in greeting.buttons


def test_what_to_do_when_overdue_shows_what_is_owed_and_the_ways_out(talk: Talk) -> None:
    answer = talk(
        zh="刚翻手机才看到信用卡过了还款日没还，心里有点慌，接下来该做什么呀",
        en="just opened my bank app and saw the card payment is late, what should I do now",
    )
    owed = talk.overdue
    for amount in (owed.remaining_minimum, owed.total, owed.principal, owed.interest, owed.late_fee):
        assert talk.yuan(amount) in answer
    assert talk.days(owed.days_past_due) in answer
    assert talk.on(owed.due_date) in answer
    ways = {talk.word(zh="怎么还款", en="How to pay"), talk.word(zh="申请分期", en="Pay by instalments")}
    assert ways <= set(answer.buttons)


def test_amount_due_and_minimum(talk: Talk) -> None:
    answer = talk(
        zh="麻烦看一下我这会儿总共得还多少，最少又得还多少",
        en="how much do I have to pay in total at this moment, and what is the least I can pay",
    )
    assert talk.yuan(talk.overdue.total) in answer
    assert talk.yuan(talk.overdue.remaining_minimum) in answer


def test_interest_and_late_fee_are_explained_item_by_item(talk: Talk) -> None:
    answer = talk(
        zh="利息和违约金分别收了我多少啊，是怎么得出来的",
        en="where do these interest and late fee amounts come from, can you break them down",
    )
    owed = talk.overdue
    assert owed.items
    for item in owed.items:
        assert talk.yuan(item.amount) in answer
        assert talk.yuan(item.basis) in answer
        if item.kind is FeeKind.INTEREST:
            assert talk.on(item.starts_on) in answer
            assert talk.on(item.ends_on) in answer
    assert talk.rate(owed.annual_interest_rate) in answer
    assert talk.rate(owed.daily_interest_rate) in answer


def test_credit_report(talk: Talk) -> None:
    answer = talk(
        zh="这次没按时还，会不会在征信上留个记录",
        en="is this late payment going to show up on my credit history",
    )
    credit = talk.bank.credit_report(talk.customer, talk.card)
    assert talk.on(credit.pay_by) in answer
    assert str(credit.retention_years) in answer


def test_due_date_and_days_past_due(talk: Talk) -> None:
    answer = talk(
        zh="我本来应该哪天还的，到今天晚了几天",
        en="which day was my payment due and how many days late am I by now",
    )
    assert talk.on(talk.overdue.due_date) in answer
    assert talk.days(talk.overdue.days_past_due) in answer


def test_grace_period(talk: Talk) -> None:
    answer = talk(
        zh="过了还款日银行一般会多给几天宽限吗",
        en="do I get a few days of grace after the due date",
    )
    assert talk.on(talk.overdue.grace_ends_on) in answer
    assert talk.days(talk.overdue.grace_days) in answer


def test_paying_only_the_minimum(talk: Talk) -> None:
    answer = talk(
        zh="这个月手头紧，我就只交个最低行不行，有什么后果",
        en="what happens if I only pay the minimum this month",
    )
    assert talk.yuan(talk.overdue.remaining_minimum) in answer
    assert talk.rate(talk.overdue.annual_interest_rate) in answer


def test_ways_to_repay(talk: Talk) -> None:
    answer = talk(
        zh="有哪些途径可以把钱还进去，哪个到账快",
        en="what are the different ways I can make my card payment",
    )
    ways = talk.bank.repayment_channels(talk.customer, talk.card)
    assert answer.text.count(talk.word(zh="入账", en="ooked")) >= len(ways)
    assert all(way.account in answer for way in ways if way.account)
    assert all(talk.yuan(way.single_limit) in answer for way in ways if way.single_limit)


def test_automatic_debit(talk: Talk) -> None:
    answer = talk(
        zh="我这张卡绑了自动扣款没有，下回啥时候扣",
        en="is automatic debit switched on for my card",
    )
    assert not talk.bank.auto_debit(talk.customer, talk.card).enabled
    assert talk.word(zh="没有开通", en="not set up") in answer


def test_i_have_paid_already(talk: Talk) -> None:
    answer = talk(
        zh="钱我前天就打过去了，怎么系统还说我没还",
        en="I sent the money two days ago, why does it still say it's unpaid",
    )
    assert talk.yuan(talk.overdue.remaining_minimum) in answer
    assert talk.word(zh="怎么还款", en="How to pay") in answer.buttons


def test_wish_for_a_person_is_recorded_and_what_happens_next_is_said(talk: Talk) -> None:
    answer = talk(zh="别跟我绕了，我要跟真人客服说", en="let me speak to a real person please")
    assert talk.word(zh="记下", en="recorded") in answer
    assert "00:00–24:00" in answer
    again = talk(zh="人工呢，给我转人工", en="I asked for a human agent, get me one")
    assert talk.word(zh="已经记下", en="still open") in again


def test_state_of_requests_when_there_is_none(talk: Talk) -> None:
    answer = talk(zh="我之前提的申请，现在什么情况了", en="what's happening with the request I made")
    assert talk.word(zh="没有提交过申请", en="have not filed") in answer
    assert talk.word(zh="申请分期", en="Pay by instalments") in answer.buttons


def test_greeting_thanks_help_and_goodbye(talk: Talk) -> None:
    assert talk.word(zh="您好", en="Hello") in talk(zh="哈喽，在吗", en="hey there, good morning")
    help_ = talk(zh="你都能帮我做点什么", en="what kind of things can you help me with?")
    assert talk.word(zh="找人工", en="Talk to a person") in help_.buttons
    assert talk.word(zh="随时问我", en="Ask me any time") in talk(zh="太谢谢你啦", en="thanks a lot, that's kind")
    assert talk.word(zh="再见", en="Goodbye") in talk(zh="先这样，拜拜", en="ok bye for now")


def test_asked_whether_it_is_a_machine_it_says_so(talk: Talk) -> None:
    answer = talk(zh="你到底是机器人还是真人在回我", en="am I talking to a robot or a human being?")
    assert talk.word(zh="不是真人", en="not a person") in answer
    assert talk.word(zh="找人工", en="Talk to a person") in answer.buttons


def test_what_it_does_not_know_it_says_and_leads_back(talk: Talk) -> None:
    answer = talk(zh="帮我订张去三亚的机票吧", en="can you recommend a good pizza place near the harbour")
    assert talk.word(zh="帮不上忙", en="cannot help with that") in answer
    assert talk.word(zh="找人工", en="Talk to a person") in answer.buttons


def test_unclear_message_gets_the_likeliest_readings_and_then_a_person(talk: Talk) -> None:
    first = talk(zh="上回说的那笔怎么搞", en="payment stuff")
    assert talk.word(zh="都不是", en="None of these") in first.buttons
    assert len(first.buttons) == 3
    second = talk.press(zh="都不是", en="None of these")
    assert talk.word(zh="找人工", en="Talk to a person") in second.buttons


@pytest.mark.parametrize(
    ("customer", "language"),
    [
        ("demo-due-soon", "en"),
        ("demo-grace", "zh"),
        ("demo-m1-partial", "en"),
        ("demo-m2", "zh"),
        ("demo-m4", "en"),
        ("demo-two-cards", "zh"),
        ("demo-pending", "en"),
        ("demo-disputed", "zh"),
        ("demo-instalment", "en"),
        ("demo-clear", "zh"),
    ],
)
def test_every_situation_has_its_own_true_answer(
    browser: OpenBrowser, bank_api: BankClient, customer: str, language: str
) -> None:
    size = PHONE if language == "zh" else DESKTOP
    visitor = browser(size).sign_in(customer, language).open_chat()
    talk = Talk(visitor, language, customer, bank_api)
    answer = talk.press(zh="逾期了怎么办", en="My card is overdue")
    owed = talk.overdue
    if owed.total:
        assert talk.yuan(owed.total) in answer
        assert talk.yuan(owed.remaining_minimum) in answer
    if owed.days_past_due:
        assert talk.days(owed.days_past_due) in answer
    assert answer.buttons
    talk(zh="那我现在一共要还多少钱", en="so how much do I owe altogether now")
    talk(zh="逾期费用怎么算的", en="how are the charges worked out")
    talk(zh="会影响征信吗", en="does it hurt my credit report")
