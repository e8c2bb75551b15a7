"""Files that customers send in the chat: on to the bank while the assistant waits for papers, else nobody opens them.

They take the way of the web chat's (`channels.uploads`); what they are, how large, and whether the customer has agreed
is checked behind it. None of it is kept on the way.
"""

from __future__ import annotations

import logging
from typing import Any, AsyncIterator, Iterable, Mapping, Optional
from urllib.parse import quote

from rasa.shared.core.events import BotUttered, Event, SlotSet

from channels.messaging.inbox import Kept
from channels.messaging.platform import File, Platform, SendError
from channels.uploads import LARGEST_FILE, Carrier, headers_of

logger = logging.getLogger(__name__)

TAKEN, REFUSED, LATER = (f"utter_messaging_file_{what}" for what in ("taken", "refused", "later"))
_KINDS = frozenset({"image", "file"})
_OTHER = "other"  # by the bank's contract: a paper of any kind
_STEP = "requested_slot"  # what the assistant waits for


def wanted(events: Iterable[Event]) -> Optional[Mapping[str, Any]]:
    """What the assistant asks to be uploaded, as its message said, while it waits for that; `None` if it does not."""
    step, asked = None, None
    for event in events:
        if isinstance(event, SlotSet) and event.key == _STEP:
            asked = asked if event.value == step else None
            step = event.value
        elif isinstance(event, BotUttered):
            asked = ((event.data or {}).get("custom") or {}).get("upload") or asked
    return asked if step is not None else None


class Papers:
    """Passes files of one service on."""

    def __init__(self, platform: Platform, carrier: Carrier) -> None:
        self._platform = platform
        self._carrier = carrier

    def is_one(self, kept: Kept) -> bool:
        """Whether the message is a file that could be passed on."""
        return kept.kind in _KINDS and bool(kept.media_id)

    async def take(self, customer_id: str, kept: Kept, upload: Mapping[str, Any]) -> str:
        """Pass the file on; what is said then. The same message again is the same paper."""
        try:
            file = await self._platform.fetch(str(kept.media_id), LARGEST_FILE)
        except SendError as error:
            logger.warning("the service did not give a customer's file, code %s", error.code)
            return LATER
        if file is None:
            return REFUSED
        name = quote(file.name, safe="")
        headers = headers_of(customer_id, _kind(upload), name, kept.message_id, len(file.content))
        status, _ = await self._carrier.send(headers, _whole(file))
        logger.info("a customer's file was passed on: %s", status)
        if status in (200, 201):
            return TAKEN
        return LATER if status >= 500 else REFUSED


def _kind(upload: Mapping[str, Any]) -> str:
    """A chat has no place to say what a paper shows; the bank sees it."""
    kinds = [str(kind["value"]) for kind in upload.get("kinds") or []]
    return _OTHER if _OTHER in kinds or not kinds else kinds[0]


async def _whole(file: File) -> AsyncIterator[bytes]:
    yield file.content
