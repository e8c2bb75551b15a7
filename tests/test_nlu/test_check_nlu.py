"""The checker of the training sentences: it finds what is planted, and lets pass what people write."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, List

import pytest

from benchmarks.check_nlu import Findings, Sentence, check, main, near_copies, read, similar_pairs


def write(folder: Path, language: str, intent: str, sentences: List[str]) -> None:
    path = folder / language / f"{intent}.yml"
    path.parent.mkdir(exist_ok=True)
    lines = "".join(f"    - {sentence}\n" for sentence in sentences)
    path.write_text(f'version: "3.1"\n\nnlu:\n- intent: {intent}\n  examples: |\n{lines}', encoding="utf-8")


def findings_in(folder: Path, sentences: Dict[str, List[str]], language: str = "zh") -> List[str]:
    for intent, examples in sentences.items():
        write(folder, language, intent, examples)
    findings = Findings()
    check(read(folder, findings), findings)
    return findings.lines


def test_the_project_s_own_sentences_are_clean(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([])
    assert (capsys.readouterr().out, ended.value.code) == ("", 0)


def test_different_sentences_are_no_finding(tmp_path: Path) -> None:
    sentences = {
        "request_instalment": ["可以分期吗", "账单太多想分几个月还"],
        "ask_credit_impact": ["会上征信吗", "信用报告要紧不"],
    }
    assert findings_in(tmp_path, sentences) == []


def test_a_sentence_of_two_meanings_is_found_whatever_its_characters(tmp_path: Path) -> None:
    found = findings_in(tmp_path, {"overdue_help": ["信用卡逾期了"], "report_hardship": ["信用卡愈期了！"]})
    assert found == ["zh/report_hardship.yml:6: means overdue_help in zh/overdue_help.yml:6: 信用卡愈期了！"]


def test_two_meanings_may_not_differ_by_a_number_only(tmp_path: Path) -> None:
    found = findings_in(tmp_path, {"cancel_application": ["改成三期"], "correct": ["改成6期"]})
    assert "zh/correct.yml:6: means cancel_application in zh/cancel_application.yml:6: 改成6期" in found


def test_one_sentence_may_not_have_another_meaning_in_the_other_language(tmp_path: Path) -> None:
    write(tmp_path, "en", "stop", ["cancel"])
    found = findings_in(tmp_path, {"cancel_application": ["Cancel"]})
    assert "en/stop.yml:6: means cancel_application in zh/cancel_application.yml:6: cancel" in found


def test_a_sentence_that_stands_twice_is_found(tmp_path: Path) -> None:
    found = findings_in(tmp_path, {"overdue_help": ["逾期了怎么办", "卡过期没还", "逾期了，怎么办？"]})
    assert found == ["zh/overdue_help.yml:8: stands in zh/overdue_help.yml:6 already: 逾期了，怎么办？"]


def test_an_almost_copy_with_another_meaning_is_found(tmp_path: Path) -> None:
    sentences = {
        "ask_late_fee": ["how is the interest on my overdue card worked out these days"],
        "ask_amount_due": ["how is the interest on my overdue card worked out these day"],
    }
    (found,) = findings_in(tmp_path, sentences, "en")
    assert "almost" in found


def test_short_sentences_may_differ_by_one_word(tmp_path: Path) -> None:
    assert findings_in(tmp_path, {"affirm": ["同意"], "deny": ["不同意"]})[-2:] == [
        "zh/affirm.yml: 1 sentences; at least 25",
        "zh/deny.yml: 1 sentences; at least 25",
    ]


def test_an_intent_made_by_a_template_is_found(tmp_path: Path) -> None:
    cities = ["北京", "上海", "广州", "深圳", "杭州", "成都", "武汉", "西安"]
    found = findings_in(
        tmp_path, {"overdue_help": [f"我住在{city}我的信用卡已经逾期好久了应该怎么办" for city in cities]}
    )
    assert found == [
        "zh/overdue_help.yml: 8 of 8 sentences are almost copies: lines 6, 7, 8, 9, 10, 11, 12, 13",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "我的手机是13800138000",
        "卡号 6222 0212 3456 7890 123",
        "身份证11010119900307123x",
        "打０１０-12345678找我",
        "电话幺三八零零幺三八零零零",
        "write to someone@example.com",
    ],
)
def test_personal_data_is_found(tmp_path: Path, text: str) -> None:
    assert len(findings_in(tmp_path, {"overdue_help": [text]})) == 1


@pytest.mark.parametrize(
    "text", ["尾号1234", "我欠12,345.67", "2025-12-01还", "验证码123456", "编号A20251121", "一二三四五"]
)
def test_numbers_that_customers_answer_with_are_no_personal_data(tmp_path: Path, text: str) -> None:
    assert findings_in(tmp_path, {"overdue_help": [text]}) == []


@pytest.mark.parametrize("text", ["还[3500](amount)", '分[12期]{"entity": "term"}', "还[3500(amount)"])
def test_marks_of_entities_are_found(tmp_path: Path, text: str) -> None:
    (found,) = findings_in(tmp_path, {"promise_to_pay": [text]})
    assert "brackets" in found


def test_a_want_with_far_fewer_sentences_than_another_is_found(tmp_path: Path) -> None:
    many = ["".join(chr(0x4E00 + 40 * number + step * step) for step in range(9)) for number in range(8)]
    found = findings_in(tmp_path, {"ask_autopay": many, "overdue_help": ["逾期了怎么办", "卡过期没还"]})
    assert found == ["zh/ask_autopay.yml: 8 sentences, but overdue_help has 2; at most 3.5 times as many"]


def test_a_line_that_is_no_sentence_and_a_file_with_another_name_are_found(tmp_path: Path) -> None:
    write(tmp_path, "zh", "overdue_help", ["逾期了怎么办"])
    path = tmp_path / "zh" / "overdue_help.yml"
    path.rename(path.with_name("ask_autopay.yml"))
    path.with_name("ask_autopay.yml").write_text(
        path.with_name("ask_autopay.yml").read_text(encoding="utf-8") + "   - 少一个空格\n", encoding="utf-8"
    )
    findings = Findings()
    read(tmp_path, findings)
    assert [line.split(": ")[0] for line in findings.lines] == ["zh/ask_autopay.yml:4", "zh/ask_autopay.yml:7"]


def test_pairs_are_the_same_as_those_of_comparing_all(tmp_path: Path) -> None:
    texts = [
        "信用卡还款日是哪一天呢",
        "信用卡还款日是哪一天啊",
        "我的信用卡还款日是哪一天呢",
        "完全是另外一句别的话而已",
    ]
    sentences = [Sentence("zh", "ask_due_date", text, f"zh/a.yml:{line}") for line, text in enumerate(texts)]
    pairs = {(pair.one.where[-1], pair.other.where[-1]) for pair in similar_pairs(sentences, 0.7)}
    assert pairs == {("0", "1"), ("0", "2")}


def test_an_empty_folder_is_an_error_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(tmp_path)])
    assert ended.value.code == 2
    assert "no sentences" in capsys.readouterr().err


def test_near_copies_of_given_texts_are_found() -> None:
    texts = ["信用卡逾期了三天会怎么样", "查账单", "完全是另外一句别的话而已"]
    sentences = [Sentence("zh", "overdue_help", text, f"zh/a.yml:{line}") for line, text in enumerate(texts)]
    assert near_copies(["信用卡愈期了5天会怎么样", "查账单"], sentences, above=0.6) == []
    assert near_copies(["信用卡愈期了三天，会怎么样呢", "查账单"], sentences, above=0.6) == sentences[:1]
