"""How many messages may still follow what the customer did, and until when. Pure.

A message of the customer's opens a long window, a press on the account's menu (or following it, or entering) a short
one; each has its own number. What is sent counts in the window that closes first, as it would be lost otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

from channels.messaging.people import Person
from channels.messaging.platform import Limits


@dataclass(frozen=True)
class Allowance:
    """What may be sent now."""

    left: int  # messages, in both windows together
    until: float  # when the last of the open windows closes, seconds since the epoch; 0 if none is open
    brief: bool  # whether the next message counts in the short window


def allowance(person: Person, limits: Limits, now: float) -> Allowance:
    """What may be sent to this person at `now`."""
    closes, closes_brief = person.wrote_at + limits.window_seconds, person.pressed_at + limits.menu_window_seconds
    left = max(limits.messages - person.sent_since, 0) if now < closes else 0
    brief = max(limits.menu_messages - person.sent_since_press, 0) if now < closes_brief else 0
    until = max(closes if now < closes else 0.0, closes_brief if now < closes_brief else 0.0)
    return Allowance(left + brief, until, brief > 0)
