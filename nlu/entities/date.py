"""Days: ISO dates resolved against the bank's today, never past."""

from __future__ import annotations

import re
from datetime import date
from typing import List, Match, Optional

from nlu.entities import calendar, date_chinese, date_english
from nlu.entities.found import Found
from nlu.entities.scan import rule, scan

_ISO = rule(
    r"(?<![\d/.\-])(?P<year>20\d\d)[/.\-](?P<month>\d{1,2})[/.\-](?P<day>\d{1,2})(?![\d/])",
    lambda match, today: calendar.not_past(
        calendar.day_of(int(match["year"]), int(match["month"]), int(match["day"])), today
    ),
)
_EIGHT_DIGITS = rule(
    r"(?<![\d.\-])(?P<year>20\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?![\d\-])",
    lambda match, today: calendar.not_past(
        calendar.day_of(int(match["year"]), int(match["month"]), int(match["day"])), today
    ),
)
_FRACTION = rule(r"(?<![\d/.])(?:1/[2345]|2/[35]|3/[45])(?![\d/])")
_SLASHED = r"(?<![\d/.\-])(?P<first>\d{1,2})/(?P<second>\d{1,2})(?:/(?P<year>20\d\d))?(?![\d/])"
# "15号还了", "I paid on Friday": what was paid then lies behind, whatever the calendar says next.
_DONE_AFTER = re.compile(
    r"[^，。,!?！？能会要可才再就得]{0,6}(?:还|付|交|转|存|扣|汇)(?:款|钱|进去|清|完|掉|上|给你们?)?[了过]"
    r"|[^，。,!?！？能会要可才再得]{0,4}(?:还|付|交|转|存|扣|汇)的"
)
_DONE_BEFORE = re.compile(r"\b(?:paid|sent|transferred|made|cleared|settled|was|were|did)\b[^.,!?;]{0,40}$")
_AHEAD = re.compile(r"\b(?:will|'ll|can|could|be|get|going|want|would|until|if)\b")


def find(text: str, language: Optional[str], today: date) -> List[Found]:
    """Every day that `text` names and that is not past.

    Left out, so that the dialogue asks: past days, days more than a year ahead, ranges of days ("next week", 月初),
    paydays, and days that the writing leaves open (3/4 in English may be in March or April).
    """
    rules = (_ISO, _EIGHT_DIGITS, _FRACTION, rule(_SLASHED, _month_first if language == "zh" else _unambiguous))
    found = scan(text, (*rules, *date_chinese.RULES, *date_english.RULES), today)
    return [day for day in found if _is_meant(text, day, today)]


def _is_meant(text: str, found: Found, today: date) -> bool:
    day = date.fromisoformat(found.value)
    return day == today or (calendar.is_near(day, today) and not _already_done(text, found))


def _month_first(match: Match[str], today: date) -> Optional[date]:
    return _slashed(match, int(match["first"]), int(match["second"]), today)


def _unambiguous(match: Match[str], today: date) -> Optional[date]:
    first, second = int(match["first"]), int(match["second"])
    if first > 12 or first == second:
        return _slashed(match, second, first, today)
    return _slashed(match, first, second, today) if second > 12 else None


def _slashed(match: Match[str], month: int, number: int, today: date) -> Optional[date]:
    if match["year"]:
        return calendar.not_past(calendar.day_of(int(match["year"]), month, number), today)
    return calendar.next_month_and_day(month, number, today)


def _already_done(text: str, day: Found) -> bool:
    if _DONE_AFTER.match(text, day.end):
        return True
    before = _DONE_BEFORE.search(text[: day.start])
    return before is not None and not _AHEAD.search(text[: day.start])
