"""Pictures and files that customers send: to the bank while papers are asked for, and opened by nobody else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, AsyncIterator, List, Optional

import pytest
from rasa.shared.core.events import BotUttered, Event, SlotSet

from channels.messaging.papers import wanted
from channels.messaging.platform import File, Later, Never, SendError
from tests.test_channels.messaging import LIN, PAPERS, FakePlatform, Process, ScriptedAgent, World

PHOTO = File(b"\xff\xd8\xff...\xff\xd9", "photo 1.jpg")
ASKED = BotUttered(PAPERS["text"], {"custom": PAPERS["custom"]})


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path, ScriptedAgent(tmp_path), FakePlatform())
    made.platform.files["photo"] = PHOTO
    made.bank.linked[LIN.subject] = "demo-m2"
    yield made
    for process in made.processes:
        await process.end()


async def answered(world: World, process: Process, *messages: Any) -> str:
    """What is said to the last of the messages."""
    for message in messages:
        wanted_count = len(world.platform.taken) + 1
        await process.inbox.take([message])
        await until_sent(world, wanted_count)
    return world.platform.texts(LIN)[-1]


async def until_sent(world: World, count: int) -> None:
    await world.until(lambda: len(world.platform.taken) >= count)


async def test_photo_that_is_sent_while_papers_are_asked_for_goes_to_the_bank(world: World) -> None:
    process = await world.process()
    said = await answered(
        world, process, world.said("papers please"), world.said("", kind="image", media_id="photo", key="photo-1")
    )
    assert "已经转给银行" in said
    ((headers, content),) = world.carrier.brought
    assert content == PHOTO.content
    assert (headers["X-Customer-Id"], headers["X-Document-Kind"]) == ("demo-m2", "diagnosis")
    assert (headers["X-File-Name"], headers["Content-Length"]) == ("photo%201.jpg", str(len(PHOTO.content)))
    assert world.platform.taken[-1][1].choices[0].title == "传好了，继续"


async def test_several_photos_go_one_after_the_other_and_the_same_one_is_the_same_paper(world: World) -> None:
    process = await world.process()
    await answered(
        world,
        process,
        world.said("papers please"),
        world.said("", kind="image", media_id="photo"),
        world.said("", kind="file", media_id="photo"),
    )
    numbers = [headers["X-Upload-Id"] for headers, _ in world.carrier.brought]
    assert len(set(numbers)) == 2


async def test_photo_that_nobody_asked_for_is_not_even_fetched(world: World) -> None:
    world.platform.files.clear()
    process = await world.process()
    said = await answered(world, process, world.said("hello"), world.said("", kind="image", media_id="photo"))
    assert "没有保存" in said


async def test_photo_after_the_step_is_over_is_not_fetched(world: World) -> None:
    world.platform.files.clear()
    process = await world.process()
    photo = world.said("", kind="image", media_id="photo")
    photo_later = world.said("", kind="image", media_id="photo")
    assert photo.key != photo_later.key
    said = await answered(world, process, world.said("papers please"), world.said("on"))
    assert said == "re: on\n\non we go"
    assert "没有保存" in await answered(world, process, world.said("", kind="image", media_id="photo"))


async def test_photo_of_somebody_who_is_not_signed_in_goes_nowhere(world: World) -> None:
    world.bank.linked.clear()
    process = await world.process()
    said = await answered(world, process, world.said("papers please"), world.said("", kind="image", media_id="photo"))
    assert "没有保存" in said
    assert world.carrier.brought == []


@pytest.mark.parametrize("status", [400, 409, 413, 415])
async def test_file_that_the_bank_cannot_take_is_said_to_be_none(world: World, status: int) -> None:
    world.carrier.status = status
    process = await world.process()
    said = await answered(world, process, world.said("papers please"), world.said("", kind="file", media_id="photo"))
    assert "没能交给银行" in said


async def test_file_that_is_too_large_is_said_to_be_none(world: World) -> None:
    world.platform.files["photo"] = None
    process = await world.process()
    said = await answered(world, process, world.said("papers please"), world.said("", kind="file", media_id="photo"))
    assert "JPG" in said
    assert world.carrier.brought == []


@pytest.mark.parametrize("problem", [Later("busy", -1), Never("gone", 40007), None])
async def test_file_that_cannot_be_had_now_is_asked_for_again(world: World, problem: Optional[SendError]) -> None:
    if problem is None:
        world.carrier.status = 503
    else:
        world.platform.files["photo"] = problem
    process = await world.process()
    said = await answered(world, process, world.said("papers please"), world.said("", kind="file", media_id="photo"))
    assert "再发一次" in said


@pytest.mark.parametrize(
    ("events", "is_wanted"),
    [
        ([SlotSet("requested_slot", "papers"), ASKED], True),
        ([SlotSet("requested_slot", "papers"), ASKED, BotUttered("an answer to something else")], True),
        ([SlotSet("requested_slot", "papers"), ASKED, SlotSet("requested_slot", "papers"), BotUttered("again")], True),
        ([SlotSet("requested_slot", "papers"), ASKED, SlotSet("requested_slot", "confirmed")], False),
        ([SlotSet("requested_slot", "papers"), ASKED, SlotSet("requested_slot", None)], False),
        ([SlotSet("requested_slot", "reason"), BotUttered("why?")], False),
        ([], False),
    ],
)
def test_papers_are_wanted_while_the_assistant_waits_for_them(events: List[Event], is_wanted: bool) -> None:
    found = wanted(events)
    assert (json.dumps(found) if found else None) == (json.dumps(PAPERS["custom"]["upload"]) if is_wanted else None)  # type: ignore[index]
