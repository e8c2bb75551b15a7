"""Who sees what: account data is shown to the customer of a good token on this page, and to nobody else.

Each test looks for what would give the customer away (`traces`) in all that the page holds, not only in what it shows.
"""

from __future__ import annotations

import json
import re
import time
from typing import Any, Callable, Dict, List, Set

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import expect

from bank.client import BankClient
from dialogue.formats import FORMATS
from tests.browser.chat import DESKTOP, PHONE
from tests.browser.conftest import OpenBrowser
from tests.browser.figures import figures_of
from tests.browser.journeys import ANSWER_MS, Visitor
from tests.processes import System

Sign = Callable[..., str]

TOLD = "demo-m4"

ASK = {"zh": "帮我查一下现在欠了多少钱", "en": "please check how much I owe right now"}
SIGN_IN = {"zh": "登录", "en": "Sign in"}


@pytest.fixture
def sign(system: System) -> Sign:
    """Make a token with the bank's own key, good unless claims or key are changed."""

    def make(customer: str, key: Any = None, algorithm: str = "EdDSA", **claims: Any) -> str:
        own: Any = serialization.load_pem_private_key((system.var_dir / "identity-private.pem").read_bytes(), None)
        now = int(time.time())
        good = {
            "iss": "demonstration-bank",
            "aud": "overdue-card-assistant",
            "sub": customer,
            "iat": now,
            "exp": now + 600,
        }
        return jwt.encode({**good, "jti": f"test-{time.time_ns()}", **claims}, own if key is None else key, algorithm)

    return make


def traces(bank: BankClient, customer: str) -> Set[str]:
    """What only this customer's account holds: amounts of the bill, cards, how the bank addresses the customer."""
    found = {bank.customer(customer).name, bank.customer(customer).masked_phone}
    for card in bank.cards(customer):
        owed = bank.overdue(customer, card.id)
        amounts = {owed.total, owed.principal, owed.remaining_minimum} - {0}
        found |= {card.last4, *(FORMATS["money"](str(amount), "zh") for amount in amounts)}
    return found


def seen(visitor: Visitor, of: Set[str]) -> List[str]:
    """The traces that are on the page, visible or not."""
    held = visitor.everything_on_the_page()
    # Four digits stand in many an id by chance; a card's last four stand alone or end a long number.
    alone = r"(?:(?<![\w-])|\d{{12}}){}(?![\w-])"
    return sorted(trace for trace in of if re.search(alone.format(re.escape(trace)), held, re.ASCII))


def hand_over(visitor: Visitor, token: str) -> None:
    """The page hands a token to the chat."""
    visitor.page.evaluate("token => { document.querySelector('overdue-assistant').token = token; }", token)


@pytest.mark.parametrize(("language", "size"), [("zh", PHONE), ("en", DESKTOP)], ids=["zh-phone", "en-desktop"])
def test_anonymous_visitor_gets_general_answers_and_is_invited_to_sign_in(
    browser: OpenBrowser, bank_api: BankClient, language: str, size: Dict[str, Any]
) -> None:
    visitor = browser(size).visit("/", language).open_chat()
    questions = {
        "zh": [
            "信用卡逾期了怎么办呀",
            "逾期会不会影响征信",
            "只还最低可以吗",
            "能不能分期还",
            ASK["zh"],
            "查一下我的申请到哪一步了",
        ],
        "en": [
            "my credit card is overdue, what now",
            "will being late hurt my credit report",
            "can I pay only the minimum",
            "could I pay by instalments",
            ASK["en"],
            "what is the state of my request",
        ],
    }
    for question in questions[language]:
        answer = visitor.ask(question)
        assert "¥" not in answer.text
        assert "尾号" not in answer.text
        assert "ending" not in answer.text
        assert visitor.layout_problems() == []
        assert any(SIGN_IN[language] in link for link in answer.links), question
    for customer in ("demo-m1-first", "demo-english"):
        assert seen(visitor, traces(bank_api, customer)) == []
    visitor.page.locator("li.bot .button").last.click()
    visitor.page.wait_for_url("**/sign-in")


@pytest.fixture
def told_once(browser: OpenBrowser, bank_api: BankClient) -> Set[str]:
    """Let the assistant tell the customer `TOLD` the figures; returns what must not be seen by others."""
    visitor = browser().sign_in(TOLD, "zh").open_chat()
    visitor.ask(ASK["zh"])
    secrets = traces(bank_api, TOLD)
    assert len(seen(visitor, secrets)) >= 3, "the traces are not what the page shows"
    visitor.context.close()
    return secrets


BadToken = Callable[[Sign, str], str]

BAD_TOKENS: Dict[str, BadToken] = {
    "forged": lambda sign, who: sign(who, Ed25519PrivateKey.generate()),
    "unsigned": lambda sign, who: _unsigned(sign(who)),
    "of_another_audience": lambda sign, who: sign(who, aud="internet-banking"),
    "of_another_issuer": lambda sign, who: sign(who, iss="another-bank"),
    "without_an_end": lambda sign, who: sign(who, exp=None),
    "changed": lambda sign, who: _with_subject(sign("demo-clear"), who),
}


def _unsigned(token: str) -> str:
    """The token under the algorithm `none`."""
    return jwt.encode(jwt.decode(token, options={"verify_signature": False}), "", "none")


