"""A real desk that is killed amid conversations, and an assistant that is away: nothing is lost or comes twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Iterator

import pytest

from tests.browser.desk_place import DeskPlace
from tests.processes import until
from tests.test_desk.consoles import Console, console


@pytest.fixture
def place(tmp_path: Path) -> Iterator[DeskPlace]:
    running = DeskPlace(tmp_path)
    running.agent("lin", "Lin")
    yield running
    running.stop()


@pytest.fixture
def lin(place: DeskPlace) -> Iterator[Console]:
    with console(place, "lin") as opened:
        yield opened


@pytest.fixture
def chat(place: DeskPlace, lin: Console) -> str:
    conversation_id = place.waiting("Chen", text="before")
    assert lin.act(conversation_id, "claim").ok
    until(lambda: lin.texts(conversation_id) == ["before"])
    return conversation_id


def told(place: DeskPlace, conversation_id: str) -> list[str]:
    """What the customer was told by the agent."""
    return [
        event["text"]
        for event in place.assistant.events[conversation_id]
        if event["event"] == "bot" and "agent" in event["metadata"]
    ]


def test_a_desk_that_was_killed_goes_on_where_it_was(place: DeskPlace, lin: Console, chat: str) -> None:
    lin.tell("open", conversation_id=chat)
    lin.act(chat, "messages", message_id="m-1", text="one")
    until(lambda: told(place, chat) == ["one"])
    place.process.kill()
    for number in range(5):
        place.says(chat, f"meanwhile {number}")
    place.process.start()
    expected = ["before", "one", *(f"meanwhile {number}" for number in range(5))]
    until(lambda: lin.texts(chat) == expected)
    assert lin.look(chat)["brief"]["state"] == "agent"
    assert lin.look(chat)["brief"]["agent"]["name"] == "Lin"
    until(lambda: lin.socket.connected)
    lin.tell("open", conversation_id=chat)
    place.says(chat, "after")
    lin.hears("message", lambda news: news["message"]["text"] == "after")
    lin.act(chat, "messages", message_id="m-2", text="two")
    until(lambda: told(place, chat) == ["one", "two"])
    assert lin.texts(chat) == [*expected, "after", "two"]


def test_what_was_on_its_way_when_the_desk_died_arrives_once(place: DeskPlace, lin: Console, chat: str) -> None:
    until(lambda: place.assistant.told(chat))
    place.assistant.answers = False
    for number in range(4):
        assert lin.act(chat, "messages", message_id=f"m-{number}", text=f"reply {number}").status_code == 201
    until(lambda: lin.look(chat)["messages"][-4]["delivery"] == "failed")
    place.process.kill()
    place.assistant.answers = True
    place.process.start()
    until(lambda: len(told(place, chat)) == 4)
    until(lambda: all(each.get("delivery", "sent") == "sent" for each in lin.look(chat)["messages"]))
    assert told(place, chat) == [f"reply {number}" for number in range(4)]


def test_a_desk_that_is_killed_again_and_again_delivers_everything_once(
    place: DeskPlace, lin: Console, chat: str
) -> None:
    for number in range(12):
        assert lin.act(chat, "messages", message_id=f"m-{number}", text=f"reply {number}").status_code == 201
        if number % 4 == 3:  # with what was just taken hardly on its way
            place.process.kill()
            place.process.start()
    until(lambda: len(told(place, chat)) >= 12)
    assert Counter(told(place, chat)) == Counter(f"reply {number}" for number in range(12))
    assert told(place, chat) == [f"reply {number}" for number in range(12)]


def test_with_the_assistant_away_the_desk_shows_everything_and_delivers_later(
    place: DeskPlace, lin: Console, chat: str
) -> None:
    until(lambda: place.assistant.told(chat))
    place.assistant.answers = False
    lin.tell("open", conversation_id=chat)
    lin.act(chat, "messages", message_id="m-1", text="are you there?")
    lin.hears("message", lambda news: news["message"].get("delivery") == "failed")
    assert lin.texts(chat) == ["before", "are you there?"]
    assert lin.get("/api/search?q=before").json()["results"]
    place.assistant.answers = True
    lin.hears(
        "message",
        lambda news: news["message"].get("message_id") == "m-1" and news["message"].get("delivery") == "sent",
    )
    assert told(place, chat) == ["are you there?"]


def test_an_orderly_stop_leaves_nothing_half_done(place: DeskPlace, lin: Console, chat: str) -> None:
    lin.act(chat, "messages", message_id="m-1", text="one")
    place.process.stop()
    assert "Traceback" not in (place.var_dir / "desk.log").read_text()
    place.process.start()
    until(lambda: told(place, chat) == ["one"])
