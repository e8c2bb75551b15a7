"""Days in English wording: next Friday, in two weeks, Nov 30, the 15th, end of the month."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Dict, Match, Optional

from nlu.entities import calendar
from nlu.entities.numbers import ENGLISH_SMALL_COUNT, small_count
from nlu.entities.scan import Rule, rule

_MONTHS = "january february march april may june july august september october november december".split()
_MONTH_NUMBER: Dict[str, int] = {
    **{name: number for number, name in enumerate(_MONTHS, start=1)},
    **{name[:3]: number for number, name in enumerate(_MONTHS, start=1)},
    "sept": 9,
}
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_WEEKDAY_NUMBER: Dict[str, int] = {
    **{name: number for number, name in enumerate(_WEEKDAYS)},
    **{name[:3]: number for number, name in enumerate(_WEEKDAYS)},
    **{"tues": 1, "weds": 2, "thur": 3, "thurs": 3},
}
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
_ORDINAL_NUMBER: Dict[str, int] = {
    **{word: number for number, word in enumerate(_ORDINALS, start=1)},
    **{f"twenty-{word}": number for number, word in enumerate(_ORDINALS[:9], start=21)},
    **{"thirtieth": 30, "thirty-first": 31},
}


def _any_of(words: Dict[str, int]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_MONTH = rf"(?P<month>{_any_of(_MONTH_NUMBER)})\b\.?"
_WEEKDAY = rf"(?P<weekday>{'|'.join(_WEEKDAYS)})s?\b"
_SHORT_WEEKDAY = rf"(?P<weekday>{_any_of(_WEEKDAY_NUMBER)})\b"
_NUMBER = r"(?P<day>3[01]|[12]\d|0?[1-9])"
_SUFFIX = r"(?:st|nd|rd|th)"
_ORDINAL = rf"(?:{_NUMBER}{_SUFFIX}|(?P<word>{_any_of(_ORDINAL_NUMBER)}))\b"
_YEAR = r"(?:,?\s+(?P<year>20\d\d))?(?!\d|,\d|\s*(?:yuan|rmb|cny|k\b))"
_COUNT = rf"(?P<count>{ENGLISH_SMALL_COUNT}|half an?)"
_UNIT = r"(?P<unit>day|week|wk|month|mth|year|yr|fortnight)s?\b"
_SHORT_UNIT = {"wk": "week", "mth": "month", "yr": "year"}
_DURATION = rf"{_COUNT}(?: more| extra| additional)? {_UNIT}(?: time)?"


def _number(match: Match[str]) -> int:
    groups = match.groupdict()
    return int(groups["day"]) if groups.get("day") else _ORDINAL_NUMBER[groups["word"]]


def _month_and_day(match: Match[str], today: date) -> Optional[date]:
    month, number = _MONTH_NUMBER[match["month"]], _number(match)
    if match["year"]:
        return calendar.not_past(calendar.day_of(int(match["year"]), month, number), today)
    return calendar.next_month_and_day(month, number, today)


def _day_of_relative_month(match: Match[str], today: date) -> Optional[date]:
    return calendar.day_in_month(int(match["which"] == "next"), _number(match), today)


def _end_of_relative_month(match: Match[str], today: date) -> Optional[date]:
    ahead = int(match["which"] == "next")
    return calendar.last_of_month(calendar.after(today.replace(day=1), ahead, "month"))


def _end_of_named_month(match: Match[str], today: date) -> Optional[date]:
    first = date(today.year, _MONTH_NUMBER[match["month"]], 1)
    last = calendar.last_of_month(first)
    return calendar.next_month_and_day(last.month, last.day, today)


def _end_of_year(match: Match[str], today: date) -> Optional[date]:
    return date(today.year, 12, 31)


def _duration(match: Match[str], today: date) -> Optional[date]:
    unit = _SHORT_UNIT.get(match["unit"], match["unit"])
    if match["count"].startswith("half"):
        return {"month": calendar.after(today, 15, "day"), "year": calendar.after(today, 6, "month")}.get(unit)
    count = small_count(match["count"])
    if not count:
        return None
    if unit == "fortnight":
        return calendar.after(today, 2 * count, "week")
    return calendar.after(today, count, unit)


def _week_after(match: Match[str], today: date) -> Optional[date]:
    weeks = small_count(match["count"])
    start = {"today": 0, "now": 0, "tomorrow": 1}.get(match["start"])
    if not weeks:
        return None
    if start is not None:
        return today + timedelta(days=start, weeks=weeks)
    weekday = calendar.weekday_from(today, _WEEKDAY_NUMBER[match["start"]])
    return weekday + timedelta(weeks=weeks) if weekday else None


def _weekday(match: Match[str], today: date) -> Optional[date]:
    groups = match.groupdict()
    ahead = {"next": 1, "this": 0}.get(groups.get("which") or "")
    return calendar.weekday_from(today, _WEEKDAY_NUMBER[match["weekday"]], ahead)


def _weekday_week(match: Match[str], today: date) -> Optional[date]:
    """Friday week: a week after Friday."""
    day = _weekday(match, today)
    return day + timedelta(weeks=1) if day else None


def _weekend(match: Match[str], today: date) -> Optional[date]:
    return calendar.weekday_from(today, calendar.SUNDAY, 1 if match["which"] == "next" else None)


def _numbered(match: Match[str], today: date) -> Optional[date]:
    return calendar.next_day_numbered(_number(match), today)


def _feast(month: int, number: int, words: str) -> Rule:
    return rule(rf"\b(?:{words})\b", lambda match, today: calendar.next_month_and_day(month, number, today))


def _in_days(days: int, words: str) -> Rule:
    return rule(rf"\b(?:{words})\b", lambda match, today: today + timedelta(days=days))


_PAST_OR_RECURRING = (
    rule(
        rf"\b(?:every|each)(?: \w+)?(?: on)? (?:the )?(?:{_ORDINAL}|{_WEEKDAY}|month|week|day)"
        r"(?: of (?:the|each|every) month)?"
    ),
    rule(rf"\b(?:first|second|third|fourth|last) {_WEEKDAY}"),
    rule(rf"\b{_ORDINAL} of (?:each|every) month|\b(?:on )?{_WEEKDAY.replace('s?', 's')}"),
    rule(rf"\byesterday\b|\blast (?:night|week|month|year|weekend|{'|'.join(_WEEKDAYS)})\b"),
    rule(rf"\b{_DURATION}(?: \w+)? (?:ago|late|overdue|past|behind|old|earlier)\b"),
    rule(rf"\b(?:late|overdue|behind|past due|delinquent)(?: \w+)? (?:by |for )?{_DURATION}"),
    rule(
        r"\b(?:since|ago on|(?:was|were) due(?: on| by)?) "
        rf"(?:the )?(?:{_MONTH} \d+{_SUFFIX}?|{_ORDINAL}|{_WEEKDAY})"
    ),
)
_STILL_OPEN = (
    rule(r"\b(?:beginning|start|middle|mid|early|late)(?:[ -]of)?[ -](?:the |this |next )?(?:month|year|week)\b"),
    rule(rf"\b(?:beginning|start|middle|mid|early)(?:[ -]of)?[ -]{_MONTH}"),
    rule(r"\bend of (?:the |this |next )?week\b|\bafter (?:the |this |next )?weekend\b"),
    rule(rf"\b(?:(?:in|within|after) )?{_COUNT} {_UNIT} or (?:so|two|three|four|\d+)\b(?: (?:day|week|month)s?\b)?"),
)
_DAYS = (
    rule(
        rf"(?<![\d/.])(?:the )?{_NUMBER}{_SUFFIX}?(?: of)? {_MONTH}{_YEAR}",
        _month_and_day,
    ),
    rule(rf"\b{_MONTH} (?:the )?(?:{_NUMBER}{_SUFFIX}?|(?P<word>{_any_of(_ORDINAL_NUMBER)}))\b{_YEAR}", _month_and_day),
    rule(rf"\b(?:the )?{_ORDINAL} (?:of )?(?P<which>next|this|the) month\b", _day_of_relative_month),
    rule(rf"\b(?P<which>next|this) month,?(?: on| by)? the {_ORDINAL}", _day_of_relative_month),
    rule(r"\b(?:the )?end of (?:the )?(?P<which>this|next|the)? ?month\b|\bmonth[ -]?end\b", _end_of_relative_month),
    rule(rf"\b(?:the )?end of {_MONTH}", _end_of_named_month),
    rule(r"\b(?:the )?end of (?:the|this) year\b|\byear[ -]?end\b", _end_of_year),
    rule(
        rf"\b(?P<count>{ENGLISH_SMALL_COUNT}) weeks? (?:from|after|on) "
        rf"(?P<start>now|today|tomorrow|{'|'.join(_WEEKDAYS)})\b",
        _week_after,
    ),
    rule(rf"\b{_DURATION} (?:from (?:now|today)|later|after today|hence)\b", _duration),
    rule(rf"\b(?:in|within|after)(?: about| around| just| another| the next)? {_DURATION}", _duration),
    rule(
        r"\b(?:give me|need|extend(?:ed)?|extension|postponed?|delay(?:ed)?|defer|push|wait|grace|later?|hold|have)"
        r"(?: (?:it|this|that|the|my|payment|due|date|back|out|off|bill|me|us|of|for|by|another|just|about|an?))* "
        rf"(?P<span>{_DURATION})",
        _duration,
    ),
    rule(rf"\b(?P<span>{_COUNT} (?:more|extra|additional) {_UNIT})", _duration),
    rule(rf"\b{_WEEKDAY} (?:of )?(?P<which>next|this) week\b", _weekday),
    rule(rf"\b{_WEEKDAY} week\b", _weekday_week),
    rule(rf"\b(?P<which>next|this|coming) {_SHORT_WEEKDAY}", _weekday),
    rule(rf"\b(?:on|by|until|till|til|before) {_SHORT_WEEKDAY}", _weekday),
    rule(rf"\b{_WEEKDAY}", _weekday),
    rule(r"\b(?:(?P<which>next|this|the) )?weekend\b", _weekend),
    _feast(12, 24, "(?:christmas|xmas) eve"),
    _feast(12, 25, "christmas(?: day)?|xmas"),
    _feast(12, 31, "new year'?s eve"),
    _feast(1, 1, "new year'?s day|(?:by|before|until|till) (?:the )?new year"),
    _in_days(2, r"(?:the )?day after tomorrow"),
    _in_days(1, "tomorrow|tomorow|tommorow|tommorrow|tmrw?|tmr"),
    _in_days(0, "today|tonight|this (?:evening|afternoon|morning)"),
    rule(
        rf"\b(?:the )?{_NUMBER}{_SUFFIX}\b"
        r"(?! (?:instal|pay|time|month|term|call|day|floor|week|year|attempt|one|of (?:my|the) (?!month)))",
        _numbered,
    ),
    rule(
        rf"\bthe (?P<word>{_any_of(_ORDINAL_NUMBER)})"
        r"(?=$|[.,!?]| (?:if|can|ok|okay|please|is|works|at|and|or|instead)\b)",
        _numbered,
    ),
)
RULES = (*_PAST_OR_RECURRING, *_STILL_OPEN, *_DAYS)


def lone_duration(text: str, today: date) -> Optional[date]:
    """The day that lies ahead by the length of time that `text` is, if it is one: `two weeks`, `a month`."""
    match = re.fullmatch(_DURATION, text)
    return _duration(match, today) if match else None
