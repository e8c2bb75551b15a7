"""What a customer sees and does on the demonstration bank's pages, with the whole product running behind them.

chat = Visitor(page, origin).sign_in("demo-m1-first", "zh").open_chat()
answer = chat.ask("刚发现卡逾期了，我该怎么处理")
answer = chat.press("怎么还款")
assert answer.problems(figures) == []
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import List

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator

from bank.client import BankClient
from tests.browser.case import Case
from tests.browser.figures import Figures, figures_of

ANSWER_MS = 60_000  # the machine may be slow

_READ = """() => {
  const root = document.querySelector("overdue-assistant").shadowRoot;
  root.querySelectorAll("details").forEach((one) => { one.open = true; });
  const items = [...root.querySelectorAll("li.message")];
  const answers = items.slice(items.map((one) => one.classList.contains("user")).lastIndexOf(true) + 1);
  const parts = answers.flatMap((one) => [...one.querySelectorAll(":scope > :not(.sr-only, .replies, .button)")]);
  const all = (selector) => answers.flatMap((one) => [...one.querySelectorAll(selector)]);
  return {
    texts: parts.map((one) => one.innerText),
    buttons: all(".reply:enabled").map((one) => one.innerText.trim()),
    links: all(".button").map((one) => one.innerText.trim()),
    cells: all("dt, dd, th, td, caption, summary, .figure p, .card-head *, .card-note").map((one) =>
      one.innerText.trim()),
  };
}"""

_TRANSCRIPT = """() => {
  const root = document.querySelector("overdue-assistant").shadowRoot;
  root.querySelectorAll("details").forEach((one) => { one.open = true; });
  return [...root.querySelectorAll("li.message")].map((one) => one.innerText.trim());
}"""

_ANSWERED = """(asked) => {
  const root = document.querySelector("overdue-assistant").shadowRoot;
  const items = [...root.querySelectorAll("li.message")];
  return root.querySelectorAll("li.user").length === asked && !root.querySelector("li.user.sending")
    && items.at(-1).matches(".bot, .failed") && root.querySelector(".typing").hidden;
}"""

_LAYOUT = """() => {
  const root = document.querySelector("overdue-assistant").shadowRoot;
  const items = [...root.querySelectorAll("li.message")];
  const answers = items.slice(items.map((one) => one.classList.contains("user")).lastIndexOf(true) + 1);
  const all = (selector) => answers.flatMap((one) => [...one.querySelectorAll(selector)]);
  const problems = [];
  const wider = (node) => node.scrollWidth - node.clientWidth > 1;
  if (document.documentElement.scrollWidth > innerWidth) problems.push("the page scrolls sideways");
  if (wider(root.querySelector(".scroller"))) problems.push("the chat scrolls sideways");
  for (const selector of [".bubble", ".card", ".reply"]) {
    for (const node of all(selector)) {
      if (wider(node)) problems.push(`${selector} is too wide: ${node.innerText.slice(0, 60)}`);
    }
  }
  // A short text that would fit on a line of a card has to stay on one.
  for (const node of all("dt, dd, th, td, summary, .figure p")) {
    const text = [...node.childNodes].find((one) => one.nodeType === Node.TEXT_NODE);
    if (!text?.data.trim()) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const lines = new Set([...range.getClientRects()].map((one) => Math.round(one.top))).size;
    const width = [...text.data].reduce((sum, one) => sum + (one > "\\u2e80" ? 1 : 0.55), 0);
    const words = text.data.trim().split(/[\\s，。、；：（）]+|(?<=[\\u4e00-\\u9fff])(?=¥)/).length;
    const short = words === 1 ? width < 8 : width < 6;
    if (short && lines > 1) problems.push(`"${text.data}" is broken into ${lines} lines`);
  }
  return problems;
}"""

_CHINESE = re.compile(r"[\u3001-\u303f\u3400-\u9fff\uff01-\uff60]+")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
_REFERENCE = re.compile(r"\b[A-Z]{1,4}-\d[\w-]+")
_LATIN_IN_CHINESE = {"App"}
_UNREACHABLE = re.compile(r"Failed to load resource|WebSocket connection to|blocked by CORS policy")
_EMPTY = {"", "-", "–", "—", "--", "None", "null", "undefined", "NaN"}


@dataclass(frozen=True)
class Answer:
    """What the assistant answered to the latest message, as it stands on the screen, with all parts opened."""

    texts: List[str]
    buttons: List[str]
    links: List[str]
    cells: List[str]

    @property
    def text(self) -> str:
        """All that can be read, buttons apart."""
        return "\n".join(self.texts)

    def __contains__(self, text: str) -> bool:
        return text in self.text

    def problems(self, language: str, figures: Figures) -> List[str]:
        """What is wrong with it: figures that the bank did not give, gaps, words of another language (names apart)."""
        return [*self._gaps(), *self._foreign_words(language, figures), *figures.unknown_in(self.text, language)]

    def _gaps(self) -> List[str]:
        found = [f"an empty cell: {cell!r}" for cell in self.cells if cell in _EMPTY]
        found += re.findall(r"\{\w*\}|undefined|\[object|\bNaN\b|utter_\w+", "\n".join([self.text, *self.buttons]))
        return found if self.texts else ["nothing is said", *found]

    def _foreign_words(self, language: str, figures: Figures) -> List[str]:
        text = "\n".join([self.text, *self.buttons, *self.links])
        for name in sorted(figures.names, key=len, reverse=True):
            text = text.replace(name, "")
        if language == "en":
            return [f"Chinese in an English answer: {words}" for words in _CHINESE.findall(text)]
        words = set(_LATIN_WORD.findall(_REFERENCE.sub("", text))) - _LATIN_IN_CHINESE
        return [f"English in a Chinese answer: {word}" for word in sorted(words)]


class Visitor:
    """Somebody with a browser on the bank's pages."""

    def __init__(self, context: BrowserContext, origin: str, *, outages: bool = False) -> None:
        self.context = context
        self.origin = origin
        self.page = context.new_page()
        self.errors: List[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self._outages = outages
        self.page.on("console", self._heed)
        self.launcher = self.page.locator(".launcher")
        self.panel = self.page.locator("dialog.panel")
        self.messages = self.page.locator("li.message")

    def _heed(self, said: ConsoleMessage) -> None:
        expected = self._outages and _UNREACHABLE.search(said.text)
        if said.type == "error" and not expected:
            self.errors.append(said.text)

    def visit(self, path: str = "/", language: str = "zh") -> "Visitor":
        """Open a page of the bank and choose its language."""
        self.page.goto(f"{self.origin}{path}")
        self._choose_language(language)
        return self

    def sign_in(self, customer: str, language: str = "zh") -> "Visitor":
        """Sign in by the bank's page as the customer, and choose the page's language."""
        self.page.goto(f"{self.origin}/sign-in")
        self.page.locator(f"button[value={customer}]").click()
        self.page.wait_for_url("**/home")
        self._choose_language(language)
        return self

    def sign_out(self) -> "Visitor":
        """Sign out by the bank's page."""
        self.page.locator("form[action='/sign-out'] button").click()
        self.page.wait_for_url(f"{self.origin}/")
        return self

    def _choose_language(self, language: str) -> None:
        self.launcher.wait_for()
        # The page's script gives the title; before that, a click on its language button does nothing.
        self.page.wait_for_function("document.title && !document.title.includes('Demonstration')")
        if not self._speaks(language):
            self.page.locator("#language").click()
        assert self._speaks(language)

    def _speaks(self, language: str) -> bool:
        return bool(self.page.evaluate("document.querySelector('overdue-assistant').language") == language)

    def open_chat(self) -> "Visitor":
        """Open the chat and wait for the greeting or the conversation so far."""
        self.launcher.click()
        self.messages.first.wait_for(timeout=ANSWER_MS)
        self.page.locator(".typing").wait_for(state="hidden", timeout=ANSWER_MS)
        return self

    def close_chat(self) -> "Visitor":
        """Close the chat."""
        self.page.keyboard.press("Escape")
        self.panel.wait_for(state="hidden")
        return self

    @property
    def text(self) -> Locator:
        """Where the customer writes: the text, or the one-time code."""
        return self.page.locator(".composer .input:not([hidden])")

    def ask(self, text: str) -> Answer:
        """Write a message and wait for the answer."""
        said = self.page.locator("li.user").count()
        self.write(text)
        return self.await_answer(said + 1)

    def write(self, text: str) -> None:
        """Write and send a message, without waiting."""
        self.text.fill(text)
        self.text.press("Enter")

    def press(self, title: str) -> Answer:
        """Press a button of the latest answer and wait for what it leads to."""
        said = self.page.locator("li.user").count()
        self.button(title).click()
        return self.await_answer(said + 1)

    def button(self, title: str) -> Locator:
        """A button of the latest answer."""
        return self.page.locator(".replies:not(.used)").get_by_role("button", name=title, exact=True)

    def answer(self) -> Answer:
        """The latest answer."""
        return Answer(**self.page.evaluate(_READ))

    def await_answer(self, asked: int) -> Answer:
        """Wait until message number `asked` of the customer is answered."""
        self.page.wait_for_function(_ANSWERED, arg=asked, timeout=ANSWER_MS)
        return self.answer()

    def transcript(self) -> List[str]:
        """Every message, as shown with all parts opened."""
        shown: List[str] = self.page.evaluate(_TRANSCRIPT)
        return shown

    def code_from_phone(self, masked_phone: str) -> str:
        """Look the newest one-time code up on the page that stands for the customers' phones."""
        phone = self.context.new_page()
        phone.goto(f"{self.origin}/sms")
        newest = phone.locator("#sms li").filter(has_text=masked_phone).first.inner_text()
        phone.close()
        found = re.search(r"(?<!\d)\d{6}(?!\d)", newest)
        assert found, "the newest message holds no code"
        return found.group()

    def layout_problems(self) -> List[str]:
        """What does not fit: sideways scrolling, texts cut off, short texts broken in the middle."""
        problems: List[str] = self.page.evaluate(_LAYOUT)
        return problems

    def everything_on_the_page(self) -> str:
        """All that the page holds, visible or not, the chat included, and what the browser keeps for it."""
        held: str = self.page.evaluate(
            """() => [document.documentElement.outerHTML,
                 document.querySelector("overdue-assistant")?.shadowRoot.innerHTML ?? "",
                 JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage})].join("\\n")"""
        )
        return held


@dataclass
class Talk(Case):
    """A signed-in customer's conversation beside what the bank says of the customer; every answer is checked."""

    visitor: Visitor
    language: str
    customer: str
    bank: BankClient

    def __call__(self, *, zh: str, en: str) -> Answer:
        """Write the sentence in this customer's language."""
        return self.check(self.visitor.ask(self.word(zh=zh, en=en)))

    def press(self, *, zh: str, en: str) -> Answer:
        """Press the button with this title."""
        return self.check(self.visitor.press(self.word(zh=zh, en=en)))

    def without_reason(self, answer: Answer) -> Answer:
        """Keep the reason to oneself if it was asked: that is done once in a conversation, which goes on over tests."""
        declined = self.word(zh="不方便说", en="I'd rather not say")
        return self.check(self.visitor.press(declined)) if declined in answer.buttons else answer

    def enter_code(self) -> Answer:
        """Look the code up on the phone and enter it."""
        return self.check(
            self.visitor.ask(self.visitor.code_from_phone(self.bank.customer(self.customer).masked_phone))
        )

    def check(self, answer: Answer) -> Answer:
        """Nothing but the bank's figures, one language, no gaps, and all of it fits the screen."""
        problems = answer.problems(self.language, figures_of(self.bank, self.customer))
        assert problems == [], self.visitor.transcript()[-6:]
        assert self.visitor.layout_problems() == []
        return answer
