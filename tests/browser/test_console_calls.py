"""The console's calls: taken by keyboard, the number on demand, the result saved, and refusals said in words."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Dict, Iterator, List, Tuple

import pytest
from playwright.sync_api import Browser, expect

from common.problems import PREFIX
from tests.browser.console import LAPTOP, Console
from tests.browser.desk_place import DeskPlace
from tests.browser.patience import open_context

NUMBER = "+8613800004417"
SCRIPT = "1. 核对是否本人。\n2. 说明来意：应还¥1,260.40。"


class Neighbours(ThreadingHTTPServer):
    """Outreach with two calls, and a bank that knows numbers and nothing else."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.holders: Dict[str, str] = {}
        self.refusal: Dict[str, Any] = {}
        self.told: List[Tuple[str, Dict[str, Any]]] = []
        self.done: List[str] = []
        Thread(target=self.serve_forever, daemon=True).start()

    def task(self, name: str) -> Dict[str, Any]:
        now, holder = datetime.now(timezone.utc), self.holders.get(name)
        return {
            "id": name,
            "customer_id": f"customer-{name}",
            "card_id": f"k-{name}",
            "conversation_id": f"web-{name}",
            "kind": "reminder",
            "language": "zh",
            "script": SCRIPT,
            "call_until": (now + timedelta(hours=3)).isoformat(),
            "attempts": 0,
            "last_at": None,
            "note": "",
            "holder": holder,
            "held_until": (now + timedelta(minutes=45)).isoformat() if holder else None,
        }


class _Handler(BaseHTTPRequestHandler):
    server: Neighbours

    def do_GET(self) -> None:
        if self.path.startswith("/desk/calls"):
            self._answer(200, {"items": [self.server.task(name) for name in "ab" if name not in self.server.done]})
        elif self.path.endswith("/contact-addresses"):
            self._answer(200, {"email": None, "phone": NUMBER})
        else:
            self._answer(503, {"type": f"{PREFIX}unavailable", "title": "Unavailable", "status": 503})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        *_, name, act = self.path.split("/")
        if self.server.refusal:
            return self._answer(409, self.server.refusal)
        self.server.told.append((act, body))
        if act == "claim":
            self.server.holders[name] = body["agent"]
            return self._answer(200, {"task": self.server.task(name)})
        self.server.holders.pop(name, None)
        if act == "result":
            self.server.done.append(name)
        self._answer(200, {})

    def _answer(self, status: int, content: Dict[str, Any]) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if status == 200 else "application/problem+json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def neighbours() -> Iterator[Neighbours]:
    running = Neighbours()
    yield running
    running.shutdown()


@pytest.fixture(scope="module")
def desk(neighbours: Neighbours, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskPlace]:
    port = neighbours.server_address[1]
    running = DeskPlace(
        tmp_path_factory.mktemp("desk"), OUTREACH_PORT=str(port), BANK_API_URL=f"http://127.0.0.1:{port}/v1"
    )
    running.agent("li.na", "李娜")
    yield running
    running.stop()


@pytest.fixture
def console(desk: DeskPlace, neighbours: Neighbours, chromium: Browser) -> Iterator[Console]:
    neighbours.holders.clear()
    neighbours.told.clear()
    neighbours.done.clear()
    neighbours.refusal = {}
    opened = Console(open_context(chromium, locale="zh-CN", reduced_motion="reduce", **LAPTOP), desk.origin)
    opened.sign_in("li.na").page.get_by_role("link", name="外呼").click()
    expect(opened.rows).to_have_count(2)
    yield opened
    opened.context.close()
    assert opened.errors == []


def test_a_call_is_taken_made_and_told_by_keyboard(console: Console, neighbours: Neighbours) -> None:
    page = console.page
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="customer-a")).to_be_focused()
    expect(page.locator(".script")).to_have_count(0)
    page.keyboard.press("c")
    expect(page.locator(".script")).to_contain_text("应还¥1,260.40")
    number = page.get_by_role("button", name="显示客户号码")
    expect(number).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=NUMBER)).to_be_focused()
    page.get_by_label("接通了").check()
    page.get_by_label("备注").fill("周五还款")
    page.get_by_role("combobox", name="逾期原因").select_option("forgot")
    page.get_by_role("button", name="保存结果").click()
    expect(console.rows).to_have_count(1)
    assert [act for act, _ in neighbours.told] == ["claim", "result"]
    said = {"agent": "li.na", "attempt": 0, "outcome": "answered", "note": "周五还款", "reason": "forgot"}
    assert neighbours.told[-1][1] == said


def test_what_was_written_stays_while_the_list_is_renewed_and_when_saving_fails(
    console: Console, neighbours: Neighbours
) -> None:
    page = console.page
    console.rows.first.click()
    page.get_by_role("button", name="领取").click()
    page.get_by_label("备注").fill("打了两次")
    page.get_by_label("没人接").check()
    neighbours.refusal = {"type": f"{PREFIX}bank-unavailable", "title": "Bank unavailable", "status": 409}
    page.get_by_role("button", name="保存结果").click()
    expect(page.locator(".call .problem")).to_be_visible()
    expect(page.get_by_label("备注")).to_have_value("打了两次")
    neighbours.refusal = {}
    page.get_by_role("button", name="保存结果").click()
    expect(console.rows).to_have_count(1)


def test_why_a_call_is_not_to_be_made_is_said_in_words(console: Console, neighbours: Neighbours) -> None:
    rule = {"type": f"{PREFIX}call-over", "title": "Call over", "status": 409, "rule": "asked-to-stop"}
    neighbours.refusal = rule
    console.rows.first.click()
    console.page.keyboard.press("c")
    expect(console.page.locator(".toast")).to_contain_text("客户要求不再联系")
    expect(console.page.locator(".script")).to_have_count(0)


def test_a_colleagues_call_cannot_be_taken(console: Console, neighbours: Neighbours) -> None:
    neighbours.holders["a"] = "wang"
    console.page.reload()
    expect(console.rows.first).to_contain_text("wang 正在打")
    console.rows.first.click()
    expect(console.page.locator(".call")).to_contain_text("wang 正在打")
    expect(console.page.get_by_role("button", name="领取")).to_have_count(0)
