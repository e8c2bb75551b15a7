"""A customer on the bank's page and an agent at the desk, each with a browser, with the whole product behind them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator, List

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from desk.people.service import People
from tests.browser.conftest import OpenConsole
from tests.browser.console import LAPTOP, Console
from tests.browser.desk_place import everyone_leaves, hire
from tests.browser.journeys import Visitor
from tests.browser.patience import open_context
from tests.processes import System, start_system

OpenChat = Callable[..., Visitor]


@dataclass(frozen=True)
class Staffed:
    """The running product and who works at its desk."""

    system: System
    people: People


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staffed]:
    """Everything that `make run` starts, with two agents and a supervisor who take conversations by hand."""
    running = start_system(tmp_path_factory.mktemp("staffed"), DESK_AUTO_ASSIGN="false")
    people = People(f"sqlite:///{running.var_dir / 'desk.db'}", "unused", secure=False)
    hire(people, "li.na", "李娜")
    hire(people, "wang", "王强")
    hire(people, "chen", "陈静", role="supervisor")
    yield Staffed(running, people)
    running.stop()


@pytest.fixture
def pages(chromium: Browser) -> Iterator[Callable[[], BrowserContext]]:
    """Opens browsers of people's own."""
    contexts: List[BrowserContext] = []

    def another() -> BrowserContext:
        contexts.append(
            open_context(chromium, locale="zh-CN", reduced_motion="reduce", accept_downloads=True, **LAPTOP)
        )
        return contexts[-1]

    yield another
    for context in contexts:
        context.close()


@pytest.fixture
def agent(staffed: Staffed, pages: Callable[[], BrowserContext]) -> Iterator[OpenConsole]:
    """Lets an agent sign in."""
    consoles: List[Console] = []

    def open_console(name: str) -> Console:
        consoles.append(Console(pages(), staffed.system.desk_origin).sign_in(name))
        return consoles[-1]

    yield open_console
    everyone_leaves(staffed.people)
    assert [error for console in consoles for error in console.errors] == []


@pytest.fixture
def customer(staffed: Staffed, pages: Callable[[], BrowserContext]) -> Iterator[OpenChat]:
    """Opens the bank's page for a demonstration customer, or for a visitor, with the chat open."""
    visitors: List[Visitor] = []

    def open_chat(customer_id: str = "", language: str = "zh") -> Visitor:
        visitor = Visitor(pages(), staffed.system.bank_origin, outages=True)
        visitors.append(visitor)
        (visitor.sign_in(customer_id, language) if customer_id else visitor.visit("/", language)).open_chat()
        return visitor

    yield open_chat
    assert [error for visitor in visitors for error in visitor.errors] == []


def taken(console: Console) -> None:
    """The agent opens the conversation that waits, and takes it."""
    console.rows.first.click()
    console.press("接入")
    expect(console.reply).to_be_visible()


def heard(chat: Visitor, text: str) -> None:
    """The customer reads this in the chat, once."""
    said = chat.page.locator(".message:not(.user) .bubble").filter(has_text=re.compile(rf"^{re.escape(text)}$"))
    expect(said).to_have_count(1)
    expect(said).to_be_visible()


