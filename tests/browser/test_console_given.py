"""The console: who is given a conversation, calls, files that were sent, and what is found and recorded."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, expect

from common import clock
from tests.browser.conftest import OpenConsole
from tests.browser.console import Console
from tests.browser.desk_place import DeskPlace
from tests.browser.patience import open_context


def test_who_is_given_a_conversation_is_called_wherever_she_looks(agent: OpenConsole, place: DeskPlace) -> None:
    boss, console = agent("chen"), agent("li.na")
    place.waiting("赵一")
    boss.open("赵一")
    boss.press("指派")
    boss.dialog.locator("select").select_option(label=boss.dialog.locator("option", has_text="李娜").inner_text())
    boss.dialog.get_by_role("button", name="指派").click()
    expect(console.page.get_by_role("alert").filter(has_text="赵一 转到了您这里")).to_be_visible()
    expect(console.page).to_have_title("(1) 坐席工作台")
    expect(console.row("赵一").locator(".row-unread")).to_have_text("1")
    console.open("赵一")
    expect(console.page).to_have_title("坐席工作台")


def test_who_takes_a_conversation_herself_is_not_told_that_she_got_it(agent: OpenConsole, place: DeskPlace) -> None:
    console = agent("li.na")
    place.waiting("钱二")
    console.claim("钱二")
    expect(console.page).to_have_title("坐席工作台")
    expect(console.page.locator(".toast")).to_have_count(0)


def test_agent_switches_automatic_assignment_off_for_herself(chromium: Browser, tmp_path: Path) -> None:
    place = DeskPlace(tmp_path, DESK_AUTO_ASSIGN="true")
    place.agent("li.na", "李娜")
    place.agent("chen", "陈静", role="supervisor", languages=("en",))
    try:
        console, boss = (Console(open_context(chromium, locale="zh-CN"), place.origin) for _ in range(2))
        console.sign_in("li.na")
        console.page.locator(".menu summary").click()
        console.page.get_by_role("checkbox", name="自动分配对话给我").uncheck()
        boss.sign_in("chen").page.get_by_role("link", name="现场").click()
        expect(boss.page.locator("tr", has_text="李娜")).to_contain_text("自己接入")
        place.waiting("赵一")
        expect(console.row("赵一")).to_be_visible()
        console.page.reload()
        console.page.locator(".menu summary").click()
        choice = console.page.get_by_role("checkbox", name="自动分配对话给我")
        expect(choice).not_to_be_checked()
        expect(console.row("赵一")).to_be_visible()  # still nobody's
        choice.check()
        expect(console.page.locator(".toast")).to_have_text("赵一 转到了您这里")
        expect(console.row("赵一")).to_be_visible()  # among her own, as nobody else waits
        assert console.errors + boss.errors == []
    finally:
        place.stop()


def test_where_everybody_claims_there_is_nothing_to_switch_off(agent: OpenConsole) -> None:
    console = agent("wang")
    console.page.locator(".menu summary").click()
    expect(console.page.get_by_role("button", name="修改密码")).to_be_visible()
    expect(console.page.get_by_role("checkbox")).to_have_count(0)


def test_a_call_at_night_is_not_proposed_and_is_refused_with_the_reason(agent: OpenConsole, place: DeskPlace) -> None:
    console = agent("li.na")
    place.waiting("孙三")
    console.claim("孙三")
    console.press("约回电")
    expect(console.dialog.locator("input[type=datetime-local]")).to_have_count(2)
    first, last = console.dialog.locator("input[type=datetime-local]").all()
    assert 9 <= int(first.input_value()[11:13]) <= 20
    day = (clock.now() + timedelta(days=2)).date().isoformat()
    first.fill(f"{day}T21:30")
    last.fill(f"{day}T22:30")
    console.dialog.get_by_role("button", name="约回电").click()
    expect(console.dialog.get_by_role("alert")).to_have_text("只能约在同一天的 8:00 到 22:00 之间。")
    last.fill(f"{day}T22:00")
    console.dialog.get_by_role("button", name="约回电").click()
    expect(console.row("孙三")).to_contain_text("要回电")


def test_a_file_that_was_sent_can_be_opened_again(agent: OpenConsole, place: DeskPlace, tmp_path: Path) -> None:
    console = agent("li.na")
    place.waiting("李四")
    console.claim("李四")
    content = b"%PDF-1.4\na plan\n%%EOF\n"
    file = {"name": "方案.pdf", "mimeType": "application/pdf", "buffer": content}
    console.page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    with console.page.expect_download() as download:
        console.page.get_by_role("link", name="方案.pdf").click()
    download.value.save_as(tmp_path / "again.pdf")
    assert (tmp_path / "again.pdf").read_bytes() == content


def test_who_had_a_closed_conversation_is_found(agent: OpenConsole, place: DeskPlace) -> None:
    boss, console = agent("chen"), agent("li.na")
    place.waiting("周五", text="只此一句的话")
    console.claim("周五")
    console.press("结束")
    console.dialog.get_by_label("说明").fill("谈好了")
    console.dialog.get_by_role("button", name="结束").click()
    boss.page.get_by_role("link", name="查找").click()
    boss.page.get_by_label("内容").fill("只此一句的话")
    boss.page.get_by_role("button", name="查找").click()
    expect(boss.page.locator("tbody tr")).to_contain_text("李娜")


def test_the_audit_log_speaks_words_and_can_be_narrowed(agent: OpenConsole, place: DeskPlace) -> None:
    console = agent("root")
    console.page.get_by_role("link", name="操作记录").click()
    rows = console.page.locator("tbody tr")
    expect(rows.first).to_contain_text("登录")
    console.page.get_by_label("做了什么").select_option(label="改了状态")
    with console.page.expect_response(lambda answer: answer.request.method != "GET"):
        console.page.locator("select.status").select_option("away")
    console.page.get_by_label("做了什么").select_option(label="不限")
    expect(rows.first).to_contain_text("改了状态")
    expect(rows.first).to_contain_text("离开")
