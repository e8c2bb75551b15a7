"""Numbers as people write them: 3500, 1,200.50, 三千五, 1万2, 2k, twelve hundred."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Dict, List, Optional

CHINESE_DIGITS: Dict[str, int] = {
    **{character: value for value, character in enumerate("零一二三四五六七八九")},
    **{character: value for value, character in enumerate("〇壹贰叁肆伍陆柒捌玖")},
    **{"两": 2, "俩": 2, "仨": 3, "幺": 1},
}
_SMALL_UNITS: Dict[str, int] = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "k": 1000}
_TEN_THOUSAND = ("万", "w")

_LONGEST_NUMBER = 20  # characters; what is longer is no sum of money
# A figure starts where no digit stands before it, or patterns that repeat it would try every way to cut 1,000 digits.
ARABIC = r"(?<!\d)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_DIGIT = "零〇一二三四五六七八九两俩仨壹贰叁肆伍陆柒捌玖"
_UNIT = "十拾百佰千仟万"
CHINESE_RUN = rf"[{_DIGIT}十拾][{_DIGIT}{_UNIT}]*"
MIXED_RUN = rf"(?:{ARABIC}|[{_DIGIT}十拾])(?:{ARABIC}|[{_DIGIT}{_UNIT}]|[kw](?![a-z]))*"
SMALL_COUNT = r"(?:\d{1,3}|[一二三四五六七八九十两俩仨]{1,3})"

_PART = re.compile(rf"{ARABIC}|.")


def chinese_number(text: str) -> Optional[Decimal]:
    """The value of a run of digits and units, Chinese, Arabic or mixed; `None` if it is not one number.

    A last digit without a unit counts in the next smaller one, as in speech: 三千五 is 3500, 一万二 12000; 三千零五 is
    3005. Digits alone are read one by one: 三五零零 is 3500. Ranges such as 三四千 are no number.
    """
    if len(text) > _LONGEST_NUMBER:
        return None
    parts: List[str] = _PART.findall(text)
    if len(parts) > 2 and all(part in CHINESE_DIGITS for part in parts):
        return Decimal("".join(str(CHINESE_DIGITS[part]) for part in parts))
    return _Sum().of(parts)


class _Sum:
    """Adds up the parts of a number from left to right."""

    def __init__(self) -> None:
        self.total = Decimal(0)  # whole ten-thousands
        self.section = Decimal(0)  # what is below
        self.pending: Optional[Decimal] = None  # a digit that waits for its unit
        self.colloquial = False  # the pending digit may stand for the next smaller unit
        self.last_unit = 0
        self.after_zero = False

    def of(self, parts: List[str]) -> Optional[Decimal]:
        for part in parts:
            if not self._add(part):
                return None
        return self._closed()

    def _add(self, part: str) -> bool:
        if part in _SMALL_UNITS:
            return self._add_small_unit(_SMALL_UNITS[part])
        if part in _TEN_THOUSAND:
            return self._add_ten_thousand()
        if part in ("零", "〇") and self.pending is None and self.last_unit:
            self.after_zero = True
            return True
        if self.pending is not None:
            return False
        self.pending = self._digit(part)
        self.colloquial = len(part) == 1 and not self.after_zero
        return True

    @staticmethod
    def _digit(part: str) -> Decimal:
        return Decimal(CHINESE_DIGITS[part]) if part in CHINESE_DIGITS else Decimal(part.replace(",", ""))

    def _add_small_unit(self, unit: int) -> bool:
        if self.pending is None:
            if unit != 10 or (self.last_unit and not self.after_zero):
                return False
            self.pending = Decimal(1)
        if self.last_unit and unit >= self.last_unit:
            return False
        self.section += self.pending * unit
        self.pending, self.last_unit, self.after_zero = None, unit, False
        return True

    def _add_ten_thousand(self) -> bool:
        if self.total or (self.pending is None and not self.section):
            return False
        self.total = (self.section + (self.pending or 0)) * 10_000
        self.section, self.pending, self.last_unit, self.after_zero = Decimal(0), None, 10_000, False
        return True

    def _closed(self) -> Optional[Decimal]:
        if self.pending is not None:
            if self.last_unit and self.pending >= self.last_unit:
                return None
            spoken_short = self.colloquial and self.last_unit > 10
            self.section += self.pending * (self.last_unit // 10 if spoken_short else 1)
        return self.total + self.section


_ENGLISH_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_ENGLISH_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ENGLISH: Dict[str, int] = {
    **{word: value for value, word in enumerate(_ENGLISH_ONES)},
    **{word: 10 * value for value, word in enumerate(_ENGLISH_TENS, start=2)},
}
_ENGLISH_WORD = "|".join(sorted([*_ENGLISH, "hundred", "thousand", "grand"], key=len, reverse=True))
ENGLISH_RUN = rf"\b(?:an? )?(?:{_ENGLISH_WORD})\b(?:(?:[ -]| and )(?:{_ENGLISH_WORD})\b)*"
ENGLISH_SMALL_COUNT = rf"(?:\d{{1,3}}|an?(?: couple of)?|{'|'.join(reversed([*_ENGLISH_ONES, *_ENGLISH_TENS]))})"


def english_number(text: str) -> Optional[int]:
    """The value of number words, such as `two thousand five hundred`, `a hundred and fifty`, `twelve hundred`."""
    total = section = 0
    for word in re.findall("[a-z]+", text):
        if word in ("a", "an"):
            section += 1
        elif word in ("thousand", "grand"):
            total, section = total + (section or 1) * 1000, 0
        elif word == "hundred":
            section = (section or 1) * 100
        elif word in _ENGLISH:
            if section % 100 and (section % 10 or _ENGLISH[word] > 9 or section % 100 < 20):
                return None  # "five six", "twenty thirty": a list or a range
            section += _ENGLISH[word]
        elif word != "and":
            return None
    return total + section


def small_count(text: str) -> Optional[int]:
    """A count of days, weeks, months: `3`, `三`, `俩`, `two`, `a`, `a couple of`."""
    if text.isdigit():
        return int(text)
    if re.fullmatch("[a-z ]+", text):
        return 2 if text.endswith("couple of") else 1 if text in ("a", "an") else english_number(text)
    value = chinese_number(text)
    return int(value) if value is not None else None
