"""Sums of money in yuan: "3500.00", or "all", "minimum", "half" of what is due."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import List, Match, Optional

from nlu.entities.found import Found
from nlu.entities.numbers import ARABIC, CHINESE_DIGITS, ENGLISH_RUN, MIXED_RUN, chinese_number, english_number

ALL, MINIMUM, HALF = "all", "minimum", "half"

_CURRENCY = r"(?:块钱|元钱|块|元|圆|人民币|rmb\b|cny\b|yuan\b|kuai\b|renminbi\b)"
_FREE_BEFORE = r"(?<![\d.,*/\-_:#$€£几数双百千万])"
_CHINESE_SUM = re.compile(
    rf"{_FREE_BEFORE}(?:(?P<mark>¥\s*|(?:\brmb|\bcny|人民币)\s*)|(?<![a-z]))(?P<number>{MIXED_RUN})"
    rf"(?P<about>[来多余几])?(?:\s?(?P<late_unit>[千万百kw](?![a-z])))?\s*(?:整)?(?P<currency>{_CURRENCY})?(?P<mouth>大洋)?"
    r"(?:(?<=[块元])(?P<tenths>[\d一二三四五六七八九])(?!\d|[百千万期号月天个])[毛角]?(?:(?P<cents>[\d一二三四五六七八九])分?)?)?"
)
_ENGLISH_SUM = re.compile(
    rf"{_FREE_BEFORE}(?P<mark>(?:¥|\brmb|\bcny)\s*)?"
    rf"(?:(?P<figure>\b{ARABIC})\s(?P<scale>thousand|hundred|grand)\b|(?P<words>{ENGLISH_RUN}))\s*(?P<currency>{_CURRENCY})?"
)
_SCALE = {"hundred": 100, "thousand": 1000, "grand": 1000}

_FOREIGN = r"\s*(?:美元|美金|美刀|刀|欧元|英镑|港币|港元|日元|dollars?|bucks|usd|eur|euros?|gbp|pounds?|hkd)"
_COUNTED = (
    r"\s*(?:[期月日号天年周次点分秒时岁位家笔条张人名度楼层倍折%％‰遍回件单级类项种份辆线后之:/\-*]"
    r"|个(?!整)|小时|星期|礼拜|多个|几个"
    r"|(?:more |monthly |equal |business |working )?(?:days?|weeks?|months?|years?|hours?|minutes?|times?"
    r"|instal|payments?|terms?|percent|"
    r"calls?|people|persons?|am\b|pm\b|st\b|nd\b|rd\b|th\b|digits?|points?|cards?|letters?|messages?|texts?|parts?"
    r"|or\b(?! so\b)"
    r"|of\b(?! (?:it|that|this|(?:the|my|this|that) (?:bill|balance|total|amount|debt|money|sum|statement))\b)"
    r"|more\b|another\b|kids?|children|statements?|banks?|loans?))"
)
_NOT_MONEY_AFTER = re.compile(rf"{_FOREIGN}|{_COUNTED}")
_RANGE = re.compile(
    rf"(?:{MIXED_RUN})(?:{_CURRENCY})?\s*(?:[-~—～]+|到|至|或者?|to|or)\s*(?:¥\s*)?(?:{MIXED_RUN})(?!{_COUNTED})"
    rf"|\bbetween (?:¥\s*)?{ARABIC}k? and (?:¥\s*)?{ARABIC}"
)
_OPEN_AFTER = re.compile(r"\s*好?几| and a half\b")
_OPEN_BEFORE = re.compile(r"\b(?:few|couple(?: of)?|several|many|half|hundreds of|thousands of)\s*$")
# A Chinese comma between digits may group one number or part two: only a ¥ before or cents after tell.
_GROUPED = re.compile(r"(?<=¥)\d{1,3}(?:，\d{3})+(?!\d)|(?<![\d.,])\d{1,3}(?:，\d{3})+(?=\.\d)")
_PERHAPS_GROUPED = re.compile(r"(?<!\d)\d{1,3}(?:，\d{3})+(?!\d)")
_IDENTIFIER_BEFORE = re.compile(
    r"(?:[尾编单工账卡]号|尾数|后四位|末四位|号码|验证码|校验码|动态码|密码|电话|热线|客服|拨打|[第满近过去]"
    r"|\b(?:code|ending(?: in| with)?|ends (?:in|with)|digits|card|number|no\.|phone|hotline|pin|in|since|year|call"
    r"|dial))"
    r"(?:是|为|：|:|is|are)?\s*$"
)
_PAYING_BEFORE = re.compile(
    r"(?:还|付|存|交|转|缴|给|凑|汇|差|欠|先来)(?:款|了|掉|上|清|个|我|你们?|入|进|大概|大约|差不多|大约是|得起|不?起|最多|最少|至少|只)*\s*$"
    r"|\b(?:pay|paid|repay|send|sent|transfer|owe|afford|put|deposit)"
    r"(?: (?:you|back|off|just|only|about|around|at least|at most|no more than|up to|in|another))*\s*$"
)
_HOTLINES = frozenset("110 114 119 120 122 315 400 996 12306 12315 12333 12345 12348 12363 12368 12378 12377".split())
_BANK_HOTLINE = re.compile(r"95[0-9]{3,4}|400\d{7}")

_WORDED = (
    (
        ALL,
        re.compile(
            r"全部|全额|全款|全数|全都|全还|全分|整笔|整个账单|所有的?(?:欠款|账单|钱|金额|账)"
            r"|一次性?(?:全部)?(?:还|付|结)(?:清|完|掉)|(?:都|一下子?)(?:还|付|结)(?:清|完|掉)"
            r"|\b(?:all of (?:it|them|the)|everything|in full|(?:the )?(?:full|whole|entire|total)"
            r" (?:amount|balance|bill|thing|lot|sum|debt|statement)"
            r"|it all|(?:pay|repay|clear|settle|split)(?: off| back)? all)\b"
        ),
    ),
    (
        MINIMUM,
        re.compile(
            r"最低(?!\s*(?:利率|消费|利息|(?:应|要|该)*(?:还款?|缴|付)?额?(?:是|要|应该)?(?:还|缴|付)?(?:多少|几)))"
            r"应?(?:还款|还)?(?:额度|金额|额)?"
            r"|\b(?:the )?min(?:imum)?(?: (?:payment|amount|due|repayment))*\b"
        ),
    ),
    (
        HALF,
        re.compile(
            r"一半|半数|对半"
            r"|\bhalf\b(?! (?:an? |of (?:the )?)?(?:year|month|hour|day|week|thousand|hundred|million)|-)"
        ),
    ),
)


def find(text: str, language: Optional[str], today: date) -> List[Found]:
    """Every sum that `text` names.

    A bare number counts where it is paid or owed, or is a hundred or more and counts nothing else ("12期", "3 days").
    Left out: foreign money, ranges (1000到2000), open sums (几千, 三四千), telephone and other numbers.
    """
    text = _GROUPED.sub(lambda match: match.group().replace("，", ","), text)
    found: List[Found] = []
    ranges = [match.span() for pattern in (_RANGE, _PERHAPS_GROUPED) for match in pattern.finditer(text)]
    for match in (*_CHINESE_SUM.finditer(text), *_ENGLISH_SUM.finditer(text)):
        value = _value(match)
        if value is None or not _is_money(match, text, value):
            continue
        sum_found = Found(match.start(), match.start() + len(match.group().rstrip()), f"{value:.2f}")
        in_range = any(start < sum_found.end and sum_found.start < end for start, end in ranges)
        if not in_range and not sum_found.overlaps(found):
            found.append(sum_found)
    for value_class, pattern in _WORDED:
        for match in pattern.finditer(text):
            worded = Found(*match.span(), value_class)
            if not worded.overlaps(found):
                found.append(worded)
    return sorted(found, key=lambda one: one.start)


def _value(match: Match[str]) -> Optional[Decimal]:
    groups = match.groupdict()
    if groups.get("words"):
        words = english_number(groups["words"])
        return Decimal(words) if words else None
    if groups.get("scale"):
        figure = chinese_number(groups["figure"])
        return figure * _SCALE[groups["scale"]] if figure and figure < 100_000 else None
    value = chinese_number(groups["number"] + (groups["late_unit"] or ""))
    if value is None or groups["about"] == "几":
        return None
    for group, share in (("tenths", Decimal("0.1")), ("cents", Decimal("0.01"))):
        if groups[group]:
            value += share * CHINESE_DIGITS.get(groups[group], int(groups[group]) if groups[group].isdecimal() else 0)
    return value if 0 < value < 100_000_000 and value == round(value, 2) else None


def _is_money(match: Match[str], text: str, value: Decimal) -> bool:
    groups = match.groupdict()
    before, end = text[: match.start()], match.start() + len(match.group().rstrip())
    if re.match(_FOREIGN, text[end:]) or _OPEN_AFTER.match(text, end) or _OPEN_BEFORE.search(before):
        return False
    if groups["mark"] or (groups["currency"] and not _is_together(match, text)):
        return True
    written = match.group().strip()
    if groups["currency"] or _NOT_MONEY_AFTER.match(text, end) or _IDENTIFIER_BEFORE.search(before):
        return False
    if written in CHINESE_DIGITS or (value < 100 and written[0].isalpha() and written.isascii()):
        return False  # 一半, "five other banks": a count, unless it stands alone
    if _is_year(written, text, end):
        return False
    return bool(_PAYING_BEFORE.search(before)) or (value >= 100 and not _is_public_number(written))


def _is_together(match: Match[str], text: str) -> bool:
    """一块 means "together" unless it is said to be money."""
    return match["currency"] == "块" and match.groupdict().get("number") == "一" and not match.groupdict()["tenths"]


def _is_public_number(digits: str) -> bool:
    return digits in _HOTLINES or _BANK_HOTLINE.fullmatch(digits) is not None


def _is_year(digits: str, text: str, end: int) -> bool:
    return re.fullmatch(r"(?:19|20)\d\d", digits) is not None and text[end : end + 1] == "年"
