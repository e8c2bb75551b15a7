"""WeChat: the Official Account or the customer service, whichever the customer wrote to and may be answered by now.

Both let a message through only for some time after the customer's own (48 hours, five messages). Whoever has not
written lately gets a template message of the Official Account, if there is one of the text, or is reached another way;
what got stuck on its way is taken back and goes another way, too.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence
from urllib.parse import quote

import requests

from channels.conversations import Conversations
from common.settings import WechatTemplate
from outreach.senders.base import NotThisWay, Outgoing, Refused, Sent, TryLater
from outreach.senders.conversation import ConversationSender, events_of

logger = logging.getLogger(__name__)

_TIMEOUT = (3.0, 10.0)  # seconds
_TEMPLATES_OF = "wechat"


@dataclass(frozen=True)
class _Window:
    platform: str
    open_until: float  # seconds since the epoch


class MessagingSender(ConversationSender):
    """`platforms`: those on which amounts may be shown, e.g. `wechat`, `wecom`; `templates`: the Official Account's, by
    text and language; `link`: where they lead.
    """

    def __init__(
        self,
        url: str,
        api_token: str,
        desk_token: str,
        conversations: Conversations,
        platforms: Sequence[str],
        *,
        templates: Optional[Mapping[str, WechatTemplate]] = None,
        link: str = "",
    ) -> None:
        super().__init__(url, api_token, conversations)
        self._templates = templates or {}
        self._link = link
        self._headers = {"Authorization": f"Bearer {desk_token}"}
        self._platforms = platforms

    def send(self, outgoing: Outgoing) -> Sent:
        """Put the message into the conversation and on the customer's phone; `gateway_id` is the service's name."""
        tracker = self._tracker(outgoing.address)
        if self._holds(tracker, outgoing.id):
            return Sent()
        if tracker.get("paused"):
            raise TryLater("a person has the conversation")
        windows = [found for each in self._platforms if (found := self._window(each, outgoing.address))]
        if not windows:
            return self._send_template(outgoing)
        platform = max(windows, key=lambda window: window.open_until).platform
        self._append(outgoing.address, [_only_now(event) for event in events_of(outgoing)], platform)
        return Sent(platform)

    def _send_template(self, outgoing: Outgoing) -> Sent:
        """As a template message; it stands in the conversation, too, so that an answer has what it answers."""
        rendered = outgoing.rendered
        template = self._templates.get(rendered.text_id)
        if template is None or _TEMPLATES_OF not in self._platforms:
            raise NotThisWay("the customer has not written there lately")
        fields = {keyword: rendered.values[name] for keyword, name in template.values.items()}
        path = f"/desk/templates/{quote(outgoing.address, safe='')}/{quote(outgoing.id, safe='')}"
        body = {"template": template.id, "fields": fields, "url": self._link}
        answer = self._request("POST", _TEMPLATES_OF, path, body)
        if answer.status_code == 404:
            raise NotThisWay("the customer is not linked there")
        if answer.status_code == 409:
            raise Refused("the service refuses the template message")
        if answer.status_code != 202:
            raise TryLater(f"the assistant answered {answer.status_code}")
        self._append(outgoing.address, events_of(outgoing))
        return Sent(_TEMPLATES_OF)

    def fate(self, platform: str, conversation_id: str, message_id: str, *, give_up: bool) -> Optional[str]:
        """What became of a message: `sent`, `dropped`, `waiting` or `held`; none if the service does not know it.

        `give_up`: take it back if it was not tried yet. Raises `TryLater`.
        """
        path = f"/desk/messages/{quote(conversation_id, safe='')}/{quote(message_id, safe='')}"
        found = self._ask("DELETE" if give_up else "GET", platform, path)
        return None if found is None else str(found.get("state"))

    def _window(self, platform: str, conversation_id: str) -> Optional[_Window]:
        found = self._ask("GET", platform, f"/desk/windows/{quote(conversation_id, safe='')}")
        if found is None or found.get("left", 0) < 1 or found.get("held"):
            return None
        return _Window(platform, float(found["open_until"]))

    def _ask(self, method: str, platform: str, path: str) -> Optional[Dict[str, Any]]:
        answer = self._request(method, platform, path)
        if answer.status_code == 404:
            return None
        if answer.status_code != 200:
            raise TryLater(f"the assistant answered {answer.status_code}")
        try:
            found: Dict[str, Any] = answer.json()
            return found
        except ValueError:
            raise TryLater("the assistant did not answer with JSON") from None

    def _request(
        self, method: str, platform: str, path: str, body: Optional[Mapping[str, Any]] = None
    ) -> requests.Response:
        url = f"{self._url}/webhooks/{platform}{path}"
        try:
            return requests.request(method, url, json=body, headers=self._headers, timeout=_TIMEOUT)
        except requests.RequestException as error:
            raise TryLater(f"the assistant does not answer: {type(error).__name__}") from None


def _only_now(event: Dict[str, Any]) -> Dict[str, Any]:
    return {**event, "metadata": {**event["metadata"], "only_now": True}}


def platforms_of(names: Sequence[str], wechat: bool, wecom: bool) -> List[str]:
    """Those that are set up, of those on which amounts may be shown."""
    there = {"wechat": wechat, "wecom": wecom}
    return [name for name in names if there.get(name)]
