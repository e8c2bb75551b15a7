"""The demonstration bank's pages in a browser. They work without the assistant, too."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Tuple

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bank.client import BankClient
from bank.models import DisputeReason, DisputeStatus, PromiseStatus, TransactionKind
from tests.browser.chat import DESKTOP, PHONE, SIZES
from tests.browser.patience import open_context
from tests.processes import Sandbox, start_sandbox

OpenHome = Callable[[Dict[str, Any], str], Page]


@pytest.fixture
def home(chromium: Browser, sandbox: Sandbox) -> Iterator[OpenHome]:
    """Signs a customer in through the page and waits for the account."""
    contexts: List[BrowserContext] = []

    def sign_in(size: Dict[str, Any], customer: str) -> Page:
        context = open_context(chromium, **{"locale": "zh-CN", **size})
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{sandbox.origin}/")
        page.get_by_role("link", name="以示范客户身份登录").click()
        page.locator(f"button[value={customer}]").click()
        expect(page.locator(".plastic").first).to_be_visible()
        return page

    yield sign_in
    for context in contexts:
        context.close()


def ask_for_code(sandbox: Sandbox, customer: str) -> None:
    """Let the bank send a one-time code, as the assistant does before it files a request."""
    api = f"{sandbox.api_url}/customers/{customer}"
    header = {"Authorization": f"Bearer {sandbox.token}"}
    card = requests.get(f"{api}/cards", headers=header, timeout=5).json()["items"][0]["id"]
    quotes = requests.get(f"{api}/cards/{card}/instalment-quotes", headers=header, timeout=5).json()["items"]
    wish = {"purpose": "file_application", "subject": quotes[0]["id"]}
    requests.post(f"{api}/challenges", headers=header, json=wish, timeout=5).raise_for_status()


@SIZES
def test_home_shows_what_the_bank_says(home: OpenHome, sandbox: Sandbox, size: Dict[str, Any]) -> None:
    page = home(size, "demo-m1-first")
    header = {"Authorization": f"Bearer {sandbox.token}"}
    api = f"{sandbox.api_url}/customers/demo-m1-first/cards"
    card = requests.get(api, headers=header, timeout=5).json()["items"][0]
    owed = requests.get(f"{api}/{card['id']}/overdue", headers=header, timeout=5).json()
    expect(page.locator(".facts .big")).to_have_text(f"¥{float(owed['total']):,.2f}")
    expect(page.locator(".plastic .number")).to_have_text(card["last4"])
    expect(page.locator(".facts")).to_contain_text(f"已逾期 {owed['days_past_due']} 天")
    assert page.evaluate("document.documentElement.scrollWidth") == size["viewport"]["width"]


def test_every_card_of_a_customer_is_shown(home: OpenHome) -> None:
    assert home(DESKTOP, "demo-two-cards").locator(".plastic").count() == 2


def test_english_customer_finds_an_english_page_and_can_change_it(home: OpenHome) -> None:
    page = home(DESKTOP, "demo-english")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello, Ms Taylor")
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_text("最近交易")).to_be_visible()
    page.reload()
    expect(page.get_by_text("最近交易")).to_be_visible()


@SIZES
def test_code_that_arrives_is_seen_at_once(home: OpenHome, sandbox: Sandbox, size: Dict[str, Any]) -> None:
    page = home(size, "demo-m1-partial")
    expect(page.locator("#no-sms")).to_be_attached()
    page.wait_for_load_state("networkidle")
    ask_for_code(sandbox, "demo-m1-partial")
    place = page.locator("#toast" if size is PHONE else "#sms li").first
    expect(place).to_contain_text("验证码")
    expect(place).to_be_in_viewport()


def test_page_of_all_phones_shows_the_code_and_home_only_the_customers_own(home: OpenHome, sandbox: Sandbox) -> None:
    page = home(DESKTOP, "demo-clear")
    ask_for_code(sandbox, "demo-m2")
    page.wait_for_timeout(3000)
    expect(page.locator("#sms li")).to_have_count(0)
    page.get_by_role("link", name="短信").click()
    expect(page.locator("#sms li").first).to_contain_text("验证码")


@pytest.fixture
def desk(chromium: Browser, tmp_path: Path) -> Iterator[Callable[[Dict[str, Any]], Tuple[Page, Sandbox]]]:
    """Opens the bank's desk of a sandbox of its own."""
    running = start_sandbox(tmp_path)
    contexts: List[BrowserContext] = []

    def open_desk(size: Dict[str, Any]) -> Tuple[Page, Sandbox]:
        contexts.append(open_context(chromium, **{"locale": "zh-CN", **size}))
        page = contexts[-1].new_page()
        page.goto(f"{running.origin}/sms")  # on phones the first page has no room for the link
        page.get_by_role("link", name="处理台").click()
        page.locator(".desk li").first.wait_for()  # before the page's script has run, its language button does nothing
        return page, running

    yield open_desk
    for context in contexts:
        context.close()
    running.process.stop()


@SIZES
def test_the_banks_desk_decides_what_customers_ask_for(
    desk: Callable[[Dict[str, Any]], Tuple[Page, Sandbox]], size: Dict[str, Any]
) -> None:
    page, sandbox = desk(size)
    bank = BankClient(sandbox.api_url, sandbox.token)
    card = bank.cards("demo-m1-first")[0].id
    today = bank.overdue("demo-m1-first", card).as_of
    promise = bank.make_promise(
        "demo-m1-first",
        card,
        amount=Decimal("500.00"),
        pay_on=today + timedelta(days=3),
        idempotency_key=uuid.uuid4().hex,
    )
    booked = bank.transactions("demo-m1-first", card)
    purchase = next(each for each in booked if each.kind is TransactionKind.PURCHASE)
    dispute = bank.file_dispute(
        "demo-m1-first",
        card,
        transaction_id=purchase.id,
        reason=DisputeReason.CHARGED_TWICE,
        idempotency_key=uuid.uuid4().hex,
    )

    page.get_by_role("button", name="争议").click()
    entry = page.locator(".desk li", has_text=dispute.reference)
    entry.get_by_role("button", name="不认可").click()
    page.locator("#note").fill("签购单有您的签名。")
    page.locator("#confirm").click()
    expect(entry).to_contain_text("未通过")
    expect(entry).to_contain_text("签购单有您的签名。")
    assert bank.dispute("demo-m1-first", dispute.reference).status is DisputeStatus.DECLINED

    page.get_by_role("button", name="还款承诺").click()
    entry = page.locator(".desk li", has_text=promise.reference)
    entry.get_by_role("button", name="记一笔还款").click()
    expect(page.locator("#amount")).to_have_value("500.00")
    page.locator("#confirm").click()
    expect(entry).to_contain_text("已履行")
    assert bank.promise("demo-m1-first", promise.reference).status is PromiseStatus.KEPT

    page.locator("#filter").select_option("broken")
    expect(page.locator(".desk li")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") == size["viewport"]["width"]


def test_the_banks_desk_is_in_english_too(desk: Callable[[Dict[str, Any]], Tuple[Page, Sandbox]]) -> None:
    page, _ = desk(DESKTOP)
    page.locator("#language").click()
    expect(page.get_by_role("heading", name="The bank's desk")).to_be_visible()
    expect(page.locator(".desk li", has_text="AGR-")).to_contain_text("Personal agreement")
    expect(page.locator(".badge").first).to_have_text("Running")
