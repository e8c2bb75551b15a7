"""The agents' console when something fails, with files, and with very many conversations."""

from __future__ import annotations

import re
import time
from typing import Any, List, Tuple

import pytest
from playwright.sync_api import APIResponse, Route, expect

from tests.browser.conftest import OpenConsole
from tests.browser.console import Console
from tests.browser.desk_place import DeskPlace

# When something fails


def test_reply_while_the_assistant_is_down_says_so_and_arrives_once_when_it_is_back(
    agent: OpenConsole, place: DeskPlace
) -> None:
    console = agent("li.na")
    conversation = place.waiting("秦戊")
    console.claim("秦戊")
    console.say("先到的话")
    expect(console.message("先到的话").locator(".delivery.sent")).to_be_attached()
    place.assistant.answers = False
    try:
        console.say("等一等的话")
        expect(console.message("等一等的话").locator(".delivery")).to_contain_text("还没送到，正在重试")
    finally:
        place.assistant.answers = True
    expect(console.message("等一等的话").locator(".delivery.sent")).to_be_attached(timeout=60_000)
    assert place.assistant.told(conversation).count("等一等的话") == 1


def test_desk_that_restarts_in_a_live_conversation_loses_nothing(agent: OpenConsole, place: DeskPlace) -> None:
    console = agent("li.na")
    conversation = place.waiting("尤己")
    console.claim("尤己")
    place.process.stop()
    try:
        expect(console.page.get_by_text("连接断开了")).to_be_visible()
        place.says(conversation, "您还在吗？")
        console.say("断线时写的话")
        expect(console.message("断线时写的话")).to_contain_text("连不上服务器")
    finally:
        place.process.start()
    expect(console.message("您还在吗？")).to_be_visible()
    expect(console.page.get_by_text("连接断开了")).not_to_be_visible()
    console.page.reload()
    failed = console.message("断线时写的话")
    failed.get_by_role("button", name="重新发送").click()
    expect(failed.locator(".delivery.sent")).to_be_attached()
    assert place.assistant.told(conversation).count("断线时写的话") == 1


def test_message_that_comes_while_a_conversation_is_being_opened_is_shown(agent: OpenConsole, place: DeskPlace) -> None:
    console = agent("li.na")
    conversation = place.waiting("施辛")
    expect(console.row("施辛")).to_be_visible()
    console.page.evaluate(
        """() => {
            const send = WebSocket.prototype.send;
            WebSocket.prototype.send = function (data) {
                setTimeout(() => send.call(this, data), String(data).includes('"open"') ? 3000 : 0);
            };
        }"""
    )
    console.row("施辛").click()
    expect(console.page.locator(".chat-who h2")).to_have_text("施辛")
    place.says(conversation, "还有一件事")
    expect(console.message("还有一件事")).to_be_visible()


def test_message_that_comes_while_an_older_answer_is_on_its_way_stays(agent: OpenConsole, place: DeskPlace) -> None:
    console = agent("li.na")
    conversation = place.waiting("沈壬")
    console.open("沈壬")

    def answer_late(route: Any) -> None:
        answer = route.fetch()
        place.says(conversation, "刚想起来的事")
        time.sleep(2)  # the page is told of it meanwhile
        route.fulfill(response=answer)

    console.page.route(re.compile(r"/api/conversations/[^/?]+(\?.*)?$"), answer_late, times=1)
    with console.page.expect_response(re.compile(r"/api/conversations/[^/?]+(\?.*)?$")):
        console.press("接入")
    expect(console.reply).to_be_visible()
    expect(console.message("刚想起来的事")).to_be_visible(timeout=10_000)


class HeldAnswer:
    """The server's next answer to a request, which the page gets only when it is released."""

    def __init__(self, console: Console, url: Any) -> None:
        self._page = console.page
        self._url = url
        self._held: List[Tuple[Route, APIResponse]] = []
        self._page.route(url, lambda route: self._held.append((route, route.fetch())), times=1)

    def wait(self) -> None:
        """Until the server has answered."""
        while not self._held:
            self._page.wait_for_timeout(50)

    def release(self) -> None:
        """Give it to the page."""
        [(route, answer)] = self._held
        with self._page.expect_response(self._url):
            route.fulfill(response=answer)


def test_answer_from_before_the_claim_that_comes_after_it_makes_no_note_of_a_reply(
    agent: OpenConsole, place: DeskPlace
) -> None:
    console = agent("li.na")
    place.waiting("吕癸")
    held = HeldAnswer(console, re.compile(r"/api/conversations/[^/?]+(\?.*)?$"))
    console.row("吕癸").click()
    held.wait()
    console.press("接入")
    expect(console.reply).to_be_focused()
    console.page.evaluate(
        """() => {
            const form = document.querySelector(".composer");
            window.modes = [form.dataset.mode];
            new MutationObserver(() => window.modes.push(form.dataset.mode)).observe(form, { attributes: true });
        }"""
    )
    held.release()
    expect(console.message("我想找人工")).to_be_visible()
    assert set(console.page.evaluate("window.modes")) == {"reply"}


def test_customer_who_comes_while_an_older_queue_is_on_its_way_stays_in_it(
    agent: OpenConsole, place: DeskPlace
) -> None:
    console = agent("li.na")
    place.waiting("施甲")
    held = HeldAnswer(console, "**/api/queue")
    console.claim("施甲")  # after which the queue is asked for
    held.wait()
    console.tab("排队")
    place.waiting("施乙")
    console.row("施乙").evaluate("(row) => { window.kept = row; }")
    held.release()
    expect(console.page.locator("desk-queue")).to_be_visible()
    assert console.row("施乙").evaluate("(row) => row === window.kept")


