"""The desk's console, as an agent sees and uses it."""

from __future__ import annotations

import re
from typing import Any, Dict, List

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, expect

from tests.browser.desk_place import PASSWORD

LAPTOP: Dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
TABLET: Dict[str, Any] = {"viewport": {"width": 820, "height": 1180}, "has_touch": True}
# Of answers that say no, and of a desk that is down: what the page makes of it is what tests look at.
_EXPECTED = re.compile(r"Failed to load resource|WebSocket connection to .* failed")


class Console:
    """An agent with a browser."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.context = context
        self.origin = origin
        self.page = context.new_page()
        self.errors: List[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._heed)
        self.rows = self.page.locator(".row-brief")
        self.messages = self.page.locator("desk-chat .message")
        self.reply = self.page.get_by_role("textbox", name="回复客户")
        self.acts = self.page.locator(".chat-acts")

    def _heed(self, said: ConsoleMessage) -> None:
        if said.type == "error" and not _EXPECTED.match(said.text):
            self.errors.append(said.text)

    def visit(self) -> "Console":
        """Open the desk's page."""
        self.page.goto(f"{self.origin}/")
        return self

    def sign_in(self, name: str, password: str = PASSWORD) -> "Console":
        """Sign in and wait for the working place."""
        self.visit().enter(name, password)
        expect(self.page.locator("desk-workspace")).to_be_visible()
        expect(self.page.locator(".queue-nothing, .row-brief").first).to_be_attached()
        return self

    def enter(self, name: str, password: str) -> None:
        """Fill in the sign-in page."""
        self.page.get_by_label("用户名").fill(name)
        self.page.get_by_label("密码").fill(password)
        self.page.keyboard.press("Enter")

    def tab(self, name: str) -> "Console":
        """Choose a list of the queue."""
        self.page.locator(".queue-frame").get_by_role("tab", name=name).click()
        return self

    def row(self, name: str) -> Locator:
        """The customer's row in the list that is shown."""
        return self.rows.filter(has_text=name)

    def open(self, name: str) -> "Console":
        """Open the customer's conversation."""
        self.row(name).click()
        expect(self.page.locator(".chat-who h2")).to_have_text(name)
        expect(self.messages.first).to_be_visible()
        return self

    def press(self, act: str) -> None:
        """Press a button of the conversation's head."""
        self.acts.get_by_role("button", name=act, exact=True).click()

    def claim(self, name: str) -> "Console":
        """Open a waiting conversation and take it."""
        self.open(name)
        self.press("接入")
        expect(self.reply).to_be_visible()
        return self

    def say(self, text: str) -> None:
        """Write to the customer."""
        self.reply.fill(text)
        self.reply.press("Enter")

    def message(self, text: str) -> Locator:
        """The message of the transcript with this text."""
        return self.messages.filter(has_text=text)

    def lines(self, sender: str) -> List[str]:
        """What `user`, `bot`, `agent`, `note` or `whisper` said, in order."""
        return self.page.locator(f"desk-chat .message.{sender} .bubble").all_inner_texts()

    @property
    def dialog(self) -> Locator:
        """The dialog that asks for something."""
        return self.page.locator("dialog[open]")
