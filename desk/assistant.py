"""The assistant as the desk reaches it: its trackers, and the signals that its channel shows."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Dict, List, Mapping, Optional
from urllib.parse import quote

import aiohttp

logger = logging.getLogger(__name__)

# An assistant that works on a turn of the conversation answers after it.
_TIMEOUT = aiohttp.ClientTimeout(total=30.0, connect=3.0)  # seconds
_SIGNAL_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=2.0, sock_read=2.0)
_SIGNALS_AT_ONCE = 4  # everyone who waits moves up at the same time; messages must not stand behind that
_TAKEN, _BAD_REQUEST = 200, 400


class Unreachable(Exception):
    """The assistant did not get the request, or said that it did not do it."""


class Doubtful(Exception):
    """The assistant may have done it or not."""


class Refused(Exception):
    """The assistant does not understand the events, now and for ever."""


class Assistant:
    """The assistant at `url` over Rasa's HTTP API. One `open` and one `close` around all calls."""

    def __init__(self, url: str, *, api_token: str, desk_token: str) -> None:
        self._url = url.rstrip("/")
        self._api_token = api_token
        self._desk_token = desk_token
        self._session: Optional[aiohttp.ClientSession] = None
        self._signals: Optional[aiohttp.ClientSession] = None

    async def open(self) -> None:
        """Begin, on the running event loop."""
        self._session = aiohttp.ClientSession()
        self._signals = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=_SIGNALS_AT_ONCE))

    async def close(self) -> None:
        """Close every connection."""
        for session in (self._session, self._signals):
            if session:
                await session.close()
        self._session = self._signals = None

    async def append(self, conversation_id: str, events: List[Dict[str, Any]], channel: str) -> None:
        """Put events into the conversation and show what is to be shown. Raises as the classes above say."""
        query = {"output_channel": channel, "execute_side_effects": "true", "token": self._api_token}
        try:
            async with self._http.post(
                f"{self._tracker(conversation_id)}/events", params=query, json=events, timeout=_TIMEOUT
            ) as answer:
                if answer.status == _TAKEN:
                    await answer.read()
                    return
                self._judge(answer.status)
        except aiohttp.ClientConnectorError as error:
            raise Unreachable(type(error).__name__) from error
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            raise Doubtful(type(error).__name__) from error

    @staticmethod
    def _judge(status: int) -> None:
        if status == _BAD_REQUEST:
            raise Refused(f"answered {status}")
        if status >= 500:  # Rasa shows messages before it saves them, and may have failed in between
            raise Doubtful(f"answered {status}")
        raise Unreachable(f"answered {status}")  # 401: the token; 409: no model yet

    async def has(self, conversation_id: str, message_id: str) -> bool:
        """Whether events marked with `message_id` are in the conversation. Raises `Unreachable`."""
        query = {"include_events": "ALL", "token": self._api_token}
        try:
            async with self._http.get(self._tracker(conversation_id), params=query, timeout=_TIMEOUT) as answer:
                if answer.status != _TAKEN:
                    raise Unreachable(f"answered {answer.status}")
                tracker = await answer.json()
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            raise Unreachable(type(error).__name__) from error
        events: List[Mapping[str, Any]] = tracker.get("events") or []
        return any((event.get("metadata") or {}).get("message_id") == message_id for event in events)

    async def signal(self, conversation_id: str, **told: Any) -> None:
        """Let the customer's page show something of this moment: `typing` or `state`. May be lost."""
        headers = {"Authorization": f"Bearer {self._desk_token}"}
        body = {"conversation_id": conversation_id, **told}
        url = f"{self._url}/webhooks/webchat/desk/signals"
        try:
            if self._signals is None:
                raise RuntimeError("open() comes first")
            async with self._signals.post(url, json=body, headers=headers, timeout=_SIGNAL_TIMEOUT) as answer:
                if answer.status >= 300:
                    logger.warning("the channel took no signal: %s", answer.status)
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            logger.info("a signal was lost: %s", type(error).__name__)

    async def window(self, conversation_id: str, channel: str) -> Optional[Dict[str, Any]]:
        """What may still be sent to the customer over a messaging service; none if that is not known.

        `{open_until, left, waiting, held, undelivered}`: until when (seconds since the epoch, 0: closed) and how many
        messages may be sent, how many are not sent yet, why they wait for the customer, how many were refused for good.
        """
        headers = {"Authorization": f"Bearer {self._desk_token}"}
        url = f"{self._url}/webhooks/{channel}/desk/windows/{quote(conversation_id, safe='')}"
        try:
            async with self._http.get(url, headers=headers, timeout=_SIGNAL_TIMEOUT) as answer:
                found = await answer.json() if answer.status == _TAKEN else None
                return found if isinstance(found, dict) else None
        except (aiohttp.ClientError, asyncio.TimeoutError, ValueError) as error:
            logger.info("the assistant does not tell what may be sent: %s", type(error).__name__)
            return None

    @property
    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("open() comes first")
        return self._session

    def _tracker(self, conversation_id: str) -> str:
        return f"{self._url}/conversations/{quote(conversation_id, safe='')}/tracker"
