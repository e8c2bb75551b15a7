"""A card by its last four digits."""

from __future__ import annotations

import re
from datetime import date
from typing import List, Optional

from nlu.entities.calendar import day_of
from nlu.entities.found import Found
from nlu.entities.numbers import CHINESE_DIGITS

_DIGIT_WORDS = "zero one two three four five six seven eight nine".split()
_ENGLISH_DIGITS = {word: str(value) for value, word in enumerate(_DIGIT_WORDS)}
_SPOKEN_DIGIT = "|".join([*_ENGLISH_DIGITS, "oh"])
_FOUR = rf"(?P<digits>\d{{4}}(?![\d年])|[{''.join(CHINESE_DIGITS)}]{{4}})"
_FOUR_APART = rf"(?P<digits>\d{{4}}(?![\d年])|\d(?: \d){{3}}(?! ?\d)|[{''.join(CHINESE_DIGITS)}]{{4}})"
_PATTERNS = (
    re.compile(
        rf"(?:卡?尾号|尾数|卡尾|[后末最]+[四4]位(?:数字?)?|卡号[后末]四位)\s*(?:[是为:：]|数是)?\s*{_FOUR_APART}(?:的?那?这?张?的?卡)?"
    ),
    re.compile(rf"(?<!\d){_FOUR}\s*(?:结尾|尾号)?的?(?:那|这)?(?:一)?(?:张卡?|个?卡)(?!号|里|着)"),
    re.compile(rf"\b(?:card |one |account )?(?:that )?(?:ending|ends|end|finishing)(?: in| with)?:? {_FOUR_APART}\b"),
    re.compile(
        rf"\b(?:card |one )?(?:ending|ends)(?: in| with)? "
        rf"(?P<spoken>(?:{_SPOKEN_DIGIT})(?:[ -](?:{_SPOKEN_DIGIT})){{3}})\b"
    ),
    re.compile(rf"\blast (?:four|4)(?: digits| numbers)?(?: of (?:my|the) card)?(?: are| is|:)? {_FOUR}\b"),
    re.compile(
        rf"\b(?:my |the )?(?:card|visa|mastercard|unionpay|x|no\.?|number) ?(?:x+|\*+|#|number|no\.?)? ?"
        rf"{_FOUR}\b(?! ?(?:yuan|rmb|cny))"
    ),
    re.compile(rf"\bthe {_FOUR} (?:card|one)\b"),
    re.compile(rf"(?<![\w*])(?:\*{{3,}}[ \-]?)+{_FOUR}(?!\w| ?[元块])"),  # as the bank masks it
)
_WHOLE_NUMBER = re.compile(r"(?<!\d)\d(?:[ \-]?\d){14,18}(?!\d|x)")


def find(text: str, language: Optional[str], today: date) -> List[Found]:
    """Cards that `text` names, as four digits: 尾号1234, 1234那张, card ending in 1234; the last of a whole number."""
    whole = [match for match in _WHOLE_NUMBER.finditer(text) if not _is_identity(match.group())]
    found = [_whole(match.start(), match.group()) for match in whole]
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            groups = match.groupdict()
            digits = _spoken(groups["spoken"]) if groups.get("spoken") else _written(groups["digits"])
            card = Found(*match.span(), digits)
            if not card.overlaps(found):
                found.append(card)
    return sorted(found, key=lambda one: one.start)


def _whole(start: int, written: str) -> Found:
    return Found(start, start + len(written), re.sub(r"\D", "", written)[-4:])


def _is_identity(written: str) -> bool:
    """A resident's identity number has 18 digits, the 7th to 14th a day of birth (GB 11643)."""
    digits = re.sub(r"\D", "", written)
    if len(digits) != 18 or digits[6:8] not in ("19", "20"):
        return False
    return day_of(int(digits[6:10]), int(digits[10:12]), int(digits[12:14])) is not None


def _written(digits: str) -> str:
    return "".join(str(CHINESE_DIGITS.get(digit, digit)) for digit in digits if digit != " ")


def _spoken(words: str) -> str:
    return "".join(_ENGLISH_DIGITS.get(word, "0") for word in re.split("[ -]", words))
