"""The agents' console in a browser, with the real desk and a scripted assistant behind it."""

from __future__ import annotations

import re
import time
from typing import Any, Dict

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.conftest import OpenConsole
from tests.browser.desk_place import PASSWORD, DeskPlace

# Signing in


def test_who_gives_a_wrong_password_is_told_so_and_sees_nothing(agent: OpenConsole) -> None:
    console = agent()
    console.enter("li.na", "not the password")
    expect(console.page.get_by_role("alert").filter(has_text="用户名或密码不对。")).to_be_visible()
    assert console.page.locator("desk-workspace").count() == 0
    console.enter("li.na", PASSWORD)
    expect(console.page.locator("desk-workspace")).to_be_visible()


def test_one_time_password_has_to_be_changed_before_anything_is_shown(agent: OpenConsole, place: DeskPlace) -> None:
    password = place.new_account("new.here")
    console = agent()
    console.enter("new.here", password)
    expect(console.dialog).to_be_visible()
    assert console.page.locator("desk-workspace").count() == 0
    fields = console.dialog.locator("input")
    for field, value in zip(fields.all(), [password, "a much longer secret", "another secret here"], strict=True):
        field.fill(value)
    console.page.keyboard.press("Enter")
    expect(console.dialog.get_by_role("alert")).to_have_text("两次输入的新密码不一样。")
    fields.nth(2).fill("a much longer secret")
    console.page.keyboard.press("Enter")
    expect(console.page.locator("desk-workspace")).to_be_visible()


def test_who_signs_out_leaves_nothing_behind(agent: OpenConsole, place: DeskPlace) -> None:
    console = agent("li.na")
    place.waiting("赵一")
    console.claim("赵一")
    console.reply.fill("还没写完的话")
    console.page.locator(".menu summary").click()
    console.page.get_by_role("button", name="退出登录").click()
    expect(console.page.get_by_label("用户名")).to_be_visible()
    held = console.page.evaluate("document.documentElement.outerHTML + JSON.stringify({...localStorage})")
    assert "赵一" not in held
    assert "还没写完的话" not in held


# What a role may do


def test_agent_sees_no_page_of_supervisors_or_administrators_by_link_or_address(
    agent: OpenConsole, place: DeskPlace
) -> None:
    console = agent("li.na")
    assert console.page.locator(".bar nav a").all_inner_texts() == ["对话", "外呼", "查找"]
    for page in ("agents", "audit", "insights", "supervise"):
        console.page.goto(f"{place.origin}/#/{page}")
        expect(console.page.locator("desk-workspace")).to_be_visible()
        assert console.page.locator(f"desk-{page}").count() == 0
    answers = console.page.evaluate(
        """() => Promise.all(["api/agents", "api/audit", "api/presence", "api/export", "api/insights"].map(
             async (path) => (await fetch(path)).status))"""
    )
    assert answers == [403] * 5


def test_administrator_makes_an_account_and_reads_its_one_time_password_once(
    agent: OpenConsole, place: DeskPlace
) -> None:
    console = agent("root")
    console.page.get_by_role("link", name="账号").click()
    console.page.get_by_role("button", name="新账号").click()
    console.dialog.get_by_label("用户名").fill("sun.yue")
    console.dialog.get_by_label("显示名").fill("孙悦")
    console.dialog.get_by_label("英文").check()
    console.dialog.get_by_role("button", name="创建").click()
    password = console.dialog.locator(".secret").inner_text()
    console.dialog.get_by_role("button", name="关闭").click()
    row = console.page.locator("tr", has_text="sun.yue")
    expect(row).to_contain_text("孙悦")
    expect(row).to_contain_text("中文 英文")
    assert password not in console.page.content()
    answer = requests.post(
        f"{place.origin}/api/sign-in", json={"name": "sun.yue", "password": password}, timeout=30
    ).json()
    assert answer["must_change_password"] is True


# Working


def test_whole_conversation_by_keyboard_alone(agent: OpenConsole, place: DeskPlace) -> None:
    console = agent("li.na")
    conversation = place.waiting("钱二", text="想分期")
    keyboard = console.page.keyboard
    expect(console.row("钱二")).to_be_visible()
    keyboard.press("j")
    expect(console.row("钱二")).to_be_focused()
    keyboard.press("Enter")
    expect(console.page.locator(".chat-who h2")).to_have_text("钱二")
    keyboard.press("c")
    expect(console.reply).to_be_focused()
    keyboard.type("您好，我来帮您看分期。")
    keyboard.press("Shift+Enter")
    keyboard.type("请稍等。")
    keyboard.press("Enter")
    expect(console.message("请稍等。").locator(".delivery.sent")).to_be_attached()
    keyboard.press("Alt+n")
    keyboard.type("客户想分 12 期")
    keyboard.press("Enter")
    expect(console.message("客户想分 12 期")).to_have_class(re.compile("note"))
    keyboard.press("Escape")
    keyboard.press("b")
    expect(console.dialog).to_be_visible()
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(console.page.locator(".chat-about")).to_contain_text("助手接待")
    told = place.assistant.told(conversation)
    assert "您好，我来帮您看分期。\n请稍等。" in told
    assert not any("12 期" in text for text in told), "a note is for colleagues"