def test_what_was_searched_for_first_is_not_added_to_what_was_searched_for_last(
    agent: OpenConsole, place: DeskPlace
) -> None:
    console = agent("li.na")
    place.waiting("赵丁", text="蓝色的那句")
    place.waiting("钱丁", text="绿色的那句")
    console.page.get_by_role("link", name="查找").click()
    words, button = console.page.get_by_label("内容"), console.page.get_by_role("button", name="查找")
    held = HeldAnswer(console, re.compile("/api/search"))
    words.fill("蓝色的那句")
    button.click()
    held.wait()
    words.fill("绿色的那句")
    button.click()
    rows = console.page.locator("tbody tr")
    expect(rows).to_have_text([re.compile("绿色的那句")])
    held.release()
    console.page.wait_for_timeout(300)  # nothing tells that the page has taken it
    expect(rows).to_have_text([re.compile("绿色的那句")])


@pytest.mark.parametrize("late", [r"/api/conversations/[^/?]+(\?.*)?$", r"/claim$", r"/messages$"])
def test_answer_that_comes_after_signing_out_brings_nothing_back(
    agent: OpenConsole, place: DeskPlace, late: str
) -> None:
    console = agent("li.na")
    place.waiting("张丙")
    if late == r"/messages$":
        console.claim("张丙")
    held = HeldAnswer(console, re.compile(late))
    if late == r"/messages$":
        console.say("这句已经发了")
        console.reply.fill("还没写完的话")
    else:
        console.row("张丙").click()
        console.press("接入")
    held.wait()
    console.page.locator(".menu summary").click()
    console.page.get_by_role("button", name="退出登录").click()
    expect(console.page.get_by_label("用户名")).to_be_visible()
    held.release()
    console.page.wait_for_timeout(300)  # nothing tells that the page has taken it
    left = console.page.evaluate("document.documentElement.outerHTML + JSON.stringify({...localStorage})")
    assert "张丙" not in left
    assert "还没写完的话" not in left
    assert console.errors == []


def test_message_that_the_server_had_but_did_not_confirm_is_not_sent_twice(
    agent: OpenConsole, place: DeskPlace
) -> None:
    console = agent("li.na")
    conversation = place.waiting("许庚")
    console.claim("许庚")
    lost: List[int] = []

    def lose_the_answer(route: Any) -> None:
        route.fetch()
        lost.append(1)
        route.abort()

    console.page.route("**/messages", lose_the_answer, times=1)
    console.say("只说一次")
    expect(console.message("只说一次")).to_have_count(1)
    expect(console.message("只说一次").locator(".delivery.sent")).to_be_attached()
    assert lost == [1]
    assert place.assistant.told(conversation).count("只说一次") == 1


# Files


def test_file_goes_to_the_customer_and_what_is_none_of_the_three_kinds_does_not(
    agent: OpenConsole, place: DeskPlace
) -> None:
    console = agent("li.na")
    conversation = place.waiting("何辛")
    console.claim("何辛")
    picker = console.page.locator("input[type=file]")
    picker.set_input_files({"name": "方案.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\nplan\n%%EOF\n"})
    expect(console.messages.filter(has_text="方案.pdf")).to_be_visible()
    picker.set_input_files({"name": "x.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"})
    expect(console.page.get_by_role("alert").filter(has_text="只能发 PDF、JPEG 或 PNG。")).to_be_visible()
    picker.set_input_files({"name": "fake.pdf", "mimeType": "application/pdf", "buffer": b"MZ not a pdf"})
    expect(console.page.get_by_role("alert").filter(has_text="fake.pdf")).to_be_visible()
    assert sum("pdf" in text for text in place.assistant.told(conversation)) == 1


# Many


def test_in_a_queue_of_300_only_the_row_that_changed_is_touched(agent: OpenConsole, place: DeskPlace) -> None:
    console = agent("li.na")
    ids = [place.waiting(f"客户{index:03d}") for index in range(300)]
    expect(console.rows).to_have_count(300)
    expect(console.page.get_by_role("tab", name="排队")).to_contain_text("300")
    console.row("客户150").evaluate("(row) => { window.kept = row; }")
    console.page.evaluate(
        """() => {
          window.touched = new Set();
          new MutationObserver((records) => records.forEach(({ target, addedNodes, removedNodes }) => {
            for (const node of [target, ...addedNodes, ...removedNodes]) {
              const row = (node.nodeType === 1 ? node : node.parentElement)?.closest(".row-brief");
              const moved = node !== target;
              // Times move on by themselves; everything else is a change.
              const time = node.closest?.(".row-time") || target.closest?.(".row-time");
              if (row && !time) window.touched.add(row.dataset.id);
              if (moved && node.matches?.(".row-brief")) window.touched.add(node.dataset.id);
            }
          })).observe(document.querySelector("desk-queue"), { subtree: true, childList: true, attributes: true,
            characterData: true });
        }"""
    )
    place.says(ids[150], "我又写了一句")
    expect(console.row("客户150")).to_contain_text("我又写了一句")
    assert console.page.evaluate("[...window.touched]") == [ids[150]]
    assert console.row("客户150").evaluate("(row) => row === window.kept")
    console.page.keyboard.press("j")
    for _ in range(40):
        console.page.keyboard.press("j")
    expect(console.page.locator(".row-brief:focus .row-who")).to_have_text("客户040")
