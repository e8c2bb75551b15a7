"""What the desk sends arrives once and in order, whatever happens to the assistant, the network or the desk."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Callable, List

import aiohttp
import pytest
import sqlalchemy as sa

from desk import assistant as assistant_module
from desk import messages, outbox
from desk.assistant import Assistant
from desk.conversations import known
from desk.delivery import Delivery
from desk.journal import By, Journal
from desk.service import Desk
from tests.counted import Counted
from tests.test_desk import fake_assistant as fake
from tests.test_desk.fake_assistant import FakeAssistant
from tests.test_desk.floor import WEB, Floor


@pytest.fixture
async def rasa() -> AsyncIterator[FakeAssistant]:
    running = await FakeAssistant().start()
    yield running
    await running.stop()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other at once; the desk's time stands still in tests."""
    monkeypatch.setattr(outbox, "_FIRST_WAIT", 0.0)


def write(floor: Floor, text: str, conversation_id: str = WEB) -> None:
    def tell(journal: Journal) -> None:
        messages.tell(journal, known(journal, conversation_id), text, by=By("Lin", 1), message_id=f"id {text}")

    floor.do(tell)


@asynccontextmanager
async def delivering(floor: Floor, rasa: FakeAssistant, token: str = "api-token") -> AsyncIterator[Delivery]:
    desk = Desk(floor.database)
    assistant = Assistant(rasa.url, api_token=token, desk_token="desk-token")
    await assistant.open()
    delivery = Delivery(assistant, desk)
    task = asyncio.get_running_loop().create_task(delivery.run())
    try:
        yield delivery
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await delivery.stop()
        await assistant.close()
        desk.stop()


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for it; the test's own time limit is the runner's."""
    while not is_so():
        await asyncio.sleep(0.02)


def deliveries(floor: Floor) -> List[Any]:
    return [message.get("delivery") for message in floor.page()]


def settled(floor: Floor) -> Callable[[], bool]:
    return lambda: all(each in ("sent", "refused") for each in deliveries(floor))


async def test_messages_arrive_in_order_and_are_shown_as_sent(floor: Floor, rasa: FakeAssistant) -> None:
    texts = [f"message {number}" for number in range(12)]
    for text in texts:
        write(floor, text)
    async with delivering(floor, rasa):
        await until(settled(floor))
    assert rasa.texts(WEB) == texts
    assert {event["metadata"]["agent"]["name"] for event in rasa.trackers[WEB]} == {"Lin"}


@pytest.mark.parametrize(
    "fault", [fake.DROPS_ANSWER, fake.DROPS_REQUEST, fake.FAILS_AFTER, fake.FAILS_BEFORE, fake.NOT_READY]
)
async def test_whatever_fails_a_message_arrives_once_and_in_order(
    floor: Floor, rasa: FakeAssistant, fault: str
) -> None:
    rasa.faults.extend(["", fault, fault])
    for text in ("one", "two", "three"):
        write(floor, text)
    with Counted("assistant_desk_deliveries_total") as counted:
        async with delivering(floor, rasa):
            await until(settled(floor))
    assert rasa.texts(WEB) == ["one", "two", "three"]
    attempts = counted.by("result")
    assert attempts.pop(("sent",)) == 3
    assert sum(attempts.values()) > 0


async def test_an_answer_that_takes_too_long_is_no_reason_to_send_twice(
    floor: Floor, rasa: FakeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setattr(assistant_module, "_TIMEOUT", aiohttp.ClientTimeout(total=0.3))
    append = rasa._append

    async def slow(request: Any) -> Any:
        answer = await append(request)
        if len(rasa.asked) == 1:
            await asyncio.sleep(1)
        return answer

    await rasa.stop()
    monkeypatch.setattr(rasa, "_append", slow)
    await rasa.start()
    write(floor, "one")
    write(floor, "two")
    async with delivering(floor, rasa):
        await until(settled(floor))
    assert rasa.texts(WEB) == ["one", "two"]
    assert ("GET", WEB) in rasa.asked


async def test_an_assistant_that_is_down_gets_everything_when_it_is_back(floor: Floor, rasa: FakeAssistant) -> None:
    await rasa.stop()
    write(floor, "one")
    write(floor, "two")
    async with delivering(floor, rasa):
        await until(lambda: deliveries(floor)[0] == "failed")
        assert deliveries(floor) == ["failed", "sending"]
        await rasa.start()
        await until(settled(floor))
    assert rasa.texts(WEB) == ["one", "two"]


async def test_what_a_desk_was_sending_when_it_died_is_looked_for_first(floor: Floor, rasa: FakeAssistant) -> None:
    write(floor, "arrived")
    (command,) = floor.do(outbox.due, 10)
    rasa.trackers[WEB] = list(command.events)  # the answer found nobody
    write(floor, "next")
    async with delivering(floor, rasa):
        await until(settled(floor))
    assert rasa.texts(WEB) == ["arrived", "next"]
    assert rasa.asked[0] == ("GET", WEB)


async def test_what_is_refused_for_ever_holds_nothing_up(floor: Floor, rasa: FakeAssistant) -> None:
    rasa.faults.append(fake.REFUSES)
    write(floor, "refused")
    write(floor, "taken")
    async with delivering(floor, rasa):
        await until(settled(floor))
    assert rasa.texts(WEB) == ["taken"]
    assert deliveries(floor) == ["refused", "sent"]


async def test_a_conversation_that_cannot_be_reached_holds_no_other_up(floor: Floor, rasa: FakeAssistant) -> None:
    rasa.faults.extend([fake.NOT_READY] * 3)
    write(floor, "one", "slow")
    async with delivering(floor, rasa) as delivery:
        await until(lambda: not rasa.faults or len(rasa.faults) < 3)
        write(floor, "two", "other")
        delivery.wake()
        await until(lambda: rasa.texts("other") == ["two"])
        await until(lambda: rasa.texts("slow") == ["one"])


async def test_a_wrong_token_is_retried_and_shown_as_failed(floor: Floor, rasa: FakeAssistant) -> None:
    write(floor, "one")
    async with delivering(floor, rasa, token="wrong"):
        await until(lambda: deliveries(floor) == ["failed"])
    assert rasa.texts(WEB) == []


async def test_events_that_belong_together_are_sent_together(floor: Floor, rasa: FakeAssistant) -> None:
    def tell(journal: Journal) -> None:
        messages.tell(journal, known(journal, WEB), "here I am", before=[messages.PAUSE])

    floor.do(tell)
    async with delivering(floor, rasa):
        await until(settled(floor))
    assert rasa.kinds(WEB) == ["pause", "bot"]
    assert rasa.asked == [("POST", WEB)]
    assert len({event["metadata"]["message_id"] for event in rasa.trackers[WEB]}) == 1


def test_attempts_become_rarer_and_never_end(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_FIRST_WAIT", 0.5)
    write(floor, "one")
    waits = []
    for _ in range(12):
        (command,) = floor.do(outbox.due, 1)
        floor.do(outbox.failed, command, doubtful=False)
        wait = floor.look(outbox.next_wait)
        waits.append(wait)
        assert floor.do(outbox.due, 1) == []
        floor.forward(seconds=wait)
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (0.5, 30.0)


def test_the_wait_is_that_of_the_first_command_of_each_conversation(floor: Floor) -> None:
    assert floor.look(outbox.next_wait) is None
    write(floor, "one")
    write(floor, "two")
    (command,) = floor.do(outbox.due, 10)
    assert command.events[0]["text"] == "one"
    assert floor.do(outbox.due, 10, excluding=[WEB]) == []
    assert floor.look(outbox.next_wait, excluding=[WEB]) is None


def test_what_was_sent_stays_sent(floor: Floor) -> None:
    write(floor, "one")
    (command,) = floor.do(outbox.due, 1)
    floor.do(outbox.sent, command)
    floor.do(outbox.failed, command, doubtful=True)
    assert deliveries(floor) == ["sent"]
    with floor.database.reading() as connection:
        rows = connection.execute(sa.select(outbox.outbox.c.state)).scalars().all()
    assert rows == ["sent"]
