"""A part of the system stops in mid-conversation: plain words and a next step, and all is well when it is back.

Nothing but the stopped part is started again. Each test gives the system back as it was.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Callable, ContextManager, Dict, Iterator, List, Tuple

import pytest
from playwright.sync_api import expect

from bank.client import BankClient
from tests.browser.chat import DESKTOP, PHONE
from tests.browser.conftest import OpenBrowser
from tests.browser.figures import Figures, figures_of
from tests.browser.journeys import ANSWER_MS, Answer, Talk
from tests.processes import Process, System

pytestmark = pytest.mark.usefixtures("requests_refused_afterwards")

Outage = Callable[[Process], ContextManager[None]]
Begin = Callable[[str, Dict[str, Any], str], Talk]

BOTH = pytest.mark.parametrize(("language", "size"), [("zh", PHONE), ("en", DESKTOP)], ids=["zh-phone", "en-desktop"])

#: Every journey that needs the bank.
NEEDS_THE_BANK: List[Tuple[str, str]] = [
    ("卡逾期了，我接下来怎么办", "my card is late, what should I do"),
    ("现在一共要还多少", "how much do I owe in total now"),
    ("违约金和利息怎么来的", "where do the late fee and interest come from"),
    ("征信上会不会有记录", "will it show on my credit report"),
    ("最晚哪天还款，晚了几天了", "what was my due date and how many days late am I"),
    ("有宽限期吗", "is there a grace period"),
    ("只还最低可以不", "can I pay only the minimum"),
    ("可以用什么方式还钱", "what are the ways to make a payment"),
    ("自动扣款开通了没", "is automatic debit set up"),
    ("我昨天已经还过了", "I already made the payment yesterday"),
    ("想申请分期", "I want to pay by instalments"),
    ("想申请延期还款", "I need more time to pay, can you defer it"),
    ("我的申请现在到哪一步了", "what is the state of my request"),
    ("把我的申请撤回来", "please withdraw my request"),
]

#: What needs no bank is answered as ever.
NEEDS_NO_BANK: List[Tuple[str, str]] = [
    ("你好呀", "hello"),
    ("你能干什么", "what can you do"),
    ("你是机器人吗", "are you a bot"),
    ("给我讲个笑话", "tell me a joke"),
    ("转人工", "I want to talk to a human"),
]

TRY_AGAIN = {"zh": "再试一次", "en": "Try again"}
PERSON = {"zh": "找人工", "en": "Talk to a person"}


@pytest.fixture
def outage() -> Iterator[Outage]:
    """`with outage(system.bank):` it is stopped; afterwards it runs."""
    stopped: List[Process] = []

    @contextmanager
    def stop(process: Process) -> Iterator[None]:
        stopped.append(process)
        process.stop()
        yield
        process.start()
        stopped.remove(process)

    yield stop
    for process in stopped:
        process.start()


@pytest.fixture
def begin(browser: OpenBrowser, bank_api: BankClient) -> Begin:
    """Sign in and open the chat, in a browser that may lose its servers."""

    def sign_in(language: str, size: Dict[str, Any], customer: str) -> Talk:
        visitor = browser(size, outages=True).sign_in(customer, language).open_chat()
        return Talk(visitor, language, customer, bank_api)

    return sign_in


def check_plain(answer: Answer, talk: Talk, known: Figures) -> None:
    """A sentence in the customer's language, no figure that the bank did not give, a way on; nothing technical."""
    assert answer.problems(talk.language, known) == []
    assert len(answer.texts[0]) > 10
    assert not any(
        word in answer.text.lower() for word in ("http", "error", "exception", "timeout", "traceback", "500")
    )
    assert answer.buttons or answer.links
    assert talk.visitor.layout_problems() == []


@BOTH
def test_without_the_bank_every_journey_says_so_plainly_and_offers_a_next_step(
    begin: Begin, outage: Outage, system: System, language: str, size: Dict[str, Any]
) -> None:
    customer = {"zh": "demo-m1-first", "en": "demo-english"}[language]
    talk = begin(language, size, customer)
    talk(zh="我欠多少", en="how much do I owe")
    known = figures_of(talk.bank, customer)
    with outage(system.bank):
        for zh, en in NEEDS_THE_BANK:
            answer = talk.visitor.ask(talk.word(zh=zh, en=en))
            check_plain(answer, talk, known)
            assert "¥" not in answer.text, zh
            assert TRY_AGAIN[language] in answer.buttons, f"{zh}: {answer.buttons}"
            assert PERSON[language] in answer.buttons
        talk.visitor.ask(talk.word(zh="先停下，不办了", en="stop, never mind"))
        for zh, en in NEEDS_NO_BANK:
            check_plain(talk.visitor.ask(talk.word(zh=zh, en=en)), talk, known)
        talk.visitor.ask(talk.word(zh="现在一共要还多少", en="how much do I owe in total now"))
        again = talk.visitor.press(TRY_AGAIN[language])
        assert TRY_AGAIN[language] in again.buttons
    back = talk.press(zh="再试一次", en="Try again")
    assert talk.yuan(talk.overdue.total) in back
    assert talk.yuan(talk.overdue.total) in talk(zh="现在一共要还多少", en="how much do I owe in total now")


