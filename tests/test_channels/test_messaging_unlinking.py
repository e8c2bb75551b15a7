"""Ending the link between a chat and an account, by the word that WeChat's users write for it."""

from __future__ import annotations

from pathlib import Path
from typing import AsyncIterator

import pytest
from rasa.core.channels.channel import UserMessage

from tests.test_channels.messaging import (
    CONVERSATIONS,
    LIN,
    FakePlatform,
    Process,
    Said,
    ScriptedAgent,
    World,
)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path, ScriptedAgent(tmp_path), FakePlatform())
    made.bank.linked[LIN.subject] = "demo-m2"
    yield made
    for process in made.processes:
        await process.end()


@pytest.mark.parametrize("word", ["解绑", " 解绑。", "解除绑定", "Unlink"])
async def test_word_for_it_ends_the_link_at_once(world: World, word: str) -> None:
    process = await world.process()
    await process.inbox.take([world.said(word)])
    await world.until(lambda: world.platform.taken)
    assert "没有关联银行账户" in world.platform.texts(LIN)[0]
    assert world.bank.linked == {}
    await process.inbox.take([world.said("hello")])
    await world.until(lambda: len(world.platform.taken) == 2)
    (heard,) = world.agent.processor.heard
    assert heard.sender_id == CONVERSATIONS.of_address(LIN.platform, LIN.account, LIN.subject)
    assert "identity" not in (heard.metadata or {})


def helps(_: UserMessage) -> Said:
    """Says what it can do, as `utter_help` marks it."""
    return [{"text": "我能帮这些", "buttons": [{"title": "欠多少", "payload": "/owed"}], "custom": {"linking": True}}]


async def test_help_has_a_button_for_it_that_ends_the_link_at_once(world: World) -> None:
    world.agent.processor.says = helps
    process = await world.process()
    await process.inbox.take([world.said("帮助")])
    await world.until(lambda: world.platform.taken)
    (_, message) = world.platform.taken[0]
    assert [choice.title for choice in message.choices] == ["欠多少", "解除关联"]
    await process.inbox.take([world.said(message.choices[1].id, kind="choice")])
    await world.until(lambda: len(world.platform.taken) == 2)
    assert "没有关联银行账户" in world.platform.texts(LIN)[1]
    assert world.bank.linked == {}
    assert world.heard() == ["帮助"]


async def test_who_has_linked_nothing_finds_no_such_button(world: World) -> None:
    world.agent.processor.says = helps
    world.bank.linked.clear()
    process = await world.process()
    await process.inbox.take([world.said("帮助")])
    await world.until(lambda: world.platform.taken)
    assert [choice.title for choice in world.platform.taken[0][1].choices] == ["欠多少"]


async def test_sentence_about_it_is_a_sentence(world: World) -> None:
    process = await world.process()
    await process.inbox.take([world.said("怎么解绑")])
    await world.until(lambda: world.platform.taken)
    assert world.platform.texts(LIN) == ["re: 怎么解绑"]
    assert world.bank.linked == {LIN.subject: "demo-m2"}


async def test_it_is_confirmed_also_where_there_was_no_link(world: World) -> None:
    world.bank.linked.clear()
    process = await world.process()
    await process.inbox.take([world.said("解绑")])
    await world.until(lambda: world.platform.taken)
    assert "没有关联银行账户" in world.platform.texts(LIN)[0]


async def test_it_is_confirmed_while_a_person_has_the_conversation(world: World) -> None:
    process = await world.process()
    await process.inbox.take([world.said("a person please")])
    await world.until(lambda: world.platform.taken)
    await process.inbox.take([world.said("解绑")])
    await world.until(lambda: len(world.platform.taken) == 2)
    assert world.bank.linked == {}


async def test_bank_that_does_not_answer_is_not_passed_off_as_done(world: World) -> None:
    process = await world.process()
    await process.inbox.take([world.said("hello")])
    await world.until(lambda: world.platform.taken)
    world.bank.down = True
    await process.inbox.take([world.said("解绑")])
    await world.until(lambda: len(world.platform.taken) == 2)
    assert "没有关联" not in world.platform.texts(LIN)[1]
    assert world.bank.linked == {LIN.subject: "demo-m2"}


async def until_over(world: World, process: Process) -> None:
    await world.until(lambda: process.life.over.is_set() or world.platform.taken)
    await process.end()


async def test_wherever_the_process_ends_the_next_one_finishes_it(tmp_path: Path) -> None:
    steps = 12  # of the store and the platform; the whole takes fewer, and then nothing ends
    for ends_at in range(1, steps):
        folder = tmp_path / str(ends_at)
        folder.mkdir()
        world = World(folder, ScriptedAgent(folder), FakePlatform())
        world.bank.linked[LIN.subject] = "demo-m2"
        taking = await world.process(start=False)
        await taking.inbox.take([world.said("解绑")])
        await taking.end()
        first = await world.process(ends_at)
        await until_over(world, first)
        world.later()
        second = await world.process()
        await until_over(world, second)
        assert world.bank.linked == {}, ends_at
        assert ["没有关联银行账户" in text for text in world.platform.texts(LIN)] == [True], ends_at
