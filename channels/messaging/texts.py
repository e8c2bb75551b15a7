"""Messages for where a service shows no buttons. Pure."""

from __future__ import annotations

from channels.messaging.platform import Sendable


def listed(message: Sendable) -> str:
    """The text with the titles of its choices below it: a title that is typed is the same as pressed."""
    return "\n".join([message.text, *(f"· {choice.title}" for choice in message.choices)])
