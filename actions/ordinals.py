"""One of a list, by its place in it: 第二笔, the first one, 最后一个."""

from __future__ import annotations

import re
from typing import Optional, Sequence, TypeVar

_Item = TypeVar("_Item")
_CHINESE = "一二三四五六"
_ENGLISH = ("first", "second", "third", "fourth", "fifth", "sixth")
_PLACE = re.compile(
    rf"第\s*(?P<chinese>[{_CHINESE}1-6])\s*(?:[张笔个条项]|$)"
    r"|(?P<last>最后(?:的)?(?:那)?一?[张笔个条项]|\bthe last one\b)"
    rf"|\b(?:the )(?P<english>{'|'.join(_ENGLISH)})(?: one| card| charge| transaction)?\b(?! (?:time|day|week|month))",
    re.IGNORECASE,
)


def nth(items: Sequence[_Item], text: str) -> Optional[_Item]:
    """The item of `items`, in the order in which they were shown, whose place `text` names; `None` if it names none."""
    match = _PLACE.search(text)
    if match is None or not items:
        return None
    if match.group("last"):
        return items[-1]
    written = match.group("chinese") or match.group("english").lower()
    place = _ENGLISH.index(written) if written in _ENGLISH else int(written) - 1 if written.isdecimal() else None
    place = _CHINESE.index(written) if place is None else place
    return items[place] if place < len(items) else None
