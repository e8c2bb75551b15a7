"""What the bank itself writes: `texts.yml`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Dict

import yaml

_FILE = Path(__file__).with_name("texts.yml")


def text(topic: str, name: str, language: str, **values: object) -> str:
    """The text `name` of `topic` in "zh" or "en". Raises KeyError for one that does not exist or lacks a value."""
    found: str = _texts()[topic][name][language]
    return found.format_map(values)


@lru_cache(maxsize=None)
def _texts() -> Dict[str, Any]:
    found: Dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return found
