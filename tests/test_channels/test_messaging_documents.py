"""Documents of the bank on a messaging service: a file for whom they are, a link in every other case."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Callable, Tuple

import pytest
from rasa.core.channels.channel import UserMessage

from channels.messaging.identity import TRUSTED_SECONDS
from channels.messaging.platform import File, QuotaUsed
from tests.test_channels.messaging import LIMITS, LIN, FakePlatform, Said, ScriptedAgent, World

PDF = b"%PDF-1.7 the certificate"
LINK = {"title": "下载文件", "action": "download", "document": "doc-1", "file": "结清证明.pdf"}
TAKES_FILES = replace(LIMITS, file_bytes=len(PDF))


def issued(message: UserMessage) -> Said:
    if message.text != "结清证明":
        return [{"text": "好的"}]
    return [{"text": "点下面下载", "custom": {"link": LINK}, "buttons": [{"title": "欠多少", "payload": "/owed"}]}]


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path, ScriptedAgent(tmp_path), FakePlatform(TAKES_FILES))
    made.agent.processor.says = issued
    made.bank.linked[LIN.subject] = "demo-m2"
    made.documents["demo-m2", "doc-1"] = (200, PDF)
    return made


async def sent(world: World, count: int = 2) -> None:
    """The customer asks, and gets so many messages."""
    process = await world.process()
    await process.inbox.take([world.said("结清证明")])
    await world.until(lambda: len(world.platform.taken) == count)
    await world.until(lambda: not process.worker._busy)
    await process.end()
    assert len(world.platform.taken) == count


async def test_it_follows_its_sentence_as_a_file_and_the_buttons_work_as_ever(world: World) -> None:
    await sent(world)
    (_, said), (_, document) = world.platform.taken
    assert "在下面" in said.text
    assert "http" not in said.text
    assert document.file == File(PDF, "结清证明.pdf")
    process = await world.process()
    await process.inbox.take([world.said("欠多少")])
    await world.until(lambda: "/owed" in world.heard())
    await process.end()


def in_a_service_without_files(world: World) -> None:
    world.platform.limits = LIMITS


def without_leave_of_the_bank(world: World) -> None:
    world.figures = False


def for_a_visitor(world: World) -> None:
    world.bank.linked.clear()


@pytest.mark.parametrize("change", [in_a_service_without_files, without_leave_of_the_bank, for_a_visitor])
async def test_where_no_file_may_be_sent_it_is_a_link_as_before(world: World, change: Callable[[World], None]) -> None:
    change(world)
    await sent(world, 1)
    (text,) = world.platform.texts(LIN)
    assert "点下面下载" in text
    assert "下载文件\nhttp" in text


@pytest.mark.parametrize("answer", [(503, b""), (404, b""), (200, PDF + b"too large"), (200, b"<html>an error")])
async def test_what_cannot_be_sent_as_a_file_is_a_link(world: World, answer: Tuple[int, bytes]) -> None:
    world.documents["demo-m2", "doc-1"] = answer
    await sent(world)
    (_, said), (_, document) = world.platform.taken
    assert "在下面" in said.text
    assert (document.file, document.text.partition("\n")[0]) == (None, "下载文件")


@pytest.mark.parametrize(("belongs_to", "later"), [("demo-grace", 0.0), ("demo-m2", TRUSTED_SECONDS)])
async def test_what_had_to_wait_is_a_link_once_it_is_not_certain_whose_chat_it_is(
    world: World, belongs_to: str, later: float
) -> None:
    world.platform.problems = [QuotaUsed("five")]
    process = await world.process()
    await process.inbox.take([world.said("结清证明")])
    await world.until(lambda: world.platform.attempts and not process.worker._busy)
    world.bank.linked[LIN.subject] = belongs_to
    world.platform.problems = [QuotaUsed("five")] if belongs_to != "demo-m2" else []
    world.later(later or 40)
    await process.inbox.take([world.said("怎么还没来")])
    await world.until(lambda: world.platform.texts(LIN) or not world.platform.problems and not process.worker._busy)
    await process.inbox.take([world.said("还在吗")])
    await world.until(lambda: "好的" in world.platform.texts(LIN))
    await process.end()
    (document,) = [message for _, message in world.platform.taken if message.document]
    assert document.file is None
    assert "http" in document.text


async def test_with_one_message_left_it_is_a_link_in_that_message(world: World) -> None:
    world.platform.limits = replace(TAKES_FILES, messages=1)
    await sent(world, 1)
    (text,) = world.platform.texts(LIN)
    assert "在下面" in text
    assert "下载文件\nhttp" in text