def test_letters_are_commands_only_outside_of_fields(agent: OpenConsole, place: DeskPlace) -> None:
    console = agent("li.na")
    place.waiting("孙三")
    console.claim("孙三")
    console.reply.press_sequentially("bcet?j")
    expect(console.reply).to_have_value("bcet?j")
    assert console.dialog.count() == 0
    console.page.keyboard.press("Escape")
    console.page.keyboard.press("?")
    expect(console.dialog.get_by_role("heading")).to_have_text("快捷键")


def test_drafts_are_kept_for_each_conversation_over_a_reload(agent: OpenConsole, place: DeskPlace) -> None:
    console = agent("li.na")
    place.waiting("李四")
    place.waiting("周五")
    console.claim("李四").reply.fill("给李四的一半")
    console.tab("排队").claim("周五").reply.fill("给周五的一半")
    expect(console.row("李四")).to_contain_text("［草稿］ 给李四的一半")
    console.page.reload()
    expect(console.reply).to_have_value("给周五的一半")
    console.tab("我的").open("李四")
    expect(console.reply).to_have_value("给李四的一半")
    console.reply.press("Enter")
    expect(console.message("给李四的一半").locator(".delivery.sent")).to_be_attached()
    console.page.reload()
    expect(console.reply).to_have_value("")


def test_title_counts_what_calls_for_the_agent(agent: OpenConsole, place: DeskPlace) -> None:
    console = agent("li.na")
    expect(console.page).to_have_title("坐席工作台")
    first = place.waiting("吴六")
    expect(console.page).to_have_title("(1) 坐席工作台")
    console.claim("吴六")
    expect(console.page).to_have_title("坐席工作台")
    place.waiting("郑七")
    console.tab("排队").claim("郑七")
    place.says(first, "还在吗？")
    place.says(first, "有人吗？")
    expect(console.page).to_have_title("(2) 坐席工作台")
    expect(console.row("吴六").locator(".row-unread")).to_have_text("2")
    console.open("吴六")
    expect(console.page).to_have_title("坐席工作台")
    console.page.reload()
    expect(console.message("有人吗？")).to_be_visible()
    expect(console.page).to_have_title("坐席工作台")


def test_script_in_what_a_customer_writes_is_text(agent: OpenConsole, place: DeskPlace) -> None:
    console = agent("li.na")
    evil = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    name = "<b onmouseover=alert(1)>王八</b>"
    conversation = place.waiting(name, text=evil)
    place.bot_says(conversation, evil, buttons=[{"title": evil, "payload": "/x"}], custom={"card": {"title": evil}})
    console.claim(name)
    expect(console.message("onerror").first.locator(".bubble")).to_have_text(evil)
    expect(console.row(name).locator(".row-who")).to_have_text(name)
    console.page.keyboard.press("Alt+3")
    console.page.get_by_label("添加标签").fill("<i>x</i>")
    console.page.get_by_role("button", name="添加", exact=True).click()
    expect(console.page.locator(".tags .mark")).to_have_text("<i>x</i>")
    assert console.page.locator("desk-console img[src='x'], desk-console script, desk-console b, .mark i").count() == 0
    assert "owned" not in console.page.title()


def test_two_agents_see_each_other_and_only_one_gets_the_conversation(agent: OpenConsole, place: DeskPlace) -> None:
    li_na, wang = agent("li.na"), agent("wang")
    conversation = place.waiting("冯九")
    li_na.open("冯九")
    wang.open("冯九")
    expect(li_na.page.get_by_text("王强 也在看这个对话")).to_be_visible()
    expect(wang.page.get_by_text("李娜 也在看这个对话")).to_be_visible()
    li_na.press("接入")
    expect(li_na.reply).to_be_visible()
    expect(wang.page.get_by_text("李娜 在接待这个对话。")).to_be_visible()
    expect(wang.reply).not_to_be_visible()
    expect(wang.acts.get_by_role("button")).to_have_count(0)
    expect(wang.row("冯九")).to_have_count(0)
    # Even a console that does not know yet cannot answer.
    status = wang.page.evaluate(
        """async ([id, csrf]) => (await fetch(`api/conversations/${id}/messages`, {method: "POST",
             headers: {"Content-Type": "application/json", "X-CSRF-Token": (await (await fetch("api/me")).json()).csrf},
             body: JSON.stringify({message_id: "second", text: "double"})})).status""",
        [conversation, ""],
    )
    assert status == 409
    li_na.say("只有一个人回复")
    expect(li_na.message("只有一个人回复").locator(".delivery.sent")).to_be_attached()
    assert "double" not in place.assistant.told(conversation)


