"""The console's page of insights: what it shows is what happened, in words, tables and charts."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Dict, Iterator, List

import pytest
from playwright.sync_api import Locator, expect

from common import clock
from common.database import Database
from desk.tables import metadata
from tests.browser.conftest import OpenConsole
from tests.browser.console import Console
from tests.browser.desk_place import DeskPlace
from tests.test_desk.floor import MONDAY, Floor
from tests.test_desk.insights_by_hand import tables_by_hand
from tests.test_desk.insights_history import History, made_up
from tests.test_desk.insights_place import Place

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
HISTORY = made_up(4, 15)
_TABLES = (
    "conversations handovers topics understanding reasons requests promises reminders waiting ratings "
    "ratings_assistant sentences"
).split()
_CHART = """(canvas) => {
  const { labels, datasets } = Chart.getChart(canvas).data;
  return { labels, series: Object.fromEntries(datasets.map(({ label, data }) => [label, data])) };
}"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskPlace]:
    """A desk that has a past, of which the bank was asked while it could be reached."""
    var_dir = tmp_path_factory.mktemp("desk")
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(1) as elsewhere:
        url = f"sqlite:///{var_dir / 'desk.db'}"
        floor = Floor(Database(url, metadata), url, MONDAY)
        floor.database.prepare()

        def now() -> datetime:
            return floor.now

        patch.setattr(clock, "now", now)
        past = Place(floor, HISTORY, f"sqlite:///{var_dir / 'outreach.db'}", f"sqlite:///{var_dir / 'events.db'}")
        elsewhere.submit(asyncio.run, past.live_through()).result(120)
        past.close()
    running = DeskPlace(var_dir, DESK_FEED_DAYS="36500")
    running.agent("li.na", "李娜")
    running.agent("chen", "陈静", role="supervisor")
    yield running
    running.stop()


def by_hand(history: History, by: str = "day", **wanted: str) -> Dict[str, Any]:
    def fits(traits: Dict[str, str]) -> bool:
        return all(traits[name] == value for name, value in wanted.items())

    return tables_by_hand(history, by=by, first=FIRST, last=LAST, fits=fits)


def look(console: Console) -> Console:
    """Open the page and choose November."""
    console.page.goto(f"{console.origin}/#/insights")
    choose(console, **{"from": FIRST.isoformat(), "to": LAST.isoformat()})
    return console


def choose(console: Console, **wanted: str) -> None:
    expect(console.page.locator(".insights[aria-busy=false] .filters input")).to_have_count(2)
    for name, value in wanted.items():
        field = console.page.locator(f".filters [name={name}]")
        with console.page.expect_response(lambda answer: "/api/insights?" in answer.url) as answered:
            if name in ("from", "to"):
                field.fill(value)
            else:
                field.select_option(value)
        assert answered.value.ok, answered.value.text()
    expect(console.page.locator(".insights[aria-busy=false]")).to_be_visible()


def section(console: Console, name: str) -> Locator:
    return console.page.locator(f".insight[data-table={name}]")


def cells(console: Console, name: str) -> List[List[str]]:
    rows = section(console, name).locator("tbody tr").all()
    return [row.locator("td").all_inner_texts() for row in rows]


def figures(console: Console) -> Dict[str, str]:
    tiles = console.page.locator(".figure").all()
    return {tile.locator(".figure-label").inner_text(): tile.locator(".figure-value").inner_text() for tile in tiles}


