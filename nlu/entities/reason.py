"""Why the customer fell behind: a class of `bank.models.ReasonClass`, by the words of `nlu/reasons.yml`."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Dict, List, Optional, Pattern, Tuple

import yaml

from bank.models import ReasonClass
from nlu.entities.found import Found
from nlu.folding import fold

_WORDS_FILE = Path(__file__).parent.parent / "reasons.yml"
_NO_REASON = "none"
_DENIED_BEFORE = re.compile(
    r"(?:没有?|不是|并非|并没有?|又没)(?:因为|由于)?$|\b(?:not|never|isn't|wasn't|without)(?: been| because of)? $"
)


def find(text: str, language: Optional[str], today: date) -> List[Found]:
    """Reasons that `text` gives, at most one of each class; denied ones (不是失业) are left out."""
    pattern, class_by_wording = _wordings()
    found: Dict[str, Found] = {}
    for match in pattern.finditer(text):
        reason = class_by_wording[match.group()]
        if reason != _NO_REASON and reason not in found and not _DENIED_BEFORE.search(text[: match.start()]):
            found[reason] = Found(*match.span(), reason)
    return list(found.values())


@lru_cache(maxsize=1)
def _wordings() -> Tuple[Pattern[str], Dict[str, str]]:
    wordings: Dict[str, Dict[str, List[str]]] = yaml.safe_load(_WORDS_FILE.read_text(encoding="utf-8"))
    class_by_wording: Dict[str, str] = {}
    for reason, by_language in wordings.items():
        if reason != _NO_REASON:
            ReasonClass(reason)  # raises ValueError for a class that the bank does not have
        for wording in (wording for words in by_language.values() for wording in words):
            folded = fold(wording)
            if class_by_wording.setdefault(folded, reason) != reason:
                raise ValueError(f"{_WORDS_FILE.name}: {wording} stands under {class_by_wording[folded]} and {reason}")
    longest_first = sorted(class_by_wording, key=len, reverse=True)
    return re.compile("|".join(map(_whole_words, longest_first))), class_by_wording


def _whole_words(wording: str) -> str:
    return rf"\b{re.escape(wording)}\b" if wording.isascii() else re.escape(wording)