@BOTH
def test_bank_stops_in_the_middle_of_an_instalment_request_and_the_request_goes_on(
    begin: Begin, outage: Outage, system: System, language: str, size: Dict[str, Any]
) -> None:
    customer = {"zh": "demo-m1-partial", "en": "demo-disputed"}[language]
    talk = begin(language, size, customer)
    talk(zh="想分期还这笔钱", en="I'd like to pay this by instalments")
    known = figures_of(talk.bank, customer)
    term = talk.word(zh="6期", en="6 instalments")
    with outage(system.bank):
        choosing = talk.visitor.press(term)
        check_plain(choosing, talk, known)
        assert TRY_AGAIN[language] in choosing.buttons
    cost = talk.press(zh="再试一次", en="Try again")
    assert talk.word(zh="综合融资成本明示表", en="The whole cost") in cost
    with outage(system.bank):
        confirming = talk.visitor.press(talk.word(zh="确认提交", en="Yes, file it"))
        check_plain(confirming, talk, known)
        assert TRY_AGAIN[language] in confirming.buttons
    asked = talk.press(zh="再试一次", en="Try again")
    assert talk.bank.customer(customer).masked_phone in asked
    filed = talk.enter_code()
    (request,) = talk.open_requests
    assert request.reference in filed
    assert request.terms == 6


@BOTH
def test_bank_stops_at_the_code_and_nothing_is_filed_twice(
    begin: Begin, outage: Outage, system: System, language: str, size: Dict[str, Any]
) -> None:
    customer = {"zh": "demo-m2", "en": "demo-grace"}[language]
    talk = begin(language, size, customer)
    before = len(talk.bank.applications(customer))
    talk.without_reason(talk(zh="想申请延期，晚点再还", en="please give me more time to pay"))
    options = talk.bank.deferral_options(customer, talk.card)
    talk.press(zh=talk.on(options[0].new_due_date), en=talk.on(options[0].new_due_date))
    talk.press(zh="确认提交", en="Yes, file it")
    known = figures_of(talk.bank, customer)
    code = talk.visitor.code_from_phone(talk.bank.customer(customer).masked_phone)
    with outage(system.bank):
        entered = talk.visitor.ask(code)
        check_plain(entered, talk, known)
        assert TRY_AGAIN[language] in entered.buttons
    # The code is nowhere kept, so it is entered again.
    asked = talk.press(zh="再试一次", en="Try again")
    assert talk.bank.customer(customer).masked_phone in asked
    assert talk.open_requests == []
    filed = talk(zh=code, en=code)
    (request,) = talk.open_requests
    assert request.reference in filed
    talk(zh=code, en=code)
    talk(zh="再试一次", en="try again")
    assert len(talk.bank.applications(customer)) == before + 1


@BOTH
def test_without_the_action_server_the_customer_is_told_and_it_works_when_it_is_back(
    begin: Begin, outage: Outage, system: System, language: str, size: Dict[str, Any]
) -> None:
    talk = begin(language, size, {"zh": "demo-disputed", "en": "demo-pending"}[language])
    with outage(system.actions):
        for zh, en in [("现在要还多少钱", "how much do I have to pay"), ("转人工", "I want a human")]:
            answer = talk.visitor.ask(talk.word(zh=zh, en=en))
            check_plain(answer, talk, Figures())
            assert len(answer.texts) == 1
    back = talk(zh="现在要还多少钱", en="how much do I have to pay")
    assert talk.yuan(talk.overdue.total) in back


def test_assistant_starts_again_and_nothing_is_lost_or_said_twice(begin: Begin, outage: Outage, system: System) -> None:
    reading, writing = begin("zh", PHONE, "demo-m1-partial"), begin("en", DESKTOP, "demo-english")
    reading(zh="我这卡现在要还多少钱", en="")
    reading.press(zh="怎么还款", en="")
    before = reading.visitor.transcript()
    said = writing.visitor.page.locator("li.user").count()
    question = "and what is the total I owe, all in all?"
    mine = writing.visitor.page.locator("li.user").filter(has_text=question)
    with outage(system.assistant):
        expect(reading.visitor.page.get_by_text("网络断开了")).to_be_visible(timeout=ANSWER_MS)
        assert reading.visitor.transcript() == before
        writing.visitor.write(question)
        expect(mine).to_be_visible()
    expect(reading.visitor.page.get_by_text("网络断开了")).to_be_hidden(timeout=ANSWER_MS)
    expect(writing.visitor.page.get_by_text("The connection is lost")).to_be_hidden(timeout=ANSWER_MS)

    assert reading.visitor.transcript() == before
    assert reading.yuan(reading.overdue.total) in reading(zh="那一共要还多少来着", en="")

    again = writing.visitor.page.get_by_role("button", name="Send again")
    answered = mine.locator("xpath=following-sibling::li")
    expect(again.or_(answered.first)).to_be_visible(timeout=ANSWER_MS)
    if again.is_visible():  # it took so long that the chat gave up and offers to send it again
        again.click()
    answer = writing.check(writing.visitor.await_answer(said + 1))
    assert writing.yuan(writing.overdue.total) in answer
    writing.visitor.page.reload()
    writing.visitor.open_chat()
    expect(writing.visitor.page.locator("li.user")).to_have_count(said + 1, timeout=ANSWER_MS)
    expect(mine).to_have_count(1)