def percent(share: float) -> str:
    tenths = (Decimal(str(share)) * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{tenths}".removesuffix(".0") + "%"


def test_every_table_has_its_figures_its_definition_and_a_chart(agent: OpenConsole, place: DeskPlace) -> None:
    console = look(agent("chen"))
    counted = by_hand(HISTORY)
    for name in _TABLES:
        expect(section(console, name).locator("header p").first).not_to_be_empty()
        if name != "sentences":
            canvas = section(console, name).locator("canvas[role=img]")
            expect(canvas).to_have_attribute("aria-label", re.compile("图表：.+"))
            assert len(cells(console, name)) == len(counted[name])
    found = cells(console, "conversations")
    numbers = ("conversations", "contained", "handed_over")
    assert [row[1:4] for row in found] == [[str(row[each]) for each in numbers] for row in counted["conversations"]]
    assert [row[4] for row in found] == [percent(row["contained_share"]) for row in counted["conversations"]]
    together = by_hand(HISTORY, by="all")
    shown = figures(console)
    assert shown["对话"] == str(together["conversations"][0]["conversations"])
    assert shown["助手独立完成"] == percent(together["conversations"][0]["contained_share"])
    assert shown["听懂"] == percent(together["understanding"][0]["understood_share"])
    assert shown["承诺履行"] == percent(together["promises"][0]["kept_share"])


def test_charts_show_what_the_tables_say(agent: OpenConsole, place: DeskPlace) -> None:
    console = look(agent("chen"))
    choose(console, by="channel")
    counted = by_hand(HISTORY, by="channel")
    expect(section(console, "conversations").locator("canvas")).to_be_visible()
    charts = {}
    for name in _TABLES[:-1]:
        canvas = section(console, name).locator("canvas")
        console.page.wait_for_function("(node) => globalThis.Chart?.getChart(node)", arg=canvas.element_handle())
        charts[name] = canvas.evaluate(_CHART)
    assert list(charts["conversations"]["series"].values()) == [
        [row["contained"] for row in counted["conversations"]],
        [row["handed_over"] for row in counted["conversations"]],
    ]
    assert charts["reasons"]["series"] == {"对话": [row["conversations"] for row in counted["reasons"]]}
    assert charts["waiting"]["series"]["中位数"] == [(row["median"] or 0) / 60 for row in counted["waiting"]]
    assert sum(map(sum, charts["requests"]["series"].values())) == sum(row["requests"] for row in counted["requests"])
    assert charts["reminders"]["series"]["已还款"] == [row["paid"] for row in counted["reminders"]]


def test_filters_choose_what_is_counted(agent: OpenConsole, place: DeskPlace) -> None:
    console = look(agent("chen"))
    choose(console, channel="wechat", language="en", by="bucket")
    counted = by_hand(HISTORY, by="bucket", channel="wechat", language="en")
    found = [[row[1], row[3]] for row in cells(console, "conversations")]
    assert found == [[str(row["conversations"]), str(row["handed_over"])] for row in counted["conversations"]]
    assert len(cells(console, "understanding")) == len(counted["understanding"])


def test_downloads_are_the_same_tables_and_sentences_go_on_record(agent: OpenConsole, place: DeskPlace) -> None:
    console = look(agent("chen"))
    with console.page.expect_download() as taken:
        section(console, "understanding").get_by_role("link").click()
    rows = list(csv.DictReader(io.StringIO(taken.value.path().read_text("utf-8-sig"))))
    assert [{**row, "understood_share": float(row["understood_share"])} for row in rows] == [
        {name: value if name in ("group", "understood_share") else str(value) for name, value in row.items()}
        for row in by_hand(HISTORY)["understanding"]
    ]
    with console.page.expect_download() as taken:
        section(console, "sentences").get_by_role("link", name="YML").click()
    text = taken.value.path().read_text("utf-8")
    assert "to_be_labelled" in text
    assert "13812345678" not in text
    console.page.goto(f"{console.origin}/#/audit")
    expect(console.page.locator("desk-audit tbody tr", has_text="导出了没听懂的话")).to_have_count(1)


def test_it_speaks_english_and_nothing_has_to_be_scrolled_sideways(agent: OpenConsole, place: DeskPlace) -> None:
    console = look(agent("chen", {"viewport": {"width": 820, "height": 1180}}))
    console.page.get_by_role("button", name="English").click()
    expect(section(console, "waiting").locator("header")).to_contain_text("From the wish to an agent's first word")
    assert console.page.evaluate("document.querySelector('.insights').scrollWidth") <= 820


def test_agents_do_not_see_it(agent: OpenConsole, place: DeskPlace) -> None:
    console = agent("li.na")
    expect(console.page.locator(".bar nav a", has_text="洞察")).to_have_count(0)
    console.page.goto(f"{console.origin}/#/insights")
    expect(console.page.locator("desk-workspace")).to_be_visible()
    answer = console.page.request.get(f"{console.origin}/api/insights")
    assert answer.status == 403
