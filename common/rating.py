"""What a question for a rating looks like among a conversation's events. Pure.

`custom.rating` of a message is `assistant` where the assistant, or outreach, asks, and `offered` where the desk does.
"""

from __future__ import annotations

from typing import Any, Mapping

#: The assistant's own: about what it did itself.
BY_ASSISTANT = "assistant"


def rating_of(event: Mapping[str, Any]) -> str:
    """The value in a `bot` event, in Rasa's form as a dictionary; empty if it asks for no rating."""
    data = event.get("data") or {}
    return str((data.get("custom") or {}).get("rating") or "")


def asks_for_rating(event: Mapping[str, Any]) -> bool:
    """Whether the event asks how it was."""
    return bool(rating_of(event))


def rating_key(asked_at: float) -> str:
    """What names a question within its conversation; `asked_at`: the event's moment, in seconds since 1970."""
    return f"{asked_at:.6f}"
