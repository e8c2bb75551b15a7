"""Agents at a running desk: signed in over HTTP, with an open socket."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from contextlib import contextmanager
from functools import lru_cache
from threading import Condition, Thread
from typing import Any, Awaitable, Callable, Coroutine, Dict, Iterator, List

import socketio
from socketio.exceptions import BadNamespaceError

from tests.browser.desk_place import PASSWORD, DeskPlace
from tests.test_desk.serving import Browser

EVENTS = ("queue", "message", "conversation", "typing", "viewers", "presence", "me")
_PATIENCE = 60.0  # seconds, on a machine that does much else


@lru_cache(maxsize=1)
def _loop() -> asyncio.AbstractEventLoop:
    """Where all sockets of a test process live: on a thread of its own."""
    loop = asyncio.new_event_loop()
    Thread(target=loop.run_forever, daemon=True).start()
    return loop


def _wait(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run_coroutine_threadsafe(work, _loop()).result(_PATIENCE)


class Console(Browser):
    """A console without its page."""

    def __init__(self, place: DeskPlace, name: str) -> None:
        super().__init__(place.origin)
        answer = self.sign_in(name, PASSWORD)
        assert answer.ok, answer.text
        self.me = answer.json()["me"]
        self.heard: Dict[str, List[Any]] = defaultdict(list)
        self.news = Condition()
        self.socket = socketio.AsyncClient(reconnection_delay=0.2, reconnection_delay_max=1)
        for event in EVENTS:
            self.socket.on(event, self._keep(event))

    def connect(self) -> "Console":
        """Open the socket."""
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.session.cookies)
        options = {"headers": {"Cookie": cookies}, "transports": ["polling"], "wait_timeout": _PATIENCE}
        _wait(self.socket.connect(self.origin, **options))
        return self

    def close(self) -> None:
        """Close the socket."""
        _wait(self.socket.disconnect())

    def tell(self, event: str, **content: Any) -> Any:
        """Send an event and return how it was taken. A socket that has just been cut off opens again by itself."""
        ends_at = time.monotonic() + _PATIENCE
        while True:
            try:
                return _wait(self.socket.call(event, content, timeout=_PATIENCE))
            except BadNamespaceError:  # nothing has been sent
                if time.monotonic() > ends_at:
                    raise
                time.sleep(0.1)

    def act(self, conversation_id: str, act: str, **body: Any) -> Any:
        """Do something with a conversation."""
        return self.post(f"/api/conversations/{conversation_id}/{act}", body)

    def look(self, conversation_id: str) -> Dict[str, Any]:
        """A conversation."""
        found: Dict[str, Any] = self.get(f"/api/conversations/{conversation_id}").json()
        return found

    def texts(self, conversation_id: str) -> List[str]:
        """What is said in a conversation, the desk's own sentences apart."""
        shown = self.look(conversation_id)["messages"]
        return [message["text"] for message in shown if message["sender"] != "system"]

    def hears(self, event: str, fits: Callable[[Any], Any]) -> Any:
        """The first event that fits, which came or will come."""
        deadline = time.monotonic() + _PATIENCE
        with self.news:
            while True:
                for content in self.heard[event]:
                    if fits(content):
                        return content
                assert self.news.wait(deadline - time.monotonic()), f"no such {event}: {self.heard[event]}"

    def _keep(self, event: str) -> Callable[[Any], Awaitable[None]]:
        async def keep(content: Any) -> None:
            with self.news:
                self.heard[event].append(content)
                self.news.notify_all()

        return keep


@contextmanager
def console(place: DeskPlace, name: str) -> Iterator[Console]:
    """A console with an open socket."""
    opened = Console(place, name).connect()
    try:
        yield opened
    finally:
        opened.close()
