"""In which language to answer: that of the customer's last written message."""

from __future__ import annotations

from typing import Reversible

from rasa.shared.core.events import Event, SlotSet, UserUttered

from common.settings import settings

LANGUAGES = ("zh", "en")


def language_of(events: Reversible[Event]) -> str:
    """`zh` or `en`: what the customer asked for or wrote last; failing that, the widget's; failing that, the default.

    Button clicks carry no language of their own, so they keep the conversation's.
    """
    widget = None
    for event in reversed(events):
        if isinstance(event, SlotSet) and event.key == "language" and event.value in LANGUAGES:
            return str(event.value)
        if isinstance(event, UserUttered):
            written = (event.parse_data or {}).get("language")
            if written in LANGUAGES:
                return str(written)
            widget = widget or (event.metadata or {}).get("language")
    return widget if widget in LANGUAGES else settings().default_language
