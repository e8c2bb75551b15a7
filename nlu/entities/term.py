"""The length of an instalment plan: months, as the string of an integer ("12")."""

from __future__ import annotations

import re
from datetime import date
from typing import List, Match, Optional

from nlu.entities.found import Found
from nlu.entities.numbers import ENGLISH_SMALL_COUNT, SMALL_COUNT, small_count

SHORTEST_TERM, LONGEST_TERM = 2, 60  # months; the longest: 2011 Measures, Art. 70

MONTHS_CHINESE = (
    rf"(?<![第几每])(?:(?P<years>{SMALL_COUNT})年(?P<and_half>半)?|(?P<half>半)年"
    rf"|(?P<months>{SMALL_COUNT})\s*个?月(?![底初末中份]))"
)
MONTHS_ENGLISH = (
    rf"(?:\b(?P<half_year>half a year|half-year)\b"
    rf"|\b(?P<months>{ENGLISH_SMALL_COUNT})[ -]?(?:equal |monthly )?months?\b"
    rf"|\b(?P<years>{ENGLISH_SMALL_COUNT})[ -]?(?P<and_half>and a half )?years?\b)"
)
_MONTHS_CHINESE, _MONTHS_ENGLISH = re.compile(MONTHS_CHINESE), re.compile(MONTHS_ENGLISH)
_INSTALMENTS = (
    re.compile(
        rf"(?<![第\d\-/.剩欠还下过几双])(?P<months>{SMALL_COUNT})\s*个?期"
        r"(?!了|没|未|逾|之?前|之?后|以前|以后|款|账|欠|间|望|待|末|货|初|\d)"
    ),
    re.compile(
        rf"\b(?P<months>{ENGLISH_SMALL_COUNT}) (?:monthly |equal |equal monthly )?"
        r"(?:instal{1,2}ments?|terms|(?<=monthly )payments|(?<=equal )(?:payments|parts))\b"
        r"(?! (?:late|overdue|behind|left|remaining|ago|past|unpaid))"
    ),
    re.compile(rf"(?:\bin|\binto|\bover) (?P<months>{ENGLISH_SMALL_COUNT}) (?:payments|parts|portions)\b"),
    re.compile(
        r"\b(?P<months>\d{1,2})[ -](?:month|instal{1,2}ment|term)(?:ly)? (?:plan|instal{1,2}ments?|option|term)\b"
    ),
)
_SPLITTING_BEFORE = re.compile(
    r"(?:分期?|分[成为个到]|期数|平摊|摊|拆|改[成为]|换成|调成|延长到|缩短到|选|要|做|办|按)"
    r"(?:还款?|成|到|为|个|的|是|在|用|最多|最长|了)*\s*$"
    r"|\b(?:split|spread|divide|instal{1,2}ments?|plan|option|choose|take|prefer"
    r"|(?:switch|change) (?:it |this |that )?to|pay (?:it |this |them )?(?:off|back))[^.,!?;]{0,30}$"
    r"|\b(?<!for )(?<!been )over $"
)
_SPLITTING_AFTER = re.compile(
    r"[的来]?(?:分期|分|平摊|还清|还完|的?方案|期|那个|这个|那种)"
    r"|\s*(?:plan|instal|option|term|please|is (?:fine|ok|good))"
)
_RUNNING_BEFORE = re.compile(
    r"(?:还了|还过|还有|已还|已经|剩下?|拖欠?|逾期了?|差)\s*$|\b(?:behind(?: by)?|missed|made|paid) $"
)
_NOT_AHEAD_AFTER = re.compile(r"之?后|以后|之?前|以前|没|未|了|\s*(?:ago|late|overdue|behind|later|from)")


def find(text: str, language: Optional[str], today: date) -> List[Found]:
    """Every plan length in `text`: 12期, 分半年, over 12 months, 3-month plan.

    Months and years count only where something is split over them: 逾期3个月 and "in 3 months" are none, nor are
    instalments of a plan that runs (第3期, 还了3期).
    """
    found: List[Found] = []
    for pattern in _INSTALMENTS:
        for match in pattern.finditer(text):
            if not _RUNNING_BEFORE.search(text[: match.start()]):
                _add(found, match)
    for months in (_MONTHS_CHINESE, _MONTHS_ENGLISH):
        for match in months.finditer(text):
            splitting = _SPLITTING_BEFORE.search(text[: match.start()]) or _SPLITTING_AFTER.match(text, match.end())
            if splitting and not _NOT_AHEAD_AFTER.match(text, match.end()):
                _add(found, match)
    return sorted(found, key=lambda one: one.start)


def _add(found: List[Found], match: Match[str]) -> None:
    months = months_of(match)
    if months is not None:
        term = Found(*match.span(), str(months))
        if not term.overlaps(found):
            found.append(term)


def months_of(match: Match[str]) -> Optional[int]:
    """The months that a match of one of this module's patterns means, if a plan may be that long."""
    groups = match.groupdict()
    if groups.get("half") or groups.get("half_year"):
        return 6
    if groups.get("years"):
        months = (small_count(groups["years"]) or 0) * 12 + (6 if groups["and_half"] else 0)
    else:
        months = small_count(groups["months"]) or 0
    return months if SHORTEST_TERM <= months <= LONGEST_TERM else None
