"""Whether the assistant understood a message: by what it answered. Pure."""

from __future__ import annotations

from enum import Enum
from typing import Any, Mapping, Optional


class Understood(str, Enum):
    """What became of a message that a customer wrote to the assistant. The later, the more exactly it is known."""

    YES = "understood"
    FALLBACK = "fallback"  # no reading at all, or no answer to what a request had asked
    TWO_READINGS = "two_readings"  # the likeliest were offered as buttons
    OUT_OF_SCOPE = "out_of_scope"  # the assistant said what it is for

    def exceeds(self, other: "Understood") -> bool:
        """Whether this is the more exact word of the two."""
        order = list(Understood)
        return order.index(self) > order.index(other)


#: The answers that tell it; those to everything else were understood.
TOLD_BY: Mapping[str, Understood] = {
    "utter_fallback": Understood.TWO_READINGS,
    "utter_fallback_no_reading": Understood.FALLBACK,
    "utter_fallback_no_words": Understood.FALLBACK,
    "utter_fallback_human": Understood.FALLBACK,
    "utter_out_of_scope": Understood.OUT_OF_SCOPE,
    "utter_out_of_scope_in_request": Understood.OUT_OF_SCOPE,
}


def told_by_answer(event: Mapping[str, Any]) -> Optional[Understood]:
    """What a `bot` event tells of the message before it, if anything."""
    return TOLD_BY.get(str((event.get("metadata") or {}).get("utter_action")))
