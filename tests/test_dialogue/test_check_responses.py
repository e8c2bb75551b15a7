"""The lint of what customers read: it finds what is planted, and lets pass what is said now."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List

import pytest
import yaml

from benchmarks.check_responses import WORDING, Wording, findings, main, read_responses

CLEAN = {"zh": {"text": "您好，要还 {due}。"}, "en": {"text": "Hello, {due} is due."}}


def response(zh: Dict[str, Any], en: Dict[str, Any]) -> List[Dict[str, Any]]:
    return [
        {"condition": [{"type": "slot", "name": "language", "value": language}], **said}
        for language, said in (("zh", zh), ("en", en))
    ]


def found_in(folder: Path, variations: List[Dict[str, Any]], wording: str = "", name: str = "utter_test") -> List[str]:
    """What is wrong with this response, without where it stands."""
    path = folder / "domain.yml"
    path.write_text(yaml.safe_dump({"responses": {name: variations}}, allow_unicode=True), encoding="utf-8")
    rules = folder / "wording.yml"
    content = yaml.safe_load(wording or WORDING.read_text(encoding="utf-8"))
    if not wording:  # the project's exceptions name the project's responses
        content["forbidden"] = [{**ban, "except": []} for ban in content["forbidden"]]
    rules.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return [line.split(f"{name}: ", 1)[-1] for line in findings(read_responses([path]), Wording.read(rules))]


def said(folder: Path, *, zh: str = "", en: str = "") -> List[str]:
    return found_in(folder, response({"text": zh or CLEAN["zh"]["text"]}, {"text": en or "Hello, {due} is due."}))


def test_the_project_s_own_responses_are_clean(capsys: pytest.CaptureFixture[str]) -> None:
    assert (main([]), capsys.readouterr().out) == (0, "")


def test_a_clean_response_is_no_finding(tmp_path: Path) -> None:
    assert found_in(tmp_path, response(CLEAN["zh"], CLEAN["en"])) == []


@pytest.mark.parametrize("order", [("en", "zh"), ("zh",), ("en",), ("zh", "en", "zh")])
def test_both_languages_are_there_once_chinese_first(tmp_path: Path, order: Any) -> None:
    by_language = dict(zip(("zh", "en"), response(CLEAN["zh"], CLEAN["en"]), strict=True))
    (finding,) = found_in(tmp_path, [by_language[language] for language in order])
    assert "it needs one for zh, then one for en" in finding


def test_a_variation_for_no_language_is_found(tmp_path: Path) -> None:
    assert "has variations for [None]" in found_in(tmp_path, [{"text": "您好"}])[0]


def test_chinese_in_english_is_found(tmp_path: Path) -> None:
    assert said(tmp_path, en="Hello 您好, {due} is due.")[0].startswith("English holds Chinese")


def test_a_value_in_one_language_only_is_found(tmp_path: Path) -> None:
    assert said(tmp_path, en="Hello.") == ["the languages differ in their placeholders: {due}"]


def test_a_button_in_one_language_only_is_found(tmp_path: Path) -> None:
    button = {"title": "Person", "payload": "/request_human"}
    both = response(CLEAN["zh"], {**CLEAN["en"], "buttons": [button]})
    assert found_in(tmp_path, both) == ["the languages differ in their buttons, rows or other parts"]


def test_buttons_that_lead_to_different_places_are_found(tmp_path: Path) -> None:
    zh, en = ({"text": "—", "buttons": [{"title": "x", "payload": to}]} for to in ("/affirm", "/deny"))
    assert found_in(tmp_path, response(zh, en)) == ["the languages differ in their buttons, rows or other parts"]


@pytest.mark.parametrize(
    ("language", "text", "word"),
    [
        ("zh", "要交滞纳金 {due}。", "滞纳金"),
        ("zh", "不还 {due} 会坐牢。", "坐牢"),
        ("zh", "银行会起诉您，{due}。", "起诉"),
        ("zh", "放心，{due} 不会进黑名单。", "黑名单"),
        ("zh", "您会成为失信人，{due}。", "失信"),
        ("zh", "{due} 一定批准。", "一定批准"),
        ("zh", "我保证 {due}。", "保证"),
        ("en", "A waiver of {due} is guaranteed.", "guaranteed"),
        ("en", "Pay {due} or go to Jail.", "Jail"),
        ("en", "{due}: you would be blacklisted.", "blacklisted"),
        ("en", "Pay {due} immediately.", "immediately"),
        ("en", "The APR on {due}.", "APR"),
        ("zh", "您在 M2，{due}。", "M2"),
        ("zh", "账龄和 {due}。", "账龄"),
    ],
)
def test_forbidden_words_are_found_with_their_reason(tmp_path: Path, language: str, text: str, word: str) -> None:
    finding = said(tmp_path, **{language: text})[0]
    assert finding.startswith(f"says '{word}' in")
    assert len(finding.split(". ", 1)[1]) > 20 or "Jargon: say" in finding or "Blames" in finding


@pytest.mark.parametrize(
    "text", ["We issued {due}.", "Your pursued plan, {due}.", "{bucket} {due}", "An apricot for {due}."]
)
def test_words_that_only_hold_a_forbidden_one_pass(tmp_path: Path, text: str) -> None:
    zh = "{bucket} {due}" if "{bucket}" in text else CLEAN["zh"]["text"]
    assert said(tmp_path, zh=zh, en=text) == []


_RULES = """
forbidden: [{why: abolished, words: [滞纳金], except: [%s]}]
jargon: [{words: [xyzzy], say: hello}]
figures: [{pattern: '12356', what: helpline}]
lengths: {sentence: {zh: 50, en: 30}, text: {zh: 120, en: 380}, button: {zh: 12, en: 24}, buttons: 2}
"""


def test_an_exempt_response_may_explain_the_customer_s_word(tmp_path: Path) -> None:
    explained = response({"text": "滞纳金现在叫违约金。"}, {"text": "It is a late fee."})
    assert found_in(tmp_path, explained, _RULES % "utter_test") == []
    assert len(found_in(tmp_path, explained, _RULES % "")) == 1


def test_an_exemption_for_no_response_is_found(tmp_path: Path) -> None:
    found = found_in(tmp_path, response(CLEAN["zh"], CLEAN["en"]), _RULES % "utter_gone")
    assert found == ["data/wording.yml: exempts utter_gone, which is no response"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "要还 {due}，另加 500 元。"),
        ("zh", "年化利率 18%，{due}。"),
        ("zh", "{due}，每天万分之五，共三百元。"),
        ("en", "It costs ¥5 or {due}."),
        ("en", "Call 95588 about {due}."),
    ],
)
def test_figures_that_are_written_out_are_found(tmp_path: Path, language: str, text: str) -> None:
    (finding,) = said(tmp_path, **{language: text})
    assert finding.startswith("writes out a figure that should be a value")


def test_listed_figures_and_values_pass(tmp_path: Path) -> None:
    assert said(tmp_path, zh="请拨打 12356，{due}，例如“12期”。", en="Call 12356, {due}, for example “12”.") == []


@pytest.mark.parametrize(
    ("language", "text", "finding"),
    [
        ("zh", "长" * 51 + "{due}。", "a sentence of 53 characters"),
        ("en", "word " * 31 + "{due}.", "a sentence of 32 words"),
        ("zh", "短句。" * 40 + "{due}", "a text of 125 characters"),
    ],
)
def test_what_runs_on_is_found(tmp_path: Path, language: str, text: str, finding: str) -> None:
    assert said(tmp_path, **{language: text})[0].startswith(finding)


def test_long_buttons_and_too_many_are_found(tmp_path: Path) -> None:
    button = {"title": "一二三四五六七八九十一二三", "payload": "/affirm"}
    other = {"title": "exactly twenty-four char", "payload": "/affirm"}
    zh, en = {"text": "选", "buttons": [button] * 3}, {"text": "Choose", "buttons": [other] * 3}
    found = found_in(tmp_path, response(zh, en), _RULES % "")
    assert found.count("a button of 13 characters: '一二三四五六七八九十一二三'") == 3
    assert "3 buttons in zh" in found
    assert "3 buttons in en" in found
    assert len(found) == 5


def test_a_button_whose_title_is_a_value_is_measured_elsewhere(tmp_path: Path) -> None:
    button = {"title": "{reading_that_may_be_long}", "payload": "/affirm"}
    zh, en = ({"text": "—", "custom": {"buttons": [{"each": "readings", "item": button}]}} for _ in range(2))
    assert found_in(tmp_path, response(zh, en)) == []


def test_a_finding_says_file_line_and_response(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "domain.yml"
    path.write_text('version: "3.1"\nresponses:\n  utter_one:\n  - text: "坐牢"\n', encoding="utf-8")
    assert main([str(path), "--wording", str(_rules(tmp_path))]) == 1
    assert capsys.readouterr().out.startswith(f"{path}:3: utter_one: has variations for [None]")


def _rules(folder: Path) -> Path:
    path = folder / "rules.yml"
    path.write_text(_RULES % "", encoding="utf-8")
    return path
