"""Finding by a list of rules, the more telling first; what one rule took, no later rule reads again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Callable, List, Match, Optional, Pattern, Sequence

from nlu.entities.found import Found

Reading = Callable[[Match[str], date], Optional[date]]


@dataclass(frozen=True)
class Rule:
    """A wording and the day it means. A rule without a reading takes its text out of the later rules' sight."""

    pattern: Pattern[str]
    read: Optional[Reading] = None


def rule(pattern: str, read: Optional[Reading] = None) -> Rule:
    """A rule from the source of its regular expression. An English word ends where a Chinese character begins."""
    return Rule(re.compile(pattern, re.ASCII), read)


def scan(text: str, rules: Sequence[Rule], today: date) -> List[Found]:
    """What the rules find in `text`, as ISO dates, in the order of the text."""
    taken: List[Found] = []
    for candidate in rules:
        for match in candidate.pattern.finditer(text):
            start, end = match.span("span") if "span" in candidate.pattern.groupindex else match.span()
            day = candidate.read(match, today) if candidate.read else None
            found = Found(start, end, day.isoformat() if day else "")
            if start < end and not found.overlaps(taken):
                taken.append(found)
    return sorted((found for found in taken if found.value), key=lambda found: found.start)
