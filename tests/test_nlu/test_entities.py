"""What holds for every message and every day, and the component around it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.message import Message

from bank.models import ReasonClass
from common import clock
from nlu.entities import reason
from nlu.entities.extraction import extract
from nlu.entities.extractor import DomainEntityExtractor
from nlu.entities.numbers import chinese_number, english_number

DAYS = st.dates(min_value=date(2024, 1, 1), max_value=date(2032, 12, 31))
DAY_WORDINGS = st.sampled_from(
    """15号 31号 1号 周一 周日 下周三 这周五 本月25号 下个月31号 下个月30号 月底 下个月底 2月29号 2月底 12月31日 元旦
    年底 三天后 半个月后 一个月后 一年后 大后天 周末""".split()
    + ["the 31st", "Feb 29", "next Monday", "this Sunday", "end of February", "in a month", "end of next month", "30th"]
)
PIECES = st.sampled_from(
    """还 欠 先 3500 １２ 12期 三千五 1.2万 半 年 个月 号 月底 下周五 后天 尾号 1234 ¥ ， , . 块 元
    全部 最低 to in weeks month the 15th pay two thousand half Nov 30 all 忘了 失业
    INS-20261121-0007 *** 逾期 分 还款 不 了""".split()
)
MESSAGES = st.lists(PIECES, max_size=8).flatmap(
    lambda pieces: st.sampled_from(["", " "]).map(lambda gap: gap.join(pieces))
)


@given(DAY_WORDINGS, DAYS)
def test_a_day_is_never_past(wording: str, today: date) -> None:
    for entity in extract(f"我{wording}还，ok", None, today):
        if entity.name == "date":
            assert today <= date.fromisoformat(entity.value) <= today + timedelta(days=400)


@given(st.integers(1, 31), DAYS)
def test_a_numbered_day_is_the_next_with_that_number(number: int, today: date) -> None:
    (found,) = (entity for entity in extract(f"我{number}号还", "zh", today) if entity.name == "date")

    day = date.fromisoformat(found.value)
    assert day.day == number
    assert not any((today + timedelta(days=ahead)).day == number for ahead in range((day - today).days))


@given(MESSAGES | st.text(max_size=30), st.sampled_from(["zh", "en", None]), DAYS)
def test_any_message_gives_well_formed_entities(text: str, language: str, today: date) -> None:
    found = extract(text, language, today)

    assert all(0 <= entity.start < entity.end <= len(text) for entity in found)
    for entity in found:
        if entity.name == "amount" and entity.value not in ("all", "minimum", "half"):
            assert float(entity.value) > 0
            assert entity.value[-3] == "."
        if entity.name == "term":
            assert 1 <= int(entity.value) <= 60
        if entity.name == "date":
            assert date.fromisoformat(entity.value) >= today
        if entity.name == "card":
            assert len(entity.value) == 4
            assert entity.value.isdecimal()


@pytest.mark.parametrize(
    "piece", ["12", "9", "1,", "1 ", "一", "千", "三千", "是", "不是 ", "还了", "the ", "a ", "pay it "]
)
@pytest.mark.parametrize("end", ["", "x", "号"])
def test_a_thousand_characters_of_nonsense_are_read_to_their_end(piece: str, end: str) -> None:
    """A pattern that tries every way to cut them would not come back."""
    assert isinstance(extract((piece * 1000)[:1000] + end, "zh", date(2026, 11, 18)), list)


def _spoken(value: int) -> str:
    """Chinese numerals below 100,000, written out by the rules of reading, units and zeros said."""
    digits, units = "零一二三四五六七八九", ["", "十", "百", "千", "万"]
    words = ""
    for place in range(4, -1, -1):
        digit = value // 10**place % 10
        if digit:
            words += digits[digit] + units[place]
        elif words and not words.endswith("零") and value % 10**place:
            words += "零"
    return words


@given(st.integers(1, 99_999))
def test_every_number_read_aloud_is_understood(value: int) -> None:
    assert chinese_number(_spoken(value)) == value


@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from([(100, "百"), (1000, "千"), (10_000, "万")]))
def test_a_last_unit_left_out_is_the_next_smaller(first: int, second: int, unit: tuple[int, str]) -> None:
    digits = "零一二三四五六七八九"

    assert chinese_number(f"{digits[first]}{unit[1]}{digits[second]}") == first * unit[0] + second * unit[0] // 10


@pytest.mark.parametrize("words", ["five six", "twenty thirty", "one hundred dollars bill"])
def test_a_list_of_english_numbers_is_no_number(words: str) -> None:
    assert english_number(words) is None


def test_every_class_of_reasons_has_words_in_both_languages() -> None:
    _, class_by_wording = reason._wordings()

    for language in ("zh", "en"):
        named = {value for wording, value in class_by_wording.items() if wording.isascii() == (language == "en")}
        assert named - {"none"} == {value.value for value in ReasonClass}


@pytest.fixture
def fixed_day() -> Iterator[date]:
    day = date(2026, 11, 18)
    clock.set_today(day)
    yield day
    clock.set_today(None)


def test_the_component_resolves_days_by_the_bank_clock_at_the_moment_of_parsing(fixed_day: date) -> None:
    extractor = DomainEntityExtractor()
    message, later = Message.build("我15号还"), Message.build("我15号还")

    extractor.process([message])
    clock.set_today(date(2026, 12, 16))
    extractor.process([later])

    assert message.get("entities") == [
        {"entity": "date", "start": 1, "end": 4, "value": "2026-12-15", "extractor": "DomainEntityExtractor"}
    ]
    assert later.get("entities")[0]["value"] == "2027-01-15"


def test_payloads_of_buttons_are_left_to_rasa() -> None:
    message = Message.build('/inform{"amount": "3500"}')

    DomainEntityExtractor().process([message])

    assert not message.get("entities")
