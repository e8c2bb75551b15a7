"""The chat on a page, as a customer sees and uses it."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, List

import pytest
from playwright.sync_api import Locator, Page, expect

PHONE: Dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESKTOP: Dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
SIZES = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])


class Chat:
    """What a customer sees and does on the bank's page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.launcher = page.locator(".launcher")
        self.panel = page.locator("dialog.panel")
        self.text = page.locator(".composer textarea")
        self.bubbles = page.locator(".bubble")
        self.errors: List[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self) -> "Chat":
        self.launcher.click()
        expect(self.bubbles.first).to_be_visible()
        return self

    def say(self, text: str) -> None:
        self.text.fill(text)
        self.text.press("Enter")

    def press(self, title: str) -> None:
        self.page.locator(".replies:not(.used)").get_by_role("button", name=title, exact=True).click()

    def said(self, text: str) -> Locator:
        """The assistant's bubble with exactly this text."""
        return self.page.locator(".bot .bubble").filter(has_text=re.compile(rf"^{re.escape(text)}$"))

    def lines(self) -> List[str]:
        return self.bubbles.all_inner_texts()


#: `visit(size, language, **data attributes of the script)`.
OpenPage = Callable[..., Chat]
