"""The outbox page in a browser: what was sent can be read, looked for, and holds no markup of anybody's."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bank.models import ContactChannel
from common import clock
from common.database import Database
from outreach import journal, store
from outreach.journal import Message, MessageState
from outreach.store import Wanted
from outreach.tables import messages, metadata
from tests.conftest import need_program
from tests.processes import Process, free_port

SENT = 60  # more than a page


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A process whose bank is out of reach, with messages that were sent before."""
    var_dir = tmp_path_factory.mktemp("outbox")
    database = Database(f"sqlite:///{var_dir / 'outreach.db'}", metadata)
    database.prepare()
    with database.writing() as connection:
        for number in range(SENT):
            _sent(connection, number)
    port = str(free_port())
    env = {"VAR_DIR": str(var_dir), "OUTREACH_PORT": port, "BANK_API_URL": f"http://127.0.0.1:{free_port()}/v1"}
    where = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-W", "ignore", "-m", "outreach.app"]
    running = Process(command, f"{where}/health", {**env, "BANK_API_TOKEN": "t"}, var_dir / "log").start()
    yield where
    running.stop()


def _sent(connection: sa.engine.Connection, number: int) -> None:
    wanted = Wanted(f"c-{number:03}", "k-1", "due-in-7-days", clock.today())
    at = clock.now() - timedelta(minutes=number)
    store.plan(connection, [wanted], at)
    connection.execute(sa.update(store.contacts).values(state="sent"))
    channel = ContactChannel.EMAIL if number % 2 else ContactChannel.SMS
    text = "<img src=x onerror=alert(1)> 您好" if number == 0 else f"Text {number}"
    message = Message(
        f"{wanted.id}.{channel.value}", wanted.id, wanted.customer_id, "k-1", channel, "due_in_a_week.zh", "zh",
        f"Subject {number}", text, "w***@customers.example", None, at,
    )  # fmt: skip
    journal.begin(connection, message)
    journal.mark(connection, message.id, MessageState.SENT)
    assert connection.execute(sa.select(sa.func.count()).select_from(messages)).scalar_one() == number + 1


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = need_program("chromium", "chromium-browser", "google-chrome", package="chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    context = browser.new_context(locale="en", viewport={"width": 360, "height": 740})
    context.set_default_timeout(60_000)
    opened = context.new_page()
    opened.goto(url)
    yield opened
    context.close()


def test_everything_that_was_sent_can_be_read(page: Page) -> None:
    items = page.locator("#outbox li")
    expect(items).to_have_count(50, timeout=60_000)
    page.get_by_role("button", name="Show earlier ones").click()
    expect(items).to_have_count(SENT, timeout=60_000)
    expect(items.last).to_contain_text("Subject 59")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_text_is_text(page: Page) -> None:
    first = page.locator("#outbox li").first
    expect(first).to_contain_text("<img src=x onerror=alert(1)> 您好", timeout=60_000)
    assert page.locator("#outbox li img").count() == 0


def test_one_customer_can_be_looked_for(page: Page) -> None:
    expect(page.locator("#outbox li")).to_have_count(50, timeout=60_000)
    page.locator("#outbox").get_by_label("Customer").fill("c-007")
    page.locator("#outbox").get_by_label("Customer").press("Tab")
    expect(page.locator("#outbox li")).to_have_count(1, timeout=60_000)
    expect(page.locator("#outbox li")).to_contain_text("Subject 7")


def test_days_without_anything_say_so(page: Page) -> None:
    page.get_by_role("link", name="Report").click()
    expect(page.locator("#report .state")).to_have_text("Nothing happened in these days.", timeout=60_000)
    page.get_by_role("link", name="Calls").click()
    expect(page.locator("#calls .state")).to_have_text("There is no call to be made now.", timeout=60_000)
