"""Takes the pictures of the README anew: `python -m ops.screenshots [--bank http://127.0.0.1:8100]`.

Needs a running system (`make run`) and Chromium. The customers of the pictures go on with their conversations, so take
them on a fresh `VAR_DIR`. Nothing is filed.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any, Dict, Optional, Sequence

from playwright.sync_api import Browser, Page, sync_playwright

from common.settings import ROOT, settings

IMAGES = ROOT / "docs" / "images"
PHONE: Dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True}
DESKTOP: Dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "device_scale_factor": 1}
_ANSWER_MS = 60_000

_ANSWERED = """(asked) => {
  const chat = document.querySelector("overdue-assistant").shadowRoot;
  return chat.querySelectorAll("li.user").length === asked && chat.querySelector(".typing").hidden
    && chat.querySelector("li.user:not(:has(~ li.user)) ~ li.bot .card");
}"""
_TO_LAST_CARD = """() => {
  const chat = document.querySelector("overdue-assistant").shadowRoot;
  const scroller = chat.querySelector(".scroller");
  const card = [...chat.querySelectorAll("li.bot .card")].at(-1);
  scroller.scrollBy(0, card.getBoundingClientRect().top - scroller.getBoundingClientRect().top - 16);
}"""


def main(arguments: Optional[Sequence[str]] = None) -> None:
    """Take both pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    known = settings()
    parser.add_argument(
        "--bank", default=f"http://{known.bank_host}:{known.bank_port}", help="where the bank's pages are"
    )
    bank = parser.parse_args(arguments).bank.rstrip("/")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("needs Chromium: apt-get install chromium fonts-noto-cjk")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        _phone(browser, bank)
        _desktop(browser, bank)
        browser.close()


def _phone(browser: Browser, bank: str) -> None:
    page = _chat(browser, PHONE, bank, "demo-m1-first")
    _say(page, "信用卡逾期了，我该怎么办？")
    _keep(page, IMAGES / "phone.png")


def _desktop(browser: Browser, bank: str) -> None:
    page = _chat(browser, DESKTOP, bank, "demo-english")
    _say(page, "Can I pay it back in instalments?")
    asked = page.locator("li.user").count()
    page.locator(".replies:not(.used)").get_by_role("button", name="6 instalments", exact=True).click()
    _wait_for_answer(page, asked + 1)
    page.evaluate(_TO_LAST_CARD)
    _keep(page, IMAGES / "desktop.png")


def _chat(browser: Browser, size: Dict[str, Any], bank: str, customer: str) -> Page:
    """The customer's home page with the chat opened and greeted."""
    page = browser.new_context(locale="zh-CN", reduced_motion="reduce", color_scheme="light", **size).new_page()
    page.goto(f"{bank}/sign-in")
    page.locator(f"button[value={customer}]").click()
    page.locator("#cards .card").first.wait_for(timeout=_ANSWER_MS)
    page.locator(".launcher").click()
    page.locator(".message.bot").first.wait_for(timeout=_ANSWER_MS)
    return page


def _say(page: Page, text: str) -> None:
    asked = page.locator("li.user").count()
    page.locator(".composer .input:not([hidden])").fill(text)
    page.keyboard.press("Enter")
    _wait_for_answer(page, asked + 1)


def _wait_for_answer(page: Page, asked: int) -> None:
    """Wait until message number `asked` is answered by a card."""
    page.wait_for_function(_ANSWERED, arg=asked, timeout=_ANSWER_MS)


def _keep(page: Page, path: Path) -> None:
    page.mouse.move(0, 0)
    page.screenshot(path=path)
    page.close()


if __name__ == "__main__":
    main()
