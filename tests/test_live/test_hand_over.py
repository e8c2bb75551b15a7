"""A customer asks for a person, talks with one and goes on with the assistant: all processes are real."""

from __future__ import annotations

import pytest
import requests

from tests.processes import System, until
from tests.test_live.colleague import Colleague
from tests.test_live.conftest import OpenPage

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def test_from_the_wish_to_the_rating(live: System, lin: Colleague, customer: OpenPage) -> None:
    page = customer("demo-m1-partial")
    chat = page.conversation_id
    [waiting] = page.ask("转人工")
    assert "您排在第 1 位" in waiting["text"]
    assert [reply["payload"] for reply in waiting["quick_replies"]] == ["/back_to_bot"]
    until(lambda: lin.state(chat) == "waiting")
    assert page.ask("我的违约金是不是算错了") == []  # the assistant knows the answer, and is silent

    lin.act(chat, "claim")
    until(lambda: any("林" in text for text in page.texts("bot")))
    until(lambda: page.state().get("agent") == {"name": "林"})
    assert lin.reads(chat)[-2:] == ["转人工", "我的违约金是不是算错了"]

    lin.say(chat, "您好，我看一下。")
    until(lambda: page.texts("agent"))
    [said] = [each for each in page.messages if each["sender"] == "agent"]
    assert (said["agent"], said["text"]) == ({"name": "林"}, "您好，我看一下。")
    assert page.ask("现在要还多少") == []
    until(lambda: lin.reads(chat)[-1] == "现在要还多少")

    shown = [(each["id"], each["sender"], each.get("text")) for each in page.messages]
    again = page.reload()
    until(lambda: again.state().get("state") == "agent")
    assert [(each["id"], each["sender"], each.get("text")) for each in again.messages] == shown

    lin.act(chat, "close", outcome="resolved", reason="")
    until(lambda: any(each.get("rating") for each in again.messages))
    until(lambda: again.state().get("state") == "wrapped_up")
    assert again.emit("rate", {"stars": 5, "comment": "谢谢"}) == {"accepted": True}
    assert again.emit("rate", {"stars": 6}) == {"accepted": False, "problem": "invalid"}
    assert "¥" in str(again.ask("现在要还多少"))  # the assistant is back


@pytest.mark.parametrize(
    ("words", "language"), [("/back_to_bot", "zh"), ("never mind the agent, back to the bot", "en")]
)
def test_the_customer_goes_on_with_the_assistant_at_once(
    lin: Colleague, customer: OpenPage, words: str, language: str
) -> None:
    page = customer("demo-m2" if language == "zh" else "demo-english", language)
    page.ask("转人工" if language == "zh" else "I want to talk to a person")
    until(lambda: lin.state(page.conversation_id) == "waiting")
    [answer] = page.ask(words)
    assert ("我们在这里继续" if language == "zh" else "let us go on here") in answer["text"]
    assert page.ask("现在要还多少" if language == "zh" else "how much do I owe") != []
    until(lambda: page.conversation_id not in {brief["id"] for brief in lin.queue()["waiting"]})


def test_an_agent_sees_the_customer_typing_and_the_customer_sees_the_agent(lin: Colleague, customer: OpenPage) -> None:
    page = customer("demo-grace")
    chat = page.conversation_id
    page.ask("转人工")
    until(lambda: lin.state(chat) == "waiting")
    lin.act(chat, "claim")
    until(lambda: page.state().get("state") == "agent")
    lin.look_at(chat)
    assert page.emit("typing", {"typing": True}) == {"accepted": True}
    until(lambda: [told for event, told in lin.heard if event == "typing" and told["conversation_id"] == chat])
    lin.type(chat)
    until(lambda: {"name": "林"} in page.of("desk_typing"))
    lin.act(chat, "hand_back")


def test_a_file_of_an_agent_is_given_to_its_customer_and_to_nobody_else(
    live: System, lin: Colleague, customer: OpenPage
) -> None:
    page, other = customer("demo-pending"), customer("demo-m4")
    chat = page.conversation_id
    page.ask("转人工")
    until(lambda: lin.state(chat) == "waiting")
    lin.act(chat, "claim")
    lin.send_file(chat, "还款计划.pdf", PDF)
    [link] = until(lambda: [each["link"] for each in page.messages if each.get("link")])
    path = "/desk/files/" + link["url"].rsplit("/", 1)[-1]
    given = page.get(path)
    assert (given.status_code, given.content, given.headers["Content-Type"]) == (200, PDF, "application/pdf")
    assert given.headers["Content-Disposition"].startswith("attachment")
    assert page.get(path, other.token()).status_code == 404
    assert requests.get(f"{live.assistant_origin}/webhooks/webchat{path}", timeout=30).status_code == 401
    lin.act(chat, "hand_back")


def test_the_conversation_can_be_kept_as_a_file_in_which_numbers_are_hidden(
    live: System, lin: Colleague, customer: OpenPage
) -> None:
    page = customer("demo-disputed")
    chat = page.conversation_id
    page.ask("转人工")
    until(lambda: lin.state(chat) == "waiting")
    lin.act(chat, "claim")
    page.ask("我的手机号是 13812345678，卡号 6222021234567890123")
    lin.say(chat, "收到，谢谢。")
    until(lambda: page.texts("agent"))
    given = page.get("/transcript")
    text = given.content.decode("utf-8-sig")
    assert given.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "您\r\n转人工" in text
    assert "林\r\n收到，谢谢。" in text
    assert "13812345678" not in text
    assert "6222021234567890123" not in text
    assert "5678" in text
    assert requests.get(f"{live.assistant_origin}/webhooks/webchat/transcript", timeout=30).status_code == 401
    lin.act(chat, "hand_back")


def test_nobody_reads_or_writes_a_conversation_without_the_token_of_the_api(live: System, customer: OpenPage) -> None:
    page = customer("demo-due-soon")
    tracker = f"{live.assistant_origin}/conversations/{page.conversation_id}/tracker"
    token = (live.var_dir / "assistant_api_token.secret").read_text().strip()
    for wrong in ({}, {"token": ""}, {"token": "wrong"}):
        assert requests.get(tracker, params=wrong, timeout=30).status_code == 401
        assert requests.post(f"{tracker}/events", params=wrong, json={"event": "resume"}, timeout=30).status_code == 401
        assert requests.get(f"{live.assistant_origin}/domain", params=wrong, timeout=30).status_code == 401
        assert requests.put(f"{live.assistant_origin}/model", params=wrong, json={}, timeout=30).status_code == 401
    assert requests.get(tracker, params={"token": token}, timeout=30).status_code == 200
    assert token not in (live.var_dir / "ops.assistant.log").read_text(errors="replace")


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}])
def test_only_the_desk_sends_signals(live: System, header: dict[str, str]) -> None:
    url = f"{live.assistant_origin}/webhooks/webchat/desk/signals"
    body = {"conversation_id": "web-1", "typing": {"name": "林"}}
    assert requests.post(url, json=body, headers=header, timeout=30).status_code == 401
