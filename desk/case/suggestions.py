"""Applies the rules of `suggestions.yml` to the facts of a case."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence, Tuple

import yaml

FILE = Path(__file__).with_name("suggestions.yml")
MOST = 5
#: Every fact that a rule may name.
FACTS = frozenset(
    "verified signed_in bank language trigger topic mood reason capacity state days first_time pending late_fee open "
    "promise refused contacts_today".split()
)
_COMPARISONS = frozenset({"at_least", "at_most", "without"})

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """What to suggest, in both languages, and when."""

    id: str
    when: Mapping[str, Any]
    zh: str
    en: str
    canned: Sequence[str] = ()
    request: str = ""

    def holds(self, facts: Facts) -> bool:
        """Whether every condition does."""
        return all(_is(facts.get(name), wanted) for name, wanted in self.when.items())

    def as_json(self) -> Dict[str, Any]:
        """What the console shows; `text` by language."""
        return {
            "id": self.id,
            "text": {"zh": self.zh, "en": self.en},
            "canned": list(self.canned),
            "request": self.request or None,
        }


def suggestions(facts: Facts) -> List[Dict[str, Any]]:
    """What to do next, the most important first."""
    return [rule.as_json() for rule in rules() if rule.holds(facts)][:MOST]


@lru_cache(maxsize=1)
def rules() -> Tuple[Rule, ...]:
    """The rules of the file. Raises `ValueError` if one names a fact, or a comparison, that there is not."""
    found = tuple(Rule(**rule) for rule in yaml.safe_load(FILE.read_text(encoding="utf-8"))["suggestions"])
    for rule in found:
        compared = {name for wanted in rule.when.values() if isinstance(wanted, dict) for name in wanted}
        unknown = (set(rule.when) - FACTS) | (compared - _COMPARISONS)
        if unknown:
            raise ValueError(f"{FILE.name}: {rule.id} names {', '.join(sorted(unknown))}")
    return found


def _is(fact: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return all(_compares(fact, name, value) for name, value in wanted.items())
    allowed = wanted if isinstance(wanted, list) else [wanted]
    if isinstance(fact, (list, tuple, set, frozenset)):
        return any(each in fact for each in allowed)
    return any(fact == each and isinstance(fact, bool) == isinstance(each, bool) for each in allowed)


def _compares(fact: Any, name: str, value: Any) -> bool:
    if name == "without":
        return value not in (fact or ())
    if not isinstance(fact, int) or isinstance(fact, bool):
        return False
    return bool(fact >= value) if name == "at_least" else bool(fact <= value)
