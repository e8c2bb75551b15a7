"""Reading what customers sent: nothing is lost and nothing is kept twice, whoever dies in between."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, AsyncIterator, Callable, Dict, List, Optional

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from channels.messaging.inbox import Inbox
from channels.messaging.store import Store
from channels.messaging.tables import inbox
from channels.wecom import codes, reading
from channels.wecom.client import CustomerService
from channels.wecom.messages import Address
from channels.wecom.reading import Reader
from channels.wecom.tables import readings
from tests.test_channels.platform_stub import Call, Stub

SYNC = "/cgi-bin/kf/sync_msg"
ACCOUNT = "wk1"
_PATIENCE = 20.0  # seconds until a test gives up waiting for something that has to happen


@dataclass
class Log:
    """What WeCom holds of one account; a cursor is the number of messages that were read."""

    messages: List[Dict[str, Any]] = field(default_factory=list)
    page: int = 2
    before_answer: Optional[Callable[[Call], Any]] = None

    def write(self, *texts: str, age: float = 0) -> None:
        for text in texts:
            number = len(self.messages) + 1
            sent_at = int(time.time() - age)
            head = {"msgid": f"m-{number}", "open_kfid": ACCOUNT, "external_userid": "wm1", "send_time": sent_at}
            self.messages.append({**head, "origin": 3, "msgtype": "text", "text": {"content": text}})

    def enter(self, code: str) -> None:
        event = {"event_type": "enter_session", "open_kfid": ACCOUNT, "external_userid": "wm1", "welcome_code": code}
        head = {"msgid": f"e-{len(self.messages)}", "send_time": int(time.time()), "origin": 4, "msgtype": "event"}
        self.messages.append({**head, "event": event})

    async def give(self, call: Call) -> Dict[str, Any]:
        start = int(call.body.get("cursor", "0"))
        if self.before_answer:
            await self.before_answer(call)
        end = min(start + self.page, len(self.messages))
        found = self.messages[start:end]
        more = int(end < len(self.messages))
        return {"errcode": 0, "next_cursor": str(end), "has_more": more, "msg_list": found}


@dataclass
class Process:
    """What one assistant process has of the channel."""

    store: Store
    service: CustomerService
    reader: Reader
    woken: List[float]

    async def end(self) -> None:
        await self.reader.stop()
        await self.service.close()
        self.store.close()


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
async def stub(log: Log) -> AsyncIterator[Stub]:
    running = await Stub().start()
    running.replies["/cgi-bin/gettoken"] = running.give_token
    running.replies[SYNC] = log.give
    yield running
    await running.stop()


@pytest.fixture
async def begin(stub: Stub, tmp_path: Path) -> AsyncIterator[Callable[[], Any]]:
    """Starts processes that share a database; ends them after the test."""
    running: List[Process] = []

    async def start() -> Process:
        store = Store(f"sqlite:///{tmp_path / 'messaging.db'}")
        await store.prepare()
        service = CustomerService("ww1", "secret", stub.url, store)
        woken: List[float] = []
        kept = Inbox(store, lambda: woken.append(time.time()))
        process = Process(store, service, Reader(service, store, kept), woken)
        process.reader.start()
        running.append(process)
        return process

    yield start
    for process in running:
        await process.end()


def _texts(connection: Connection) -> List[str]:
    return [row.text for row in connection.execute(sa.select(inbox).order_by(inbox.c.id))]


def _reading(connection: Connection) -> Any:
    return connection.execute(sa.select(readings)).one_or_none()


async def read_all(process: Process, count: int) -> List[str]:
    """The texts in the inbox, once there are so many and nothing is left to read."""
    for _ in range(int(_PATIENCE / 0.02)):
        texts: List[str] = await process.store.read(_texts)
        row = await process.store.read(_reading)
        if len(texts) >= count and row is not None and row.wanted == row.done:
            return texts
        await asyncio.sleep(0.02)
    raise AssertionError(f"not all was read: {texts}")


async def test_all_pages_are_read_in_order_and_the_next_time_from_where_it_ended(
    begin: Callable[[], Any], log: Log, stub: Stub
) -> None:
    process = await begin()
    log.write("1", "2", "3", "4", "5")
    await process.reader.news(ACCOUNT, "CALLBACK-1")
    assert await read_all(process, 5) == ["1", "2", "3", "4", "5"]
    assert process.woken
    assert stub.of(SYNC)[0].body == {"open_kfid": ACCOUNT, "limit": 1000, "token": "CALLBACK-1"}
    log.write("6")
    await process.reader.news(ACCOUNT, "CALLBACK-2")
    assert await read_all(process, 6) == ["1", "2", "3", "4", "5", "6"]
    assert stub.of(SYNC)[-1].body == {"open_kfid": ACCOUNT, "limit": 1000, "cursor": "5", "token": "CALLBACK-2"}


async def test_callbacks_repeated_and_without_news_change_nothing(begin: Callable[[], Any], log: Log) -> None:
    process = await begin()
    log.write("1")
    for _ in range(3):
        await process.reader.news(ACCOUNT, "CALLBACK")
    assert await read_all(process, 1) == ["1"]
    await process.reader.news(ACCOUNT, "CALLBACK")
    assert await read_all(process, 1) == ["1"]


async def test_what_was_sent_before_the_account_was_ours_is_not_answered(begin: Callable[[], Any], log: Log) -> None:
    process = await begin()
    log.page = 1
    log.write("yesterday", "last night", age=12 * 3600)
    log.write("now")
    await process.reader.news(ACCOUNT, "CALLBACK")
    assert await read_all(process, 1) == ["now"]


async def test_old_messages_are_read_after_a_long_time_of_not_running(begin: Callable[[], Any], log: Log) -> None:
    first = await begin()
    log.write("1")
    await first.reader.news(ACCOUNT, "CALLBACK")
    await read_all(first, 1)
    await first.reader.stop()
    log.write("while nobody was there")
    second = await begin()
    assert await read_all(second, 2) == ["1", "while nobody was there"]


async def test_message_that_comes_while_another_is_read_is_read_too(
    begin: Callable[[], Any], log: Log, stub: Stub
) -> None:
    process = await begin()
    log.write("1")
    reading_begun, may_end = asyncio.Event(), asyncio.Event()

    async def slow(call: Call) -> Dict[str, Any]:
        page = await log.give(call)
        reading_begun.set()
        await may_end.wait()
        return page

    stub.replies[SYNC] = [slow, log.give]
    await process.reader.news(ACCOUNT, "CALLBACK-1")
    await reading_begun.wait()
    log.write("2")
    await process.reader.news(ACCOUNT, "CALLBACK-2")
    may_end.set()
    assert await read_all(process, 2) == ["1", "2"]


async def test_two_processes_never_read_at_once_and_none_of_their_callbacks_is_forgotten(
    begin: Callable[[], Any], log: Log, stub: Stub
) -> None:
    one, other = await begin(), await begin()
    at_once: List[int] = [0, 0]

    async def counted(call: Call) -> None:
        at_once[0] += 1
        at_once[1] = max(at_once)
        await asyncio.sleep(0.01)
        at_once[0] -= 1

    log.before_answer = counted
    for number in range(20):
        log.write(str(number))
        await (one if number % 2 else other).reader.news(ACCOUNT, f"CALLBACK-{number}")
    assert await read_all(one, 20) == [str(number) for number in range(20)]
    assert at_once[1] == 1


async def test_page_that_was_fetched_and_not_kept_is_fetched_again(
    begin: Callable[[], Any], log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the process was killed between the answer and the commit, or in the middle of the transaction."""
    monkeypatch.setattr(reading, "_LEASE_SECONDS", 0.3)
    monkeypatch.setattr(reading, "_LOOK_SECONDS", 0.1)
    dying = await begin()
    log.write("1", "2", "3")
    keep, killed = reading.keep, asyncio.Event()

    def die(*args: Any) -> Any:
        keep(*args)
        killed.set()
        raise asyncio.CancelledError

    monkeypatch.setattr(reading, "keep", die)
    await dying.reader.news(ACCOUNT, "CALLBACK")
    await asyncio.wait_for(killed.wait(), _PATIENCE)
    assert await dying.store.read(_texts) == []
    monkeypatch.setattr(reading, "keep", keep)
    successor = await begin()
    assert await read_all(successor, 3) == ["1", "2", "3"]


