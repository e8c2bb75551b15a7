"""A customer's conversation on WeChat beside what the bank says of the customer; every answer is checked."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any, Dict, List
from urllib.parse import parse_qs, urlsplit

import requests

from bank.client import BankClient
from bank.models import MessagingChannel
from channels.conversations import Conversations
from tests.browser import journeys
from tests.browser.case import Case
from tests.browser.figures import figures_of
from tests.processes import ROOT, System
from tests.test_live.page import Page
from tests.wechat_phone import Answer, Phone, Simulator

_ADDRESS = re.compile(r"https?://\S+")
_HEADINGS = str.maketrans("", "", "【】")  # plain text has no other way to show one, in any language
_TOO_EARLY = {"zh": "再点一次", "en": "press it once more"}
_READING_SECONDS = 60.0  # at most, until a text that must be read has been on the phone for long enough


@dataclass
class Place:
    """The whole product with simulated platforms beside it."""

    system: System
    simulator: Simulator
    bank: BankClient

    def conversation_of(self, customer: str) -> str:
        """The customer's conversation, wherever it is held."""
        secret = (self.system.var_dir / "webchat_secret.secret").read_text().strip()
        return Conversations(secret).of_customer(customer)

    def web_page(self, customer: str) -> Page:
        """The customer with the bank's web page; the caller closes it."""
        return Page(self.system, customer)

    def link_in(self, answer: Answer) -> str:
        """The address in an answer that leads to signing in."""
        found = [address for address in _ADDRESS.findall(answer.text) if "/link/" in address]
        assert len(found) == 1, answer.text
        return str(found[0])

    def sign_in_by(self, link: str, customer: str) -> int:
        """Open the link, sign in at the bank's page and agree there; the status of the assistant's last page."""
        browser = requests.Session()
        page = browser.get(link, timeout=30)
        if not page.ok:
            return page.status_code
        at_bank = html.unescape(re.findall(r'class="button"[^>]*href="([^"]+)"', page.text)[0])
        back = parse_qs(urlsplit(at_bank).query)["return"][0]
        browser.get(at_bank, timeout=30).raise_for_status()
        browser.post(f"{self.system.bank_origin}/sign-in", data={"customer": customer}, timeout=30).raise_for_status()
        token = browser.get(f"{self.system.bank_origin}/identity-token", timeout=30).json()["token"]
        return browser.post(back, data={"identity_token": token}, timeout=30).status_code

    def publish_menu(self) -> Dict[str, Any]:
        """Run the command that publishes the account's menu; the menu as the platform has it."""
        env = {**os.environ, **self.simulator.environment, "VAR_DIR": str(self.system.var_dir)}
        subprocess.run([sys.executable, "-m", "channels.wechat.menu"], env=env, cwd=ROOT, check=True)
        menu: Dict[str, Any] = self.simulator.phone("wechat").view()["menu"]
        return menu

    def refuse_all_requests(self) -> None:
        """Let the bank refuse every request that waits, so that customers are as they were."""
        for customer in requests.get(f"{self.system.bank_origin}/customers.json", timeout=30).json():
            for application in self.bank.applications(customer["id"]):
                if application.withdrawable:
                    decide = f"{self.system.bank_origin}/sandbox/applications/{application.reference}/decide"
                    requests.post(decide, json={"approve": False}, timeout=30).raise_for_status()

    def customer(self, platform: str, customer: str, language: str = "zh") -> "WeChatTalk":
        """A customer who linked the account before, and greets."""
        phone = self.simulator.phone(platform)
        self.bank.link_identity(
            customer,
            channel=MessagingChannel(platform),
            account=phone.view()["account"],
            subject=phone.subject,
            idempotency_key=f"link-{phone.subject}",
        )
        phone.begin()
        phone.answer(0)
        return WeChatTalk(phone, language, customer, self.bank, self.system.bank_origin)


@dataclass
class WeChatTalk(Case):
    """A linked customer's conversation."""

    phone: Phone
    language: str
    customer: str
    bank: BankClient
    bank_origin: str

    def __call__(self, *, zh: str, en: str = "") -> Answer:
        """Write the sentence in this customer's language."""
        return self.check(self.phone.ask(self.word(zh=zh, en=en)))

    def press(self, *, zh: str, en: str = "") -> Answer:
        """Press the choice with this title; one for which there was no room is typed."""
        return self.check(self._press(self.word(zh=zh, en=en)))

    def read_and_press(self, *, zh: str, en: str = "") -> Answer:
        """Press a choice that works only after what stands above it was read."""
        deadline = time.monotonic() + _READING_SECONDS
        while time.monotonic() < deadline:
            answer = self.press(zh=zh, en=en)
            if _TOO_EARLY[self.language] not in answer:
                return answer
            time.sleep(2)
        raise AssertionError("it stays too early")

    def _press(self, title: str) -> Answer:
        latest = next(entry for entry in reversed(self.phone.received()) if entry["choices"] or entry["text"])
        offered = [choice["title"] for choice in latest["choices"]]
        return self.phone.press(title) if title in offered else self.phone.ask(title)

    def code(self) -> str:
        """The newest one-time code that the bank sent this customer."""
        masked = self.bank.customer(self.customer).masked_phone
        messages: List[Dict[str, Any]] = requests.get(f"{self.bank_origin}/sandbox/sms", timeout=30).json()
        newest = next(message for message in messages if masked in str(message))
        found = re.search(r"(?<!\d)\d{6}(?!\d)", str(newest["text"]))
        assert found, "the newest message holds no code"
        return found.group()

    def enter_code(self) -> Answer:
        """Look the code up on the phone and enter it."""
        return self.check(self.phone.ask(self.code()))

    def check(self, answer: Answer) -> Answer:
        """Nothing but the bank's figures, one language, no gaps, one message, and the platform refused nothing."""
        text = _ADDRESS.sub("", answer.text).translate(_HEADINGS)
        shown = journeys.Answer([text], [], [], [])
        assert shown.problems(self.language, figures_of(self.bank, self.customer)) == [], answer.text
        assert len(answer.entries) <= 3, "one turn takes more than the quota of a press"
        assert self.phone.refusals == []
        return answer
