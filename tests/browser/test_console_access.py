"""The console for everyone: names, contrast, focus, announcements, narrow windows, both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenConsole
from tests.browser.console import TABLET, Console
from tests.browser.desk_place import DeskPlace

_NAMELESS = """() => [...document.querySelectorAll("button, a[href], input, select, textarea, summary, [role=tab]")]
  .filter((node) => node.checkVisibility())
  .filter((node) => {
    const labels = [...(node.labels ?? [])].map((one) => one.textContent).join("");
    const ids = (node.getAttribute("aria-labelledby") ?? "").split(" ");
    const by = ids.map((id) => document.getElementById(id)?.textContent);
    const own = ["SELECT", "INPUT", "TEXTAREA"].includes(node.tagName) ? "" : node.textContent;
    return !(node.getAttribute("aria-label") || labels || by.join("") || own).trim();
  })
  .map((node) => node.outerHTML.slice(0, 120))"""

# WCAG 2.2, 1.4.3: 4.5, and 3 for large text; of what is disabled nothing is asked.
_PALE = """() => {
  const channel = (value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * channel(r / 255) + 0.7152 * channel(g / 255) + 0.0722 * channel(b / 255);
  const parse = (text) => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return [r, g, b, a]; };
  const over = ([r, g, b, a], under) => [r, g, b].map((value, i) => value * a + under[i] * (1 - a));
  const up = (node) => node.parentElement ?? node.getRootNode().host ?? null;
  const back = (node) => {
    if (!node) return [255, 255, 255];
    const own = parse(getComputedStyle(node).backgroundColor);
    return own[3] === 1 ? own.slice(0, 3) : over(own, back(up(node)));
  };
  const roots = [document, ...[...document.querySelectorAll("desk-shown-card")].map((one) => one.shadowRoot)];
  const pale = [];
  for (const root of roots) {
    const walker = document.createTreeWalker(root === document ? document.body : root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode.parentElement;
      if (!walker.currentNode.data.trim() || !node || !node.checkVisibility({ visibilityProperty: true })) continue;
      if (node.closest(":disabled, .sr-only, .skip, script, style, noscript, option")) continue;
      const style = getComputedStyle(node);
      const size = parseFloat(style.fontSize);
      const wanted = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
      const under = back(node);
      const [one, other] = [light(over(parse(style.color), under)), light(under)].sort((a, b) => b - a);
      const ratio = (one + 0.05) / (other + 0.05);
      const text = walker.currentNode.data.trim().slice(0, 30);
      if (ratio < wanted) pale.push(`${text}: ${ratio.toFixed(2)} (${node.className})`);
    }
  }
  return pale;
}"""


def at_work(console: Console, place: DeskPlace) -> None:
    """A conversation with everything in it, and others that wait."""
    for name, priority in (("赵一", "urgent"), ("钱二", "high"), ("孙三", "normal")):
        conversation = place.waiting(name, priority=priority, trigger="care" if priority == "urgent" else "asked_for")
        card = {"title": "尾号 6013", "figure": {"label": "应还总额", "value": "¥1,200.00"}, "note": "按最新账单"}
        place.bot_says(
            conversation, "您这期要还这些。", custom={"card": card}, buttons=[{"title": "分期", "payload": "/x"}]
        )
    console.claim("赵一")
    console.say("您好")
    expect(console.message("您好").locator(".delivery.sent")).to_be_attached()
    console.page.keyboard.press("Alt+n")
    console.page.keyboard.type("一句备注")
    console.page.keyboard.press("Enter")
    expect(console.message("一句备注")).to_be_visible()
    console.tab("排队")


PAGES = ("supervise", "insights", "search", "agents", "audit")


def test_every_control_has_a_name(agent: OpenConsole, place: DeskPlace) -> None:
    console = agent("root")
    at_work(console, place)
    found = {"chats": console.page.evaluate(_NAMELESS)}
    for number in (2, 3, 4):
        console.page.keyboard.press(f"Alt+{number}")
        found[f"side {number}"] = console.page.evaluate(_NAMELESS)
    for act in ("转接", "结束", "约回电"):
        console.press(act)
        expect(console.dialog).to_be_visible()
        found[act] = console.page.evaluate(_NAMELESS)
        console.page.keyboard.press("Escape")
        expect(console.dialog).to_have_count(0)
    for name in PAGES:
        console.page.goto(f"{place.origin}/#/{name}")
        expect(console.page.locator("h1")).to_be_visible()
        found[name] = console.page.evaluate(_NAMELESS)
    assert {page: nameless for page, nameless in found.items() if nameless} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(agent: OpenConsole, place: DeskPlace, scheme: str) -> None:
    console = agent("root", color_scheme=scheme)
    at_work(console, place)
    expect(console.page.locator(".summary section").first).to_be_visible()
    found = {"chats": console.page.evaluate(_PALE)}
    console.press("转接")
    expect(console.dialog).to_be_visible()
    found["dialog"] = console.page.evaluate(_PALE)
    console.page.keyboard.press("Escape")
    expect(console.dialog).to_have_count(0)
    console.page.keyboard.press("Alt+3")
    found["history"] = console.page.evaluate(_PALE)
    for name in PAGES:
        console.page.goto(f"{place.origin}/#/{name}")
        expect(console.page.locator("h1")).to_be_visible()
        console.page.wait_for_timeout(500)
        found[name] = console.page.evaluate(_PALE)
    assert {page: pale for page, pale in found.items() if pale} == {}


def test_what_happens_elsewhere_is_announced(agent: OpenConsole, place: DeskPlace) -> None:
    console = agent("li.na")
    said = console.page.locator("desk-console > .sr-only[role=log] > p")
    place.waiting("周五")
    expect(said).to_have_text(["周五 开始排队"])
    conversation = place.waiting("吴六")
    console.claim("吴六")
    log = console.page.get_by_role("log", name="对话内容")
    expect(log).to_have_attribute("aria-live", "polite")
    console.tab("排队").claim("周五")
    place.says(conversation, "我在等您")
    expect(said.filter(has_text="吴六：我在等您")).to_have_count(1)


def test_dialog_gives_the_focus_back(agent: OpenConsole, place: DeskPlace) -> None:
    console = agent("li.na")
    place.waiting("郑七")
    console.claim("郑七")
    console.press("结束")
    expect(console.dialog.get_by_label("结果")).to_be_focused()
    console.page.keyboard.press("Escape")
    expect(console.dialog).to_have_count(0)
    expect(console.acts.get_by_role("button", name="结束")).to_be_focused()


def test_on_a_tablet_the_details_slide_in_and_out(agent: OpenConsole, place: DeskPlace) -> None:
    console = agent("li.na", TABLET)
    place.waiting("王八")
    console.claim("王八")
    side = console.page.locator(".side-frame")
    expect(side).not_to_be_visible()
    console.page.get_by_role("button", name="资料").click()
    expect(side).to_be_visible()
    expect(side.get_by_role("tab", name="概况")).to_be_focused()
    console.page.keyboard.press("Escape")
    expect(side).not_to_be_visible()
    expect(console.reply).to_be_focused()


def test_at_twice_the_size_nothing_has_to_be_scrolled_sideways(agent: OpenConsole, place: DeskPlace) -> None:
    console = agent("li.na", {"viewport": {"width": 640, "height": 400}})
    place.waiting("冯九")
    console.claim("冯九")
    assert console.page.evaluate("document.documentElement.scrollWidth") <= 640
    expect(console.reply).to_be_in_viewport()
    console.page.get_by_role("button", name="队列").click()
    expect(console.page.locator(".queue-frame")).to_be_visible()


def test_language_changes_at_once_and_is_kept(agent: OpenConsole, place: DeskPlace) -> None:
    console = agent("li.na")
    place.waiting("陈十")
    console.claim("陈十").reply.fill("写了一半")
    console.page.get_by_role("button", name="English").click()
    expect(console.page).to_have_title("Agents' desk")
    expect(console.page.get_by_role("button", name="Hand back")).to_be_visible()
    expect(console.page.get_by_role("textbox", name="Reply to the customer")).to_have_value("写了一半")
    console.page.reload()
    expect(console.page.get_by_role("button", name="Hand back")).to_be_visible()
    assert console.page.locator("html").get_attribute("lang") == "en-GB"


def test_both_languages_have_the_same_words(agent: OpenConsole, place: DeskPlace) -> None:
    console = agent("li.na")
    missing = console.page.evaluate(
        """async () => {
          const { setLanguage, words } = await import("/console/strings.js");
          const isPart = (value) => value && typeof value === "object" && !Array.isArray(value);
          const names = (part, path = "") => Object.entries(part).flatMap(([name, value]) =>
            isPart(value) ? names(value, `${path}${name}.`) : [`${path}${name} ${typeof value}`]);
          const zh = new Set(names(words()));
          setLanguage("en");
          const en = new Set(names(words()));
          return [...zh].filter((name) => !en.has(name)).concat([...en].filter((name) => !zh.has(name)));
        }"""
    )
    assert missing == []
