"""The kinds of messages that stop all talk of money, as compliance wrote them down in `data/responses/care.yml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, List, Mapping

import yaml

CARE_FILE = Path(__file__).resolve().parents[1] / "data" / "responses" / "care.yml"
#: The intent of such a message, and the entity that holds its kind.
CARE_INTENT = "in_distress"
CARE_ENTITY = "care"
ANGER_ENTITY = "anger"
_NOT_SIGNS = "not_signs"

Signs = Mapping[str, List[str]]  # by language, in the notation that the file explains


@dataclass(frozen=True)
class CareKind:
    """What may be wrong with a customer; its answer is the response `utter_care_<name>`."""

    name: str
    priority: str  # at the desk
    signs: Signs


@lru_cache(maxsize=1)
def care_kinds() -> Dict[str, CareKind]:
    """All kinds by name, what decides first coming first."""
    return {
        name: CareKind(name, kind["priority"], {"zh": kind["zh"], "en": kind["en"]})
        for name, kind in _content().items()
        if name != _NOT_SIGNS
    }


@lru_cache(maxsize=1)
def not_signs() -> Signs:
    """Set phrases and jokes that hold the words of a sign and mean something else."""
    found: Signs = _content()[_NOT_SIGNS]
    return found


@lru_cache(maxsize=1)
def insults() -> Signs:
    """Words that insult."""
    found: Signs = _file()["anger"]
    return found


def _content() -> Dict[str, Any]:
    content: Dict[str, Any] = _file()["care"]
    return content


def _file() -> Dict[str, Any]:
    content: Dict[str, Any] = yaml.safe_load(CARE_FILE.read_text(encoding="utf-8"))
    return content
