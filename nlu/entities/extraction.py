"""All that one message names. Where two finders claim the same characters, the more specific one is right."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Callable, List, Optional, Tuple

from nlu.entities import amount, capacity, card, choice, code, contact, lone, reason, reference, term
from nlu.entities import date as day
from nlu.entities.found import Found
from nlu.folding import fold

Finder = Callable[[str, Optional[str], date], List[Found]]

# A reference number holds a date and a card's digits look like a sum: the more specific writing comes first.
_FINDERS: Tuple[Tuple[str, Finder], ...] = (
    ("reference", reference.find),
    ("card", card.find),
    ("code", code.find),
    ("date", day.find),
    ("term", term.find),
    ("amount", amount.find),
)


_DENIED_BEFORE = re.compile(r"(?:不是|而非|别|不要)(?:这|那|还|分)?$|\b(?:not|instead of|rather than)(?: on| the)* $")


@dataclass(frozen=True)
class Entity:
    """A named value; `start` and `end` (excluded) are characters of the original text."""

    name: str
    start: int
    end: int
    value: str


def extract(text: str, language: Optional[str], today: date) -> List[Entity]:
    """The entities of `text` in its order. `language` ("zh", "en" or `None`) decides how 12/3 is read."""
    folded = fold(text)
    alone = lone.readings(folded, today)
    if alone:
        return [_entity(name, found) for name, found in alone]
    kept: List[Entity] = []
    taken: List[Found] = []
    for name, find in _FINDERS:
        new = [found for found in find(folded, language, today) if not found.overlaps(taken)]
        taken += new
        kept += [_entity(name, found) for found in new]
    kept = [entity for entity in kept if not _put_right(entity, kept, folded)]
    kept += [_entity("reason", found) for found in reason.find(folded, language, today)]
    kept += [_entity(name, found) for name, found in choice.find(folded, language, today)]
    kept += [_entity(name, found) for name, found in capacity.find(folded, _of(kept, "amount"), _of(kept, "date"))]
    kept += [_entity("contact", found) for found in contact.find(folded, language, today)]
    return sorted(kept, key=lambda entity: (entity.start, entity.end))


def _put_right(entity: Entity, all_found: List[Entity], text: str) -> bool:
    """Whether the message denies it and names another: the first in 不是周五是周六, "not Friday, Saturday"."""
    if not _DENIED_BEFORE.search(text[: entity.start]):
        return False
    others = [other for other in all_found if other.name == entity.name and other is not entity]
    return any(not _DENIED_BEFORE.search(text[: other.start]) for other in others)


def _of(kept: List[Entity], name: str) -> List[Found]:
    return [Found(entity.start, entity.end, entity.value) for entity in kept if entity.name == name]


def _entity(name: str, found: Found) -> Entity:
    return Entity(name, found.start, found.end, found.value)
