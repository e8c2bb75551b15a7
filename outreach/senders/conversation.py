"""The web chat: the assistant opens, in the customer's own conversation, with what it is about."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, List, Optional
from urllib.parse import quote

import requests

from bank.models import ContactAddresses
from channels.conversations import Conversations
from common.rating import BY_ASSISTANT
from outreach.senders.base import Doubtful, Outgoing, Refused, Sent, TryLater

_CHANNEL = "webchat"
_TIMEOUT = (3.0, 30.0)  # seconds; an assistant that works on a turn of the conversation answers after it


class ConversationSender:
    """Over Rasa's HTTP API. A conversation that a person has, or that waits for one, is left alone."""

    repeatable = True

    def __init__(self, url: str, api_token: str, conversations: Conversations) -> None:
        self._url = url.rstrip("/")
        self._token = api_token
        self._conversations = conversations

    def address(self, customer_id: str, addresses: ContactAddresses) -> Optional[str]:
        """The conversation's id: it follows from the customer's, and exists whether anything was said or not."""
        return self._conversations.of_customer(customer_id)

    def send(self, outgoing: Outgoing) -> Sent:
        """Put the message into the conversation, unless it is there."""
        tracker = self._tracker(outgoing.address)
        if self._holds(tracker, outgoing.id):
            return Sent(outgoing.id)
        if tracker.get("paused"):
            raise TryLater("a person has the conversation")
        self._append(outgoing.address, events_of(outgoing))
        return Sent(outgoing.id)

    def find(self, message_id: str, address: str, at: datetime) -> Optional[bool]:
        """Whether the conversation holds the message."""
        return self._holds(self._tracker(address), message_id)

    def say(self, conversation_id: str, message_id: str, events: List[Dict[str, Any]]) -> None:
        """Put events, each marked with `message_id`, into a conversation once. Raises `SendingFailed`."""
        if not self._holds(self._tracker(conversation_id), message_id):
            self._append(conversation_id, events)

    def _tracker(self, conversation_id: str) -> Dict[str, Any]:
        query = {"include_events": "ALL", "token": self._token}
        try:
            answer = requests.get(self._path(conversation_id), params=query, timeout=_TIMEOUT)
            if answer.status_code != 200:
                raise TryLater(f"the assistant answered {answer.status_code}")
            found: Dict[str, Any] = answer.json()
            return found
        except requests.RequestException as error:
            raise TryLater(f"the assistant does not answer: {type(error).__name__}") from None

    def _append(self, conversation_id: str, events: List[Dict[str, Any]], channel: str = _CHANNEL) -> None:
        query = {"output_channel": channel, "execute_side_effects": "true", "token": self._token}
        url = f"{self._path(conversation_id)}/events"
        try:
            answer = requests.post(url, params=query, json=events, timeout=_TIMEOUT)
        except requests.ConnectTimeout:
            raise TryLater("the assistant does not answer") from None
        except requests.RequestException as error:
            raise Doubtful(f"the assistant did not say: {type(error).__name__}") from None
        if answer.status_code == 400:
            raise Refused("the assistant does not understand the events")
        if answer.status_code >= 500:  # it may have shown the message before it failed
            raise Doubtful(f"the assistant answered {answer.status_code}")
        if answer.status_code != 200:
            raise TryLater(f"the assistant answered {answer.status_code}")

    @staticmethod
    def _holds(tracker: Dict[str, Any], message_id: str) -> bool:
        events = tracker.get("events") or []
        return any((event.get("metadata") or {}).get("message_id") == message_id for event in events)

    def _path(self, conversation_id: str) -> str:
        return f"{self._url}/conversations/{quote(conversation_id, safe='')}/tracker"


def events_of(outgoing: Outgoing) -> List[Dict[str, Any]]:
    """The message as the assistant's own, marked, and which card it is about."""
    mark = {"message_id": outgoing.id, "outreach": {"contact_id": outgoing.contact_id, "step": outgoing.step}}
    rendered = outgoing.rendered
    data: Dict[str, Any] = {"buttons": list(rendered.buttons)} if rendered.buttons else {}
    if rendered.asks_for_rating:
        data["custom"] = {"rating": BY_ASSISTANT}
    return [
        {"event": "slot", "name": "card", "value": outgoing.last4, "metadata": mark},
        {"event": "bot", "text": rendered.text, "data": data, "metadata": mark},
    ]