async def test_process_that_died_between_pages_is_followed_from_its_last_one(
    begin: Callable[[], Any], log: Log, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_LEASE_SECONDS", 0.3)
    monkeypatch.setattr(reading, "_LOOK_SECONDS", 0.1)
    hanging, ended = asyncio.Event(), asyncio.Event()

    async def hang(call: Call) -> Dict[str, Any]:
        hanging.set()
        await ended.wait()
        return {}

    log.write("1", "2", "3")
    stub.replies[SYNC] = [log.give, hang, log.give]
    dying = await begin()
    await dying.reader.news(ACCOUNT, "CALLBACK")
    await hanging.wait()
    successor = await begin()
    assert await read_all(successor, 3) == ["1", "2", "3"]
    assert stub.of(SYNC)[-1].body["cursor"] == "2"
    ended.set()


async def test_service_that_fails_is_asked_again_after_a_pause(
    begin: Callable[[], Any], log: Log, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_PAUSE", 0.05)
    stub.replies[SYNC] = [{"errcode": -1}, {"errcode": 45009}, {"errcode": 60020}, log.give]
    log.write("1")
    process = await begin()
    await process.reader.news(ACCOUNT, "CALLBACK")
    assert await read_all(process, 1) == ["1"]
    assert len(stub.of(SYNC)) == 4


async def test_fault_of_ours_ends_no_reading(
    begin: Callable[[], Any], log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_PAUSE", 0.05)
    parse, problems = reading.received, [ZeroDivisionError()]

    def received(message: Any) -> Any:
        if problems:
            raise problems.pop()
        return parse(message)

    monkeypatch.setattr(reading, "received", received)
    log.write("1")
    process = await begin()
    await process.reader.news(ACCOUNT, "CALLBACK")
    assert await read_all(process, 1) == ["1"]
    assert problems == []


async def test_welcome_code_is_kept_with_the_page_that_brought_it(begin: Callable[[], Any], log: Log) -> None:
    process = await begin()
    log.enter("CODE")
    await process.reader.news(ACCOUNT, "CALLBACK")
    await read_all(process, 1)
    found = await process.store.read(codes.find, Address("wecom", ACCOUNT, "wm1"), time.time())
    assert found is not None
    assert (found.code, found.menus) == ("CODE", True)


async def test_reader_stops_also_if_it_is_called_at_that_moment(begin: Callable[[], Any], log: Log) -> None:
    process = await begin()
    log.write("1")
    await process.reader.news(ACCOUNT, "CALLBACK")
    await read_all(process, 1)
    await process.reader.news(ACCOUNT, "CALLBACK")
    await asyncio.wait_for(process.reader.stop(), _PATIENCE)
    row = await process.store.read(_reading)
    assert row.leased_by is None
