"""The widget in a browser, on a page of another origin under a strict content security policy."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Literal

import pytest
from playwright.sync_api import expect

from tests.browser.chat import PHONE, SIZES, Chat, OpenPage

# Talking


@SIZES
def test_customer_opens_the_chat_is_greeted_and_asks(visit: OpenPage, size: Dict[str, Any]) -> None:
    chat = visit(size).open()
    assert chat.lines() == ["您好，我是还款助手。账单、利息、分期、延期，都可以问我。"]
    chat.say("echo 我逾期了")
    expect(chat.said("我逾期了")).to_be_visible()


def test_buttons_show_their_titles_and_cannot_be_pressed_twice(visit: OpenPage) -> None:
    chat = visit().open()
    chat.press("我逾期了怎么办")
    expect(chat.page.locator(".card")).to_be_visible()
    assert "我逾期了怎么办" in chat.lines()
    assert not any(line.startswith("/") for line in chat.lines())
    used = chat.page.locator(".replies.used").first
    assert all(button.is_disabled() for button in used.get_by_role("button").all())
    expect(used.locator(".chosen")).to_have_text(re.compile("我逾期了怎么办"))


def test_buttons_are_superseded_by_a_written_message(visit: OpenPage) -> None:
    chat = visit().open()
    chat.say("echo hi")
    expect(chat.said("hi")).to_be_visible()
    assert chat.page.locator(".reply:enabled").count() == 0


@SIZES
def test_what_has_to_be_read_can_be_confirmed_only_afterwards_also_after_a_reload(
    visit: OpenPage, size: Dict[str, Any]
) -> None:
    chat = visit(size).open()
    chat.page.evaluate("Date.now = () => 0")  # the device's clock is wrong
    chat.say("read")
    confirm, decline = (chat.page.get_by_role("button", name=name) for name in ("确认提交", "不提交"))
    expect(confirm).to_be_disabled()
    expect(decline).to_be_enabled()
    status = chat.page.locator(".wait [role=status]")
    assert re.fullmatch("请先看完，[123] 秒后可以确认", status.inner_text())
    expect(chat.page.locator(".wait [aria-hidden]")).to_have_text(re.compile("[12] 秒"))
    expect(confirm).to_be_enabled()
    expect(status).to_have_text("现在可以确认了。")
    chat.page.reload()
    chat.open()
    expect(confirm).to_be_enabled()  # it has been read
    confirm.click()
    expect(confirm).to_be_disabled()


def test_reload_shows_the_same_conversation(visit: OpenPage) -> None:
    chat = visit().open()
    chat.press("我逾期了怎么办")
    expect(chat.page.locator(".card")).to_be_visible()
    chat.press("分期还")
    expect(chat.page.locator("table").first).to_be_visible()
    before = chat.page.locator(".messages").inner_text()
    chat.page.reload()
    chat.open()
    expect(chat.page.locator(".message")).to_have_count(7)
    assert chat.page.locator(".messages").inner_text() == before
    assert chat.page.locator(".reply:enabled").all_inner_texts() == ["3 期", "6 期", "12 期"]


def test_other_tab_of_a_visitor_is_another_visitor(visit: OpenPage) -> None:
    chat = visit().open()
    chat.say("echo private")
    expect(chat.said("private")).to_be_visible()
    other = Chat(chat.page.context.new_page())
    other.page.goto(chat.page.url)
    other.open()
    assert len(other.lines()) == 1


@SIZES
def test_card_shows_figures_rows_and_parts_that_open(visit: OpenPage, size: Dict[str, Any]) -> None:
    chat = visit(size).open()
    chat.press("我逾期了怎么办")
    card = chat.page.locator(".card")
    expect(card.locator(".figure-value")).to_have_text("¥12,480.66")
    total = card.locator(".row.strong")
    assert total.locator("dt").inner_text() == "合计"
    assert total.locator("dd").inner_text() == "¥12,480.66"
    ends = "values => values.map(value => Math.round(value.getBoundingClientRect().right))"
    right = set(card.locator(":scope > .rows dd").evaluate_all(ends))
    assert len(right) == 1
    hidden = card.get_by_text("9月27日 – 10月24日，28 天")
    expect(hidden).not_to_be_visible()
    card.get_by_text("利息怎么来的").click()
    expect(hidden).to_be_visible()


def test_opened_part_stays_open_when_the_conversation_goes_on(visit: OpenPage) -> None:
    chat = visit().open()
    chat.press("我逾期了怎么办")
    chat.page.get_by_text("利息怎么来的").click()
    chat.say("echo x")
    expect(chat.said("x")).to_be_visible()
    expect(chat.page.get_by_text("9月27日 – 10月24日，28 天")).to_be_visible()


def test_tables_and_cards_fit_a_phone(visit: OpenPage) -> None:
    chat = visit(PHONE).open()
    chat.press("我逾期了怎么办")
    expect(chat.page.locator(".card")).to_be_visible()
    chat.press("分期还")
    chat.page.get_by_text("12 期的还款计划").click()
    for table in chat.page.locator(".table-scroll").all():
        assert table.evaluate("node => node.scrollWidth - node.clientWidth") <= 0
    assert chat.page.locator(".scroller").evaluate("node => node.scrollWidth - node.clientWidth") == 0
    assert chat.page.evaluate("document.documentElement.scrollWidth") == 360


def test_long_answer_is_shown_from_its_beginning_and_its_end_is_one_press_away(visit: OpenPage) -> None:
    chat = visit(PHONE).open()
    chat.press("我逾期了怎么办")
    expect(chat.page.locator(".message")).to_have_count(5)
    expect(chat.page.locator(".user .bubble").last).to_be_in_viewport()
    expect(chat.page.locator(".reply:enabled").last).not_to_be_in_viewport()
    chat.page.get_by_role("button", name="有新消息").click()
    expect(chat.page.locator(".reply:enabled").last).to_be_in_viewport()


@SIZES
def test_latest_message_is_in_view_after_a_reload_and_when_the_keyboard_comes(
    visit: OpenPage, size: Dict[str, Any]
) -> None:
    chat = visit(size).open()
    chat.press("我逾期了怎么办")
    expect(chat.page.locator(".message")).to_have_count(5)
    chat.say("echo the latest")
    expect(chat.said("the latest")).to_be_in_viewport()
    chat.page.reload()
    expect(chat.said("the latest")).to_be_attached()
    chat.launcher.click()
    expect(chat.said("the latest")).to_be_in_viewport(ratio=1)
    viewport = size["viewport"]
    chat.page.set_viewport_size({"width": viewport["width"], "height": viewport["height"] - 250})
    expect(chat.said("the latest")).to_be_in_viewport(ratio=1)


def test_markup_in_a_message_is_shown_as_text(visit: OpenPage) -> None:
    chat = visit().open()
    chat.say("html")
    expect(chat.page.locator(".bot .bubble").last).to_contain_text("<b>bold</b>")
    assert chat.page.locator(".bubble img").count() == 0
    assert chat.page.title() == "Bank"


def test_link_opens_a_new_window_and_one_that_runs_code_is_not_shown(visit: OpenPage) -> None:
    chat = visit().open()
    chat.say("link")
    link = chat.page.get_by_role("link", name="打开手机银行")
    assert link.get_attribute("href") == "https://bank.example/pay"
    assert link.get_attribute("rel") == "noopener noreferrer"
    chat.say("evil")
    expect(chat.said("?")).to_be_visible()
    assert chat.page.get_by_text("bad", exact=True).count() == 0


# Writing


def test_enter_sends_and_shift_enter_begins_a_line(visit: OpenPage) -> None:
    chat = visit().open()
    chat.text.fill("echo one")
    chat.text.press("Shift+Enter")
    chat.text.press_sequentially("two")
    assert chat.page.locator(".user").count() == 0
    chat.text.press("Enter")
    expect(chat.page.locator(".bot .bubble").last).to_have_text("one\ntwo")
    assert chat.text.input_value() == ""


@pytest.mark.parametrize("event", ["isComposing: true", "keyCode: 229"])
def test_enter_that_belongs_to_the_input_method_does_not_send(visit: OpenPage, event: str) -> None:
    chat = visit().open()
    chat.text.fill("我逾qi")
    chat.text.evaluate(
        f"node => node.dispatchEvent(new KeyboardEvent('keydown', {{key: 'Enter', bubbles: true, {event}}}))"
    )
    assert chat.text.input_value() == "我逾qi"
    assert chat.page.locator(".user").count() == 0


def test_too_long_text_is_said_to_be_too_long_and_not_sent(visit: OpenPage) -> None:
    chat = visit().open()
    chat.text.fill("还" * 1900)
    expect(chat.page.locator(".count")).to_have_text("1900 / 2000")
    chat.text.fill("还" * 2001)
    expect(chat.page.locator(".count")).to_contain_text("最多 2000 个字")
    chat.text.press("Enter")
    assert chat.page.locator(".user").count() == 0
    expect(chat.page.get_by_role("button", name="发送")).to_be_disabled()


def test_very_long_word_stays_inside_its_bubble(visit: OpenPage) -> None:
    chat = visit(PHONE).open()
    chat.say("echo " + "x" * 500)
    expect(chat.page.locator(".bot .bubble")).to_have_count(2)
    assert chat.page.locator(".scroller").evaluate("node => node.scrollWidth - node.clientWidth") == 0


@SIZES
def test_one_time_code_is_typed_into_a_field_of_its_own(visit: OpenPage, size: Dict[str, Any]) -> None:
    chat = visit(size).open()
    chat.say("code")
    code = chat.page.get_by_label("短信验证码")
    expect(code).to_be_visible()
    expect(chat.text).not_to_be_visible()
    assert (code.get_attribute("inputmode"), code.get_attribute("autocomplete")) == ("numeric", "one-time-code")
    chat.page.get_by_role("button", name="改为写消息").click()
    expect(chat.text).to_be_focused()
    chat.page.get_by_role("button", name="输入验证码").click()
    code.fill("123456")
    code.press("Enter")
    expect(chat.page.locator(".user .bubble").last).to_have_text("123456")
    expect(chat.text).to_be_visible()


# By keyboard, by ear, on any screen


def test_everything_works_by_keyboard(visit: OpenPage) -> None:
    chat = visit()
    chat.page.get_by_role("link", name="first link").focus()
    chat.page.keyboard.press("Tab")
    expect(chat.launcher).to_be_focused()
    chat.page.keyboard.press("Enter")
    expect(chat.text).to_be_focused()
    expect(chat.bubbles.first).to_be_visible()
    for _ in range(3):
        chat.page.keyboard.press("Shift+Tab")
    expect(chat.page.locator(".reply").first).to_be_focused()
    chat.page.keyboard.press("Enter")
    expect(chat.page.locator(".card")).to_be_visible()
    expect(chat.page.locator(".log")).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(chat.panel).not_to_be_visible()
    expect(chat.launcher).to_be_focused()


def test_screen_reader_finds_dialog_log_and_names(visit: OpenPage) -> None:
    chat = visit().open()
    expect(chat.page.get_by_role("dialog", name="还款助手")).to_be_visible()
    log = chat.page.get_by_role("log", name="对话记录")
    expect(log).to_be_visible()
    assert log.get_attribute("aria-busy") == "false"
    first = chat.page.locator(".message").first.element_handle()
    chat.say("echo 好")
    expect(chat.said("好")).to_be_visible()
    assert first is not None
    assert first.evaluate("node => node.isConnected"), "what was announced is not announced again"
    unnamed = "buttons => buttons.filter(b => !(b.textContent.trim() || b.getAttribute('aria-label'))).length"
    assert chat.panel.locator("button").evaluate_all(unnamed) == 0


@SIZES
def test_whatever_can_be_pressed_is_large_enough(visit: OpenPage, size: Dict[str, Any]) -> None:
    chat = visit(size).open()
    chat.press("我逾期了怎么办")
    chat.say("link")
    expect(chat.page.get_by_role("link", name="打开手机银行")).to_be_visible()
    targets = chat.panel.locator("button, a, summary, textarea")
    heights = {target.inner_text(): target.bounding_box() for target in targets.all() if target.is_visible()}
    small = {name: box for name, box in heights.items() if box and (box["height"] < 44 or box["width"] < 44)}
    assert small == {}


def test_phone_shows_the_chat_on_the_whole_screen_and_the_page_rests(visit: OpenPage) -> None:
    chat = visit(PHONE).open()
    assert chat.panel.bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 740}
    expect(chat.text).not_to_be_focused()  # the keyboard would cover the greeting
    expect(chat.page.locator("html")).to_have_css("overflow", "hidden")
    chat.page.get_by_role("button", name="关闭对话").click()
    expect(chat.page.locator("html")).to_have_css("overflow", "visible")


def test_at_twice_the_size_the_conversation_can_still_be_read_and_written(visit: OpenPage) -> None:
    chat = visit({"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2}).open()
    log = chat.page.locator(".scroller").bounding_box()
    assert log is not None
    assert log["height"] > 200
    expect(chat.text).to_be_in_viewport()


def test_chat_can_fill_a_page_of_its_own(visit: OpenPage) -> None:
    chat = visit(PHONE, mode="page")
    expect(chat.bubbles.first).to_be_visible()
    expect(chat.launcher).not_to_be_visible()
    expect(chat.page.get_by_role("button", name="关闭对话")).not_to_be_visible()


def test_page_sets_colours_by_variables(visit: OpenPage) -> None:
    chat = visit()
    chat.page.evaluate("document.documentElement.style.setProperty('--overdue-assistant-accent', 'rgb(120, 30, 60)')")
    assert chat.launcher.evaluate("node => getComputedStyle(node).backgroundColor") == "rgb(120, 30, 60)"


def test_nothing_is_connected_before_the_customer_opens_the_chat(visit: OpenPage) -> None:
    chat = visit()
    requests: List[str] = []
    chat.page.on("request", lambda request: requests.append(request.url))
    chat.page.on("websocket", lambda socket: requests.append(socket.url))
    chat.page.reload()
    chat.page.locator(".frame").wait_for(state="attached")
    chat.page.wait_for_load_state("networkidle")
    assert [url for url in requests if "socket.io" in url] == []


# Ways compared


@SIZES
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_ways_are_compared_without_scrolling_sideways_and_open_on_request(
    visit: OpenPage, size: Dict[str, Any], scheme: Literal["light", "dark"]
) -> None:
    chat = visit(size).open()
    chat.page.emulate_media(color_scheme=scheme)
    chat.say("ways")
    marked = chat.page.locator(".option.marked")
    expect(marked).to_contain_text("今天全部还清")
    expect(marked.locator(".option-badge")).to_have_text("推荐")
    plan = chat.page.locator(".option").nth(1)
    expect(plan.locator("dl")).to_be_hidden()
    plan.locator("summary").click()
    expect(plan.locator("dl")).to_contain_text("¥8,040.00")
    assert chat.page.evaluate(
        """() => [...document.querySelector("overdue-assistant").shadowRoot.querySelectorAll(".card, .option, .chart")]
                 .every((part) => part.scrollWidth <= part.clientWidth)"""
    )


def test_the_chart_is_named_described_and_told_apart_without_colours(visit: OpenPage) -> None:
    chat = visit().open()
    chat.say("ways")
    picture = chat.page.get_by_role("img", name="往后还欠多少")
    expect(picture).to_be_visible()
    expect(picture.locator("desc")).to_have_text("折线图：今天欠 ¥7,714.55。")
    strokes = picture.locator(".line .stroke")
    dashes = strokes.evaluate_all("(lines) => lines.map((line) => getComputedStyle(line).strokeDasharray)")
    assert len(set(dashes)) == len(dashes) == 2
    marks = picture.locator(".line .mark").evaluate_all("(marks) => marks.map((mark) => mark.tagName)")
    assert marks == ["circle", "circle", "path", "path"]  # each sum that the bank named, and each payment
    assert chat.page.locator(".legend li").all_inner_texts() == ["先不还", "分 12 期"]


def test_a_payment_is_a_step_down_to_scale(visit: OpenPage) -> None:
    chat = visit().open()
    chat.say("ways")
    path = chat.page.locator(".chart .line.instalment .stroke").first
    expect(path).to_be_attached()
    heights = [float(pair[1]) for pair in re.findall(r"[ML]([\d.]+) ([\d.]+)", path.get_attribute("d") or "")]
    first, second = heights[2] - heights[1], heights[4] - heights[3]
    assert heights[0] == heights[1]
    assert heights[2] == heights[3]
    assert abs(first - second) < 0.2 < first


def test_the_figures_of_the_chart_are_in_a_table(visit: OpenPage) -> None:
    chat = visit().open()
    chat.say("ways")
    chat.page.get_by_text("图里的数字").click()
    expect(chat.page.get_by_role("cell", name="要还 ¥670.00")).to_be_visible()