def test_person_takes_over_talks_and_hands_back_and_the_assistant_goes_on(
    agent: OpenConsole, customer: OpenChat
) -> None:
    desk, chat = agent("li.na"), customer("demo-m1-first")
    chat.ask("我的信用卡逾期了怎么办")
    chat.write("我想找人工客服")
    bar = chat.page.locator(".people")
    expect(bar).to_contain_text("您排在第 1 位")

    expect(desk.page).to_have_title("(1) 坐席工作台")
    row = desk.rows.first
    expect(row).to_contain_text("我想找人工客服")
    row.click()
    expect(desk.message("我的信用卡逾期了怎么办")).to_be_visible()
    expect(desk.page.locator("desk-shown-card")).to_have_count(1)
    expect(desk.page.locator(".account .facts")).to_contain_text("应还总额")
    desk.press("接入")
    expect(bar).to_contain_text("李娜 正在和您谈")

    desk.reply.press_sequentially("您好")
    expect(chat.page.locator(".typing")).to_contain_text("李娜正在输入")
    desk.say("您好，我是李娜。您每月大概能还多少？")
    heard(chat, "您好，我是李娜。您每月大概能还多少？")
    expect(chat.page.locator(".message.agent .who").last).to_contain_text("李娜")
    expect(desk.message("您每月大概能还多少").locator(".delivery.sent")).to_be_attached()

    bot_said = chat.page.locator(".message.bot:not(.agent)").count()
    chat.text.press_sequentially("每月")
    expect(desk.page.get_by_text("客户正在输入…")).to_be_visible()
    chat.write("每月八百左右，现在要还多少？")
    expect(desk.message("每月八百左右，现在要还多少？")).to_be_visible()
    desk.say("好的，我看一下。")
    heard(chat, "好的，我看一下。")
    assert chat.page.locator(".message.bot:not(.agent)").count() == bot_said, "the assistant is silent"

    desk.press("交回助手")
    desk.dialog.get_by_role("button", name="交回助手").click()
    expect(bar).not_to_be_visible()
    heard(chat, "同事先谈到这里，接下来由我继续帮您。")
    answer = chat.ask("我现在要还多少")
    assert "¥" in answer.text
    expect(desk.page.locator(".chat-about")).to_contain_text("助手接待")


def test_customer_who_reloads_or_loses_the_connection_misses_nothing(agent: OpenConsole, customer: OpenChat) -> None:
    desk, chat = agent("li.na"), customer("demo-m1-partial")
    chat.write("转人工")
    expect(chat.page.locator(".people")).to_be_visible()
    taken(desk)
    desk.say("第一句")
    heard(chat, "第一句")
    chat.context.set_offline(True)
    desk.say("断网时的第二句")
    expect(desk.message("断网时的第二句").locator(".delivery.sent")).to_be_attached()
    chat.context.set_offline(False)
    heard(chat, "断网时的第二句")
    chat.page.goto("about:blank")
    desk.say("离开时的第三句")
    expect(desk.message("离开时的第三句").locator(".delivery.sent")).to_be_attached()
    chat.page.go_back()
    chat.open_chat()
    for text in ("第一句", "断网时的第二句", "离开时的第三句"):
        heard(chat, text)
    expect(chat.page.locator(".people")).to_contain_text("李娜 正在和您谈")
    chat.write("我都看到了")
    expect(desk.message("我都看到了")).to_be_visible()


def test_file_of_the_agent_is_for_this_customer(agent: OpenConsole, customer: OpenChat, tmp_path: Path) -> None:
    desk, chat = agent("li.na"), customer("demo-m2")
    chat.write("转人工")
    taken(desk)
    content = b"%PDF-1.4\na plan for this customer\n%%EOF\n"
    desk.page.locator("input[type=file]").set_input_files(
        {"name": "还款方案.pdf", "mimeType": "application/pdf", "buffer": content}
    )
    heard(chat, "发给您一份文件：还款方案.pdf")
    with chat.page.expect_download() as download:
        chat.page.get_by_role("button", name="下载文件").click()
    assert download.value.suggested_filename == "还款方案.pdf"
    download.value.save_as(tmp_path / "got.pdf")
    assert (tmp_path / "got.pdf").read_bytes() == content