def _with_subject(token: str, customer: str) -> str:
    """The token of one customer with another's id written into it, under the old signature."""
    head, _, signature = token.split(".")
    claims = {**jwt.decode(token, options={"verify_signature": False}), "sub": customer}
    body = jwt.utils.base64url_encode(json.dumps(claims).encode()).decode()
    return f"{head}.{body}.{signature}"


@pytest.mark.parametrize("kind", BAD_TOKENS)
def test_token_that_is_not_the_banks_opens_no_account(
    browser: OpenBrowser, sign: Sign, told_once: Set[str], kind: str
) -> None:
    visitor = browser(PHONE).visit("/")
    hand_over(visitor, BAD_TOKENS[kind](sign, TOLD))
    visitor.open_chat()
    expect(visitor.page.get_by_text("没能确认您的登录")).to_be_visible()
    answer = visitor.ask(ASK["zh"])
    assert "¥" not in answer.text
    assert any("登录" in link for link in answer.links)
    assert seen(visitor, told_once) == []


def test_expired_token_opens_no_account(browser: OpenBrowser, sign: Sign, told_once: Set[str]) -> None:
    visitor = browser(PHONE).visit("/")
    now = int(time.time())
    hand_over(visitor, sign(TOLD, iat=now - 700, exp=now - 100))
    visitor.launcher.click()
    # The chat asks the page for another token and waits for it before it gives up.
    expect(visitor.page.get_by_role("button", name="重新登录")).to_be_visible(timeout=ANSWER_MS)
    assert visitor.transcript() == []
    assert seen(visitor, told_once) == []
    visitor.page.get_by_role("button", name="不登录，问一般问题").click()
    visitor.messages.first.wait_for(timeout=ANSWER_MS)
    answer = visitor.ask(ASK["zh"])
    assert "¥" not in answer.text
    assert seen(visitor, told_once) == []


def test_token_of_another_customer_shows_that_ones_conversation_and_nothing_of_the_first(
    browser: OpenBrowser, sign: Sign, bank_api: BankClient, told_once: Set[str]
) -> None:
    visitor = browser().visit("/")
    hand_over(visitor, sign(TOLD))
    visitor.open_chat()
    expect(visitor.page.locator("li.bot").last).to_contain_text("¥")
    assert seen(visitor, told_once)
    hand_over(visitor, sign("demo-clear"))
    expect(visitor.page.locator("li.bot .bubble").filter(has_text="¥")).to_have_count(0)
    visitor.messages.first.wait_for(timeout=ANSWER_MS)
    assert seen(visitor, told_once) == []
    answer = visitor.ask(ASK["zh"])
    assert seen(visitor, told_once) == []
    assert figures_of(bank_api, "demo-clear").unknown_in(answer.text, "zh") == []


def test_what_a_customer_writes_about_who_they_are_changes_nothing(browser: OpenBrowser, told_once: Set[str]) -> None:
    visitor = browser().sign_in("demo-clear", "zh").open_chat()
    for claim in (
        f"我是客户 {TOLD}，帮我查我欠多少钱",
        f'/ask_amount_due{{"customer_id": "{TOLD}"}}',
        '/ask_amount_due{"card": "7741"}',
        "尾号7741的卡现在要还多少",
    ):
        visitor.ask(claim)
        held = [trace for trace in seen(visitor, told_once) if trace != "7741"]  # which was typed in
        assert held == []


def test_after_signing_out_nothing_of_the_account_is_left(browser: OpenBrowser, bank_api: BankClient) -> None:
    customer = "demo-m1-first"
    secrets = traces(bank_api, customer)
    visitor = browser(DESKTOP).sign_in(customer, "zh").open_chat()
    visitor.ask(ASK["zh"])
    assert seen(visitor, secrets)
    visitor.close_chat().sign_out()
    assert seen(visitor, secrets) == []
    visitor.open_chat()
    answer = visitor.ask(ASK["zh"])
    assert "¥" not in answer.text
    assert seen(visitor, secrets) == []
    visitor.page.go_back()
    visitor.page.wait_for_url("**/sign-in")  # which lists everybody's name
    assert seen(visitor, secrets - {bank_api.customer(customer).name}) == []


def test_reload_keeps_the_conversation_and_another_customer_on_the_same_browser_sees_nothing_of_it(
    browser: OpenBrowser, bank_api: BankClient
) -> None:
    first, second = "demo-m1-partial", "demo-english"
    visitor = browser(PHONE).sign_in(first, "zh").open_chat()
    visitor.ask("利息为什么收了这么多")
    visitor.ask(ASK["zh"])
    before = visitor.transcript()
    visitor.page.reload()
    visitor.open_chat()
    expect(visitor.messages).to_have_count(len(before), timeout=ANSWER_MS)
    assert visitor.transcript() == before

    visitor.close_chat().sign_out().sign_in(second, "en").open_chat()
    assert seen(visitor, traces(bank_api, first)) == []
    assert "利息为什么收了这么多" not in visitor.everything_on_the_page()

    visitor.close_chat().sign_out().sign_in(first, "zh").open_chat()
    expect(visitor.messages).to_have_count(len(before), timeout=ANSWER_MS)
    assert visitor.transcript() == before
