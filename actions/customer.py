"""Who is speaking: from the identity that the channel verified, and from nothing else.

The channel puts it into the metadata of every message; no slot, entity or text can change it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Dict, Optional

from rasa_sdk import Tracker


@dataclass(frozen=True)
class Identity:
    """`customer_id` is `None` unless it is verified now; `expired` tells that it was and ran out."""

    customer_id: Optional[str]
    expired: bool = False


def identity_of(tracker: Tracker) -> Identity:
    """The identity that came with the customer's latest message, checked against the present time."""
    metadata = _latest_metadata(tracker)
    if metadata.get("identity_problem") == "expired":
        return Identity(None, expired=True)
    identity = metadata.get("identity")
    if not identity:
        return Identity(None)
    if float(identity["expires_at"]) <= time.time():
        return Identity(None, expired=True)
    return Identity(str(identity["customer_id"]))


def customer_of(tracker: Tracker) -> Optional[str]:
    """The verified customer's id at the bank, or `None`."""
    return identity_of(tracker).customer_id


def _latest_metadata(tracker: Tracker) -> Dict[str, Any]:
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return event.get("metadata") or {}
    return {}
