"""The reference number of an application, as the bank gave it: INS-20261121-0007."""

from __future__ import annotations

import re
from datetime import date
from typing import List, Optional

from nlu.entities.found import Found

_REFERENCE = re.compile(r"(?<![a-z])(?P<kind>[a-z]{3})[\s\-_—–]?(?P<day>20\d{6})[\s\-_—–]?(?P<number>\d{4})(?!\d)")


def find(text: str, language: Optional[str], today: date) -> List[Found]:
    """Reference numbers in `text`, put into the bank's writing whatever case and hyphens the customer used."""
    return [
        Found(*match.span(), f"{match['kind'].upper()}-{match['day']}-{match['number']}")
        for match in _REFERENCE.finditer(text)
    ]
