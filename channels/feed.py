"""What happens in conversations, told to the agents' desk: Rasa's event broker over the feed of `common.feed`.

Rasa streams the new events of a turn synchronously, one by one, and before it saves the tracker. `publish` therefore
returns only when the event is committed, and raises if it cannot be: a turn that the desk would never see is not saved
as done either, and is handled again when the customer's page sends it again. Then the feed knows the message by its id.

Published is what the desk shows and decides by, and no more. Texts are as they were written: the feed is as
confidential as the tracker store, and lies in the same database if one is set.
"""

from __future__ import annotations

import asyncio
from asyncio import AbstractEventLoop
from typing import Any, Dict, Mapping, Optional

from rasa.core.brokers.broker import EventBroker
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.utils.endpoints import EndpointConfig

from common import metrics
from common.feed import EventFeed
from common.settings import settings

#: Slots whose values tell an agent what was talked about.
SLOTS = frozenset({"language", "card", "reason", "monthly_capacity", "requested_slot", "offer", "confirmed", "receipt"})

_WHOLE = frozenset({"bot", "pause", "resume", "session_started", "restart", "active_loop"})
_OF_USER = ("event", "timestamp", "text", "input_channel", "message_id", "metadata")
_OF_PARSING = ("intent", "entities", "language")  # the rest is how the model came to it
_NEVER = ("sender_id", "assistant_id")


class FeedBroker(EventBroker):
    """Named in `endpoints.yml`; the feed's database is that of the settings."""

    def __init__(self, feed: EventFeed) -> None:
        self._feed = feed

    @classmethod
    async def from_endpoint_config(
        cls, broker_config: EndpointConfig, event_loop: Optional[AbstractEventLoop] = None
    ) -> "FeedBroker":
        """Called by Rasa as it starts; raises `sqlalchemy.exc.OperationalError` if the database cannot be used."""
        feed = EventFeed(settings().store_url("events"))
        await asyncio.to_thread(feed.read, 0, 1)  # the tables are made now and not in the first turn
        return cls(feed)

    def publish(self, event: Dict[str, Any]) -> None:
        """Put the event into the feed if the desk needs it. Blocks until it is committed."""
        wanted = needed(event)
        if wanted is not None and self._feed.append(str(event["sender_id"]), wanted) and wanted["event"] == "user":
            _count(wanted)

    async def close(self) -> None:
        """Close the feed's connections."""
        self._feed.close()


def needed(event: Mapping[str, Any]) -> Optional[Dict[str, Any]]:
    """What of this event goes to the desk; `None` if nothing does."""
    kind = event.get("event")
    if kind == "user":
        return None if (event.get("metadata") or {}).get("is_external") else _user(event)
    if kind in _WHOLE or (kind == "slot" and event.get("name") in SLOTS):
        return {key: value for key, value in event.items() if key not in _NEVER}
    return None


def _count(message: Mapping[str, Any]) -> None:
    parsed = message["parse_data"]
    intent = (parsed.get("intent") or {}).get("name")
    if intent is None:
        reading = "unread"  # put on record without being interpreted
    elif str(message.get("text") or "").startswith("/"):
        reading = "button"
    else:
        reading = "fallback" if intent == DEFAULT_NLU_FALLBACK_INTENT_NAME else "understood"
    channel = metrics.channel_label(message.get("input_channel"))
    metrics.MESSAGES.labels(channel, metrics.language_label(parsed.get("language")), reading).inc()


def _user(event: Mapping[str, Any]) -> Dict[str, Any]:
    parsed = event.get("parse_data") or {}
    understood = {key: parsed[key] for key in _OF_PARSING if key in parsed}
    return {**{key: event.get(key) for key in _OF_USER}, "parse_data": understood}
