"""The page with the simulated phones: on a phone of 360 pixels and on a desktop, in Chinese and in English."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, Iterator, List

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.chat import DESKTOP
from tests.test_channels.test_simulator.webhook_stub import WebhookStub
from tests.wechat_phone import Simulator, start_simulator

SMALL: Dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
MENU = [
    {"name": "账单", "sub_button": [{"type": "click", "name": "应还多少", "key": "amount"}]},
    {"type": "click", "name": "找人工", "key": "person"},
]
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001f61738"
    "550000000049454e44ae426082"
)

Open = Callable[..., Page]


class Account:
    """The Official Account's server."""

    def __init__(self, simulator: Simulator) -> None:
        self.base = f"{simulator.origin}/wechat/cgi-bin"
        known = simulator.environment
        who = {"appid": known["WECHAT_APP_ID"], "secret": known["WECHAT_APP_SECRET"]}
        wish = {"grant_type": "client_credential", **who}
        self.token = requests.post(f"{self.base}/stable_token", json=wish, timeout=60).json()["access_token"]

    def call(self, path: str, **body: Any) -> None:
        content = json.dumps(body, ensure_ascii=False).encode()
        parameters = {"access_token": self.token}
        answer = requests.post(f"{self.base}/{path}", params=parameters, data=content, timeout=60).json()
        assert answer["errcode"] == 0, answer


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    stub = WebhookStub()
    running = start_simulator(tmp_path_factory.mktemp("simulator"), stub.port)
    Account(running).call("menu/create", button=MENU)
    yield running
    running.process.stop()
    stub.stop()


@pytest.fixture
def visit(chromium: Browser, simulator: Simulator) -> Iterator[Open]:
    """Opens the page; afterwards none may have had an error or be wider than its screen."""
    contexts: List[BrowserContext] = []
    pages: List[Page] = []
    errors: List[str] = []

    def open_page(size: Dict[str, Any], locale: str = "zh-CN") -> Page:
        context = chromium.new_context(locale=locale, reduced_motion="reduce", **size)
        contexts.append(context)
        page = context.new_page()
        pages.append(page)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.goto(simulator.origin)
        return page

    yield open_page
    widths = [page.evaluate("document.documentElement.scrollWidth - innerWidth") for page in pages]
    for context in contexts:
        context.close()
    assert errors == []
    assert [width for width in widths if width > 0] == []


def subject(page: Page) -> str:
    page.wait_for_url("**/#*/*")
    return page.url.rsplit("/", 1)[1]


@pytest.mark.parametrize("size", [SMALL, DESKTOP], ids=["phone", "desktop"])
def test_follower_presses_menu_and_choices_and_writes(simulator: Simulator, visit: Open, size: Dict[str, Any]) -> None:
    page = visit(size)
    page.locator("[data-new=wechat]").click()
    page.get_by_role("button", name="关注公众号").click()
    page.get_by_role("button", name="账单").click()
    page.get_by_role("button", name="应还多少").click()
    expect(page.locator(".line").last).to_contain_text("应还多少")
    menu = {"head_content": "怎么还？", "list": [{"id": "1", "content": "转账"}], "tail_content": ""}
    Account(simulator).call("message/custom/send", touser=subject(page), msgtype="msgmenu", msgmenu=menu)
    page.get_by_role("button", name="转账").click()
    expect(page.locator(".customer .bubble").last).to_have_text("转账")
    page.get_by_role("button", name="切换到键盘").click()
    page.get_by_role("textbox", name="消息").fill("还有别的办法吗")
    page.keyboard.press("Enter")
    expect(page.locator(".customer .bubble").last).to_have_text("还有别的办法吗")


def test_template_message_comes_whatever_the_quota_unless_the_customer_rejects_it(
    simulator: Simulator, visit: Open
) -> None:
    page = visit(DESKTOP)
    page.locator("[data-new=wechat]").click()
    page.get_by_role("button", name="关注公众号").click()
    page.get_by_role("button", name="过 1 分钟").click()
    expect(page.locator("#backstage")).to_contain_text("现在不能发")
    data = {"thing1": {"value": "4417"}, "amount2": {"value": "¥12.30"}, "thing3": {"value": "11月25日 周三"}}
    wanted = {"touser": subject(page), "template_id": "simulated-payment-due", "data": data}
    Account(simulator).call("message/template/send", **wanted, url="https://bank.example/help", client_msg_id="a")
    shown = page.locator(".account .bubble")
    expect(shown).to_contain_text("应还金额：¥12.30")
    expect(shown.get_by_role("link", name="详情")).to_have_attribute("href", "https://bank.example/help")
    page.get_by_label("客户拒收模板消息").check()
    Account(simulator).call("message/template/send", **wanted, client_msg_id="b")
    expect(shown).to_have_count(1)


