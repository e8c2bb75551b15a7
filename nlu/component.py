"""What our components of Rasa's graph have in common."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Optional

from rasa.engine.graph import GraphComponent

_FOLDER = Path(__file__).parent
_SOURCES = (".py", ".yml", ".txt")


@lru_cache(maxsize=1)
def _fingerprint_of_sources() -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in _FOLDER.rglob("*") if path.suffix in _SOURCES):
        digest.update(path.relative_to(_FOLDER).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


class NluComponent(GraphComponent):
    """A component that Rasa trains anew when anything in this package changed.

    Rasa's training cache compares a component's configuration and its class's source alone; the rules and word lists
    stand outside the class.
    """

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """What the cache compares on top: all sources of this package."""
        return _fingerprint_of_sources()
