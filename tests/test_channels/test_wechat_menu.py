"""The Official Account's menu: what stands in the file, what is wrong with a file, and how it is published."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List

import pytest
import yaml

from channels.wechat import menu
from common.settings import ROOT, settings
from tests.test_channels.platform_stub import Stub

CREATE = "/cgi-bin/menu/create"


def written(folder: Path, entries: Any) -> Path:
    file = folder / "menu.yml"
    file.write_text(yaml.safe_dump({"menu": entries}, allow_unicode=True), encoding="utf-8")
    return file


def entry(**changes: Any) -> Dict[str, Any]:
    return {"name": "账单", "key": "bill", "payload": "/ask_amount_due", **changes}


def test_entries_of_the_product_say_what_the_assistant_understands() -> None:
    intents = {
        each if isinstance(each, str) else next(iter(each))
        for each in yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["intents"]
    }
    entries = list(menu.pressed(menu.load()))
    assert entries
    assert {each.payload[1:] for each in entries} <= intents


def test_menu_has_bill_ways_and_a_person() -> None:
    said = [[each.payload for each in menu.pressed([top])] for top in menu.load()]
    assert len(said) == 3
    assert "/ask_amount_due" in said[0]
    assert {"/ask_repayment_channels", "/request_instalment"} <= set(said[1])
    assert said[2] == ["/request_human"]


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [entry(key=str(number)) for number in range(4)],
        [entry(), entry()],
        [entry(name="六个汉字太长")],
        [entry(name="")],
        [entry(payload="")],
        [entry(key="")],
        [entry(payload="ask_amount_due")],
        [entry(key="k" * 129)],
        [entry(url="https://bank.example")],
        [{"name": "账单"}],
        [{"name": "账单", "url": "https://bank.example/" + "x" * 1024}],
        [{"name": "账单", "below": [entry(key=str(number)) for number in range(6)]}],
        [{"name": "账单", "below": [entry(name="字" * 21)]}],
        [{"name": "账单", "below": [{"name": "more", "below": [entry()]}]}],
        [entry(colour="red")],
        ["账单"],
    ],
)
def test_menu_that_wechat_would_refuse_is_told_before(tmp_path: Path, entries: List[Any]) -> None:
    with pytest.raises(ValueError, match="menu|bytes|entries|key|payload|fields"):
        menu.load(written(tmp_path, entries))


async def test_menu_is_published_as_wechat_wants_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub = await Stub().start()
    stub.replies["/cgi-bin/stable_token"] = stub.give_token
    for name, value in {
        "var_dir": tmp_path,
        "wechat_app_id": "wx1",
        "wechat_app_secret": "s",
        "wechat_api_url": stub.url,
    }.items():
        monkeypatch.setattr(settings(), name, value)
    page = {"name": "网页", "url": "https://bank.example"}
    await menu.publish(menu.load(written(tmp_path, [{"name": "账单", "below": [entry(name="欠多少"), page]}])))
    (call,) = stub.of(CREATE)
    below = [
        {"type": "click", "name": "欠多少", "key": "bill"},
        {"type": "view", "name": "网页", "url": "https://bank.example"},
    ]
    assert call.body == {"button": [{"name": "账单", "sub_button": below}]}
    assert "账单".encode() in call.raw
    await stub.stop()


def test_command_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(settings(), "var_dir", tmp_path)
    monkeypatch.setattr(settings(), "wechat_app_id", None)
    assert menu.main() == 1
    assert "WECHAT_APP_ID" in capsys.readouterr().err
