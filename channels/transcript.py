"""A conversation as its customer saw it, out of Rasa's events. Pure.

`shown_as` in the metadata of a customer's message is what stands in the transcript instead of its text: the title of
the button that was pressed, or `HIDDEN`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any, Deque, Dict, Iterable, List, Mapping, Optional, Set

from rasa.shared.core.events import BotUttered, ConversationPaused, ConversationResumed, Event, UserUttered

from channels.messages import Message, answer, buttons_of, is_payload
from common.rating import BY_ASSISTANT, rating_of

#: How many messages are shown again after a reload.
MAX_MESSAGES = 200

#: `shown_as` of a message that the channel sent itself.
HIDDEN = ""

#: Metadata of the event that makes the assistant silent for people who are not of the desk.
ELSEWHERE = {"elsewhere": True}


def transcript(events: Iterable[Event], limit: int = MAX_MESSAGES) -> Deque[Message]:
    """The last `limit` messages, oldest first; what was undone inside the dialogue was said all the same."""
    messages: Deque[Message] = deque(maxlen=limit)
    for event in events:
        message = _message(event)
        if message:
            messages.append(message)
    return messages


def said_to(events: Iterable[Event], message_id: str) -> Optional[List[Message]]:
    """What the assistant said to a customer's message; `None` if it has not handled it.

    What came from the desk meanwhile has an id of its own and is no answer.
    """
    said: Optional[List[Message]] = None
    for event in events:
        if isinstance(event, UserUttered):
            if said is not None:
                break
            said = [] if event.message_id == message_id else None
        elif said is not None and isinstance(event, BotUttered) and not event.message().get("message_id"):
            message = _message(event)
            said.extend([message] if message else [])
    return said


def passed_by(events: Iterable[Event], message_id: str) -> Optional[bool]:
    """Whether the turn of a customer's message made the assistant silent (true) or let it go on (false)."""
    is_it, passed = False, None
    for event in events:
        if isinstance(event, UserUttered):
            is_it = event.message_id == message_id
        elif is_it and isinstance(event, (ConversationPaused, ConversationResumed)):
            passed = isinstance(event, ConversationPaused)
    return passed


def rating_asked(events: Iterable[Event], message_id: str) -> Optional[float]:
    """When the message with this id was said, if it asks for a rating of the assistant; in seconds since 1970."""
    for event in events:
        if isinstance(event, BotUttered) and rating_of(event.as_dict()) == BY_ASSISTANT:
            shown = answer(event.message())
            if shown is not None and shown["id"] == message_id:
                return float(event.timestamp)
    return None


def is_elsewhere(events: Iterable[Event]) -> bool:
    """Whether the assistant is silent because people who are not of the desk took the conversation up."""
    pauses = [event for event in events if isinstance(event, ConversationPaused)]
    return bool(pauses) and bool((pauses[-1].metadata or {}).get("elsewhere"))


def _message(event: Event) -> Optional[Message]:
    if isinstance(event, BotUttered):
        return answer(event.message())
    if isinstance(event, UserUttered) and not (event.metadata or {}).get("is_external"):
        text = (event.metadata or {}).get("shown_as")
        if text is None and not is_payload(event.text or ""):
            text = event.text
        if text:
            return {"id": event.message_id, "sender": "user", "text": text, "timestamp": event.timestamp}
    return None


@dataclass
class Known:
    """What a conversation holds that the next message is checked against."""

    message_ids: Set[str] = field(default_factory=set)  # of customers' messages that were handled
    titles: Dict[str, str] = field(default_factory=dict)  # of the buttons that were offered, by payload; latest last

    @classmethod
    def of(cls, events: Iterable[Event]) -> "Known":
        """All that the events tell."""
        known = cls()
        for event in events:
            if isinstance(event, UserUttered):
                known.message_ids.add(str(event.message_id))
            elif isinstance(event, BotUttered):
                known.offer(buttons_of(event.message()))
        return known

    def offer(self, buttons: Iterable[Mapping[str, Any]]) -> None:
        """Remember buttons that the customer is shown."""
        self.titles.update({button["payload"]: button["title"] for button in buttons})
