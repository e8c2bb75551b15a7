"""Requests from the wish to the reference number by the code from the customer's phone; their state; withdrawal.

Each in Chinese and English, on a phone and on a desktop.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any, Callable, Dict

import pytest

from bank.client import BankClient
from bank.models import ApplicationKind, ApplicationStatus
from common import clock
from tests.browser.chat import DESKTOP, PHONE
from tests.browser.conftest import OpenBrowser
from tests.browser.journeys import Talk

pytestmark = pytest.mark.usefixtures("requests_refused_afterwards")

Begin = Callable[[str, Dict[str, Any], str], Talk]


@pytest.fixture
def begin(browser: OpenBrowser, bank_api: BankClient) -> Begin:
    """Sign in on a screen of this size, in this language, as this customer, and open the chat."""

    def sign_in(language: str, size: Dict[str, Any], customer: str) -> Talk:
        return Talk(browser(size).sign_in(customer, language).open_chat(), language, customer, bank_api)

    return sign_in


def four(zh_phone: str, zh_desktop: str, en_phone: str, en_desktop: str) -> pytest.MarkDecorator:
    """Both languages at both sizes, each with a customer of its own."""
    cases = [("zh", PHONE, zh_phone), ("zh", DESKTOP, zh_desktop), ("en", PHONE, en_phone), ("en", DESKTOP, en_desktop)]
    return pytest.mark.parametrize(
        ("language", "size", "customer"), cases, ids=["zh-phone", "zh-desktop", "en-phone", "en-desktop"]
    )


@four("demo-m1-partial", "demo-disputed", "demo-pending", "demo-english")
def test_instalments_from_the_wish_to_the_reference(
    begin: Begin, language: str, size: Dict[str, Any], customer: str
) -> None:
    talk = begin(language, size, customer)
    offered = talk.bank.instalment_quotes(customer, talk.card)
    compared = talk(
        zh="一下子拿不出这么多，想分几个月慢慢还", en="can't pay all of it at once, could I spread it over some months?"
    )
    for quote in offered:
        for amount in (quote.per_term, quote.total_interest, quote.total_cost):
            assert talk.yuan(amount) in compared
        assert talk.rate(quote.annualised_rate) in compared

    cost = talk.press(zh="12期", en="12 instalments")
    chosen = next(quote for quote in offered if quote.terms == 12)
    for instalment in chosen.schedule:
        assert talk.on(instalment.due_on) in cost
        assert talk.yuan(instalment.total) in cost
    assert talk.yuan(chosen.total_cost) in cost
    assert talk.rate(chosen.annualised_rate) in cost
    assert talk.word(zh="综合融资成本明示表", en="The whole cost") in cost

    asked = talk.press(zh="确认提交", en="Yes, file it")
    assert talk.bank.customer(customer).masked_phone in asked
    assert talk.open_requests == []
    filed = talk.enter_code()
    (request,) = talk.open_requests
    assert request.reference in filed
    assert talk.on(request.answer_by) in filed
    assert (request.kind, request.terms) == (ApplicationKind.INSTALMENT, 12)
    assert request.per_term == chosen.per_term


@four("demo-grace", "demo-m2", "demo-instalment", "demo-due-soon")
def test_more_time_from_the_wish_to_the_reference(
    begin: Begin, language: str, size: Dict[str, Any], customer: str
) -> None:
    talk = begin(language, size, customer)
    talk(zh="这笔钱能往后推一阵子再还吗", en="may I pay at a later date instead?")
    options = talk.bank.deferral_options(customer, talk.card)
    dates = talk(zh="前阵子一直住院", en="I was in hospital for weeks")
    for option in options:
        assert talk.on(option.new_due_date) in dates
        assert talk.yuan(option.amount_due_then) in dates
        assert talk.yuan(option.extra_interest) in dates

    first = options[0]
    whole = talk.press(zh=talk.on(first.new_due_date), en=talk.on(first.new_due_date))
    for figure in (talk.yuan(first.amount_due_then), talk.yuan(first.extra_interest), talk.rate(first.annualised_rate)):
        assert figure in whole
    talk.press(zh="确认提交", en="Yes, file it")
    filed = talk.enter_code()
    (request,) = talk.open_requests
    assert request.reference in filed
    assert request.kind is ApplicationKind.DEFERRAL
    assert request.new_due_date == first.new_due_date


def test_more_time_until_a_day_of_the_customers_own(begin: Begin) -> None:
    talk = begin("zh", PHONE, "demo-m1-first")
    wished = clock.today() + timedelta(days=17)
    talk.without_reason(talk(zh="可以缓一缓再还吗，等工资到账", en=""))
    (option,) = [
        each
        for each in talk.bank.deferral_options(talk.customer, talk.card, until=wished)
        if each.new_due_date == wished
    ]
    answer = talk.visitor.ask(f"{wished.month}月{wished.day}号可以吗")
    assert talk.on(wished) in answer
    assert talk.yuan(option.amount_due_then) in answer
    talk.press(zh="不提交", en="")
    talk.press(zh="先停下", en="")
    assert talk.open_requests == []


def test_customer_with_two_cards_chooses_the_card_and_splits_a_part(begin: Begin) -> None:
    talk = begin("en", DESKTOP, "demo-two-cards")
    overdue, other = talk.bank.cards(talk.customer)
    which = talk(zh="", en="could you split what I owe into monthly instalments?")
    assert {f"Card ending {overdue.last4}", f"Card ending {other.last4}"} <= set(which.buttons)
    talk.press(zh="", en=f"Card ending {overdue.last4}")
    part = talk.visitor.ask("only 2000")
    assert "¥2,000.00" in part
    quotes = talk.bank.instalment_quotes(talk.customer, overdue.id, amount=Decimal(2000))
    assert all(talk.yuan(quote.per_term) in part for quote in quotes)
    stopped = talk(zh="", en="stop, forget it")
    assert "was not filed" in stopped
    assert talk.open_requests == []


@pytest.mark.parametrize(
    ("language", "size", "customer"),
    [("zh", PHONE, "demo-m1-first"), ("en", DESKTOP, "demo-english")],
    ids=["zh-phone", "en-desktop"],
)
def test_state_of_a_request_and_its_withdrawal(
    begin: Begin, language: str, size: Dict[str, Any], customer: str
) -> None:
    talk = begin(language, size, customer)
    talk(zh="我想申请分期", en="I want to pay by instalments")
    talk.press(zh="6期", en="6 instalments")
    talk.press(zh="确认提交", en="Yes, file it")
    talk.enter_code()
    (request,) = talk.open_requests

    state = talk(zh="刚才递的那个申请批下来没有", en="has my request been decided yet?")
    assert request.reference in state
    assert talk.yuan(request.amount) in state
    assert talk.on(request.answer_by) in state

    what = talk(zh="算了，那个申请我想撤掉", en="on second thought, please withdraw that request")
    assert request.reference in what
    talk.press(zh="确认撤回", en="Yes, withdraw it")
    assert talk.open_requests == [request]
    done = talk.enter_code()
    assert request.reference in done
    assert talk.bank.application(customer, request.reference).status is ApplicationStatus.WITHDRAWN


def test_wrong_code_files_nothing_and_the_right_one_still_does(begin: Begin) -> None:
    talk = begin("zh", PHONE, "demo-grace")
    talk(zh="我要办账单分期", en="")
    talk.press(zh="3期", en="")
    talk.press(zh="确认提交", en="")
    code = talk.visitor.code_from_phone(talk.bank.customer(talk.customer).masked_phone)
    wrong = talk.visitor.ask(f"{(int(code) + 1) % 1_000_000:06}")
    assert "验证码不对" in wrong
    assert talk.open_requests == []
    talk.enter_code()
    assert len(talk.open_requests) == 1
