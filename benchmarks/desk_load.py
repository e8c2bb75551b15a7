"""How soon an agent sees what a customer writes, at a busy desk: `python -m benchmarks.desk_load [--seconds 30]`.

A real desk with 200 customers who wait and 100 who talk with 20 agents, each with an open console; customers write ten
messages a second, and agents answer two. Measured are the time from the event's append to the feed until the agent's
socket has it, and from an agent's reply over HTTP until the assistant has it. One line of JSON; times in milliseconds,
and the share of one core that the desk took, which says more where the machine does much else.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

import aiohttp

from tests.browser.desk_place import PASSWORD, DeskPlace
from tests.processes import AROUND_THE_CLOCK
from tests.test_desk.serving import Browser

AGENTS, LIVE, WAITING = 20, 100, 200
_MESSAGES, _REPLIES = 10, 2  # a second
_SETTLE = 3.0  # seconds before it begins, and after it
_NAME = "agent-{}"


class Socket:
    """A console's socket: what it hears, and when."""

    def __init__(self, heard: Dict[str, float]) -> None:
        self._heard = heard

    async def listen(self, session: aiohttp.ClientSession, browser: Browser, looks_at: str) -> None:
        """Connect as Engine.IO 4 and Socket.IO 5 ask for, open a conversation, and note texts until cancelled."""
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.session.cookies)
        url = f"{browser.origin.replace('http', 'ws', 1)}/socket.io/?EIO=4&transport=websocket"
        async with session.ws_connect(url, headers={"Cookie": cookies}, max_msg_size=0) as socket:
            async for packet in socket:
                arrived, data = time.perf_counter(), str(packet.data)
                if data == "2":
                    await socket.send_str("3")
                elif data.startswith("0"):
                    await socket.send_str("40")
                elif data.startswith("40"):
                    await socket.send_str("42" + json.dumps(["open", {"conversation_id": looks_at}]))
                elif data.startswith("42"):
                    self._note(arrived, *json.loads(data[2:]))

    def _note(self, arrived: float, event: str, content: Any) -> None:
        if event == "message":
            self._heard.setdefault(content["message"]["text"], arrived)


def main(arguments: Optional[Sequence[str]] = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0, help="how long customers write")
    seconds = parser.parse_args(arguments).seconds
    os.environ.update(AROUND_THE_CLOCK)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place = DeskPlace(Path(folder))
        try:
            print(json.dumps(asyncio.run(_measure(place, seconds))))
        finally:
            place.stop()


async def _measure(place: DeskPlace, seconds: float) -> Dict[str, Any]:
    browsers = [_signed_in(place, number) for number in range(AGENTS)]
    heard: Dict[str, float] = {}
    async with aiohttp.ClientSession() as session:
        live, sockets = await _furnish(place, browsers, session, heard)
        await asyncio.sleep(_SETTLE)
        worked = place.process.cpu_seconds()
        written, replied = await _load(place, browsers, live, seconds)
        worked = place.process.cpu_seconds() - worked
        await asyncio.sleep(_SETTLE)
        for socket in sockets:
            socket.cancel()
        await asyncio.gather(*sockets, return_exceptions=True)
    delays = [(heard[text] - at) * 1000 for text, at in written.items() if text in heard]
    return {
        "waiting": WAITING,
        "live": LIVE,
        "agents": AGENTS,
        "messages": len(written),
        "missed": len(written) - len(delays),
        "desk_cpu_share": round(worked / seconds, 3),  # of one core
        **_figures("feed_to_agent", delays),
        **_figures("reply", replied),
    }


def _signed_in(place: DeskPlace, number: int) -> Browser:
    place.agent(_NAME.format(number), _NAME.format(number), capacity=LIVE // AGENTS)
    browser = Browser(place.origin)
    assert browser.sign_in(_NAME.format(number), PASSWORD).ok
    return browser


async def _furnish(
    place: DeskPlace, browsers: List[Browser], session: aiohttp.ClientSession, heard: Dict[str, float]
) -> Any:
    """Everybody is there: the live conversations of each agent, and the sockets."""
    sockets = []
    for number, browser in enumerate(browsers):
        listening = Socket(heard).listen(session, browser, f"live-{number}")
        sockets.append(asyncio.ensure_future(listening))
    await asyncio.sleep(_SETTLE)
    live = [f"live-{number}" for number in range(LIVE)]
    for name in [*live, *(f"waiting-{number}" for number in range(WAITING))]:
        await asyncio.to_thread(place.says, name, f"I need help, {name}", customer_id=f"customer-of-{name}")
        recorded = await asyncio.to_thread(place.wants_a_person, name)
        assert recorded.staffed
    for number, name in enumerate(live):
        answer = await asyncio.to_thread(browsers[number % AGENTS].post, f"/api/conversations/{name}/claim")
        assert answer.ok, answer.text
    return live, sockets


async def _load(place: DeskPlace, browsers: List[Browser], live: List[str], seconds: float) -> Any:
    """Customers write and agents answer, at steady paces. When each message was appended; how long replies took."""
    chance, loop = random.Random(1), asyncio.get_running_loop()
    written: Dict[str, float] = {}
    replies: List[Any] = []
    began, number = time.perf_counter(), 0
    with ThreadPoolExecutor(8) as threads:
        while (now := time.perf_counter() - began) < seconds:
            text = f"message {number}"
            written[text] = time.perf_counter()
            await loop.run_in_executor(threads, place.says, chance.choice(live), text)
            if number % (_MESSAGES // _REPLIES) == 0:
                which = chance.randrange(LIVE)
                replies.append(
                    loop.run_in_executor(threads, _reply, place, browsers[which % AGENTS], live[which], number)
                )
            number += 1
            await asyncio.sleep(max(0.0, number / _MESSAGES - now))
        return written, await asyncio.gather(*replies)


def _reply(place: DeskPlace, browser: Browser, conversation_id: str, number: int) -> float:
    """Milliseconds until the assistant has the reply."""
    began, text = time.perf_counter(), f"reply {number}"
    answer = browser.post(
        f"/api/conversations/{conversation_id}/messages", {"message_id": f"reply-{number}", "text": text}
    )
    assert answer.ok, answer.text
    while text not in place.assistant.told(conversation_id):
        time.sleep(0.005)
    return (time.perf_counter() - began) * 1000


def _figures(name: str, times: Sequence[float]) -> Dict[str, float]:
    percentiles = statistics.quantiles(times, n=20)
    return {
        f"{name}_median_ms": round(statistics.median(times), 1),
        f"{name}_p95_ms": round(percentiles[-1], 1),
        f"{name}_max_ms": round(max(times), 1),
    }


if __name__ == "__main__":
    main()