def test_who_claims_a_moment_too_late_is_told_by_whom_it_was_taken(agent: OpenConsole, place: DeskPlace) -> None:
    li_na, wang = agent("li.na"), agent("wang")
    place.waiting("蒋十")
    li_na.open("蒋十")
    wang.open("蒋十")

    def be_slower(route: Any) -> None:
        li_na.press("接入")
        expect(li_na.reply).to_be_visible()
        route.continue_()

    wang.page.route("**/api/conversations/*/claim", be_slower)
    wang.press("接入")
    expect(wang.page.get_by_role("alert").filter(has_text="别人已经接入了这个对话。（李娜）")).to_be_visible()
    expect(wang.reply).not_to_be_visible()


def test_transfer_gives_a_colleague_the_conversation_and_the_note(agent: OpenConsole, place: DeskPlace) -> None:
    li_na, wang = agent("li.na"), agent("wang")
    conversation = place.waiting("沈甲", text="我要投诉")
    li_na.claim("沈甲")
    li_na.say("您好")
    li_na.page.keyboard.press("Escape")
    li_na.page.keyboard.press("t")
    option = li_na.dialog.locator("option", has_text="王强").get_attribute("value")
    li_na.dialog.get_by_label("给谁").select_option(option)
    li_na.dialog.get_by_label("给接手的人写一句").fill("客户要投诉催收电话，已道歉")
    li_na.dialog.get_by_role("button", name="转接").click()
    expect(li_na.reply).not_to_be_visible()
    wang.tab("我的").open("沈甲")
    expect(wang.message("客户要投诉催收电话，已道歉")).to_have_class(re.compile("note"))
    wang.say("您好，我接着处理")
    expect(wang.message("您好，我接着处理").locator(".delivery.sent")).to_be_attached()
    assert not any("催收电话" in text for text in place.assistant.told(conversation))


def test_supervisor_whispers_to_the_agent_and_not_to_the_customer(agent: OpenConsole, place: DeskPlace) -> None:
    li_na, chen = agent("li.na"), agent("chen")
    conversation = place.waiting("韩乙")
    li_na.claim("韩乙")
    chen.tab("全部").open("韩乙")
    chen.page.get_by_role("radio", name="提示坐席").click()
    chen.page.get_by_role("textbox", name="只有接待的坐席能看到").fill("可以给 12 期")
    chen.page.keyboard.press("Enter")
    expect(li_na.message("可以给 12 期")).to_have_class(re.compile("whisper"))
    li_na.say("好的")
    expect(li_na.message("好的").locator(".delivery.sent")).to_be_attached()
    assert not any("12 期" in text for text in place.assistant.told(conversation))


def test_supervisor_takes_a_conversation_over(agent: OpenConsole, place: DeskPlace) -> None:
    li_na, chen = agent("li.na"), agent("chen")
    place.waiting("杨丙")
    li_na.claim("杨丙")
    chen.tab("全部").open("杨丙")
    chen.press("接管")
    chen.dialog.get_by_role("button", name="接管").click()
    expect(chen.reply).to_be_visible()
    expect(li_na.reply).not_to_be_visible()
    expect(li_na.page.get_by_text("陈静 在接待这个对话。")).to_be_visible()


def test_typing_is_shown_on_both_sides(agent: OpenConsole, place: DeskPlace) -> None:
    console = agent("li.na")
    conversation = place.waiting("朱丁")
    console.claim("朱丁")
    requests.post(
        f"{place.origin}/internal/signals",
        json={"conversation_id": conversation, "typing": True},
        headers={"Authorization": "Bearer test-token"},
        timeout=30,
    ).raise_for_status()
    expect(console.page.get_by_text("客户正在输入…")).to_be_visible()
    console.reply.press_sequentially("正在")
    console.page.wait_for_timeout(500)
    assert {"conversation_id": conversation, "typing": {"name": "李娜"}} in place.assistant.signals


# How long a messaging service lets answers through


@pytest.mark.parametrize(
    ("window", "level", "text"),
    [
        ({"seconds": 40 * 3600, "left": 4}, "quiet", "还能发 4 条"),
        ({"seconds": 90 * 60, "left": 4}, "warning", "只剩 1 小时"),
        ({"seconds": 40 * 3600, "left": 1}, "warning", "只能再发 1 条"),
        ({"seconds": 0, "left": 0, "waiting": 2}, "bad", "2 条还没送出"),
        ({"seconds": 40 * 3600, "left": 3, "undelivered": 1}, "bad", "1 条被拒收"),
    ],
)
def test_agent_sees_how_long_and_how_much_may_be_written_over_a_messaging_service(
    agent: OpenConsole, place: DeskPlace, window: Dict[str, int], level: str, text: str
) -> None:
    console = agent("li.na")
    name = f"周{window['seconds']}{window['left']}{level}"
    conversation_id = place.waiting(name, channel="wechat")
    told = {"waiting": 0, "held": None, "undelivered": 0, **window, "open_until": time.time() + window["seconds"]}
    place.assistant.windows[conversation_id] = told
    console.open(name)
    banner = console.page.locator("desk-chat .banner").filter(has_text="微信")
    expect(banner).to_contain_text(text)
    expect(banner).to_have_class(f"banner {level}")