def test_second_agent_has_the_note_and_the_customer_does_not(agent: OpenConsole, customer: OpenChat) -> None:
    first, second, chat = agent("li.na"), agent("wang"), customer("demo-two-cards")
    chat.write("转人工")
    taken(first)
    first.say("我请负责分期的同事来。")
    heard(chat, "我请负责分期的同事来。")
    first.press("转接")
    to = first.dialog.locator("option", has_text="王强").get_attribute("value")
    first.dialog.get_by_label("给谁").select_option(to)
    first.dialog.get_by_label("给接手的人写一句").fill("两张卡都逾期，只想谈第一张")
    first.dialog.get_by_role("button", name="转接").click()
    expect(chat.page.locator(".people")).to_contain_text("王强 正在和您谈")
    second.tab("我的").rows.first.click()
    expect(second.message("两张卡都逾期，只想谈第一张")).to_have_class(re.compile("note"))
    expect(second.message("我请负责分期的同事来。")).to_be_visible()
    second.say("您好，我是王强。")
    heard(chat, "您好，我是王强。")
    assert "只想谈第一张" not in chat.everything_on_the_page()


def test_after_closing_the_customer_rates_with_one_tap_and_the_assistant_is_back(
    agent: OpenConsole, customer: OpenChat
) -> None:
    desk, chat = agent("li.na"), customer("demo-grace")
    chat.write("转人工")
    taken(desk)
    desk.say("已经给您说明了宽限期。")
    heard(chat, "已经给您说明了宽限期。")
    desk.press("结束")
    desk.dialog.get_by_label("结果").select_option(label="解决了")
    desk.dialog.get_by_label("说明").fill("解释了宽限期")
    desk.dialog.get_by_role("button", name="结束").click()
    chat.page.get_by_role("radio", name="5 颗星，最多 5 颗").click()
    expect(chat.page.get_by_text("谢谢您的评价")).to_be_visible()
    chat.page.get_by_role("textbox", name="想说点什么").fill("很耐心")
    chat.page.locator(".rating").get_by_role("button", name="提交").click()
    expect(chat.page.get_by_role("textbox", name="想说点什么")).not_to_be_visible()
    assert "¥" in chat.ask("最低要还多少").text

    supervisor = agent("chen")
    supervisor.page.get_by_role("link", name="查找").click()
    supervisor.page.get_by_label("内容").fill("宽限期")
    supervisor.page.get_by_role("button", name="查找").click()
    supervisor.page.locator("tbody button").first.click()
    supervisor.page.keyboard.press("Alt+3")
    expect(supervisor.page.locator(".earlier").first).to_contain_text("★★★★★")
    expect(supervisor.page.locator(".earlier").first).to_contain_text("很耐心")
    expect(supervisor.page.locator(".earlier").first).to_contain_text("解决了")


def test_customer_who_waits_may_go_on_with_the_assistant(agent: OpenConsole, customer: OpenChat) -> None:
    desk, chat = agent("li.na"), customer("demo-disputed")
    chat.write("转人工")
    bar = chat.page.locator(".people")
    expect(bar).to_be_visible()
    expect(desk.rows).to_have_count(1)
    bar.get_by_role("button", name="继续用助手").click()
    expect(bar).not_to_be_visible()
    expect(desk.rows).to_have_count(0)
    assert "¥" in chat.ask("我现在要还多少").text


def test_visitor_who_did_not_sign_in_talks_to_a_person_who_knows_that(agent: OpenConsole, customer: OpenChat) -> None:
    desk, chat = agent("li.na"), customer()
    chat.write("转人工")
    desk.rows.first.click()
    expect(desk.page.locator(".chat-about")).to_contain_text("未核实身份")
    expect(desk.page.get_by_text("客户没有登录，不能查看账户。")).to_be_visible()
    desk.press("接入")
    desk.say("请先登录，我再帮您看。")
    heard(chat, "请先登录，我再帮您看。")
    with chat.page.expect_download() as download:
        chat.page.get_by_role("button", name="保存对话").click()
    saved = Path(download.value.path()).read_text(encoding="utf-8-sig")
    with chat.page.expect_download() as download:
        chat.page.get_by_role("button", name="再存一份 PDF").click()
    assert download.value.suggested_filename == "对话记录.pdf"
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
    assert "请先登录，我再帮您看。" in saved
    assert "李娜" in saved
