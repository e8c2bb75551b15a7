"""A message that is one number or one length of time and nothing else: the answer to a question that was asked.

Only the dialogue knows the question, so every reading that fits is given, and the dialogue takes the one it asked for.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import List, Optional, Tuple

from nlu.entities import calendar, date_chinese, date_english
from nlu.entities.amount import ALL
from nlu.entities.found import Found
from nlu.entities.numbers import ARABIC, CHINESE_RUN, ENGLISH_RUN, chinese_number, english_number
from nlu.entities.term import LONGEST_TERM, MONTHS_CHINESE, MONTHS_ENGLISH, SHORTEST_TERM, months_of

_ANSWER = re.compile(
    r"\s*(?:(?:那?就|我?要|我?选|嗯+|是|大概|大约|好的?|about|around|for|it's"
    r"|ok(?:ay)?|fine|alright|all right|sure|well|hm+|maybe"
    # Corrections: "不对，15", "no, 6 months", "make it 6", "not 12 but 6".
    r"|不是\s*\d+\s*[，,]?\s*而?是|不对|不要了?|不是|错了|我是说|还是|改成|换成|not \d+(?:,? but|,)"
    r"|(?:no|nope|sorry|wait|actually|i (?:mean|meant|said|want)|i'd like|make it|change (?:it )?to)\b)[\s,，:：]*)*"
    r"(?P<core>.+?)"
    r"(?:\s*(?:吧|呢|啊|呀|哦|就行|就好|就可以|可以吗|行吗|左右|please|then|thanks|instead(?: of \d+)?|的))*"
    r"[\s.,!?。，！？~\u2600-\u27bf\ufe0f\U0001f300-\U0001faff]*"
)
_NUMBER = re.compile(rf"{ARABIC}|{CHINESE_RUN}")
_SPOKEN = {**{character: str(value) for value, character in enumerate("零一二三四五六七八九")}, "〇": "0", "幺": "1"}
_CODE = re.compile(r"\d{6}|\d{3}[ \-]\d{3}|\d(?: \d){5}|[零〇一二三四五六七八九幺]{6}")
_MONTH_AND_DAY = re.compile(r"(1[0-2]|0?[1-9])[.\-](3[01]|[12]\d|0?[1-9])")
_WHOLE_DAY = re.compile(r"20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")  # 20261215
_CARD_DIGITS = re.compile(r"\d{4}|[零〇一二三四五六七八九幺]{4}")

Reading = Tuple[str, Found]


def readings(text: str, today: date) -> List[Reading]:
    """(entity, found) for each reading of a lone answer; empty if `text` (folded) is none.

    Six digits are a one-time code; four an amount and a card; a number up to 60 an amount, a term and, up to 31, a day;
    "12.15" a day as well; "3 months" a term and a day; "two weeks" a day; "all" an amount.
    """
    answer = _ANSWER.fullmatch(text)
    if answer is None:
        return []
    start, end = answer.span("core")
    core = answer["core"]
    if _WHOLE_DAY.fullmatch(core):
        return []
    numbers = _of_number(core, today) + _of_month_and_day(core, today)
    values = numbers or _of_duration(core, today) or ([("amount", ALL)] if core == "all" else [])
    return [(entity, Found(start, end, value)) for entity, value in values]


def _of_number(core: str, today: date) -> List[Tuple[str, str]]:
    if _CODE.fullmatch(core):
        return [("code", _digits(core))]
    value = _number(core)
    if value is None or not 0 < value < 100_000_000 or value != round(value, 2):
        return []
    found = [("amount", f"{value:.2f}")]
    if _CARD_DIGITS.fullmatch(core):
        found.append(("card", _digits(core)))
    if value == int(value) <= LONGEST_TERM:
        if value >= SHORTEST_TERM:
            found.append(("term", str(int(value))))
        day = calendar.next_day_numbered(int(value), today)
        if day:
            found.append(("date", day.isoformat()))
    return found


def _of_month_and_day(core: str, today: date) -> List[Tuple[str, str]]:
    match = _MONTH_AND_DAY.fullmatch(core)
    day = calendar.next_month_and_day(int(match[1]), int(match[2]), today) if match else None
    return [("date", day.isoformat())] if day else []


def _number(core: str) -> Optional[Decimal]:
    if _NUMBER.fullmatch(core):
        return chinese_number(core)
    if re.fullmatch(ENGLISH_RUN, core):
        words = english_number(core)
        return Decimal(words) if words else None
    return None


def _digits(core: str) -> str:
    return "".join(_SPOKEN.get(character, character) for character in core if character not in " -")


def _of_duration(core: str, today: date) -> List[Tuple[str, str]]:
    found = []
    for pattern in (MONTHS_CHINESE, MONTHS_ENGLISH):
        match = re.fullmatch(pattern, core)
        months = months_of(match) if match else None
        if months:
            found.append(("term", str(months)))
    day = date_chinese.lone_duration(core, today) or date_english.lone_duration(core, today)
    if day and calendar.is_near(day, today):
        found.append(("date", day.isoformat()))
    return found
