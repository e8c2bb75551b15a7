"""A real browser: Debian's Chromium, driven by Playwright. Tests skip, saying what to install, where it is absent."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from bank.client import BankClient
from tests.browser.bank_page import BankPage
from tests.browser.chat import DESKTOP, Chat, OpenPage
from tests.browser.console import LAPTOP, Console
from tests.browser.desk_place import DeskPlace
from tests.browser.journeys import Visitor
from tests.browser.patience import open_context
from tests.conftest import need_program
from tests.processes import Process, System, free_port, start_system

OpenBrowser = Callable[..., Visitor]
OpenConsole = Callable[..., Console]

_QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


# Ends with each module: while Playwright runs, no other test of this process may use asyncio.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A running browser without a window."""
    path = need_program("chromium", "chromium-browser", package="chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def bank_page() -> Iterator[BankPage]:
    page = BankPage()
    yield page
    page.shutdown()


@pytest.fixture(scope="module")
def scripted_assistant(bank_page: BankPage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """The channel with the scripted assistant behind it."""
    process = start_scripted_assistant(bank_page, tmp_path_factory.mktemp("widget"))
    yield process
    process.stop()


def start_scripted_assistant(bank_page: BankPage, var_dir: Path, **env: str) -> Process:
    """Start it for this bank's page with more settings; the caller stops it."""
    (var_dir / "identity-public.pem").write_bytes(bank_page.public_key())
    port = free_port()
    bank_page.assistant = f"http://127.0.0.1:{port}"
    own = {"VAR_DIR": str(var_dir), "ASSISTANT_URL": bank_page.assistant, "WEBCHAT_ALLOWED_ORIGINS": bank_page.origin}
    # Nobody answers where the desk would be, unless a test puts one there.
    own["DESK_PORT"] = str(free_port())
    return Process(
        [sys.executable, "-W", "ignore", "-m", "tests.browser.assistant_script", str(port)],
        f"{bank_page.assistant}/webhooks/webchat/health",
        {**own, **env},
        var_dir / "assistant.log",
    ).start()


@pytest.fixture
def visit(chromium: Browser, scripted_assistant: Process, bank_page: BankPage) -> Iterator[OpenPage]:
    """Opens the bank's page; afterwards checks that it had no error and broke no policy."""
    bank_page.customer, bank_page.token_seconds = None, 600.0
    contexts: List[BrowserContext] = []
    chats: List[Chat] = []

    def open_page(size: Dict[str, Any] = DESKTOP, language: str = "zh-CN", **attributes: str) -> Chat:
        context = open_context(chromium, **{"locale": "zh-CN", "reduced_motion": "reduce", **size})
        contexts.append(context)
        chat = Chat(context.new_page())
        chats.append(chat)
        chat.page.goto(bank_page.address(language, **attributes))
        chat.page.locator(".frame").wait_for(state="attached")
        return chat

    yield open_page
    for context in contexts:
        context.close()
    assert [error for chat in chats for error in chat.errors] == []
    assert bank_page.violations == []


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Everything that `make run` starts, shared by the tests of a run; a customer has one conversation in it."""
    running = start_system(tmp_path_factory.mktemp("system"))
    yield running
    running.stop()


def bank_api_of(system: System) -> BankClient:
    """The API of this system's bank."""
    token = (system.var_dir / "bank_api_token.secret").read_text().strip()
    return BankClient(f"{system.bank_origin}/v1", token)


@pytest.fixture(scope="session")
def bank_api(system: System) -> BankClient:
    """The bank's API, to compare what is on the screen with what it says."""
    return bank_api_of(system)


@pytest.fixture
def browser(chromium: Browser, system: System) -> Iterator[OpenBrowser]:
    """Opens a browser of somebody's own; afterwards checks that no page had an error.

    `outages=True` allows the browser's own words about servers that could not be reached.
    """
    contexts: List[BrowserContext] = []
    visitors: List[Visitor] = []

    def open_browser(size: Dict[str, Any] = DESKTOP, *, outages: bool = False) -> Visitor:
        context = open_context(chromium, locale="zh-CN", reduced_motion="reduce", **size)
        contexts.append(context)
        visitor = Visitor(context, system.bank_origin, outages=outages)
        visitors.append(visitor)
        return visitor

    yield open_browser
    for context in contexts:
        context.close()
    assert [error for visitor in visitors for error in visitor.errors] == []


@pytest.fixture
def requests_refused_afterwards(system: System, bank_api: BankClient) -> Iterator[None]:
    """Lets the bank refuse every request that waits, so that the next test finds its customers as they were."""
    yield
    for customer in requests.get(f"{system.bank_origin}/customers.json", timeout=30).json():
        for application in bank_api.applications(customer["id"]):
            if application.withdrawable:
                decide = f"{system.bank_origin}/sandbox/applications/{application.reference}/decide"
                requests.post(decide, json={"approve": False}, timeout=30).raise_for_status()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskPlace]:
    """The desk with a scripted assistant beside it, two agents, a supervisor and an administrator."""
    running = DeskPlace(tmp_path_factory.mktemp("desk"))
    running.agent("li.na", "李娜")
    running.agent("wang", "王强")
    running.agent("chen", "陈静", role="supervisor")
    running.agent("root", "管理员", role="administrator")
    yield running
    running.stop()


@pytest.fixture
def agent(chromium: Browser, place: DeskPlace) -> Iterator[OpenConsole]:
    """Opens a browser for an agent and signs in; without a name, the sign-in page. No page may have had an error."""
    contexts: List[BrowserContext] = []
    consoles: List[Console] = []
    place.everyone_is_available()

    def open_console(name: str = "", size: Dict[str, Any] = LAPTOP, **more: Any) -> Console:
        context = open_context(chromium, **{"locale": "zh-CN", "reduced_motion": "reduce", **size, **more})
        contexts.append(context)
        console = Console(context, place.origin)
        consoles.append(console)
        return console.sign_in(name) if name else console.visit()

    yield open_console
    for context in contexts:
        context.close()
    place.everyone_leaves()
    assert [error for console in consoles for error in console.errors] == []
