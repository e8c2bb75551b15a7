"""What the customer chooses between several: a value of an entity, by the words of `nlu/choices.yml`."""

from __future__ import annotations

import re
from datetime import date
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Callable, Dict, List, Mapping, Optional, Pattern, Tuple

import yaml

from bank.models import (
    ApplicationKind,
    AutoDebitAmount,
    DisputeReason,
    DocumentKind,
    IssuedDocumentKind,
    PlanKind,
    RepaymentChannelKind,
    WaiverKind,
)
from nlu.entities.found import Found
from nlu.folding import fold


class Order(Enum):
    """What to do with the automatic repayment."""

    ON = "on"
    OFF = "off"
    AMOUNT = "amount"  # another part of the bill
    ACCOUNT = "account"  # another account


class Sent(Enum):
    """Whether the papers that were asked for have been sent."""

    READY = "ready"
    NONE = "none_now"


class Cost(Enum):
    """Which cost of a request is asked for."""

    WHOLE = "whole"


class Assured(Enum):
    """Whether a yes of the bank is taken for certain, or asked to be."""

    WANTED = "wanted"


class Asked(Enum):
    """What is asked about requests in general."""

    SIGNING = "signing"  # whether something has to be signed
    CONTENT = "content"  # what the agreement says
    COLLECTION = "collection"  # whether collection goes on once it is signed
    REFUSED = "refused"  # what follows if the bank says no
    MISSED = "missed"  # what follows if an instalment is not paid in time
    SCHEDULE = "schedule"  # when the instalments are due, and how many are left
    EARLY = "early"  # whether, and at what cost, instalments can be paid off before their end
    POSTING = "posting"  # how soon a payment is booked
    PAPERS = "papers"  # what has to be handed in
    CONTACT = "contact"  # by which number, and when, people can be reached
    WAIT = "wait"  # how long it takes until somebody comes
    REVIEW = "review"  # how long the bank takes


class Party(Enum):
    """Who else has to do with it."""

    OTHER_PERSON = "other_person"  # whose card it is
    AGENCY = "agency"  # is paid, or wants to be, to settle it


class Plainer(Enum):
    """That the answer was too much."""

    WANTED = "wanted"


_WORDS_FILE = Path(__file__).parent.parent / "choices.yml"
_NEITHER = "none"
#: The values that an entity may have.
VALUES: Mapping[str, Callable[[str], object]] = {
    "charge": WaiverKind,
    "wrong": DisputeReason,
    "share": AutoDebitAmount,
    "paper": IssuedDocumentKind,
    "order": Order,
    "plan": PlanKind,
    "declaration": ApplicationKind,
    "evidence": DocumentKind,
    "documents": Sent,
    "cost": Cost,
    "assured": Assured,
    "asked": Asked,
    "party": Party,
    "plainer": Plainer,
    "channel": RepaymentChannelKind,
}
_DENIED_BEFORE = re.compile(r"(?:不是|不要|别)$|\b(?:not|not the|no) $")


def find(text: str, language: Optional[str], today: date) -> List[Tuple[str, Found]]:
    """(entity, found) for each choice that `text` (folded) names, each value once; denied ones are left out."""
    found: Dict[Tuple[str, str], Found] = {}
    for entity, (pattern, value_by_wording) in _wordings().items():
        for match in pattern.finditer(text):
            value = value_by_wording[match.group()]
            if value != _NEITHER and not _DENIED_BEFORE.search(text[: match.start()]):
                found.setdefault((entity, value), Found(*match.span(), value))
    return [(entity, each) for (entity, _), each in found.items()]


@lru_cache(maxsize=1)
def _wordings() -> Dict[str, Tuple[Pattern[str], Dict[str, str]]]:
    content = yaml.safe_load(_WORDS_FILE.read_text(encoding="utf-8"))
    return {entity: _of(entity, wordings) for entity, wordings in content.items()}


def _of(entity: str, wordings: Dict[str, Dict[str, List[str]]]) -> Tuple[Pattern[str], Dict[str, str]]:
    value_by_wording: Dict[str, str] = {}
    for value, by_language in wordings.items():
        if value != _NEITHER:
            VALUES[entity](value)  # raises KeyError, ValueError for what the bank does not know
        for wording in (wording for words in by_language.values() for wording in words):
            if value_by_wording.setdefault(fold(wording), value) != value:
                raise ValueError(f"{_WORDS_FILE.name}: {wording} stands under two values of {entity}")
    longest_first = sorted(value_by_wording, key=len, reverse=True)
    return re.compile("|".join(map(_whole_words, longest_first))), value_by_wording


def _whole_words(wording: str) -> str:
    return rf"\b{re.escape(wording)}\b" if wording.isascii() else re.escape(wording)
