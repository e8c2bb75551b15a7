"""What goes wrong in a talk between customer and agent: nothing is lost, said twice or said by the assistant."""

from __future__ import annotations

import uuid
from typing import Iterator

import pytest
import requests

from tests.processes import System, until
from tests.test_live.colleague import Colleague
from tests.test_live.conftest import OpenPage, Page


@pytest.fixture
def talk(lin: Colleague, customer: OpenPage) -> Iterator[Page]:
    """A customer in a talk with the agent."""
    page = customer("demo-two-cards")
    page.ask("转人工")
    chat = page.conversation_id
    until(lambda: lin.state(chat) == "waiting")
    lin.act(chat, "claim")
    until(lambda: page.state().get("state") == "agent" and "林来了" in page.texts("bot")[-1])
    yield page
    if lin.state(chat) == "agent":
        lin.act(chat, "hand_back")
        until(lambda: "接下来由我继续帮您" in page.texts("bot")[-1])


def said_by_bot(page: Page) -> int:
    return len(page.texts("bot"))


def test_assistant_killed_in_a_talk_keeps_silent_afterwards_and_each_message_arrives_once(
    live: System, lin: Colleague, talk: Page
) -> None:
    chat = talk.conversation_id
    before = said_by_bot(talk)
    talk.ask("第一句")
    live.assistant.kill()
    lin.say(chat, "在空档里写的")
    live.assistant.start()
    until(lambda: "在空档里写的" in talk.texts("agent"))
    number = uuid.uuid4().hex
    talk.send("现在要还多少", number)
    talk.send("现在要还多少", number)  # delivered again
    until(lambda: "现在要还多少" in lin.reads(chat))
    lin.say(chat, "收到")
    until(lambda: "收到" in talk.texts("agent"))
    assert said_by_bot(talk) == before
    again = Page(live, talk.customer)
    assert again.texts("agent").count("在空档里写的") == 1
    assert again.texts("user").count("现在要还多少") == 1
    assert lin.reads(chat).count("现在要还多少") == 1
    assert lin.reads(chat, "agent")[-2:] == ["在空档里写的", "收到"]
    assert said_by_bot(again) == before
    again.close()


def test_desk_killed_in_a_talk_has_all_that_the_customer_wrote_meanwhile_in_order(
    live: System, lin: Colleague, talk: Page
) -> None:
    chat = talk.conversation_id
    before = said_by_bot(talk)
    live.desk.kill()
    try:
        for number in range(5):
            assert talk.ask(f"空档第 {number} 句") == []
        assert talk.reload_state() == "waiting"  # nobody tells who has it, but the assistant knows that it is silent
    finally:
        live.desk.start()
    until(lambda: lin.reads(chat)[-5:] == [f"空档第 {number} 句" for number in range(5)])
    lin.say(chat, "我回来了")
    until(lambda: talk.texts("agent").count("我回来了") == 1)
    assert said_by_bot(talk) == before


def test_with_the_desk_gone_the_customer_can_go_on_with_the_assistant(live: System, lin: Colleague, talk: Page) -> None:
    chat = talk.conversation_id
    live.desk.kill()
    try:
        assert talk.ask("/back_to_bot") != []
        assert talk.ask("你能做什么") != []
    finally:
        live.desk.start()
    until(lambda: lin.state(chat) == "bot")
    assert talk.ask("你能做什么") != []  # the desk did not silence it again


def test_an_assistant_that_was_silenced_where_nobody_has_the_talk_speaks_again(
    live: System, customer: OpenPage
) -> None:
    page = customer("demo-clear")
    page.ask("你能做什么")  # so that the desk knows of the talk
    url = f"{live.assistant_origin}/conversations/{page.conversation_id}/tracker"
    token = {"token": (live.var_dir / "assistant_api_token.secret").read_text().strip()}
    requests.post(f"{url}/events", params=token, json={"event": "pause"}, timeout=30).raise_for_status()
    until(lambda: not requests.get(url, params=token, timeout=30).json()["paused"])
    assert page.ask("你能做什么") != []


def test_the_assistant_says_nothing_if_it_fails_while_an_agent_has_the_talk(
    live: System, lin: Colleague, talk: Page
) -> None:
    before = said_by_bot(talk)
    live.actions.kill()
    try:
        assert talk.ask("现在要还多少") == []
    finally:
        live.actions.start()
    until(lambda: "现在要还多少" in lin.reads(talk.conversation_id))
    assert said_by_bot(talk) == before
