"""The chat while a person has the conversation or is on the way, and what comes afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Iterator

import pytest
from playwright.sync_api import expect

from channels.conversations import Conversations
from tests.browser.bank_page import BankPage
from tests.browser.chat import DESKTOP, PHONE, SIZES, Chat, OpenPage
from tests.browser.conftest import start_scripted_assistant
from tests.browser.desk_stub import PDF, DeskStub, signal
from tests.processes import Process, until

WAITING = {"state": "waiting", "position": 2, "expected_minutes": 5}
WITH_LIN = {"state": "agent", "agent": {"name": "林"}}


@pytest.fixture(scope="module")
def desk_stub() -> Iterator[DeskStub]:
    stub = DeskStub()
    yield stub
    stub.shutdown()


@pytest.fixture(scope="module")
def scripted_assistant(
    bank_page: BankPage, desk_stub: DeskStub, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Process]:
    """The channel with the scripted assistant behind it and this desk beside it."""
    var_dir = tmp_path_factory.mktemp("widget-people")
    process = start_scripted_assistant(bank_page, var_dir, **desk_stub.settings())
    yield process
    process.stop()


class Place:
    """A customer who is signed in, and what the desk does."""

    def __init__(self, page: BankPage, stub: DeskStub, process: Process, visit: OpenPage) -> None:
        self._page, self.stub, self._visit = page, stub, visit
        self._secret = (Path(process.env["VAR_DIR"]) / "webchat_secret.secret").read_text().strip()
        self.conversation_id = ""
        stub.state, stub.takes_ratings = {"state": "bot"}, True
        stub.told.clear()

    def open(self, customer: str, size: Dict[str, Any], language: str = "zh-CN") -> Chat:
        self._page.customer = customer
        self.conversation_id = Conversations(self._secret).of_customer(customer)
        return self._visit(size, language, token_url="/token").open()

    def signal(self, **told: Any) -> None:
        signal(self._page.assistant, self.conversation_id, **told)


@pytest.fixture
def place(bank_page: BankPage, desk_stub: DeskStub, visit: OpenPage, scripted_assistant: Process) -> Place:
    return Place(bank_page, desk_stub, scripted_assistant, visit)


@SIZES
def test_who_waits_sees_the_place_and_the_time_and_can_go_on_with_the_assistant(
    place: Place, size: Dict[str, Any]
) -> None:
    chat = place.open(f"demo-waits-{size['viewport']['width']}", size)
    line = chat.page.locator(".people")
    expect(line).to_be_hidden()
    chat.say("waiting")
    expect(chat.said("好的，正在为您接人工，您排在第 2 位。")).to_be_visible()
    place.signal(state=WAITING)
    expect(line).to_contain_text("您排在第 2 位，大约还要等 5 分钟。")
    expect(line.get_by_role("status")).to_be_visible()
    # What the assistant offered before does nothing now, but for the way back.
    expect(chat.page.get_by_role("button", name="现在要还多少").last).to_be_disabled()
    expect(chat.page.locator(".replies").get_by_role("button", name="继续用助手").last).to_be_enabled()
    place.signal(state={"state": "waiting"})
    expect(line).to_contain_text("正在为您接人工，请稍等。")
    line.get_by_role("button", name="继续用助手").click()
    expect(chat.page.locator(".user .bubble").last).to_have_text("继续用助手")
    place.signal(state={"state": "bot"})
    expect(line).to_be_hidden()


@SIZES
def test_what_an_agent_writes_bears_the_name_also_after_a_reload(place: Place, size: Dict[str, Any]) -> None:
    place.stub.state = WITH_LIN
    chat = place.open(f"demo-agent-{size['viewport']['width']}", size)
    expect(chat.page.locator(".people")).to_contain_text("林 正在和您谈")
    chat.say("agent")
    message = chat.page.locator("li.message.agent")
    expect(message.locator(".bubble")).to_have_text("您好，我在看您的账单，一分钟就好。")
    expect(message.locator(".who")).to_contain_text("林")
    chat.page.reload()
    chat.open()
    expect(message.locator(".who")).to_contain_text("林")
    expect(chat.page.locator(".people")).to_contain_text("林 正在和您谈")


def test_typing_is_seen_on_both_sides_and_the_assistant_never_seems_to_write(place: Place) -> None:
    place.stub.state = WITH_LIN  # from the start: what the page asks for must not come after what it is told
    chat = place.open("demo-typing", DESKTOP)
    expect(chat.page.locator(".people")).to_be_visible()
    place.signal(typing={"name": "林"})
    typing = chat.page.locator(".typing")
    expect(typing).to_contain_text("林正在输入")
    place.signal(typing=None)
    expect(typing).to_be_hidden()
    chat.text.press_sequentially("我想")
    typed = ("signals", {"conversation_id": place.conversation_id, "typing": True})
    until(lambda: typed in place.stub.told)
    chat.say("slow")  # the turn takes seconds
    expect(chat.page.locator(".user .bubble").last).to_have_text("slow")
    assert typing.is_hidden()
    expect(chat.said("late")).to_be_visible()


def test_a_file_of_an_agent_is_fetched_from_this_server_whatever_the_link_says(place: Place) -> None:
    chat = place.open("demo-file", DESKTOP)
    chat.say("file")
    button = chat.page.get_by_role("button", name="下载文件")
    button.click()
    expect(chat.page.locator(".agent .note")).to_have_text("这份文件已经过期，请让助手重新开一份。")
    place.stub.files[f"/internal/conversations/{place.conversation_id}/files/f-1"] = PDF
    with chat.page.expect_download() as download:
        button.click()
    assert download.value.suggested_filename == "还款计划.pdf"
    assert Path(download.value.path()).read_bytes() == PDF


@SIZES
def test_a_rating_takes_one_tap_and_a_comment_may_follow(place: Place, size: Dict[str, Any]) -> None:
    chat = place.open(f"demo-rates-{size['viewport']['width']}", size)
    chat.say("closed")
    rating = chat.page.locator(".rating")
    place.stub.takes_ratings = False
    rating.get_by_role("radio", name="4 颗星").click()
    expect(rating.locator(".note")).to_have_text("没有提交成功，请再点一次。")
    place.stub.takes_ratings = True
    rating.get_by_role("radio", name="4 颗星").click()
    expect(rating.locator(".note")).to_have_text("已收到，谢谢您的评价。")
    rating.get_by_role("textbox").fill("很耐心")
    rating.get_by_role("button", name="提交").click()
    expect(rating.get_by_role("textbox")).to_be_hidden()
    assert [body for path, body in place.stub.told if path == "rating"][-2:] == [
        {"stars": 4, "comment": ""},
        {"stars": 4, "comment": "很耐心"},
    ]
    chat.page.reload()
    chat.open()
    expect(rating.get_by_role("radio", checked=True)).to_have_accessible_name("4 颗星，最多 5 颗")


def test_a_rating_works_by_keyboard(place: Place) -> None:
    chat = place.open("demo-rates-keys", DESKTOP, "en")
    chat.say("closed")
    first = chat.page.get_by_role("radio", name="1 of 5 stars")
    first.focus()
    chat.page.keyboard.press("ArrowRight")
    chat.page.keyboard.press("ArrowRight")
    chat.page.keyboard.press("Enter")
    expect(chat.page.get_by_role("radio", name="3 of 5 stars")).to_be_checked()
    expect(chat.page.locator(".rating .note")).to_have_text("Thank you, your rating has arrived.")


def test_what_people_add_can_be_pressed_on_a_phone(place: Place) -> None:
    chat = place.open("demo-large", PHONE)
    chat.say("closed")
    chat.say("file")
    place.signal(state=WAITING)
    expect(chat.page.locator(".people")).to_be_visible()
    small = chat.page.evaluate(
        """() => [...document.querySelector("overdue-assistant").shadowRoot.querySelectorAll("button")]
          .filter((one) => one.offsetParent && (one.offsetWidth < 44 || one.offsetHeight < 44))
          .map((one) => one.outerHTML)"""
    )
    assert small == []


@SIZES
def test_the_assistant_asks_how_it_was_by_stars_and_says_at_which_question(place: Place, size: Dict[str, Any]) -> None:
    chat = place.open(f"demo-helped-{size['viewport']['width']}", size)
    chat.say("helped")
    chat.say("helped")
    expect(chat.page.locator(".rating")).to_have_count(2)
    told = []
    for rating in chat.page.locator(".rating").all():
        expect(rating.locator(".rating-question")).to_have_count(0)  # the message asks
        expect(rating.get_by_role("radiogroup", name="这次的帮助怎么样？")).to_be_visible()
        rating.get_by_role("radio", name="5 颗星").click()
        expect(rating.locator(".note")).to_have_text("已收到，谢谢您的评价。")
        told.append([body for path, body in place.stub.told if path == "rating"][-1])
    first, second = told
    assert first.pop("asked_at") < second.pop("asked_at")
    assert first == second == {"stars": 5, "comment": ""}
