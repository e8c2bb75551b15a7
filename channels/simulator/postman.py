"""Delivers to the assistant's webhooks as the platforms do: five seconds for an answer, three attempts in all.

https://developers.weixin.qq.com/doc/service/guide/product/message/Receiving_standard_messages.html
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any, Callable, Dict, List, Optional, Set, Tuple
from urllib.parse import urlsplit

import aiohttp

logger = logging.getLogger(__name__)

ATTEMPTS = 3
ANSWER_SECONDS = 5.0

#: Signs a message anew for each attempt: the query's parameters and the body.
Letter = Callable[[], Tuple[Dict[str, str], bytes]]
Answer = Tuple[Optional[int], str]  # HTTP status and text; no status if none came


@dataclass(frozen=True)
class Attempt:
    """How one delivery went."""

    platform: str
    number: int  # 1 to 3
    status: Optional[int]  # `None`: no answer in time, or no connection
    answer: str
    seconds: float
    taken: bool


class Postman:
    """Carries letters; several are under way at once."""

    def __init__(self) -> None:
        self._session: Optional[aiohttp.ClientSession] = None
        self._rounds: Set["asyncio.Task[None]"] = set()
        self._held: List[Tuple[str, str, Letter]] = []
        self.attempts: List[Attempt] = []
        self.answer_seconds = ANSWER_SECONDS
        self.copies = 1  # how many times each is delivered although it was taken
        self.holding = False
        self.origins: List[str] = []  # of assistants that take turns, as behind a load balancer

    def send(self, platform: str, url: str, letter: Letter) -> None:
        """Deliver in the background."""
        if self.holding:
            self._held.append((platform, url, letter))
            return
        for _ in range(self.copies):
            task = asyncio.get_running_loop().create_task(self._deliver(platform, self._next(url), letter))
            self._rounds.add(task)
            task.add_done_callback(self._rounds.discard)

    def _next(self, url: str) -> str:
        if not self.origins:
            return url
        self.origins.append(self.origins.pop(0))
        return self.origins[-1] + urlsplit(url).path

    def hold(self) -> None:
        """Keep what is sent from now on."""
        self.holding = True

    def release(self, backwards: bool = False) -> None:
        """Deliver what was held, the last first if `backwards`."""
        self.holding = False
        held, self._held = self._held, []
        for platform, url, letter in reversed(held) if backwards else held:
            self.send(platform, url, letter)

    async def _deliver(self, platform: str, url: str, letter: Letter) -> None:
        for number in range(1, ATTEMPTS + 1):
            started = time.monotonic()
            status, answer = await self._post(url, letter)
            seconds = time.monotonic() - started
            # An encrypted or an XML answer would be taken as a reply; nobody here gives one, so it is a fault.
            taken = status == HTTPStatus.OK and answer in ("success", "")
            self.attempts.append(Attempt(platform, number, status, answer, round(seconds, 4), taken))
            if taken:
                return
            logger.warning("%s: attempt %s was not taken: %s", platform, number, status or "no answer")
            await asyncio.sleep(max(0.0, self.answer_seconds - seconds))

    async def _post(self, url: str, letter: Letter) -> Answer:
        parameters, body = letter()
        return await self._ask("POST", url, params=parameters, data=body, headers={"Content-Type": "text/xml"})

    async def check(self, url: str, parameters: Dict[str, str]) -> Answer:
        """Ask the webhook to prove itself, as when its address is entered at the platform."""
        return await self._ask("GET", url, params=parameters)

    async def _ask(self, method: str, url: str, **more: Any) -> Answer:
        timeout = aiohttp.ClientTimeout(total=self.answer_seconds)
        try:
            async with self._connections().request(method, url, timeout=timeout, **more) as answer:
                return answer.status, await answer.text(errors="replace")
        except (aiohttp.ClientError, asyncio.TimeoutError):
            return None, ""

    def _connections(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session

    def view(self) -> Dict[str, Any]:
        """Every attempt, and how many deliveries are still under way or held."""
        return {
            "attempts": [asdict(attempt) for attempt in self.attempts],
            "under_way": len(self._rounds),
            "held": len(self._held),
        }

    async def close(self) -> None:
        """Give up what is under way."""
        for task in self._rounds:
            task.cancel()
        await asyncio.gather(*self._rounds, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
