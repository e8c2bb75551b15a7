"""What a message that was not understood may have meant."""

from __future__ import annotations

from typing import Any, Dict, List

from actions.conversation import WANTS
from actions.values import label

_READINGS = 2


def readings(ranking: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """The likeliest wants, best first, as buttons: title and payload."""
    names = [str(entry.get("name")) for entry in ranking]
    return [{"reading": label("intent", name), "reading_payload": f"/{name}"} for name in names if name in WANTS][
        :_READINGS
    ]
