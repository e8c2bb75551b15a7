"""Whether a yes is plain enough to file something on it."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Dict, List, Pattern

import yaml

_FILE = Path(__file__).with_name("hedges.yml")
_DENIAL = re.compile(
    r"不(?!错)|别(?!的)|没(?!有?(?:问题|错|意见|异议)|毛病)"
    r"|\b(?:no(?! problem| objection)|(?<!why )not)\b|n['’]t\b"
)


def is_hedged(text: str) -> bool:
    """Whether the message hesitates, asks, denies or sets a condition: 应该吧, "yes, if it is free".

    A pressed button never does.
    """
    if text.startswith("/"):
        return False
    folded = text.casefold().replace("？", "?")
    return any(pattern.search(folded) for pattern in (_hedges(), _DENIAL))


@lru_cache(maxsize=1)
def _hedges() -> Pattern[str]:
    wordings: Dict[str, List[str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    english = [
        rf"\b{re.escape(each)}\b" if each.isalpha() or " " in each else re.escape(each) for each in wordings["en"]
    ]
    return re.compile("|".join([*map(re.escape, wordings["zh"]), *english]))
