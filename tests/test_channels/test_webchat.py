"""The channel over real sockets: what customers see, in which order, and what nobody else gets to see."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from typing import Any, Dict, Iterator

import pytest
import requests

from tests.test_channels.conftest import PAGE, OpenBrowser, Server

BALANCE = '/balance{"card": "1234"}'


@pytest.fixture
def customer() -> str:
    """A customer whom no other test knows."""
    return f"customer-{uuid.uuid4().hex}"


@pytest.fixture
def slow_bank(server: Server) -> Iterator[None]:
    """`slow` is answered only when the test sets `server.actions.may_answer`."""
    server.actions.may_answer.clear()
    yield
    server.actions.may_answer.set()


async def test_assistant_greets_a_new_visitor_and_the_greeting_has_buttons(browser: OpenBrowser) -> None:
    page = await browser()
    confirmation = await page.greeted(language="zh")
    assert confirmation["signed_in"] is False
    assert confirmation["session_id"]
    (greeting,) = page.of("bot_uttered")
    assert greeting["text"] == "您好，我能帮您看账单。"
    assert greeting["sender"] == "bot"
    assert greeting["quick_replies"][0] == {"content_type": "text", "title": "查余额", "payload": BALANCE}


async def test_widget_language_decides_the_greeting(browser: OpenBrowser) -> None:
    page = await browser()
    await page.greeted(language="en")
    assert page.texts() == ["Hello, I can look at your bill."]


async def test_one_answer_is_one_message_with_all_its_parts(browser: OpenBrowser) -> None:
    page = await browser()
    await page.greeted()
    await page.answered("balance", "m1")
    balance = page.of("bot_uttered")[-1]
    assert balance["text"] == "这是您的余额。"
    assert balance["quick_replies"][0]["title"] == "还款"
    assert balance["card"]["figure"] == {"label": "余额", "value": "¥1.00"}
    assert balance["link"] == {"title": "打开", "url": "https://bank.example/"}


async def test_works_over_long_polling_too(browser: OpenBrowser) -> None:
    page = await browser(transport="polling")
    await page.greeted()
    assert await page.answered("balance", "m1") == ["这是您的余额。"]


async def test_reload_shows_exactly_what_happened(browser: OpenBrowser) -> None:
    page = await browser()
    session_id = (await page.greeted())["session_id"]
    await page.answered(BALANCE, "m1")
    await page.answered("who", "m2")
    live = page.of("bot_uttered")

    again = await browser()
    await again.start(session_id=session_id)
    messages = again.of("history")[-1]["messages"]
    assert [m for m in messages if m["sender"] == "bot"] == live
    assert [(m["id"], m["text"]) for m in messages if m["sender"] == "user"] == [("m1", "查余额"), ("m2", "who")]
    assert [m["sender"] for m in messages] == ["bot", "user", "bot", "user", "bot"]


async def test_payloads_and_the_hidden_greeting_are_not_in_the_transcript(browser: OpenBrowser) -> None:
    page = await browser()
    session_id = (await page.greeted())["session_id"]
    await page.answered(BALANCE, "m1")
    await page.start(session_id=session_id)
    assert page.shown() == ["bot: 您好，我能帮您看账单。", "user: 查余额", "bot: 这是您的余额。"]


async def test_history_waits_for_the_running_turn(browser: OpenBrowser, server: Server, slow_bank: None) -> None:
    page = await browser()
    session_id = (await page.greeted())["session_id"]
    await page.say("slow", "m1")
    await page.until(lambda: "action_slow" in server.actions.calls)
    again = await browser()
    await again.send("session_request", {"session_id": session_id})
    await again.until(lambda: {"typing": True} in again.of("bot_typing"))
    assert again.of("history") == []
    server.actions.may_answer.set()
    await again.until(lambda: again.of("history"))
    assert again.shown()[-2:] == ["user: slow", "bot: slow answer"]


async def test_messages_are_answered_in_order_one_at_a_time(
    browser: OpenBrowser, server: Server, slow_bank: None
) -> None:
    page = await browser()
    await page.greeted()
    await page.say("slow", "m1")
    await page.say("balance", "m2")
    await page.say("who", "m3")
    await asyncio.sleep(0.3)
    assert page.texts()[1:] == []
    server.actions.may_answer.set()
    await page.until(lambda: len(page.of("message_handled")) == 3)
    assert [done["message_id"] for done in page.of("message_handled")] == ["m1", "m2", "m3"]
    assert page.texts()[1:3] == ["slow answer", "这是您的余额。"]


async def test_message_is_acknowledged_before_it_is_answered(
    browser: OpenBrowser, server: Server, slow_bank: None
) -> None:
    page = await browser()
    await page.greeted()
    assert await page.say("slow", "m1") == {"accepted": True}
    assert page.texts()[1:] == []


async def test_message_sent_again_is_handled_once(browser: OpenBrowser) -> None:
    page = await browser()
    session_id = (await page.greeted())["session_id"]
    assert await page.answered("balance", "same") == ["这是您的余额。"]
    again = await browser()
    await again.start(session_id=session_id)
    assert await again.answered("balance", "same") == []
    await again.start(session_id=session_id)
    assert again.shown().count("user: balance") == 1


async def test_message_sent_again_while_it_is_being_handled_is_handled_once(
    browser: OpenBrowser, server: Server, slow_bank: None
) -> None:
    page = await browser()
    session_id = (await page.greeted())["session_id"]
    await page.say("slow", "same")
    again = await browser()
    await again.send("session_request", {"session_id": session_id})
    await again.say("slow", "same")
    server.actions.may_answer.set()
    await again.until(lambda: len(again.of("message_handled")) == 2)
    await again.start(session_id=session_id)
    assert again.shown().count("user: slow") == 1
    assert again.shown().count("bot: slow answer") == 1


async def test_after_a_restart_the_transcript_is_there_and_a_repeated_message_is_still_handled_once(
    browser: OpenBrowser, server: Server
) -> None:
    page = await browser()
    session_id = (await page.greeted())["session_id"]
    await page.answered("balance", "same")
    await asyncio.to_thread(server.process.stop)
    await asyncio.to_thread(server.process.start)
    again = await browser()
    assert (await again.start(session_id=session_id))["session_id"] == session_id
    assert again.shown()[-1] == "bot: 这是您的余额。"
    assert await again.answered("balance", "same") == []


async def test_other_devices_of_a_customer_see_both_sides(browser: OpenBrowser, server: Server, customer: str) -> None:
    phone, desktop = await browser(), await browser()
    await phone.greeted(token=server.token(customer))
    await desktop.start(token=server.token(customer))
    await phone.answered(BALANCE, "m1")
    await desktop.until(lambda: desktop.texts())
    assert desktop.texts() == ["这是您的余额。"]
    assert [(m["id"], m["text"]) for m in desktop.of("user_uttered")] == [("m1", "查余额")]
    assert phone.of("user_uttered") == []


async def test_failed_action_is_answered_with_a_plain_sentence_that_stays_in_the_transcript(
    browser: OpenBrowser, server: Server
) -> None:
    page = await browser()
    session_id = (await page.greeted())["session_id"]
    (sorry,) = await page.answered("broken", "m1")
    assert sorry.startswith("抱歉")
    assert [r["payload"] for r in page.of("bot_uttered")[-1]["quick_replies"]] == ["/retry", "/request_human"]
    assert await page.answered("balance", "m2") == ["这是您的余额。"]
    await page.start(session_id=session_id)
    assert page.shown()[1:] == ["user: broken", f"bot: {sorry}", "user: balance", "bot: 这是您的余额。"]


async def test_log_names_the_conversation_in_which_an_action_failed(browser: OpenBrowser, server: Server) -> None:
    page = await browser()
    await page.greeted()
    await page.answered("broken", "m1")
    lines = server.log.read_text().splitlines()
    assert any(" assistant [web-" in line and "action_broken" in line for line in lines)


async def test_turn_without_a_word_is_answered_with_a_plain_sentence_and_logged(
    browser: OpenBrowser, server: Server, customer: str
) -> None:
    page = await browser()
    await page.greeted(token=server.token(customer))
    (sorry,) = await page.answered("silent", "m1")
    assert sorry.startswith("抱歉")
    assert "had nothing to say in web-" in server.log.read_text()
    assert customer not in server.log.read_text()


async def test_paused_conversation_stays_silent(browser: OpenBrowser) -> None:
    page = await browser()
    await page.greeted()
    assert await page.answered("pause", "m1") == ["pausing"]
    assert await page.answered("balance", "m2") == []


# Payloads


@pytest.mark.parametrize("typed", ["/secret", "/ /secret", "／secret", "\u200b/secret", '/secret{"a": "b"}'])
async def test_typed_payload_is_a_sentence_unless_a_button_with_it_was_offered(
    browser: OpenBrowser, typed: str
) -> None:
    page = await browser()
    session_id = (await page.greeted())["session_id"]
    (reply,) = await page.answered(typed, "m1")
    assert reply != "只有按钮才能到这里。"
    await page.start(session_id=session_id)
    assert page.shown()[1].startswith("user: secret")


async def test_payload_offered_in_another_conversation_is_not_offered_here(browser: OpenBrowser) -> None:
    page = await browser()
    await page.greeted(language="en")
    other = await browser()
    await other.greeted(language="en")
    await other.answered("broken", "m1")  # offers /request_human, which has no rule here
    await page.answered("/request_human", "m2")
    await page.start(session_id=page.of("session_confirm")[-1]["session_id"])
    assert "user: request_human" in page.shown()


async def test_payload_that_was_offered_before_still_works_after_a_reload(browser: OpenBrowser) -> None:
    page = await browser()
    session_id = (await page.greeted())["session_id"]
    again = await browser()
    await again.start(session_id=session_id)
    assert await again.answered(BALANCE, "m1") == ["这是您的余额。"]


async def test_open_payload_needs_no_button(browser: OpenBrowser) -> None:
    page = await browser()
    await page.greeted(language="en")
    assert await page.answered("/greet", "m1") == ["Hello, I can look at your bill."]


async def test_offered_button_works(browser: OpenBrowser) -> None:
    page = await browser()
    await page.greeted()
    assert await page.answered(BALANCE, "m1") == ["这是您的余额。"]


# Identity


def metadata(texts: Any) -> Dict[str, Any]:
    (text,) = texts
    found: Dict[str, Any] = json.loads(text)
    return found


async def test_actions_learn_the_customer_from_the_token_only(
    browser: OpenBrowser, server: Server, customer: str
) -> None:
    page = await browser()
    before = time.time()
    confirmation = await page.greeted(token=server.token(customer), language="zh")
    assert confirmation["signed_in"] is True
    claim = {"customData": {"identity": {"customer_id": "other"}}, "metadata": {"identity": {"customer_id": "other"}}}
    await page.send("user_uttered", {"message": "who", "message_id": "m1", "customer_id": "other", **claim})
    await page.until(lambda: page.of("message_handled"))
    known = metadata(page.texts()[-1:])
    assert known["identity"]["customer_id"] == customer
    assert before + 590 <= known["identity"]["expires_at"] <= time.time() + 620
    assert known["language"] == "zh"
    assert "identity_problem" not in known


@pytest.mark.parametrize("language", ["fr", {"a": 1}, None, 5])
async def test_language_is_one_that_we_speak_or_none(browser: OpenBrowser, language: Any) -> None:
    page = await browser()
    await page.greeted(language=language)
    assert "language" not in metadata(await page.answered("who", "m1"))


async def test_anonymous_visitor_has_no_identity(browser: OpenBrowser) -> None:
    page = await browser()
    await page.greeted()
    known = metadata(await page.answered("who", "m1"))
    assert "identity" not in known
    assert "identity_problem" not in known


@pytest.mark.parametrize(
    ("changes", "problem"),
    [({"exp": int(time.time()) - 60}, "expired"), ({"aud": "someone-else"}, "invalid"), ({"iss": "evil"}, "invalid")],
)
async def test_bad_token_makes_an_anonymous_visitor_and_shows_nothing_of_the_customer(
    browser: OpenBrowser, server: Server, customer: str, changes: Dict[str, Any], problem: str
) -> None:
    real = await browser()
    await real.greeted(token=server.token(customer))
    await real.answered("balance", "m1")
    page = await browser()
    confirmation = await page.greeted(token=server.token(customer, **changes))
    assert confirmation["signed_in"] is False
    assert confirmation["identity_problem"] == problem
    assert page.shown() == []
    known = metadata(await page.answered("who", "m1"))
    assert "identity" not in known
    assert known["identity_problem"] == problem


async def test_two_customers_share_nothing(browser: OpenBrowser, server: Server, customer: str) -> None:
    ours, theirs = await browser(), await browser()
    await ours.greeted(token=server.token(customer))
    await theirs.greeted(token=server.token(f"not-{customer}"))
    await ours.answered("balance", "m1")
    await theirs.start(token=server.token(f"not-{customer}"))
    assert theirs.shown() == ["bot: 您好，我能帮您看账单。"]
    assert len(theirs.texts()) == 1


async def test_session_id_of_a_signed_in_customer_opens_nothing(
    browser: OpenBrowser, server: Server, customer: str
) -> None:
    victim = await browser()
    confirmation = await victim.greeted(token=server.token(customer))
    await victim.answered("balance", "m1")
    thief = await browser()
    await thief.greeted(session_id=confirmation["session_id"])
    assert thief.shown() == []
    await victim.answered("who", "m2")
    assert len(thief.texts()) == 1  # its own greeting


@pytest.mark.parametrize("claim", ["conversation", "conversation_id", "sid"])
async def test_conversation_id_and_other_names_open_nothing(
    browser: OpenBrowser, server: Server, customer: str, claim: str
) -> None:
    victim = await browser()
    confirmation = await victim.greeted(token=server.token(customer))
    await victim.answered("balance", "m1")
    # Inside knowledge: the id under which Rasa keeps the conversation, as it stands in the log of the server.
    known = {
        "conversation": confirmation["conversation"],
        "conversation_id": _conversation_id(server, customer),
        "sid": victim.socket.get_sid(),
    }[claim]
    thief = await browser()
    stolen = await thief.greeted(session_id=known)
    assert stolen["session_id"] != known
    assert thief.shown() == []
    await thief.send("user_uttered", {"message": "who", "message_id": "m9", "session_id": known, "sender_id": known})
    await thief.until(lambda: thief.of("message_handled"))
    assert "identity" not in metadata(thief.texts()[-1:])
    await victim.answered("who", "m2")
    assert len(thief.texts()) == 2
    await victim.start(token=server.token(customer))
    assert victim.shown().count("user: who") == 1


def _conversation_id(server: Server, customer: str) -> str:
    from channels.conversations import Conversations

    return Conversations((server.var_dir / "webchat_secret.secret").read_text().strip()).of_customer(customer)


async def test_session_id_that_we_did_not_issue_is_replaced(browser: OpenBrowser) -> None:
    page = await browser()
    assert (await page.greeted(session_id="0123456789abcdef"))["session_id"] != "0123456789abcdef"


async def test_signing_in_leaves_the_anonymous_conversation(
    browser: OpenBrowser, server: Server, customer: str
) -> None:
    page, bystander = await browser(), await browser()
    session_id = (await page.greeted())["session_id"]
    await page.send("authenticate", {"token": server.token(customer)})
    await page.until(lambda: len(page.texts()) == 2)
    assert page.of("session_confirm")[-1]["signed_in"] is True
    assert page.shown() == []
    await bystander.start(session_id=session_id)
    await bystander.answered("balance", "m1")
    assert len(page.texts()) == 2
    assert metadata(await page.answered("who", "m2"))["identity"]["customer_id"] == customer


async def test_signing_out_leaves_the_customers_conversation(
    browser: OpenBrowser, server: Server, customer: str
) -> None:
    page, phone = await browser(), await browser()
    await page.greeted(token=server.token(customer))
    await page.answered("balance", "m1")
    await phone.start(token=server.token(customer))
    await page.send("authenticate", {"token": None})
    await page.until(lambda: len(page.texts()) == 3)  # greeted as a new visitor
    assert page.of("session_confirm")[-1]["signed_in"] is False
    assert page.shown() == []
    await phone.answered("balance", "m2")
    assert len(page.texts()) == 3
    assert "identity" not in metadata(await page.answered("who", "m3"))


async def test_new_token_of_the_same_customer_changes_nothing_on_the_screen(
    browser: OpenBrowser, server: Server, customer: str
) -> None:
    page = await browser()
    await page.greeted(token=server.token(customer))
    await page.send("authenticate", {"token": server.token(customer, exp=int(time.time()) + 5000)})
    known = metadata(await page.answered("who", "m1"))
    assert known["identity"]["expires_at"] > time.time() + 4900
    assert len(page.of("history")) == 1


async def test_when_the_token_ends_the_socket_hears_nothing_more_until_there_is_a_new_one(
    browser: OpenBrowser, server: Server, customer: str
) -> None:
    page, phone = await browser(), await browser()
    await page.greeted(token=server.token(customer, exp=int(time.time()) - 8))  # within the leeway, for 2 seconds
    await phone.start(token=server.token(customer))
    await page.until(lambda: page.of("session_confirm")[-1].get("identity_problem") == "expired")
    await phone.answered("balance", "m1")
    assert len(page.texts()) == 1
    assert await page.say("who", "m2") == {"accepted": False, "problem": "expired"}

    await page.send("authenticate", {"token": server.token(customer)})
    await page.until(lambda: len(page.of("history")) == 2)
    assert page.shown()[-1] == "bot: 这是您的余额。"
    assert metadata(await page.answered("who", "m2"))["identity"]["customer_id"] == customer


# What is refused


async def test_message_without_a_session_is_refused(browser: OpenBrowser) -> None:
    page = await browser()
    assert await page.say("balance") == {"accepted": False, "problem": "no_session"}


@pytest.mark.parametrize("nothing", ["", "   ", "///", "\x00", None, 5, {"a": 1}])
async def test_empty_message_is_refused(browser: OpenBrowser, nothing: Any) -> None:
    page = await browser()
    await page.greeted()
    assert await page.send("user_uttered", {"message": nothing}) == {"accepted": False, "problem": "empty"}


async def test_very_long_message_is_refused(browser: OpenBrowser) -> None:
    page = await browser()
    limit = (await page.greeted())["limits"]["message_characters"]
    assert await page.say("还" * (limit + 1)) == {"accepted": False, "problem": "too_long"}
    assert await page.say("还" * limit, "m1") == {"accepted": True}


async def test_flood_is_refused_and_the_customer_may_go_on_later(browser: OpenBrowser) -> None:
    page = await browser()
    await page.greeted()
    answers = [await page.say("balance", f"m{number}") for number in range(30)]
    assert answers[0] == {"accepted": True}
    assert {"accepted": False, "problem": "too_fast"} in answers
    await page.until(lambda: len(page.of("message_handled")) >= answers.count({"accepted": True}))
    await asyncio.sleep(1.5)
    assert await page.say("balance", "later") == {"accepted": True}


async def test_huge_packet_ends_the_connection(browser: OpenBrowser) -> None:
    page = await browser()
    await page.greeted()
    await page.socket.emit("user_uttered", {"message": "x" * 100_000})
    await page.until(lambda: not page.socket.connected)


# HTTP


def test_page_of_another_origin_cannot_connect(server: Server) -> None:
    address = f"{server.url}/socket.io/?EIO=4&transport=polling"
    assert requests.get(address, headers={"Origin": "https://evil.example"}, timeout=5).status_code == 400
    allowed = requests.get(address, headers={"Origin": PAGE}, timeout=5)
    assert allowed.status_code == 200
    assert allowed.headers["Access-Control-Allow-Origin"] == PAGE


def test_health_says_that_the_model_is_loaded(server: Server) -> None:
    answer = requests.get(f"{server.url}/webhooks/webchat/health", timeout=5)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
