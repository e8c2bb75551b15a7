"""The one-time code that the customer got by SMS: four to eight digits that are named as such."""

from __future__ import annotations

import re
from datetime import date
from typing import List, Optional

from nlu.entities.found import Found

_DIGITS = r"(?P<digits>\d{3}[ \-]\d{3}|\d(?: ?\d){3,7})(?!\d)"
_PATTERNS = (
    re.compile(
        rf"(?:验证码|校验码|动态码|动态密码|短信码|确认码|码)\s*(?:是|为|:|：|就是|应该是|收到了|来了)*\s*[,，]?\s*{_DIGITS}"
    ),
    re.compile(rf"(?<!\d){_DIGITS}\s*(?:是|就是)?(?:我的)?(?:验证码|校验码|动态码)"),
    re.compile(rf"\b(?:code|otp|passcode|pin)(?: i got| received)?(?: is|'s|:| it's|,)* {_DIGITS}\b"),
    re.compile(r"(?:收到|短信|发来|发的|写的|显示|输入)\D{0,6}(?P<digits>\d{6})(?![\d.元块])"),
    re.compile(rf"\b{_DIGITS} is (?:the|my) (?:code|otp|passcode)\b"),
)


def find(text: str, language: Optional[str], today: date) -> List[Found]:
    """Codes that are called so; a lone number of six digits is read in `extraction`."""
    found: List[Found] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            code = Found(*match.span("digits"), re.sub(r"\D", "", match["digits"]))
            if not code.overlaps(found):
                found.append(code)
    return sorted(found, key=lambda one: one.start)