def test_quota_that_is_left_and_what_was_refused_are_shown(simulator: Simulator, visit: Open) -> None:
    page = visit(DESKTOP)
    page.locator("[data-new=wechat]").click()
    page.get_by_role("button", name="关注公众号").click()
    expect(page.locator("#backstage")).to_contain_text("3 / 3 条")
    account = Account(simulator)
    for number in range(3):
        account.call("message/custom/send", touser=subject(page), msgtype="text", text={"content": str(number)})
    expect(page.locator("#backstage")).to_contain_text("0 / 3 条")
    with pytest.raises(AssertionError, match="45047"):
        account.call("message/custom/send", touser=subject(page), msgtype="text", text={"content": "zu viel"})
    expect(page.locator("#backstage")).to_contain_text("45047")
    page.get_by_role("button", name="过 1 分钟").click()
    expect(page.locator("#backstage")).to_contain_text("现在不能发")


def test_addresses_can_be_opened_and_nothing_else_is_markup(simulator: Simulator, visit: Open) -> None:
    page = visit(DESKTOP)
    page.locator("[data-new=wechat]").click()
    page.get_by_role("button", name="关注公众号").click()
    anchors = '<a href="https://bank.example/card">账单</a><a href="javascript:1">坏</a>'
    text = f"看 https://bank.example/pay。<b>粗</b>{anchors}"
    Account(simulator).call("message/custom/send", touser=subject(page), msgtype="text", text={"content": text})
    links = page.locator(".account .bubble a")
    expect(links).to_have_text(["https://bank.example/pay", "账单"])
    expect(page.locator(".account .bubble")).to_contain_text("<b>粗</b>")


def test_picture_voice_and_place_are_sent(visit: Open) -> None:
    page = visit(SMALL)
    page.locator("[data-new=wecom]").click()
    page.get_by_role("button", name="进入客服会话").click()
    page.get_by_role("button", name="图片、语音、位置").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="图片", exact=True).click()
    chooser.value.set_files({"name": "a.png", "mimeType": "image/png", "buffer": PIXEL})
    expect(page.locator(".customer img")).to_have_js_property("naturalWidth", 1)
    page.get_by_role("button", name="语音", exact=True).click()
    page.get_by_label("说了什么").fill("我想分期")
    page.get_by_role("button", name="发送", exact=True).click()
    expect(page.locator(".customer .voice")).to_contain_text("我想分期")
    page.get_by_role("button", name="位置", exact=True).click()
    page.locator("dialog").get_by_role("button", name="发送").click()
    expect(page.locator(".customer .location")).to_contain_text("人民广场")


def test_own_agent_of_the_service_is_played_backstage(simulator: Simulator, visit: Open) -> None:
    page = visit(DESKTOP, "en-US")
    page.locator("[data-new=wecom]").click()
    page.get_by_role("button", name="Open the conversation").click()
    page.get_by_label("Message", exact=True).fill("hello")
    page.keyboard.press("Enter")
    expect(page.locator("#backstage")).to_contain_text("0 new")
    change_state(simulator, subject(page), 2)
    page.get_by_role("button", name="Accept as an agent").click()
    page.get_by_label("Answer as the agent").fill("Hello, this is Lin.")
    page.keyboard.press("Enter")
    expect(page.locator(".agent .bubble")).to_have_text("Hello, this is Lin.")
    page.get_by_role("button", name="End the conversation").click()
    expect(page.locator("#backstage")).to_contain_text("4 ended")


def change_state(simulator: Simulator, customer: str, state: int) -> None:
    base, known = f"{simulator.origin}/wecom/cgi-bin", simulator.environment
    wish = {"corpid": known["WECOM_CORP_ID"], "corpsecret": known["WECOM_SECRET"]}
    token = requests.get(f"{base}/gettoken", params=wish, timeout=60).json()["access_token"]
    account = requests.get(f"{simulator.origin}/phones/wecom/{customer}", timeout=60).json()["account"]
    body = {"open_kfid": account, "external_userid": customer, "service_state": state}
    answer = requests.post(
        f"{base}/kf/service_state/trans", params={"access_token": token}, json=body, timeout=60
    ).json()
    assert answer["errcode"] == 0, answer
