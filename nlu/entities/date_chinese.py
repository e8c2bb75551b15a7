"""Days in Chinese wording: 15号, 下周五, 月底, 后天, 十二月三号, 晚两天."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Match, Optional

from nlu.entities import calendar
from nlu.entities.numbers import SMALL_COUNT, small_count
from nlu.entities.scan import Rule, rule

_DAY = (
    r"(?P<day>[12]\d|3[01]|0?[1-9]"
    r"|[一二]?十[一二三四五六七八九]?|三十一?|廿[一二三四五六七八九]?|[一二两三四五六七八九])"
)
_MONTH = r"(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
# Without 号 or 日 only digits and 十-numbers are days: 下个月一定还 names none.
_BARE_DAY = r"(?P<bare>[12]\d|3[01]|0?[1-9]|[一二]十[一二三四五六七八九]?|十[一二三四五六七八九]|三十一?)"
_NOT_A_NUMBER_BEFORE = r"(?<![\d.,/\-*第尾一二三四五六七八九十百千万])"
_NOT_A_COUNT_AFTER = r"(?![\d一二三四五六七八九十百千万元块个期天次分点/.\-%*])"
_DURATION = (
    rf"(?:(?P<count>{SMALL_COUNT})个(?P<and_half>半)月"
    rf"|(?P<half>半)个?(?P<half_unit>月|年)"
    rf"|(?P<number>{SMALL_COUNT})\s*(?P<unit>天|日(?!元)|个?星期|个?礼拜|周|个月|年))"
)
_WEEK = r"(?:周|星期|礼拜)"
_NEXT_BUT_ONE = "(?<![剩余])下下"  # 剩下下个月: the rest, next month
_WEEKS_AHEAD = {"下下": 2, "下": 1, "这": 0, "本": 0}
_MONTHS_AHEAD = {"下下": 2, "下": 1, "这": 0, "本": 0, "当": 0}
_WEEKDAY = {
    **{character: number for number, character in enumerate("一二三四五六")},
    **{character: number for number, character in enumerate("123456")},
    **{"日": calendar.SUNDAY, "天": calendar.SUNDAY, "末": calendar.SUNDAY},
}


def _day_number(match: Match[str]) -> int:
    groups = match.groupdict()
    return small_count((groups.get("day") or groups.get("bare") or "").replace("廿", "二十")) or 0


def _full(match: Match[str], today: date) -> Optional[date]:
    day = calendar.day_of(int(match["year"]), int(match["month"]), int(match["day"]))
    return calendar.not_past(day, today)


def _month_and_day(match: Match[str], today: date) -> Optional[date]:
    month, number = small_count(match["month"]) or 0, _day_number(match)
    if match["year"]:
        year = today.year + (match["year"] == "明年")
        return calendar.not_past(calendar.day_of(year, month, number), today)
    return calendar.next_month_and_day(month, number, today)


def _end_of_named_month(match: Match[str], today: date) -> Optional[date]:
    first = calendar.day_of(today.year + (match["year"] == "明年"), small_count(match["month"]) or 0, 1)
    if first is None:
        return None
    last = calendar.last_of_month(first)
    return calendar.next_month_and_day(last.month, last.day, today) if not match["year"] else last


def _end_of_year(match: Match[str], today: date) -> Optional[date]:
    return date(today.year + (match["year"] == "明年"), 12, 31)


def _day_of_relative_month(match: Match[str], today: date) -> Optional[date]:
    return calendar.day_in_month(_MONTHS_AHEAD[match["ahead"]], _day_number(match), today)


def _end_of_relative_month(match: Match[str], today: date) -> Optional[date]:
    ahead = _MONTHS_AHEAD[match["ahead"]] if match["ahead"] else 0
    return calendar.last_of_month(calendar.after(today.replace(day=1), ahead, "month"))


def _weekday(match: Match[str], today: date) -> Optional[date]:
    ahead = _WEEKS_AHEAD[match["ahead"]] if match["ahead"] else None
    return calendar.weekday_from(today, _WEEKDAY[match["weekday"]], ahead)


def _duration(match: Match[str], today: date) -> Optional[date]:
    if match["half"]:
        days_or_months = (15, "day") if match["half_unit"] == "月" else (6, "month")
        return calendar.after(today, *days_or_months)
    if match["and_half"]:
        months = small_count(match["count"])
        return calendar.after(calendar.after(today, months, "month"), 15, "day") if months else None
    count = small_count(match["number"])
    unit = {"天": "day", "日": "day", "周": "week", "期": "week", "拜": "week", "月": "month", "年": "year"}
    return calendar.after(today, count, unit[match["unit"][-1]]) if count else None


def _numbered(match: Match[str], today: date) -> Optional[date]:
    return calendar.next_day_numbered(_day_number(match), today)


def _in_days(days: int) -> Rule:
    words = {0: r"今[天日晚儿早]", 1: r"(?<!明)明[天日晚儿早]", 2: r"(?<!\d)后天|明后[天两]", 3: "大后天"}
    return rule(words[days], lambda match, today: today + timedelta(days=days))


def _new_year(match: Match[str], today: date) -> Optional[date]:
    return calendar.next_month_and_day(1, 1, today)


def _christmas(match: Match[str], today: date) -> Optional[date]:
    return calendar.next_month_and_day(12, 25, today)


_PAST_OR_RECURRING = (
    rule(rf"每个?月的?\s*{_DAY}\s*[号日]?|每个?{_WEEK}[一二三四五六日天]"),
    rule(rf"上+个?月的?\s*(?:{_DAY}\s*[号日]?|[底初中末])?|上+个?{_WEEK}[一二三四五六日天末1-6]?"),
    rule(r"(?:去|前)年(?:\d{1,2}月)?(?:\d{1,2}[号日])?|大?前天|昨[天日晚儿]|前[几两]天"),
    rule(rf"{_DURATION}(?:多|左右)?(?<!日)(?:之前|以前|前)(?!面|期)"),  # 25日前 is "by the 25th"
    rule(
        rf"(?:逾期|超期|过期|超过|晚|拖|欠|迟|过|断供)了?(?:大概|大约|快|差不多|有|已经)*\s*{_DURATION}(?:了|多|的?时候|之?后|以后)"
    ),
    rule(rf"(?:逾期|超期|过期|超过|晚了|拖了|过了|迟了|提前)(?:超过|大概|大约|快|差不多|有|已经)*\s*{_DURATION}"),
    rule(r"提前\s*\d*[几一二两三四五六七八九十]*天"),
)
_MONTHS_PART = r"(?:初|中旬?|上旬|下旬)"
_STILL_OPEN = (
    rule(rf"(?:下下|下|这|本|当)个?月的?{_MONTHS_PART}|{_MONTH}月份?的?{_MONTHS_PART}|月{_MONTHS_PART}|年[初中]"),
    rule(r"发(?:工资|薪水?|钱)的?(?:那天|那日|日|当天)?"),
    rule(r"过完?(?:这个?)?周末|周末(?:之?后|以后|过后)"),
)
_DAYS = (
    rule(r"(?P<year>20\d\d)\s*[年/.\-]\s*(?P<month>\d{1,2})\s*[月/.\-]\s*(?P<day>\d{1,2})\s*[号日]?(?!\d)", _full),
    rule(
        rf"(?P<year>今年|明年)?的?{_NOT_A_NUMBER_BEFORE}{_MONTH}\s*(?:月份?的?|\.(?=\d+[号日]))\s*"
        rf"(?:{_DAY}\s*[号日]|{_BARE_DAY}{_NOT_A_COUNT_AFTER})",
        _month_and_day,
    ),
    rule(rf"(?P<year>今年|明年)?{_NOT_A_NUMBER_BEFORE}{_MONTH}月份?的?(?:月?底|末)", _end_of_named_month),
    rule(r"(?P<year>今年|明年)?年(?:底|末)", _end_of_year),
    rule(
        rf"(?P<ahead>{_NEXT_BUT_ONE}|下|这|本|当)个?月份?的?\s*(?:{_DAY}\s*[号日](?!元)|{_BARE_DAY}{_NOT_A_COUNT_AFTER})",
        _day_of_relative_month,
    ),
    rule(rf"(?:(?P<ahead>{_NEXT_BUT_ONE}|下|这|本|当)个?)?月(?:底|末)", _end_of_relative_month),
    rule(
        rf"(?<![一二两三四五六七八九十几半\d*每])(?:(?P<ahead>{_NEXT_BUT_ONE}|下|这|本)个?)?"
        rf"(?:{_WEEK}(?P<weekday>[一二三四五六日天1-6末]))(?![次个回遍月块千百万])",
        _weekday,
    ),
    rule(rf"(?:再?过)?{_DURATION}(?:时间)?(?:之后|以后|过后|后(?!天)|之内|以内|内)", _duration),
    rule(rf"再?过(?!了){_DURATION}", _duration),
    rule(
        r"(?:延期|延长|延后|延迟|推迟|推后|往后推|往后延|宽限|宽容|缓缓|缓|晚|迟|延|推|拖|多给|再给|给|等|容)"
        rf"(?:还款?|交|付|到|个|上|我们?|一下|再|多|这?么?)*\s*(?P<span>{_DURATION})(?!了)",
        _duration,
    ),
    _in_days(3),
    _in_days(2),
    _in_days(1),
    _in_days(0),
    rule(r"元旦", _new_year),
    rule(r"圣诞节?(?!老人|树|卡|礼)", _christmas),
    rule(rf"{_NOT_A_NUMBER_BEFORE}(?<![哪某每]){_DAY}\s*号(?![线楼店机码馆方])", _numbered),
    rule(rf"{_NOT_A_NUMBER_BEFORE}{_BARE_DAY}\s*日(?![元内游本])", _numbered),  # 三日 would be three days
)
RULES = (*_PAST_OR_RECURRING, *_STILL_OPEN, *_DAYS)


def lone_duration(text: str, today: date) -> Optional[date]:
    """The day that lies ahead by the length of time that `text` is, if it is one: 三天, 两个礼拜, 半年."""
    match = re.fullmatch(_DURATION, text)
    return _duration(match, today) if match else None
