"""Sentences to label: nobody can be found by them, and they are read as training data."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, List

import pytest
from rasa.shared.nlu.training_data.loading import load_data

from benchmarks.evaluate import BadInput, read_table
from desk.insights.anonymous import anonymous
from desk.insights.labelling import PLACEHOLDER, as_tsv, as_yaml
from desk.pages import STATIC

ROWS: List[Dict[str, Any]] = [
    {"text": '这个：怎么- "弄"？', "language": "zh", "kind": "fallback", "times": 3, "last_day": "x", "chosen": None},
    {
        "text": "[number] what's this: #1",
        "language": "en",
        "kind": "two_readings",
        "times": 1,
        "last_day": "x",
        "chosen": "ask_late_fee",
    },
]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("卡号6222021234567890123扣错了", "卡号[number]扣错了"),
        ("打138 1234 5678给我", "打[number]给我"),
        ("身份证11010519491231002X", "身份证[number]"),
        ("验证码是 482913", "验证码是 [number]"),
        ("座机 0755-83321234", "座机 [number]"),
        ("我叫王小明，想分期", "我叫某某，想分期"),
        ("本人李雷要求停息", "本人某某求停息"),
        ("我是张伟。", "我是某某。"),
        ("欧阳先生在吗", "某先生在吗"),
        ("陈经理说可以", "某经理说可以"),
        ("My name is John Smith and I owe 800", "My name is [name] and I owe 800"),
        ("my name is wei", "my name is [name]"),
        ("this is Li Lei, hello", "this is [name], hello"),
        ("ask Ms. Wang please", "ask Ms. [name] please"),
        ("write to li.lei@example.com", "write to [mail]"),
        ("微信号 lilei_88", "微信号 [account]"),
        ("see https://example.com/?id=7", "see [link]"),
        ("two\nlines\tand tabs", "two lines and tabs"),
    ],
)
def test_who_wrote_it_cannot_be_found_by_it(said: str, kept: str) -> None:
    assert anonymous(said) == kept
    assert anonymous(kept) == kept


@pytest.mark.parametrize(
    "said",
    [
        "每个月能还 800",
        "2026-11-25 前还 1200.50",
        "分 12 期要多少",
        "I am overdue by 30 days",
        "我是第一次逾期",
        "高利息吗",
    ],
)
def test_what_is_worth_learning_stays(said: str) -> None:
    assert anonymous(said) == said


def test_the_yaml_is_rasas(tmp_path: Path) -> None:
    file = tmp_path / "sentences.yml"
    file.write_text(as_yaml(ROWS), "utf-8")
    read = load_data(str(file)).intent_examples
    assert {(each.get("text"), each.get("intent")) for each in read} == {(row["text"], PLACEHOLDER) for row in ROWS}
    assert sorted(each.get("metadata")["example"]["times"] for each in read) == [1, 3]


def test_the_table_is_what_evaluate_reads_once_it_is_labelled(tmp_path: Path) -> None:
    file = tmp_path / "sentences.tsv"
    file.write_text(as_tsv(ROWS), "utf-8")
    with pytest.raises(BadInput, match=PLACEHOLDER):
        read_table(file, frozenset({"ask_late_fee"}))
    file.write_text(as_tsv(ROWS).replace(PLACEHOLDER, "ask_late_fee"), "utf-8")
    read = read_table(file, frozenset({"ask_late_fee"}))
    assert [(each.text, each.lang) for each in read] == [(row["text"], row["language"]) for row in ROWS]


def test_libraries_of_the_console_have_their_licence_and_are_those_that_are_loaded() -> None:
    vendor = STATIC / "vendor"
    loaded = re.findall(r'"\.\./vendor/(.+\.js)"', (STATIC / "lib" / "charts.js").read_text("utf-8"))
    assert loaded == [file.relative_to(vendor).as_posix() for file in vendor.rglob("*.js")]
    for folder in {(vendor / file).parent for file in loaded}:
        assert "MIT License" in (folder / "LICENSE").read_text("utf-8")
