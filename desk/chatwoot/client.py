"""The two HTTP APIs of Chatwoot, as far as handing over needs them. Calls block."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional
from urllib.parse import quote

import requests

from common.settings import Settings

_TIMEOUT = (3.0, 10.0)  # seconds to connect, and to wait for an answer
_RETRIED = frozenset({408, 429})


class ChatwootUnreachable(Exception):
    """It did not get the request, or said that it did not do it: try again."""


class ChatwootDoubtful(ChatwootUnreachable):
    """It may have done it or not."""


class ChatwootRefused(Exception):
    """It does not take this, now and for ever: wrong settings, or something that was deleted."""


class ChatwootClient:
    """One inbox of one account. Raises the errors above."""

    def __init__(self, url: str, *, account_id: int, inbox: str, bot_token: str) -> None:
        """`inbox`: the identifier of an API channel; `bot_token`: of an agent bot of the account."""
        self._inbox = f"{url.rstrip('/')}/public/api/v1/inboxes/{quote(inbox, safe='')}"
        self._account = f"{url.rstrip('/')}/api/v1/accounts/{account_id}"
        self._bot = {"api_access_token": bot_token}
        self._session = requests.Session()
        self._session.trust_env = False

    def create_contact(self, identifier: str, name: str, language: str) -> str:
        """The customer, known by `identifier`; the source id by which the inbox knows them."""
        body = {"identifier": identifier, "name": name, "custom_attributes": {"language": language}}
        return str(self._post(f"{self._inbox}/contacts", body)["source_id"])

    def create_conversation(self, source_id: str, attributes: Mapping[str, Any]) -> int:
        """A new conversation of the customer; its number."""
        body = {"custom_attributes": dict(attributes)}
        return int(self._post(f"{self._contact(source_id)}/conversations", body)["id"])

    def write(self, source_id: str, conversation: int, text: str, echo_id: str) -> int:
        """The customer writes; the message's number."""
        body = {"content": text, "echo_id": echo_id}
        return int(self._post(f"{self._contact(source_id)}/conversations/{conversation}/messages", body)["id"])

    def written(self, source_id: str, conversation: int) -> List[Dict[str, Any]]:
        """The conversation's messages."""
        found = self._call("GET", f"{self._contact(source_id)}/conversations/{conversation}/messages")
        return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []

    def note(self, conversation: int, text: str) -> None:
        """A private note, which only agents see."""
        body = {"content": text, "message_type": "outgoing", "private": True}
        self._post(f"{self._account}/conversations/{conversation}/messages", body, self._bot)

    def set_status(self, conversation: int, status: str) -> None:
        """`open`, `pending` or `resolved`."""
        self._post(f"{self._account}/conversations/{conversation}/toggle_status", {"status": status}, self._bot)

    def _contact(self, source_id: str) -> str:
        return f"{self._inbox}/contacts/{quote(source_id, safe='')}"

    def _post(self, url: str, body: Mapping[str, Any], headers: Optional[Mapping[str, str]] = None) -> Dict[str, Any]:
        found = self._call("POST", url, body, headers)
        if not isinstance(found, dict):
            raise ChatwootRefused("answered no JSON object")
        return found

    def _call(
        self,
        method: str,
        url: str,
        body: Optional[Mapping[str, Any]] = None,
        headers: Optional[Mapping[str, str]] = None,
    ) -> Any:
        try:
            answer = self._session.request(
                method, url, json=body, headers=dict(headers or {}), timeout=_TIMEOUT, allow_redirects=False
            )
        except (requests.ConnectTimeout, requests.exceptions.SSLError) as error:
            raise ChatwootUnreachable(type(error).__name__) from None
        except requests.RequestException as error:  # a refused connection looks like a broken one: take it as that
            raise ChatwootDoubtful(type(error).__name__) from None
        if answer.status_code in _RETRIED:
            raise ChatwootUnreachable(f"answered {answer.status_code}")
        if answer.status_code >= 500:
            raise ChatwootDoubtful(f"answered {answer.status_code}")
        if answer.status_code not in (200, 201):
            raise ChatwootRefused(f"answered {answer.status_code}")
        try:
            return answer.json()
        except ValueError:
            raise ChatwootRefused("answered no JSON") from None


def client_from(known: Settings) -> ChatwootClient:
    """The client of the settings. Raises `ValueError` that names those that are missing."""
    needed = ("chatwoot_url", "chatwoot_account_id", "chatwoot_inbox_identifier", "chatwoot_bot_token")
    missing = [name.upper() for name in (*needed, "chatwoot_webhook_secret") if not getattr(known, name)]
    if missing:
        raise ValueError(f"DESK_PROVIDER is chatwoot, and {', '.join(missing)} missing")
    return ChatwootClient(
        str(known.chatwoot_url),
        account_id=int(known.chatwoot_account_id or 0),
        inbox=str(known.chatwoot_inbox_identifier),
        bot_token=str(known.chatwoot_bot_token),
    )
